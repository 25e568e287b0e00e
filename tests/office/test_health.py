"""The doctor finds what is wrong with the machine, says what to do, and ends with 1 when something is bad."""

import os
import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from learning import VERSION, migrate
from learning.factory import create_app
from learning.kit import clock
from learning.kit.db import db, migrating, transaction
from learning.kit.installation import of
from learning.mail.actions import queue
from learning.mail.models import Message
from learning.office import backups, health, heart
from learning.office.health import Finding, look
from tests.browse import words_of
from tests.conftest import settings
from tests.make import NOON, enter, make_owner
from tests.office.place import furnish, started, stored
from tests.office.test_backups import run
from tests.servers import free_port, start_smtp


@pytest.fixture(autouse=True)
def english(app: Flask) -> None:
    """Findings in the language of the terminal, in a folder as an installation has it."""
    g.lang = "en"
    Path(app.config["INSTANCE"]).chmod(0o750)


def found(key: str, *, mail_server_within: float = 0) -> tuple[str, str, str]:
    """The state, the words and what to do of one finding."""
    db.session.rollback()
    [finding] = [finding for finding in look(mail_server_within=mail_server_within) if finding.key == key]
    values = dict(finding.values)
    return finding.state, finding.words % values, finding.mend % values


def beat(*, age: float = 0.0, version: str = VERSION, swept: float = 0.0, stopped: bool = False) -> None:
    """A worker was heard so many seconds ago, and went through everything so many before that."""
    at = clock.now() - timedelta(seconds=age)
    heart.beat(
        now=at, started_at=at - timedelta(hours=1), swept_at=at - timedelta(seconds=swept), stopped=stopped
    )
    _set_version(version)


@transaction()
def _set_version(version: str) -> None:
    row = heart.newest()
    assert row is not None
    row.version = version


@transaction()
def message(once: str, **columns: object) -> Message:
    """A mail in the outbox."""
    row = queue(
        "x", to="a@x.example", name="A", language="nl", values={}, once=once, organiser_id=None, now=NOON
    )
    for name, value in columns.items():
        setattr(row, name, value)
    return row


def test_the_worker_is_told_alive_gone_old_or_stuck(app: Flask):
    host = socket.gethostname()
    assert found("worker")[0] == "bad"
    assert "No worker has run yet" in found("worker")[1]
    beat()
    assert found("worker") == ("good", f"A worker runs on {host}; it was heard 0 seconds ago.", "")
    beat(age=45)
    assert found("worker")[0] == "good"
    beat(age=200)
    assert found("worker")[:2] == ("bad", f"No worker runs; the last was heard 3 minutes ago, on {host}.")
    beat(version="0.0.1")
    assert found("worker") == ("bad", f"The worker on {host} is of version 0.0.1.", "Restart the worker.")
    beat(swept=700)
    assert found("worker")[0] == "look"
    beat(stopped=True)
    assert found("worker")[0] == "bad"
    assert db.session.query(heart.Heartbeat).count() == 1


def test_a_worker_that_ends_does_not_stop_the_one_that_came_after_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    beat()
    monkeypatch.setattr(os, "getpid", lambda: 1)
    beat(stopped=True)

    assert found("worker")[0] == "good"


def test_what_waits_too_long_is_told(app: Flask):
    assert found("queue") == ("good", "Nothing waits to be sent or made.", "")
    message("young", due_at=clock.now() - timedelta(minutes=3))
    assert found("queue")[:2] == ("good", "1 mails and documents wait, the oldest for 3 minutes.")
    message("old", due_at=clock.now() - timedelta(hours=3))
    assert found("queue")[:2] == ("bad", "2 mails and documents wait, the oldest for 3 hours.")
    message("later", due_at=clock.now() + timedelta(hours=3))
    message("sent", due_at=clock.now() - timedelta(days=3), sent_at=clock.now())
    assert found("queue")[1].startswith("2 mails")


def test_mail_that_failed_is_told(app: Flask):
    message("long ago", failed_at=clock.now() - timedelta(days=8))
    assert found("mail_failures")[0] == "good"
    message("failed", failed_at=clock.now() - timedelta(days=6))
    message("tried", tries=1)

    assert found("mail_failures")[0] == "look"
    assert "1 mails failed in the last seven days; 1 were tried" in found("mail_failures")[1]


def test_mail_that_is_tried_again_is_told_too(app: Flask):
    message("again", tries=1, due_at=clock.now() + timedelta(hours=1))

    assert found("queue")[:2] == (
        "look",
        "Nothing waits but mail that was tried in vain and is tried again: 1.",
    )
    assert found("mail_failures")[0] == "look"


def test_owners_read_that_the_mail_server_is_down(app: Flask, client: FlaskClient):
    app.config["SMTP_PORT"] = free_port()
    page = enter(client, make_owner("owner@x.example").account).get("/installation/").text

    assert f"{app.config['SMTP_HOST']}:{app.config['SMTP_PORT']} neemt geen e-mail aan" in words_of(page)


def test_owners_read_numbers_as_dutch_has_them(app: Flask, client: FlaskClient):
    page = words_of(enter(client, make_owner("owner@x.example").account).get("/installation/").text)

    assert re.search(r"is \d+,\d GB vrij", page)
    assert "Er is nog geen bestand bewaard." in page
    assert "leerkring backup MAP" in page


def test_the_mail_server_is_asked_only_when_told_to(app: Flask):
    assert [finding for finding in look() if finding.key == "mail_server"] == []
    server = start_smtp()
    app.config["SMTP_PORT"] = server.port
    assert found("mail_server", mail_server_within=5)[0] == "good"
    server.stop()
    app.config["SMTP_PORT"] = free_port()
    state, words, mend = found("mail_server", mail_server_within=5)
    assert (state, "does not take mail" in words, "LEERKRING_SMTP" in mend) == ("bad", True, True)
    assert server.messages == []


def test_files_and_rows_are_compared(app: Flask):
    one, _two = stored(b"one"), stored(b"two")
    folder = Path(app.config["INSTANCE"]) / "files"
    (folder / ("0" * 64)).write_text("loose")
    assert found("files")[:2] == ("good", "All 2 stored files are there; 1 have no row and go by themselves.")
    (folder / one.sha256).unlink()

    assert found("files")[:2] == ("bad", "1 stored files are not there, 1 have no row, 1 are right.")


def test_the_last_backup_is_told(app: Flask):
    def note(days: float, failed: str = "") -> None:
        at = clock.now() - timedelta(days=days, minutes=1)
        backups.note(at=at, place="/safe", encrypted=False, size=1, failed=failed)

    assert found("backup")[:2] == ("bad", "No backup was made yet.")
    note(5)
    assert found("backup")[:2] == ("bad", "The last backup was made 5 days ago, in /safe.")
    note(1)
    assert found("backup")[:2] == ("good", "The last backup was made 24 hours ago, in /safe.")
    note(0.5, "The disk is full.")
    assert found("backup")[:2] == (
        "look",
        "The last backup was made 24 hours ago, in /safe; "
        "a later try failed, 12 hours ago: The disk is full.",
    )
    note(0)
    assert found("backup")[0] == "good"


def test_a_try_that_failed_is_told_when_there_is_no_good_backup_or_an_old_one(app: Flask):
    backups.note(
        at=clock.now() - timedelta(hours=3), place="/x", encrypted=False, size=0, failed="The disk is full."
    )
    assert found("backup")[:2] == (
        "bad",
        "No backup was made yet; the last try failed, 3 hours ago: The disk is full.",
    )
    backups.note(at=clock.now() - timedelta(days=5), place="/safe", encrypted=False, size=1)
    assert found("backup")[0] == "bad"
    assert (
        "made 5 days ago, in /safe; a later try failed, 3 hours ago: The disk is full." in found("backup")[1]
    )


def test_few_rows_of_backups_are_kept(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backups, "KEPT", 3)
    for n in range(6):
        backups.note(at=NOON, place=f"/{n}", encrypted=False, size=1)

    assert [row.place for row in db.session.query(backups.Backup).order_by(backups.Backup.id)] == [
        "/3",
        "/4",
        "/5",
    ]


def test_rights_of_the_folder_are_told(app: Flask):
    folder = Path(app.config["INSTANCE"])
    assert found("rights")[0] == "good"
    folder.chmod(0o755)
    assert found("rights")[:2] == ("bad", f"Everybody on this machine can look into {folder}.")
    folder.chmod(0o750)
    (folder / "files").mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(folder / "files", 65534, 65534)
        assert found("rights")[:2] == ("bad", f"Not everything in {folder} belongs to the same user.")


def test_a_full_disk_and_a_wrong_clock_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch):
    assert found("clock")[0] == "good"
    monkeypatch.setattr(health, "LITTLE", 10**18)
    assert found("disk")[0] == "bad"
    monkeypatch.setattr(health, "LITTLE", 0)
    monkeypatch.setattr(health, "ENOUGH", 10**18)
    assert found("disk")[0] == "look"
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now.replace(year=1970))
    assert found("clock")[:2] == ("bad", "The clock of this machine says that it is 1970.")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5))
    assert found("clock")[0] == ("bad" if db.engine.dialect.name == "postgresql" else "good")


def test_settings_that_are_hardly_meant_are_told(tmp_path: Path, app: Flask):
    def settings_of(**given: object) -> list[tuple[str, str]]:
        other = started(
            settings(tmp_path, of(app).settings.database_url, base_url="https://x.example", **given)
        )
        with other.app_context():
            findings: list[Finding] = [finding for finding in look() if finding.key == "settings"]
            db.session.remove()
            db.engine.dispose()
        return [(finding.state, finding.words[:12]) for finding in findings]

    assert settings_of(proxies=1, mail_from="a@town.nl") == [("good", "The settings")]
    assert settings_of() == [("look", "LEERKRING_PR"), ("bad", "Mail is sent")]
    assert settings_of(proxies=1, mail_from="a@town.nl", demo=True) == [("bad", "This is a de")]


def test_every_finding_has_its_words_and_every_bad_one_what_to_do(app: Flask):
    furnish()
    findings = look(mail_server_within=5)

    assert [finding.key for finding in findings] == [
        "version", "settings", "disk", "rights", "mail_server", "database",
        "worker", "queue", "mail_failures", "clock", "files", "backup",
    ]  # fmt: skip
    assert all(bool(finding.mend) == (finding.state != "good") for finding in findings)


def test_the_doctor_ends_with_one_when_something_is_bad(app: Flask):
    server = start_smtp()
    app.config["SMTP_PORT"] = server.port
    result = run(app, "doctor")
    assert result.exit_code == 1
    assert "BAD   worker: No worker has run yet" in result.output
    assert "      Start the worker: flask work" in result.output
    beat()
    backups.note(at=clock.now(), place="/safe", encrypted=True, size=1)

    result = run(app, "doctor")
    server.stop()

    assert result.exit_code == 0, result.output
    assert "BAD" not in result.output
    assert "ok    database: The database answers" in result.output


def test_the_doctor_works_when_the_database_has_other_tables(app: Flask):
    migrate.downgrade("0015")
    assert found("database")[2] == "Run flask prepare."
    assert [finding for finding in look() if finding.key == "worker"] == []
    with migrating(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in found("database")[1]


def address_of_nobody(app: Flask, folder: Path) -> str:
    """The address of a database of the kind of this test, where none can be reached."""
    if db.engine.dialect.name == "postgresql":
        return f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nowhere"
    (folder / "junk.db").write_bytes(b"no database at all " * 500)
    return f"sqlite:///{folder / 'junk.db'}"


def test_a_database_that_cannot_be_reached_is_not_ready_and_is_a_finding(app: Flask, tmp_path: Path):
    other = create_app(settings(tmp_path, address_of_nobody(app, tmp_path)))

    answer = other.test_client().get("/readyz", base_url="http://127.0.0.1:8000")
    result = run(other, "doctor")

    assert (answer.status_code, answer.json) == (503, {"ready": False})
    assert result.exit_code == 1
    assert "BAD   database: The database does not answer" in result.output
    assert "worker:" not in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_page_is_answered_with_503_while_the_database_cannot_be_reached(app: Flask, tmp_path: Path):
    other = create_app(settings(tmp_path, address_of_nobody(app, tmp_path)))

    answer = other.test_client().get("/nl/sign-in/" + "a" * 43, base_url="http://127.0.0.1:8000")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_a_database_that_turns_out_wrong_while_the_doctor_looks_is_a_finding(app: Flask):
    """The tables of the worker are gone, though the database says that it has all of this version."""
    with migrating(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE heartbeat RENAME TO gone")
    try:
        result = run(app, "doctor")
    finally:
        with migrating(), db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO heartbeat")

    assert isinstance(result.exception, SystemExit)
    assert result.output.count(" database:") == 1
    assert "BAD   database: The database has other tables" in result.output
