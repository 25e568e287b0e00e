"""What somebody sees when choosing: rounds, sessions, places left, and what is held."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, union

from learning.attendance.models import Registration
from learning.attendance.queries import expected_meetings, picture_of
from learning.choices import drawn
from learning.choices.allocation import Reason
from learning.choices.models import Seat, SecondChance, WaitlistEntry
from learning.kit.db import db
from learning.programmes.models import OfferedSession
from learning.programmes.picture import ProgrammePicture, RoundPicture, SessionPicture
from learning.programmes.queries import offered


@dataclass(frozen=True)
class Option:
    """One session that can be chosen."""

    session: SessionPicture
    free: int | None  # None: without limit
    waiting: int
    held: bool
    waits: bool

    @property
    def full(self) -> bool:
        """There is no place now."""
        return self.free is not None and self.free <= 0


@dataclass(frozen=True)
class RoundBoard:
    """One round with what can be chosen in it."""

    round: RoundPicture
    options: tuple[Option, ...]
    held: int | None
    waits: int | None
    hosting: SessionPicture | None
    by_draw: bool = False  # a draw decides, and it is not published yet
    wishes: tuple[int, ...] = ()
    vetoes: frozenset[int] = frozenset()
    skipped: bool = False
    reason: Reason | None = None  # of a draw that was published
    lot: int | None = None


@dataclass(frozen=True)
class ChoiceBoard:
    """The page on which somebody chooses."""

    registration: Registration
    picture: ProgrammePicture
    rounds: tuple[RoundBoard, ...]


def wanted_together(programme_id: int) -> tuple[tuple[int, int, int], ...]:
    """How many people want two workshops both: they have a seat in them or wait for one. As (workshop, workshop, people)."""
    wants = union(
        *(
            select(row.registration_id, OfferedSession.workshop_id)
            .join(OfferedSession, OfferedSession.id == row.session_id)
            .where(row.programme_id == programme_id)
            for row in (Seat, WaitlistEntry)
        )
    ).subquery()
    other = wants.alias()
    query = (
        select(wants.c.workshop_id, other.c.workshop_id, func.count())
        .join(other, wants.c.registration_id == other.c.registration_id)
        .where(wants.c.workshop_id < other.c.workshop_id)
        .group_by(wants.c.workshop_id, other.c.workshop_id)
        .order_by(wants.c.workshop_id, other.c.workshop_id)
    )
    return tuple((a, b, people) for a, b, people in db.session.execute(query))


def choice_board(registration: Registration) -> ChoiceBoard:
    """Everything that can be chosen by this registration, with what it holds."""
    picture = picture_of(registration)
    rows = offered(picture.id)
    seats = {seat.round_id: seat for seat in _all(Seat, registration)}
    waits = {entry.round_id: entry.session_id for entry in _all(WaitlistEntry, registration)}
    expected = expected_meetings(registration)
    rounds = tuple(
        _board(picture, round, rows, seats.get(round.id), waits.get(round.id))
        for round in picture.rounds
        if round.meeting_id in expected
    )
    if any(row.round.filling == "draw" for row in rounds):
        rounds = _with_draws(registration, picture, rounds)
    return ChoiceBoard(registration, picture, rounds)


def _with_draws(
    registration: Registration, picture: ProgrammePicture, rounds: tuple[RoundBoard, ...]
) -> tuple[RoundBoard, ...]:
    """The same rounds with what was wished, or with what the draw made of it."""
    waiting = drawn.awaiting(picture)
    ranked, vetoes, skipped = drawn.wishes_of(registration.id)
    meetings = {row.round.meeting_id for row in rounds if row.round.filling == "draw" and row.round.id not in waiting}
    reasons = {reason.round: reason for id in meetings for reason in drawn.reasons_of(registration, id)}
    lots = {id: drawn.lot_of(registration, id) for id in meetings}
    return tuple(
        replace(
            row,
            by_draw=row.round.id in waiting,
            wishes=tuple(ranked.get(row.round.id, ())),
            vetoes=frozenset(vetoes.get(row.round.id, ())),
            skipped=row.round.id in skipped,
            reason=reasons.get(str(row.round.id)),
            lot=lots.get(row.round.meeting_id) if str(row.round.id) in reasons else None,
        )
        for row in rounds
    )


def again_until(registration: Registration) -> datetime | None:
    """Until when somebody who lost a seat by a release may choose again; None without such a moment."""
    mine = SecondChance.registration_id == registration.id
    return db.session.scalar(select(func.max(SecondChance.until)).where(mine))


def _board(
    picture: ProgrammePicture,
    round: RoundPicture,
    rows: dict[int, OfferedSession],
    seat: Seat | None,
    waits: int | None,
) -> RoundBoard:
    held = seat.session_id if seat else None
    options = tuple(
        _option(session, rows[session.id], held, waits)
        for session in round.sessions
        if session.id in rows and not rows[session.id].cancelled
    )
    hosting = picture.sessions.get(held) if seat and seat.host and held else None
    return RoundBoard(round, options, held, waits, hosting)


def _option(session: SessionPicture, row: OfferedSession, held: int | None, waits: int | None) -> Option:
    free = None if row.capacity is None else max(row.capacity - row.taken, 0)
    return Option(session, free, row.waiting, session.id == held, session.id == waits)


def _all(model: Any, registration: Registration) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.registration_id == registration.id)))
