"""An organisation takes part: registering, waiting for a place, staff's yes or no, and leaving.

How many take part is counted while the offered programme is locked.
"""

from datetime import datetime

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from learning.attendance.actions import leave
from learning.attendance.queries import has_dates
from learning.delegations import emails, queries
from learning.delegations.models import Delegation, Nomination
from learning.delegations.seats import give_up
from learning.kit.codes import printed_code
from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.actions import city_of
from learning.organisations.models import Organisation, Organiser
from learning.organisations.municipalities import Municipality
from learning.people.actions import person_for
from learning.people.models import Account, Contact
from learning.programmes.codes import give_code_back, use_code
from learning.programmes.happenings import Released
from learning.programmes.models import Meeting, OfferedProgramme, Programme
from learning.programmes.picture import ProgrammePicture
from learning.programmes.pricing import Agreed
from learning.programmes.queries import current_picture


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
    now: datetime,
) -> Delegation:
    """An organisation takes part, at this price, with this many seats at each meeting (None: the most).

    Requested until staff confirm, when they do not know the contact yet or say yes to each; waiting when all places of the
    programme are taken. A municipality that is new to the organiser becomes an organisation by this.
    """
    organiser_id = _organiser_id(picture)
    lock(Organiser, [organiser_id])
    organisation = _there(city) if isinstance(city, Organisation) else city_of(organiser_id, city)
    lock(OfferedProgramme, [picture.id])
    check_open(picture, now=now)
    most = picture.seats_max if seats is None else seats
    if not picture.seats_min <= most <= picture.seats_max:
        words = N_("Choose from %(min)d to %(max)d seats.")
        raise Refusal("seats", words, "seats", min=picture.seats_min, max=picture.seats_max)
    contact = person_for(organisation.organiser_id, name, account.mail, language=language, organisation_id=organisation.id)
    full = places_left(picture) == 0
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
        requested_at=now,
        confirmed_at=now if known and not full else None,
        waiting_at=now if full else None,
    )
    delegation.keep_price(price, picture.conditions_version or None)
    try:
        with attempt():
            db.session.add(delegation)
            db.session.flush()
    except IntegrityError:
        words = N_("%(organisation)s takes part already. Ask its contact person, or the organiser.")
        raise Refusal("registered_already", words, "city", organisation=organisation.name) from None
    use_code(delegation.price_code_id)
    record("registered", delegation, organiser_id=delegation.organiser_id, by=account.id, at=now, words=organisation.name)
    emails.registered(delegation, now=now)
    return delegation


def check_open(picture: ProgrammePicture, *, now: datetime) -> None:
    """Refuse when no delegation can register now; the Refusal names the moment that decides."""
    if picture.cancelled:
        raise Refusal("programme_cancelled", N_("This programme is cancelled."))
    if not picture.by_delegation:
        raise Refusal("by_person", N_("People register for this programme themselves."))
    if picture.registration_opens_at is not None and now < picture.registration_opens_at:
        raise Refusal("registration_not_open", N_("Registration opens on %(opens)s."), opens=picture.registration_opens_at)
    if picture.registration_closes_at is not None and now >= picture.registration_closes_at:
        words = N_("Registration closed on %(deadline)s.")
        raise Refusal("registration_closed", words, deadline=picture.registration_closes_at)
    if not any(m.starts_at and m.starts_at > now and not m.cancelled for m in picture.meetings):
        raise Refusal("no_dates", N_("No dates are available at the moment."))


def places_left(picture: ProgrammePicture) -> int | None:
    """How many more organisations can take part; None without a limit. Who waits already goes before who comes now."""
    if picture.delegations_max is None:
        return None
    live = (Delegation.programme_id == picture.id, Delegation.ended_at.is_(None))
    query = select(Delegation.waiting_at.is_not(None), func.count()).where(*live).group_by(Delegation.waiting_at.is_not(None))
    counts = {bool(row[0]): row[1] for row in db.session.execute(query)}
    return 0 if counts.get(True) else max(picture.delegations_max - counts.get(False, 0), 0)


def _there(city: Organisation) -> Organisation:
    """The organisation as it is now; refused when it became part of another one a moment ago."""
    query = select(Organisation).where(Organisation.id.in_(inspect(city).identity or ()))
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise Refusal("merged", N_("This organisation became part of another one a moment ago. Enter its name again."), "city")
    return found


def _organiser_id(picture: ProgrammePicture) -> int:
    return db.session.get_one(Programme, picture.id).organiser_id


@transaction()
def confirm(delegation: Delegation, *, by: Account, now: datetime) -> None:
    """Staff say yes and know the contact person: the delegation counts, and the contact speaks for the organisation."""
    lock(Organiser, [delegation.organiser_id])
    [delegation] = lock(Delegation, [delegation.id])
    if delegation.ended_at is not None:
        raise Refusal("delegation_ended", N_("This delegation has ended."))
    if delegation.confirmed_at is not None:
        raise Refusal("confirmed_already", N_("This delegation is confirmed already."))
    if delegation.waiting_at is not None:
        words = N_("It waits: all places are taken. Let another one end, or publish a higher number first.")
        raise Refusal("waits", words)
    delegation.confirmed_at = now
    ids = {"organisation_id": delegation.organisation_id, "person_id": delegation.contact_id}
    contact = db.session.scalar(select(Contact).filter_by(**ids).execution_options(populate_existing=True))
    if contact is None:
        contact = Contact(organiser_id=delegation.organiser_id, **ids)
        db.session.add(contact)
    contact.confirmed_at, contact.ended_at = contact.confirmed_at or now, None
    db.session.flush()
    record("confirmed", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now)
    emails.confirmed(delegation, now=now)


@transaction()
def end(delegation: Delegation, *, reason: str, words: str = "", by: Account, now: datetime) -> None:
    """The organisation takes no part any more (`withdrawn`, `refused`): who was sent to what is still to come is told.

    What was is kept. The place goes to who waits first. `words` are the organiser's own, for the contact person.
    """
    [delegation] = lock(Delegation, [delegation.id])
    if delegation.ended_at is not None:
        raise Refusal("delegation_ended", N_("This delegation has ended."))
    delegation.ended_at, delegation.end_reason = now, reason
    of_programme = (Meeting.programme_id == delegation.programme_id, Meeting.starts_at.is_(None) | (Meeting.starts_at > now))
    coming = list(db.session.scalars(select(Meeting.id).where(*of_programme)))
    lock(Meeting, coming)
    running = (Nomination.delegation_id == delegation.id, Nomination.ended_at.is_(None), Nomination.meeting_id.in_(coming))
    for nomination in db.session.scalars(select(Nomination).where(*running).order_by(Nomination.id)).all():
        nomination.ended_at, nomination.end_reason = now, "withdrawn"
        db.session.flush()
        leave(nomination.registration, nomination.meeting_id, now=now)
        emails.not_needed(nomination, now=now)
    give_up(delegation, coming, now=now)
    record(reason, delegation, organiser_id=delegation.organiser_id, by=by.id, at=now, words=delegation.title)
    emails.ended(delegation, words, now=now)
    fill_places(delegation.programme_id, now=now)
    if delegation.confirmed_at is None:
        give_code_back(delegation.price_code_id)


@transaction()
def take_back(delegation: Delegation, *, by: Account, now: datetime) -> None:
    """The contact person takes the request back; what counts already is ended by the organiser, for it may be owed."""
    [delegation] = lock(Delegation, [delegation.id])
    if delegation.confirmed_at is not None:
        raise Refusal("counts", N_("This delegation counts already. Ask the organiser to end it."))
    end(delegation, reason="withdrawn", by=by, now=now)


@transaction()
def fill_places(programme_id: int, *, now: datetime) -> None:
    """Who waits longest gets a place that is free: counting at once, or when staff say yes. The contact person is told."""
    lock(OfferedProgramme, [programme_id])
    picture = current_picture(programme_id)
    if picture is None or picture.cancelled or not has_dates(picture, now=now):
        return
    live = (Delegation.programme_id == programme_id, Delegation.ended_at.is_(None))
    taken = db.session.scalar(select(func.count()).where(*live, Delegation.waiting_at.is_(None))) or 0
    waiting = select(Delegation).where(*live, Delegation.waiting_at.is_not(None))
    most = picture.delegations_max
    line = waiting.order_by(Delegation.waiting_at, Delegation.id).limit(None if most is None else max(most - taken, 0))
    for delegation in list(db.session.scalars(line)):
        delegation.waiting_at = None
        known = queries.is_known_contact(delegation.contact_id, delegation.organisation_id)
        if known and not picture.delegations_approved:
            delegation.confirmed_at = now
        db.session.flush()
        record("moved up", delegation, organiser_id=delegation.organiser_id, by=None, at=now)
        emails.place(delegation, now=now)


def follow_release(happening: Released) -> None:
    """More organisations may take part by this release than before."""
    fill_places(happening.programme_id, now=happening.now)
