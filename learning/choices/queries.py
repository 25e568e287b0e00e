"""What somebody sees when choosing: rounds, sessions, places left, and what is held."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, union
from sqlalchemy.orm import aliased

from learning.attendance.models import Registration
from learning.attendance.queries import expected_meetings, picture_of
from learning.choices.draw import queries
from learning.choices.models import Seat, SecondChance, WaitlistEntry
from learning.choices.rules import Place, opening, overlaps
from learning.kit.clock import local
from learning.kit.db import db
from learning.lottery.explaining import Reason
from learning.organisations.queries import partnership_on
from learning.releases.models import OfferedSession
from learning.releases.picture import ProgrammePicture, RoundPicture, SessionPicture
from learning.releases.queries import offered


@dataclass(frozen=True)
class Option:
    """One session that can be chosen."""

    session: SessionPicture
    free: int | None  # None: without limit
    waiting: int
    held: bool
    waits: bool
    same: str = ""  # the code of a session that is held elsewhere and gives the same workshop
    clash: str = ""  # the code of a session that is held elsewhere at the same time

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
    turn: int | None = None  # the place on the waiting list
    offered_until: datetime | None = None  # a place is kept for who waits
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
    """How many people want two workshops both: they have a seat in them or wait for one.

    As (workshop, workshop, people).
    """
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
    lines = {entry.round_id: entry for entry in _all(WaitlistEntry, registration)}
    waits = {id: entry.session_id for id, entry in lines.items()}
    expected = expected_meetings(registration)
    held = {
        round_id: picture.sessions[s.session_id]
        for round_id, s in seats.items()
        if s.session_id in picture.sessions
    }
    rounds = tuple(
        _board(picture, round, rows, seats.get(round.id), waits.get(round.id), held)
        for round in picture.rounds
        if round.meeting_id in expected
    )
    if waits:
        turns = _turns(registration)
        rounds = tuple(
            replace(row, turn=turns.get(row.round.id), offered_until=lines[row.round.id].offered_until)
            if row.waits
            else row
            for row in rounds
        )
    if any(row.round.filling == "draw" for row in rounds):
        rounds = _with_draws(registration, picture, rounds)
    return ChoiceBoard(registration, picture, rounds)


def _with_draws(
    registration: Registration, picture: ProgrammePicture, rounds: tuple[RoundBoard, ...]
) -> tuple[RoundBoard, ...]:
    """The same rounds with what was wished, or with what the draw made of it."""
    waiting = queries.awaiting(picture)
    ranked, vetoes, skipped = queries.wishes_of(registration.id)
    meetings = {
        row.round.meeting_id for row in rounds if row.round.filling == "draw" and row.round.id not in waiting
    }
    told = {id: queries.reasons_of(registration, id) for id in meetings}
    reasons = {reason.round: reason for found, _lot in told.values() for reason in found}
    return tuple(
        replace(
            row,
            by_draw=row.round.id in waiting,
            wishes=tuple(ranked.get(row.round.id, ())),
            vetoes=frozenset(vetoes.get(row.round.id, ())),
            skipped=row.round.id in skipped,
            reason=reasons.get(str(row.round.id)),
            lot=told[row.round.meeting_id][1] if str(row.round.id) in reasons else None,
        )
        for row in rounds
    )


def opens_for(registration: Registration, picture: ProgrammePicture, now: datetime) -> datetime | None:
    """From when this registration can choose: who comes for a partner of the network may be earlier."""
    early = picture.partners_choose_at
    if early is None or picture.choosing_opens_at is None or registration.organisation_id is None:
        return picture.choosing_opens_at
    partner = partnership_on(registration.organisation_id, local(now).date()) is not None
    return opening(picture.choosing_opens_at, early, partner=partner)


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
    elsewhere: dict[int, SessionPicture],
) -> RoundBoard:
    held = seat.session_id if seat else None
    others = [(other, _place(picture, other)) for id, other in elsewhere.items() if id != round.id]
    options = tuple(
        _beside(_option(session, rows[session.id], held, waits), _place(picture, session), others)
        for session in round.sessions
        if session.id in rows and not rows[session.id].cancelled
    )
    hosting = picture.sessions.get(held) if seat and seat.host and held else None
    return RoundBoard(round, options, held, waits, hosting)


def _option(session: SessionPicture, row: OfferedSession, held: int | None, waits: int | None) -> Option:
    free = None if row.capacity is None else max(row.capacity - row.taken, 0)
    return Option(session, free, row.waiting, session.id == held, session.id == waits)


def _place(picture: ProgrammePicture, session: SessionPicture) -> Place:
    """What a seat in this session means for a day."""
    round = picture.round_of[session.id]
    return Place(session.workshop_id, round.starts_at, round.busy_until)


def _beside(option: Option, place: Place, others: list[tuple[SessionPicture, Place]]) -> Option:
    """The same with what it does not go with among the seats of other rounds."""
    same = next((other.code for other, there in others if there.workshop_id == place.workshop_id), "")
    clash = next((other.code for other, there in others if overlaps(place, there)), "")
    return replace(option, same=same, clash=clash) if same or clash else option


def _turns(registration: Registration) -> dict[int, int]:
    """The place on each waiting list, by round; 1 is next."""
    mine, ahead = aliased(WaitlistEntry), aliased(WaitlistEntry)
    earlier = (ahead.joined_at < mine.joined_at) | (
        (ahead.joined_at == mine.joined_at) & (ahead.id <= mine.id)
    )
    query = select(mine.round_id, func.count(ahead.id)).join(
        ahead, (ahead.session_id == mine.session_id) & earlier
    )
    query = query.where(mine.registration_id == registration.id).group_by(mine.round_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _all(model: Any, registration: Registration) -> list[Any]:
    return list(db.session.scalars(select(model).where(model.registration_id == registration.id)))
