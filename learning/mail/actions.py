"""Putting mail in the outbox, in the transaction of the change it tells of."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update

from learning.kit.db import after_commit, db, in_portions, insert_all, transaction
from learning.kit.jobs import nudge
from learning.mail.models import Message

_gathered: ContextVar[dict[str, dict[str, Any]] | None] = ContextVar("gathered", default=None)


@contextmanager
def all_at_once() -> Iterator[None]:
    """What is queued inside, within an action, is stored together
    at its end: as many statements for a thousand mails as for ten.
    """
    if _gathered.get() is not None:
        yield
        return
    mails: dict[str, dict[str, Any]] = {}
    token = _gathered.set(mails)
    try:
        yield
    finally:
        _gathered.reset(token)
    _store(mails)


@transaction()
def _store(mails: dict[str, dict[str, Any]]) -> None:
    for portion in in_portions(mails):
        known = set(db.session.scalars(select(Message.once).where(Message.once.in_(portion))))
        insert_all(Message, [mails[once] for once in portion if once not in known])
    after_commit(nudge)


@transaction()
def queue(
    template: str,
    *,
    to: str,
    name: str,
    language: str,
    values: dict[str, Any],
    once: str,
    organiser_id: int | None,
    now: datetime,
    file_id: int | None = None,
) -> Message:
    """Add a mail to the outbox. The same `once` never makes a second message; the first is given."""
    gathered = _gathered.get()
    known = db.session.scalar(select(Message).where(Message.once == once)) if gathered is None else None
    if known is not None:
        return known
    columns = {
        "template": template,
        "address": to,
        "name": name,
        "language": language,
        "values": values,
        "once": once,
        "organiser_id": organiser_id,
        "file_id": file_id,
        "made_at": now,
        "due_at": now,
        "message_id": f"<{secrets.token_hex(16)}@{current_app.config['CALENDAR_DOMAIN']}>",
    }
    if gathered is not None:
        return Message(**gathered.setdefault(once, columns))
    message = Message(**columns)
    db.session.add(message)
    db.session.flush()
    after_commit(nudge)
    return message


@transaction()
def try_again(id: int, *, now: datetime) -> Message | None:
    """Send a mail as soon as can be, with all its tries before it; None when it was sent or is being sent."""
    still = (
        Message.id == id,
        Message.sent_at.is_(None),
        or_(Message.lease_until.is_(None), Message.lease_until < now),
    )
    again = update(Message).where(*still).values(failed_at=None, tries=0, due_at=now, lease_until=None)
    if db.session.execute(again.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        return None
    after_commit(nudge)
    return db.session.get(Message, id, populate_existing=True)
