"""Persons, tries within bounds, links that work once."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from learning.kit import clock
from learning.kit.codes import token_hash
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.mail.models import Message
from learning.people import actions, sign_ins
from learning.people.models import Account, Person, SignIn, SignInLink, Throttle
from tests.make import make_organiser, make_sign_in

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_person_is_found_again_by_address_and_name_and_not_changed(app: Flask) -> None:
    organiser = make_organiser()
    ann = actions.person_for(organiser.id, "Ann van Dijk", "ann@x.example", language="nl", affiliation="City")
    again = actions.person_for(
        organiser.id, "ANN van dijk", "Ann@X.example", language="en", affiliation="Other"
    )
    bob = actions.person_for(organiser.id, "Bob", "ann@x.example", language="nl")

    assert (again.id, again.name, again.language, again.affiliation) == (ann.id, "Ann van Dijk", "nl", "City")
    assert bob.id != ann.id
    assert db.session.query(Person).count() == 2


def test_after_the_limit_one_waits_until_the_window_is_over(app: Flask) -> None:
    for _ in range(3):
        actions.throttle("door", 3, HOUR, NOON)
    with pytest.raises(Refusal) as refused:
        actions.throttle("door", 3, HOUR, NOON + timedelta(minutes=59))
    actions.throttle("other door", 3, HOUR, NOON)
    actions.throttle("door", 3, HOUR, NOON + HOUR)

    assert refused.value.code == "too_often"
    rows = db.session.execute(select(Throttle.key, Throttle.count).order_by(Throttle.key)).all()
    assert [tuple(row) for row in rows] == [("door", 1), ("other door", 1)]


def test_a_link_signs_in_once_and_makes_the_account_of_a_person(app: Flask) -> None:
    ann = actions.person_for(make_organiser().id, "Ann", "Ann@x.example", language="en")

    @transaction()
    def confirm() -> None:
        db.session.get_one(Person, ann.id).confirmed_at = NOON

    confirm()
    actions.ask_link("ann@X.example", next_url="https://evil.example", language="nl", now=NOON)
    link = db.session.scalars(select(SignInLink)).one()
    message = db.session.scalars(select(Message)).one()
    token = message.values["sign_in_url"].rpartition("/")[2]

    account = actions.use_link(link, now=NOON + timedelta(minutes=14))
    with pytest.raises(Refusal) as refused:
        actions.use_link(link, now=NOON + timedelta(minutes=14))

    assert (account.mail, account.name, account.language) == ("Ann@x.example", "Ann", "en")
    assert (message.template, message.address, token_hash(token)) == (
        "people/sign_in_link",
        "Ann@x.example",
        link.token_hash,
    )
    assert link.next_url == ""
    assert refused.value.code == "link_used"
    assert db.session.query(Account).count() == 1


def test_a_link_is_too_old_after_fifteen_minutes(app: Flask) -> None:
    actions.person_for(make_organiser().id, "Ann", "ann@x.example", language="nl")
    actions.ask_link("ann@x.example", next_url="", language="nl", now=NOON)
    link = db.session.scalars(select(SignInLink)).one()

    with pytest.raises(Refusal) as refused:
        actions.use_link(link, now=NOON + timedelta(minutes=15))

    assert refused.value.code == "link_used"
    assert db.session.query(Account).count() == 0


def test_an_unknown_address_gets_no_mail(app: Flask) -> None:
    actions.ask_link("nobody@x.example", next_url="", language="nl", now=NOON)

    assert db.session.query(Message).count() == 0
    assert db.session.query(SignInLink).count() == 1  # the same is done


def test_a_new_password_ends_every_session_and_is_told(app: Flask) -> None:
    account = actions.account_for("ann@x.example", now=NOON)
    token = make_sign_in(account)
    actions.ask_link("ann@x.example", next_url="", language="nl", now=clock.now())
    link = db.session.scalars(select(SignInLink)).one()

    actions.set_password(account, password_hash="hash", now=NOON)

    assert sign_ins.by_token(token, now=NOON) is None
    assert account.epoch == 1  # so that no device is known any more
    with pytest.raises(Refusal):
        actions.use_link(link, now=clock.now())
    assert [m.template for m in db.session.scalars(select(Message).order_by(Message.id))] == [
        "people/sign_in_link",
        "people/password_set",
    ]


def test_old_links_and_counts_are_removed(app: Flask) -> None:
    actions.ask_link("a@x.example", next_url="", language="nl", now=NOON - timedelta(days=2))
    actions.ask_link("b@x.example", next_url="", language="nl", now=NOON)
    actions.throttle("old", 3, HOUR, NOON - timedelta(days=2))
    actions.throttle("new", 3, HOUR, NOON)
    account = actions.account_for("a@x.example", now=NOON)
    for name, ago in (("gone", timedelta(days=31)), ("here", timedelta(days=29))):
        sign_ins.start(
            account,
            sign_ins.Door(name, by_link=True, user_agent="", network=None, instead=None, now=NOON - ago),
        )

    actions.tidy(now=NOON)

    assert list(db.session.scalars(select(SignIn.token_hash))) == [token_hash("here")]

    assert list(db.session.scalars(select(SignInLink.mail))) == ["b@x.example"]
    assert list(db.session.scalars(select(Throttle.key))) == ["new"]
