"""Partners of the network: one more year, and mails in time before a partnership ends."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from babel.dates import format_date
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.network import partners
from learning.organisations.models import Organisation, Organiser, Partnership
from learning.people.models import Account
from tests.browse import words_of
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_organisation,
    make_organiser,
    make_person,
    make_staff,
)

SignIn = Callable[[Account], FlaskClient]
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def organiser(app: Flask) -> Organiser:
    return make_organiser("kring")


@transaction()
def partner(of: Organisation, first: date, last: date | None, level: str = "") -> Partnership:
    """A partnership of it."""
    row = Partnership(
        organiser_id=of.organiser_id, organisation_id=of.id, from_on=first, until_on=last, level=level
    )
    db.session.add(row)
    db.session.flush()
    return row


def spans() -> list[tuple[date, date | None, str]]:
    """All partnerships."""
    db.session.rollback()
    query = select(Partnership.from_on, Partnership.until_on, Partnership.level).order_by(Partnership.id)
    return list(map(tuple, db.session.execute(query)))


def letters() -> list[tuple[str, str]]:
    """Template and address of every mail, the oldest first."""
    db.session.rollback()
    return list(
        map(tuple, db.session.execute(select(Message.template, Message.address).order_by(Message.id)))
    )


@pytest.mark.parametrize(
    ("last", "extended"),
    [
        (date(2026, 12, 31), date(2027, 12, 31)),
        (date(2027, 2, 28), date(2028, 2, 29)),
        (date(2028, 2, 28), date(2029, 2, 28)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (TODAY, date(2027, 11, 24)),
    ],
)
def test_one_more_year(organiser: Organiser, sign_in: SignIn, last: date, extended: date):
    editor = make_account("staf@x.example")
    make_staff(organiser, editor, "editor")
    desk, at = sign_in(editor), "/manage/kring/partnerships"
    city = make_organisation(organiser, "Ede")
    row = partner(city, date(2026, 1, 1), last)
    for page in (at, f"{at}/{row.id}"):
        assert f'value="{last}"' in desk.get(page).text
    address = f"{at}/{row.id}/extension"
    done = desk.post(address, data={"until": str(last)}, follow_redirects=True)
    assert (
        f"Ede is partner van 1 januari 2026 tot en met {format_date(extended, 'long', locale='nl')}."
        in words_of(done.text)
    )
    twice = desk.post(address, data={"until": str(last)}, follow_redirects=True)
    assert f"de laatste dag is nu {extended}" in words_of(twice.text)
    assert spans() == [(date(2026, 1, 1), extended, "")]


def test_who_was_a_partner_is_one_from_today_and_never_twice(organiser: Organiser, sign_in: SignIn):
    editor = make_account("staf@x.example")
    make_staff(organiser, editor, "editor")
    desk, at = sign_in(editor), "/manage/kring/partnerships"
    city = make_organisation(organiser, "Ede")
    row = partner(city, date(2025, 1, 1), date(2025, 12, 31), "goud")
    for _twice in range(2):
        page = desk.post(f"{at}/{row.id}/extension", data={"until": "2025-12-31"}, follow_redirects=True)
    assert "al partner, vanaf 2026-11-24" in words_of(page.text)
    assert spans() == [(date(2025, 1, 1), date(2025, 12, 31), "goud"), (TODAY, date(2027, 11, 23), "goud")]
    endless = partner(make_organisation(organiser, "Delft"), TODAY, None)
    assert "Extend" not in desk.get(f"{at}/{endless.id}").text
    words = words_of(desk.post(f"{at}/{endless.id}/extension", data={}, follow_redirects=True).text)
    assert "geen laatste dag" in words


def test_mails_before_the_end(organiser: Organiser):
    city = make_organisation(organiser, "Ede")
    make_contact(city, make_person(organiser, "Dirk"))
    make_contact(city, make_person(organiser, "Vera"), confirmed=False)
    ends = TODAY + timedelta(days=60)
    row = partner(city, date(2026, 1, 1), ends)
    followed = make_organisation(organiser, "Delft")
    make_contact(followed, make_person(organiser, "Fay"))
    partner(followed, date(2026, 1, 1), ends)
    partner(followed, ends + timedelta(days=1), None)
    sent = ("network/partnership_ends", "dirk@x.example")
    partners.remind(now=NOON - timedelta(days=1))
    assert letters() == []
    for _twice in range(2):
        partners.remind(now=NOON)
    assert letters() == [sent, ("network/partnerships_end", organiser.mail)]
    mails = list(db.session.scalars(select(Message).order_by(Message.id)))
    assert mails[0].values["until"] == "23 januari 2027"
    assert mails[0].values["reply_to"] == organiser.mail
    assert mails[1].values["lines"] == ["Ede: 23 januari 2027"]
    for days in (15, 14, 13, 0, -1):
        partners.remind(now=NOON + timedelta(days=60 - days))
    found = [mail for mail in letters() if mail == sent]
    assert len(found) == 2
    move(row, ends + timedelta(days=365))
    partners.remind(now=NOON + timedelta(days=60 + 365 - 10))
    assert len([mail for mail in letters() if mail == sent]) == 3


@transaction()
def move(row: Partnership, last: date) -> None:
    """The partnership ends on another day."""
    db.session.get_one(Partnership, row.id).until_on = last


def test_the_sweep_comes_once_a_day(app: Flask, organiser: Organiser):
    city = make_organisation(organiser, "Ede")
    partner(city, date(2026, 1, 1), TODAY + timedelta(days=30))
    with time_machine.travel(NOON, tick=False) as clock:
        partners.remind_due()
        assert len(letters()) == 1
        make_contact(city, make_person(organiser, "Dirk"))
        clock.shift(timedelta(hours=23))
        partners.remind_due()
        assert len(letters()) == 1
        clock.shift(timedelta(hours=1))
        partners.remind_due()
        assert len(letters()) == 2


def test_only_editors_extend(organiser: Organiser, sign_in: SignIn):
    row = partner(make_organisation(organiser, "Ede"), date(2026, 1, 1), date(2026, 12, 31))
    other, finance = make_account("ander@x.example"), make_account("finance@x.example")
    make_staff(make_organiser("ander"), other, "editor")
    make_staff(organiser, finance, "finance")
    for account, desk, code in ((other, "kring", 404), (other, "ander", 404), (finance, "kring", 403)):
        address = f"/manage/{desk}/partnerships/{row.id}/extension"
        assert sign_in(account).post(address, data={"until": "2026-12-31"}).status_code == code
    assert spans() == [(date(2026, 1, 1), date(2026, 12, 31), "")]
