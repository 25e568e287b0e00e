"""What is released is what was shown to who releases it."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.people.models import Account
from learning.programmes.models import Programme
from learning.releases.models import Release
from tests.browse import form_of, send, words_of
from tests.make import make_account, make_event, make_organiser, make_staff, release

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


def test_nothing_in_between_and_it_is_public(app: Flask, sign_in: Callable[[Account], FlaskClient]):
    desk, _event = open_desk(sign_in)
    before = released()

    assert "is openbaar" in words_of(send(desk, AT, having="name").text)
    assert released() == before + 1
