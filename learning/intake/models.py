"""Programmes made elsewhere, as they were read, to look at before they come in."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment


class BringIn(Model):
    """A programme that was read from elsewhere, to look at;
    `done` lines are in the programme once it was confirmed.
    """

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    name: Mapped[str] = mapped_column(Text)
    lines: Mapped[list[Any]] = mapped_column(JSON)
    problems: Mapped[list[Any]] = mapped_column(JSON)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    done: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
