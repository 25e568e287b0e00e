"""Contacts at the desk and in a city: appointed, invited, ended, and handed over to another."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.billing.actions import draft_invoice, issue
from learning.billing.documents import make_due
from learning.delegations.models import Delegation
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent
from learning.mail.models import Message
from learning.network import contacts
from learning.people.models import Account, Contact, Person
from tests.browse import send, words_of
from tests.delegations.community import Community, count, letters, make_community, register
from tests.make import NOON, make_account, make_contact, make_organiser, make_person, make_staff

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def community(app: Flask) -> Community:
    return make_community(organiser=make_organiser("kring"))


@pytest.fixture
def editor(community: Community) -> Account:
    account = make_account("staf@x.example", name="Stef")
    make_staff(community.organiser, account, "editor")
    return account


def contact_of(name: str) -> Contact:
    """The contact with this name, as it is now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(
        select(Contact).join(Person, Person.id == Contact.person_id).where(Person.name == name)
    ).one()


def verbs(contact: Contact) -> list[tuple[str, str]]:
    """What the log says of a contact, the oldest first."""
    mine = (AuditEvent.thing == "contact", AuditEvent.thing_id == contact.id)
    return list(
        map(
            tuple,
            db.session.execute(
                select(AuditEvent.verb, AuditEvent.words).where(*mine).order_by(AuditEvent.id)
            ),
        )
    )


def test_staff_make_a_contact_invite_end_and_bring_back(
    community: Community, editor: Account, sign_in: SignIn
):
    desk, at = sign_in(editor), "/manage/kring/contacts"
    wrong = send(desk, f"{at}/new", name="Dirk", mail="dirk")
    assert (wrong.status_code, 'value="Dirk"' in wrong.text) == (422, True)
    assert "Kies de organisatie." in words_of(
        send(desk, f"{at}/new", name="Dirk", mail="dirk@ede.example").text
    )
    who = {"organisation_id": str(community.ede.id), "name": "Dirk", "mail": "dirk@ede.example"}
    made = send(desk, f"{at}/new", **who, language="en")
    assert "“Dirk (Ede)” is opgeslagen." in words_of(made.text)
    dirk = contact_of("Dirk")
    assert (dirk.confirmed_at, dirk.person.language, dirk.person.organisation_id) == (
        NOON,
        "en",
        community.ede.id,
    )
    city = desk.get(f"/manage/kring/organisations/{community.ede.id}")
    assert f'href="{at}/{dirk.id}"' in city.text
    assert f"{at}/new?organisation_id={community.ede.id}" in city.text
    twice = send(desk, f"{at}/new", **who)
    assert (twice.status_code, "Dirk is al contactpersoon van Ede." in words_of(twice.text)) == (409, True)
    listed = words_of(desk.get(at, query_string={"state": "bevestigd", "q": "ede"}).text)
    assert "dirk@ede.example bevestigd 2026-11-24" in listed
    assert "Carla" not in listed
    invited = desk.post(f"{at}/{dirk.id}/invitation", follow_redirects=True)
    assert "Dirk krijgt" in words_of(invited.text)
    again = desk.post(f"{at}/{dirk.id}/invitation", follow_redirects=True)
    assert "Dirk is om 13:00 al uitgenodigd." in words_of(again.text)
    mail = db.session.scalars(select(Message).where(Message.template == "people/contact_invited")).one()
    assert (mail.address, mail.language, mail.values["organisation"]) == ("dirk@ede.example", "en", "Ede")
    assert mail.values["page_url"].endswith("/en/me")
    ended = desk.post(f"{at}/{dirk.id}/ending", follow_redirects=True)
    assert "Dirk is geen contactpersoon meer." in words_of(ended.text)
    assert "Weer contactpersoon maken" in words_of(ended.text)
    back = desk.post(f"{at}/{dirk.id}/confirmation", follow_redirects=True)
    assert "Dirk is nu contactpersoon van Ede." in words_of(back.text)
    desk.post(f"{at}/{dirk.id}/ending")
    send(desk, f"{at}/new", **who)
    assert contact_of("Dirk").ended_at is None
    assert count(Contact) == 2
    found = [verb for verb, _words in verbs(contact_of("Dirk"))]
    assert found == ["made", "invited", "ended", "brought back", "ended", "made"]
    stays = desk.post(f"{at}/{dirk.id}/removal", follow_redirects=True)
    assert "Een contactpersoon blijft bewaard." in words_of(stays.text)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert "krijgt" in words_of(desk.post(f"{at}/{dirk.id}/invitation", follow_redirects=True).text)


def test_who_was_asked_for_is_confirmed(community: Community, editor: Account, sign_in: SignIn):
    asked = make_contact(community.ede, make_person(community.organiser, "Dirk"), confirmed=False)
    at = f"/manage/kring/contacts/{asked.id}"
    desk = sign_in(editor)
    assert "gevraagd" in words_of(desk.get("/manage/kring/contacts").text)
    assert "bevestigde contactpersoon" in words_of(desk.post(f"{at}/invitation", follow_redirects=True).text)
    desk.post(f"{at}/confirmation")
    assert contact_of("Dirk").confirmed_at == NOON
    send(desk, at, having="language", language="en")
    assert contact_of("Dirk").person.language == "en"


@transaction()
def set_order(delegation: Delegation) -> None:
    """It has a purchase-order number."""
    db.session.get_one(Delegation, delegation.id).order_ref = "4500-1"


def pages(delegation: Delegation) -> list[str]:
    """Everything of a delegation that its contact person reaches."""
    at = f"/nl/delegations/{delegation.id}"
    return [at, f"{at}/report", f"{at}/report.xlsx", f"{at}/contacts", f"{at}/contacts/hand-over"]


def test_staff_hand_over_and_the_former_contact_reaches_nothing(
    community: Community, editor: Account, sign_in: SignIn
):
    carla = contact_of("Carla")
    # the same mailbox registered under a longer name: whoever reads it is the same
    long = make_account(community.carla.mail, name="Carla de Vries")
    delegation = register(community, community.zutphen, long)
    assert delegation.contact_id != carla.person_id
    set_order(delegation)
    invoice = draft_invoice(delegation, by=editor, now=NOON)
    issue(invoice, by=editor, now=NOON)
    make_due()
    desk, at = sign_in(editor), f"/manage/kring/contacts/{carla.id}"
    refused = desk.post(f"{at}/ending", follow_redirects=True)
    assert "Draag die eerst over." in words_of(refused.text)
    assert "1 delegatie gaat mee" in words_of(desk.get(f"{at}/hand-over").text)
    nobody = send(desk, f"{at}/hand-over")
    assert (nobody.status_code, "of kies hierboven iemand" in words_of(nobody.text)) == (422, True)
    half = send(desk, f"{at}/hand-over", name="Dirk")
    assert (half.status_code, 'value="Dirk"' in half.text) == (422, True)
    same = send(desk, f"{at}/hand-over", name="Carla", mail=community.carla.mail)
    assert (same.status_code, "Dit is dezelfde persoon." in words_of(same.text)) == (409, True)
    done = send(desk, f"{at}/hand-over", name="Dirk", mail="dirk@zutphen.example")
    words = words_of(done.text)
    assert "Dirk is nu contactpersoon." in words
    assert "overgedragen : Carla → Dirk" in words
    assert "Stef" in words
    dirk = contact_of("Dirk")
    assert contact_of("Carla").ended_at == NOON
    assert db.session.get_one(Delegation, delegation.id).contact_id == dirk.person_id
    assert verbs(dirk) == [("made", "Dirk"), ("handed over", "Carla → Dirk")]
    assert letters()[-2:] == [
        ("taken_over", "dirk@zutphen.example"),
        ("handed_over", "carla@zutphen.example"),
    ]
    new = make_account("dirk@zutphen.example")
    for account, code in ((community.carla, 404), (new, 200)):
        browser = sign_in(account)
        assert [browser.get(page).status_code for page in pages(delegation)] == [code] * 5
        assert browser.get(f"/nl/invoices/{invoice.id}.pdf").status_code == code
        assert ("Zutphen" in browser.get("/nl/me").text) == (code == 200)


def test_who_shares_a_mailbox_and_is_contact_too_keeps_their_own(community: Community, editor: Account):
    bob = make_person(community.organiser, "Bob", community.carla.mail)
    make_contact(community.zutphen, bob)
    delegation = register(community, community.zutphen, community.carla)
    assert [row.id for row in contacts.delegations_of(contact_of("Carla"))] == [delegation.id]
    assert contacts.delegations_of(contact_of("Bob")) == []
    contacts.end(contact_of("Bob"), by=editor, now=NOON)
    contacts.hand_over([contact_of("Carla")], None, name="Dirk", mail="dirk@x.example", by=editor, now=NOON)
    with pytest.raises(Refusal) as refused:
        contacts.hand_over([contact_of("Carla")], contact_of("Dirk"), by=editor, now=NOON)
    assert refused.value.code == "no_contact"


def test_a_contact_of_the_city_invites_and_hands_over(community: Community, editor: Account, sign_in: SignIn):
    delegation = register(community, community.zutphen, community.carla)
    at = f"/nl/delegations/{delegation.id}"
    city = sign_in(community.carla)
    assert f'href="{at}/contacts"' in city.get(at).text
    send(city, f"{at}/contacts", having="name", name="Dirk", mail="dirk@zutphen.example")
    dirk = contact_of("Dirk")
    assert (dirk.confirmed_at, dirk.invited_at) == (NOON, NOON)
    again = city.post(f"{at}/contacts/{dirk.id}/invitation", follow_redirects=True)
    assert "al uitgenodigd" in words_of(again.text)
    theirs = make_contact(community.ede, make_person(community.organiser, "Els"))
    assert city.post(f"{at}/contacts/{theirs.id}/invitation").status_code == 404
    wrong = send(city, f"{at}/contacts/hand-over", to=str(theirs.id))
    assert wrong.status_code == 422
    both = send(city, f"{at}/contacts/hand-over", to=str(dirk.id), name="X", mail="x@x.example")
    assert "niet allebei" in words_of(both.text)
    done = send(city, f"{at}/contacts/hand-over", to=str(dirk.id))
    assert "Dirk is nu contactpersoon." in words_of(done.text)
    assert city.get(at).status_code == 404
    trail = words_of(sign_in(editor).get(f"/manage/kring/contacts/{dirk.id}").text)
    assert "werd contactpersoon : Dirk 24-11-2026 13:00, Carla" in trail
    assert "overgedragen : Carla → Dirk 24-11-2026 13:00, Carla" in trail


def test_contacts_of_another_city_and_unconfirmed_ones_find_nothing(community: Community, sign_in: SignIn):
    delegation = register(community, community.zutphen, community.carla)
    els = make_account("els@ede.example", name="Els")
    make_contact(community.ede, make_person(community.organiser, "Els", els.mail))
    asked = register(community, community.ede, make_account("vera@ede.example", name="Vera"))
    assert asked.confirmed_at is None
    browser = sign_in(els)
    for page in pages(delegation):
        assert browser.get(page).status_code == 404
    for page in (
        f"/nl/delegations/{delegation.id}/contacts",
        f"/nl/delegations/{delegation.id}/contacts/hand-over",
    ):
        assert browser.post(page, data={"name": "X", "mail": "x@x.example"}).status_code == 404
    vera = sign_in(make_account("vera@ede.example"))
    assert "contacts" not in vera.get(f"/nl/delegations/{asked.id}").text
    assert vera.get(f"/nl/delegations/{asked.id}/contacts").status_code == 404


def test_other_organisers_and_finance(community: Community, editor: Account, sign_in: SignIn):
    carla = contact_of("Carla")
    make_staff(make_organiser("ander"), make_account("ander@x.example"), "editor")
    make_staff(community.organiser, make_account("finance@x.example"), "finance")
    for mail, code in (("ander@x.example", 404), ("finance@x.example", 403)):
        browser = sign_in(make_account(mail))
        for end in ("ending", "hand-over", "invitation", "confirmation"):
            assert browser.post(f"/manage/kring/contacts/{carla.id}/{end}").status_code == code
    other = sign_in(make_account("ander@x.example"))
    assert other.get(f"/manage/ander/contacts/{carla.id}/hand-over").status_code == 404
    assert contact_of("Carla").ended_at is None
