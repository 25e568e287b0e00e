"""Choosing, moving, waiting and moving up; every refusal; and what happenings do to seats."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from learning.attendance import actions as attendance
from learning.attendance.happenings import ParticipationEnded
from learning.attendance.models import Registration
from learning.choices.actions import choose_sessions
from learning.choices.following import free_meeting
from learning.choices.models import Seat, WaitlistEntry
from learning.choices.rules import Full
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.mail.models import Message
from learning.releases.models import OfferedSession
from tests.choices.event import (
    Event,
    change,
    check_counts,
    choose,
    come,
    history,
    mails,
    make_event,
    seats,
    waits,
)
from tests.counted import counted
from tests.make import (
    NOON,
    make_meeting,
    make_part,
    make_person,
    make_round,
    make_session,
    make_speaker,
    release,
)

LATER = NOON + timedelta(minutes=5)


def refused(event: Event, registration: Registration, *codes: str, **kw: Any) -> tuple[str, str | None]:
    """Code and field of the refusal of this choice."""
    before = (seats(event), waits(event))
    with pytest.raises(Refusal) as no:
        choose(event, registration, *codes, **kw)
    assert (seats(event), waits(event)) == before
    check_counts()
    return no.value.code, no.value.field


def test_last_seat_goes_to_the_first_and_the_second_waits(app: Flask) -> None:
    event = make_event((1,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    [first] = choose(event, ann, "1.01").values()
    [second] = choose(event, bob, "1.01", wait=True).values()
    assert isinstance(first, Seat)
    assert isinstance(second, WaitlistEntry)
    assert (first.registration, first.number) == (ann, 1)
    assert second.registration is bob
    assert (seats(event), waits(event)) == ({("Ann", "1.01", 1)}, [("Bob", "1.01")])
    check_counts()


def test_full_without_waiting_keeps_what_was_got(app: Flask) -> None:
    event = make_event((1, 5), (5,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.02")
    outcomes = choose(event, bob, "1.01", "2.01")
    one, two = (event.rounds[0].id, event.rounds[1].id)
    assert outcomes[one] == Full(event.sessions["1.01"].id, 0)
    assert outcomes[two].session_id == event.sessions["2.01"].id
    assert seats(event) == {("Ann", "1.01", 1), ("Bob", "1.02", 1), ("Bob", "2.01", 1)}
    check_counts()


def test_a_switch_updates_the_seat_and_frees_the_old_chair(app: Flask) -> None:
    event = make_event((1, 1))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    [seat] = choose(event, ann, "1.01").values()
    choose(event, bob, "1.01", wait=True)
    [moved] = choose(event, ann, "1.02", now=LATER).values()
    assert moved.id == seat.id
    assert (seats(event), waits(event)) == ({("Ann", "1.02", 1), ("Bob", "1.01", 1)}, [])
    assert (history(ann), history(bob)) == (["given", "moved"], ["waiting", "promoted"])
    assert mails(event) == [
        ("chosen", "ann@x.example"),
        ("chosen", "bob@x.example"),
        ("chosen", "ann@x.example"),
        ("seat_given", "bob@x.example"),
    ]
    check_counts()


def test_two_workshops_change_rounds(app: Flask) -> None:
    event = make_event((5, 5), (5, 5), same=(("1.01", "2.01"), ("1.02", "2.02")))
    ann = come(event, "Ann")
    choose(event, ann, "1.01", "2.02")
    choose(event, ann, "1.02", "2.01")
    assert seats(event) == {("Ann", "1.02", 1), ("Ann", "2.01", 1)}
    assert refused(event, ann, "1.01") == ("workshop_twice", f"round_{event.rounds[0].id}")


def test_giving_up_frees_seat_and_waiting_place_and_leaves_other_rounds(app: Flask) -> None:
    event = make_event((1, 5), (5,))
    ann, bob, cas = come(event, "Ann"), come(event, "Bob"), come(event, "Cas")
    choose(event, ann, "1.01", "2.01")
    choose(event, bob, "1.02", "2.01")
    choose(event, bob, "1.01", wait=True)
    choose(event, cas, "1.01", wait=True, now=LATER)
    assert choose(event, bob, "1") == {event.rounds[0].id: None}
    assert (seats(event), waits(event)) == (
        {("Ann", "1.01", 1), ("Ann", "2.01", 1), ("Bob", "2.01", 2)},
        [("Cas", "1.01")],
    )
    choose(event, ann, "1")
    assert seats(event) == {("Cas", "1.01", 1), ("Ann", "2.01", 1), ("Bob", "2.01", 2)}
    check_counts()


def test_who_waits_keeps_the_seat_until_moving_up_and_the_chain_follows(app: Flask) -> None:
    event = make_event((1, 1))
    ann, bob, cas = come(event, "Ann"), come(event, "Bob"), come(event, "Cas")
    choose(event, ann, "1.01")
    choose(event, bob, "1.02")
    choose(event, bob, "1.01", wait=True)
    choose(event, cas, "1.02", wait=True)
    assert (seats(event), waits(event)) == (
        {("Ann", "1.01", 1), ("Bob", "1.02", 1)},
        [("Bob", "1.01"), ("Cas", "1.02")],
    )
    attendance.end(ann, reason="withdrawn", now=LATER)
    assert (seats(event), waits(event)) == ({("Bob", "1.01", 1), ("Cas", "1.02", 1)}, [])
    assert mails(event)[-2:] == [("seat_given", "bob@x.example"), ("seat_given", "cas@x.example")]
    check_counts()


def test_choosing_again_keeps_the_turn_and_another_session_is_the_end_of_the_line(app: Flask) -> None:
    event = make_event((1, 1))
    ann, bob, cas, dan = (come(event, name) for name in ("Ann", "Bob", "Cas", "Dan"))
    choose(event, ann, "1.01")
    choose(event, bob, "1.02")
    choose(event, cas, "1.01", wait=True)
    choose(event, dan, "1.01", wait=True, now=LATER)
    count = len(mails(event))
    choose(event, cas, "1.01", wait=True, now=LATER + timedelta(hours=1))
    assert waits(event) == [("Cas", "1.01"), ("Dan", "1.01")]
    assert len(mails(event)) == count  # nothing changed, so nothing is told
    choose(event, cas, "1.02", wait=True, now=LATER + timedelta(hours=2))
    assert waits(event) == [("Dan", "1.01"), ("Cas", "1.02")]
    # the box is off
    assert choose(event, dan, "1.01") == {event.rounds[0].id: Full(event.sessions["1.01"].id, 0)}
    assert waits(event) == [("Cas", "1.02")]
    check_counts()


def test_who_cannot_have_the_chair_keeps_the_turn(app: Flask) -> None:
    event = make_event((1, 5), (5,), same=(("1.01", "2.01"),))
    ann, bob, cas = come(event, "Ann"), come(event, "Bob"), come(event, "Cas")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    choose(event, cas, "1.01", wait=True, now=LATER)
    choose(event, bob, "2.01")  # the same workshop, while waiting for it in round 1
    attendance.end(ann, reason="withdrawn", now=LATER)
    assert seats(event) == {("Cas", "1.01", 1), ("Bob", "2.01", 1)}
    assert waits(event) == [("Bob", "1.01")]
    choose(event, bob, "2")
    attendance.end(cas, reason="withdrawn", now=LATER)
    assert (seats(event), waits(event)) == ({("Bob", "1.01", 1)}, [])
    check_counts()


def test_without_limit_there_are_no_numbers(app: Flask) -> None:
    event = make_event((None,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01")
    assert seats(event) == {("Ann", "1.01", None), ("Bob", "1.01", None)}
    check_counts()


def test_repeats_where_the_organiser_allows_them(app: Flask) -> None:
    event = make_event((5,), (5,), same=(("1.01", "2.01"),), repeats_allowed=True)
    ann = come(event, "Ann")
    choose(event, ann, "1.01", "2.01")
    assert seats(event) == {("Ann", "1.01", 1), ("Ann", "2.01", 1)}


def test_refusals(app: Flask) -> None:
    event = make_event((5, 5, 0), (5,), same=(("1.01", "2.01"),))
    other = make_event((5,), organiser=event.organiser)
    one, two = (f"round_{round.id}" for round in event.rounds)
    ann = come(event, "Ann")
    assert refused(event, ann, "1.01", "2.01") == ("workshop_twice", one)
    choose(event, ann, "1.01")
    assert refused(event, ann, "2.01") == ("workshop_twice", two)
    assert refused(event, ann, "1.03") == ("session_closed", one)
    strange = {event.rounds[0].id: event.sessions["2.01"].id}, {event.rounds[0].id: other.sessions["1.01"].id}
    for picked in strange:
        with pytest.raises(Refusal, match="no such session"):
            choose_sessions(ann, picked, now=NOON)
    with pytest.raises(Refusal, match="no such round"):
        choose_sessions(ann, {other.rounds[0].id: other.sessions["1.01"].id}, now=NOON)
    attendance.leave(ann, event.meeting.id, now=NOON)
    assert refused(event, ann, "1.02") == ("not_expected", one)
    attendance.end(ann, reason="withdrawn", now=NOON)
    assert refused(event, ann, "1.02") == ("registration_ended", None)


def test_rounds_at_the_same_time_exclude_each_other(app: Flask) -> None:
    event = make_event((5,), (5,), starts=("14:00", "14:00"))
    ann = come(event, "Ann")
    assert refused(event, ann, "1.01", "2.01") == ("overlap", f"round_{event.rounds[0].id}")
    choose(event, ann, "1.01")
    assert refused(event, ann, "2.01") == ("overlap", f"round_{event.rounds[1].id}")


def test_the_deadline_and_the_start_of_the_round(app: Flask) -> None:
    closes = NOON + timedelta(days=1)
    event = make_event((5,), choosing_opens_at=NOON, choosing_closes_at=closes)
    ann = come(event, "Ann")
    with pytest.raises(Refusal) as early:
        choose(event, ann, "1.01", now=NOON - timedelta(seconds=1))
    assert (early.value.code, early.value.values) == ("choices_not_open", {"opens": NOON})
    choose(event, ann, "1.01", now=closes - timedelta(seconds=1))
    with pytest.raises(Refusal) as late:
        choose(event, ann, "1", now=closes)
    assert (late.value.code, late.value.values) == ("choices_closed", {"deadline": closes})
    free = make_event((5,))
    assert refused(free, come(free, "Bob"), "1.01", now=NOON + timedelta(days=400))[0] == "choices_closed"


def test_cancelled_meeting(app: Flask) -> None:
    event = make_event((5,))
    ann = come(event, "Ann")
    change(event.meeting, cancelled_at=NOON)
    release(event.programme)
    assert refused(event, ann, "1.01") == ("meeting_cancelled", f"round_{event.rounds[0].id}")


def test_withdrawing_from_one_meeting_frees_the_seats_there_alone(app: Flask) -> None:
    event = make_event((1,))
    second = make_meeting(event.programme, on=date(2027, 2, 11))
    round = make_round(second, start="10:00")
    event.rounds.append(round)
    event.sessions["2.01"] = make_session(round, capacity=1)
    release(event.programme)
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01", "2.01")
    choose(event, bob, "1.01", wait=True)
    free_meeting(ParticipationEnded(ann, event.meeting.id, LATER))
    assert seats(event) == {("Bob", "1.01", 1), ("Ann", "2.01", 1)}
    check_counts()


def test_a_substitute_takes_over_seats_and_waiting_places(app: Flask) -> None:
    event = make_event((5,), (1,))
    ann, cas = come(event, "Ann"), come(event, "Cas")
    choose(event, cas, "2.01")
    choose(event, ann, "1.01")
    choose(event, ann, "2.01", wait=True)
    bob = attendance.hand_over(
        ann, make_person(event.organiser, "Bob"), event.meeting.id, organisation_id=None, now=LATER
    )
    assert seats(event) == {("Cas", "2.01", 1), ("Bob", "1.01", 1)}
    assert waits(event) == [("Bob", "2.01")]
    assert (history(ann)[-2:], history(bob)) == (["handed_over", "handed_over"], ["given", "waiting"])
    check_counts()


def test_hosts_are_placed_where_they_host_and_nowhere_else_in_that_round(app: Flask) -> None:
    event = make_event((1, 5), (5, 5), same=(("1.01", "2.01"),))
    person = make_person(event.organiser, "Jos")
    speaker = make_speaker(event.organiser, "Jos", person=person)
    for code in ("1.01", "2.01"):  # gives the workshop twice
        make_part(event.sessions[code], speaker)
    release(event.programme)
    jos, ann = come(event, "Jos", person=person), come(event, "Ann")
    assert seats(event) == {("Jos", "1.01", None), ("Jos", "2.01", None)}
    choose(event, ann, "1.01")
    assert refused(event, jos, "1.02") == ("hosting", f"round_{event.rounds[0].id}")
    assert refused(event, jos, "1") == ("hosting", f"round_{event.rounds[0].id}")
    assert ("Ann", "1.01", 1) in seats(event)
    check_counts()


def test_a_host_named_later_is_placed_by_the_release_and_frees_the_chair(app: Flask) -> None:
    event = make_event((5, 1))
    person = make_person(event.organiser, "Jos")
    jos, ann = come(event, "Jos", person=person), come(event, "Ann")
    choose(event, jos, "1.02")
    choose(event, ann, "1.02", wait=True)
    make_part(event.sessions["1.01"], make_speaker(event.organiser, "Jos", person=person))
    release(event.programme, now=LATER)
    assert (seats(event), waits(event)) == ({("Jos", "1.01", None), ("Ann", "1.02", 1)}, [])
    check_counts()


def test_a_cancelled_session_frees_its_seats_and_tells(app: Flask) -> None:
    event = make_event((1, 5))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    change(event.sessions["1.01"], cancelled_at=NOON)
    release(event.programme, now=LATER)
    assert (seats(event), waits(event)) == (set(), [])
    assert history(ann) == ["given", "cancelled"]
    digests = select(Message.address).where(Message.template == "schedules/changed").order_by(Message.id)
    assert list(db.session.scalars(digests)) == ["ann@x.example", "bob@x.example"]
    assert refused(event, ann, "1.01") == ("session_cancelled", f"round_{event.rounds[0].id}")
    check_counts()


def test_more_room_lets_people_move_up_and_less_room_renumbers(app: Flask) -> None:
    event = make_event((2,))
    people = [come(event, name) for name in ("Ann", "Bob", "Cas", "Dan")]
    for minute, one in enumerate(people):
        choose(event, one, "1.01", wait=True, now=NOON + timedelta(minutes=minute))
    change(event.sessions["1.01"], capacity=3)
    release(event.programme, now=LATER)
    assert (seats(event), waits(event)) == (
        {("Ann", "1.01", 1), ("Bob", "1.01", 2), ("Cas", "1.01", 3)},
        [("Dan", "1.01")],
    )
    choose(event, people[3], "1", now=LATER)
    choose(event, people[0], "1", now=LATER)
    change(event.sessions["1.01"], capacity=2)
    release(event.programme, now=LATER)
    assert seats(event) == {("Cas", "1.01", 1), ("Bob", "1.01", 2)}
    change(event.sessions["1.01"], capacity=None)
    release(event.programme, now=LATER)
    choose(event, people[0], "1.01", now=LATER)
    change(event.sessions["1.01"], capacity=3)
    release(event.programme, now=LATER)
    assert seats(event) == {("Cas", "1.01", 1), ("Bob", "1.01", 2), ("Ann", "1.01", 3)}
    check_counts()


def test_nobody_moves_up_once_the_round_has_started(app: Flask) -> None:
    event = make_event((1,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    attendance.end(ann, reason="withdrawn", now=NOON + timedelta(days=400))
    assert (seats(event), waits(event)) == (set(), [("Bob", "1.01")])


def test_what_was_chosen_is_told_and_the_calendar_follows(app: Flask) -> None:
    event = make_event((5,), (1,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, bob, "2.01")
    before = ann.feed_revision
    choose(event, ann, "1.01", "2.01", wait=True)
    db.session.rollback()
    assert db.session.get_one(Registration, ann.id).feed_revision == before + 1
    message = db.session.query(Message).order_by(Message.id.desc()).limit(1).one()
    day = "donderdag 28 januari"
    assert (message.values["lines"], [line["words"] for line in message.values["waiting"]]) == (
        [f"Ronde 1, {day}, 14:00: 1.01 Workshop 1.01"],
        [f"Ronde 2, {day}, 15:00: 2.01 Workshop 2.01"],
    )


def test_the_table_itself_keeps_a_chair_from_being_sold_twice(app: Flask) -> None:
    event = make_event((2,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    [seat] = choose(event, bob, "1.01").values()
    with pytest.raises(Exception, match=r"(?i)unique"):
        change(seat, number=1)
    with pytest.raises(Exception, match=r"(?i)check"):
        change(db.session.get_one(OfferedSession, event.sessions["1.01"].id), taken=3)


def test_moving_up_reads_no_seats_of_those_who_do_not_wait(app: Flask) -> None:
    read = []
    for others in (2, 12):
        event = make_event((1, 20))
        ann, bob = come(event, "Ann"), come(event, "Bob")
        choose(event, ann, "1.01")
        choose(event, bob, "1.01", wait=True)
        for n in range(others):
            choose(event, come(event, f"P{n}"), "1.02")
        with counted() as found:
            choose(event, ann, "1.02")
        assert ("Bob", "1.01", 1) in seats(event)
        read.append(found.loaded.count("seat"))

    assert read[0] == read[1]
