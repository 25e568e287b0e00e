"""What a programme looks like elsewhere: the picture in
a message, and the sessions on somebody else's site.
"""

import html
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from learning.kit.db import db
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.programmes.models import Programme
from learning.site import cards
from learning.site.cards import Card, draw_card
from tests.browse import words_of
from tests.make import NOON, make_account, make_organiser, make_programme, make_staff, release
from tests.site.world import change, make_community, make_day, sessions_of

PICTURE = "/nl/programmes/dag/picture.png"


@pytest.fixture
def day(app: Flask) -> Programme:
    """A released day of two rounds."""
    return make_day()


@pytest.mark.parametrize("path", ["", "/sessions/1.01"])
def test_a_page_names_a_picture_that_is_there(client: FlaskClient, day: Programme, path: str):
    page = client.get(f"/en/programmes/dag{path}").text
    named = re.search(r'<meta property="og:image" content="http://127.0.0.1:8000(/en/[^"]+)">', page)
    assert named is not None
    assert 'name="twitter:card" content="summary_large_image"' in page
    answer = client.get(named[1])
    image = Image.open(io.BytesIO(answer.data))
    assert (answer.mimetype, image.format, image.size) == ("image/png", "PNG", (1200, 630))
    assert len(answer.data) < 100_000
    assert client.get(named[1], headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_picture_follows_release_language_and_colours(client: FlaskClient, day: Programme):
    seen = [client.get(PICTURE).data]
    assert client.get(PICTURE).data == seen[0]
    change(day, title=Wording("Een andere dag"))
    assert client.get(PICTURE).data == seen[0]
    release(day, now=NOON + timedelta(hours=1))
    seen.append(client.get(PICTURE).data)
    seen.append(client.get(PICTURE.replace("/nl/", "/en/")).data)
    change(db.session.query(Organiser).one(), brand_colour="#ffcc00")
    seen.append(client.get(PICTURE).data)
    assert len(set(seen)) == 4


def test_programmes_without_days_or_place_have_one_too(client: FlaskClient):
    organiser = make_organiser()
    make_community(organiser)
    bare = make_programme(organiser, slug="kaal", title=Wording("Kaal"))
    release(bare)
    for slug in ("leren", "kaal"):
        assert client.get(f"/nl/programmes/{slug}/picture.png").status_code == 200


@pytest.mark.parametrize(
    "path", ["/nl/programmes/x/picture.png", "/nl/programmes/dag/sessions/9.99/picture.png"]
)
def test_what_is_not_public_has_no_picture(client: FlaskClient, day: Programme, path: str):
    make_programme(day.organiser, slug="x")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "title",
    [
        "",
        "x" * 300,
        "Woord " * 80,
        "Łódź naar Š-buurt",
        "مرحبا 漢字 🙂",
        "Donaudampfschiffahrtsgesellschaftshauptgebäude " * 3,
    ],
)
def test_any_title_fits(title: str):
    image = Image.open(
        io.BytesIO(draw_card(Card("Kring", title, ("wanneer " * 40, "x"), "#123f8f", "#b8431c", "1.01")))
    )
    size, lines = cards._fitted(title)
    assert image.size == cards.SIZE
    assert len(lines) <= 3
    assert max(cards._width(line, size, 800) for line in lines) <= cards.SIZE[0] - 2 * cards.EDGE


@pytest.mark.parametrize("query", ["", "?view=list", "?view=grid"])
def test_sessions_in_a_frame_have_no_cookie_menu_or_form(client: FlaskClient, day: Programme, query: str):
    client.set_cookie("session", "somebody")
    answer = client.get("/nl/programmes/dag/embed" + query)
    words = words_of(answer.text)
    assert ("1.01" in words, "Veilig op straat" in words, "nog 2 plekken" in words) == (True, True, True)
    assert "Set-Cookie" not in answer.headers
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<form|<nav|csrf", answer.text)
    assert '<base target="_blank">' in answer.text
    assert (
        client.get(
            "/nl/programmes/dag/embed" + query, headers={"If-None-Match": answer.headers["ETag"]}
        ).status_code
        == 304
    )


def test_no_other_page_can_be_framed(client: FlaskClient, day: Programme):
    for path in ("/nl/programmes", "/nl/programmes/dag", "/nl/sign-in", "/nl/programmes/dag/registration"):
        assert "frame-ancestors 'none'" in client.get(path).headers["Content-Security-Policy"]


def test_a_frame_follows_a_release_and_shows_nothing_else(client: FlaskClient, day: Programme):
    make_programme(day.organiser, slug="x")
    assert client.get("/nl/programmes/x/embed").status_code == 404
    session = sessions_of(day)["1.02"]
    change(session.workshop, title=Wording("Iets heel anders"))
    assert "Iets heel anders" not in client.get("/nl/programmes/dag/embed").text
    release(day, now=NOON + timedelta(hours=1))
    assert "Iets heel anders" in client.get("/nl/programmes/dag/embed").text


def test_what_staff_paste_elsewhere(app: Flask, day: Programme, sign_in):  # type: ignore[no-untyped-def]
    change(day, title=Wording('Dag "zo" & <nu>'))
    account = make_account("staf@x.example")
    make_staff(day.organiser, account, "editor")
    client = sign_in(account)
    at = f"/manage/{day.organiser.slug}/programmes"
    found = re.findall(r"<textarea[^>]*>(.*?)</textarea>", client.get(f"{at}/dag/share").text, re.S)
    pasted = [html.unescape(text) for text in found]
    for text, piece in zip(pasted, ('data-view="grid"', 'data-view="list"', "<iframe"), strict=True):
        assert piece in text
        assert "Dag &#34;zo&#34; &amp; &lt;nu&gt;" in text
        assert "http://127.0.0.1:8000/" in text
    make_programme(day.organiser, slug="x")
    assert "Niet gepubliceerd" in words_of(client.get(f"{at}/x/share").text)
    script = client.get("/embed.js")
    assert script.mimetype in ("text/javascript", "application/javascript")
    assert "max-age=3600" in script.headers["Cache-Control"]
