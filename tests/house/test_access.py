"""Every route, walked by every role: nobody gets in where they do not belong, and no page forgot to decide."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import select
from werkzeug.routing import Rule

from learning.attendance.tokens import feed_token, own_token
from learning.choices.models import DrawRun
from learning.factory import create_app
from learning.kit.db import db, transaction
from learning.organisations.models import Partnership
from learning.people.models import Account
from learning.programmes import handing, importing, merging
from learning.programmes.bringin import read_text
from learning.programmes.bringing import keep_proposal
from learning.programmes.emails import hand_in_token
from learning.programmes.listing_rules import read_pasted
from learning.programmes.models import Suggestion
from tests.conftest import settings
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_event,
    make_organisation,
    make_organiser,
    make_owner,
    make_part,
    make_person,
    make_registration,
    make_sign_in,
    make_speaker,
    make_staff,
    make_venue,
)

PUBLIC = {  # by address alone: public pages, secret links, health
    "static", "theme", "try_theme", "logo", "healthz", "readyz", "site.embedded",
    "site.embed_script", "site.places", "files.picture", "files.session_picture",
    "site.home", "site.start", "site.catalogue", "site.programme", "site.session_page", "site.speaker", "site.partner_check",
    "people.sign_in", "people.sign_in_link", "people.sign_in_password", "people.link_sent", "people.sign_out",
    "attendance.register", "attendance.registered", "attendance.confirm", "attendance.withdraw", "attendance.withdrawn",
    "attendance.interest", "attendance.interest_noted",
    "files.xml", "files.json", "files.booklet", "files.sitemap", "files.robots", "files.xlsx", "files.atom", "files.changes",
    "programmes.photo", "programmes.hand_in", "programmes.hand_in_photo", "programmes.hand_in_slides",
    "programmes.hand_in_slides_away", "programmes.hand_in_preview",
    "delegations.register", "delegations.asked", "delegations.confirm",
    "delegations.invitations", "choices.choose", "choices.stop_waiting", "choices.offer", "choices.method", "choices.audit",
    "office.first_start",
    "schedules.mine", "schedules.renew", "schedules.single", "schedules.feed", "schedules.programme_feed",
}  # fmt: skip


@dataclass
class World:
    """Two organisers with the same things, and everybody who might come by."""

    values: dict[str, Any]
    accounts: dict[str, Account | None]


@pytest.fixture
def world(app: Flask) -> World:
    """One organiser whose things are asked for; people of its own and of another."""
    ours, theirs = make_organiser("ours"), make_organiser("theirs")
    programme = make_event(ours, slug="the-day")
    city = make_organisation(ours, "Zutphen", partner_from=NOON.date())
    contact = make_person(ours, "Con", "contact@x.example")
    spoken = make_contact(city, contact)
    registration = make_registration(programme, "Ann")
    delegation, nomination, invoice, substitute = things(ours, programme, city, contact, registration)
    accounts: dict[str, Account | None] = {"anonymous": None, "stranger": make_account("stranger@x.example")}
    for role in ("admin", "editor", "finance"):
        accounts[role] = make_account(f"{role}@ours.example")
        make_staff(ours, accounts[role], role)
        accounts[f"other {role}"] = make_account(f"{role}@theirs.example")
        make_staff(theirs, accounts[f"other {role}"], role)
    accounts["contact"] = make_account("contact@x.example")
    accounts["owner"] = make_owner("owner@x.example").account
    proposal = read_text("Ronde 1\n\nEen titel\n")
    brought = keep_proposal(programme, proposal, name="x", by=accounts["admin"].id, now=NOON)  # type: ignore[union-attr]
    values = {
        "lang": "nl",
        "slug": "the-day",
        "organiser": "ours",
        "code": "1.01",
        "speaker": "nobody",
        "token": own_token(registration),
        "feed": feed_token(registration),
        "meeting_id": programme.meetings[0].id,
        "round_id": programme.rounds[0].id,
        "registration_id": registration.id,
        "delegation": delegation,
        "nomination": nomination,
        "invoice": invoice,
        "substitute": substitute,
        "filename": "css/tokens.css",
        "version": "x",
        "brand": "ffcc00",
        "accent": "123f8f",
        "name": "x" * 32,
        "number": 1,
        "from_id": programme.meetings[0].id,
        "kind": "booklet",
        "language": "nl",
        "session": programme.rounds[0].sessions[0].id,
        "venue": make_venue(ours).id,
        "brought": brought.id,
        "organisation": city.id,
        "other_id": make_organisation(ours, "Ede").id,
        "partnership": db.session.scalars(select(Partnership.id)).one(),
        "contact": spoken.id,
        "contact_id": spoken.id,
        "merge": merge_of(ours, city, accounts["admin"]),
        "listed": "contacts",
        "imported": imported(ours, accounts["admin"]),
        "suggestion": suggestion(programme, accounts["admin"]),
        "draw": draw(programme, accounts["admin"]),
        **speaking(programme, accounts["admin"]),
    }
    return World(values, accounts)


def speaking(programme: Any, by: Any) -> dict[str, Any]:
    """A speaker who was asked to hand in, and did."""
    speaker = make_speaker(programme.organiser, "Ada Een")
    make_part(programme.rounds[0].sessions[0], speaker)
    row = handing.ask(programme, speaker, "", "nl", by=by.id, now=NOON)
    handing.add_slides(row, b"%PDF-", "x.pdf", now=NOON)
    return {"speaker_id": speaker.id, "hand_in": hand_in_token(row), "slides": 1, "number": 1, "key": "none", "size": "s"}


def imported(ours: Any, by: Any) -> int:
    """A list that was read, to look at."""
    table = read_pasted("organisations", "naam;kvk\nDelft;12345678")
    return importing.keep(ours.id, "organisations", table, name="x", by=by.id, now=NOON).id


@transaction()
def suggestion(programme: Any, by: Any) -> int:
    """A proposal that was asked for."""
    question = {"slots": [], "rooms": {}, "givings": [], "away": [], "together": [], "calm": False, "seed": 1}
    row = Suggestion(programme_id=programme.id, account_id=by.id, asked_at=NOON, how="rest", question=question)
    db.session.add(row)
    db.session.flush()
    return row.id


def merge_of(ours: Any, city: Any, by: Any) -> int:
    """Another organisation that became part of the city."""
    other = make_organisation(ours, "Warnsveld")
    return merging.merge(ours.id, city.id, other.id, [], seen=merging.seen_of(city, other), by=by.id, now=NOON).id


@transaction()
def draw(programme: Any, by: Any) -> int:
    """A draw that was asked for."""
    instance = {"format": "workshop-allocation/1", "rounds": [], "sessions": [], "attendees": [], "rules": {"seed": "x"}}
    at = {"programme_id": programme.id, "meeting_id": programme.meetings[0].id}
    row = DrawRun(**at, account_id=by.id, asked_at=NOON, instance=instance, people={})
    db.session.add(row)
    db.session.flush()
    return row.id


@transaction()
def things(ours: Any, programme: Any, city: Any, contact: Any, registration: Any) -> tuple[int, int, int, int]:
    """A delegation with a nomination, a substitute that is asked for, and a draft invoice."""
    from learning.billing.models import Invoice
    from learning.delegations.models import Delegation, Nomination, SubstituteRequest

    delegation = Delegation(
        organiser_id=ours.id,
        programme_id=programme.id,
        organisation_id=city.id,
        contact_id=contact.id,
        code="AAA-BBB-CCC",
        seats_min=2,
        seats_max=3,
        requested_at=NOON,
        held_at=NOON,
        confirmed_at=NOON,
    )
    db.session.add(delegation)
    db.session.flush()
    nomination = Nomination(
        programme_id=programme.id,
        delegation_id=delegation.id,
        meeting_id=programme.meetings[0].id,
        person_id=registration.person_id,
        registration_id=registration.id,
        capacity="resident",
        chair=1,
        chairs=3,
        made_at=NOON,
    )
    invoice = Invoice(organiser_id=ours.id, delegation_id=delegation.id, made_at=NOON)
    db.session.add_all([nomination, invoice])
    db.session.flush()
    asked = SubstituteRequest(nomination_id=nomination.id, name="Bo", mail="bo@x.example", capacity="resident", at=NOON)
    db.session.add(asked)
    db.session.flush()
    return delegation.id, nomination.id, invoice.id, asked.id


def address(rule: Rule, world: World) -> str:
    """The rule's address for the things of this world."""
    values = {}
    for name in rule.arguments:
        if name == "id":
            area = rule.rule
            keys = {"imports/<": "imported", "draws/<": "draw", "suggestions/<": "suggestion", "bring-in/<": "brought"}
            keys |= {"hand-ins/<": "speaker_id", "speakers/<": "speaker_id", "slides/<": "slides"}
            keys |= {"nominations/<": "nomination", "invoices/<": "invoice", "substitutes/<": "substitute"}
            keys |= {"organisations/<": "organisation", "partnerships/<": "partnership", "contacts/<": "contact"}
            keys |= {"merges/<": "merge", "delegations/<": "delegation", "<slug>": "session"}
            values[name] = world.values[next((key for part, key in keys.items() if part in area), "venue")]
        elif name == "thing":
            values[name] = "sessions" if "<slug>" in rule.rule else "venues"
        elif name == "token" and rule.endpoint.startswith("programmes.hand_in"):
            values[name] = world.values["hand_in"]
        elif name == "token" and rule.endpoint == "delegations.confirm":
            values[name] = "unknown"
        elif name == "token" and rule.endpoint == "schedules.feed":
            values[name] = world.values["feed"]
        else:
            values[name] = world.values[name]
    with_request = world.values | values
    return url_for(rule.endpoint, **{name: with_request[name] for name in rule.arguments})


def walk(app: Flask, world: World, who: str) -> dict[str, set[int]]:
    """The answers of every route to this person."""
    client = app.test_client()
    account = world.accounts[who]
    answers: dict[str, set[int]] = {}
    for rule in app.url_map.iter_rules():
        methods = (rule.methods or set()) & {"GET", "POST"}
        with app.test_request_context():
            target = address(rule, world)
        for method in sorted(methods):
            if account is not None:
                with client.session_transaction() as session:
                    session["_user_id"] = make_sign_in(account)
            answers.setdefault(rule.endpoint, set()).add(client.open(target, method=method).status_code)
    return answers


def allowed(who: str, endpoint: str) -> bool:
    """May this person get anything but a no from this route?"""
    if endpoint in PUBLIC:
        return True
    area = endpoint.split(".")[0]
    if endpoint in ("planning_desk.brand", "planning_desk.brand_logo", "planning_desk.brand_domain") or area == "office_desk":
        return who == "admin"
    if who == "anonymous":
        return False
    if area == "installation":
        return who == "owner"
    if endpoint == "programmes.preview":
        return True
    if endpoint.split(".")[0] == "people" or endpoint in ("programmes.hosting",):
        return True
    if area in ("delegations", "insights"):
        return who in ("contact", "admin", "editor")
    if endpoint in ("delegations_desk.ending", "delegations_desk.decide", "delegations_desk.letter"):
        return who in ("admin", "editor")
    if endpoint == "billing.pdf":
        return who == "contact"
    roles = {
        "programmes_desk": {"admin", "editor", "finance"},
        "planning_desk": {"admin", "editor"},
        "choices_desk": {"admin", "editor"},
        "attendance_desk": {"admin", "editor"},
        "delegations_desk": {"admin", "editor", "finance"},
        "billing_desk": {"admin", "finance"},
    }
    return who in roles[area]


NO = {302, 403, 404}


def test_every_route_as_every_role(app: Flask, world: World):
    for who in world.accounts:
        for endpoint, answers in walk(app, world, who).items():
            assert not {code for code in answers if code >= 500}, (who, endpoint, answers)
            if not allowed(who, endpoint):
                assert answers <= NO, (who, endpoint, answers)
            elif who in ("admin", "contact") and endpoint not in PUBLIC:
                assert not answers <= {403}, (who, endpoint, answers)


def test_another_organisers_staff_finds_nothing_at_the_desk(app: Flask, world: World):
    for who in ("other admin", "other editor", "other finance", "contact", "stranger", "owner"):
        desk = {e: a for e, a in walk(app, world, who).items() if e.split(".")[0].endswith("_desk")}

        assert {code for answers in desk.values() for code in answers} == {404}, who


def test_a_page_that_decides_nothing_is_refused(database_url: str, tmp_path: Path):
    app = create_app(settings(tmp_path, database_url))
    app.add_url_rule("/forgot", "forgot", lambda: "secret")
    app.config["PROPAGATE_EXCEPTIONS"] = False

    assert app.test_client().get("/forgot").status_code == 500
