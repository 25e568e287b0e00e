"""The audit trail: who did what when to which thing, in words."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment, db


class AuditEvent(Model):
    """One line of the log. `account_id` is empty for what nobody did by hand."""

    __table_args__ = (Index("ix_audit_event_thing", "organiser_id", "thing", "thing_id"),)
    organiser_id: Mapped[int | None]
    account_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)
    verb: Mapped[str] = mapped_column(Text)
    thing: Mapped[str] = mapped_column(Text)
    thing_id: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")


def record(
    verb: str,
    thing: Model,
    *,
    organiser_id: int | None,
    by: int | None,
    at: datetime,
    words: str = "",
) -> None:
    """Add a line to the log in the transaction under way. `by` is an account's id."""
    db.session.add(
        AuditEvent(
            organiser_id=organiser_id,
            account_id=by,
            at=at,
            verb=verb,
            thing=thing.__tablename__,
            thing_id=thing.id,
            words=words,
        )
    )
