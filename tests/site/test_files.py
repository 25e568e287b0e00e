"""A released programme as files for apps and spreadsheets, and its changes as page and feed."""

import io
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from openpyxl import load_workbook

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.programmes.models import Programme, Session
from tests.browse import words_of
from tests.make import NOON, make_programme, make_session, make_speaker, release
from tests.site.world import counted, make_day

pytestmark = pytest.mark.one_database

XSD = etree.XMLSchema(etree.parse(Path(__file__).parent / "schedule.xsd"))
FILES = (
    "/programmes/dag.xml",
    "/programmes/dag.json",
    "/programmes/dag.xlsx",
    "/programmes/dag/changes.atom",
)


@pytest.fixture
def day(app: Flask) -> Programme:
    """A released day."""
    return make_day()


@transaction()
def rename(programme: Programme, title: str) -> None:
    """Give the first session another title at the desk."""
    session = db.session.query(Session).filter_by(programme_id=programme.id).order_by(Session.id).first()
    assert session is not None
    session.workshop.title = Wording(title, title)


def test_xml_holds_to_the_schema_and_shows_a_repeat_twice(client: FlaskClient, day: Programme):
    tree = etree.fromstring(client.get("/programmes/dag.xml").data)

    XSD.assertValid(tree)
    events = tree.xpath("day/room/event[type='workshop']")
    titles = [event.findtext("title")[5:] for event in events]
    assert len(titles) == 4
    assert len(set(titles)) == 3  # 2.02 gives the workshop of 1.01 again
    assert len({event.get("guid") for event in events}) == 4
    assert {event.findtext("start") for event in events} == {"14:00", "15:00"}


def test_json_says_the_same_as_xml(client: FlaskClient, day: Programme):
    plain = json.loads(client.get("/programmes/dag.json?lang=en").data)["schedule"]
    tree = etree.fromstring(client.get("/programmes/dag.xml?lang=en").data)

    conference = plain["conference"]
    events = [event for d in conference["days"] for room in d["rooms"].values() for event in room]
    assert conference["title"] == "Day of the Street"
    assert sorted((e["guid"], e["title"], e["duration"]) for e in events) == sorted(
        (e.get("guid"), e.findtext("title"), e.findtext("duration")) for e in tree.xpath("day/room/event")
    )


def test_guids_stay_when_a_session_moves(client: FlaskClient, day: Programme):
    before = {
        e.get("guid")
        for e in etree.fromstring(client.get("/programmes/dag.xml").data).xpath("day/room/event")
    }
    rename(day, "Anders")
    release(day)
    after = {
        e.get("guid")
        for e in etree.fromstring(client.get("/programmes/dag.xml").data).xpath("day/room/event")
    }

    assert before == after


def test_the_spreadsheet_holds_no_formula(client: FlaskClient, day: Programme):
    rename(day, "=HYPERLINK(1)")
    release(day)

    book = load_workbook(io.BytesIO(client.get("/programmes/dag.xlsx").data))
    rows = [list(row) for row in book.worksheets[0].iter_rows(min_row=2)]

    assert [row[0].value for row in rows] == ["1.01", "1.02", "2.01", "2.02"]
    assert (rows[0][1].value, rows[0][1].data_type) == ("=HYPERLINK(1)", "s")
    assert [sheet.title for sheet in book.worksheets] == ["Sessies", "Onderdelen en rondes", "Sprekers"]


@pytest.mark.parametrize("address", FILES)
def test_a_file_is_made_once_and_never_stale(
    client: FlaskClient, day: Programme, address: str, monkeypatch: pytest.MonkeyPatch
):
    first = client.get(address)
    with counted(monkeypatch) as queries:
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, len(queries)) == (304, 1)

    rename(day, "Gloednieuw")
    release(day)
    fresh = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert fresh.status_code == 200
    assert fresh.data != first.data


@pytest.mark.parametrize("address", FILES)
def test_as_many_queries_for_four_sessions_as_for_forty(
    client: FlaskClient, day: Programme, address: str, monkeypatch: pytest.MonkeyPatch
):
    def cost() -> int:
        with counted(monkeypatch) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    few = cost()
    for _n in range(36):
        make_session(day.rounds[0], capacity=3)
    release(day)
    assert few <= 6
    assert cost() <= few


@pytest.mark.parametrize("address", [*FILES, "/nl/programmes/dag/changes"])
def test_what_is_not_released_leaks_nowhere(client: FlaskClient, day: Programme, address: str):
    rename(day, "Kwartelkoning")
    make_speaker(day.organiser, "Wielewaal")

    assert b"Kwartelkoning" not in client.get(address).data
    assert b"Wielewaal" not in client.get(address).data


@pytest.mark.parametrize(
    "address", [file.replace("dag", "geheim") for file in FILES] + [f"{file}?lang=xx" for file in FILES]
)
def test_unknown_unreleased_and_odd_ones_are_not_found(client: FlaskClient, day: Programme, address: str):
    make_programme(day.organiser, slug="geheim")

    assert client.get(address).status_code == 404


def test_changes_are_told_on_a_page_and_in_a_feed(client: FlaskClient, day: Programme):
    rename(day, "Nieuwe naam")
    release(day, now=NOON, name="Met & zonder <naam>")

    words = words_of(client.get("/nl/programmes/dag/changes").text)
    feed = etree.fromstring(client.get("/programmes/dag/changes.atom").data)

    assert "nieuwe titel: Nieuwe naam (was" in words
    assert "Met & zonder <naam>" in words
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == 2
    assert "Nieuwe naam" in entries[0].findtext("{http://www.w3.org/2005/Atom}content")


def test_a_programme_without_days_is_an_empty_schedule(client: FlaskClient):
    release(make_programme(slug="leeg"))

    assert XSD.validate(etree.fromstring(client.get("/programmes/leeg.xml").data))
    assert json.loads(client.get("/programmes/leeg.json").data)["schedule"]["conference"]["daysCount"] == 0
    assert client.get("/programmes/leeg.xlsx").status_code == 200
