"""Secret pages over https: each form can be sent, and nobody else learns the address."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from learning.factory import create_app
from learning.kit import secret_routes
from learning.kit.db import db
from tests.browse import Forms, words_of
from tests.conftest import OwnContext, settings
from tests.make import make_event
from tests.secret_pages import FEEDS, make_secret_pages, posting

pytestmark = pytest.mark.one_database

BASE = "https://leerkring.example.org"
ROOT = Path(__file__).parent.parent.parent
ELSEWHERE = {  # of a demo; of an empty installation; asked by a script while one types
    "demo.sign_in", "office.first_start", "speakers.hand_in_preview",
}  # fmt: skip


@pytest.fixture
def secure(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app as it stands behind a proxy: https, and forms must say where they come from."""
    app = create_app(settings(tmp_path, database_url, base_url=BASE, proxies=1))
    app.test_client_class = OwnContext
    app.config["PROPAGATE_EXCEPTIONS"] = True
    with app.app_context():
        assert app.config["WTF_CSRF_SSL_STRICT"]
        yield app
        db.session.remove()
        db.engine.dispose()


def ask(client: FlaskClient, path: str, **more: Any) -> TestResponse:
    """Ask as the proxy passes it on."""
    return client.get(path, base_url=BASE, headers={"X-Forwarded-Proto": "https"}, **more)


def send_as_a_browser(
    client: FlaskClient, page: TestResponse, path: str, form: dict[str, Any]
) -> TestResponse:
    """Send a form with the headers that a browser adds under the Referrer-Policy of its page."""
    headers = {"X-Forwarded-Proto": "https", "Origin": BASE}
    if page.headers["Referrer-Policy"] == "same-origin":
        headers["Referer"] = BASE + path
    else:
        headers["Origin"] = "null"
    return client.post(form["action"] or path, base_url=BASE, headers=headers, data=form["values"])


def test_every_form_of_every_secret_page_can_be_sent_over_https(secure: Flask):
    pages = make_secret_pages()
    sent = {}
    for endpoint, path in pages.items():
        client = secure.test_client()
        page = ask(client, path)
        assert page.status_code == 200, endpoint
        for form in [f for f in Forms(page.text).forms if f["method"] == "post"]:
            answer = send_as_a_browser(client, page, path, form)
            with secure.test_request_context(form["action"] or path, method="POST") as asked:
                sent[asked.request.endpoint] = answer.status_code

    assert posting(secure) - ELSEWHERE <= sent.keys()
    assert {endpoint: code for endpoint, code in sent.items() if code not in (302, 409, 422)} == {}


def test_a_form_that_does_not_say_where_it_comes_from_is_refused(secure: Flask):
    """The strict check is on: without it the test above would prove nothing."""
    path = make_secret_pages()["schedules.mine"]
    client = secure.test_client()
    form = next(f for f in Forms(ask(client, path).text).forms if "form_key" in f["values"])
    answer = client.post(
        form["action"],
        base_url=BASE,
        data=form["values"],
        headers={"X-Forwarded-Proto": "https", "Origin": "null"},
    )

    assert answer.status_code == 400


def test_secret_addresses_tell_no_other_site_and_no_search_engine(secure: Flask):
    for endpoint, path in make_secret_pages().items():
        for asked in (path, path.replace(re.findall(r"[\w-]{20,}", path)[0], "unknown")):
            headers = ask(secure.test_client(), asked).headers
            page = headers["Content-Type"].startswith("text/html")
            assert headers["Referrer-Policy"] == ("same-origin" if page else "no-referrer"), asked
            assert headers["X-Robots-Tag"] == "noindex, nofollow", asked
            assert page or endpoint in FEEDS


def test_one_list_of_secret_addresses(secure: Flask):
    pages = make_secret_pages()
    fits = re.compile(secret_routes.location(secure))

    assert {rule.endpoint for rule in secret_routes.secret_rules(secure)} >= pages.keys()
    assert [path for path in pages.values() if not fits.match(path)] == []
    public = (
        "/nl/",
        "/nl/programmes/x",
        "/nl/programmes/x/registration",
        "/nl/sign-in",
        "/programmes/x.ics",
        "/robots.txt",
    )
    assert [path for path in public if fits.match(path)] == []
    for path in pages.values():
        secret = re.findall(r"[\w-]{20,}", path)[0]
        for text in (
            path,
            f"GET {BASE}{path}?x=1",
            f"/nl/sign-in?next={path.replace('/', '%2F')}",
            repr({"url": BASE + path}),
        ):
            assert secret not in secret_routes.redact(text)
            assert "[secret]" in secret_routes.redact(text)


def test_what_is_written_about_the_proxy_knows_every_secret_address(secure: Flask):
    """The examples of nginx hold the regular expression of the one list, and write no Referer down."""
    files = sorted((ROOT / "deploy" / "nginx").iterdir())
    assert files
    for file in files:
        assert secret_routes.location(secure) in file.read_text(), file
        assert "$http_referer" not in file.read_text(), file


def test_robots_are_not_told_where_calendars_are(secure: Flask):
    """A file for robots would stop Google Calendar; a header on each answer does not."""
    make_event()

    assert "calendars" not in ask(secure.test_client(), "/robots.txt").text


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_link_that_does_not_work_says_so_alike_for_every_kind(secure: Flask, lang: str):
    words = {"nl": "Deze link werkt niet (meer)", "en": "This link does not work (any more)"}[lang]
    texts, of_invitations = set(), set()  # whom to ask for an invitation is said there alone
    for endpoint, path in make_secret_pages().items():
        secret = re.findall(r"[\w-]{20,}", path)[0]
        for wrong in (secret[:-1], "x" * 27):
            asked = path.replace(secret, wrong).replace("/nl/", f"/{lang}/")
            client = secure.test_client()
            answer = client.get(
                asked, base_url=BASE, headers={"Accept": "text/html", "Accept-Language": lang}
            )
            assert answer.status_code == 404, asked
            assert words in answer.text, asked
            said = of_invitations if endpoint == "people.come" else texts
            # menu and language of the page stand before it
            said.add(words_of(answer.text).partition(" 404 ")[2])

    assert (len(texts), len(of_invitations)) == (1, 1)


def test_a_calendar_that_is_gone_stays_plain_for_programs(secure: Flask):
    answer = ask(secure.test_client(), "/calendars/unknown.ics")

    assert (answer.status_code, answer.mimetype) == (404, "text/plain")
