"""Counts for the desk, each page in a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from learning.attendance.models import Registration
from learning.billing.models import Invoice
from learning.billing.queries import invoices_at_desk
from learning.choices.models import Seat, WaitlistEntry
from learning.delegations.models import Delegation
from learning.kit.db import db
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.programmes.models import Programme
from learning.programmes.permissions import programmes_visible_to
from learning.releases.models import OfferedProgramme, OfferedSession, Release
from learning.releases.picture import RoundPicture, SessionPicture
from learning.releases.queries import current_picture, offered

LIVE = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
FEW = 78  # percent from which a session is nearly full


@dataclass(frozen=True)
class ProgrammeLine:
    """A programme in the list of the desk."""

    programme: Programme
    released: int | None
    registered: int
    delegations: int


@dataclass(frozen=True)
class Cell:
    """How full one session is; `share` is a percentage, None without a limit."""

    session: SessionPicture
    taken: int
    capacity: int | None
    waiting: int
    share: int | None

    @property
    def full(self) -> bool:
        """Nobody can be added."""
        return self.capacity is not None and self.taken >= self.capacity

    @property
    def step(self) -> int:
        """The share in steps of five, as the style sheet has them."""
        return 5 * round(min(self.share or 0, 100) / 5)


@dataclass(frozen=True)
class Occupancy:
    """A round with its sessions."""

    round: RoundPicture
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Figures:
    """What the desk shows of one programme."""

    programme: Programme
    release: Release | None
    registered: int
    unconfirmed: int
    recent: int
    chosen: int
    waiting: int
    delegations: int
    requested: int
    rounds: tuple[Occupancy, ...]

    @property
    def chosen_share(self) -> int:
        """The percentage of registrations with a seat in at least one round."""
        return round(100 * self.chosen / self.registered) if self.registered else 0


def programme_lines(account: Account, organiser: Organiser) -> list[ProgrammeLine]:
    """The programmes that the account sees at this desk with their counts, newest first."""
    registered = _by_programme(
        select(Registration.programme_id, func.count()).where(*LIVE), Registration.programme_id
    )
    delegations = _by_programme(
        select(Delegation.programme_id, func.count()).where(
            Delegation.ended_at.is_(None), Delegation.held_at.is_not(None)
        ),
        Delegation.programme_id,
    )
    query = (
        programmes_visible_to(account, organiser.id)
        .add_columns(OfferedProgramme.release_number)
        .outerjoin(OfferedProgramme, OfferedProgramme.id == Programme.id)
        .order_by(Programme.id.desc())
    )
    return [
        ProgrammeLine(programme, number, registered.get(programme.id, 0), delegations.get(programme.id, 0))
        for programme, number in db.session.execute(query)
    ]


def drafts_of(account: Account, organiser: Organiser) -> int:
    """How many invoices that the account sees wait to be issued."""
    waiting = (
        invoices_at_desk(account, organiser.id)
        .where(Invoice.number.is_(None))
        .with_only_columns(func.count(Invoice.id))
    )
    return db.session.scalar(waiting) or 0


def figures(programme: Programme, *, since: datetime) -> Figures:
    """The figures of one programme."""
    id = programme.id
    of_programme = Registration.programme_id == id
    states = db.session.execute(
        select(
            func.count().filter(*LIVE),
            func.count().filter(Registration.confirmed_at.is_(None), Registration.ended_at.is_(None)),
            func.count().filter(*LIVE, Registration.made_at >= since),
        ).where(of_programme)
    ).one()
    chosen = db.session.scalar(
        select(func.count(func.distinct(Seat.registration_id))).where(Seat.programme_id == id, ~Seat.host)
    )
    waiting = db.session.scalar(
        select(func.count(func.distinct(WaitlistEntry.registration_id))).where(
            WaitlistEntry.programme_id == id
        )
    )
    live, requested = db.session.execute(
        select(
            func.count().filter(Delegation.held_at.is_not(None)),
            func.count().filter(Delegation.confirmed_at.is_(None)),
        ).where(Delegation.programme_id == id, Delegation.ended_at.is_(None))
    ).one()
    return Figures(
        programme=programme,
        release=db.session.scalar(
            select(Release).where(Release.programme_id == id).order_by(Release.number.desc()).limit(1)
        ),
        registered=states[0],
        unconfirmed=states[1],
        recent=states[2],
        chosen=chosen or 0,
        waiting=waiting or 0,
        delegations=live,
        requested=requested,
        rounds=_occupancy(id),
    )


def _occupancy(programme_id: int) -> tuple[Occupancy, ...]:
    picture = current_picture(programme_id)
    if picture is None or not picture.rounds:
        return ()
    rows = offered(programme_id)
    return tuple(
        Occupancy(round, tuple(_cell(session, rows[session.id]) for session in round.sessions))
        for round in picture.rounds
    )


def _cell(session: SessionPicture, row: OfferedSession) -> Cell:
    share = None if row.capacity is None else round(100 * row.taken / row.capacity) if row.capacity else 100
    return Cell(session, row.taken, row.capacity, row.waiting, share)


def _by_programme(query, column) -> dict[int, int]:  # type: ignore[no-untyped-def]
    return dict(db.session.execute(query.group_by(column)).all())
