"""Contacts of organisations: who speaks for one, how they come to know it, and until when."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from learning.kit.clock import local
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent, record
from learning.kit.wording import N_
from learning.organisations.models import Organisation, Organiser
from learning.organisations.queries import check_open_organiser
from learning.people import emails
from learning.people.actions import person_for
from learning.people.models import Account, Contact
from learning.people.tries import take_written

PAUSE = timedelta(hours=1)  # between two invitations


@transaction()
def contact_for(
    organisation: Organisation, name: str, mail: str, *, language: str, now: datetime
) -> tuple[Contact, str]:
    """The confirmed contact with this name and address, and what
    was done: made, confirmed, brought back, or nothing ("").
    """
    lock(Organiser, [organisation.organiser_id])
    ids = {"organiser_id": organisation.organiser_id, "organisation_id": organisation.id}
    person = person_for(ids["organiser_id"], name, mail, language=language, organisation_id=organisation.id)
    contact = db.session.scalar(
        select(Contact).filter_by(**ids, person_id=person.id).execution_options(populate_existing=True)
    )
    if contact is None:
        contact, done = Contact(**ids, person_id=person.id, confirmed_at=now), "made"
        db.session.add(contact)
    elif contact.ended_at is not None:
        contact.confirmed_at, contact.invited_at, contact.ended_at, done = now, None, None, "brought back"
    elif contact.confirmed_at is None:
        contact.confirmed_at, done = now, "confirmed"
    else:
        done = ""
    db.session.flush()
    return contact, done


def check_new(contact: Contact, done: str) -> None:
    """Refuse when somebody was a contact already."""
    if not done:
        words = N_("%(name)s is a contact of %(organisation)s already.")
        raise Refusal(
            "contact_already", words, "name", name=contact.person.name, organisation=contact.organisation.name
        )


@transaction()
def appoint(
    organisation: Organisation, name: str, mail: str, *, language: str, by: Account, now: datetime
) -> Contact:
    """Somebody speaks for the organisation from now on, and gets a mail that says so."""
    check_open_organiser(organisation.organiser_id)
    contact, done = contact_for(organisation, name, mail, language=language, now=now)
    check_new(contact, done)
    record(done, contact, organiser_id=contact.organiser_id, by=by.id, at=now, words=contact.person.name)
    invite(contact, by=by, now=now)
    return contact


@transaction()
def confirm(contact: Contact, *, by: Account, now: datetime) -> None:
    """Staff know who was asked for or had ended: they speak for the organisation from now on."""
    person = contact.person
    known, done = contact_for(
        contact.organisation, person.name, person.mail, language=person.language, now=now
    )
    check_new(known, done)
    record(done, known, organiser_id=known.organiser_id, by=by.id, at=now, words=person.name)


@transaction()
def invite(contact: Contact, *, by: Account, now: datetime) -> None:
    """Mail a contact what they can do and where; not twice in an hour."""
    contact = _held(contact)
    if contact.ended_at is not None or contact.confirmed_at is None:
        raise Refusal("no_contact", N_("Only a confirmed contact can be invited."))
    if contact.invited_at is not None and now < contact.invited_at + PAUSE:
        words = N_("%(name)s was invited at %(time)s already. Wait an hour before you send it again.")
        time = local(contact.invited_at).strftime("%H:%M")
        raise Refusal("invited_already", words, name=contact.person.name, time=time)
    contact.invited_at = now
    record("invited", contact, organiser_id=contact.organiser_id, by=by.id, at=now, words=contact.person.name)
    take_written(contact.person.mail, by=by, now=now)
    emails.contact_invited(contact, db.session.get_one(Organiser, contact.organiser_id), now=now)


@transaction()
def end(contact: Contact, *, now: datetime) -> Contact:
    """Somebody does not speak for the organisation any more."""
    contact = _held(contact)
    if contact.ended_at is not None:
        raise Refusal(
            "ended_already", N_("%(name)s is no contact any more already."), name=contact.person.name
        )
    contact.ended_at = now
    db.session.flush()
    return contact


def contacts_of(organisation_id: int) -> list[Contact]:
    """Who speaks for an organisation now, by name."""
    live = (
        Contact.organisation_id == organisation_id,
        Contact.confirmed_at.is_not(None),
        Contact.ended_at.is_(None),
    )
    rows = db.session.scalars(select(Contact).where(*live).options(joinedload(Contact.person)))
    return sorted(rows, key=lambda row: (row.person.sort_key, row.id))


def trail_of(contact: Contact) -> list[tuple[AuditEvent, str]]:
    """What happened to a contact, each with who did it, the latest first."""
    mine = (
        AuditEvent.organiser_id == contact.organiser_id,
        AuditEvent.thing == "contact",
        AuditEvent.thing_id == contact.id,
    )
    query = select(AuditEvent, Account.name, Account.mail).outerjoin(
        Account, Account.id == AuditEvent.account_id
    )
    found = db.session.execute(query.where(*mine).order_by(AuditEvent.id.desc()))
    return [(event, name or mail or "") for event, name, mail in found]


def _held(contact: Contact) -> Contact:
    lock(Organiser, [contact.organiser_id])
    return db.session.get_one(Contact, contact.id, populate_existing=True)
