"""A closed organiser: nothing new begins, whoever asks
and by whatever way; what ends something still works.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from learning.attendance import actions as attendance
from learning.attendance import feeds, interest
from learning.attendance.models import Registration
from learning.choices import waiting
from learning.choices.draw.wishes import save_wishes
from learning.delegations import actions as delegations
from learning.delegations import asking, passing_on, substituting
from learning.delegations.models import Delegation, DelegationRequest, Nomination
from learning.kit import clock
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.wording import Wording
from learning.network import contacts
from learning.office.organisers import close_organiser, reopen_organiser
from learning.people import contacts as people
from learning.people import invitations
from learning.people.models import Account, Contact, Invitation
from learning.releases.queries import current_picture
from learning.speakers import actions
from learning.speakers.models import HandIn
from tests.choices.event import Event, change, choose, come, make_event
from tests.delegations.community import NOON, Community, make_community, nominate, register
from tests.make import make_account, make_registration, make_speaker, make_staff, release


@dataclass
class World:
    """An organiser with an event, a learning community and an invited colleague, each thing half begun."""

    event: Event
    ann: Registration
    bob: Registration  # waits for 1.01, which is full
    unconfirmed: Registration
    community: Community
    zutphen: Delegation
    dirk: Nomination
    asked: DelegationRequest
    hand_in: HandIn
    invitation: Invitation
    carla: Account
    contact: Contact

    @property
    def meeting_id(self) -> int:
        """The first meeting of the community."""
        return self.community.meetings[0].id


@pytest.fixture
def world(app: Flask) -> World:
    """As long as the organiser is open, all of this goes well."""
    community = make_community(seats_go_on=True)
    organiser, carla = community.organiser, community.carla
    admin = make_account("admin@x.example")
    make_staff(organiser, admin)
    event = make_event((1, 5), (5, 5), organiser=organiser)
    change(event.rounds[1], filling="draw")
    release(event.programme, name="2")
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    unconfirmed = make_registration(event.programme, "Cor", confirmed=False)
    zutphen = register(community, community.zutphen, carla)
    dirk = nominate(community, zutphen, "Dirk")
    asking.ask(
        community.picture,
        community.ede,
        name="Greet",
        mail="greet@ede.example",
        price=None,
        language="nl",
        now=NOON,
    )
    hand_in = actions.ask(
        event.programme, make_speaker(organiser), "ada@x.example", "nl", by=admin.id, now=NOON
    )
    invitations.invite(organiser.id, "cas@x.example", "Cas", "editor", language="nl", by=admin, now=NOON)
    return World(
        event, ann, bob, unconfirmed, community, zutphen, dirk, db.session.query(DelegationRequest).one(),
        hand_in,
        db.session.query(Invitation).one(), carla,
        db.session.query(Contact).filter_by(organiser_id=organiser.id).one(),
    )  # fmt: skip


def picture(world: World) -> Any:
    """What is published of the event."""
    return current_picture(world.event.programme.id)


SENT = {"name": "Eva", "mail": "eva@x.example", "capacity": "resident"}
BEGINS: dict[str, Callable[[World], Any]] = {
    "registering": lambda w: attendance.register(
        picture(w), name="Eva", mail="eva@x.example", language="nl", price=None, verified=True, now=NOON
    ),
    "confirming a registration": lambda w: attendance.confirm(w.unconfirmed, now=NOON),
    "interest": lambda w: interest.note_interest(picture(w), mail="eva@x.example", language="nl", now=NOON),
    "asking for a delegation": lambda w: asking.ask(
        w.community.picture,
        w.community.ede,
        name="Eva",
        mail="eva@x.example",
        price=None,
        language="nl",
        now=NOON,
    ),
    "confirming such a request": lambda w: asking.confirm(w.asked, now=NOON),
    "registering a delegation": lambda w: register(w.community, w.community.ede, w.carla),
    "nominating": lambda w: delegations.nominate(w.zutphen, w.meeting_id, **SENT, by=w.carla, now=NOON),
    "pasting a list": lambda w: delegations.nominate_all(
        w.zutphen,
        w.meeting_id,
        [tuple(SENT.values())],
        by=w.carla,
        now=NOON,  # type: ignore[list-item]
    ),
    "the same team again": lambda w: delegations.repeat_team(
        w.zutphen, w.meeting_id, w.community.meetings[1].id, by=w.carla, now=NOON
    ),
    "a substitute": lambda w: substituting.substitute(w.dirk, **SENT, by=w.carla, now=NOON),
    "asking for a substitute": lambda w: substituting.ask_substitute(w.dirk, **SENT, by=w.carla, now=NOON),
    "saying that one comes": lambda w: delegations.answer(w.dirk, comes=True, now=NOON),
    "a reference": lambda w: delegations.set_reference(
        w.zutphen, order_ref="7", buyer_ref="", by=w.carla, now=NOON
    ),
    "giving a seat back": lambda w: passing_on.give_back(w.zutphen, w.meeting_id, by=w.carla, now=NOON),
    "asking for a seat": lambda w: passing_on.ask(w.zutphen, w.meeting_id, by=w.carla, now=NOON),
    "another contact": lambda w: people.appoint(
        w.community.zutphen, "Eva", "eva@x.example", language="nl", by=w.carla, now=NOON
    ),
    "handing over": lambda w: contacts.hand_over(
        [w.contact], None, name="E", mail="eva@x.example", by=w.carla, now=NOON
    ),
    "choosing a session": lambda w: choose(w.event, w.bob, "1.02"),
    "waiting": lambda w: choose(w.event, w.ann, "1.02", wait=True),
    "wishes": lambda w: save_wishes(w.ann, {w.event.rounds[1].id: []}, vetoes={}, skipped=(), now=NOON),
    "an offer": lambda w: waiting.answer_offer(w.bob, w.event.rounds[0].id, accept=True, now=NOON),
    "handing in": lambda w: actions.hand_in(
        w.hand_in, {}, needs="", away=(), alt=Wording(), done=True, now=NOON
    ),
    "slides": lambda w: actions.add_slides(w.hand_in, b"%PDF-1.7", "a.pdf", now=NOON),
    "a photo": lambda w: actions.put_photo(w.hand_in, {}, now=NOON),
    "coming as a colleague": lambda w: invitations.come(w.invitation, now=clock.now()),
}
ENDS: dict[str, Callable[[World], Any]] = {
    "coming no more": lambda w: attendance.withdraw(w.ann, now=NOON),
    "giving a seat up": lambda w: choose(w.event, w.ann, "1"),
    "waiting no longer": lambda w: waiting.stop_waiting(w.bob, w.event.rounds[0].id, now=NOON),
    "declining": lambda w: delegations.answer(w.dirk, comes=False, now=NOON),
    "withdrawing somebody": lambda w: delegations.withdraw_nomination(w.dirk, by=w.carla, now=NOON),
    "another calendar address": lambda w: feeds.renew_feed(w.ann, now=NOON),
}


def close(world: World) -> None:
    """From now on the organiser is closed."""
    close_organiser(world.community.organiser.id, Wording("Dicht.", "Closed."), by=None, now=NOON)


@pytest.mark.parametrize("name", BEGINS)
def test_nothing_begins_at_a_closed_organiser(world: World, name: str):
    close(world)

    with pytest.raises(Refusal) as refused:
        BEGINS[name](world)

    assert refused.value.code == "organiser_closed"


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_something_goes_on_at_a_closed_organiser(world: World, name: str):
    close(world)

    ENDS[name](world)


def test_once_it_is_open_again_the_same_is_no_longer_refused_for_that(world: World):
    """So the table above fails for the closing and for nothing else."""
    close(world)
    reopen_organiser(world.community.organiser.id, by=None, now=NOON)
    refused = []
    for begin in BEGINS.values():
        try:
            begin(world)
        except (Refusal, LookupError) as no:
            refused.append(getattr(no, "code", ""))

    assert "organiser_closed" not in refused


def test_who_comes_to_the_page_of_a_closed_organiser_reads_why(world: World, app: Flask):
    slugs = {"registration": world.event.programme.slug, "delegation": world.community.programme.slug}
    close(world)

    for page, slug in slugs.items():
        answer = app.test_client().get(f"/nl/programmes/{slug}/{page}")
        assert answer.status_code == 409
        assert "gesloten" in answer.text
