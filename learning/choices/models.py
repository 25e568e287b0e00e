"""Seats in sessions and places on waiting lists."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.attendance.models import Registration
from learning.kit.db import Model, Moment
from learning.releases.models import OfferedSession


class Seat(Model):
    """One numbered chair in a session, held by one registration.

    Numbers run from 1 to the capacity and are unique, so a chair cannot be sold twice. The number is
    empty for hosts and in sessions without limit.
    """

    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        UniqueConstraint("registration_id", "round_id"),
        UniqueConstraint("registration_id", "once_workshop_id"),
        ForeignKeyConstraint(
            ["session_id", "round_id", "programme_id"],
            ["offered_session.id", "offered_session.round_id", "offered_session.programme_id"],
        ),
        ForeignKeyConstraint(
            ["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]
        ),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("host OR number IS NOT NULL OR unlimited", name="chair"),
    )
    programme_id: Mapped[int]
    session_id: Mapped[int]
    round_id: Mapped[int]
    once_workshop_id: Mapped[int | None]
    registration_id: Mapped[int]
    number: Mapped[int | None]
    host: Mapped[bool] = mapped_column(default=False)
    unlimited: Mapped[bool] = mapped_column(default=False)
    given_at: Mapped[datetime] = mapped_column(Moment)
    session: Mapped[OfferedSession] = relationship(overlaps="registration")
    registration: Mapped[Registration] = relationship(overlaps="session")


class WaitlistEntry(Model):
    """Somebody waits for a place in a session, in order of joining; at most one wait a round.

    While `offered_until` has a value a chair is kept for them,
    which counts as taken; it is theirs when they accept.
    """

    __table_args__ = (
        UniqueConstraint("registration_id", "round_id"),
        ForeignKeyConstraint(
            ["session_id", "round_id", "programme_id"],
            ["offered_session.id", "offered_session.round_id", "offered_session.programme_id"],
        ),
        ForeignKeyConstraint(
            ["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]
        ),
        Index("ix_waitlist_entry_session", "session_id", "joined_at", "id"),
    )
    programme_id: Mapped[int]
    session_id: Mapped[int]
    round_id: Mapped[int]
    registration_id: Mapped[int]
    joined_at: Mapped[datetime] = mapped_column(Moment)
    offered_until: Mapped[datetime | None] = mapped_column(Moment, index=True)
    lapses: Mapped[int] = mapped_column(default=0)  # offers that were not answered
    session: Mapped[OfferedSession] = relationship(overlaps="registration")
    registration: Mapped[Registration] = relationship(overlaps="session")


class SecondChance(Model):
    """Who lost a seat by a release may choose again in that round until a moment, and waits since `since`."""

    __table_args__ = (UniqueConstraint("registration_id", "round_id"),)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("offered_round.id"))
    since: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)


class SeatHistory(Model):
    """What became of a place: nothing that was chosen is lost without a trace."""

    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("offered_session.id"), index=True)
    # given, waiting, offered, lapsed, promoted, left, moved, handed_over ...
    what: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
