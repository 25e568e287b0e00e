"""What the desk keeps to undo: rows taken away, and steps of the grid."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment


class GridStep(Model):
    """What somebody did in the grid, so that it can be undone: places of sessions before and after.

    `before` and `after` map a session's id to its round, number and room.
    """

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone: Mapped[bool] = mapped_column(default=False)


class Removed(Model):
    """Rows taken away at the desk, kept so that this can be undone."""

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text)
    rows: Mapped[list[Any]] = mapped_column(JSON)  # [table, {column: value}], parents first
    restored_at: Mapped[datetime | None] = mapped_column(Moment)
