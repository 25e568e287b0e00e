"""Two organisations become one without losing anything, and two again."""

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from learning.billing.actions import draft_invoice, issue
from learning.delegations.models import Delegation
from learning.kit.db import Model, db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent
from learning.network import merging
from learning.organisations.models import Merge, Organisation, OrganisationAlias, Organiser, Partnership
from learning.organisations.queries import find_city
from learning.people.models import Account, Contact, Person
from tests.browse import form_of, send, words_of
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_delegation,
    make_event,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_registration,
    make_staff,
    release,
)

SignIn = Callable[[Account], FlaskClient]
DAY = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon."""
    with time_machine.travel(NOON, tick=False):
        yield


class World:
    """Groningen and Haren: both partner from the same day,
    with one person as contact and a live delegation each.
    """

    def __init__(self) -> None:
        self.organiser = make_organiser("kring")
        self.editor = make_account("staf@x.example")
        make_staff(self.organiser, self.editor, "editor")
        self.stays = make_organisation(
            self.organiser, "Groningen", partner_from=DAY, kvk="", mail_domains=["groningen.example"]
        )
        self.goes = make_organisation(
            self.organiser,
            "Haren",
            kvk="12345678",
            kind="other",
            mail_domains=["haren.example", "groningen.example"],
        )
        both = make_person(self.organiser, "Bo", "bo@x.example")
        self.contact = make_contact(self.stays, both, confirmed=False)
        make_contact(self.goes, both)
        make_contact(
            self.goes, make_person(self.organiser, "Hans", "hans@haren.example", organisation_id=self.goes.id)
        )
        self.programme = make_programme(self.organiser, kind="learning_community", by_delegation=True)
        release(self.programme)
        self.shorter = self.partner(self.goes, DAY, DAY + timedelta(days=90))
        self.partner(self.goes, DAY + timedelta(days=400), None)
        self.ours = make_delegation(self.programme, self.stays, both, price=Decimal(10))
        self.theirs = make_delegation(
            self.programme,
            self.goes,
            both,
            price=Decimal(20),
            price_partnership_id=self.shorter.id,
            seats_max=5,
        )
        self.registration = make_registration(make_event(self.organiser), "Rik", organisation_id=self.goes.id)
        self.alias(self.goes, "Hoarn")
        self.alias(self.stays, "Stad")

    @transaction()
    def partner(self, of: Organisation, first: date, last: date | None) -> Partnership:
        """A partnership of it."""
        row = Partnership(organiser_id=of.organiser_id, organisation_id=of.id, from_on=first, until_on=last)
        db.session.add(row)
        db.session.flush()
        return row

    @transaction()
    def alias(self, of: Organisation, name: str) -> None:
        """Another name of it."""
        ids = {"organiser_id": of.organiser_id, "organisation_id": of.id}
        db.session.add(OrganisationAlias(**ids, name=name, search_key=name.lower()))

    def merge(self, *take: str, goes: Organisation | None = None) -> int:
        """Haren, or another one, becomes part of Groningen."""
        ids = (self.organiser.id, self.stays.id, (goes or self.goes).id)
        stays, other = (db.session.get_one(Organisation, id) for id in ids[1:])
        return merging.merge(*ids, take, seen=merging.seen_of(stays, other), by=self.editor.id, now=NOON).id

    def undo(self, id: int) -> Merge:
        """Two again."""
        return merging.undo(self.organiser.id, id, by=self.editor.id, now=NOON)


@pytest.fixture
def world(app: Flask) -> World:
    return World()


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of every table, except the log and the merges themselves."""
    db.session.rollback()
    skipped = ("merge", "audit_event", "form_key", "message")
    tables = [table for table in Model.metadata.sorted_tables if table.name not in skipped]
    return {
        table.name: sorted(
            (tuple(map(str, row)) for row in db.session.execute(select(table))), key=lambda row: int(row[0])
        )
        for table in tables
        if "id" in table.c
    }


@pytest.mark.parametrize("take", [(), ("name", "kind", "kvk", "address"), tuple(merging.FIELDS)])
def test_merging_and_undoing_gives_every_row_as_it_was(world: World, take: tuple[str, ...]):
    before = everything()
    id = world.merge(*take)
    merged = everything()
    assert merged != before
    assert len(merged["organisation"]) == len(before["organisation"]) - 1
    for typed in ("Groningen", "gemeente Haren", "hoarn", "stad"):
        found = find_city(world.organiser.id, typed)
        assert found is not None
        assert found.id == world.stays.id
    world.undo(id)
    assert everything() == before
    for typed, city in {"Haren": world.goes.id, "hoarn": world.goes.id, "stad": world.stays.id}.items():
        found = find_city(world.organiser.id, typed)
        assert found is not None
        assert found.id == city
    with pytest.raises(Refusal) as refused:
        world.undo(id)
    assert refused.value.code == "undone_before"


def test_what_goes_along(world: World):
    ids = [
        getattr(world, name).id
        for name in ("goes", "stays", "theirs", "ours", "registration", "contact", "shorter")
    ]
    goes, stays, theirs, ours, registration, contact, shorter = ids
    world.merge("kvk")
    db.session.expire_all()
    city = db.session.get_one(Organisation, stays)
    assert (city.name, city.kind, city.kvk) == ("Groningen", "city", "12345678")
    assert city.mail_domains == ["groningen.example", "haren.example"]
    rows = [db.session.get_one(Delegation, id) for id in (ours, theirs)]
    assert [row.title for row in rows] == ["Groningen", "Groningen (Haren)"]
    assert [(row.price_amount, row.seats_max) for row in rows] == [(Decimal(10), 3), (Decimal(20), 5)]
    partnerships = db.session.scalars(select(Partnership).order_by(Partnership.from_on)).all()
    assert [(row.organisation_id, row.until_on) for row in partnerships] == [(stays, None), (stays, None)]
    assert rows[1].price_partnership_id == partnerships[0].id != shorter
    contacts = db.session.scalars(select(Contact).where(Contact.organisation_id == stays)).all()
    assert len(contacts) == 2
    assert db.session.get_one(Contact, contact).confirmed_at == NOON
    for table in Model.metadata.sorted_tables:
        if "organisation_id" in table.c:
            left = select(table.c.id).where(table.c.organisation_id == goes)
            assert db.session.scalar(left) is None, table.name
    of = {"id": registration, "organisation": stays}
    query = text("SELECT count(*) FROM registration WHERE id = :id AND organisation_id = :organisation")
    assert db.session.scalar(query, of) == 1
    verbs = db.session.execute(
        select(AuditEvent.verb, AuditEvent.words).where(AuditEvent.thing == "organisation")
    ).all()
    assert verbs == [("merged", "Haren → Groningen")]


def test_the_longer_of_two_partnerships_stays_also_when_it_is_the_others(world: World):
    end_all(world.stays.id, DAY + timedelta(days=30))
    before, shorter = everything(), world.shorter.id
    id = world.merge()
    stays = db.session.scalars(select(Partnership.id).where(Partnership.from_on == DAY)).all()
    assert stays == [shorter]
    world.undo(id)
    assert everything() == before


@transaction()
def end_all(organisation_id: int, day: date) -> None:
    """The partnerships of an organisation end."""
    for row in db.session.scalars(select(Partnership).where(Partnership.organisation_id == organisation_id)):
        row.until_on = day


def test_issued_invoices_do_not_change(world: World):
    invoice = draft_invoice(world.theirs, by=world.editor, now=NOON)
    issue(invoice, by=world.editor, now=NOON)
    before = everything()["invoice"]
    id = world.merge("legal_name", "address")
    assert everything()["invoice"] == before
    world.undo(id)
    assert everything()["invoice"] == before


def test_what_came_since_stays_and_what_was_written_since_is_kept(world: World):
    id, stays, goes = world.merge("kvk", "name"), world.stays.id, world.goes.id
    new = make_person(world.organiser, "Nel")
    added = make_contact(db.session.get_one(Organisation, stays), new).id
    change(stays, kvk="87654321")
    world.undo(id)
    city = db.session.get_one(Organisation, stays)
    assert (city.name, city.kvk) == ("Groningen", "87654321")
    assert db.session.get_one(Contact, added).organisation_id == stays
    assert db.session.get_one(Organisation, goes).kvk == "12345678"


@transaction()
def change(id: int, **values: Any) -> None:
    """Somebody changes an organisation."""
    row = db.session.get_one(Organisation, id)
    for name, value in values.items():
        setattr(row, name, value)


def test_undoing_waits_for_names_and_for_later_merges(world: World):
    warnsveld = make_organisation(world.organiser, "Warnsveld")
    first = world.merge()
    second = world.merge(goes=warnsveld)
    with pytest.raises(Refusal) as refused:
        world.undo(first)
    assert refused.value.code == "merged_since"
    world.undo(second)
    taken = make_organisation(world.organiser, "Haren").id
    before = everything()
    with pytest.raises(Refusal) as refused:
        world.undo(first)
    assert refused.value.code == "name_taken"
    assert everything() == before
    change(taken, name="Haren in Brabant", search_key="haren in brabant")
    world.undo(first)
    assert find_city(world.organiser.id, "haren") is not None


def test_a_city_of_which_another_became_part_can_become_part_of_a_third(world: World):
    third = make_organisation(world.organiser, "Ede")
    before = everything()
    first = world.merge()
    stays, top = db.session.get_one(Organisation, world.stays.id), db.session.get_one(Organisation, third.id)
    seen = merging.seen_of(top, stays)
    second = merging.merge(
        world.organiser.id, top.id, stays.id, [], seen=seen, by=world.editor.id, now=NOON
    ).id
    titles = [row.title for row in db.session.scalars(select(Delegation).order_by(Delegation.id))]
    assert titles == ["Ede", "Ede (Haren)"]
    found = find_city(world.organiser.id, "hoarn")
    assert found is not None
    assert found.name == "Ede"
    with pytest.raises(Refusal):
        world.undo(first)
    world.undo(second)
    world.undo(first)
    assert everything() == before


def test_two_merges_at_once_and_what_makes_no_sense(app: Flask, world: World):
    ids = (world.organiser.id, world.stays.id, world.goes.id)
    seen, by = merging.seen_of(world.stays, world.goes), world.editor.id
    db.session.rollback()
    gate, outcomes = threading.Barrier(2), []

    def one() -> None:
        with app.app_context():
            gate.wait()
            try:
                merging.merge(*ids, [], seen=seen, by=by, now=NOON)
                outcomes.append("done")
            except Refusal as refusal:
                outcomes.append(refusal.code)

    threads = [threading.Thread(target=one) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "gone_meanwhile"]
    foreign = make_organisation(make_organiser("ander"), "Ede")
    for other, code in ((ids[1], "same_organisation"), (foreign.id, "gone_meanwhile")):
        with pytest.raises(Refusal) as refused:
            merging.merge(ids[0], ids[1], other, [], seen="", by=by, now=NOON)
        assert refused.value.code == code


def test_at_the_desk(world: World, sign_in: SignIn):
    desk = sign_in(world.editor)
    at = f"/manage/kring/organisations/{world.stays.id}"
    assert "Haren" in words_of(desk.get(f"{at}/merge", query_string={"q": "hoarn"}).text)
    page = desk.get(f"{at}/merge/{world.goes.id}")
    words = words_of(page.text)
    assert "In 1 programma hebben beide een delegatie" in words
    assert "Contactpersonen 2" in words
    form = form_of(page.text)
    assert form["values"]["kvk"] == "goes"  # what is empty is not chosen at first
    change(world.goes.id, kvk="11111111")
    late = desk.post(f"{at}/merge/{world.goes.id}", data=form["values"])
    assert (late.status_code, "gewijzigd terwijl je bezig was" in words_of(late.text)) == (409, True)
    done = send(desk, f"{at}/merge/{world.goes.id}", kvk="stays")
    assert "Dit is nu één organisatie: Haren → Groningen." in words_of(done.text)
    assert 'href="#merge-' in done.text
    listed = words_of(desk.get(f"/manage/kring/programmes/{world.programme.slug}/delegations").text)
    assert "Groningen (Haren)" in listed
    undone = desk.post(
        f"/manage/kring/merges/{db.session.scalar(select(Merge.id))}/undoing", follow_redirects=True
    )
    assert "Dit zijn weer twee organisaties" in words_of(undone.text)
    assert desk.get(f"{at}/merge/{world.stays.id}").status_code == 302


def test_only_editors_of_the_organiser(world: World, sign_in: SignIn):
    pages = [f"/manage/kring/organisations/{world.stays.id}/merge{end}" for end in ("", f"/{world.goes.id}")]
    other, finance = make_account("ander@x.example"), make_account("finance@x.example")
    make_staff(make_organiser("ander"), other, "editor")
    make_staff(world.organiser, finance, "finance")
    foreign = make_organisation(db.session.query(Organiser).filter_by(slug="ander").one(), "Ede").id
    id = world.merge()
    for account, code in ((other, 404), (finance, 403)):
        browser = sign_in(account)
        assert [browser.get(page).status_code for page in pages] == [code, code]
        assert browser.post(f"/manage/kring/merges/{id}/undoing").status_code == code
    assert sign_in(world.editor).get(f"{pages[0]}/{foreign}").status_code == 404
    sign_in(other).post(f"/manage/ander/merges/{id}/undoing")
    assert db.session.scalar(select(Merge.undone_at)) is None


def test_people_go_along(world: World):
    world.merge()
    query = select(Person.organisation_id).where(Person.name == "Hans")
    assert db.session.scalar(query) == world.stays.id
