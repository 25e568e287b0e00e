"""The organiser's desk in a real browser: a programme from
nothing to a release, dragging, and the keyboard alone.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import look, new_page
from tests.browser.conftest import Demo

HOME = "/manage/platform31"


def build(page: Page, demo: Demo, title: str) -> None:
    """Make an event, give it two sessions, and release it."""
    page.goto(demo.sign_in("staff"))
    page.goto(demo.address + HOME)
    page.get_by_role("link", name="Nieuw programma").click()
    look(page)
    page.get_by_role("button", name="Maak het programma").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    page.get_by_label("Titel").fill(title)
    page.get_by_label("Dagen").fill("donderdag 28 januari 2027")
    page.get_by_label("Hoeveel rondes").fill("2")
    page.get_by_label("Hoeveel zalen").fill("2")
    page.get_by_label("Eerste ronde om").fill("14.00 uur")
    page.get_by_role("button", name="Laat zien hoe je het leest").click()
    expect(page.get_by_role("main")).to_contain_text("donderdag 28 januari 2027")
    look(page)
    page.get_by_role("button", name="Maak het programma").click()
    look(page)
    page.get_by_role("link", name="Naar het rooster").click()
    look(page)
    for name, host in (("Bewoners aan zet", "Jos van der Lans"), ("Groen in de straat", "Petra de Vries")):
        page.get_by_role("link", name="Nieuwe sessie").first.click()
        page.get_by_label("Titel in het Nederlands").fill(name)
        page.get_by_label("Naam 1").fill(host)
        page.get_by_label("Ronde", exact=True).select_option(index=1)
        look(page)
        page.get_by_role("button", name="Bewaar", exact=True).click()
        expect(page.get_by_role("main")).to_contain_text("is opgeslagen")
    look(page)
    page.get_by_role("link", name="Publicatie 1").click()
    look(page)
    page.get_by_role("button", name="Publiceer").click()
    expect(page.get_by_role("main")).to_contain_text("Publicatie 1 is openbaar")
    look(page)
    page.get_by_role("link", name="Openbare pagina").click()
    expect(page.get_by_role("main")).to_contain_text("Groen in de straat")


@pytest.mark.parametrize("width", [1280, 360])
def test_from_nothing_to_a_release(browser: Any, demo: Demo, width: int):
    build(new_page(browser, width=width, dark=width == 360), demo, f"Dag van de straat {width}")


def test_from_nothing_to_a_release_on_postgresql(browser: Any, demo_on_postgres: Demo):
    build(new_page(browser), demo_on_postgres, "Dag van de straat")


def slot(page: Page, code: str) -> str:
    """The round and room in which a session stands."""
    tile = page.locator(".tile").filter(has=page.get_by_text(code, exact=True)).first
    return f"{tile.get_attribute('data-round')}:{tile.get_attribute('data-room')}"


def test_dragging_swaps_and_undo_brings_back(browser: Any, demo: Demo):
    page = new_page(browser, width=1440)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/programmes/dag-van-de-buurt/grid")
    look(page)
    first = page.locator('.tile:has-text("ABCD")').first
    id, before = first.get_attribute("data-session"), slot(page, "1.01")
    first.drag_to(page.locator("td[data-slot]").nth(3))
    moved = page.locator(f'.tile[data-session="{id}"]')
    expect(moved.locator(".plate")).to_have_text(re.compile(r"^2\."))
    look(page)
    page.get_by_role("button", name="Draai terug").click()
    expect(moved.locator(".plate")).to_have_text("1.01")
    assert slot(page, "1.01") == before
    page.keyboard.press("Control+Shift+Z")
    expect(moved.locator(".plate")).to_have_text(re.compile(r"^2\."))
    page.keyboard.press("Control+Z")
    expect(moved.locator(".plate")).to_have_text("1.01")


def test_a_round_is_pulled_longer_and_a_colleague_sees_it_by_itself(browser: Any, demo: Demo):
    mine, theirs = new_page(browser, width=1440), new_page(browser, width=1440)
    for page in (mine, theirs):
        page.goto(demo.sign_in("staff"))
        page.goto(f"{demo.address}{HOME}/programmes/dag-van-de-buurt/grid")
    times = mine.locator("th [data-stretch]").last
    start = times.get_attribute("data-start")
    mine.locator("th [data-stretch]").last.click()
    form = mine.locator("#stretcher")
    look(mine)
    form.get_by_label("Eindigt om").fill("16.30 uur")
    form.get_by_role("button", name="Bewaar").click()
    expect(times).to_contain_text(f"{start} – 16:30")
    expect(times).to_be_focused()

    handle = mine.locator("[data-pull]").last
    box = handle.bounding_box()
    assert box is not None
    mine.mouse.move(box["x"] + 5, box["y"] + 5)
    mine.mouse.down()
    mine.mouse.move(box["x"] + 5 - 24, box["y"] + 5, steps=4)
    mine.mouse.up()
    expect(times).to_contain_text(f"{start} – 16:15")

    expect(theirs.locator("th [data-stretch]").last).to_contain_text("16:15", timeout=15_000)
    expect(theirs.locator("#grid-note")).to_contain_text("Het rooster is gewijzigd")
    look(theirs)
    for _ in range(2):
        mine.get_by_role("button", name="Draai terug").click()
        expect(mine.locator("#sheets")).not_to_have_attribute("aria-busy", "true")
    expect(times).not_to_contain_text("16:30")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_times_of_a_round_on_a_phone(browser: Any, demo: Demo, scripts: bool):
    page = new_page(browser, width=360, scripts=scripts)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/programmes/dag-van-de-buurt/grid")
    link = page.locator(".rounds-small [data-stretch]").first
    before = link.inner_text().partition("\n")[0][:5]
    link.focus()
    page.keyboard.press("Enter")
    form = page.locator("#stretcher" if scripts else "#stretch")
    expect(form.get_by_role("heading")).to_contain_text("Ronde 1")
    if scripts:
        look(page)
    form.get_by_label("Eindigt om").fill("14:55")
    page.keyboard.press("Enter")
    expect(page.locator(".rounds-small [data-stretch]").first).to_contain_text(f"{before} – 14:55")
    page.get_by_role("button", name="Draai terug").click()
    expect(page.locator(".rounds-small [data-stretch]").first).not_to_contain_text("14:55")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_list_is_filtered_and_many_rows_are_changed(browser: Any, demo: Demo, width: int):
    page = new_page(browser, width=width)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/programmes/dag-van-de-buurt/sessions")
    page.get_by_label("Ronde", exact=True).select_option("Ronde 1")
    page.get_by_role("button", name="Toon").click()
    expect(page.get_by_role("status")).to_contain_text("13 gevonden")
    assert "round=Ronde+1" in page.url
    page.get_by_label("Kies alles op deze pagina").check()
    page.get_by_role("button", name="Wijzig wat gekozen is").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wijzig 13 regels")
    look(page)
    page.get_by_role("button", name="Voer uit").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    page.get_by_label("Geef ze een minimum").check()
    page.get_by_label("Minste aantal mensen om door te gaan").fill("3")
    page.get_by_role("button", name="Voer uit").click()
    expect(page.get_by_role("main")).to_contain_text("regels zijn gewijzigd")


@pytest.mark.parametrize("scripts", [True, False])
def test_moving_with_the_keyboard_alone(browser: Any, demo: Demo, scripts: bool):
    page = new_page(browser, width=360, scripts=scripts)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/programmes/dag-van-de-buurt/grid")
    page.get_by_role("link", name="Verplaats 1.03").focus()
    page.keyboard.press("Enter")
    form = page.locator("dialog[open]" if scripts else "#move")
    expect(form.get_by_role("heading")).to_contain_text("1.03")
    form.get_by_label("Ronde").select_option(label="nog niet ingepland")
    form.get_by_role("button", name="Verplaats").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tray")).to_contain_text("Groningen experimenteert")
    page.get_by_role("button", name="Draai terug").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tray")).not_to_contain_text("Groningen experimenteert")


@pytest.mark.parametrize(
    "path",
    [
        "/programmes/dag-van-de-buurt/sessions",
        "/programmes/dag-van-de-buurt/blocks",
        "/programmes/dag-van-de-buurt/settings",
        "/programmes/dag-van-de-buurt/cancellation",
        "/programmes/dag-van-de-buurt/releases/1",
        "/programmes/dag-van-de-buurt/copy",
        "/programmes/dag-van-de-buurt/bring-in",
        "/programmes/dag-van-de-buurt/print",
        "/programmes/dag-van-de-buurt/share",
        "/programmes/dag-van-de-buurt/registrations/2/seats",
        "/programmes/dag-van-de-buurt/draws",
        "/programmes/vitale-wijken/meetings",
        "/programmes/vitale-wijken/tariffs/new",
        "/programmes/vitale-wijken/grid",
        "/speakers",
        "/rooms/new",
        "/removed",
        "/brand",
    ],
)
@pytest.mark.parametrize("width", [1280, 360])
def test_other_pages_of_the_desk(browser: Any, demo: Demo, path: str, width: int):
    page = new_page(browser, width=width, dark=width == 1280)
    page.goto(demo.sign_in("staff"))
    page.goto(demo.address + HOME + path)

    look(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_pasted_programme_is_looked_at_and_brought_in(browser: Any, demo: Demo, width: int):
    page = new_page(browser, width=width)
    page.goto(demo.sign_in("staff"))
    page.goto(f"{demo.address}{HOME}/programmes/new")
    page.get_by_label("Titel").fill(f"Geplakte dag {width}")
    page.get_by_role("button", name="Maak het programma").click()
    page.goto(page.url + "/grid")
    page.get_by_role("link", name="Haal binnen").click()
    page.get_by_label("Plak het programma hier").fill(
        (Path(__file__).parent.parent / "intake" / "page.txt").read_text()
    )
    page.get_by_role("button", name="Laat zien wat je leest").click()
    expect(page.get_by_role("main")).to_contain_text("We lezen 5 sessies")
    look(page)
    page.get_by_role("button", name="Haal deze binnen").click()
    expect(page.get_by_role("main")).to_contain_text("5 sessies zijn nieuw")
    look(page)
    page.get_by_role("link", name="Naar het rooster").click()
    expect(page.get_by_role("main")).to_contain_text("Wie maakt de wijk veilig? Kijk eens rond!")
    look(page)
