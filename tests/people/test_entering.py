"""Coming in by something that works once: it is used up
together with the session that it gives, or not at all.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from learning.kit import clock
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.office.actions import offer_start
from learning.people import invitations
from learning.people.actions import ask_link
from learning.people.models import SignIn
from tests.make import make_account, make_organiser, make_staff

PAGES = {"link": "/nl/me", "invitation": "/manage/kring/", "first start": "/manage/buurtkring/beginning"}
BEGIN = {
    "name": "Ada", "mail": "ada@x.example", "organiser": "Buurtkring", "slug": "buurtkring", "plate": "BK",
    "brand_colour": "#123f8f", "accent_colour": "#c2410c", "password": "", "again": "",
}  # fmt: skip


def offered(kind: str) -> str:
    """An address that lets somebody in once."""
    now = clock.now()
    if kind == "first start":
        return f"/nl/first-start/{offer_start(now=now)}"
    organiser, admin = make_organiser("kring"), make_account("admin@x.example")
    make_staff(organiser, admin, "admin")
    if kind == "link":
        ask_link(admin.mail, next_url="/nl/me", language="nl", now=now)
        return mailed("sign_in_url")
    invitations.invite(organiser.id, "new@x.example", "Nel", "editor", language="nl", by=admin, now=now)
    return mailed("invitation_url")


def mailed(name: str) -> str:
    return urlsplit(db.session.scalars(select(Message).order_by(Message.id.desc())).first().values[name]).path  # type: ignore[union-attr]


@contextmanager
def nobody_can_come_in() -> Iterator[None]:
    """The table of sign-ins is away."""
    change("ALTER TABLE sign_in RENAME TO sign_in_away")
    yield
    change("ALTER TABLE sign_in_away RENAME TO sign_in")


@transaction()
def change(statement: str) -> None:
    db.session.execute(text(statement))


@pytest.mark.parametrize("kind", PAGES)
def test_what_could_not_sign_anybody_in_is_not_used_up(app: Flask, kind: str):
    at = offered(kind)
    data = BEGIN if kind == "first start" else {}
    with nobody_can_come_in():
        assert app.test_client().post(at, data=data).status_code >= 500
    db.session.rollback()
    browser = app.test_client()

    assert browser.post(at, data=data).location == PAGES[kind]
    assert browser.get("/nl/me").status_code == 200


@pytest.mark.parametrize("kind", PAGES)
def test_of_two_at_once_one_comes_in(app: Flask, kind: str):
    at = offered(kind)
    data = BEGIN if kind == "first start" else {}
    db.session.remove()
    answers = together(app, lambda: app.test_client().post(at, data=data), 2)

    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert db.session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1
    late = next(answer for answer in answers if answer.status_code == 409)
    assert 'href="/nl/sign-in' in late.text


def together(app: Flask, work: Callable[[], Any], times: int) -> list[Any]:
    """What came of it, done so many times at the same moment."""
    answers: list[Any] = []
    ready = threading.Barrier(times)

    def run() -> None:
        with app.app_context():
            ready.wait()
            answers.append(work())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
