"""Accounts, people, staff and contacts, and who is signed in."""

from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete

from learning.kit.codes import token_hash
from learning.kit.db import db, transaction
from learning.organisations.models import Organisation, Organiser
from learning.people import sign_ins
from learning.people.actions import account_for, person_for
from learning.people.models import Account, Contact, Person, SignIn, Staff
from learning.people.rules import fold
from tests.make.rows import NOON, added


@transaction()
def make_account(mail: str = "ann@x.example", **columns: Any) -> Account:
    """An account that can sign in."""
    account = account_for(mail, now=NOON)
    for name, value in columns.items():
        setattr(account, name, value)
    return account


def make_sign_in(account: Account, browser: str = "one") -> str:
    """What the session cookie of an account holds that is
    signed in, also when months go by; each browser has its own.
    """
    token, now = f"{account.id}-{browser}", datetime(2100, 1, 1, tzinfo=UTC)
    if sign_ins.by_token(token, now=now) is None:
        _sign_in(account, token, now)
    return token


@transaction()
def _sign_in(account: Account, token: str, now: datetime) -> None:
    db.session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))
    sign_ins.start(
        account, sign_ins.Door(token, by_link=False, user_agent="", network=None, instead=None, now=now)
    )


def enter(client: FlaskClient, account: Account, browser: str = "one") -> FlaskClient:
    """Sign an account in on this browser, as its session cookie does."""
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = make_sign_in(account, browser), True
    return client


@transaction()
def make_staff(organiser: Organiser, account: Account, role: str = "admin") -> Staff:
    """The account works for the organiser, and was at the desk a moment ago, also when months go by."""
    seen = datetime(2100, 1, 1, tzinfo=UTC)
    return added(Staff(organiser_id=organiser.id, account_id=account.id, role=role, seen_at=seen))


@transaction()
def make_person(organiser: Organiser, name: str = "Ann", mail: str = "", **columns: Any) -> Person:
    """Somebody whom the organiser knows."""
    return person_for(
        organiser.id, name, mail or f"{fold(name).replace(' ', '.')}@x.example", language="nl", **columns
    )


@transaction()
def make_contact(organisation: Organisation, person: Person, *, confirmed: bool = True) -> Contact:
    """The person speaks for the organisation."""
    ids = {
        "organiser_id": organisation.organiser_id,
        "organisation_id": organisation.id,
        "person_id": person.id,
    }
    return added(Contact(**ids, confirmed_at=NOON if confirmed else None))
