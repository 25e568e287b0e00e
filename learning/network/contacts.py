"""Who speaks for a delegation: ending a contact, and handing its delegations over to another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from learning.delegations.models import Delegation
from learning.kit.access import not_found
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.network import contact_emails as emails
from learning.organisations.models import Organiser
from learning.organisations.rules import check_not_closed
from learning.people import contacts as people
from learning.people.contacts import contact_for
from learning.people.models import Account, Contact, Person
from learning.people.permissions import persons_of
from learning.people.tries import take_written
from learning.programmes.permissions import contacts_visible_to


def delegations_of(contact: Contact, *, ended: bool = False) -> list[Delegation]:
    """The live delegations for which this contact is contact person; with `ended` also those that are over.

    Also those of somebody with the same address who is no
    contact: whoever reads that mailbox speaks for them too.
    """
    same = select(Person.id).where(
        Person.organiser_id == contact.organiser_id, Person.mail_key == contact.person.mail_key
    )
    others = select(Contact.person_id).where(
        Contact.organisation_id == contact.organisation_id,
        Contact.id != contact.id,
        Contact.ended_at.is_(None),
    )
    alone = Delegation.contact_id.in_(same) & Delegation.contact_id.not_in(others)
    mine = or_(Delegation.contact_id == contact.person_id, alone)
    query = (
        select(Delegation)
        .where(Delegation.organisation_id == contact.organisation_id, mine)
        .order_by(Delegation.id)
    )
    return list(db.session.scalars(query if ended else query.where(Delegation.ended_at.is_(None))))


def contact_at_desk(account: Account, organiser: Organiser, id: int) -> Contact:
    """A contact that the account sees at this desk; else 404."""
    seen = contacts_visible_to(account, organiser.id).where(Contact.id == id)
    return (db.session.scalar(seen) if 0 < id < 2**31 else None) or not_found()


def my_contacts(account: Account, organisation_id: int) -> list[Contact]:
    """As whom this account speaks for the organisation, confirmed by staff; 404 when as nobody."""
    live = (
        Contact.organisation_id == organisation_id,
        Contact.confirmed_at.is_not(None),
        Contact.ended_at.is_(None),
    )
    rows = db.session.scalars(
        select(Contact).where(*live, Contact.person_id.in_(persons_of(account))).order_by(Contact.id)
    )
    mine = list(rows)
    if not mine:
        not_found()
    return mine


@transaction()
def end(contact: Contact, *, by: Account, now: datetime) -> None:
    """Somebody is no contact any more; refused while delegations have them as contact person."""
    lock(Organiser, [contact.organiser_id])
    if delegations_of(contact):
        words = N_("%(name)s is contact person of a delegation still. Hand over first.")
        raise Refusal("has_delegations", words, name=contact.person.name)
    contact = people.end(contact, now=now)
    record("ended", contact, organiser_id=contact.organiser_id, by=by.id, at=now, words=contact.person.name)


@transaction()
def hand_over(
    olds: Sequence[Contact], to: Contact | None, *, name: str = "", mail: str = "", by: Account, now: datetime
) -> Contact:
    """Another contact, or somebody new, takes over the
    delegations of these contacts of one organisation, who end.
    """
    check_not_closed(lock(Organiser, [olds[0].organiser_id])[0].closed_at)
    query = select(Contact).where(Contact.id.in_([old.id for old in olds])).order_by(Contact.id)
    olds = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for old in olds:
        if old.ended_at is not None or old.confirmed_at is None:
            raise Refusal("no_contact", N_("%(name)s is no contact any more."), name=old.person.name)
    organisation = olds[0].organisation
    new = _taking(olds, to, name, mail, by, now)
    moved: list[Delegation] = []
    for old in olds:
        # invoices of what is over go along
        rows = lock(Delegation, [row.id for row in delegations_of(old, ended=True)])
        for delegation in rows:
            delegation.contact_id = new.person_id
        people.end(old, now=now)
        for thing in (*rows, old, new):
            words = f"{old.person.name} → {new.person.name}"
            record(
                "handed over", thing, organiser_id=organisation.organiser_id, by=by.id, at=now, words=words
            )
        moved += [row for row in rows if row.ended_at is None]
    db.session.flush()
    for delegation in moved:
        db.session.expire(delegation, ["contact"])
    organiser = db.session.get_one(Organiser, organisation.organiser_id)
    take_written(new.person.mail, by=by, now=now)
    emails.taken_over(olds[0], new, moved, organiser, now=now)
    if olds[0].person.mail_key != new.person.mail_key:
        emails.handed_over(olds[0], new, organiser, now=now)
    return new


def _taking(
    olds: Sequence[Contact], to: Contact | None, name: str, mail: str, by: Account, now: datetime
) -> Contact:
    """Who takes over: a confirmed contact of the same organisation, or somebody who becomes one."""
    organisation = olds[0].organisation
    if to is None:
        to, done = contact_for(organisation, name, mail, language=organisation.language, now=now)
        if done:
            record(done, to, organiser_id=to.organiser_id, by=by.id, at=now, words=to.person.name)
    db.session.refresh(to)
    if to.organisation_id != organisation.id or to.ended_at is not None or to.confirmed_at is None:
        raise Refusal("no_contact", N_("Choose a contact of the same organisation."), "to")
    if to.id in {old.id for old in olds}:
        raise Refusal(
            "same_person",
            N_("This is the same person. Choose or name somebody else."),
            "name" if mail else "to",
        )
    return to
