"""The network in a real browser: a city registers and gets
a seat of another one, and two organisations become one.
"""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo

NAMES = "\n".join(f"{name} Nieuwkomer; {name.lower()}@deventer.example" for name in ("Ada", "Bo", "Cas"))


def test_a_city_registers_and_gets_a_seat_of_another_one(browser: Any, demo: Demo):
    city = new_page(browser)
    city.goto(demo.sign_in("attendee"))
    city.goto(demo.address + "/nl/programmes/vitale-wijken/delegation")
    both(city)
    city.get_by_label("Gemeente of organisatie").focus()
    city.keyboard.type("Deventr")
    press(city)
    city.get_by_role("link", name="Deventer", exact=True).focus()
    press(city)
    city.get_by_role("button", name="Toon mijn prijs").focus()
    press(city)
    expect(city.get_by_role("main")).to_contain_text("3.000,00 exclusief btw: de prijs voor niet-partners")
    both(city)
    tab_to(city, "input[name=accept]")
    city.keyboard.press("Space")
    tab_to(city, "summary:has-text('Voorwaarden')")
    city.keyboard.press("Enter")
    expect(city.get_by_text("Wie komt mag per keer verschillen")).to_be_visible()
    tab_to(city, "input[name=agree]")
    city.keyboard.press("Space")
    press(city)
    expect(city.get_by_role("main")).to_contain_text("De organisator moet deze delegatie nog bevestigen.")
    both(city)

    staff = new_page(browser)
    staff.goto(demo.sign_in("staff"))
    staff.goto(demo.address + "/manage/platform31/programmes/vitale-wijken/delegations?search=deventer")
    both(staff)
    staff.get_by_role("button", name="Bevestig Deventer").click()
    expect(staff.get_by_role("button", name="Bevestig Deventer")).to_have_count(0)

    contact = new_page(browser)
    contact.goto(demo.sign_in("contact", "Groningen"))
    contact.goto(demo.address + "/nl/me")
    contact.get_by_role("link", name=re.compile("vitale wijken", re.I)).first.click()
    contact.get_by_role("button", name=re.compile("Geef een plek terug.*Strategie")).focus()
    press(contact)
    expect(contact.get_by_role("main")).to_contain_text("Je gaf 1 plek terug.")
    both(contact)
    tall = contact.evaluate(
        "Math.max(...Array.from(document.querySelectorAll('.slot3'), place => place.offsetHeight))"
    )
    assert tall < 200  # a name is not set letter under letter beside its buttons

    city.reload()
    city.get_by_role("link", name=re.compile("Plak namen.*Strategie")).click()
    city.get_by_label(re.compile("Per regel iemand")).fill(NAMES)
    city.get_by_role("button", name="Lees dit").click()
    city.get_by_role("button", name="Nodig 3 mensen uit").click()
    city.get_by_role("button", name=re.compile("Vraag om een extra plek.*Strategie")).focus()
    press(city)
    expect(city.get_by_role("main")).to_contain_text("Er was een plek: die is nu van jullie.")
    expect(city.get_by_role("main")).to_contain_text("Je hebt 1 plek van een andere organisatie.")
    both(city)


def test_two_organisations_become_one_and_two_again(browser: Any, demo: Demo):
    page = new_page(browser)
    page.goto(demo.sign_in("staff"))
    page.goto(demo.address + "/manage/platform31/organisations")
    page.get_by_role("link", name="Almere", exact=True).click()
    both(page)
    page.get_by_role("link", name="Samenvoegen met een andere").click()
    page.get_by_label("Zoek de andere organisatie").fill("zaanstad")
    press(page)
    both(page)
    page.get_by_role("link", name=re.compile("Bekijk beide.*Zaanstad")).click()
    page.get_by_role("group", name="Naam", exact=True).get_by_role("radio").first.focus()
    page.keyboard.press("ArrowRight")
    both(page)
    page.get_by_role("button", name="Maak er één organisatie van").focus()
    press(page)
    expect(page.get_by_role("status")).to_contain_text("Dit is nu één organisatie: Zaanstad → Almere.")
    expect(page.get_by_label("Naam", exact=True)).to_have_value("Zaanstad")
    both(page)
    page.get_by_role("status").get_by_role("link").focus()
    page.keyboard.press("Enter")
    page.locator("li:target button").focus()
    press(page)
    expect(page.get_by_role("status")).to_contain_text("Dit zijn weer twee organisaties")
    expect(page.get_by_label("Naam", exact=True)).to_have_value("Almere")
    both(page)


def both(page: Page) -> None:
    """Look at the page on a phone and on a desk."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        look(page)


def press(page: Page) -> None:
    """Enter, which leads to another page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tab_to(page: Page, selector: str) -> None:
    """Go on with the Tab key until this has the focus."""
    there = page.locator(selector).first.element_handle()
    for _step in range(40):
        page.keyboard.press("Tab")
        if there.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")
