"""The main job in a real browser: attendee, city and organiser, wide and on a phone, each page looked at."""

import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import AXE, RULES, look, new_page
from tests.browser.conftest import Demo


def mailed(demo: Demo, address: str, piece: str) -> str:
    """The first address with this piece in the newest mail that arrived there, by real SMTP."""
    until = time.monotonic() + 60  # a busy machine
    while time.monotonic() < until:
        for mail in reversed(demo.smtp.messages):
            if address in str(mail["To"]):
                body = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
                text = body.get_payload(decode=True).decode()  # type: ignore[union-attr]
                found = re.search(rf"https?://\S*{piece}\S*", text)
                if found:
                    return found[0]
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address} with {piece}")


def attend(page: Page, demo: Demo, mail: str) -> None:
    """From the catalogue to the own timetable."""
    page.goto(f"{demo.address}/nl/programmes")
    look(page)
    page.get_by_role("link", name="Dag van de Buurt").click()
    look(page)
    page.get_by_role("link", name="Meld je aan").first.click()
    look(page)
    page.get_by_role("button", name="Meld je aan").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    page.get_by_label("Je naam").fill("Noor Lezer")
    page.get_by_label("E-mailadres").fill(mail)
    page.get_by_role("button", name="Meld je aan").click()
    look(page)
    page.goto(mailed(demo, mail, "/confirmations/"))
    look(page)
    page.get_by_role("main").get_by_role("button").first.click()
    look(page)
    page.get_by_role("link", name="Kies workshops").first.click()
    look(page)
    page.get_by_role("radio", name="Kies 1.07").check(force=True)
    page.get_by_role("radio", name="Kies 2.11").check(force=True)
    page.get_by_role("button", name="Bewaar mijn keuze").click()
    expect(page.get_by_text("Je plek staat vast")).to_have_count(2)
    look(page)
    expect(page.get_by_role("link", name="Abonneer")).to_have_attribute("href", re.compile("^webcal://"))
    page.get_by_role("link", name="De energietransitie").click()
    look(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_an_attendee(browser: Any, demo: Demo, width: int):
    attend(new_page(browser, width=width, dark=width == 360), demo, f"noor{width}@lezers.example")


def test_an_attendee_on_postgresql(browser: Any, demo_on_postgres: Demo):
    attend(new_page(browser), demo_on_postgres, "noor@lezers.example")


def test_everything_works_without_scripts(browser: Any, demo: Demo):
    page = new_page(browser, scripts=False)
    page.goto(demo.sign_in("attendee"))
    page.get_by_role("link", name="Dag van de Buurt").first.click()
    page.get_by_role("link", name="Kies workshops").first.click()
    page.get_by_role("radio", name="Kies 1.13").check(force=True)
    page.get_by_role("button", name="Bewaar mijn keuze").click()

    expect(page.get_by_role("main")).to_contain_text("De Capability Approach in de praktijk")


def test_choosing_with_the_keyboard_alone(browser: Any, demo: Demo):
    page = new_page(browser)
    page.goto(demo.sign_in("attendee"))
    page.get_by_role("link", name="Dag van de Buurt").first.click()
    page.goto(page.url + "/choices")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.get_by_role("radio", name="Kies 2.11").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("radio", name="Kies 2.11")).to_be_checked()
    page.get_by_role("button", name="Bewaar mijn keuze").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_contain_text("Lessen uit de stadsvernieuwing")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_city(browser: Any, demo: Demo, width: int):
    page = new_page(browser, width=width)
    page.goto(demo.sign_in("contact", "Zutphen"))
    look(page)
    page.get_by_role("link", name="Gebiedsgericht werken").first.click()
    look(page)
    page.get_by_role("link", name="Noem iemand").last.click()
    look(page)
    page.get_by_label("Naam").fill(f"Collega {width}")
    page.get_by_label("E-mailadres").fill(f"collega{width}@zutphen.example")
    page.get_by_role("button", name="Nodig uit").click()
    look(page)
    page.get_by_role("link", name=f"Vervang Collega {width}").click()
    look(page)
    page.get_by_label("Naam").fill(f"Vervanger {width}")
    page.get_by_label("E-mailadres").fill(f"vervanger{width}@zutphen.example")
    page.get_by_role("button", name="Vervang").click()
    expect(page.get_by_role("main")).to_contain_text(f"Vervanger {width}")
    look(page)
    page.goto(f"{demo.address}/nl/programmes/vitale-wijken/partner-check?city=gemeente%20GRONINGEN")
    expect(page.get_by_role("main")).to_contain_text("Groningen is partner")
    look(page)
    page.goto(f"{demo.address}/nl/programmes/vitale-wijken/delegation")
    page.get_by_label("Gemeente of organisatie").fill("leeuwarden")
    page.get_by_role("button", name="Toon mijn prijs").click()
    expect(page.get_by_role("main")).to_contain_text("exclusief btw")
    look(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_a_new_contact(browser: Any, demo: Demo, width: int):
    page, mail = new_page(browser, width=width), f"nieuw{width}@bureau.example"
    page.goto(f"{demo.address}/nl/programmes/vitale-wijken")
    page.get_by_role("link", name="Meld je stad aan").first.click()
    look(page)
    page.get_by_label("Gemeente of organisatie").fill("leeuwarden")
    page.get_by_label("Je naam").fill("Nynke de Jong")
    page.get_by_label("Je e-mailadres bij de organisatie").fill(mail)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("exclusief btw")
    look(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Meld Leeuwarden aan").click()
    expect(page.get_by_role("heading", name="Kijk in je e-mail")).to_be_visible()
    look(page)
    link = mailed(demo, mail, "/confirmations/")
    page.goto(link)
    look(page)
    page.get_by_role("button", name="Bevestig en meld Leeuwarden aan").click()
    page.get_by_role("main").get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("heading", name="Delegatie Leeuwarden")).to_be_visible()
    look(page)
    page.context.clear_cookies()
    page.goto(link)
    expect(page.get_by_role("heading", name="Je e-mailadres is bevestigd")).to_be_visible()
    look(page)


@pytest.mark.parametrize(("width", "city"), [(1280, "Groningen"), (360, "Breda")])
def test_an_organiser(browser: Any, demo: Demo, width: int, city: str):
    page = new_page(browser, width=width)
    page.goto(demo.sign_in("staff"))
    look(page)
    page.get_by_role("link", name="Dag van de Buurt").click()
    look(page)
    page.get_by_role("main").get_by_role("link", name="Aanmeldingen").click()
    look(page)
    page.get_by_label("Zoek").fill("zonneveer")
    page.get_by_role("button", name="Toon").click()
    expect(page.get_by_role("main")).to_contain_text("Yara Zonneveer")
    look(page)
    page.goto(f"{demo.address}/manage/platform31/programmes/vitale-wijken/delegations")
    look(page)
    page.get_by_role("button", name=f"Maak factuur {city}").click()
    look(page)
    page.get_by_role("button", name="Maak definitief en mail").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Factuur 2026-")
    until = time.monotonic() + 30
    while not page.get_by_role("link", name="Download pdf").count():
        assert time.monotonic() < until, "no PDF"
        time.sleep(0.5)
        page.reload()
    look(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download pdf").click()
    assert download.value.suggested_filename.startswith("factuur-2026-")
    page.goto(f"{demo.address}/manage/platform31/invoices")
    look(page)


@pytest.mark.parametrize(
    "path",
    [
        "/en/programmes",
        "/en/programmes/dag-van-de-buurt",
        "/en/programmes/vitale-wijken",
        "/nl/programmes/digitaal-samenwerken-aan-de-wijk",
        "/nl/programmes/smart-cities-smart-citizens",
        "/nl/programmes/dag-van-de-buurt/speakers/jos-van-der-lans",
        "/nl/programmes/digitaal-samenwerken-aan-de-wijk/interest",
        "/nl/programmes?q=niets-te-vinden",
        "/nl/sign-in",
        "/nl/sign-in/password",
        "/nl/nergens",
        "/demo/mail",
    ],
)
@pytest.mark.parametrize("width", [1280, 360])
def test_other_pages(browser: Any, demo: Demo, path: str, width: int):
    page = new_page(browser, width=width, dark=width == 1280)
    page.goto(demo.address + path)

    look(page)


class Site:
    """Somebody else's web site, at another address: one page that shows a programme."""

    def __init__(self, page: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://localhost:{self.server.server_port}/"


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("view", ["grid", "list"])
def test_a_programme_on_somebody_elses_site(browser: Any, demo: Demo, width: int, view: str):
    link = f'<p><a href="{demo.address}/nl/programmes/dag-van-de-buurt">Bekijk het programma</a></p>'
    source = f'src="{demo.address}/embed.js"'
    script = f'<script {source} data-programme="dag-van-de-buurt" data-view="{view}" async></script>'
    head = (
        '<!doctype html><html lang="nl"><meta charset="utf-8"><title>Ergens anders</title><h1>Onze dag</h1>'
    )
    site = Site(f"{head}{link}{script}")
    page = new_page(browser, width=width)
    page.goto(site.address)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Groningen experimenteert").first).to_be_visible()
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 1200")
    inner = next(one for one in page.frames if "/embed" in one.url)
    assert inner.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    inner.wait_for_function("document.documentElement.scrollHeight <= innerHeight")
    inner.evaluate(AXE)
    found = inner.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == []
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Groningen experimenteert").first.click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Groningen experimenteert")
    without = new_page(browser, scripts=False)
    without.goto(site.address)
    without.get_by_role("link", name="Bekijk het programma").click()
    expect(without.get_by_role("heading", level=1)).to_have_text("Dag van de Buurt")
    site.server.shutdown()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_sessions_as_cards_list_and_table(browser: Any, demo: Demo, width: int):
    page = new_page(browser, width=width, dark=width == 360)
    page.goto(f"{demo.address}/nl/programmes/dag-van-de-buurt")
    page.get_by_role("link", name="Lijst").click()
    assert page.url.endswith("?view=list#rounds")
    expect(page.locator(".sessions.compact").first).to_be_visible()
    page.get_by_role("link", name="Tabel").click()
    expect(page.locator("table.halls")).to_contain_text("Groningen experimenteert")
    look(page)
    page.get_by_label("Zoek op titel of spreker").fill("groningen")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("table.halls")).not_to_contain_text("ABCD")
    assert "view=grid" in page.url
    page.get_by_role("link", name="Kaarten").click()
    expect(page.locator(".session")).to_have_count(1)
    look(page)
