"""Secret links that do not work, invitations and colleagues
in a real browser: wide and on a phone, in both languages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from learning.config import Settings
from learning.factory import create_app
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.people.invitations import invite
from learning.people.models import Account, Staff
from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo
from tests.make import make_account, make_organiser, make_staff

UNKNOWN = (
    "registrations/{}", "registrations/{}/choices", "registrations/{}/invitations",
    "registrations/{}/withdrawal",
    "registrations/{}/offers/1", "registrations/{}/waiting/1", "confirmations/{}",
    "confirmations/{}/delegation", "hand-in/{}",
    "sign-in/{}", "sign-in/invitation/{}",
)  # fmt: skip
WORDS = {
    "nl": {
        "mail": "Mail mij een nieuwe link",
        "sent": "Kijk in je e-mail",
        "sign in": "Inloggen",
        "begin": "Begin",
    },
    "en": {"mail": "Mail me a new link", "sent": "Look in your mail", "sign in": "Sign in", "begin": "Begin"},
}
sizes = pytest.mark.parametrize(("lang", "width"), [("nl", 1280), ("nl", 360), ("en", 1280), ("en", 360)])


@pytest.fixture(scope="module")
def app(demo: Demo) -> Iterator[Flask]:
    """The app on the database of the demo, to make things that pages cannot show otherwise."""
    env = demo.env
    about = {
        "secret_key": env["LEERKRING_SECRET_KEY"],
        "base_url": demo.address,
        "nudge": False,
        "huey_url": "memory:",
    }
    made = create_app(
        Settings(
            instance=Path(env["LEERKRING_INSTANCE"]), database_url=env["LEERKRING_DATABASE_URL"], **about
        )
    )
    with made.app_context():
        yield made
        db.session.remove()


@transaction()
def invited(slug: str, mail: str, lang: str) -> str:
    """The path of an invitation, before the worker mails it."""
    organiser, admin = (
        make_organiser(slug, name="Buurtkring met een lange naam"),
        make_account(f"admin-{slug}@x.example"),
    )
    make_staff(organiser, admin, "admin")
    invite(organiser.id, mail, "", "editor", language=lang, by=admin, now=clock.now())
    newest = (
        select(Message)
        .where(Message.template == "people/colleague_invited")
        .order_by(Message.id.desc())
        .limit(1)
    )
    return urlsplit(db.session.scalars(newest).one().values["invitation_url"]).path


def press(page: Page, words: str, role: Any = "button") -> None:
    page.get_by_role("main").get_by_role(role, name=words, exact=True).click()


@sizes
def test_links_that_do_not_work_mail_new_ones(browser: Any, demo: Demo, lang: str, width: int):
    page = new_page(browser, width=width, dark=width == 360)
    for path in UNKNOWN:
        page.goto(f"{demo.address}/{lang}/{path.format('a-link-that-was-renewed-0123456789')}")
        expect(page.get_by_role("main").get_by_role("button", name=WORDS[lang]["mail"])).to_be_visible()
        look(page)
    page.locator("main input[type=email]").fill("nobody@x.example")
    press(page, WORDS[lang]["mail"])
    expect(page.get_by_role("main")).to_contain_text(WORDS[lang]["sent"])
    look(page)
    page.goto(f"{demo.address}/calendars/a-link-that-was-renewed-0123456789.ics")
    look(page)


@sizes
def test_an_invitation_to_who_is_new(browser: Any, demo: Demo, app: Flask, lang: str, width: int):
    path = invited(f"new-{lang}-{width}", f"new-{lang}-{width}@x.example", lang)
    page = new_page(browser, width=width, dark=width == 360)
    page.goto(demo.address + path)
    look(page)
    press(page, WORDS[lang]["begin"])
    expect(page).to_have_url(f"{demo.address}/manage/new-{lang}-{width}/")
    look(page)
    page.context.clear_cookies()
    page.goto(demo.address + path)
    expect(page.get_by_role("main").get_by_role("link", name=WORDS[lang]["sign in"])).to_be_visible()
    look(page)


@sizes
def test_an_invitation_to_who_has_an_account_and_the_colleagues(
    browser: Any, demo: Demo, app: Flask, lang: str, width: int
):
    entrance = demo.sign_in("staff")
    mail = speak(next(one["name"] for one in demo.about["people"] if one["sign_in"] == entrance), lang)
    path = invited(f"known-{lang}-{width}", mail, lang)
    page = new_page(browser, width=width, dark=width == 360)
    page.goto(demo.address + path)
    look(page)
    press(page, WORDS[lang]["sign in"], "link")
    assert page.url.endswith(f"/{lang}/sign-in?next=/{lang}/me/invitations")
    page.goto(demo.sign_in("reader"))
    page.goto(demo.address + path)
    look(page)
    page.goto(entrance)
    page.goto(demo.address + path)
    assert page.url.endswith(f"/{lang}/me/invitations")
    look(page)
    press(page, WORDS[lang]["begin"])
    expect(page).to_have_url(f"{demo.address}/manage/known-{lang}-{width}/")
    colleagues = f"{demo.address}/manage/platform31/colleagues"
    ids = (
        select(Staff.id)
        .join(Account, Account.id == Staff.account_id)
        .where(Account.mail != mail, Staff.ended_at.is_(None))
    )
    other = db.session.scalars(ids.where(Staff.organiser.has(slug="platform31"))).first()
    for address in ("", "/new", f"/{other}", f"/{other}/removal"):
        assert page.goto(colleagues + address).status == 200  # type: ignore[union-attr]
        assert page.locator("html").get_attribute("lang") == lang
        look(page)


@transaction()
def speak(name: str, lang: str) -> str:
    """Somebody of the demo reads this language; gives their address."""
    account = db.session.scalars(select(Account).where(Account.name == name)).one()
    account.language = lang
    return account.mail
