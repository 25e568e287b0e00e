"""Wishes, seeds and runs of draws."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment


class Wish(Model):
    """A ranked wish for a session in a round that is filled
    by draw, 1 is the first; without a rank it is a veto.
    """

    __table_args__ = (
        UniqueConstraint("registration_id", "session_id"),
        UniqueConstraint("registration_id", "round_id", "rank"),
        ForeignKeyConstraint(
            ["session_id", "round_id", "programme_id"],
            ["offered_session.id", "offered_session.round_id", "offered_session.programme_id"],
        ),
        ForeignKeyConstraint(
            ["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]
        ),
        CheckConstraint("rank >= 1", name="rank"),
    )
    programme_id: Mapped[int]
    registration_id: Mapped[int]
    round_id: Mapped[int]
    session_id: Mapped[int]
    rank: Mapped[int | None]


class SkippedRound(Model):
    """Somebody wants no session in a round that is filled by draw."""

    __table_args__ = (UniqueConstraint("registration_id", "round_id"),)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("offered_round.id"))


class DrawSeed(Model):
    """The seed of a meeting's draw: its hash is public from
    the first release on, itself after the draw was published.

    Each published draw has its own; `number` counts them
    from 1, and the next is committed when one is published.
    """

    __table_args__ = (UniqueConstraint("meeting_id", "number"),)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int] = mapped_column(default=1)
    seed: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)


class DrawRun(Model):
    """A draw over all rounds of a meeting that are filled
    that way: what was asked, how far it is, what came out.

    Nothing changes for anybody before it is published. `number` says the
    how-manieth published draw of the meeting this would be; from the second
    on everybody keeps their seats but who is in `unpinned`, by registration.
    """

    __table_args__ = (
        Index(
            "uq_draw_run_published", "meeting_id", "number", unique=True,
            sqlite_where=text("publish_asked_at IS NOT NULL"),
            postgresql_where=text("publish_asked_at IS NOT NULL"),
        ),
    )  # fmt: skip
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    instance: Mapped[dict[str, Any]] = mapped_column(JSON)
    people: Mapped[dict[str, int]] = mapped_column(JSON)  # id in the draw: registration
    number: Mapped[int] = mapped_column(default=1)
    unpinned: Mapped[list[int]] = mapped_column(JSON, default=list)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    news: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ending: Mapped[str] = mapped_column(Text, default="")  # found, stopped or failed
    publish_asked_at: Mapped[datetime | None] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
