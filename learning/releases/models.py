"""Releases, and the offered rows on which people act."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Model, Moment


class Release(Model):
    """A frozen picture of all that is public of a programme; `placed` holds what only placed people see."""

    __table_args__ = (UniqueConstraint("programme_id", "number"),)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    format: Mapped[int]
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    placed: Mapped[dict[str, Any]] = mapped_column(JSON)
    cleaned: Mapped[int] = mapped_column(default=0)


class OfferedProgramme(Model):
    """A released programme: which release holds, and the row that choices lock first.

    Its id is the programme's.
    """

    id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    release_number: Mapped[int]
    cleaned: Mapped[int] = mapped_column(default=0)
    repeats_allowed: Mapped[bool] = mapped_column(default=False)
    moving_up_stops: Mapped[int] = mapped_column(default=0)
    moving_up: Mapped[str] = mapped_column(Text, default="at_once")
    offer_hours: Mapped[int] = mapped_column(default=24)
    offer_lapsed: Mapped[str] = mapped_column(Text, default="last")
    release: Mapped[Release] = relationship()


class OfferedRound(Model):
    """A round as released; its id is the desk's."""

    __table_args__ = (UniqueConstraint("programme_id", "id"),)
    id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("offered_programme.id"))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    number: Mapped[int]
    opens_at: Mapped[datetime | None] = mapped_column(Moment)
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    # for clashes: an unknown end is the next block's start
    ends_at: Mapped[datetime | None] = mapped_column(Moment)


class OfferedSession(Model):
    """A session as released; its id is the desk's.

    `taken` counts chairs, hosts not included, and those on offer.
    """

    __table_args__ = (
        UniqueConstraint("id", "round_id", "programme_id"),
        ForeignKeyConstraint(
            ["programme_id", "round_id"], ["offered_round.programme_id", "offered_round.id"]
        ),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity OR overfull)", name="taken"),
        CheckConstraint("waiting >= 0", name="waiting"),
    )
    id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    programme_id: Mapped[int]
    round_id: Mapped[int]
    number: Mapped[int]
    workshop_id: Mapped[int] = mapped_column(ForeignKey("workshop.id"))
    capacity: Mapped[int | None]
    overfull: Mapped[bool] = mapped_column(default=False)
    taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    round: Mapped[OfferedRound] = relationship()


class OfferedHost(Model):
    """A person hosts a released session and is placed there, on no chair."""

    __table_args__ = (UniqueConstraint("session_id", "person_id"),)
    session_id: Mapped[int] = mapped_column(ForeignKey("offered_session.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)


class OfferedMeeting(Model):
    """A meeting as released, for calendars: its id is the desk's."""

    id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("offered_programme.id"), index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(Moment)
