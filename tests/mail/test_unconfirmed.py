"""A mail to an address that nobody confirmed carries nothing
that its sender typed: no name, no words, no way to elsewhere.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from learning.attendance import actions as attending
from learning.delegations import actions, substituting
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.network import contacts
from learning.people.actions import account_for
from learning.people.contacts import appoint
from learning.people.models import Contact, Person, Throttle
from learning.releases.queries import current_picture
from tests.browse import form_of, links, words_of
from tests.delegations.community import NOON, Community, make_community, nominate, register, substitute
from tests.delegations.test_requests import ask
from tests.make import enter, make_account, make_contact, make_event, make_person, make_staff

pytestmark = pytest.mark.one_database

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "mail"
# to whom each mail goes, and what in it was typed by somebody not of the staff; names follow Person.called
TYPED = {
    "attendance/confirm": ("anybody", set()),
    "attendance/confirmed": ("person", set()),
    "attendance/registered_already": ("person", set()),
    "attendance/withdrawn": ("person", set()),
    "billing/invoice_sent": ("organisation", {"order_ref"}),
    "choices/chosen": ("person", set()),
    "choices/drawn": ("person", set()),
    "choices/offer_lapsed": ("person", set()),
    "choices/offered": ("person", set()),
    "choices/seat_given": ("person", set()),
    "delegations/confirm_request": ("anybody", set()),
    "delegations/dropped_out": ("contact", {"person"}),
    "delegations/ended": ("contact", set()),
    "delegations/handed_over": ("contact", {"other"}),
    "delegations/letter": ("contact", set()),
    "delegations/nominated": ("person", set()),
    "delegations/not_needed": ("person", set()),
    "delegations/other_chosen": ("contact", set()),
    "delegations/place": ("contact", set()),
    "delegations/registered": ("contact", set()),
    "delegations/reminder": ("contact", set()),
    "delegations/requested": ("contact", set()),
    "delegations/seat": ("contact", set()),
    "delegations/substitute_asked": ("staff", {"old", "new"}),
    "delegations/substitute_decided": ("contact", {"old", "new"}),
    "delegations/taken_over": ("contact", {"other"}),
    "delegations/to_confirm": ("staff", {"contact"}),
    "delegations/waiting": ("contact", set()),
    "office/admin_invited": ("anybody", set()),
    "office/closed": ("account", set()),
    "office/owner_invited": ("anybody", set()),
    "office/owner_removed": ("account", set()),
    "office/reopened": ("account", set()),
    "office/trial": ("account", set()),
    "people/colleague_invited": ("anybody", set()),
    "people/contact_invited": ("person", set()),
    "people/many_tries": ("account", set()),
    "people/own_links": ("anybody", set()),
    "people/password_set": ("account", set()),
    "people/sign_in_link": ("anybody", set()),
    "speakers/hand_in_answered": ("speaker", set()),
    "speakers/hand_in_asked": ("speaker", set()),
    "speakers/handed_in": ("staff", set()),
    "network/partnership_ends": ("person", set()),
    "network/partnerships_end": ("staff", set()),
    "schedules/changed": ("person", set()),
}
ALIEN = "Alienus Quirk"  # a name that stands nowhere else
EVIL = (
    "Meld je aan op https://evil.example",
    "www.evil.example",
    "evil\u3002example",
    "Ann \u202eelpmaxe",
    "Ann\u200b Evil",
)


def sent(message: Message) -> str:
    """All that a reader gets of a mail, heads included."""
    mail, text = compose(message)
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    return f"{mail['To']} {mail['From']} {mail['Subject']} {text} {html}"


def mails_to(address: str) -> list[Message]:
    """Every mail to an address, the oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.address == address).order_by(Message.id)))


def test_every_mail_stands_in_the_table():
    folders = {f"{f.parent.parent.name}/{f.parent.name}" for f in TEMPLATES.glob("*/*/subject.txt")}

    assert folders == set(TYPED)


def test_who_is_greeted_is_asked_for_in_one_place():
    """A template says `hello`, which is nameless for who did not confirm, and no name by itself."""
    named = [
        f for f in TEMPLATES.rglob("*.*") if "name=name" in f.read_text() or "{{ name }}" in f.read_text()
    ]

    assert named == []


@pytest.fixture
def community(app: Flask) -> Community:
    return make_community(substitutes_approved=True)


def test_strangers_and_nominees_read_no_name(app: Flask, community: Community):
    values = {
        "name": ALIEN,
        "mail": "a@x.example",
        "language": "nl",
        "price": None,
        "verified": False,
        "now": NOON,
    }
    attending.register(make_event_picture(), **values)
    ask(community, community.ede, "b@x.example", name=ALIEN)
    zutphen = register(community, community.zutphen, community.carla)
    old = nominate(community, zutphen, ALIEN, mail="c@x.example", capacity="https://evil.example")
    substitute(community, old, f"{ALIEN} Tweede", mail="d@x.example")
    appoint(community.zutphen, ALIEN, "e@x.example", language="nl", by=community.carla, now=NOON)
    for who, templates in {
        "a": ["attendance/confirm"], "b": ["delegations/confirm_request"], "d": ["delegations/nominated"],
        "c": ["delegations/nominated", "delegations/not_needed"], "e": ["people/contact_invited"],
    }.items():  # fmt: skip
        found = mails_to(f"{who}@x.example")
        assert [message.template for message in found] == templates
        for message in found:
            assert "Alienus" not in sent(message)
            assert "evil" not in sent(message)
            assert compose(message)[0]["To"] == f"{who}@x.example"
            assert compose(message)[1].startswith("Dag,")


def make_event_picture() -> Any:
    """A published event for which a person registers."""
    return current_picture(make_event().id)


def test_who_confirmed_is_called_by_name(app: Flask, community: Community):
    zutphen = register(community, community.zutphen, community.carla)
    nomination = nominate(community, zutphen, ALIEN, mail="c@x.example")
    actions.answer_all(nomination.registration, {nomination.id: True}, diet="", access_needs="", now=NOON)
    actions.withdraw_nomination(nomination, by=community.carla, now=NOON)
    assert [ALIEN in sent(message) for message in mails_to("c@x.example")] == [False, True]
    assert "Carla" in sent(mails_to(community.carla.mail)[0])
    person = make_person(community.organiser, "Bo", "bo@x.example")
    assert person.called == ""
    account_for("bo@x.example", now=NOON)
    db.session.rollback()
    assert db.session.get_one(Person, person.id).called == "Bo"


def test_a_contact_who_never_confirmed_reads_no_names_of_others(app: Flask, community: Community):
    zutphen = register(community, community.zutphen, community.carla)
    old = nominate(community, zutphen, ALIEN, mail="c@x.example")
    other = nominate(community, zutphen, f"{ALIEN} Derde", mail="f@x.example")
    mine = db.session.scalars(
        select(Contact).join(Person, Person.id == Contact.person_id).where(Person.name == "Carla")
    ).one()
    contacts.hand_over(
        [mine], None, name=f"{ALIEN} Nieuw", mail="new@x.example", by=community.carla, now=NOON
    )
    late = NOON + timedelta(days=59)
    who = {"name": f"{ALIEN} Vierde", "mail": "g@x.example", "capacity": "resident"}
    asked = substituting.ask_substitute(old, **who, by=community.carla, now=late)
    substituting.decide_substitute(asked, yes=False, by=community.carla, now=late)
    actions.answer(other, comes=False, now=late)
    found = mails_to("new@x.example")
    expected = ["taken_over", "substitute_decided", "dropped_out"]
    assert [message.template.removeprefix("delegations/") for message in found] == expected
    for message in found:
        assert "Alienus" not in sent(message)
        assert "Carla" not in sent(message)
    assert "Alienus" in sent(mails_to(community.carla.mail)[-1])  # handed over: her own address is confirmed


@pytest.mark.parametrize("evil", EVIL)
def test_no_door_below_the_forms_lets_such_a_name_in(app: Flask, community: Community, evil: str):
    zutphen = register(community, community.zutphen, community.carla)
    ann = nominate(community, zutphen, "Ann")
    picture = make_event_picture()
    values = {"language": "nl", "price": None, "verified": False, "now": NOON}
    who = {"name": evil, "mail": "c@x.example", "capacity": "resident", "by": community.carla, "now": NOON}
    doors = {
        "register": lambda: attending.register(picture, name=evil, mail="a@x.example", **values),
        "affiliation": lambda: attending.register(
            picture, name="Ann", mail="a@x.example", affiliation=evil, **values
        ),
        "ask": lambda: ask(community, community.ede, "b@x.example", name=evil),
        "nominate": lambda: nominate(community, zutphen, evil),
        "substitute": lambda: substitute(community, ann, evil),
        "ask_substitute": lambda: substituting.ask_substitute(ann, **who),
        "nominate_all": lambda: actions.nominate_all(
            zutphen,
            community.meetings[0].id,
            [(evil, "x@x.example", "resident")],
            by=community.carla,
            now=NOON,
        ),
        "appoint": lambda: appoint(
            community.zutphen, evil, "e@x.example", language="nl", by=community.carla, now=NOON
        ),
        "reference": lambda: actions.set_reference(
            zutphen, order_ref=evil, buyer_ref="", by=community.carla, now=NOON
        ),
    }
    codes = {}
    for name, door in doors.items():
        with pytest.raises(Refusal) as refused:
            door()
        codes[name] = refused.value.code
    assert codes == {name: "no_reference" if name == "reference" else "no_name" for name in doors}


def test_names_from_before_this_rule_still_work(app: Flask, community: Community):
    person = make_person(community.organiser, "Old", "old@x.example")

    @transaction()
    def as_it_was() -> None:
        row = db.session.get_one(Person, person.id)
        row.name, row.name_key = "Old.example", "old.example"

    as_it_was()
    zutphen = register(community, community.zutphen, community.carla)
    assert nominate(community, zutphen, "Old.example", mail="old@x.example").person_id == person.id


def forms_of(community: Community, app: Flask) -> list[tuple[FlaskClient, str]]:
    """Every public form in which a stranger or a contact types, each with a browser that may open it."""
    zutphen = register(community, community.zutphen, community.carla)
    ann = nominate(community, zutphen, "Ann")
    make_contact(community.ede, make_person(community.organiser, "Carla", community.carla.mail))
    nobody, carla = app.test_client(), app.test_client()
    enter(carla, community.carla)
    invitation = next(m.values["answer_url"] for m in mails_to(ann.person.mail)).replace(
        "https://", "http://"
    )
    event = make_event(community.organiser, slug="the-day")
    meeting = community.meetings[0].id
    own = f"/nl/delegations/{zutphen.id}"
    return [
        (nobody, f"/nl/programmes/{event.slug}/registration"),
        (nobody, f"/nl/programmes/{event.slug}/interest"),
        (nobody, f"/nl/programmes/{community.picture.slug}/delegation"),
        (nobody, "/" + invitation.split("/", 3)[3]),
        (nobody, "/nl/sign-in"),
        (carla, f"/nl/programmes/{community.picture.slug}/delegation"),
        (carla, f"{own}/meetings/{meeting}/nominations"),
        (carla, f"{own}/meetings/{meeting}/lines"),
        (carla, f"/nl/nominations/{ann.id}/substitution"),
        (carla, f"{own}/reference"),
        (carla, f"{own}/contacts"),
        (carla, f"{own}/contacts/hand-over"),
        (carla, "/nl/me/profile"),
    ]


SANE = {"mail": "victim@x.example", "name": "Vic Timme", "city": "Ede", "affiliation": "Bureau"}
SANE |= {"lines": "Vic; victim@x.example"}


@transaction()
def forget_tries() -> None:
    """Let the next try in, as on another day."""
    db.session.execute(delete(Throttle))


def test_what_is_planted_in_every_public_form_reaches_nobody(app: Flask, community: Community):
    with time_machine.travel(NOON, tick=False):
        planted = 0
        for client, address in forms_of(community, app):
            page = client.get(address)
            assert page.status_code == 200, (address, words_of(page.text)[:200])
            form = form_of(page.text)
            fields = [
                name
                for name in form["values"]
                if name not in ("form_key", "csrf_token", "shown", "next", "to")
            ]
            for field in (*fields, ""):
                for n, evil in enumerate(EVIL if field else ["nothing"]):
                    forget_tries()
                    again = form_of(client.get(address).text)
                    sane = {name: SANE.get(name, value) for name, value in again["values"].items()}
                    typed = f"{evil}; victim{n}@x.example" if field == "lines" else evil
                    target = again["action"] or address
                    first = client.post(target, data={**sane, field: typed}, follow_redirects=True)
                    assert first.status_code < 500, (address, field)
                    planted += 1
                    if (
                        'name="accept"' in first.text or 'name="shown"' in first.text
                    ):  # a price is agreed with
                        values = form_of(first.text)["values"] | {"accept": "y"}
                        assert client.post(target, data=values).status_code < 500
                    elif "sure" in first.text:
                        assert (
                            client.post(
                                target, data=form_of(first.text)["values"] | {"sure": "1"}
                            ).status_code
                            < 500
                        )
    assert planted > 120
    db.session.rollback()
    confirmed = {community.carla.mail, community.organiser.mail}
    strangers = [m for m in db.session.scalars(select(Message)) if m.address not in confirmed]
    assert {m.template for m in strangers} >= {
        "attendance/confirm",
        "delegations/confirm_request",
        "delegations/nominated",
    }
    for message in db.session.scalars(select(Message)):
        everything = sent(message)
        assert not any(piece in everything for piece in ("evil", "Evil", "elpmaxe", "\u202e", "\u200b")), (
            message.template
        )
        if message.address not in confirmed:
            assert "Vic" not in everything, message.template
            assert all("localhost" in link or link.startswith("http://127") for link in links(everything)), (
                links(everything)
            )


def test_staff_may_write_what_they_want(app: Flask, community: Community):
    staff = make_account("staf@x.example")
    make_staff(community.organiser, staff, "editor")
    zutphen = register(community, community.zutphen, community.carla)
    actions.write_letters(
        [zutphen], "Zie https://ours.example", "Kijk op https://ours.example", "k", by=staff, now=NOON
    )
    assert "https://ours.example" in sent(mails_to(community.carla.mail)[-1])
