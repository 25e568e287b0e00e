"""What is released is what was shown to who releases it."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.mail.models import Message
from learning.people.models import Account
from learning.programmes.models import Programme
from learning.releases.models import Release
from tests.browse import form_of, send, words_of
from tests.counted import counted
from tests.make import (
    DAY,
    make_account,
    make_event,
    make_organiser,
    make_registration,
    make_staff,
    release,
)

AT = "/manage/kring/programmes/the-day/releases"


@transaction()
def retitle(programme: Programme, title: str) -> None:
    """A colleague changes a session at the desk."""
    workshop = db.session.get_one(Programme, programme.id).rounds[0].sessions[0].workshop
    workshop.title = Wording(title, title)


def released() -> int:
    """How many releases there are."""
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(Release)).one()


def open_desk(sign_in: Callable[[Account], FlaskClient]) -> tuple[FlaskClient, Programme]:
    """Who may release, at an event that was released once and changed since."""
    organiser = make_organiser("kring")
    event = make_event(organiser, slug="the-day")
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    retitle(event, "Een nieuwe naam")
    return sign_in(account), event


def test_a_change_between_looking_and_releasing_is_shown_before_it_is_public(
    app: Flask, sign_in: Callable[[Account], FlaskClient]
):
    desk, event = open_desk(sign_in)
    looked = desk.get(AT).text
    assert "Een nieuwe naam" in words_of(looked)
    before = released()
    typed = {
        **form_of(looked, having="name")["values"],
        "name": "Versie voor iedereen",
        "note": "Wie en waar",
    }
    retitle(event, "Nog iets anders")

    refused = desk.post(AT, data=typed)

    assert (refused.status_code, released()) == (409, before)
    words = words_of(refused.text)
    assert "Iemand wijzigde dit terwijl je bezig was." in words
    assert "Nog iets anders" in words
    again = form_of(refused.text, having="name")["values"]
    assert (again["name"], again["note"].strip()) == ("Versie voor iedereen", "Wie en waar")
    assert "is openbaar" in words_of(desk.post(AT, data=again, follow_redirects=True).text)
    assert released() == before + 1


def test_a_release_of_a_colleague_meanwhile_is_shown_first_too(
    app: Flask, sign_in: Callable[[Account], FlaskClient]
):
    desk, event = open_desk(sign_in)
    typed = form_of(desk.get(AT).text, having="name")["values"]
    release(event)
    before = released()

    assert desk.post(AT, data=typed).status_code == 409
    assert released() == before


def test_telling_many_asks_the_database_as_often_as_telling_two(app: Flask):
    asked = []
    for people in (2, 9):
        event = make_event(slug=f"dag-{people}")
        for n in range(people):
            make_registration(event, f"P{n}")
        put_off(event)
        with counted() as found:
            release(event)
        asked.append(len(found.statements))

    assert asked[0] == asked[1]
    told = select(func.count()).where(Message.template == "schedules/changed")
    assert db.session.scalar(told) == 2 + 9


@transaction()
def put_off(programme: Programme) -> None:
    """The day begins and ends later."""
    meeting = db.session.get_one(Programme, programme.id).meetings[0]
    meeting.on = DAY + timedelta(days=7)
    meeting.starts_at, meeting.ends_at = None, None


def test_nothing_in_between_and_it_is_public(app: Flask, sign_in: Callable[[Account], FlaskClient]):
    desk, _event = open_desk(sign_in)
    before = released()

    assert "is openbaar" in words_of(send(desk, AT, having="name").text)
    assert released() == before + 1
