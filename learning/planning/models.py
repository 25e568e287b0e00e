"""Grids that the computer proposes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment


class Suggestion(Model):
    """A grid that the computer proposes: what was asked, how far it is, what came out.

    Nothing moves by it.
    """

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    how: Mapped[str] = mapped_column(Text)
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    news: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ending: Mapped[str] = mapped_column(Text, default="")  # found, stopped or failed
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
