"""Invoices at the desk: who may, what is refused in words, and lists that do not grow dearer."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.billing import actions
from learning.delegations.models import Delegation
from learning.kit.db import db, transaction
from learning.people.models import Account
from tests.browse import form_of, links, words_of
from tests.counted import asked_by, counted
from tests.make import (
    NOON,
    make_account,
    make_delegation,
    make_event,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_staff,
    release,
)

SignIn = Callable[[Account], FlaskClient]


class Desk:
    """An organiser with a learning community and somebody who may bill."""

    def __init__(self) -> None:
        self.organiser = make_organiser("desk")
        self.programme = make_programme(
            self.organiser, kind="learning_community", by_delegation=True, slug="community"
        )
        make_meeting(self.programme)
        release(self.programme)
        self.contact = make_person(self.organiser, "Con", "contact@x.example")
        self.finance = make_account("finance@x.example")
        make_staff(self.organiser, self.finance, "finance")

    def city(self, name: str) -> Delegation:
        """A city that takes part for 3,000 euro."""
        city = make_organisation(self.organiser, name)
        return make_delegation(self.programme, city, self.contact, price=Decimal(3000))


@pytest.fixture
def desk(app: Flask) -> Desk:
    """The desk."""
    return Desk()


@transaction()
def forget(delegation: Delegation) -> None:
    """The purchase-order number is gone."""
    db.session.get_one(Delegation, delegation.id).order_ref = ""


def test_what_is_missing_is_said_and_nothing_is_issued(desk: Desk, sign_in: SignIn):
    delegation = desk.city("Ede")
    forget(delegation)
    invoice = actions.draft_invoice(delegation, by=desk.finance, now=NOON)
    client = sign_in(desk.finance)

    page = words_of(client.get(f"/manage/desk/invoices/{invoice.id}").text)
    answer = client.post(f"/manage/desk/invoices/{invoice.id}/issue", data={"form_key": "once"})

    assert "Er is een inkoopnummer of kenmerk van de koper nodig" in page
    assert "Maak definitief" not in page
    assert answer.status_code == 409
    assert "Er is een inkoopnummer" in words_of(answer.text)
    way = f"/nl/delegations/{delegation.id}/reference"
    assert way in links(client.get(f"/manage/desk/invoices/{invoice.id}").text)
    assert client.get(way).status_code == 200
    reader = make_account("reader@x.example")
    make_staff(desk.organiser, reader, "reader")
    assert way not in links(sign_in(reader).get(f"/manage/desk/invoices/{invoice.id}").text)


def test_issuing_twice_from_two_tabs_makes_one_invoice(desk: Desk, sign_in: SignIn):
    invoice = actions.draft_invoice(desk.city("Ede"), by=desk.finance, now=NOON)
    client = sign_in(desk.finance)
    tabs = [form_of(client.get(f"/manage/desk/invoices/{invoice.id}").text)["values"] for _ in range(2)]

    answers = [client.post(f"/manage/desk/invoices/{invoice.id}/issue", data=tab).status_code for tab in tabs]
    again = client.post(f"/manage/desk/invoices/{invoice.id}/issue", data=tabs[0]).status_code

    assert (answers, again) == ([302, 409], 302)


def test_a_draft_can_be_thrown_away(desk: Desk, sign_in: SignIn):
    invoice = actions.draft_invoice(desk.city("Ede"), by=desk.finance, now=NOON)
    client, draft = sign_in(desk.finance), f"/manage/desk/invoices/{invoice.id}"

    done = client.post(f"{draft}/deletion", data={"form_key": "x"}, follow_redirects=True)

    assert "Het concept is verwijderd" in words_of(done.text)
    assert client.get(draft).status_code == 404


def test_lists_take_as_many_queries_for_one_as_for_twelve(desk: Desk, sign_in: SignIn):
    client = sign_in(desk.finance)
    lists = ["/manage/desk/invoices", "/manage/desk/programmes/community/delegations", "/manage/desk/"]
    actions.draft_invoice(desk.city("Ede"), by=desk.finance, now=NOON)
    few = [asked_by(client, page) for page in lists]
    for n in range(11):
        actions.draft_invoice(desk.city(f"Stad {n}"), by=desk.finance, now=NOON)
        make_event(desk.organiser)

    assert [asked_by(client, page) for page in lists] == few


def test_invoices_are_cut_in_pages_by_the_database(desk: Desk, sign_in: SignIn):
    client = sign_in(desk.finance)
    made = [actions.draft_invoice(desk.city(f"Stad {n:02}"), by=desk.finance, now=NOON).id for n in range(53)]
    assert shown(client, "") == made[:2:-1]
    with counted() as found:
        assert shown(client, "?page=2") == made[2::-1]
    assert found.loaded.count("invoice") == 3
    assert shown(client, "?search=STÁD+52") == made[52:]
    assert shown(client, "?state=issued") == []
    assert "page=1" in client.get("/manage/desk/invoices?page=2").text


def shown(client: FlaskClient, query: str) -> list[int]:
    """The ids of the invoices on a page of the list."""
    page = client.get(f"/manage/desk/invoices{query}").text
    return [int(id) for id in re.findall(r'scope="row">\s*<a href="/manage/desk/invoices/(\d+)"', page)]
