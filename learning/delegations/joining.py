"""An organisation takes part: registering, waiting for a place, staff's yes or no, and leaving.

How many take part is counted while the offered programme is locked.
"""

from datetime import datetime

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from learning.attendance.actions import leave
from learning.attendance.queries import has_dates
from learning.delegations import board, emails, queries, standing
from learning.delegations.models import Delegation, DelegationRequest, Nomination
from learning.delegations.passing_on import give_up
from learning.delegations.rules import check_requests
from learning.kit.codes import printed_code
from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.names import check_reference
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.actions import city_of
from learning.organisations.models import Organisation, Organiser
from learning.organisations.municipalities import Municipality
from learning.organisations.queries import check_open_organiser
from learning.people.actions import confirm_person, person_for
from learning.people.models import Account, Contact
from learning.prices.codes import give_code_back, use_code
from learning.prices.rules import Agreed
from learning.releases.happenings import Released
from learning.releases.models import OfferedProgramme
from learning.releases.picture import ProgrammePicture
from learning.releases.places import hold as hold_meetings
from learning.releases.queries import current_picture, organiser_id_of


@transaction()
def register_delegation(
    picture: ProgrammePicture,
    city: Organisation | Municipality,
    *,
    account: Account,
    name: str,
    price: Agreed | None,
    order_ref: str = "",
    seats: int | None = None,
    language: str,
    asked: DelegationRequest | None = None,
    now: datetime,
) -> Delegation:
    """An organisation takes part, at this price, with this many seats at each meeting (None: the most).

    Of a stranger it is a request that holds nothing. Who has an address of the organisation, or speaks for
    it, holds a place: requested until staff confirm, when they do not know the contact yet or say yes to
    each; waiting when all places of the programme are taken. A municipality that is new to the organiser
    becomes an organisation by this. `asked` is the request whose address was confirmed a moment ago: its
    moment, seats and price are those that hold.
    """
    organiser_id = _organiser_id(picture)
    lock(Organiser, [organiser_id])
    organisation = _there(city) if isinstance(city, Organisation) else city_of(organiser_id, city)
    lock(Delegation, standing.open_requests(picture.id, organisation.id))
    lock(OfferedProgramme, [picture.id])
    since = asked.asked_at if asked is not None else now
    check_open(picture, now=now, since=since)
    most = asked.seats_max if asked is not None else picture.seats_max if seats is None else seats
    if asked is None:
        check_seats(picture, most)
    check_reference(order_ref, "order_ref")
    trusted = standing.is_trusted(account, organisation)
    if not trusted:
        check_not_there(picture.id, organisation)
        check_requests(
            standing.requests_of(account, now=now), picture.id, organisation.id, organisation.name, now=now
        )
    of = organisation.id if trusted else None  # a stranger's word makes nobody one of its people
    contact = person_for(organisation.organiser_id, name, account.mail, language=language, organisation_id=of)
    confirm_person(contact, now=now)
    full = trusted and places_left(picture) == 0
    known = queries.is_contact(account, organisation.id) and not picture.delegations_approved
    delegation = Delegation(
        organiser_id=organisation.organiser_id,
        programme_id=picture.id,
        organisation_id=organisation.id,
        contact_id=contact.id,
        code=printed_code(),
        seats_min=picture.seats_min,
        seats_max=most,
        order_ref=order_ref,
        requested_at=since,
        held_at=now if trusted else None,
        confirmed_at=now if known and not full else None,
        waiting_at=since if full else None,
    )
    delegation.keep_price(price, picture.conditions_version or None)
    if asked is not None:
        delegation.take_price(asked)
    try:
        with attempt():
            db.session.add(delegation)
            db.session.flush()
    except IntegrityError:
        raise _there_already(organisation) from None
    if trusted:
        use_code(delegation.price_code_id)
    record(
        "registered",
        delegation,
        organiser_id=delegation.organiser_id,
        by=account.id,
        at=now,
        words=organisation.name,
    )
    emails.registered(delegation, now=now)
    if delegation.confirmed_at is not None:
        _end_others(delegation, by=account, now=now)
    return delegation


def check_seats(picture: ProgrammePicture, seats: int) -> None:
    """Refuse more or fewer seats than the programme has for each organisation."""
    if not picture.seats_min <= seats <= picture.seats_max:
        words = N_("Choose from %(min)d to %(max)d seats.")
        raise Refusal("seats", words, "seats", min=picture.seats_min, max=picture.seats_max)


def check_not_there(programme_id: int, organisation: Organisation) -> None:
    """Refuse when this organisation holds a place in the programme, or waits for one."""
    if standing.holds_place(programme_id, organisation.id):
        raise _there_already(organisation)


def _there_already(organisation: Organisation) -> Refusal:
    words = N_("%(organisation)s takes part already. Ask its contact person, or the organiser.")
    return Refusal("registered_already", words, "city", organisation=organisation.name)


def check_open(picture: ProgrammePicture, *, now: datetime, since: datetime | None = None) -> None:
    """Refuse when no delegation can register now; the Refusal names the moment that decides.

    Who asked in time, at `since`, may still confirm it when registration has closed meanwhile.
    """
    check_open_organiser(_organiser_id(picture))
    since = since or now
    if picture.cancelled:
        raise Refusal("programme_cancelled", N_("This programme is cancelled."))
    if not picture.by_delegation:
        raise Refusal("by_person", N_("People register for this programme themselves."))
    if picture.registration_opens_at is not None and since < picture.registration_opens_at:
        raise Refusal(
            "registration_not_open",
            N_("Registration opens on %(opens)s."),
            opens=picture.registration_opens_at,
        )
    if picture.registration_closes_at is not None and since >= picture.registration_closes_at:
        words = N_("Registration closed on %(deadline)s.")
        raise Refusal("registration_closed", words, deadline=picture.registration_closes_at)
    if not any(m.starts_at and m.starts_at > now and not m.cancelled for m in picture.meetings):
        raise Refusal("no_dates", N_("No dates are available at the moment."))


def places_left(picture: ProgrammePicture) -> int | None:
    """How many more organisations can take part; None without a limit.

    Who waits already goes before who comes now.

    Requests of strangers take no place.
    """
    if picture.delegations_max is None:
        return None
    live = (
        Delegation.programme_id == picture.id,
        Delegation.ended_at.is_(None),
        Delegation.held_at.is_not(None),
    )
    query = (
        select(Delegation.waiting_at.is_not(None), func.count())
        .where(*live)
        .group_by(Delegation.waiting_at.is_not(None))
    )
    counts = {bool(row[0]): row[1] for row in db.session.execute(query)}
    return 0 if counts.get(True) else max(picture.delegations_max - counts.get(False, 0), 0)


def _there(city: Organisation) -> Organisation:
    """The organisation as it is now; refused when it became part of another one a moment ago."""
    query = select(Organisation).where(Organisation.id.in_(inspect(city).identity or ()))
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Refusal(
            "merged",
            N_("This organisation became part of another one a moment ago. Enter its name again."),
            "city",
        )
    return found


def _organiser_id(picture: ProgrammePicture) -> int:
    return organiser_id_of(picture.id)


@transaction()
def confirm(delegation: Delegation, *, by: Account, now: datetime) -> None:
    """Staff say yes and know the contact person: the delegation
    counts, and the contact speaks for the organisation.

    A request gets a place by this, or the one in the line that it has by its moment when all
    places are taken. Other requests for the same organisation end, and who asked is told.
    """
    lock(Organiser, [delegation.organiser_id])
    others = standing.open_requests(delegation.programme_id, delegation.organisation_id)
    delegation = next(row for row in lock(Delegation, [delegation.id, *others]) if row.id == delegation.id)
    if delegation.ended_at is not None:
        raise Refusal("delegation_ended", N_("This delegation has ended."))
    if delegation.confirmed_at is not None:
        raise Refusal("confirmed_already", N_("This delegation is confirmed already."))
    if delegation.waiting_at is not None:
        words = N_("It waits: all places are taken. Let another one end, or publish a higher number first.")
        raise Refusal("waits", words)
    if delegation.held_at is None:
        _give_place(delegation, now=now)
    if delegation.waiting_at is None:
        delegation.confirmed_at = now
    delegation.contact.organisation_id = delegation.contact.organisation_id or delegation.organisation_id
    ids = {"organisation_id": delegation.organisation_id, "person_id": delegation.contact_id}
    contact = db.session.scalar(select(Contact).filter_by(**ids).execution_options(populate_existing=True))
    if contact is None:
        contact = Contact(organiser_id=delegation.organiser_id, **ids)
        db.session.add(contact)
    contact.confirmed_at, contact.ended_at = contact.confirmed_at or now, None
    db.session.flush()
    record("confirmed", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now)
    if delegation.confirmed_at is not None:
        emails.confirmed(delegation, now=now)
    else:
        emails.registered(delegation, now=now)
    _end_others(delegation, by=by, now=now)


def _give_place(delegation: Delegation, *, now: datetime) -> None:
    """A request holds a place from now on, or waits for one in
    the order of asking; refused when the organisation is there.
    """
    lock(OfferedProgramme, [delegation.programme_id])
    picture = current_picture(delegation.programme_id)
    full = picture is not None and places_left(picture) == 0
    try:
        with attempt():
            delegation.held_at = delegation.approved_at = now
            delegation.waiting_at = delegation.requested_at if full else None
            db.session.flush()
    except IntegrityError:
        words = N_("%(organisation)s takes part already by another request. Say no to one of the two first.")
        raise Refusal("there_already", words, organisation=delegation.title) from None
    use_code(delegation.price_code_id)


def _end_others(delegation: Delegation, *, by: Account, now: datetime) -> None:
    """Other requests for this organisation, which are
    locked, end now that it takes part; who asked is told.
    """
    others = standing.open_requests(delegation.programme_id, delegation.organisation_id, delegation.came_from)
    for other in lock(Delegation, [id for id in others if id != delegation.id]):
        other.ended_at, other.end_reason = now, "other"
        db.session.flush()
        record("refused", other, organiser_id=other.organiser_id, by=by.id, at=now, words=other.title)
        emails.other_chosen(other, now=now)


@transaction()
def end(delegation: Delegation, *, reason: str, words: str = "", by: Account, now: datetime) -> None:
    """The organisation takes no part any more (`withdrawn`,
    `refused`): who was sent to what is still to come is told.

    What was is kept. The place goes to who waits first.
    `words` are the organiser's own, for the contact person.
    """
    [delegation] = lock(Delegation, [delegation.id])
    if delegation.ended_at is not None:
        raise Refusal("delegation_ended", N_("This delegation has ended."))
    delegation.ended_at, delegation.end_reason = now, reason
    coming = _coming(delegation, now=now)
    hold_meetings(coming)
    running = (
        Nomination.delegation_id == delegation.id,
        Nomination.ended_at.is_(None),
        Nomination.meeting_id.in_(coming),
    )
    for nomination in db.session.scalars(select(Nomination).where(*running).order_by(Nomination.id)).all():
        nomination.ended_at, nomination.end_reason = now, "withdrawn"
        db.session.flush()
        leave(nomination.registration, nomination.meeting_id, now=now)
        emails.not_needed(nomination, now=now)
    give_up(delegation, coming, now=now)
    record(reason, delegation, organiser_id=delegation.organiser_id, by=by.id, at=now, words=delegation.title)
    emails.ended(delegation, words, now=now)
    fill_places(delegation.programme_id, now=now)
    if delegation.confirmed_at is None and delegation.held_at is not None:
        give_code_back(delegation.price_code_id)


def _coming(delegation: Delegation, *, now: datetime) -> set[int]:
    """The meetings that have not begun: those that are released, and others to which people were sent."""
    picture = current_picture(delegation.programme_id)
    sent = select(Nomination.meeting_id).where(
        Nomination.delegation_id == delegation.id, Nomination.ended_at.is_(None)
    )
    return (set(picture.meeting if picture else ()) | set(db.session.scalars(sent))) - board.begun(
        picture, now=now
    )


@transaction()
def take_back(delegation: Delegation, *, by: Account, now: datetime) -> None:
    """The contact person takes the request back; what counts
    already is ended by the organiser, for it may be owed.
    """
    [delegation] = lock(Delegation, [delegation.id])
    if delegation.confirmed_at is not None:
        raise Refusal("counts", N_("This delegation counts already. Ask the organiser to end it."))
    end(delegation, reason="withdrawn", by=by, now=now)


@transaction()
def fill_places(programme_id: int, *, now: datetime) -> None:
    """Who waits longest gets a place that is free: counting at once, or when staff say yes.

    The contact person is told.
    """
    lock(OfferedProgramme, [programme_id])
    picture = current_picture(programme_id)
    if picture is None or picture.cancelled or not has_dates(picture, now=now):
        return
    live = (
        Delegation.programme_id == programme_id,
        Delegation.ended_at.is_(None),
        Delegation.held_at.is_not(None),
    )
    taken = db.session.scalar(select(func.count()).where(*live, Delegation.waiting_at.is_(None))) or 0
    waiting = select(Delegation).where(*live, Delegation.waiting_at.is_not(None))
    most = picture.delegations_max
    line = waiting.order_by(Delegation.waiting_at, Delegation.id).limit(
        None if most is None else max(most - taken, 0)
    )
    for delegation in list(db.session.scalars(line)):
        delegation.waiting_at = None
        known = queries.is_known_contact(delegation.contact_id, delegation.organisation_id)
        if delegation.approved_at is not None or (known and not picture.delegations_approved):
            delegation.confirmed_at = now
        db.session.flush()
        record("moved up", delegation, organiser_id=delegation.organiser_id, by=None, at=now)
        emails.place(delegation, now=now)


def follow_release(happening: Released) -> None:
    """More organisations may take part by this release than before."""
    fill_places(happening.programme_id, now=happening.now)
