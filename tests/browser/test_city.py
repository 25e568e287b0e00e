"""A city in a real browser: names pasted, the team of last time, and somebody who answers on a phone."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo
from tests.browser.test_walks import mailed


def test_names_are_pasted_and_somebody_answers(browser: Any, demo: Demo):
    page = new_page(browser, width=1280)
    page.goto(demo.sign_in("contact"))
    page.goto(demo.address + "/nl/me")
    page.get_by_role("link", name=re.compile("leergemeenschap|vitale wijken", re.I)).first.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Wie gaat wanneer")
    look(page)
    page.get_by_role("link", name="Verantwoording voor je organisatie").click()
    expect(main).to_contain_text("Per gebruikte plek tot nu toe")
    look(page)
    page.go_back()
    page.get_by_role("link", name=re.compile("Plak namen")).last.click()
    page.get_by_label(re.compile("Per regel iemand")).fill("Noor Nieuwkomer; noor@groningen.example; bewoner")
    page.get_by_role("button", name="Lees dit").click()
    expect(main).to_contain_text("Klopt dit?")
    look(page)
    page.get_by_role("button", name="Nodig 1 persoon uit").focus()
    page.keyboard.press("Enter")
    expect(main).to_contain_text("Noor Nieuwkomer")
    expect(main).to_contain_text("nog geen antwoord")
    look(page)

    letters = new_page(browser, width=360)
    letters.goto(mailed(demo, "noor@groningen.example", "/invitations"))
    expect(letters.get_by_role("main")).to_contain_text("Kom je?")
    look(letters)
    letters.get_by_role("radio", name="Ja, ik kom").first.focus()
    letters.keyboard.press("Space")
    letters.get_by_label(re.compile("Wat je niet eet")).fill("noten")
    letters.keyboard.press("Enter")
    expect(letters.get_by_role("main")).to_contain_text("Mijn programma")
    page.reload()
    expect(main).to_contain_text("zei ja")
    look(page)


def test_staff_keep_organisations_and_partners(browser: Any, demo: Demo):
    page = new_page(browser, width=360)
    page.goto(demo.sign_in("staff"))
    for thing, new in (("organisations", "Nieuwe organisatie"), ("partnerships", "Nieuwe partner")):
        page.goto(f"{demo.address}/manage/platform31/{thing}")
        look(page)
        page.get_by_role("link", name=new).click()
        look(page)
    page.goto(demo.address + "/manage/platform31/programmes/vitale-wijken/delegations")
    expect(page.get_by_role("main")).to_contain_text("Voorgedragen, en open plekken")
    look(page)
