"""An installation as it runs for real, over https: every
form of every secret page, sent by a real browser.
"""

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from learning.config import Settings
from learning.factory import create_app
from learning.kit import secret_routes
from learning.kit.db import db
from tests.browser.chromium import look, new_page
from tests.browser.conftest import Production
from tests.secret_pages import FEEDS, make_secret_pages, posting

ELSEWHERE = {  # of a demo; of an empty installation; asked by a script while one types
    "demo.sign_in", "office.first_start", "speakers.hand_in_preview",
}  # fmt: skip
FORMS = "main form[method=post]"


@pytest.fixture(scope="module")
def app(production: Production) -> Any:
    """The same installation, to put people into it and to know its addresses."""
    return create_app(Settings.from_env(production.env))


@pytest.fixture(scope="module")
def pages(app: Any) -> dict[str, str]:
    """Secret pages of every kind, by endpoint."""
    with app.app_context():
        made = make_secret_pages()
        db.session.remove()
        db.engine.dispose()
    return made


def send(page: Page, address: str, number: int) -> tuple[str, int]:
    """Open the page, press the button of one of its forms; where it was sent to, and the answer."""
    page.goto(address)
    form = page.locator(FORMS).nth(number)
    with (
        page.expect_response(lambda answer: answer.request.method == "POST") as sent,
        page.expect_navigation(),
    ):
        form.evaluate("form => form.requestSubmit(form.querySelector('button:not([type=button])'))")
    return sent.value.url, sent.value.status


def test_every_form_of_every_secret_page(
    browser: Any, production: Production, app: Any, pages: dict[str, str]
):
    adapter = app.url_map.bind("localhost")
    sent: dict[str, int] = {}
    for endpoint, path in pages.items():
        if endpoint in FEEDS:
            continue
        page = new_page(browser, width=360)
        page.goto(production.address + path)
        look(page)
        for number in reversed(range(page.locator(FORMS).count())):  # a form may take itself away
            url, status = send(page, production.address + path, number)
            sent[adapter.match(url.removeprefix(production.address), method="POST")[0]] = status

    assert posting(app) - ELSEWHERE <= sent.keys()
    assert {endpoint: status for endpoint, status in sent.items() if status not in (302, 409, 422)} == {}


def test_signing_out_from_a_secret_page(
    browser: Any, production: Production, app: Any, pages: dict[str, str]
):
    from learning.kit import clock
    from learning.mail.models import Message
    from learning.people.actions import ask_link

    with app.app_context():
        ask_link("staff@ours.example", next_url=None, language="nl", now=clock.now())
        newest = (
            db.session.query(Message)
            .filter_by(template="people/sign_in_link")
            .order_by(Message.id.desc())
            .first()
        )
        address = newest.values["sign_in_url"]
        db.session.remove()
        db.engine.dispose()
    page = new_page(browser)
    page.goto(address)
    page.get_by_role("main").get_by_role("button").click()
    page.goto(production.address + pages["speakers.hand_in"])
    page.get_by_role("button", name="Uitloggen").click()

    expect(page.get_by_role("link", name="Inloggen").first).to_be_visible()


def test_a_button_is_busy_after_the_first_click_and_free_when_one_comes_back(
    browser: Any, production: Production, pages: dict[str, str]
):
    page = new_page(browser)
    page.goto(production.address + "/nl/links")
    page.get_by_label("E-mailadres").fill("nobody@x.example")
    seen = page.evaluate(
        """() => { const form = document.querySelector("main form");
        const button = form.querySelector("button");
        let went = 0;
        document.addEventListener("submit", (e) => { if (!e.defaultPrevented) went += 1;
        e.preventDefault(); });
        button.click(); button.click();
        const busy = button.getAttribute("aria-busy"); dispatchEvent(new PageTransitionEvent("pageshow"));
        return [went, busy, button.hasAttribute("aria-busy")]; }"""
    )

    assert seen == [1, "true", False]


def test_the_log_of_all_this_holds_no_secret(production: Production, app: Any, pages: dict[str, str]):
    give_up = time.monotonic() + 60  # the worker says what it did when it has done it
    while (
        '"job": "mail.delivery.deliver_due"' not in production.log.read_text() and time.monotonic() < give_up
    ):
        time.sleep(0.2)
    lines = production.log.read_text().splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]

    assert {"time", "who", "route", "status", "ms", "queries"} <= {key for line in told for key in line}
    assert any(line["event"] == "job" and line["job"] == "mail.delivery.deliver_due" for line in told)
    assert any(
        line["event"] == "request" and line["route"] == "/<any(nl, en):lang>/hand-in/<token>" for line in told
    )
    with app.app_context():
        fits = secret_routes.redactor(app)
        assert [line for line in lines if fits(line) != line] == []
    secrets = [
        part for path in pages.values() for part in path.replace(".ics", "").split("/") if len(part) > 20
    ]
    assert [secret for secret in secrets if any(secret in line for line in lines)] == []
