"""Somebody limited to one programme at pages where things of several programmes meet: one city in both."""

import io
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.delegations.models import Delegation, Nomination
from learning.kit.db import db, transaction
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account
from learning.programmes.models import Programme
from tests.browse import words_of
from tests.house.world import limit
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_delegation,
    make_event,
    make_organisation,
    make_organiser,
    make_person,
    make_registration,
    make_staff,
)

SignIn = Callable[[Account], FlaskClient]


class Both:
    """Zutphen takes part in two programmes of one organiser
    and sent Ann to the second; Ede only in the second.
    """

    def __init__(self) -> None:
        self.organiser: Organiser = make_organiser("kring")
        self.mine, self.other = (make_event(self.organiser, slug=slug) for slug in ("mijn", "ander"))
        self.zutphen, self.ede = (make_organisation(self.organiser, name) for name in ("Zutphen", "Ede"))
        self.delegation = self.send(self.mine, self.zutphen, "Carla")
        elsewhere = self.send(self.other, self.zutphen, "Carla")
        self.send(self.other, self.ede, "Erik")
        self.nominate(elsewhere, "Ann van Elders")
        self.editor = make_account("editor@x.example")
        make_staff(self.organiser, self.editor, "editor")
        self.limited = make_account("limited@x.example")
        limit(make_staff(self.organiser, self.limited, "editor"), self.mine.id)

    def send(self, programme: Programme, city: Organisation, name: str) -> Delegation:
        contact = make_person(self.organiser, name)
        if programme is self.mine or city is self.ede:
            make_contact(city, contact)
        return make_delegation(programme, city, contact)

    @transaction()
    def nominate(self, delegation: Delegation, name: str) -> None:
        registration = make_registration(self.other, name)
        at = {
            "programme_id": self.other.id,
            "delegation_id": delegation.id,
            "meeting_id": self.other.meetings[0].id,
        }
        who = {"person_id": registration.person_id, "registration_id": registration.id}
        db.session.add(Nomination(**at, **who, capacity="resident", chair=1, chairs=3, made_at=NOON))


@pytest.fixture
def both(app: Flask) -> Both:
    return Both()


def test_people_sent_elsewhere_are_not_offered(both: Both, sign_in: SignIn):
    page = f"/nl/delegations/{both.delegation.id}/meetings/{both.mine.meetings[0].id}/nominations"

    assert "Ann van Elders" in words_of(sign_in(both.editor).get(page).text)
    assert "Ann van Elders" not in words_of(sign_in(both.limited).get(page).text)


def test_contacts_are_those_of_organisations_in_the_programme(both: Both, sign_in: SignIn):
    def seen(account: Account) -> tuple[list[bool], list[bool], int]:
        desk = sign_in(account)
        listed = desk.get("/manage/kring/contacts").text
        with zipfile.ZipFile(io.BytesIO(desk.get("/manage/kring/contacts/export.xlsx").data)) as book:
            taken = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
        page = desk.get(f"/manage/kring/organisations/{both.ede.id}")
        assert page.status_code == 200
        return (
            [name in listed for name in ("Carla", "Erik")],
            [n in taken for n in ("Carla", "Erik")],
            page.text.count("Erik"),
        )

    assert seen(both.editor) == ([True, True], [True, True], 1)
    assert seen(both.limited) == ([True, False], [True, False], 0)


def test_the_way_to_a_billing_address_is_for_who_may_correct_it(both: Both, sign_in: SignIn):
    def seen(account: Account) -> list[bool]:
        page = sign_in(account).get("/manage/kring/programmes/mijn/delegations")
        assert page.status_code == 200
        return [f"/manage/kring/organisations/{both.zutphen.id}" in page.text, "/reference" in page.text]

    finance, few = make_account("finance@x.example"), make_account("few@x.example")
    make_staff(both.organiser, finance, "finance")
    limit(make_staff(both.organiser, few, "finance"), both.mine.id)

    assert [seen(account) for account in (both.editor, both.limited, finance, few)] == [
        [True, False],
        [False, False],
        [True, True],
        [False, True],  # a reference is of one delegation, and that is in the programme
    ]
