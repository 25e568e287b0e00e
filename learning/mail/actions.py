"""Putting mail in the outbox, in the transaction of the change it tells of."""

import secrets
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

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
