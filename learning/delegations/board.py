"""The page of a delegation: its meetings with names, seats that moved, and who went when."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from learning.delegations.models import Delegation, Nomination, SeatMove, SeatRequest, SubstituteRequest
from learning.delegations.rules import missing
from learning.kit.access import not_found
from learning.kit.db import db
from learning.people.models import Person
from learning.releases.picture import MeetingPicture, ProgrammePicture
from learning.releases.queries import current_picture


@dataclass(frozen=True)
class MeetingBoard:
    """One meeting as the delegation sees it."""

    meeting: MeetingPicture
    running: tuple[Nomination, ...]
    ended: tuple[Nomination, ...]
    seats: int  # how many it may send: its own, without those given back, with those it got
    back: int  # seats given back that nobody has yet
    got: int  # seats of others
    line: int | None  # which place it has among those who ask for a seat
    free: int
    wanted: int
    over: bool
    closed: bool
    # who should come instead, by the id of the nomination, while staff have not said yes
    asked_for: dict[int, str]
    stood_in_for: dict[int, str]  # whom a substitute replaced, by the id of the substitute's nomination


@dataclass(frozen=True)
class DelegationBoard:
    """The page of a delegation: meetings with names, and who went when."""

    delegation: Delegation
    picture: ProgrammePicture
    meetings: tuple[MeetingBoard, ...]
    people: list[tuple[str, list[str]]]  # name and, for each meeting, "" or a state

    @property
    def used(self) -> int:
        """Seats that were used at the meetings that are over."""
        return sum(
            len(board.running) for board in self.meetings if board.over and not board.meeting.cancelled
        )

    def team_before(self, meeting_id: int) -> MeetingBoard | None:
        """The last meeting before this one to which somebody was sent."""
        ids = [board.meeting.id for board in self.meetings]
        earlier = self.meetings[: ids.index(meeting_id)]
        return next((board for board in reversed(earlier) if board.running), None)


def delegation_board(delegation: Delegation, *, now: datetime) -> DelegationBoard:
    """Everything on the page of a delegation."""
    picture = current_picture(delegation.programme_id)
    if picture is None:
        not_found()
    query = (
        select(Nomination)
        .join(Person, Person.id == Nomination.person_id)
        .where(Nomination.delegation_id == delegation.id)
        .options(contains_eager(Nomination.person))
        .order_by(Nomination.chair, Nomination.id)
    )
    nominations = list(db.session.scalars(query))
    moved = _Moved(delegation)
    meetings = tuple(_meeting(meeting, nominations, delegation, moved, now) for meeting in picture.meetings)
    went: dict[tuple[str, str, int], list[str]] = {}
    for place, board in enumerate(meetings):
        for nomination in (*board.ended, *board.running):
            person = nomination.person
            row = went.setdefault((person.sort_key, person.name, person.id), [""] * len(meetings))
            row[place] = state_of(nomination, over=board.over)
    people = [(name, states) for (_key, name, _id), states in sorted(went.items())]
    return DelegationBoard(delegation, picture, meetings, people)


def state_of(nomination: Nomination, *, over: bool = False) -> str:
    """`comes` when the person said so, `sent` when not yet,
    `was` when the meeting is over; `declined`, or else `ended`.
    """
    if over and nomination.ended_at is None:
        return "was"
    if nomination.ended_at is not None:
        return "declined" if nomination.end_reason == "declined" else "ended"
    return "comes" if nomination.accepted_at is not None else "sent"


class _Moved:
    """Seats that a delegation gave back, got, or asks for, by meeting; and substitutes that it asks for."""

    def __init__(self, delegation: Delegation) -> None:
        mine = (SeatMove.from_id == delegation.id) | (SeatMove.to_id == delegation.id)
        moves = db.session.scalars(select(SeatMove).where(mine, SeatMove.back_at.is_(None))).all()
        self.given = Counter(move.meeting_id for move in moves if move.from_id == delegation.id)
        self.back = Counter(
            move.meeting_id for move in moves if move.from_id == delegation.id and move.to_id is None
        )
        self.got = Counter(move.meeting_id for move in moves if move.to_id == delegation.id)
        asking = (SeatRequest.programme_id == delegation.programme_id, SeatRequest.ended_at.is_(None))
        lines: dict[int, list[int]] = {}
        for request in db.session.scalars(
            select(SeatRequest).where(*asking).order_by(SeatRequest.at, SeatRequest.id)
        ):
            lines.setdefault(request.meeting_id, []).append(request.delegation_id)
        self.line = {id: line.index(delegation.id) + 1 for id, line in lines.items() if delegation.id in line}
        undecided = (SubstituteRequest.decided_at.is_(None), Nomination.delegation_id == delegation.id)
        asked = (
            select(SubstituteRequest)
            .join(Nomination, Nomination.id == SubstituteRequest.nomination_id)
            .where(*undecided)
        )
        self.asked_for = {request.nomination_id: request.name for request in db.session.scalars(asked)}


def _meeting(
    meeting: MeetingPicture,
    nominations: list[Nomination],
    delegation: Delegation,
    moved: _Moved,
    now: datetime,
) -> MeetingBoard:
    seats = delegation.seats_max - moved.given[meeting.id] + moved.got[meeting.id]
    here = [nomination for nomination in nominations if nomination.meeting_id == meeting.id]
    running = tuple(nomination for nomination in here if nomination.ended_at is None)
    closes = meeting.nominations_close_at
    over = meeting.starts_at is not None and meeting.starts_at <= now
    names = {nomination.id: nomination.person.name for nomination in here}
    return MeetingBoard(
        meeting=meeting,
        running=running,
        ended=tuple(nomination for nomination in here if nomination.ended_at is not None),
        seats=seats,
        back=moved.back[meeting.id],
        got=moved.got[meeting.id],
        line=moved.line.get(meeting.id),
        free=max(seats - len(running), 0),
        wanted=missing(len(running), min(delegation.seats_min, seats)),
        over=over,
        closed=over or meeting.cancelled or (closes is not None and closes <= now),
        asked_for=moved.asked_for,
        stood_in_for={n.id: names[n.substitute_for_id] for n in here if n.substitute_for_id in names},
    )


def begun(picture: ProgrammePicture | None, *, now: datetime) -> set[int]:
    """The ids of the meetings that began, as they were released."""
    meetings = picture.meetings if picture else ()
    return {m.id for m in meetings if m.starts_at is not None and m.starts_at <= now}
