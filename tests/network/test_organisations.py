"""Organisations and partners at the desk, numbers that the
state gives, and municipalities found as people type them.
"""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import bsn

from learning.desk import removing
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.organisations.models import Organisation, OrganisationAlias, Organiser, Partnership
from learning.organisations.municipalities import ended_municipality, municipalities, municipality_named
from learning.organisations.queries import find_city, suggestions
from learning.organisations.rules import is_kvk, is_oin, is_rsin
from learning.people.models import Account
from tests.browse import send, words_of
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_organisation,
    make_organiser,
    make_person,
    make_staff,
)

SignIn = Callable[[Account], FlaskClient]
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def organiser(app: Flask) -> Organiser:
    return make_organiser("kring")


@pytest.fixture
def desk(organiser: Organiser, sign_in: SignIn) -> FlaskClient:
    """An editor's browser."""
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    return sign_in(account)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Den Haag", "GM0518"),
        ("gemeente 's-Gravenhage", "GM0518"),
        ("The Hague", "GM0518"),
        ("den bosch", "GM0796"),
        ("HENGELO", "GM0164"),
        ("Hengelo (O.)", "GM0164"),
        ("súdwest fryslan", "GM1900"),
        ("Haren", None),  # part of Groningen since 2019
        ("Bergen", None),  # there are two
        ("Bergen Limburg", "GM0893"),
        ("Nergenshuizen", None),
        ("", None),
    ],
)
def test_a_municipality_is_found_as_people_type_it(typed: str, code: str | None):
    found = municipality_named(typed, TODAY)
    assert (found.code if found else None) == code


def test_the_list_of_municipalities():
    there = [row for row in municipalities() if row.until_on is None]
    assert len(there) == 342
    haren = ended_municipality("Haren", TODAY)
    assert haren is not None
    assert haren.until_on == date(2019, 1, 1)
    before = municipality_named("Haren", date(2018, 12, 31))
    assert before is not None
    assert before.province == "Groningen"


@given(st.integers(0, 999_999_999))
def test_an_rsin_passes_the_check_of_eleven(number: int):
    digits = f"{number:09d}"
    assert is_rsin(digits) == (bsn.is_valid(digits) and digits != "000000000")


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("00000001001005650000", True),
        ("00000001001005651000", False),  # the RSIN fails the check
        ("00000001001005650001", False),
        ("00000003123456780000", True),
        ("00000003123456780001", False),
        ("00000004000000000001", True),
        ("0000000100100565000", False),
        ("x" * 20, False),
    ],
)
def test_an_oin_has_a_right_number_inside(number: str, right: bool):
    assert is_oin(number) == right


def test_a_kvk_number_has_eight_digits():
    assert [is_kvk(n) for n in ("12345678", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨")] == [True] + [
        False
    ] * 4


def test_staff_make_a_city_with_its_other_names_and_numbers(desk: FlaskClient, organiser: Organiser):
    at = f"/manage/{organiser.slug}/organisations"
    assert "Nog geen organisaties." in words_of(desk.get(at).text)
    wrong = send(desk, f"{at}/new", name="Den Haag", kvk="1234", oin="00000001001005651000", also="Hofstad")
    words = words_of(wrong.text)
    assert "Een KvK-nummer heeft acht cijfers." in words
    assert "Dit is geen OIN" in words
    assert "Hofstad</textarea>" in wrong.text
    done = send(
        desk,
        f"{at}/new",
        name="Den Haag",
        kvk="1234 5678",
        oin="00000001 001005650 000",
        also="Hofstad\n\nDen Haag",
    )
    assert "“Den Haag” is opgeslagen." in words_of(done.text)
    row = db.session.query(Organisation).one()
    assert (row.municipality_code, row.kvk, row.oin) == ("GM0518", "12345678", "00000001001005650000")
    assert sorted(row.also) == ["'s-Gravenhage", "Hofstad", "The Hague"]
    for typed in ("gemeente 's-Gravenhage", "hofstad", "the hague"):
        assert find_city(organiser.id, typed) == row
    twice = send(desk, f"{at}/new", name="Gemeente Den Haag")
    assert twice.status_code == 409
    taken = send(desk, f"{at}/new", name="Delft", also="Hofstad")
    assert "Een andere organisatie staat al bekend als Hofstad" in words_of(taken.text)
    send(desk, f"{at}/{row.id}", also="Hofstad", name="Den Haag", kind="institution")
    db.session.expire_all()
    assert db.session.query(Organisation).one().also == ["Hofstad"]
    listed = desk.get(at, query_string={"search": "12345678"})
    assert "Hofstad" in words_of(listed.text)


def test_who_is_used_stays_and_who_is_not_comes_back_with_other_names(
    desk: FlaskClient, organiser: Organiser
):
    city = make_organisation(organiser, "Ede")
    make_contact(city, make_person(organiser, "Con"))
    at = f"/manage/{organiser.slug}/organisations"
    stays = desk.get(f"{at}/{city.id}")
    assert "wordt 1 keer gebruikt" in words_of(stays.text)
    send(desk, f"{at}/new", name="Delft", also="Prinsenstad")
    row = db.session.query(Organisation).filter_by(name="Delft").one()
    gone = removing.remove(organiser.id, None, row, by=1, now=NOON)
    assert find_city(organiser.id, "Prinsenstad") is None
    assert db.session.query(OrganisationAlias).count() == 0
    removing.restore(organiser.id, gone.id, by=1, now=NOON)
    found = find_city(organiser.id, "Prinsenstad")
    assert found is not None
    assert found.name == "Delft"


def test_partners_begin_end_and_do_not_overlap(desk: FlaskClient, organiser: Organiser):
    city = make_organisation(organiser, "Ede")
    at = f"/manage/{organiser.slug}/partnerships"
    first = {"organisation_id": str(city.id), "from_on": "2026-01-01"}
    assert "Vul een laatste dag in na de eerste" in words_of(
        send(desk, f"{at}/new", **first, until_on="2025-12-31").text
    )
    assert "“Ede” is opgeslagen." in words_of(send(desk, f"{at}/new", **first, until_on="2026-12-31").text)
    overlap = send(desk, f"{at}/new", organisation_id=str(city.id), from_on="2026-12-31")
    assert "al partner, vanaf 2026-01-01" in words_of(overlap.text)
    send(desk, f"{at}/new", organisation_id=str(city.id), from_on="2027-01-01")
    words = words_of(desk.get(at).text)
    assert "nu partner" in words
    assert "later partner" in words
    row = db.session.query(Partnership).order_by(Partnership.id).first()
    assert row is not None
    send(desk, f"{at}/{row.id}", having="until_on", until_on="2026-06-30")
    assert "geen partner meer" in words_of(desk.get(at).text)
    assert "2027-01-01" not in words_of(desk.get(at, query_string={"state": "geen partner meer"}).text)


def test_other_organisers_find_nothing(desk: FlaskClient, sign_in: SignIn):
    other = make_organiser("ander")
    city = make_organisation(other, "Ede")
    for thing in ("organisations", "partnerships"):
        assert desk.get(f"/manage/{other.slug}/{thing}").status_code == 404
    assert desk.get(f"/manage/kring/organisations/{city.id}").status_code == 404
    finance = make_account("finance@x.example")
    make_staff(db.session.query(Organiser).filter_by(slug="kring").one(), finance, "finance")
    assert sign_in(finance).get("/manage/kring/organisations").status_code == 403


def test_names_are_suggested_also_of_municipalities_that_are_new(organiser: Organiser):
    assert suggestions(organiser.id, "Zutfen") == ["Zutphen"]


def test_a_partnership_on_which_a_price_leans_stays_and_ends_by_its_last_day(app: Flask):
    from tests.delegations.community import make_community, register

    community = make_community()
    register(community, community.zutphen, community.carla)
    row = db.session.query(Partnership).one()
    with pytest.raises(Refusal) as refused:
        removing.remove(community.organiser.id, None, row, by=1, now=NOON)
    assert refused.value.code == "in_use"
    assert db.session.query(Partnership).count() == 1


def test_a_name_of_a_municipality_that_another_organisation_has_is_left_there(
    desk: FlaskClient, organiser: Organiser
):
    at = f"/manage/{organiser.slug}/organisations"
    send(desk, f"{at}/new", name="Haagse Zaken", kind="company", also="The Hague")
    assert "“Den Haag” is opgeslagen." in words_of(send(desk, f"{at}/new", name="Den Haag").text)
    found = find_city(organiser.id, "the hague")
    assert found is not None
    assert found.name == "Haagse Zaken"


def test_the_old_name_leads_to_the_municipality_that_took_over(desk: FlaskClient, organiser: Organiser):
    saved = send(
        desk, "/manage/kring/organisations/new", name="Groningen", kind="city", also="Haren\nTen Boer"
    )
    assert "Groningen" in words_of(saved.text)
    for typed in ("Haren", "gemeente ten boer", "Groningen"):
        found = find_city(organiser.id, typed)
        assert found is not None
        assert found.name == "Groningen"
