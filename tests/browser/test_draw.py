"""A round by draw in a real browser: wishing, trying the draw, publishing it, and reading why."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from learning.attendance import actions as attendance
from learning.attendance.tokens import own_token
from learning.choices.actions import choose_sessions
from learning.choices.draw import wishes as draw_wishes
from learning.choices.waiting import lapse_offers
from learning.config import Settings
from learning.factory import create_app
from learning.kit.db import db
from learning.organisations.models import Organiser
from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo
from tests.choices.event import Event, change, come, make_event
from tests.make import release

DESK = "/manage/platform31/programmes/loting/draws"


@pytest.fixture
def app(demo: Demo) -> Iterator[Flask]:
    """The app of the demo that is running, to put more in its database."""
    env = demo.env
    folder = Path(env["LEERKRING_INSTANCE"])
    given = {
        "instance": folder,
        "database_url": env["LEERKRING_DATABASE_URL"],
        "secret_key": env["LEERKRING_SECRET_KEY"],
    }
    app = create_app(Settings(**given, base_url=demo.address, nudge=False, huey_url="memory:"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def by_draw() -> Event:
    """An event of two rounds by draw for eight people, of
    whom one still has to wish; open for another day.
    """
    now = datetime.now(UTC)
    organiser = db.session.query(Organiser).filter_by(slug="platform31").one()
    closes = now + timedelta(days=1)
    event = make_event((3, 3, 3), (3, 3, 3), organiser=organiser, slug="loting", choosing_closes_at=closes)
    for round in event.rounds:
        change(round, filling="draw")
    release(event.programme, now=now)
    for number in range(7):
        person = come(event, f"Bezoeker {number}")
        wishes = {
            r.id: [event.sessions[f"{n}.0{k}"].id for k in (1, 2, 3)]
            for n, r in enumerate(event.rounds, start=1)
        }
        draw_wishes.save_wishes(person, wishes, vetoes={}, skipped=(), now=now)
    return event


def close(event: Event) -> None:
    """The deadline is over."""
    now = datetime.now(UTC)
    change(event.programme, choosing_closes_at=now - timedelta(seconds=5))
    release(event.programme, now=now)


def wished(page: Page, address: str) -> None:
    """Fill in wishes with the keyboard alone."""
    page.goto(address)
    expect(page.get_by_role("main")).to_contain_text("In deze ronde beslist een loting")
    look(page)
    page.get_by_label("Keus 1", exact=True).first.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Keus 2", exact=True).first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = [page.get_by_label(f"Keus {n}", exact=True).first for n in (1, 2)]
    before = [field.input_value() for field in chosen]
    page.get_by_role("button", name="Zet keus 2 hoger").first.focus()
    page.keyboard.press("Enter")
    assert [field.input_value() for field in chosen] == before[::-1]
    drag(page, before[::-1])
    page.get_by_text("Sessies die je helemaal niet wilt").nth(1).click()
    page.get_by_role("button", name="Bewaar mijn keuze").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Je voorkeuren zijn bewaard")


def drag(page: Page, now: list[str]) -> None:
    """Drag the second wish of the first round onto the first, and back."""
    lines = page.locator("[data-wishes]").first.locator("li")
    chosen = [lines.nth(n).locator("select") for n in (0, 1)]
    for wanted in (now[::-1], now):
        grip = lines.nth(1).locator("label").bounding_box()
        target = lines.nth(0).locator("label").bounding_box()
        assert grip is not None
        assert target is not None
        page.mouse.move(grip["x"] + 5, grip["y"] + 5)
        page.mouse.down()
        page.mouse.move(target["x"] + 8, target["y"] + 12, steps=8)
        page.mouse.move(target["x"] + 9, target["y"] + 12)
        page.mouse.up()
        assert [field.input_value() for field in chosen] == wanted


@pytest.mark.parametrize("width", [1280])
def test_from_wishes_to_a_published_draw(browser: Any, demo: Demo, app: Flask, width: int):
    event = by_draw()
    late = come(event, "Anna de Laatste")
    own = f"{demo.address}/nl/registrations/{own_token(late)}/choices"
    phone = new_page(browser, width=360)
    wished(phone, own)

    page = new_page(browser, width=width)
    page.goto(demo.sign_in("staff"))
    page.goto(demo.address + DESK)
    expect(page.get_by_role("main")).to_contain_text("8 van 8 mensen gaven voorkeuren op")
    look(page)
    page.get_by_role("button", name="Probeer de loting").click()
    expect(page.get_by_role("main")).to_contain_text("Bewezen: geen andere uitkomst is beter", timeout=60_000)
    look(page)
    page.get_by_role("button", name="Publiceer deze loting").click()
    expect(page.get_by_role("alert")).to_contain_text("Dit was een proef")
    look(page)
    page.goto(demo.address + DESK)
    page.get_by_role("button", name="Alle drie de manieren, naast elkaar").click()
    expect(page.get_by_role("main")).not_to_contain_text("lotingen zijn klaar", timeout=60_000)
    expect(page.get_by_role("columnheader", name="Alleen op lot")).to_be_visible()
    look(page)

    close(event)
    page.goto(demo.address + DESK)
    page.get_by_role("button", name="Loting", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Bewezen", timeout=60_000)
    page.get_by_role("button", name="Publiceer deze loting").click()
    expect(page.get_by_role("main")).to_contain_text(
        "Gepubliceerd: iedereen heeft een e-mail", timeout=60_000
    )
    look(page)

    come(event, "Bo Nog Later")
    page.goto(demo.address + DESK)
    page.get_by_text("Loot opnieuw, voor wie geen plek heeft").click()
    look(page)
    page.get_by_role("button", name="Loting", exact=True).click()
    expect(page.get_by_role("heading", name="2 plekken veranderen")).to_be_visible(timeout=60_000)
    look(page)

    phone.goto(own)
    expect(phone.get_by_role("main")).to_contain_text("De loting gaf je")
    look(phone)
    phone.get_by_role("link", name="Hoe de loting werkt").first.click()
    expect(phone.get_by_role("main")).to_contain_text("De startwaarde")
    look(phone)
    phone.goto(phone.url.replace("/nl/", "/en/"))
    expect(phone.get_by_role("main")).to_contain_text("How you can check it")
    look(phone)


def test_an_offer_is_taken_by_keyboard_on_a_phone_and_another_lapses(browser: Any, demo: Demo, app: Flask):
    now = datetime.now(UTC)
    organiser = db.session.query(Organiser).filter_by(slug="platform31").one()
    event = make_event((1, 3), (3,), organiser=organiser, slug="aanbod", moving_up="offer", offer_hours=2)
    people = [come(event, f"Wachter {n}") for n in range(3)]
    first = {event.rounds[0].id: event.sessions["1.01"].id}
    for person in people:
        choose_sessions(person, first, wait=set(first), now=now)
    choose_sessions(people[1], {event.rounds[0].id: event.sessions["1.02"].id}, now=now)
    choose_sessions(people[1], first, wait=set(first), now=now)  # behind the third by now, holding 1.02
    attendance.withdraw(people[0], now=now)
    lapse_offers(event.programme.id, now=now + timedelta(hours=2))  # the third lets it pass

    phone = new_page(browser, width=360)
    lapsed = f"{demo.address}/nl/registrations/{own_token(people[2])}"
    phone.goto(lapsed)
    expect(phone.get_by_role("main")).to_contain_text("Wachtlijst van 1.01: plaats 2")
    look(phone)
    phone.goto(f"{demo.address}/nl/registrations/{own_token(people[1])}")
    expect(phone.get_by_role("main")).to_contain_text("Er is een plek voor jou bij 1.01")
    look(phone)
    phone.goto(phone.url + "/choices")
    expect(phone.get_by_role("main")).to_contain_text("Antwoord daar eerst op")
    look(phone)
    phone.get_by_role("link", name="Neem de plek of niet").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("main")).to_contain_text("Neem je deze, dan geef je je plek op bij 1.02")
    look(phone)
    phone.get_by_role("button", name="Neem deze plek").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("main")).to_contain_text("Je plek staat vast")
    look(phone)
    expect(phone.locator(".mine .plate")).to_have_text(["1.01"])
