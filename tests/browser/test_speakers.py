"""Speakers hand in by their own link, and the computer proposes a schedule: in a real browser."""

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo

HOME = "/manage/platform31/programmes/dag-van-de-buurt"


def photo() -> dict[str, Any]:
    """A file to choose."""
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(out, "JPEG")
    return {"name": "ik.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def asked(page: Page, demo: Demo, nth: int) -> str:
    """Mail a speaker the link; gives it."""
    page.goto(demo.sign_in("staff"))
    page.goto(demo.address + HOME)
    page.get_by_role("link", name="Sprekers en begeleiders").click()
    look(page)
    page.locator("tbody a").nth(nth).click()
    page.get_by_label("E-mailadres").fill("spreker@example.org")
    page.get_by_role("button", name="Mail de link").click()
    expect(page.get_by_role("main")).to_contain_text("Aantal mensen dat een e-mail krijgt: 1.")
    look(page)
    return page.get_by_label("De eigen link van de spreker").input_value()


@pytest.mark.parametrize(("width", "nth"), [(1280, 0), (360, 1)])
def test_a_speaker_hands_in_and_the_organiser_accepts(browser: Any, demo: Demo, width: int, nth: int):
    desk = new_page(browser, width=1280)
    own = asked(desk, demo, nth)
    page = new_page(browser, width=width, dark=width == 360)
    page.goto(own)
    look(page)
    page.get_by_role("textbox", name="Over jou in het Nederlands").fill("Ik **bouw** mee.")
    page.get_by_role("button", name="Voorbeeld").first.click()
    expect(page.locator(".preview strong").first).to_have_text("bouw")
    look(page)
    page.get_by_role("button", name="Lever aan").click()
    expect(page.get_by_role("main")).to_contain_text("Dank je wel")
    page.get_by_label("Foto (JPG").set_input_files(photo())
    page.get_by_role("button", name="Bewaar deze foto").click()
    expect(page.get_by_role("img", name="Portret van")).to_be_visible()
    look(page)
    page.get_by_label("Foto (JPG").set_input_files(
        {"name": "x.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"}
    )
    page.get_by_role("button", name="Bewaar deze foto").click()
    expect(page.get_by_role("main")).to_contain_text("We kunnen deze foto niet lezen")

    desk.reload()
    expect(desk.get_by_role("main")).to_contain_text("Ik **bouw** mee.")
    look(desk)
    desk.get_by_role("button", name="Accepteer").click()
    expect(desk.get_by_role("main")).to_contain_text("Overgenomen")
    desk.get_by_role("link", name="Bewerk het profiel").click()
    expect(desk.get_by_role("img", name="Portret van")).to_be_visible()
    look(desk)


def test_in_english_the_own_page_speaks_english(browser: Any, demo: Demo):
    own = asked(new_page(browser), demo, 2)
    page = new_page(browser)
    page.goto(own.replace("/nl/", "/en/"))

    expect(page.get_by_role("button", name="Hand in")).to_be_visible()
    expect(page.get_by_role("heading", name="For the organiser alone")).to_be_visible()
    look(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_schedule_is_proposed(browser: Any, demo: Demo, width: int):
    page = new_page(browser, width=width)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/grid")
    page.get_by_role("link", name="Stel voor").click()
    look(page)
    page.get_by_role("button", name="Zoek een rooster").click()
    expect(page.get_by_role("alert")).to_contain_text("Alles heeft al een plek")
    page.get_by_label("Zoek het beste rooster").check()
    page.get_by_role("button", name="Zoek een rooster").click()
    expect(page.get_by_role("heading", name="Wat het oplevert")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("main")).to_contain_text("Bewezen")
    look(page)
