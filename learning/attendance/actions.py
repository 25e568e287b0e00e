"""Registering, confirming, being expected at meetings, handing over, and ending."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Update, select, update
from sqlalchemy.exc import IntegrityError

from learning.attendance import emails, queries
from learning.attendance.feeds import hold_registration, note, touch_feed
from learning.attendance.happenings import (
    ParticipationEnded,
    ParticipationHandedOver,
    RegistrationConfirmed,
    RegistrationEnded,
)
from learning.attendance.interest import organiser_of
from learning.attendance.models import Participation, Registration
from learning.attendance.rules import CONFIRM_WITHIN, check_registration_open
from learning.attendance.tokens import keep_hashes
from learning.kit import clock
from learning.kit.codes import printed_code
from learning.kit.db import attempt, db, hold, transaction
from learning.kit.errors import Refusal
from learning.kit.happenings import announce
from learning.kit.jobs import each_due
from learning.kit.names import LONGEST_ORGANISATION, check_name
from learning.kit.wording import N_
from learning.organisations.models import Organisation
from learning.organisations.queries import check_open_organiser
from learning.people.actions import confirm_person, person_for
from learning.people.models import Person
from learning.prices.codes import use_code
from learning.prices.rules import Agreed
from learning.releases import places
from learning.releases.picture import ProgrammePicture


@transaction()
def register(
    picture: ProgrammePicture,
    *,
    name: str,
    mail: str,
    affiliation: str = "",
    organisation_id: int | None = None,
    language: str,
    price: Agreed | None,
    code_id: int | None = None,
    verified: bool,
    now: datetime,
) -> Registration | None:
    """A person registers, perhaps for an organisation, at this price and by the conditions of the picture.

    With a verified address it counts at once and the registration is given. Otherwise the person
    is mailed: a link to confirm exactly this, or their own page when they were registered already.
    What was sent before stays as it is, with its own link. The code is used once it counts.
    """
    check_open(picture, now=now)
    if affiliation:
        check_name(affiliation, "affiliation", longest=LONGEST_ORGANISATION)
    if organisation_id is not None:
        _keep_there(organisation_id)
    organiser_id = organiser_of(picture)
    person = person_for(organiser_id, name, mail, language=language, affiliation=affiliation)
    counts = queries.running(picture.id, person)
    if counts is not None:
        if not verified:
            emails.registered_already(counts, picture, now=now)
        return counts if verified else None
    if not verified:
        _one_at_a_time(person)
    asked = _unsaved(picture.id, person, organisation_id=organisation_id or person.organisation_id, now=now)
    asked.keep_price(price, picture.conditions_version or None)
    asked.price_code_id = code_id
    if verified:
        return confirm(_saved(asked), now=now)
    same = next((row for row in queries.waiting(picture.id, person, now=now) if row.asks_like(asked)), None)
    registration = same or _saved(asked)
    registration.lapses_at = now + CONFIRM_WITHIN
    emails.confirm(registration, picture, language=language, now=now)
    return None


def check_open(picture: ProgrammePicture, *, now: datetime) -> None:
    """Refuse when this programme takes no registrations of persons now."""
    check_open_organiser(organiser_of(picture))
    check_registration_open(
        opens_at=picture.registration_opens_at,
        closes_at=picture.registration_closes_at,
        cancelled=picture.cancelled,
        by_delegation=picture.by_delegation,
        has_dates=queries.has_dates(picture, now=now),
        now=now,
    )


@transaction()
def register_for(
    programme_id: int,
    person: Person,
    *,
    organisation_id: int | None,
    price: Agreed | None,
    confirmed: bool,
    now: datetime,
    meeting_ids: Iterable[int] = (),
) -> Registration:
    """The registration of this person in this programme that counts, or a new one.

    `confirmed` makes it count at once; it is expected at `meeting_ids` before that is
    announced. What somebody sent for this person who did not confirm it has no part in this.
    """
    registration = queries.running(programme_id, person)
    if registration is None:
        registration = _unsaved(programme_id, person, organisation_id=organisation_id, now=now)
        registration.keep_price(price)
        _saved(registration)
    if confirmed:
        registration, fresh = _count(registration, now=now)
        for meeting_id in sorted(set(meeting_ids)):
            expect(registration, meeting_id, now=now)
        if fresh:
            announce(RegistrationConfirmed(registration, now))
    return registration


@transaction()
def confirm(registration: Registration, *, now: datetime) -> Registration:
    """The address is theirs: from now on the registration counts, at all meetings.

    Gives the one of this person that counts.

    Of what was sent for one person the first that is confirmed counts; another one changes nothing any more.
    """
    picture = queries.picture_of(registration)
    if registration.confirmed_at is None:
        check_open_organiser(registration.organiser_id)
    confirm_person(registration.person, now=now)
    registration, fresh = _count(registration, now=now)
    if fresh:
        use_code(registration.price_code_id)
        for meeting_id in queries.meeting_ids(picture):
            expect(registration, meeting_id, now=now)
        announce(RegistrationConfirmed(registration, now))
        emails.confirmed(registration, picture, now=now)
        note("registered", registration, now)
    return registration


@transaction()
def expect(registration: Registration, meeting_id: int, *, now: datetime) -> Participation:
    """Expect this registration at this meeting, on a place of its own; refuses with `meeting_full`."""
    hold_registration(registration)
    expected = _expected(registration, meeting_id)
    if expected is not None:
        return expected
    if not places.take(registration.programme_id, meeting_id):
        raise Refusal("meeting_full", N_("There are no places left at this meeting."))
    return _expect_on_that_place(registration, meeting_id, now=now)


@transaction()
def leave(registration: Registration, meeting_id: int, *, now: datetime) -> bool:
    """No longer expect this registration at this meeting: its place is free.

    False when it was not expected.
    """
    hold_registration(registration)
    expected = _expected(registration, meeting_id)
    if expected is None or not _end(expected, now=now):
        return False
    places.free(meeting_id)
    touch_feed(registration, now=now)
    announce(ParticipationEnded(registration, meeting_id, now))
    return True


@transaction()
def hand_over(
    old_registration: Registration,
    new_person: Person,
    meeting_id: int,
    *,
    organisation_id: int | None,
    now: datetime,
) -> Registration:
    """Somebody else comes to this meeting: takes over the place there, and what was held with it."""
    if new_person.id == old_registration.person_id:
        raise Refusal("same_person", N_("Choose somebody else: this person is expected already."))
    new = register_for(
        old_registration.programme_id,
        new_person,
        organisation_id=organisation_id,
        price=None,
        confirmed=True,
        now=now,
    )
    for registration in sorted((old_registration, new), key=lambda registration: registration.id):
        hold_registration(registration)
    expected = _expected(old_registration, meeting_id)
    if expected is None or not _end(expected, now=now):
        raise Refusal("not_expected", N_("This person is not expected at this meeting any more."))
    if _expected(new, meeting_id) is not None:
        raise Refusal(
            "already_expected", N_("%(name)s is expected at this meeting already."), name=new_person.name
        )
    _expect_on_that_place(new, meeting_id, now=now)
    touch_feed(old_registration, now=now)
    announce(ParticipationHandedOver(old_registration, new, meeting_id, now))
    return new


@transaction()
def end(registration: Registration, *, reason: str, now: datetime) -> bool:
    """End a registration (`withdrawn`, `lapsed`, `replaced`): its places are free.

    False when it had ended.
    """
    claim = (
        update(Registration)
        .where(Registration.id == registration.id, Registration.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
    )
    if not _changed(claim):
        return False
    db.session.refresh(registration)
    running = (Participation.registration_id == registration.id, Participation.ended_at.is_(None))
    for expected in db.session.scalars(
        select(Participation).where(*running).order_by(Participation.meeting_id)
    ):
        if _end(expected, now=now):
            places.free(expected.meeting_id)
    touch_feed(registration, now=now)
    announce(RegistrationEnded(registration, now))
    return True


@transaction()
def withdraw(registration: Registration, *, now: datetime) -> None:
    """The person comes no more; a mail says so."""
    picture = queries.picture_of(registration)
    if end(registration, reason="withdrawn", now=now):
        emails.withdrawn(registration, picture, now=now)
        note("withdrawn", registration, now)


def lapse(*, now: datetime) -> int:
    """End what was not confirmed in time; gives how many."""
    ids = db.session.scalars(select(Registration.id).where(*_late(now)).order_by(Registration.id)).all()
    return each_due("registration lapses", ids, lambda id: _lapse(id, now))


@transaction()
def _lapse(id: int, now: datetime) -> None:
    _changed(
        update(Registration)
        .where(Registration.id == id, *_late(now))
        .values(ended_at=now, end_reason="lapsed")
    )


def _late(now: datetime) -> tuple[Any, ...]:
    return (
        Registration.confirmed_at.is_(None),
        Registration.ended_at.is_(None),
        Registration.lapses_at <= now,
    )


def lapse_due() -> None:
    """What the worker does each sweep: end what was not confirmed in time."""
    lapse(now=clock.now())


def _keep_there(organisation_id: int) -> None:
    """Keep an organisation from becoming part of another one; refused when it did a moment ago."""
    query = select(Organisation.id).where(Organisation.id == organisation_id)
    if not hold(query, "keep"):
        words = N_("This organisation became part of another one a moment ago. Enter its name again.")
        raise Refusal("merged", words, "affiliation")


def _one_at_a_time(person: Person) -> None:
    """What is sent for one person at the same moment comes
    one after the other, so that the same is kept once.
    """
    hold(select(Person.id).where(Person.id == person.id))


def _unsaved(
    programme_id: int, person: Person, *, organisation_id: int | None, now: datetime
) -> Registration:
    """A new registration that nobody confirmed and that is not kept yet."""
    return Registration(
        organiser_id=person.organiser_id,
        programme_id=programme_id,
        person_id=person.id,
        organisation_id=organisation_id,
        code=printed_code(),
        token_hash=secrets.token_hex(32),  # until the id is known
        feed_hash=secrets.token_hex(32),
        feed_changed_at=now,
        made_at=now,
        lapses_at=now + CONFIRM_WITHIN,
    )


def _saved(registration: Registration) -> Registration:
    db.session.add(registration)
    db.session.flush()
    keep_hashes(registration)
    db.session.flush()
    return registration


def _count(registration: Registration, *, now: datetime) -> tuple[Registration, bool]:
    """Make the registration count; gives the one of this
    person that counts, and whether it does so from now on.

    Refuses when it lapsed or ended.
    """
    db.session.flush()
    counts = queries.running(registration.programme_id, registration.person)
    if counts is not None:
        return counts, False
    waiting = (
        Registration.confirmed_at.is_(None),
        Registration.ended_at.is_(None),
        Registration.lapses_at > now,
    )
    claim = update(Registration).where(Registration.id == registration.id, *waiting).values(confirmed_at=now)
    try:
        with attempt():
            fresh = _changed(claim)
    except IntegrityError:  # another one of this person was confirmed a moment ago
        counts = queries.running(registration.programme_id, registration.person)
        if counts is None:
            raise
        return counts, False
    db.session.refresh(registration)
    if not registration.live:
        raise Refusal("confirmation_lapsed", N_("This link works for 24 hours, and they have passed."))
    return registration, fresh


def _expected(registration: Registration, meeting_id: int) -> Participation | None:
    running = (Participation.registration_id == registration.id, Participation.ended_at.is_(None))
    return db.session.scalar(select(Participation).where(*running, Participation.meeting_id == meeting_id))


def _expect_on_that_place(registration: Registration, meeting_id: int, *, now: datetime) -> Participation:
    participation = Participation(
        programme_id=registration.programme_id,
        registration_id=registration.id,
        meeting_id=meeting_id,
        made_at=now,
    )
    db.session.add(participation)
    db.session.flush()
    touch_feed(registration, now=now)
    return participation


def _end(participation: Participation, *, now: datetime) -> bool:
    claim = update(Participation).where(
        Participation.id == participation.id, Participation.ended_at.is_(None)
    )
    ended = _changed(claim.values(ended_at=now))
    db.session.refresh(participation)
    return ended


def _changed(statement: Update) -> bool:
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount == 1)
