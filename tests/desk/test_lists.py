"""Lists at the desk: filters that live in the address, and many rows changed or taken away at once."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.desk.kind import KINDS
from learning.desk.models import GridStep, Removed
from learning.kit.db import db
from learning.organisations.models import Organisation, Organiser
from learning.programmes.models import Room, Round, Session, Speaker
from tests.browse import form_of, words_of
from tests.counted import counted
from tests.make import (
    make_account,
    make_contact,
    make_event,
    make_organisation,
    make_organiser,
    make_person,
    make_room,
    make_speaker,
    make_staff,
    make_venue,
)

AT = "/manage/kring/programmes/the-day"


@pytest.fixture
def desk(app: Flask, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """An editor of an organiser with an event of two rounds and two rooms."""
    organiser = make_organiser("kring")
    event = make_event(organiser, slug="the-day")
    venue = make_venue(organiser)
    for name in ("Zaal A", "Zaal B"):
        make_room(venue, name)
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    assert event.rounds
    return sign_in(account)


def ids() -> list[int]:
    """The sessions in order."""
    db.session.rollback()
    return [row.id for row in db.session.query(Session).order_by(Session.id)]


def change(desk: FlaskClient, at: str, chosen: list[int], **typed: str) -> str:
    """Choose rows and fill in what should happen to them; the words of the answer."""
    page = desk.get(f"{at}/many", query_string={"chosen": chosen})
    values = form_of(page.text)["values"] | typed
    return words_of(desk.post(f"{at}/many", data={**values, "chosen": chosen}, follow_redirects=True).text)


def test_a_filter_lives_in_the_address_and_goes_along_with_the_file(desk: FlaskClient):
    first = ids()[0]
    room = db.session.query(Room).order_by(Room.id).first()
    assert room is not None
    change(desk, f"{AT}/sessions", [first], do="room_id", room_id=str(room.id))

    in_room = words_of(desk.get(f"{AT}/sessions?room=Zaal+A").text)
    without = desk.get(f"{AT}/sessions?room=-&as=csv").data.decode("utf-8-sig").splitlines()
    unknown = words_of(desk.get(f"{AT}/sessions?room=Kelder").text)

    assert "1 gevonden" in in_room
    assert len(without) == len(ids())  # its head, and all but the one in the room
    assert f"{len(ids())} gevonden" in unknown


def fill(many: int) -> None:
    """So many organisations, each a partner with a contact and a speaker, in no order at all."""
    organiser = db.session.scalars(select(Organiser).where(Organiser.slug == "kring")).one()
    start = db.session.query(Organisation).count()
    for n in range(start, many):
        name = f"{'ZbÄ'[n % 3]}stad {(n * 37) % 101:03}-{n}"
        kind = ("city", "company", "other")[n % 3]
        kvk = f"{10_000_000 + (n * 7919) % 1000}" if n % 4 else ""
        city = make_organisation(organiser, name, kind=kind, kvk=kvk, partner_from=date(2020 + n % 9, 1, 1))
        make_contact(city, make_person(organiser, f"Mens {n % 10} {n}"), confirmed=bool(n % 3))
        make_speaker(organiser, f"Spreker {n}", affiliation=name[:6])


def shown(desk: FlaskClient, key: str, query: str) -> list[str]:
    """The ids on one page of a list, in order."""
    return re.findall(r'name="chosen"\s+value="(\d+)"', desk.get(f"/manage/kring/{key}?{query}").text)


ORDERED = [("speakers", 5), ("organisations", 6), ("partnerships", 5), ("contacts", 5), ("venues", 2)]


@pytest.mark.parametrize(("key", "columns"), ORDERED)
def test_a_list_that_the_database_cuts_shows_what_the_whole_list_has(
    desk: FlaskClient, app: Flask, key: str, columns: int
):
    fill(60)
    kind = KINDS[key]
    sorts = kind.by_column.sorts if kind.by_column else {}
    queries = [f"order={sign}{n}" for n in range(columns) for sign in ("", "-") if n in sorts] + [""]
    words = {"state": "aangevraagd", "kind": "Bedrijf", "level": "-", "organisation": "Zstad ", "text": "nee"}
    queries += [f"{name}={words.get(name, 'nee')}" for name in kind.facets]
    for query in queries:
        whole = replace(kind, by_column=None)
        cut = [*shown(desk, key, f"{query}&page=1"), *shown(desk, key, f"{query}&page=2")[:60]]
        KINDS[key] = whole
        try:
            known = [*shown(desk, key, f"{query}&page=1"), *shown(desk, key, f"{query}&page=2")]
        finally:
            KINDS[key] = kind
        assert cut == known, query
        assert cut or query, "there is something to show"


@pytest.mark.parametrize("key", ["speakers", "organisations", "partnerships", "contacts"])
def test_a_page_of_a_long_list_reads_no_more_than_of_a_short_one(desk: FlaskClient, key: str):
    asked = []
    for many in (55, 110):
        fill(many)
        desk.get(f"/manage/kring/{key}")
        with counted() as found:
            assert len(shown(desk, key, "")) == 50
        asked.append((len(found.statements), len(found.loaded)))

    assert asked[0] == asked[1]
    assert len(shown(desk, key, "page=3")) == 10


def test_many_get_a_room_as_one_step_that_can_be_undone(desk: FlaskClient):
    two = ids()[:2]
    room = db.session.query(Room).filter(Room.name == "Zaal B").one().id

    said = change(desk, f"{AT}/sessions", two, do="room_id", room_id=str(room))

    assert "2 regels zijn gewijzigd" in said
    db.session.rollback()
    assert {row.id for row in db.session.query(Session).filter(Session.room_id == room)} == set(two)
    assert len(db.session.query(GridStep).one().after) == 2


@pytest.mark.parametrize(
    ("name", "typed", "shown"), [("capacity", "30", 30), ("capacity", "", None), ("minimum", "4", 4)]
)
def test_many_get_a_number(desk: FlaskClient, name: str, typed: str, shown: int | None):
    said = change(desk, f"{AT}/sessions", ids(), do=name, **{name: typed})

    assert "gewijzigd" in said
    db.session.rollback()
    assert {getattr(row, name) for row in db.session.query(Session)} == {shown}


def test_nothing_happens_without_a_choice_and_what_was_typed_stays(desk: FlaskClient):
    before = {row.id: row.capacity for row in db.session.query(Session)}

    answer = desk.post(f"{AT}/sessions/many", data={"chosen": ids(), "capacity": "veel", "do": "capacity"})
    none = desk.post(f"{AT}/sessions/many", data={"chosen": ids(), "capacity": "7", "do": ""})
    empty = words_of(desk.get(f"{AT}/sessions/many", follow_redirects=True).text)

    assert answer.status_code == 422
    assert 'value="veel"' in answer.text
    assert none.status_code == 422
    assert "Kies eerst ten minste één regel" in empty
    db.session.rollback()
    assert {row.id: row.capacity for row in db.session.query(Session)} == before


def test_what_leans_on_something_stays_and_the_rest_goes_and_comes_back(desk: FlaskClient):
    organiser = db.session.query(Round).first().meeting.programme.organiser  # type: ignore[union-attr]
    free = [make_speaker(organiser, name).id for name in ("Ada Een", "Bea Twee")]
    room = db.session.query(Room).order_by(Room.id).first()
    assert room is not None
    change(desk, f"{AT}/sessions", ids()[:1], do="room_id", room_id=str(room.id))
    rooms = [row.id for row in db.session.query(Room)]

    people = change(desk, "/manage/kring/speakers", free)
    places = change(desk, "/manage/kring/rooms", rooms, do="away")

    assert "2 zijn weggehaald" in people
    assert "1 blijven staan" in places
    db.session.rollback()
    assert db.session.query(Speaker).filter(Speaker.id.in_(free)).count() == 0
    assert [row.id for row in db.session.query(Room).filter(Room.id.in_(rooms))] == [room.id]
    for removed in db.session.query(Removed).filter(Removed.words.in_(("Ada Een", "Bea Twee"))).all():
        desk.post(f"/manage/kring/removed/{removed.id}/restoration")
    db.session.rollback()
    assert db.session.query(Speaker).filter(Speaker.id.in_(free)).count() == 2


def test_all_that_was_found_and_not_what_another_organiser_has(desk: FlaskClient):
    theirs = make_event(make_organiser("theirs"), slug="theirs")
    other = theirs.rounds[0].sessions[0].id
    mine = {row.id for row in db.session.query(Session) if row.programme_id != theirs.id}

    change(desk, f"{AT}/sessions", [other, min(mine)], do="capacity", capacity="11")
    page = desk.get(f"{AT}/sessions/many", query_string={"all": "1"})

    db.session.rollback()
    changed = {row.id for row in db.session.query(Session).filter(Session.capacity == 11)}
    assert changed == {min(mine)}
    assert f"Wijzig {len(mine)} regels" in words_of(page.text)
