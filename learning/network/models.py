"""Lists that were read, to look at before they come in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment


class ListImport(Model):
    """A list of organisations, contacts or partners that
    was read from a file, to look at; `done` lines are in.
    """

    __table_args__ = (CheckConstraint("kind IN ('organisations', 'contacts', 'partnerships')", name="kind"),)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    lines: Mapped[list[Any]] = mapped_column(JSON)
    problems: Mapped[list[Any]] = mapped_column(JSON)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    done: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
