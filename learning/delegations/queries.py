"""What a contact person and the desk see of delegations."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager, joinedload

from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.delegations.models import (
    Delegation,
    Nomination,
    SeatMove,
    SeatRequest,
    SeatsPrice,
    SubstituteRequest,
)
from learning.delegations.permissions import (
    can_look,
    can_nominate,
    can_refer,
    delegations_at_desk,
    delegations_visible_to,
    is_theirs,
)
from learning.delegations.rules import missing
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.links import absolute
from learning.kit.money import euro
from learning.kit.wording import Wording
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account, Contact, Person
from learning.people.permissions import persons_of
from learning.people.queries import Card, OwnLink
from learning.people.rules import fold
from learning.releases.models import OfferedProgramme
from learning.releases.picture import MeetingPicture, ProgrammePicture
from learning.releases.queries import conditions_in, current_picture, picture_of_release

LOADS = (
    joinedload(Delegation.organisation),
    joinedload(Delegation.contact),
    joinedload(Delegation.organiser),
)


def delegation_for(account: Account, id: int) -> Delegation:
    """The delegation, if this account acts for it or sees its people at the desk; else 404."""
    delegation = db.session.scalar(delegations_visible_to(account).where(Delegation.id == id).options(*LOADS))
    if delegation is None:
        delegation = db.session.get(Delegation, id, options=LOADS) if 0 < id < 2**31 else None
        if delegation is None or not can_look(account, delegation):
            not_found()
    return delegation


def referred_delegation(account: Account, id: int) -> Delegation:
    """The delegation, ended or not, whose reference on invoices this account sees; else 404."""
    delegation = db.session.get(Delegation, id, options=LOADS) if 0 < id < 2**31 else None
    if delegation is None or not (can_refer(account, delegation) or can_look(account, delegation)):
        not_found()
    return delegation


def nomination_for(account: Account, id: int) -> Nomination:
    """A nomination, running or ended, of a delegation for which this account acts; else 404."""
    nomination = db.session.scalar(
        select(Nomination).where(Nomination.id == id).options(joinedload(Nomination.person))
    )
    if nomination is None:
        not_found()
    delegation_for(account, nomination.delegation_id)
    return nomination


def own_links(mail_key: str) -> list[OwnLink]:
    """Where somebody with this address says whether they come to what a city named them for."""
    running = (Nomination.ended_at.is_(None), Person.mail_key == mail_key, Registration.ended_at.is_(None))
    query = (
        select(Registration)
        .join(Nomination, Nomination.registration_id == Registration.id)
        .join(Person, Person.id == Registration.person_id)
        .where(*running, Registration.confirmed_at.is_not(None))
    )
    links = []
    for registration in db.session.scalars(query.order_by(Registration.id)).unique():
        picture = current_picture(registration.programme_id)
        if picture is not None:
            what = {"programme": picture.title.pick(g.lang), "name": registration.person.name}
            page = absolute("delegations.invitations", token=own_token(registration))
            links.append(OwnLink(_("%(programme)s, the invitation of %(name)s", **what), page))
    return links


def is_contact(account: Account, organisation_id: int) -> bool:
    """Staff confirmed that this account speaks for the organisation."""
    confirmed = (
        Contact.confirmed_at.is_not(None),
        Contact.ended_at.is_(None),
        Contact.organisation_id == organisation_id,
    )
    return (
        db.session.scalar(select(Contact.id).where(*confirmed, Contact.person_id.in_(persons_of(account))))
        is not None
    )


def is_known_contact(person_id: int, organisation_id: int) -> bool:
    """Staff confirmed that somebody with the address of this person speaks for the organisation."""
    mail = select(Person.mail_key).where(Person.id == person_id).scalar_subquery()
    confirmed = (
        Contact.confirmed_at.is_not(None),
        Contact.ended_at.is_(None),
        Contact.organisation_id == organisation_id,
    )
    query = (
        select(Contact.id)
        .join(Person, Person.id == Contact.person_id)
        .where(*confirmed, Person.mail_key == mail)
    )
    return db.session.scalar(query.limit(1)) is not None


def number_in_line(delegation: Delegation) -> int | None:
    """Which place a delegation has among those that wait
    for one in the programme; None when it does not wait.
    """
    if delegation.waiting_at is None:
        return None
    before = (Delegation.waiting_at < delegation.waiting_at) | (
        (Delegation.waiting_at == delegation.waiting_at) & (Delegation.id <= delegation.id)
    )
    line = (Delegation.programme_id == delegation.programme_id, Delegation.ended_at.is_(None), before)
    return db.session.scalar(select(func.count()).where(*line))


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


def conditions_of(delegation: Delegation) -> Wording:
    """The conditions as they read when they were accepted, as HTML; empty when there were none."""
    return conditions_in(delegation.programme_id, delegation.conditions_version)


def paid_words(delegation: SeatsPrice) -> str:
    """The agreed price in words, of all seats together; empty without one."""
    if delegation.price_amount is None:
        return ""
    if delegation.price_unit != "seat":
        return euro(delegation.price_amount, g.lang)
    total, each = euro(delegation.price_total, g.lang), euro(delegation.price_amount, g.lang)
    return _("%(total)s, %(seats)d seats at %(each)s", total=total, seats=delegation.seats_max, each=each)


def state_of(nomination: Nomination, *, over: bool = False) -> str:
    """`comes` when the person said so, `sent` when not yet,
    `was` when the meeting is over; `declined`, or else `ended`.
    """
    if over and nomination.ended_at is None:
        return "was"
    if nomination.ended_at is not None:
        return "declined" if nomination.end_reason == "declined" else "ended"
    return "comes" if nomination.accepted_at is not None else "sent"


def recent_colleagues(
    account: Account, delegation: Delegation, meeting_id: int, *, most: int = 12
) -> list[Person]:
    """People whom this organisation sent before and does not send to this meeting, the latest first.

    Its contacts see all of them, staff those who were sent to programmes that they see.
    Nobody before staff confirmed: who asks may be a stranger to the organisation.
    """
    if not can_nominate(delegation):
        return []
    here = select(Nomination.person_id).where(
        Nomination.meeting_id == meeting_id, Nomination.ended_at.is_(None)
    )
    ours = select(Nomination.person_id, func.max(Nomination.id).label("last")).join(
        Delegation, Delegation.id == Nomination.delegation_id
    )
    if not is_theirs(account, delegation):
        seen = delegations_at_desk(account, delegation.organiser_id).with_only_columns(Delegation.id)
        ours = ours.where(Delegation.id.in_(seen))
    last = (
        ours.where(Delegation.organisation_id == delegation.organisation_id)
        .group_by(Nomination.person_id)
        .subquery()
    )
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
    return [
        (row, meetings[row.meeting_id], name)
        for row, name in db.session.execute(query)
        if row.meeting_id in meetings
    ]


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


def begun(picture: ProgrammePicture | None, *, now: datetime) -> set[int]:
    """The ids of the meetings that began, as they were released."""
    meetings = picture.meetings if picture else ()
    return {m.id for m in meetings if m.starts_at is not None and m.starts_at <= now}


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
                text=_("Delegation of %(organisation)s", organisation=delegation.title),
                url=url_for("delegations.show", id=delegation.id),
                badge=_("Confirmed") if delegation.confirmed_at else _("Requested"),
                lang=title.lang(g.lang),
            )
        )
    return cards
