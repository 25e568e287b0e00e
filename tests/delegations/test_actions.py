"""Registering a delegation, sending people, replacing them, and what is refused."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from learning.attendance import actions as attendance
from learning.attendance.models import Participation, Registration
from learning.attendance.queries import running
from learning.delegations import actions, at_desk, joining, queries, substituting
from learning.delegations import board as delegations_board
from learning.delegations.models import Delegation, Nomination
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent
from learning.kit.wording import Wording
from learning.mail.models import Message
from learning.organisations.models import Partnership
from learning.people.models import Account, Contact
from learning.programmes.models import Meeting, Programme
from learning.releases.actions import release_programme
from tests.delegations.community import (
    AFTER,
    BEFORE,
    BEGUN,
    DEADLINE,
    NOON,
    Community,
    count,
    history,
    letters,
    make_community,
    nominate,
    register,
    substitute,
    taken,
)
from tests.make import make_account, make_programme, make_staff, release


def code_of(action: Callable[[], Any]) -> tuple[str, dict[str, Any]]:
    """Why it was refused."""
    with pytest.raises(Refusal) as refusal:
        action()
    db.session.rollback()
    return refusal.value.code, refusal.value.values


@pytest.fixture
def community(app: Flask) -> Community:
    return make_community()


@pytest.fixture
def delegation(community: Community) -> Delegation:
    return register(community, community.zutphen, community.carla)


def test_a_known_contact_registers_at_the_price_of_a_partner(community: Community, delegation: Delegation):
    assert (delegation.confirmed_at, delegation.seats_min, delegation.seats_max) == (NOON, 2, 3)
    assert (delegation.price_amount, delegation.price_unit) == (Decimal("2500.00"), "organisation")
    assert (delegation.price_vat_category, delegation.price_vat_rate) == ("S", Decimal(21))
    assert delegation.price_reason == "the price for partners of the network"
    assert delegation.price_reference_on == date(2026, 11, 24)
    assert delegation.price_partnership_id is not None
    assert letters() == [("registered", "carla@zutphen.example")]
    line = db.session.scalars(select(AuditEvent).where(AuditEvent.thing == "delegation")).one()
    assert (line.verb, line.thing_id, line.account_id) == ("registered", delegation.id, community.carla.id)


def test_a_stranger_asks_and_staff_confirm(community: Community):
    dirk = make_account("dirk@ede.example", name="Dirk")
    admin = make_account("admin@x.example")
    asked = register(community, community.ede, dirk)
    assert (asked.confirmed_at, asked.price_amount, asked.price_partnership_id) == (
        None,
        Decimal("3000.00"),
        None,
    )
    assert code_of(lambda: nominate(community, asked, "Eef")) == ("not_confirmed", {})
    assert not queries.is_contact(dirk, community.ede.id)

    joining.confirm(asked, by=admin, now=AFTER)

    db.session.rollback()
    assert db.session.get_one(Delegation, asked.id).confirmed_at == AFTER
    assert queries.is_contact(dirk, community.ede.id)
    told = [
        ("requested", "dirk@ede.example"),
        ("to_confirm", community.organiser.mail),
        ("registered", "dirk@ede.example"),
    ]
    assert letters() == told
    assert code_of(lambda: joining.confirm(asked, by=admin, now=AFTER)) == ("confirmed_already", {})
    assert nominate(community, asked, "Eef", now=BEFORE).chair == 1


def test_a_contact_who_stopped_speaks_for_the_city_again_once_staff_confirm(community: Community):
    stop(community)
    delegation = register(community, community.zutphen, community.carla)
    assert delegation.confirmed_at is None

    joining.confirm(delegation, by=make_account("admin@x.example"), now=NOON)

    assert (queries.is_contact(community.carla, community.zutphen.id), count(Contact)) == (True, 1)


@transaction()
def stop(community: Community) -> None:
    db.session.execute(update(Contact).values(ended_at=NOON))


def test_one_delegation_for_each_city(community: Community, delegation: Delegation):
    again = lambda: register(community, community.zutphen, make_account("other@zutphen.example"))  # noqa: E731

    assert code_of(again) == ("registered_already", {"organisation": "Zutphen"})
    assert count(Delegation) == 1


def test_when_one_cannot_register(app: Flask):
    start, end = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
    open = make_community(registration_opens_at=start, registration_closes_at=end)
    tries = {
        "early": lambda: register(open, open.zutphen, open.carla, now=NOON),
        "late": lambda: register(open, open.zutphen, open.carla, now=end),
    }
    assert {name: code_of(attempt) for name, attempt in tries.items()} == {
        "early": ("registration_not_open", {"opens": start}),
        "late": ("registration_closed", {"deadline": end}),
    }
    cancelled = make_community(cancelled_at=NOON)
    assert code_of(lambda: register(cancelled, cancelled.zutphen, cancelled.carla)) == (
        "programme_cancelled",
        {},
    )
    past = make_community()
    after = datetime(2027, 3, 1, tzinfo=UTC)
    assert code_of(lambda: register(past, past.zutphen, past.carla, now=after)) == ("no_dates", {})
    event = make_programme(open.organiser)
    release(event)
    open.programme = event
    assert code_of(lambda: register(open, open.zutphen, open.carla)) == ("by_person", {})


def test_the_price_stays_when_the_partnership_changes(community: Community, delegation: Delegation):
    @transaction()
    def change() -> None:
        db.session.execute(update(Partnership).values(until_on=date(2020, 12, 31)))

    change()
    release(community.programme, name="2")

    db.session.expire_all()
    assert (delegation.price_amount, delegation.price_reason) == (
        Decimal("2500.00"),
        "the price for partners of the network",
    )


def test_who_is_sent_is_expected_and_told(community: Community, delegation: Delegation):
    anna = nominate(community, delegation, "Anna")

    assert (anna.chair, anna.chairs, anna.capacity, anna.made_at) == (1, 3, "resident", NOON)
    registration = anna.registration
    assert (registration.live, registration.organisation_id, registration.price_amount) == (
        True,
        community.zutphen.id,
        None,
    )
    expected = db.session.scalars(
        select(Participation.meeting_id).where(Participation.ended_at.is_(None))
    ).all()
    assert expected == [community.meetings[0].id]
    assert [taken(meeting) for meeting in community.meetings] == [1, 0]
    assert letters()[1:] == [("nominated", "anna@x.example")]


def test_the_same_person_at_two_meetings_has_one_registration(community: Community, delegation: Delegation):
    first, second = (nominate(community, delegation, "Anna", meeting=n) for n in (0, 1))

    assert first.registration_id == second.registration_id
    assert (count(Registration), [taken(m) for m in community.meetings]) == (1, [1, 1])


def test_never_more_than_the_maximum(community: Community, delegation: Delegation):
    assert [nominate(community, delegation, name).chair for name in ("Anna", "Bea", "Cor")] == [1, 2, 3]

    full = {"taken": 3, "places": 3, "names": "Anna, Bea, Cor"}
    assert code_of(lambda: nominate(community, delegation, "Dora")) == ("no_places", full)
    assert (taken(community.meetings[0]), count(Registration)) == (3, 3)


def test_fewer_than_the_minimum_is_never_refused(community: Community, delegation: Delegation):
    nominate(community, delegation, "Anna")

    board = delegations_board.delegation_board(delegation, now=AFTER)
    assert [(m.wanted, m.free, m.closed) for m in board.meetings] == [(1, 2, True), (2, 3, False)]


def test_nobody_is_sent_twice_to_a_meeting(community: Community, delegation: Delegation):
    dirk = make_account("dirk@ede.example")
    ede = register(community, community.ede, dirk)
    joining.confirm(ede, by=dirk, now=NOON)
    nominate(community, delegation, "Anna")
    bea = nominate(community, delegation, "Bea")
    theirs = nominate(community, ede, "Cor")
    sent = ("sent_already", {"name": "Anna"})

    assert code_of(lambda: nominate(community, delegation, "Anna")) == sent
    assert code_of(lambda: nominate(community, ede, "ANNA", mail="Anna@X.example")) == sent
    assert code_of(lambda: substitute(community, bea, "Anna")) == sent
    assert code_of(lambda: substitute(community, theirs, "Anna")) == sent
    assert code_of(lambda: substitute(community, bea, "Bea")) == ("same_person", {})
    assert taken(community.meetings[0]) == 3


def test_names_close_at_the_deadline_but_not_for_staff(community: Community, delegation: Delegation):
    anna = nominate(community, delegation, "Anna", now=BEFORE)
    closed = ("nominations_closed", {"deadline": DEADLINE})

    assert code_of(lambda: nominate(community, delegation, "Bea", now=DEADLINE)) == closed
    assert code_of(lambda: substitute(community, anna, "Bea", now=AFTER)) == closed
    assert code_of(lambda: actions.withdraw_nomination(anna, by=community.carla, now=AFTER)) == closed
    assert nominate(community, delegation, "Bea", now=AFTER, late=True).chair == 2
    assert substitute(community, anna, "Cor", now=AFTER, late=True).chair == 1


def test_late_substitutes_when_the_programme_allows(app: Flask):
    community = make_community(late_substitutes=True)
    delegation = register(community, community.zutphen, community.carla)
    anna = nominate(community, delegation, "Anna")

    bea = substitute(community, anna, "Bea", now=AFTER)

    assert history(delegation, community.meetings[0]) == [("Anna", 1, "substituted"), ("Bea", 1, "runs")]
    assert code_of(lambda: nominate(community, delegation, "Cor", now=AFTER))[0] == "nominations_closed"
    assert code_of(lambda: substitute(community, bea, "Cor", now=BEGUN))[0] == "meeting_began"


def test_who_may_come_late_is_as_it_was_released(app: Flask):
    """What staff change at the desk waits for a release, and the action decides, whatever page asks it."""
    community = make_community(late_substitutes=False)
    delegation = register(community, community.zutphen, community.carla)
    anna = nominate(community, delegation, "Anna")

    @transaction()
    def at_the_desk() -> None:
        row = db.session.get_one(Programme, delegation.programme_id)
        row.late_substitutes = row.substitutes_approved = True

    at_the_desk()
    assert code_of(lambda: substitute(community, anna, "Bea", now=AFTER))[0] == "nominations_closed"
    release_programme(db.session.get_one(Programme, delegation.programme_id), name="two", now=BEFORE)
    assert code_of(lambda: substitute(community, anna, "Bea", now=AFTER))[0] == "staff_decide"
    assert substitute(community, anna, "Bea", now=AFTER, late=True).chair == 1


def test_no_changes_once_the_meeting_began_or_was_cancelled(community: Community, delegation: Delegation):
    anna = nominate(community, delegation, "Anna")
    begun = ("meeting_began", {"moment": BEGUN})
    assert code_of(lambda: nominate(community, delegation, "Bea", now=BEGUN, late=True)) == begun
    assert code_of(lambda: substitute(community, anna, "Bea", now=BEGUN, late=True)) == begun
    assert (
        code_of(lambda: actions.withdraw_nomination(anna, by=community.carla, now=BEGUN, late=True)) == begun
    )

    @transaction()
    def cancel() -> None:
        db.session.execute(
            update(Meeting).where(Meeting.id == community.meetings[0].id).values(cancelled_at=NOON)
        )

    cancel()
    release(community.programme, name="2")
    assert code_of(lambda: nominate(community, delegation, "Bea")) == ("meeting_cancelled", {})


def test_a_meeting_of_another_programme_is_unknown(community: Community, delegation: Delegation):
    other = make_community(organiser=None)

    tried = lambda: nominate(community, delegation, "Anna", meeting=0)  # noqa: E731
    community.meetings = other.meetings
    assert code_of(tried) == ("unknown_meeting", {})


def test_a_full_meeting_takes_nobody(app: Flask):
    community = make_community(capacity=1)
    delegation = register(community, community.zutphen, community.carla)
    anna = nominate(community, delegation, "Anna")

    assert code_of(lambda: nominate(community, delegation, "Bea")) == ("meeting_full", {})
    assert substitute(community, anna, "Bea").chair == 1
    assert (taken(community.meetings[0]), count(Nomination)) == (1, 2)


def test_people_rotate_and_everything_stays_on_record(community: Community, delegation: Delegation):
    first, second = community.meetings
    anna = nominate(community, delegation, "Anna")
    nominate(community, delegation, "Bea")
    nominate(community, delegation, "Anna", meeting=1)
    cor = substitute(community, anna, "Cor")
    dora = substitute(community, cor, "Dora")

    assert history(delegation, first) == [
        ("Anna", 1, "substituted"),
        ("Bea", 2, "runs"),
        ("Cor", 1, "substituted"),
        ("Dora", 1, "runs"),
    ]
    assert history(delegation, second) == [("Anna", 1, "runs")]
    assert (cor.substitute_for_id, dora.substitute_for_id) == (anna.id, cor.id)
    assert [taken(m) for m in community.meetings] == [2, 1]
    assert letters()[-4:] == [
        ("not_needed", "anna@x.example"),
        ("nominated", "cor@x.example"),
        ("not_needed", "cor@x.example"),
        ("nominated", "dora@x.example"),
    ]
    back = substitute(community, dora, "Anna")  # may come back to the same meeting
    assert (back.registration_id, back.chair) == (anna.registration_id, 1)
    [rotation, later] = delegations_board.delegation_board(delegation, now=NOON).meetings
    assert [(n.person.name, rotation.stood_in_for.get(n.id)) for n in rotation.running] == [
        ("Anna", "Dora"),
        ("Bea", None),
    ]
    assert [n.person.name for n in rotation.ended] == ["Anna", "Cor", "Dora"]
    assert delegations_board.delegation_board(delegation, now=NOON).people == [
        ("Anna", ["sent", "sent"]),
        ("Bea", ["sent", ""]),
        ("Cor", ["ended", ""]),
        ("Dora", ["ended", ""]),
    ]
    assert later.meeting.id == community.meetings[1].id


def test_a_withdrawn_chair_is_free_again(community: Community, delegation: Delegation):
    anna, _bea = (nominate(community, delegation, name) for name in ("Anna", "Bea"))

    actions.withdraw_nomination(anna, by=community.carla, now=BEFORE)

    assert (anna.ended_at, anna.end_reason, taken(community.meetings[0])) == (BEFORE, "withdrawn", 1)
    assert letters()[-1] == ("not_needed", "anna@x.example")
    ended = ("ended_already", {})
    assert code_of(lambda: actions.withdraw_nomination(anna, by=community.carla, now=BEFORE)) == ended
    assert code_of(lambda: substitute(community, anna, "Cor")) == ended
    assert nominate(community, delegation, "Cor").chair == 1
    verbs = db.session.scalars(
        select(AuditEvent.verb).where(AuditEvent.thing == "nomination").order_by(AuditEvent.id)
    )
    assert list(verbs) == ["nominated", "nominated", "withdrawn", "nominated"]


def test_who_withdraws_frees_the_chairs_and_the_contact_is_told(community: Community, delegation: Delegation):
    anna = nominate(community, delegation, "Anna")
    nominate(community, delegation, "Anna", meeting=1)

    attendance.withdraw(anna.registration, now=BEFORE)

    for meeting in community.meetings:
        assert history(delegation, meeting) == [("Anna", 1, "withdrawn")]
        assert taken(meeting) == 0
    assert letters()[-2:] == [("dropped_out", "carla@zutphen.example")] * 2
    again = nominate(community, delegation, "Anna")
    assert (again.chair, again.registration_id != anna.registration_id) == (1, True)
    assert running(community.programme.id, again.person) == again.registration


def at_once(app: Flask, work: list[Callable[[], Any]]) -> list[str]:
    """What each of these, begun at the same moment in a thread of its own, came to."""
    outcomes: list[str] = []
    gate = threading.Barrier(len(work))

    def run(one: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                one()
                outcomes.append("done")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=[one]) for one in work]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_the_last_chair_goes_once(app: Flask, community: Community, delegation: Delegation):
    for name in ("Anna", "Bea"):
        nominate(community, delegation, name)
    id, meeting_id, account_id = delegation.id, community.meetings[0].id, community.carla.id

    def send(n: int) -> Callable[[], Any]:
        return lambda: actions.nominate(
            db.session.get_one(Delegation, id),
            meeting_id,
            name=f"P{n}",
            mail=f"p{n}@x.example",
            capacity="resident",
            by=db.session.get_one(Account, account_id),
            now=NOON,
        )

    assert at_once(app, [send(n) for n in range(8)]) == ["done"] + ["no_places"] * 7
    assert (taken(community.meetings[0]), count(Registration)) == (3, 3)


def test_one_person_asked_by_two_cities_at_once_is_sent_by_one(
    app: Flask, community: Community, delegation: Delegation
):
    ede = register(community, community.ede, make_account("dirk@ede.example"))
    joining.confirm(ede, by=community.carla, now=NOON)
    meeting_id, account_id = community.meetings[0].id, community.carla.id

    def send(id: int) -> Callable[[], Any]:
        return lambda: actions.nominate(
            db.session.get_one(Delegation, id),
            meeting_id,
            name="Anna",
            mail="anna@x.example",
            capacity="resident",
            by=db.session.get_one(Account, account_id),
            now=NOON,
        )

    assert at_once(app, [send(delegation.id), send(ede.id)]) == ["done", "sent_already"]
    assert (taken(community.meetings[0]), count(Registration)) == (1, 1)


def test_replaced_and_withdrawn_at_once_ends_in_one_order(
    app: Flask, community: Community, delegation: Delegation
):
    anna = nominate(community, delegation, "Anna")
    id, registration_id, account_id = anna.id, anna.registration_id, community.carla.id

    def replace() -> None:
        by = db.session.get_one(Account, account_id)
        known = {"name": "Bea", "mail": "bea@x.example", "capacity": "resident"}
        substituting.substitute(db.session.get_one(Nomination, id), **known, by=by, now=NOON)

    def leave() -> None:
        attendance.withdraw(db.session.get_one(Registration, registration_id), now=NOON)

    outcomes = at_once(app, [replace, leave])

    found = history(delegation, community.meetings[0])
    if outcomes == ["done", "done"]:
        assert (found, taken(community.meetings[0])) == ([("Anna", 1, "substituted"), ("Bea", 1, "runs")], 1)
    else:
        assert outcomes[0] == "done"
        assert outcomes[1] in ("ended_already", "registration_ended")
        assert (found, taken(community.meetings[0])) == ([("Anna", 1, "withdrawn")], 0)


def test_mails_tell_only_what_is_released(community: Community):
    @transaction()
    def rename() -> None:
        community.programme.title = Wording("Geheim", "Secret")

    released = community.picture.title.nl
    rename()
    nominate(community, register(community, community.zutphen, community.carla), "Anna")

    titles = {values["programme"] for values in db.session.scalars(select(Message.values))}
    assert titles == {released}


def test_the_desk_of_another_organiser_knows_nothing(community: Community, delegation: Delegation):
    other = make_community()

    staff = make_account("staff@x.example")
    make_staff(other.organiser, staff, "admin")
    with pytest.raises(NotFound):
        at_desk.delegation_at_desk(staff, other.organiser, delegation.id)
