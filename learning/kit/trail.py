"""The audit trail: who did what when to which thing, in words, with what it said before and after."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.changes import changes_of, visible
from learning.kit.db import Model, Moment, db


class AuditEvent(Model):
    """One line of the log. `account_id` is empty for what nobody did by hand.

    `before` and `after` hold values by column as far as they differ: moments in UTC, amounts and
    days as text. Columns that open something or tell of somebody's health are never among them.
    """

    __table_args__ = (
        Index("ix_audit_event_thing", "organiser_id", "thing", "thing_id"),
        Index("ix_audit_event_organiser_id_at", "organiser_id", "at"),
    )
    organiser_id: Mapped[int | None]
    account_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)
    verb: Mapped[str] = mapped_column(Text)
    thing: Mapped[str] = mapped_column(Text)
    thing_id: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


def record(
    verb: str,
    thing: Model | tuple[str, int],
    *,
    organiser_id: int | None,
    by: int | None,
    at: datetime,
    words: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    also: Iterable[Model | None] = (),
) -> None:
    """Add a line to the log in the transaction under way. `by` is an account's id.

    `thing` is a row, or the table and the id of one that is not at hand and did not change.
    What changed of the thing since the last line about it is found here; `also` are
    rows that belong to it and changed with it. `before` and `after` are for what no
    row of these says: changes by a statement, lists of people, a row that goes.
    """
    rows = [row for row in (thing, *also) if isinstance(row, Model)]
    table, id = thing if isinstance(thing, tuple) else (thing.__tablename__, thing.id)
    was, became = _changes(rows)
    db.session.add(
        AuditEvent(
            organiser_id=organiser_id,
            account_id=by,
            at=at,
            verb=verb,
            thing=table,
            thing_id=id,
            words=words,
            before={**was, **visible(before or {})} or None,
            after={**became, **visible(after or {})} or None,
        )
    )


def _changes(rows: Iterable[Model]) -> tuple[dict[str, Any], dict[str, Any]]:
    was: dict[str, Any] = {}
    became: dict[str, Any] = {}
    for row in rows:
        before, after = changes_of(row)
        was, became = {**before, **was}, {**after, **became}
    return was, became
