"""Delegations as the desk sees them: the matrix of cities and meetings, and what staff decide on."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager, joinedload

from learning.delegations.board import begun
from learning.delegations.models import Delegation, Nomination, SeatMove, SubstituteRequest
from learning.delegations.permissions import delegations_at_desk
from learning.delegations.queries import LOADS
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account
from learning.people.rules import fold
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture


@dataclass(frozen=True)
class Cell:
    """One delegation at one meeting: how many it sends, how
    many of them said to come, and how many declined.
    """

    sent: int = 0
    comes: int = 0
    declined: int = 0
    seats: int = 0

    @property
    def open(self) -> int:
        """Seats for which nobody was named."""
        return max(self.seats - self.sent, 0)


@dataclass(frozen=True)
class DeskLine:
    """A delegation in the matrix of the desk: its cell for each meeting."""

    delegation: Delegation
    cells: dict[int, Cell]
    line: int | None  # which place it has among those that wait for the programme


def desk_lines(programme_id: int, meeting_ids: Collection[int], *, search: str) -> list[DeskLine]:
    """The delegations of a programme whose name or contact holds every word of `search`.

    Each with a cell for each of these meetings.
    """
    query = (
        select(Delegation)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(Delegation.programme_id == programme_id, Delegation.ended_at.is_(None))
        .options(contains_eager(Delegation.organisation), joinedload(Delegation.contact))
        .order_by(Organisation.sort_key, Delegation.id)
    )
    running = Nomination.ended_at.is_(None)
    counts = (
        func.sum(case((running, 1), else_=0)),
        func.sum(case((running & Nomination.accepted_at.is_not(None), 1), else_=0)),
        func.sum(case((Nomination.end_reason == "declined", 1), else_=0)),
    )
    of = select(Nomination.delegation_id, Nomination.meeting_id, *counts).where(
        Nomination.programme_id == programme_id
    )
    cells = {
        (delegation_id, meeting_id): Cell(*map(int, numbers))
        for delegation_id, meeting_id, *numbers in db.session.execute(
            of.group_by(Nomination.delegation_id, Nomination.meeting_id)
        )
    }
    moved: Counter[tuple[int, int]] = Counter()
    moves = select(SeatMove).where(SeatMove.programme_id == programme_id, SeatMove.back_at.is_(None))
    for move in db.session.scalars(moves):
        moved[move.from_id, move.meeting_id] -= 1
        if move.to_id is not None:
            moved[move.to_id, move.meeting_id] += 1
    rows = list(db.session.scalars(query))
    waiting = sorted(
        (row for row in rows if row.waiting_at), key=lambda row: (row.waiting_at or row.requested_at, row.id)
    )
    line = {row.id: number for number, row in enumerate(waiting, start=1)}

    def cell(row: Delegation, id: int) -> Cell:
        seats = 0 if row.waiting_at is not None or row.held_at is None else row.seats_max + moved[row.id, id]
        return replace(cells.get((row.id, id), Cell()), seats=seats)

    words = fold(search).split()
    return [
        DeskLine(row, {id: cell(row, id) for id in meeting_ids}, line.get(row.id))
        for row in rows
        if all(word in fold(f"{row.title} {row.contact.name} {row.contact.mail}") for word in words)
    ]


def substitutes_to_decide(
    programme_id: int, picture: ProgrammePicture | None, *, now: datetime
) -> list[SubstituteRequest]:
    """Substitutes that staff have not said yes or no to, of meetings that have not begun, the first first."""
    to_come = (Nomination.ended_at.is_(None), Nomination.meeting_id.not_in(begun(picture, now=now)))
    query = (
        select(SubstituteRequest)
        .join(Nomination, Nomination.id == SubstituteRequest.nomination_id)
        .where(Nomination.programme_id == programme_id, SubstituteRequest.decided_at.is_(None), *to_come)
        .options(
            contains_eager(SubstituteRequest.nomination).options(
                joinedload(Nomination.person),
                joinedload(Nomination.delegation).joinedload(Delegation.organisation),
            )
        )
        .order_by(SubstituteRequest.id)
    )
    return list(db.session.scalars(query))


def substitute_at_desk(account: Account, organiser: Organiser, id: int) -> SubstituteRequest:
    """A substitute that somebody asked for in a programme that the account sees at this desk; else 404."""
    row = db.session.get(SubstituteRequest, id) if 0 < id < 2**31 else None
    if row is None:
        not_found()
    delegation_at_desk(account, organiser, row.nomination.delegation_id)
    return row


def still_coming(delegation: Delegation) -> int:
    """How many people a delegation sends to meetings that are still to come."""
    over = begun(current_picture(delegation.programme_id), now=clock.now())
    to_come = (Nomination.ended_at.is_(None), Nomination.meeting_id.not_in(over))
    query = select(func.count()).select_from(Nomination)
    return db.session.scalar(query.where(Nomination.delegation_id == delegation.id, *to_come)) or 0


def mix_over_cities(programme_id: int) -> list[tuple[str, dict[int, int]]]:
    """On whose behalf people come: how many at each meeting, the most frequent capacity first."""
    running = (Nomination.programme_id == programme_id, Nomination.ended_at.is_(None))
    query = select(Nomination.capacity, Nomination.meeting_id, func.count()).where(*running)
    found: dict[str, dict[int, int]] = {}
    for capacity, meeting_id, count in db.session.execute(
        query.group_by(Nomination.capacity, Nomination.meeting_id)
    ):
        found.setdefault(capacity, {})[meeting_id] = count
    return sorted(found.items(), key=lambda row: (-sum(row[1].values()), row[0]))


def delegation_at_desk(account: Account, organiser: Organiser, id: int) -> Delegation:
    """A delegation in a programme that the account sees at this desk; else 404."""
    delegation = db.session.scalar(
        delegations_at_desk(account, organiser.id).where(Delegation.id == id).options(*LOADS)
    )
    if delegation is None:
        not_found()
    return delegation
