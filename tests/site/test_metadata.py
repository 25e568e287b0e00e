"""What machines read: schema.org data in pages, canonical addresses, the site map, and the robots file."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.programmes.models import Programme, Session
from learning.releases.actions import cancel_session
from tests.make import NOON, make_programme, make_tariff, release
from tests.site.world import make_day


@pytest.fixture
def day(app: Flask) -> Programme:
    """A released day."""
    return make_day()


def data_in(client: FlaskClient, address: str) -> Any:
    """The JSON-LD of a page."""
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', client.get(address).text, re.S)
    assert len(found) == 1
    return json.loads(found[0])


def test_a_programme_is_an_event_with_its_sessions(client: FlaskClient, day: Programme):
    data = data_in(client, "/nl/programmes/dag")

    assert (data["@type"], data["name"], data["eventStatus"]) == (
        "Event",
        "Dag van de Straat",
        "https://schema.org/EventScheduled",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00\+0[12]:00", data["startDate"])
    assert [sub["name"][:4] for sub in data["subEvent"]] == ["1.01", "1.02", "2.01", "2.02"]
    assert data["location"]["address"]["streetAddress"] == "Markt 1"
    assert "offers" not in data  # no price is known, so none is invented


def test_prices_are_offers_and_a_cancelled_session_says_so(client: FlaskClient, day: Programme):
    make_tariff(day, 395)
    release(day)
    session = db.session.query(Session).filter_by(programme_id=day.id).order_by(Session.id).first()
    assert session is not None
    cancel_session(session, name="x", now=NOON)

    assert [offer["price"] for offer in data_in(client, "/nl/programmes/dag")["offers"]] == ["395.00"]
    one = data_in(client, "/nl/programmes/dag/sessions/1.01")
    assert one["eventStatus"] == "https://schema.org/EventCancelled"
    assert one["superEvent"]["name"] == "Dag van de Straat"


def test_no_text_can_break_out_of_the_data(client: FlaskClient, day: Programme):
    @transaction()
    def rename() -> None:
        db.session.get_one(Programme, day.id).title = Wording("</script><script>alert(1)</script>&<!--")

    rename()
    release(day)
    text = client.get("/nl/programmes/dag").text

    assert "<script>alert" not in text
    assert data_in(client, "/nl/programmes/dag")["name"] == "</script><script>alert(1)</script>&<!--"


def test_each_page_names_its_own_address(client: FlaskClient, day: Programme):
    for path in ("/nl/programmes/dag", "/en/programmes/dag/sessions/1.01"):
        text = client.get(f"{path}?theme=x").text
        assert re.search(rf'<link rel="canonical" href="https?://[^"]+{path}">', text)
        assert re.search(r'<meta property="og:title" content="[^"]+">', text)


def test_the_site_map_holds_what_is_released_and_nothing_else(client: FlaskClient, day: Programme):
    make_programme(day.organiser, slug="geheim")
    tree = etree.fromstring(client.get("/sitemap.xml").data)
    places = [place.text for place in tree.iter("{*}loc")]

    assert any(place.endswith("/en/programmes/dag/sessions/2.02") for place in places)
    assert not any("geheim" in place for place in places)
    assert len(places) == len(set(places))
    assert "Disallow: /manage/" in client.get("/robots.txt").text
    first = client.get("/sitemap.xml")
    assert client.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
