"""What signing in and the own page need to know."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import or_, select

from learning.kit.access import not_found
from learning.kit.codes import token_hash
from learning.kit.db import db
from learning.kit.installation import of
from learning.organisations.models import Organiser
from learning.people.models import Account, Contact, Person, SignInLink, Staff
from learning.people.rules import mail_key


@dataclass(frozen=True)
class Card:
    """One thing on the own page of an account: where it leads and how it stands."""

    title: str
    text: str
    url: str
    badge: str = ""
    lang: str = ""


@dataclass(frozen=True)
class OwnLink:
    """A secret link that belongs to a mail address: what it is for, and the whole address."""

    words: str
    url: str


@dataclass(frozen=True)
class Desk:
    """An organiser for which an account works, and in which role."""

    organiser: Organiser
    role: str


def known_mail(mail: str) -> str | None:
    """The address as we know it, of an account or else of a person; None when nobody has it.

    A person who was only typed in a form for everybody does not
    count: one who confirmed, is a contact, or has a link here.
    """
    key = mail_key(mail)
    account = db.session.scalar(select(Account.mail).where(Account.mail_key == key))
    contact = (
        select(Contact.id).where(Contact.person_id == Person.id, Contact.confirmed_at.is_not(None)).exists()
    )
    persons = select(Person.mail).where(Person.mail_key == key).order_by(Person.id).limit(1)
    sure = db.session.scalar(persons.where(or_(Person.confirmed_at.is_not(None), contact)))
    return account or sure or (db.session.scalar(persons) if own_links(mail) else None)


def account_by_mail(mail: str) -> Account | None:
    """The account of this address."""
    return db.session.scalar(select(Account).where(Account.mail_key == mail_key(mail)))


def link_by_token(token: str) -> SignInLink:
    """The sign-in link with this token, used or not; 404 when there is none."""
    link = db.session.scalar(select(SignInLink).where(SignInLink.token_hash == token_hash(token)))
    if link is None:
        not_found()
    return link


def desks_of(account: Account) -> list[Desk]:
    """For whom this account works."""
    query = (
        select(Organiser, Staff.role)
        .join(Staff, Staff.organiser_id == Organiser.id)
        .where(Staff.account_id == account.id, Staff.ended_at.is_(None))
        .order_by(Organiser.name)
    )
    return [Desk(organiser, role) for organiser, role in db.session.execute(query)]


def home_cards(account: Account) -> list[Card]:
    """What each area has to show on the own page, in the order of the wiring."""
    return [card for provider in of(current_app).hooks.home_cards for card in provider(account)]


def own_links(mail: str) -> list[OwnLink]:
    """Every secret link of this address, of each area in
    the order of the wiring; empty when there is none.
    """
    return [link for provider in of(current_app).hooks.own_links for link in provider(mail_key(mail))]
