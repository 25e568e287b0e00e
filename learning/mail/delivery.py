"""Sending what is in the outbox over SMTP: claim, send, mark.

Nothing is lost; a copy only if killed in between.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import Any

from flask import current_app, g, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from learning.kit import clock
from learning.kit.db import db, let_go, transaction
from learning.kit.files import StoredFile, path_of
from learning.kit.jobs import stopping
from learning.kit.secret_routes import redact
from learning.mail.models import Message

LEASE = timedelta(minutes=2)
TRIES = 14


def deliver_due(now: datetime | None = None) -> int:
    """Send every message that is due; gives how many were sent."""
    sent = 0
    while not stopping() and (message := claim(now=now or clock.now())) is not None:
        sent += deliver(message)
    return sent


@transaction()
def claim(*, now: datetime) -> Message | None:
    """Take one due message for two minutes; another worker takes another."""
    free = or_(Message.lease_until.is_(None), Message.lease_until < now)
    waiting = (Message.sent_at.is_(None), Message.failed_at.is_(None), Message.due_at <= now, free)
    id = db.session.scalar(select(Message.id).where(*waiting).order_by(Message.due_at, Message.id).limit(1))
    if id is None:
        return None
    mine = update(Message).where(Message.id == id, *waiting).values(lease_until=now + LEASE)
    if db.session.execute(mine.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        return None
    return db.session.get(Message, id, populate_existing=True)


def deliver(message: Message) -> bool:
    """Render one claimed message, let go of the database, send it, and keep the outcome."""
    id, values = message.id, message.values
    try:
        mail, text = compose(message)
        let_go()
        send(mail)
    except Exception as error:  # whatever goes wrong, the row says so and it is tried again
        current_app.logger.warning("mail %s not sent: %s", id, type(error).__name__)
        db.session.rollback()
        postpone(id, error=redact(f"{type(error).__name__}: {error}")[:500], now=clock.now())
        return False
    demo = bool(current_app.config["DEMO"])  # there the mailbox is shown, with links that work
    mark_sent(id, text=text if demo else redacted(text, values), now=clock.now(), keep_links=demo)
    return True


@transaction()
def mark_sent(id: int, *, text: str, now: datetime, keep_links: bool = False) -> None:
    """The server took it. Secret links are forgotten, but for the demo."""
    message = db.session.get_one(Message, id)
    message.sent_at, message.text, message.error = now, text, ""
    if not keep_links:
        message.values = without_links(message.values)


@transaction()
def postpone(id: int, *, error: str, now: datetime) -> None:
    """Try again later, with growing pauses; after two days it has failed and staff can see it."""
    message = db.session.get_one(Message, id)
    message.tries += 1
    message.error, message.lease_until = error, None
    message.due_at = now + timedelta(seconds=min(5 * 2**message.tries, 6 * 3600))
    if message.tries >= TRIES:
        message.failed_at = now


def compose(message: Message) -> tuple[EmailMessage, str]:
    """The mail with its plain text: text, HTML and perhaps a document."""
    folder = f"mail/{message.template}"
    values: dict[str, Any] = {**message.values, "name": message.name, "address": message.address}
    with force_locale(message.language):
        g.lang = message.language
        values["hello"] = _("Hello %(name)s,", name=message.name) if message.name else _("Hello,")
        subject = " ".join(render_template(f"{folder}/subject.txt", **values).split())
        text = render_template(f"{folder}/body.txt", **values)
        html = render_template(f"{folder}/body.html", **{**values, "subject": subject})
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = formataddr((values.get("sender", "Leerkring"), current_app.config["MAIL_FROM"]))
    mail["To"] = formataddr((message.name, message.address)) if message.name else message.address
    mail["Date"] = format_datetime(message.made_at)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"
    if values.get("reply_to"):
        mail["Reply-To"] = values["reply_to"]
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    if message.file_id is not None:
        file = db.session.get_one(StoredFile, message.file_id)
        main, _slash, sub = file.media_type.partition("/")
        mail.add_attachment(path_of(file).read_bytes(), maintype=main, subtype=sub, filename=file.name)
    return mail, text


def send(mail: EmailMessage) -> None:
    """Hand the mail to the SMTP server of the configuration."""
    with server() as connection:
        connection.send_message(mail)


@contextmanager
def server(patience: float = 20) -> Iterator[smtplib.SMTP]:
    """The SMTP server of the configuration, ready to take mail; raises OSError or SMTPException."""
    config = current_app.config
    with _server(
        config["SMTP_HOST"], config["SMTP_PORT"], config["SMTP_TLS"], config["SMTP_CA"], patience
    ) as connection:
        if config["SMTP_USER"]:
            connection.login(config["SMTP_USER"], config["SMTP_PASSWORD"])
        yield connection


def _server(host: str, port: int, tls: str, ca: str, patience: float) -> smtplib.SMTP:
    """A connection to the mail server: plain, with STARTTLS, or with TLS from the first byte.

    The certificate must be valid for the host and signed by an
    authority that the machine trusts, or by one in the file `ca`.
    """
    if not tls:
        return smtplib.SMTP(host, port, timeout=patience)
    context = ssl.create_default_context(cafile=ca or None)
    if tls == "implicit":
        return smtplib.SMTP_SSL(host, port, timeout=patience, context=context)
    server = smtplib.SMTP(host, port, timeout=patience)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def redacted(text: str, values: dict[str, Any]) -> str:
    """The text as it is kept: without the links that stood in it."""
    for link in sorted(links_in(values), key=len, reverse=True):
        text = text.replace(link, "[link]")
    return redact(text)


def links_in(values: Any) -> set[str]:
    """The links among the values of a mail, also those inside lists."""
    if isinstance(values, list):
        return set().union(*map(links_in, values))
    if not isinstance(values, dict):
        return set()
    own = {value for key, value in values.items() if _is_link(key) and isinstance(value, str) and value}
    return own.union(*map(links_in, values.values()))


def without_links(values: Any) -> Any:
    """The values of a mail as they are kept once it was sent: without links, also inside lists."""
    if isinstance(values, list):
        return [without_links(one) for one in values]
    if isinstance(values, dict):
        return {key: without_links(one) for key, one in values.items() if not _is_link(key)}
    return redact(values) if isinstance(values, str) else values


def _is_link(key: str) -> bool:
    return key == "url" or key.endswith("_url")
