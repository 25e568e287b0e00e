"""People with a secret link of every kind, and the pages that their links lead to."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select

from learning.attendance.actions import withdraw
from learning.attendance.models import Registration
from learning.attendance.tokens import feed_token, own_token
from learning.choices.actions import choose_sessions
from learning.delegations.asking import ask
from learning.delegations.models import Nomination
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.organisations.models import Organiser
from learning.people.actions import ask_link
from learning.people.invitations import invite
from learning.people.models import Account, Person
from learning.programmes.models import Programme
from learning.releases.queries import current_picture
from learning.speakers import actions
from learning.speakers.emails import hand_in_token
from tests.make import (
    make_account,
    make_delegation,
    make_meeting,
    make_organisation,
    make_organiser,
    make_part,
    make_person,
    make_programme,
    make_registration,
    make_round,
    make_session,
    make_speaker,
    make_staff,
    release,
)

FEEDS = ("schedules.feed", "schedules.single")


def make_secret_pages(slug: str = "the-day") -> dict[str, str]:
    """The path of a secret page for every endpoint that one opens with GET; all of them can be used now."""
    now = clock.now()
    organiser = make_organiser("ours")
    staff = make_account("staff@ours.example")
    make_staff(organiser, staff)
    programme = make_programme(organiser, slug=slug, moving_up="offer", offer_hours=24)
    meeting = make_meeting(programme, on=(now + timedelta(days=60)).date())
    first = make_round(meeting)
    full, _free = make_session(first, capacity=1), make_session(first, capacity=5)
    speaker = make_speaker(organiser, "Ada Een")
    make_part(full, speaker)
    release(programme, now=now)

    def come(name: str, *, confirmed: bool = True) -> Registration:
        return make_registration(programme, name, f"{name.lower()}@x.example", now=now, confirmed=confirmed)

    ann, bob, cor, dee = come("Ann"), come("Bob"), come("Cor"), come("Dee")
    for one in (ann, bob, cor):
        choose_sessions(one, {first.id: full.id}, wait=(first.id,), now=now)
    choose_sessions(dee, {first.id: _free.id}, now=now)
    withdraw(ann, now=now)  # so that Bob has an offer and Cor waits
    new = come("New", confirmed=False)
    eve = come("Eve")
    _nominate(programme, organiser, eve, now)
    row = actions.ask(programme, speaker, "ada@x.example", "nl", by=staff.id, now=now)
    actions.add_slides(row, b"%PDF-", "x.pdf", now=now)
    ask_link("staff@ours.example", next_url=None, language="nl", now=now)
    asked = db.session.scalars(select(Message).where(Message.template == "people/sign_in_link")).one()
    code = f"{first.number}.{_free.number:02d}"
    return {
        "schedules.single": f"/nl/registrations/{own_token(dee)}/sessions/{code}.ics",
        "schedules.feed": f"/calendars/{feed_token(dee)}.ics",
        "schedules.mine": f"/nl/registrations/{own_token(dee)}",
        "choices.choose": f"/nl/registrations/{own_token(dee)}/choices",
        "choices.offer": f"/nl/registrations/{own_token(bob)}/offers/{first.id}",
        "choices.stop_waiting": f"/nl/registrations/{own_token(cor)}/waiting/{first.id}",
        "delegations.invitations": f"/nl/registrations/{own_token(eve)}/invitations",
        "attendance.confirm": f"/nl/confirmations/{own_token(new)}",
        "delegations.confirm": _ask_for_a_delegation(organiser, slug, now),
        "people.come": _invite(organiser, staff, now),
        "speakers.hand_in": f"/nl/hand-in/{hand_in_token(row)}",
        "people.sign_in_link": "/nl/sign-in/" + asked.values["sign_in_url"].rpartition("/")[2],
        "attendance.withdraw": f"/nl/registrations/{own_token(dee)}/withdrawal",  # last: it ends all this
    }


def posting(app: Flask) -> set[str]:
    """The endpoints to which forms of secret pages are sent."""
    from learning.kit.secret_routes import secret_rules

    return {rule.endpoint for rule in secret_rules(app) if "POST" in (rule.methods or ())}


@transaction()
def _nominate(programme: Programme, organiser: Organiser, registration: Registration, now: datetime) -> None:
    city = make_organisation(organiser, "Zutphen")
    contact: Person = make_person(organiser, "Con", "contact@x.example")
    delegation = make_delegation(programme, city, contact)
    row = Nomination(
        programme_id=programme.id,
        delegation_id=delegation.id,
        meeting_id=programme.meetings[0].id,
        person_id=registration.person_id,
        registration_id=registration.id,
        capacity="resident",
        chair=1,
        chairs=3,
        made_at=now,
    )
    db.session.add(row)
    db.session.flush()


def _ask_for_a_delegation(organiser: Organiser, slug: str, now: datetime) -> str:
    community = make_programme(
        organiser, kind="learning_community", by_delegation=True, slug=f"{slug}-together"
    )
    make_meeting(community, on=(now + timedelta(days=60)).date())
    release(community, now=now)
    picture, city = current_picture(community.id), make_organisation(organiser, "Ede")
    assert picture is not None
    ask(picture, city, name="Fay", mail="fay@x.example", price=None, language="nl", now=now)
    return _path("delegations/confirm_request", "confirm_url")


def _invite(organiser: Organiser, by: Account, now: datetime) -> str:
    invite(organiser.id, "gus@x.example", "Gus", "reader", language="nl", by=by, now=now)
    return _path("people/colleague_invited", "invitation_url")


def _path(template: str, name: str) -> str:
    newest = select(Message).where(Message.template == template).order_by(Message.id.desc()).limit(1)
    return urlsplit(db.session.scalars(newest).one().values[name]).path
