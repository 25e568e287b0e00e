"""The identity for invoices and the log, in a real browser, wide and on a phone, with the keyboard."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo

HOME = "/manage/platform31"


@pytest.mark.parametrize("width", [1280, 360])
def test_an_account_number_is_mended_and_its_change_found_in_the_log(browser: Any, demo: Demo, width: int):
    page = new_page(browser, width=width, dark=width == 360, scripts=width == 1280)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/identity")
    days = "21" if width == 1280 else "28"
    if width == 1280:
        look(page)
    page.get_by_label("IBAN").fill("NL92 ABNA 0417 1643 00")
    page.get_by_label("Betalingstermijn in dagen").fill(days)
    page.get_by_role("button", name="Bewaar").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Dit IBAN klopt niet")
    assert page.get_by_label("IBAN").input_value() == "NL92 ABNA 0417 1643 00"
    page.get_by_label("IBAN").fill("nl91abna0417164300")
    page.get_by_role("button", name="Bewaar").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Alles is ingevuld")
    assert page.get_by_label("IBAN").input_value() == "NL91 ABNA 0417 1643 00"

    page.get_by_role("main").get_by_role("link", name="Geschiedenis").click()

    expect(page.get_by_role("main")).to_contain_text("Betalingstermijn in dagen")
    expect(page.get_by_role("main")).to_contain_text(days)
    page.goto(f"{demo.address}{HOME}/audit")
    page.get_by_label("Onderdeel").select_option(label="Organisator")
    page.get_by_role("button", name="Toon").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("factuurgegevens gewijzigd")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    table = page.locator(".tablewrap")
    assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 0  # on a phone each line is a card
    if width == 1280:
        look(page)


@pytest.mark.parametrize(
    ("who", "path"), [("staff", f"{HOME}/colleagues"), ("owner", "/installation/organisers")]
)
def test_lists_of_people_and_organisers_are_cards_on_a_phone(browser: Any, demo: Demo, who: str, path: str):
    page = new_page(browser, width=360, dark=False, scripts=False)
    page.goto(demo.sign_in(who))
    page.goto(f"{demo.address}{path}")

    table = page.locator(".tablewrap").first
    assert table.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
