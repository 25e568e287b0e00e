"""Registering, confirming, places at meetings, handing over, ending."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from learning.attendance import actions, feeds, interest, queries
from learning.attendance.happenings import ParticipationHandedOver, RegistrationConfirmed, RegistrationEnded
from learning.attendance.models import Interest, Participation, Registration
from learning.attendance.tokens import feed_token, own_token
from learning.kit.codes import token_hash
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.mail.models import Message
from learning.people.actions import person_for
from learning.people.models import Person
from learning.programmes.models import Meeting
from tests.attendance.event import NOON, Event, count, expected, make_event, register
from tests.make import make_organisation

DAY = timedelta(hours=24)


@pytest.fixture
def news(app: Flask) -> list[Any]:
    """What is announced, instead of the reactions of the areas above."""
    heard: list[Any] = []
    kinds = (RegistrationConfirmed, RegistrationEnded, ParticipationHandedOver)
    of(app).hooks = replace(of(app).hooks, reactions=dict.fromkeys(kinds, (heard.append,)))
    return heard


def taken(event: Event) -> list[int]:
    return list(db.session.scalars(select(Meeting.taken).order_by(Meeting.id)))


def mails() -> list[tuple[str, str]]:
    return [(m.template, m.address) for m in db.session.scalars(select(Message).order_by(Message.id))]


def person(event: Event, name: str) -> Person:
    return person_for(event.organiser.id, name, f"{name.lower()}@x.example", language="nl")


def test_until_confirmed_no_place_is_held(news: list[Any]) -> None:
    event = make_event(capacities=(5, None))
    ann = register(event, "Ann")
    assert (taken(event), ann.live, ann.lapses_at, expected(ann)) == ([0, 0], False, NOON + DAY, set())
    assert news == []

    actions.confirm(ann, now=NOON)
    actions.confirm(ann, now=NOON)

    assert (taken(event), ann.live, expected(ann)) == ([1, 1], True, {m.id for m in event.meetings})
    assert news == [RegistrationConfirmed(ann, NOON)]
    assert mails() == [("attendance/confirm", "ann@x.example"), ("attendance/confirmed", "ann@x.example")]


def test_the_mail_of_confirmation_leads_to_the_registration(news: list[Any]) -> None:
    ann = register(make_event(), "Ann")
    message = db.session.scalars(select(Message)).one()

    token = message.values["confirm_url"].rpartition("/")[2]
    assert (token, token_hash(token)) == (own_token(ann), ann.token_hash)
    assert token_hash(feed_token(ann)) == ann.feed_hash
    assert queries.confirmation_by_token(token).id == ann.id


def test_who_is_registered_gets_the_own_page_and_nothing_changes(news: list[Any]) -> None:
    event = make_event()
    ann = actions.confirm(register(event, "Ann"), now=NOON)
    again = register(event, "Ann", now=NOON + DAY)

    assert again.id == ann.id
    assert mails()[-1] == ("attendance/registered_already", "ann@x.example")
    assert taken(event) == [1]


def test_a_verified_address_counts_at_once(news: list[Any]) -> None:
    event = make_event()
    known = {
        "name": "Ann",
        "mail": "ann@x.example",
        "language": "nl",
        "price": None,
        "verified": True,
        "now": NOON,
    }
    ann = actions.register(event.picture, **known)

    assert ann is not None
    assert (ann.live, taken(event), mails()) == (True, [1], [("attendance/confirmed", "ann@x.example")])


def test_what_is_not_confirmed_within_a_day_lapses(news: list[Any]) -> None:
    event = make_event()
    ann, bob = register(event, "Ann"), register(event, "Bob", now=NOON + timedelta(hours=1))
    with pytest.raises(Refusal) as refused:
        actions.confirm(ann, now=NOON + DAY)

    assert actions.lapse(now=NOON + DAY) == 1
    db.session.rollback()
    db.session.refresh(ann)
    assert (refused.value.code, ann.end_reason) == ("confirmation_lapsed", "lapsed")
    assert actions.confirm(bob, now=NOON + DAY).live
    again = register(event, "Ann", now=NOON + DAY)
    assert again.id != ann.id


def test_a_full_meeting_refuses_all_of_it(news: list[Any]) -> None:
    event = make_event(capacities=(None, 1))
    ann, bob = register(event, "Ann"), register(event, "Bob")
    actions.confirm(ann, now=NOON)
    with pytest.raises(Refusal) as refused:
        actions.confirm(bob, now=NOON)

    db.session.refresh(bob)
    assert (refused.value.code, bob.confirmed_at, taken(event)) == ("meeting_full", None, [1, 1])
    actions.withdraw(ann, now=NOON)
    assert taken(event) == [0, 0]
    actions.confirm(bob, now=NOON)
    assert taken(event) == [1, 1]


def test_withdrawing_frees_is_told_and_happens_once(news: list[Any]) -> None:
    event = make_event(capacities=(2, 2))
    ann = actions.confirm(register(event, "Ann"), now=NOON)
    news.clear()
    actions.withdraw(ann, now=NOON)
    actions.withdraw(ann, now=NOON)

    assert (ann.end_reason, taken(event), expected(ann)) == ("withdrawn", [0, 0], set())
    assert news == [RegistrationEnded(ann, NOON)]
    assert mails()[2:] == [("attendance/withdrawn", "ann@x.example")]
    assert count(Participation) == 2  # history stays


def test_handing_over_takes_the_place_and_no_other(news: list[Any]) -> None:
    event = make_event(capacities=(1, None))
    first, second = (m.id for m in event.meetings)
    ann = actions.confirm(register(event, "Ann"), now=NOON)
    news.clear()
    bob = actions.hand_over(ann, person(event, "Bob"), first, organisation_id=None, now=NOON)

    assert (expected(ann), expected(bob), taken(event)) == ({second}, {first}, [1, 1])
    assert (ann.live, bob.live) == (True, True)
    assert news == [RegistrationConfirmed(bob, NOON), ParticipationHandedOver(ann, bob, first, NOON)]


def test_handing_over_is_refused_when_it_cannot_be(news: list[Any]) -> None:
    event = make_event(capacities=(2,))
    (meeting,) = event.meetings
    ann, bob = (actions.confirm(register(event, name), now=NOON) for name in ("Ann", "Bob"))
    codes = []
    for old, new in ((ann, "Ann"), (ann, "Bob")):
        with pytest.raises(Refusal) as refused:
            actions.hand_over(old, person(event, new), meeting.id, organisation_id=None, now=NOON)
        codes.append(refused.value.code)
    actions.leave(ann, meeting.id, now=NOON)
    with pytest.raises(Refusal) as refused:
        actions.hand_over(ann, person(event, "Cas"), meeting.id, organisation_id=None, now=NOON)

    assert [*codes, refused.value.code] == ["same_person", "already_expected", "not_expected"]
    assert (expected(ann), expected(bob), taken(event)) == (set(), {meeting.id}, [1])


def test_an_ended_registration_is_expected_nowhere(news: list[Any]) -> None:
    event = make_event()
    ann = actions.confirm(register(event, "Ann"), now=NOON)
    actions.withdraw(ann, now=NOON)
    with pytest.raises(Refusal) as refused:
        actions.expect(ann, event.meetings[0].id, now=NOON)
    assert refused.value.code == "registration_ended"


def test_what_one_expects_twice_takes_one_place(news: list[Any]) -> None:
    event = make_event(capacities=(5,))
    ann = actions.confirm(register(event, "Ann"), now=NOON)
    first = actions.expect(ann, event.meetings[0].id, now=NOON)
    assert actions.expect(ann, event.meetings[0].id, now=NOON) is first
    assert taken(event) == [1]


def test_one_person_registers_once_also_when_it_happens_at_the_same_moment(
    app: Flask, news: list[Any]
) -> None:
    event = make_event()
    wrong: list[BaseException] = []
    start = threading.Barrier(6)

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                known = {"name": "Ann", "mail": "ann@x.example", "language": "nl"}
                actions.register(event.picture, **known, price=None, verified=False, now=NOON)
            except BaseException as error:
                wrong.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert (count(Registration), count(Person)) == (1, 1)


def test_of_what_one_person_sent_one_counts_also_when_all_is_confirmed_at_the_same_moment(
    app: Flask, news: list[Any]
) -> None:
    event = make_event(capacities=(5,))
    known = {
        "name": "Ann",
        "mail": "ann@x.example",
        "language": "nl",
        "price": None,
        "verified": False,
        "now": NOON,
    }
    organisations = [make_organisation(event.organiser, f"Stad {n}").id for n in range(4)]
    for id in organisations:
        actions.register(event.picture, **known, organisation_id=id)
    ids = list(db.session.scalars(select(Registration.id)))
    db.session.rollback()
    start = threading.Barrier(4)

    def go(id: int) -> int:
        with app.app_context():
            start.wait()
            return actions.confirm(db.session.get_one(Registration, id), now=NOON).id

    with ThreadPoolExecutor(4) as pool:
        counts = set(pool.map(go, ids))

    db.session.rollback()
    assert len(ids) == 4
    assert counts == set(
        db.session.scalars(select(Registration.id).where(Registration.confirmed_at.is_not(None)))
    )
    assert (len(counts), taken(event)) == (1, [1])


def test_the_last_places_go_to_as_many_as_there_are(app: Flask, news: list[Any]) -> None:
    event = make_event(capacities=(3,))
    ids = [register(event, f"P{n}").id for n in range(12)]
    outcomes: list[str] = []
    start = threading.Barrier(12)

    def go(id: int) -> None:
        with app.app_context():
            registration = db.session.get_one(Registration, id)
            start.wait()
            try:
                actions.confirm(registration, now=NOON)
                outcomes.append("confirmed")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go, args=(id,)) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert sorted(outcomes) == ["confirmed"] * 3 + ["meeting_full"] * 9
    assert taken(event) == [3]
    assert count(Participation) == 3


def test_the_database_itself_refuses_a_second_running_registration(news: list[Any]) -> None:
    ann = actions.confirm(register(make_event(), "Ann"), now=NOON)

    @transaction()
    def copy() -> None:
        db.session.execute(
            text(
                "INSERT INTO registration (organiser_id, programme_id, "
                "person_id, code, epoch, token_hash, feed_epoch,"
                " feed_hash, feed_changed_at, feed_revision, made_at, confirmed_at, end_reason, price_unit,"
                " price_vat_ground, price_reason) SELECT organiser_id, "
                "programme_id, person_id, 'x', 0, 'x', 0, 'x',"
                " feed_changed_at, 0, made_at, confirmed_at, '', '', '', '' FROM registration WHERE id = :id"
            ),
            {"id": ann.id},
        )

    with pytest.raises(IntegrityError):
        copy()


def test_a_renewed_feed_has_another_address(news: list[Any]) -> None:
    ann = actions.confirm(register(make_event(), "Ann"), now=NOON)
    before = feed_token(ann)
    feeds.renew_feed(ann, now=NOON)
    assert feed_token(ann) != before
    assert ann.feed_hash == token_hash(feed_token(ann))


def test_interest_is_noted_once_for_an_address(news: list[Any]) -> None:
    event = make_event()
    for mail in ("ann@x.example", "Ann@X.example"):
        interest.note_interest(event.picture, mail=mail, language="nl", now=NOON)
    assert list(db.session.scalars(select(Interest.mail))) == ["ann@x.example"]
