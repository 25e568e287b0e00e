"""Putting mail in the outbox, in the transaction of the change it tells of."""

import secrets
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import or_, select, update

from learning.kit.db import after_commit, db, transaction
from learning.kit.jobs import nudge
from learning.mail.models import Message


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
    known = db.session.scalar(select(Message).where(Message.once == once))
    if known is not None:
        return known
    message = Message(
        template=template,
        address=to,
        name=name,
        language=language,
        values=values,
        once=once,
        organiser_id=organiser_id,
        file_id=file_id,
        made_at=now,
        due_at=now,
        message_id=f"<{secrets.token_hex(16)}@{current_app.config['CALENDAR_DOMAIN']}>",
    )
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
