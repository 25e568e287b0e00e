"""The state of the machine, one finding for each thing that
can be wrong; `flask doctor` and the owners' page say the same.
"""

import os
import shutil
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from flask import current_app
from flask_babel import format_decimal, gettext
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from learning import VERSION
from learning.billing.models import Invoice
from learning.kit import clock
from learning.kit.db import db, unreachable
from learning.kit.files import StoredFile
from learning.kit.installation import of
from learning.kit.wording import N_
from learning.mail.delivery import server
from learning.mail.models import Message
from learning.migrate import current, known, migrations_match
from learning.office import backups, heart
from learning.printing.models import ProgrammeDocument

LATE = timedelta(minutes=10)  # mail and documents usually go within seconds
OLD = timedelta(days=2)  # a backup is made every night
FAILURES = timedelta(days=7)
ENOUGH, LITTLE = 2_000_000_000, 300_000_000  # bytes free
LOOK_AT_MAIL = N_("Look at what the mail server said; it stands with each mail.")
RETRIED = (Message.sent_at.is_(None), Message.failed_at.is_(None), Message.tries > 0)
APART = timedelta(seconds=5)  # between our clock and the database's


@dataclass(frozen=True)
class Finding:
    """How one thing stands.

    `words` and `mend` are sentences with `values`; `mend` says what to do, empty when all is well.
    """

    key: str
    state: Literal["good", "look", "bad"]
    words: str
    mend: str = ""
    values: tuple[tuple[str, str], ...] = ()


def look(*, mail_server_within: float = 0) -> list[Finding]:
    """Every finding, in the order in which they are shown; the
    mail server is asked only when given seconds: it can be slow.

    When the database does not answer, that is a finding, and what needs it is left out.
    """
    found = [_version(), *_settings(), _disk(), *_rights()]
    if mail_server_within:
        found.append(_mail_server(mail_server_within))
    database = _database()
    if database.state != "good":
        return [*found, database]
    try:
        return [*found, database, *(ask(clock.now()) for ask in NEED_DATABASE)]
    except DBAPIError as error:  # it went away while we looked, or is not what it says
        db.session.rollback()
        return [*found, _silent(error) if unreachable(error) else OTHER_TABLES]


def _version() -> Finding:
    return Finding("version", "good", N_("This is Leerkring %(version)s."), values=(("version", VERSION),))


def _settings() -> list[Finding]:
    """What no rule of the settings forbids and yet is hardly meant for an installation that others use."""
    settings = of(current_app).settings
    public = settings.base_url.startswith("https://")
    found = []
    if public and settings.demo:
        words, mend = (
            N_("This is a demo, in which everybody reads all mail."),
            N_("Leave out LEERKRING_DEMO."),
        )
        found.append(Finding("settings", "bad", words, mend))
    if public and not settings.proxies:
        words = N_(
            "LEERKRING_PROXIES is 0: behind a proxy every visitor seems to have one and the same address."
        )
        found.append(
            Finding(
                "settings", "look", words, N_("Set it to the number of proxies of yours in front of the app.")
            )
        )
    if public and settings.mail_from.endswith((".example", "@example.org", "@example.com")):
        words, mend = (
            N_("Mail is sent by %(address)s, which is nobody."),
            N_("Set LEERKRING_MAIL_FROM to an address of yours."),
        )
        found.append(Finding("settings", "bad", words, mend, (("address", settings.mail_from),)))
    return found or [Finding("settings", "good", N_("The settings are right."))]


def _disk() -> Finding:
    usage = shutil.disk_usage(current_app.config["INSTANCE"])
    values = (("free", format_decimal(usage.free / 1e9, format="0.0")),)
    words = N_("The disk has %(free)s GB free.")
    if usage.free < LITTLE:
        return Finding("disk", "bad", words, N_("Make room at once: a full disk stops everything."), values)
    if usage.free < ENOUGH:
        return Finding("disk", "look", words, N_("Make room soon."), values)
    return Finding("disk", "good", words, values=values)


def _rights() -> list[Finding]:
    """Rights of the instance folder and of what of ours is in it."""
    instance = Path(current_app.config["INSTANCE"])
    values = (("folder", str(instance)),)
    found = []
    ours = [instance / "files", instance / "backups", *sorted(instance.glob("leerkring.db*"))]
    there = [path for path in (instance, *ours) if path.exists()]
    if not all(os.access(path, os.W_OK) for path in there):
        words = N_("The app cannot write everything in %(folder)s.")
        found.append(
            Finding("rights", "bad", words, N_("Give the folder to the user of the app: chown -R."), values)
        )
    if len({path.stat().st_uid for path in there}) > 1:
        words = N_("Not everything in %(folder)s belongs to the same user.")
        found.append(
            Finding("rights", "bad", words, N_("Give the folder to the user of the app: chown -R."), values)
        )
    if instance.stat().st_mode & 0o007:
        words = N_("Everybody on this machine can look into %(folder)s.")
        found.append(Finding("rights", "bad", words, N_("Close it for others: chmod o-rwx."), values))
    return found or [
        Finding(
            "rights",
            "good",
            N_("The folder %(folder)s can be written and is closed to others."),
            values=values,
        )
    ]


def _mail_server(patience: float) -> Finding:
    config = current_app.config
    values: tuple[tuple[str, str], ...] = (("server", f"{config['SMTP_HOST']}:{config['SMTP_PORT']}"),)
    try:
        with server(patience) as connection:
            connection.noop()
    except (OSError, smtplib.SMTPException) as error:
        words = N_("The mail server %(server)s does not take mail: %(error)s")
        values += (("error", " ".join(str(error).split())[:200]),)
        return Finding(
            "mail_server",
            "bad",
            words,
            N_("Look at LEERKRING_SMTP and the settings that begin with it."),
            values,
        )
    return Finding("mail_server", "good", N_("The mail server %(server)s answers."), values=values)


def _database() -> Finding:
    try:
        revision, matches = current(), migrations_match()
    except DBAPIError as error:
        return _silent(error)
    if matches:
        return Finding("database", "good", N_("The database answers and has the tables of this version."))
    if revision and not known(revision):
        words = N_("The database was made by a newer version of Leerkring.")
        return Finding("database", "bad", words, N_("Install that version, or restore a backup."))
    return OTHER_TABLES


OTHER_TABLES = Finding(
    "database", "bad", N_("The database has other tables than this version needs."), N_("Run flask prepare.")
)


def _silent(error: DBAPIError) -> Finding:
    words = N_("The database does not answer: %(error)s")
    values = (("error", (unreachable(error) or type(error).__name__)[:300]),)
    return Finding(
        "database", "bad", words, N_("Look at LEERKRING_DATABASE_URL, and whether the database runs."), values
    )


def _worker(now: datetime) -> Finding:
    row = heart.newest()
    start = N_("Start the worker: flask work, or the service leerkring-worker.")
    if row is None:
        return Finding(
            "worker", "bad", N_("No worker has run yet: no mail is sent and no document is made."), start
        )
    values = (("host", row.host), ("version", row.version), ("ago", ago(now - row.beat_at)))
    if row.stopped_at is not None or now - row.beat_at > heart.SILENT:
        return Finding(
            "worker", "bad", N_("No worker runs; the last was heard %(ago)s ago, on %(host)s."), start, values
        )
    if row.version != VERSION:
        words = N_("The worker on %(host)s is of version %(version)s.")
        return Finding("worker", "bad", words, N_("Restart the worker."), values)
    if now - (row.swept_at or row.started_at) > heart.STUCK:
        words = N_("The worker on %(host)s has been busy with one thing for over ten minutes.")
        return Finding("worker", "look", words, N_("Look at its log; restart it when nothing moves."), values)
    return Finding(
        "worker", "good", N_("A worker runs on %(host)s; it was heard %(ago)s ago."), values=values
    )


def _queue(now: datetime) -> Finding:
    """Mail, invoices and documents that wait, and since when."""
    due = (Message.sent_at.is_(None), Message.failed_at.is_(None), Message.due_at <= now)
    retried = db.session.scalar(select(func.count()).where(*RETRIED, Message.due_at > now)) or 0
    unmade = (ProgrammeDocument.file_id.is_(None), ProgrammeDocument.failed == "")
    unprinted = (Invoice.number.is_not(None), Invoice.pdf_file_id.is_(None))
    queries = (
        select(func.count(), func.min(Message.due_at)).where(*due),
        select(func.count(), func.min(ProgrammeDocument.asked_at)).where(*unmade),
        select(func.count(), func.min(Invoice.issued_at)).where(*unprinted),
    )
    counted = [db.session.execute(query).one() for query in queries]
    waiting, since = sum(number for number, _ in counted), [moment for _, moment in counted if moment]
    if not waiting and retried:
        words = N_("Nothing waits but mail that was tried in vain and is tried again: %(number)s.")
        return Finding("queue", "look", words, LOOK_AT_MAIL, (("number", str(retried)),))
    if not waiting:
        return Finding("queue", "good", N_("Nothing waits to be sent or made."))
    longest = now - min(since) if since else timedelta(0)
    values = (("number", str(waiting)), ("ago", ago(longest)))
    words = N_("%(number)s mails and documents wait, the oldest for %(ago)s.")
    if longest > LATE:
        return Finding("queue", "bad", words, N_("Look whether a worker runs, and at its log."), values)
    return Finding("queue", "good", words, values=values)


def _failures(now: datetime) -> Finding:
    failed = select(func.count()).where(Message.failed_at > now - FAILURES)
    tried = select(func.count()).where(*RETRIED)
    values = (("failed", str(db.session.scalar(failed) or 0)), ("tried", str(db.session.scalar(tried) or 0)))
    if dict(values) == {"failed": "0", "tried": "0"}:
        return Finding("mail_failures", "good", N_("No mail failed in the last seven days."))
    words = N_(
        "%(failed)s mails failed in the last seven days; %(tried)s were tried in vain and are tried again."
    )
    return Finding("mail_failures", "look", words, LOOK_AT_MAIL, values)


def _clock(now: datetime) -> Finding:
    if not 2026 <= now.year < 2100:
        words = N_("The clock of this machine says that it is %(year)s.")
        return Finding(
            "clock",
            "bad",
            words,
            N_("Set the clock, and let it be kept (timedatectl)."),
            (("year", str(now.year)),),
        )
    theirs = (
        db.session.scalar(select(func.clock_timestamp())) if db.engine.dialect.name == "postgresql" else None
    )
    apart = abs(clock.now() - theirs) if theirs is not None else timedelta(0)
    if apart > APART:
        words = N_("The clocks of this machine and of the database differ by %(ago)s.")
        return Finding(
            "clock", "bad", words, N_("Let both clocks be kept (timedatectl)."), (("ago", ago(apart)),)
        )
    return Finding("clock", "good", N_("The clock is right."))


def _files(_now: datetime) -> Finding:
    """Rows without their file are a loss; files without a row are tidied after a day."""
    folder = Path(current_app.config["INSTANCE"]) / "files"
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    rows = set(db.session.scalars(select(StoredFile.sha256).distinct()))
    lost, loose = len(rows - there), len(there - rows)
    values = (("files", str(len(there & rows))), ("lost", str(lost)), ("loose", str(loose)))
    if lost:
        words = N_("%(lost)s stored files are not there, %(loose)s have no row, %(files)s are right.")
        return Finding(
            "files", "bad", words, N_("Put them back from a backup, into the folder files."), values
        )
    if not there:
        return Finding("files", "good", N_("No file is stored yet."))
    return Finding(
        "files",
        "good",
        N_("All %(files)s stored files are there; %(loose)s have no row and go by themselves."),
        values=values,
    )


def _backup(now: datetime) -> Finding:
    """The newest good backup counts; a later try that failed is a warning beside it."""
    good, newest = backups.last_good(), backups.last()
    make = N_("Make one: leerkring backup FOLDER, or the timer leerkring-backup.")
    failed = newest if newest is not None and newest.failed else None
    why = (("failed_ago", ago(now - failed.at)), ("why", failed.failed)) if failed else ()
    if good is None:
        never = N_("No backup was made yet; the last try failed, %(failed_ago)s ago: %(why)s")
        return Finding("backup", "bad", never if failed else N_("No backup was made yet."), make, why)
    values = (("ago", ago(now - good.at)), ("place", good.place), *why)
    words = N_("The last backup was made %(ago)s ago, in %(place)s.")
    if failed:
        words = N_(
            "The last backup was made %(ago)s ago, in %(place)s; "
            "a later try failed, %(failed_ago)s ago: %(why)s"
        )
    if now - good.at > OLD:
        return Finding("backup", "bad", words, make, values)
    return Finding("backup", "look" if failed else "good", words, make if failed else "", values)


NEED_DATABASE: tuple[Callable[[datetime], Finding], ...] = (
    _worker,
    _queue,
    _failures,
    _clock,
    _files,
    _backup,
)


def ago(time: timedelta) -> str:
    """How long, in the words of whoever reads it."""
    seconds = max(0, int(time.total_seconds()))
    for size, words in ((86400, N_("%(n)s days")), (3600, N_("%(n)s hours")), (60, N_("%(n)s minutes"))):
        if seconds >= 2 * size:
            return gettext(words, n=seconds // size)
    return gettext(N_("%(n)s seconds"), n=seconds)
