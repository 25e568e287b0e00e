"""The world that the walk past every door goes through: two
organisers, three programmes, and everybody who might come by.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import select

from learning.attendance.models import Registration
from learning.attendance.tokens import feed_token, own_token
from learning.billing import actions as billing
from learning.choices.draw.models import DrawRun
from learning.delegations.models import Delegation, DelegationReport, Nomination, SubstituteRequest
from learning.desk import removing
from learning.intake.actions import keep_proposal
from learning.intake.reading import read_text
from learning.kit.db import db, transaction
from learning.kit.files import keep
from learning.kit.wording import Wording
from learning.network import importing, merging
from learning.network.tables import read_pasted
from learning.organisations.models import Organiser, Partnership
from learning.people import colleagues, invitations
from learning.people.models import Account, Staff, StaffProgramme
from learning.planning.models import Suggestion
from learning.printing import documents
from learning.programmes.models import Programme
from learning.speakers import actions
from learning.speakers.emails import hand_in_token
from tests.make import (
    NOON,
    enter,
    make_account,
    make_contact,
    make_delegation,
    make_event,
    make_meeting,
    make_organisation,
    make_organiser,
    make_owner,
    make_part,
    make_person,
    make_registration,
    make_speaker,
    make_staff,
    make_venue,
)

STAFF = ("admin", "editor", "finance", "reader")
LIMITED = ("editor", "finance", "reader")
VISITORS = ("anonymous", "stranger", "attendee", "nominee", "contact", "speaker", "owner")
WHO = (
    *VISITORS,
    *STAFF,
    *(f"limited {role}" for role in LIMITED),
    *(f"their {role}" for role in STAFF),
    "removed",
)
CONSTANT = {
    "lang": "nl", "code": "1.01", "speaker": "nobody", "filename": "css/tokens.css", "version": "x",
    "brand": "ffcc00",
    "accent": "123f8f", "name": "x" * 32, "number": 1, "kind": "booklet", "language": "nl", "key": "none",
    "size": "s",
    "path:filename": "css/tokens.css",
}  # fmt: skip


@dataclass
class World:
    """The values of addresses by whose things they name
    (own, other, foreign), and the accounts by who they are.
    """

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, Account | None] = field(default_factory=dict)


def make_world() -> World:
    """The programme `own` and the programme `other` of one organiser, and `foreign` of another one.

    Limited colleagues work for `own`. What nobody else may
    read holds the word Geheim and the name of its programme.
    """
    world = World()
    ours, theirs = make_organiser("ours"), make_organiser("theirs")
    bosses = {"ours": make_account("boss@ours.example"), "theirs": make_account("boss@theirs.example")}
    for organiser in (ours, theirs):
        make_staff(organiser, bosses[organiser.slug], "admin")
    for tag, organiser in (("own", ours), ("other", ours), ("foreign", theirs)):
        world.values[tag] = CONSTANT | furnish(organiser, tag, bosses[organiser.slug])
    ours_id, theirs_id, by = ours.id, theirs.id, bosses["ours"].id
    for tag, values in world.values.items():
        values["removed"] = take_away(values["programme_id"], tag, by)
    ours, theirs = (db.session.get_one(Organiser, id) for id in (ours_id, theirs_id))
    world.accounts["anonymous"] = None
    for who in ("stranger", "attendee", "nominee", "contact", "speaker", "owner"):
        world.accounts[who] = make_account(f"{who}@own.example")
    owner = make_owner("owner@own.example").id
    for values in world.values.values():
        values["owner"] = owner
    for role in STAFF:
        for whose, organiser in (("", ours), ("their ", theirs)):
            world.accounts[whose + role] = account = make_account(f"{role}@{organiser.slug}.example")
            make_staff(organiser, account, role)
    for role in LIMITED:
        world.accounts[f"limited {role}"] = account = make_account(f"limited.{role}@ours.example")
        limit(make_staff(ours, account, role), world.values["own"]["programme_id"])
    world.accounts["removed"] = account = make_account("removed@ours.example")
    colleagues.remove(make_staff(ours, account, "admin"), now=NOON)
    return world


def take_away(programme_id: int, tag: str, by: int) -> int:
    """A meeting of this programme that was taken away."""
    programme = db.session.get_one(Programme, programme_id)
    extra = make_meeting(programme, title=Wording(f"Geheim {tag} weg"))
    return removing.remove(programme.organiser_id, programme, extra, by=by, now=NOON).id


@transaction()
def limit(staff: Staff, programme_id: int) -> None:
    """The colleague works for this programme alone."""
    staff = db.session.get_one(Staff, staff.id)
    staff.limited = True
    db.session.flush()
    db.session.add(
        StaffProgramme(organiser_id=staff.organiser_id, staff_id=staff.id, programme_id=programme_id)
    )


def furnish(organiser: Organiser, tag: str, by: Account) -> dict[str, Any]:
    """A programme with one of everything; gives what addresses need."""
    programme = make_event(organiser, slug=f"{tag}-day", title=Wording(f"Geheim {tag}", f"Geheim {tag}"))
    city = make_organisation(organiser, f"Stad {tag}", partner_from=NOON.date())
    contact = make_person(organiser, f"Geheim {tag} contact", f"contact@{tag}.example")
    spoken = make_contact(city, contact)
    attendee = make_registration(programme, f"Geheim {tag} deelnemer", f"attendee@{tag}.example")
    eats(attendee)
    delegation = make_delegation(programme, city, contact, price=Decimal(3000), seats_min=1)
    return {
        "organiser": organiser.slug,
        "slug": programme.slug,
        "programme_id": programme.id,
        "token": own_token(attendee),
        "feed": feed_token(attendee),
        "registration_id": attendee.id,
        "meeting_id": programme.meetings[0].id,
        "from_id": programme.meetings[0].id,
        "round_id": programme.rounds[0].id,
        "session": programme.rounds[0].sessions[0].id,
        "block": programme.meetings[0].agenda[0].id,
        "venue": make_venue(organiser, f"Plaats {tag}").id,
        "organisation": city.id,
        "other_id": make_organisation(organiser, f"Dorp {tag}").id,
        "partnership": db.session.scalars(
            select(Partnership.id).where(Partnership.organisation_id == city.id)
        ).one(),
        "contact": spoken.id,
        "contact_id": spoken.id,
        "delegation": delegation.id,
        **_money(programme, delegation, tag, by),
        **_people(programme, delegation, tag),
        **_speaking(programme, tag, by),
        **_work(programme, by),
        **_network(organiser, city, tag, by),
        **_staff(organiser, tag, by),
    }


@transaction()
def eats(registration: Registration) -> None:
    """What only those who need it may know of somebody."""
    db.session.get_one(Registration, registration.id).diet = "Geheim dieet"


def _money(programme: Programme, delegation: Delegation, tag: str, by: Account) -> dict[str, Any]:
    """A draft, an issued invoice, and the report of the delegation."""
    small = make_organisation(programme.organiser, f"Buurt {tag}")
    drafted = make_delegation(programme, small, delegation.contact, price=Decimal(1000))
    draft = billing.draft_invoice(drafted, by=by, now=NOON)
    issued = billing.issue(billing.draft_invoice(delegation, by=by, now=NOON), by=by, now=NOON)
    _report(delegation)
    return {"invoice": draft.id, "issued": issued.id}


@transaction()
def _report(delegation: Delegation) -> None:
    file = keep(
        b"%PDF-", name="x.pdf", media_type="application/pdf", purpose="x", organiser_id=None, now=NOON
    )
    row = DelegationReport(
        delegation_id=delegation.id, lang="nl", asked_at=NOON, made_at=NOON, file_id=file.id, failed=""
    )
    db.session.add(row)


@transaction()
def _people(programme: Programme, delegation: Delegation, tag: str) -> dict[str, Any]:
    """Somebody who is sent, and who should come instead."""
    registration: Registration = make_registration(
        programme, f"Geheim {tag} gestuurde", f"nominee@{tag}.example"
    )
    at = {
        "programme_id": programme.id,
        "delegation_id": delegation.id,
        "meeting_id": programme.meetings[0].id,
    }
    who = {"person_id": registration.person_id, "registration_id": registration.id}
    nomination = Nomination(**at, **who, capacity="resident", chair=1, chairs=3, made_at=NOON)
    db.session.add(nomination)
    db.session.flush()
    named = {"name": f"Geheim {tag} vervanger", "mail": f"instead@{tag}.example", "capacity": "resident"}
    asked = SubstituteRequest(nomination_id=nomination.id, **named, at=NOON)
    db.session.add(asked)
    db.session.flush()
    return {"nomination": nomination.id, "substitute": asked.id}


def _speaking(programme: Programme, tag: str, by: Account) -> dict[str, Any]:
    """A speaker who was asked to hand in, and did."""
    person = make_person(programme.organiser, f"Spreker {tag}", f"speaker@{tag}.example")
    speaker = make_speaker(programme.organiser, f"Spreker {tag}", person=person)
    make_part(programme.rounds[0].sessions[0], speaker)
    row = actions.ask(programme, speaker, "", "nl", by=by.id, now=NOON)
    actions.add_slides(row, b"%PDF-", "x.pdf", now=NOON)
    db.session.refresh(row)
    return {"speaker_id": speaker.id, "hand_in": hand_in_token(row), "slides": row.slides[0].id}


def _work(programme: Programme, by: Account) -> dict[str, Any]:
    """What is being made: a proposal that was read, a suggestion, a draw, a document."""
    brought = keep_proposal(programme, read_text("Ronde 1\n\nEen titel\n"), name="x", by=by.id, now=NOON)
    documents.ask(programme.id, "booklet", "nl", now=NOON)
    document = documents.newest(programme.id, "booklet", "nl")
    assert document is not None
    documents.keep_document(document.id, b"%PDF-")
    return {"brought": brought.id, **_asked(programme, by)}


@transaction()
def _asked(programme: Programme, by: Account) -> dict[str, Any]:
    question = {"slots": [], "rooms": {}, "givings": [], "away": [], "together": [], "calm": False, "seed": 1}
    instance = {
        "format": "workshop-allocation/1",
        "rounds": [],
        "sessions": [],
        "attendees": [],
        "rules": {"seed": "x"},
    }
    who = {"programme_id": programme.id, "account_id": by.id, "asked_at": NOON}
    suggestion = Suggestion(**who, how="rest", question=question)
    draw = DrawRun(**who, meeting_id=programme.meetings[0].id, instance=instance, people={})
    db.session.add_all([suggestion, draw])
    db.session.flush()
    return {"suggestion": suggestion.id, "draw": draw.id}


def _network(organiser: Organiser, city: Any, tag: str, by: Account) -> dict[str, Any]:
    """A list that was read, and an organisation that became part of the city."""
    table = read_pasted("organisations", "naam;kvk\nDelft;12345678")
    part = make_organisation(organiser, f"Gehucht {tag}")
    merged = merging.merge(
        organiser.id, city.id, part.id, [], seen=merging.seen_of(city, part), by=by.id, now=NOON
    )
    return {
        "imported": importing.keep(organiser.id, "organisations", table, name="x", by=by.id, now=NOON).id,
        "merge": merged.id,
    }


def _staff(organiser: Organiser, tag: str, by: Account) -> dict[str, Any]:
    """A colleague to change, and somebody who is invited."""
    helper = make_staff(organiser, make_account(f"helper@{tag}.example"), "reader")
    asked = (f"asked@{tag}.example", "", "reader", None)
    invitation = invitations.invite(organiser.id, *asked, language="nl", by=by, now=NOON)
    return {"colleague": helper.id, "invitation": invitation.id}


def cookie_of(app: Flask, account: Account | None) -> str:
    """The session cookie of somebody who is signed in; empty for nobody."""
    if account is None:
        return ""
    client = enter(app.test_client(), account)
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"session={cookie.value}"
