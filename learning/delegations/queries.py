"""What a contact person and the desk see of delegations."""

from dataclasses import dataclass
from datetime import datetime

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from learning.attendance.models import Registration
from learning.delegations.models import Delegation, Nomination
from learning.delegations.permissions import delegations_visible_to
from learning.delegations.rules import missing
from learning.kit.access import not_found
from learning.kit.db import db
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account, Contact, Person
from learning.people.permissions import persons_of
from learning.people.queries import Card
from learning.people.rules import fold
from learning.programmes.models import Meeting, OfferedProgramme, Programme
from learning.programmes.picture import MeetingPicture, ProgrammePicture
from learning.programmes.queries import current_picture, picture_of_release

LOADS = (
    joinedload(Delegation.organisation),
    joinedload(Delegation.contact),
    joinedload(Delegation.programme).joinedload(Programme.organiser),
)


def delegation_for(account: Account, id: int) -> Delegation:
    """The delegation, if this account acts for it; else 404."""
    delegation = db.session.scalar(delegations_visible_to(account).where(Delegation.id == id).options(*LOADS))
    if delegation is None:
        not_found()
    return delegation


def nomination_for(account: Account, id: int) -> Nomination:
    """A nomination, running or ended, of a delegation for which this account acts; else 404."""
    nomination = db.session.scalar(select(Nomination).where(Nomination.id == id).options(joinedload(Nomination.person)))
    if nomination is None:
        not_found()
    delegation_for(account, nomination.delegation_id)
    return nomination


def is_contact(account: Account, organisation_id: int) -> bool:
    """Staff confirmed that this account speaks for the organisation."""
    confirmed = (Contact.confirmed_at.is_not(None), Contact.ended_at.is_(None), Contact.organisation_id == organisation_id)
    return db.session.scalar(select(Contact.id).where(*confirmed, Contact.person_id.in_(persons_of(account)))) is not None


def live_delegation(programme_id: int, organisation_id: int) -> Delegation | None:
    """The delegation of this organisation in this programme that has not ended."""
    mine = (Delegation.programme_id == programme_id, Delegation.organisation_id == organisation_id)
    return db.session.scalar(select(Delegation).where(*mine, Delegation.ended_at.is_(None)))


@dataclass(frozen=True)
class MeetingBoard:
    """One meeting as the delegation sees it."""

    meeting: MeetingPicture
    running: tuple[Nomination, ...]
    ended: tuple[Nomination, ...]
    free: int
    wanted: int
    over: bool
    closed: bool
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
        return sum(len(board.running) for board in self.meetings if board.over and not board.meeting.cancelled)

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
    meetings = tuple(_meeting(meeting, nominations, delegation, now) for meeting in picture.meetings)
    went: dict[tuple[str, str, int], list[str]] = {}
    for place, board in enumerate(meetings):
        for nomination in (*board.ended, *board.running):
            person = nomination.person
            row = went.setdefault((person.sort_key, person.name, person.id), [""] * len(meetings))
            row[place] = state_of(nomination, over=board.over)
    people = [(name, states) for (_key, name, _id), states in sorted(went.items())]
    return DelegationBoard(delegation, picture, meetings, people)


def state_of(nomination: Nomination, *, over: bool = False) -> str:
    """`comes` when the person said so, `sent` when not yet, `was` when the meeting is over; `declined`, or else `ended`."""
    if over and nomination.ended_at is None:
        return "was"
    if nomination.ended_at is not None:
        return "declined" if nomination.end_reason == "declined" else "ended"
    return "comes" if nomination.accepted_at is not None else "sent"


def recent_colleagues(delegation: Delegation, meeting_id: int, *, most: int = 12) -> list[Person]:
    """People whom this organisation sent before and does not send to this meeting, the latest first."""
    here = select(Nomination.person_id).where(Nomination.meeting_id == meeting_id, Nomination.ended_at.is_(None))
    ours = select(Nomination.person_id, func.max(Nomination.id).label("last")).join(
        Delegation, Delegation.id == Nomination.delegation_id
    )
    last = ours.where(Delegation.organisation_id == delegation.organisation_id).group_by(Nomination.person_id).subquery()
    query = select(Person).join(last, last.c.person_id == Person.id).where(Person.id.not_in(here))
    return list(db.session.scalars(query.order_by(last.c.last.desc()).limit(most)))


def invitations_of(registration: Registration) -> list[tuple[Nomination, MeetingPicture, str]]:
    """The meetings to which somebody is sent, each with the name of the organisation that sends them."""
    picture = current_picture(registration.programme_id)
    query = (
        select(Nomination, Organisation.name)
        .join(Delegation, Delegation.id == Nomination.delegation_id)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(Nomination.registration_id == registration.id, Nomination.ended_at.is_(None))
        .order_by(Nomination.id)
    )
    meetings = picture.meeting if picture else {}
    return [(row, meetings[row.meeting_id], name) for row, name in db.session.execute(query) if row.meeting_id in meetings]


def _meeting(meeting: MeetingPicture, nominations: list[Nomination], delegation: Delegation, now: datetime) -> MeetingBoard:
    here = [nomination for nomination in nominations if nomination.meeting_id == meeting.id]
    running = tuple(nomination for nomination in here if nomination.ended_at is None)
    closes = meeting.nominations_close_at
    over = meeting.starts_at is not None and meeting.starts_at <= now
    names = {nomination.id: nomination.person.name for nomination in here}
    return MeetingBoard(
        meeting=meeting,
        running=running,
        ended=tuple(nomination for nomination in here if nomination.ended_at is not None),
        free=max(delegation.seats_max - len(running), 0),
        wanted=missing(len(running), delegation.seats_min),
        over=over,
        closed=over or meeting.cancelled or (closes is not None and closes <= now),
        stood_in_for={n.id: names[n.substitute_for_id] for n in here if n.substitute_for_id in names},
    )


@dataclass(frozen=True)
class Cell:
    """One delegation at one meeting: how many it sends, how many of them said to come, and how many declined."""

    sent: int = 0
    comes: int = 0
    declined: int = 0


@dataclass(frozen=True)
class DeskLine:
    """A delegation in the matrix of the desk: its cell for each meeting."""

    delegation: Delegation
    cells: dict[int, Cell]


def desk_lines(programme: Programme, *, search: str) -> list[DeskLine]:
    """The delegations of a programme whose name or contact holds every word of `search`."""
    query = (
        select(Delegation)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(Delegation.programme_id == programme.id, Delegation.ended_at.is_(None))
        .options(contains_eager(Delegation.organisation), joinedload(Delegation.contact))
        .order_by(Organisation.sort_key, Delegation.id)
    )
    running = Nomination.ended_at.is_(None)
    counts = (
        func.sum(case((running, 1), else_=0)),
        func.sum(case((running & Nomination.accepted_at.is_not(None), 1), else_=0)),
        func.sum(case((Nomination.end_reason == "declined", 1), else_=0)),
    )
    of = select(Nomination.delegation_id, Nomination.meeting_id, *counts).where(Nomination.programme_id == programme.id)
    cells = {
        (delegation_id, meeting_id): Cell(*map(int, numbers))
        for delegation_id, meeting_id, *numbers in db.session.execute(
            of.group_by(Nomination.delegation_id, Nomination.meeting_id)
        )
    }
    meetings = list(db.session.scalars(select(Meeting.id).where(Meeting.programme_id == programme.id)))
    words = fold(search).split()
    return [
        DeskLine(row, {id: cells.get((row.id, id), Cell()) for id in meetings})
        for row in db.session.scalars(query)
        if all(word in fold(f"{row.organisation.name} {row.contact.name} {row.contact.mail}") for word in words)
    ]


def programme_at_desk(organiser: Organiser, slug: str) -> Programme:
    """A programme of this organiser with its meetings; 404 when it has none by that name."""
    mine = (Programme.organiser_id == organiser.id, Programme.slug == slug)
    programme = db.session.scalar(select(Programme).where(*mine).options(selectinload(Programme.meetings)))
    if programme is None:
        not_found()
    return programme


def delegation_at_desk(organiser: Organiser, id: int) -> Delegation:
    """A delegation in a programme of this organiser; else 404."""
    mine = (Delegation.id == id, Delegation.organiser_id == organiser.id)
    delegation = db.session.scalar(select(Delegation).where(*mine).options(*LOADS))
    if delegation is None:
        not_found()
    return delegation


def home_cards(account: Account) -> list[Card]:
    """The delegations of an account, as cards on its own page."""
    query = (
        delegations_visible_to(account)
        .join(OfferedProgramme, OfferedProgramme.id == Delegation.programme_id)
        .add_columns(OfferedProgramme.release_id, OfferedProgramme.cleaned)
        .options(joinedload(Delegation.organisation))
        .order_by(Delegation.id.desc())
    )
    cards = []
    for delegation, release_id, cleaned in db.session.execute(query):
        title = picture_of_release(release_id, cleaned).title
        cards.append(
            Card(
                title=title.pick(g.lang),
                text=_("Delegation of %(organisation)s", organisation=delegation.organisation.name),
                url=url_for("delegations.show", id=delegation.id),
                badge=_("Confirmed") if delegation.confirmed_at else _("Requested"),
                lang=title.lang(g.lang),
            )
        )
    return cards
