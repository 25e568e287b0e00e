"""A backup holds everything, tells when it was changed,
and goes back into an empty place alone: on both databases.
"""

import json
import sqlite3
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import make_url, text

from learning import migrate
from learning.config import Settings
from learning.kit.db import db, migrating
from learning.kit.installation import of
from learning.office import saving
from learning.office.backups import Backup
from learning.office.dumps import look
from learning.office.manifest import part_of
from learning.office.restoring import secret_key_of
from tests.conftest import KEY
from tests.make import NOON
from tests.office.place import furnish, lose, place_in, started, stored
from tests.servers import Postgres

IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def empty(app: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], Settings]]:
    """Makes empty places with the same kind of database."""
    urls: list[str] = []
    server: Postgres | None = (
        request.getfixturevalue("postgres") if db.engine.dialect.name == "postgresql" else None
    )

    def make() -> Settings:
        folder = tmp_path / f"other-{len(urls)}"
        folder.mkdir(mode=0o750)
        urls.append(
            server.create(f"empty_{next(server.numbers)}")
            if server
            else f"sqlite:///{folder / 'leerkring.db'}"
        )
        return place_in(folder, urls[-1])

    yield make
    for url in urls if server else ():
        server.drop(url)


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """A file as age-keygen writes it."""
    file = tmp_path / "identity.txt"
    file.write_text(f"# created: today\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n")
    return file


def run(app: Flask, *words: object) -> Result:
    """A command, as on a terminal."""
    with app.app_context():
        result = app.test_cli_runner().invoke(args=[str(word) for word in words])
        db.session.remove()
        db.engine.dispose()
    return result


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of an installation."""
    return {path.name: part_of(path).sha256 for path in sorted((folder / "files").iterdir())}


def whole(result: Result) -> str:
    """What a command that succeeded said."""
    assert result.exit_code == 0, result.output
    return result.output


def left(folder: Path) -> list[str]:
    """What stands in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_the_machine_is_lost_and_everything_comes_back(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path, identity: Path, encrypted: bool
):
    page = furnish()
    url, backup = make_url(of(app).settings.database_url), tmp_path / "safe" / "monday"
    before, files = look(url), hashes(of(app).settings.instance)

    whole(run(app, "backup", backup, *(["--key", IDENTITY.to_public()] if encrypted else [])))
    if encrypted:
        assert left(backup) == ["backup.tar.age"]
    lose(app)
    given = empty()
    said = whole(run(started(given), "restore", backup, *(["--identity", identity] if encrypted else [])))

    assert "LEERKRING_SECRET_KEY" in said
    assert look(make_url(given.database_url)) == before
    assert sum(before.tables.values()) > 60
    assert hashes(given.instance) == files
    assert len(files) == 5
    restored = given.instance / "settings-of-backup.env"
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600
    assert secret_key_of(restored.read_text()) == KEY
    again = started(replace(given, secret_key=secret_key_of(restored.read_text())))
    with again.app_context():
        assert migrate.migrations_match()
        assert migrate.differences() == []
        answer = again.test_client().get(page)
        db.session.remove()
        db.engine.dispose()
    assert answer.status_code == 200
    assert "Person 3" in answer.text


def test_a_backup_of_the_same_machine_needs_no_new_key(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path
):
    furnish()
    whole(run(app, "backup", tmp_path / "b"))
    lose(app)
    given = replace(empty(), secret_key=KEY)

    assert "LEERKRING_SECRET_KEY" not in whole(run(started(given), "restore", tmp_path / "b"))


def test_a_backup_is_of_one_moment_while_others_write(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path
):
    """Whoever writes files and rows meanwhile: the counts
    are those of the copy, and every row of it has its file.
    """
    furnish()
    given, over, written = of(app).settings, threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not over.is_set():
                written.append(stored(f"{len(written)}".encode() * 200).sha256)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 5:
        time.sleep(0.01)
    before = len(written)
    made = saving.save(given, tmp_path / "b", now=NOON)
    after = len(written)
    over.set()
    writer.join()
    new = empty()
    whole(run(started(new), "restore", tmp_path / "b"))

    assert before < after
    assert made.manifest.missing == []
    assert 5 + before <= made.manifest.tables["stored_file"] <= 5 + after + 1
    assert look(make_url(new.database_url)).files == set(hashes(new.instance))


def test_a_backup_says_what_it_holds_and_is_closed_to_others(app: Flask, tmp_path: Path):
    furnish()
    said = whole(run(app, "backup", tmp_path / "b"))
    told = json.loads((tmp_path / "b" / "manifest.json").read_text())

    assert "it holds the secret key" in said
    assert (told["format"], told["version"], told["revision"]) == (
        "leerkring-backup/1",
        "0.1.0",
        migrate.head(),
    )
    assert told["tables"]["registration"] == 12
    assert told["missing"] == told["damaged"] == []
    there = {str(path.relative_to(tmp_path / "b")) for path in (tmp_path / "b").rglob("*") if path.is_file()}
    assert there == {"manifest.json", *told["parts"]}
    assert all(
        part_of(tmp_path / "b" / name).sha256 == part["sha256"] for name, part in told["parts"].items()
    )
    rights = {
        stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (tmp_path / "b", *(tmp_path / "b").rglob("*"))
    }
    assert rights == {0}
    db.session.rollback()
    [row] = db.session.query(Backup)
    assert (row.place, row.encrypted, row.failed) == (str(tmp_path / "b"), False, "")


def test_nothing_of_an_encrypted_backup_can_be_read(app: Flask, tmp_path: Path):
    furnish()
    whole(run(app, "backup", tmp_path / "b", "--key", IDENTITY.to_public()))
    content = (tmp_path / "b" / "backup.tar.age").read_bytes()

    assert content.startswith(b"age-encryption.org/v1\n")
    for secret in (KEY.encode(), b"SQLite format 3", b"PGDMP", b"manifest.json", b"contact@town.example"):
        assert secret not in content
    assert not [path for path in of(app).settings.instance.iterdir() if path.name.startswith(".backup-")]


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
def test_changed_bytes_are_refused_and_leave_the_place_empty(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path, identity: Path, encrypted: bool
):
    furnish()
    whole(run(app, "backup", tmp_path / "b", *(["--key", IDENTITY.to_public()] if encrypted else [])))
    files = sorted(
        path for path in (tmp_path / "b").rglob("*") if path.is_file() and path.name != "manifest.json"
    )
    assert len(files) == (1 if encrypted else 7)
    given = empty()
    new = started(given)
    for changed in (files[0], files[-1]):
        content = changed.read_bytes()
        at = len(content) // 2
        for bytes_now in (content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :], content[:-1]):
            changed.write_bytes(bytes_now)
            result = run(new, "restore", tmp_path / "b", "--identity", identity)

            assert (result.exit_code, "changed or damaged" in result.output) == (1, True), (
                changed,
                result.output,
            )
            assert look(make_url(given.database_url)).tables == {}
            assert left(given.instance) == []
        changed.write_bytes(content)

    whole(run(new, "restore", tmp_path / "b", "--identity", identity))


def test_a_wrong_key_opens_nothing(app: Flask, empty: Callable[[], Settings], tmp_path: Path):
    furnish()
    whole(run(app, "backup", tmp_path / "b", "--key", IDENTITY.to_public()))
    other = tmp_path / "other.txt"
    other.write_text(str(pyrage.x25519.Identity.generate()))
    nonsense = tmp_path / "nonsense.txt"
    nonsense.write_text("hello")
    new = started(empty())

    assert "does not open the backup" in run(new, "restore", tmp_path / "b", "--identity", other).output
    assert "holds no identity" in run(new, "restore", tmp_path / "b", "--identity", nonsense).output
    assert "The backup is encrypted" in run(new, "restore", tmp_path / "b").output
    assert left(of(new).settings.instance) == []


@pytest.mark.parametrize(("name", "value"), [("version", "0.2.0"), ("revision", "9999")])
def test_a_newer_backup_is_refused(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path, name: str, value: str
):
    whole(run(app, "backup", tmp_path / "b"))
    manifest = tmp_path / "b" / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), name: value}))

    result = run(started(empty()), "restore", tmp_path / "b")

    assert result.exit_code == 1
    assert "newer version of Leerkring" in result.output


def test_a_place_in_use_is_refused(app: Flask, empty: Callable[[], Settings], tmp_path: Path):
    furnish()
    whole(run(app, "backup", tmp_path / "b"))
    before = look(make_url(of(app).settings.database_url)).tables
    given = empty()
    (given.instance / "files").mkdir()
    (given.instance / "files" / "x").write_text("here")

    assert "has tables already" in run(app, "restore", tmp_path / "b").output
    assert look(make_url(of(app).settings.database_url)).tables == before
    assert "There are files in" in run(started(given), "restore", tmp_path / "b").output
    assert look(make_url(given.database_url)).tables == {}


def test_the_other_kind_of_database_is_refused(app: Flask, tmp_path: Path, request: pytest.FixtureRequest):
    whole(run(app, "backup", tmp_path / "b"))
    (tmp_path / "other").mkdir()
    server: Postgres = request.getfixturevalue("postgres")
    url = f"sqlite:///{tmp_path / 'other' / 'leerkring.db'}"
    other = server.create(f"empty_{next(server.numbers)}") if db.engine.dialect.name == "sqlite" else url
    try:
        result = run(started(place_in(tmp_path / "other", other)), "restore", tmp_path / "b")
    finally:
        if other != url:
            server.drop(other)

    assert result.exit_code == 1
    assert "restore it into the kind of database it was made from" in result.output


def test_what_is_no_backup_is_refused(app: Flask, empty: Callable[[], Settings], tmp_path: Path):
    new = started(empty())
    (tmp_path / "b").mkdir()
    assert "There is no backup in" in run(new, "restore", tmp_path / "b").output
    for words in ("", "[]", "{}", '{"format": "leerkring-backup/1"}', '{"format": "leerkring-backup/2"}'):
        (tmp_path / "b" / "manifest.json").write_text(words)
        assert "manifest cannot be read" in run(new, "restore", tmp_path / "b").output


def test_a_manifest_names_nothing_outside_its_folder(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path
):
    whole(run(app, "backup", tmp_path / "b"))
    manifest = tmp_path / "b" / "manifest.json"
    told = json.loads(manifest.read_text())
    told["parts"]["files/../../../escaped"] = {"sha256": "0" * 64, "size": 1}
    manifest.write_text(json.dumps(told))

    assert "manifest cannot be read" in run(started(empty()), "restore", tmp_path / "b").output


def test_a_manifest_of_another_shape_is_none(app: Flask, empty: Callable[[], Settings], tmp_path: Path):
    whole(run(app, "backup", tmp_path / "b"))
    manifest, new = tmp_path / "b" / "manifest.json", started(empty())
    right = json.loads(manifest.read_text())
    for wrong in (
        {"version": 1},
        {"tables": []},
        {"tables": {"person": "x"}},
        {"missing": 3},
        {"made_at": {}},
    ):
        manifest.write_text(json.dumps(right | wrong))
        assert "manifest cannot be read" in run(new, "restore", tmp_path / "b").output, wrong
    manifest.write_text(json.dumps(right))
    whole(run(new, "restore", tmp_path / "b"))


def test_a_backup_that_fails_leaves_nothing(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    furnish()
    (tmp_path / "safe").mkdir()
    copied = saving._copied

    def fail(source: Path, target: Path) -> object:
        if len(list(target.parent.iterdir())) == 3:
            raise OSError(28, "No space left on device", str(target))
        return copied(source, target)

    monkeypatch.setattr(saving, "_copied", fail)
    result = run(app, "backup", tmp_path / "safe" / "b")

    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert left(tmp_path / "safe") == []
    db.session.rollback()
    [row] = db.session.query(Backup)
    assert "No space left" in row.failed


def test_a_backup_never_overwrites(app: Flask, tmp_path: Path):
    whole(run(app, "backup", tmp_path / "b"))
    before = (tmp_path / "b" / "manifest.json").read_text()

    assert "is there already" in run(app, "backup", tmp_path / "b").output
    assert (tmp_path / "b" / "manifest.json").read_text() == before


def test_a_wrong_public_key_makes_no_backup(app: Flask, tmp_path: Path):
    result = run(app, "backup", tmp_path / "b", "--key", "age1nonsense")

    assert (result.exit_code, "no public key of age" in result.output) == (1, True)
    assert not (tmp_path / "b").exists()


def test_the_newest_are_kept(app: Flask, tmp_path: Path):
    safe = tmp_path / "safe"
    safe.mkdir()
    for day in range(1, 5):
        (safe / f"leerkring-2026010{day}T000000Z").mkdir()
        (safe / f"leerkring-2026010{day}T000000Z" / "manifest.json").write_text("{}")
    (safe / "of somebody else").mkdir()

    whole(run(app, "backup", safe, "--keep", 3))

    names = left(safe)
    assert names[:2] == ["leerkring-20260103T000000Z", "leerkring-20260104T000000Z"]
    assert len(names) == 4
    assert names[-1] == "of somebody else"


def test_lost_and_damaged_files_are_told_and_stop_no_backup(
    app: Flask, empty: Callable[[], Settings], tmp_path: Path
):
    furnish()
    gone, other, *_ = sorted((of(app).settings.instance / "files").iterdir())
    gone.unlink()
    other.write_bytes(b"eaten by the disk")

    result = run(app, "backup", tmp_path / "b")

    assert result.exit_code == 0
    assert f"There is a row but no file: {gone.name}" in result.output
    assert f"other bytes than when it was stored: {other.name}" in result.output
    assert gone.name in whole(run(started(empty()), "restore", tmp_path / "b"))


def test_a_program_that_is_missing_or_too_old_is_named(app: Flask, tmp_path: Path):
    if db.engine.dialect.name == "sqlite":
        assert run(app, "backup", tmp_path / "b").exit_code == 0
        return
    folder = tmp_path / "bin"
    folder.mkdir()
    of(app).settings = replace(of(app).settings, pg_bin=str(folder))
    assert "The program pg_dump was not found" in run(app, "backup", tmp_path / "b").output

    (folder / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.3'\n")
    (folder / "pg_dump").chmod(0o755)
    result = run(app, "backup", tmp_path / "b")

    assert "of version 12 and too old for the server" in result.output
    assert not (tmp_path / "b").exists()


def test_prepare_makes_a_backup_before_it_changes_the_database(app: Flask):
    furnish()
    instance = of(app).settings.instance
    migrate.downgrade("0015")

    said = whole(run(app, "prepare"))

    [name] = left(instance / "backups")
    assert str(instance / "backups" / name) in said
    assert json.loads((instance / "backups" / name / "manifest.json").read_text())["revision"] == "0015"
    assert migrate.migrations_match()
    assert db.session.query(Backup).count() == 1
    assert "up to date" in whole(run(app, "prepare"))
    assert left(instance / "backups") == [name]


def test_prepare_changes_nothing_when_no_backup_can_be_made(app: Flask):
    instance = of(app).settings.instance
    migrate.downgrade("0015")
    (instance / "backups").write_text("in the way")

    result = run(app, "prepare")

    assert (result.exit_code, "nothing was changed" in result.output) == (1, True)
    assert migrate.current() == "0015"
    whole(run(app, "prepare", "--no-backup"))


def test_prepare_refuses_a_newer_database_before_anything_else(app: Flask):
    with migrating(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    result = run(app, "prepare")

    assert (result.exit_code, "newer version" in result.output) == (1, True)
    assert not (of(app).settings.instance / "backups").exists()


def test_the_settings_of_a_backup_are_read_by_a_shell(app: Flask, tmp_path: Path):
    odd = 'a "key" with $HOME, `ls`, \\ and ’ 0123456789abcdef'
    of(app).settings = replace(of(app).settings, secret_key=odd)
    whole(run(app, "backup", tmp_path / "b"))
    file = tmp_path / "b" / "settings.env"

    read = subprocess.run(
        ["sh", "-c", f'set -a; . {file}; printf %s "$LEERKRING_SECRET_KEY"'],
        capture_output=True,
        text=True,
        check=True,
    )

    assert read.stdout == secret_key_of(file.read_text()) == odd


def test_a_copy_of_sqlite_holds_what_was_written_last(app: Flask, tmp_path: Path):
    """What is in the write-ahead log is in the backup, and nothing stays beside it."""
    furnish()
    whole(run(app, "backup", tmp_path / "b"))

    assert not {"database.sqlite-wal", "database.sqlite-shm"} & set(left(tmp_path / "b"))
    if db.engine.dialect.name == "sqlite":
        with sqlite3.connect(tmp_path / "b" / "database.sqlite") as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert copy.execute("SELECT count(*) FROM registration").fetchone() == (12,)
