"""A waiting list that makes offers: a place is kept for
who is next, until it is taken, declined or let pass.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from learning.attendance import actions as attendance
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.actions import place_by_staff
from learning.choices.models import WaitlistEntry
from learning.choices.waiting import answer_offer, lapse_offers, lapse_offers_due, stop_waiting
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.releases.actions import release_programme
from learning.releases.models import OfferedSession
from tests.browse import send, words_of
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
from tests.choices.test_races import at_once
from tests.make import NOON, make_account, make_organisation, make_staff, release

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon, two months before the event."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def event(app: Flask) -> Event:
    """One place in 1.01 and many in 1.02 and 2.01; who waits gets an offer for a day."""
    event = make_event((1, 5), (5,), same=(("1.01", "2.01"),), moving_up="offer", offer_hours=24)
    for name in ("Ann", "Bob", "Cor", "Dee"):
        choose(event, come(event, name), "1.01", wait=True)
    return event


def one(event: Event, name: str) -> Registration:
    """The registration of this person."""
    db.session.rollback()
    return next(row for row in db.session.query(Registration) if row.person.name == name)


def leave(event: Event, name: str, now: datetime = NOON) -> None:
    """This person no longer comes."""
    attendance.withdraw(one(event, name), now=now)


def offers(event: Event) -> dict[str, datetime]:
    """Who has an offer, and until when."""
    db.session.rollback()
    rows = db.session.query(WaitlistEntry).where(WaitlistEntry.offered_until.is_not(None))
    return {row.registration.person.name: row.offered_until for row in rows if row.offered_until}


def offered_mails(event: Event) -> list[str]:
    """Whom an offer was mailed."""
    return [address.split("@")[0] for template, address in mails(event) if template == "offered"]


def test_a_freed_place_is_kept_for_the_next_and_counts_as_taken(event: Event) -> None:
    leave(event, "Ann")
    assert offers(event) == {"Bob": NOON + 24 * HOUR}
    assert {who for who, _code, _chair in seats(event)} == set()
    assert offered_mails(event) == ["bob"]
    eve = come(event, "Eve")
    choose(event, eve, "1.01")
    assert [who for who, _code, _chair in seats(event)] == []
    check_counts()
    first = event.rounds[0].id
    answer_offer(one(event, "Bob"), first, accept=True, now=NOON + HOUR)
    assert seats(event) == {("Bob", "1.01", 1)}
    assert waits(event) == [("Cor", "1.01"), ("Dee", "1.01")]
    assert history(one(event, "Bob"))[-4:] == ["waiting", "offered", "accepted", "promoted"]
    with pytest.raises(Refusal) as twice:
        answer_offer(one(event, "Bob"), first, accept=True, now=NOON + HOUR)
    assert twice.value.code == "no_offer"
    check_counts()


def test_declining_passes_the_place_to_the_next_and_keeps_what_one_holds(event: Event) -> None:
    bob = one(event, "Bob")
    choose(event, bob, "1.02")
    choose(event, bob, "1.01", wait=True)  # after Dee now
    leave(event, "Ann")
    assert set(offers(event)) == {"Cor"}
    for name in ("Cor", "Dee"):
        answer_offer(one(event, name), event.rounds[0].id, accept=False, now=NOON)
    assert set(offers(event)) == {"Bob"}
    answer_offer(one(event, "Bob"), event.rounds[0].id, accept=False, now=NOON)
    assert seats(event) == {("Bob", "1.02", 1)}
    assert waits(event) == []
    check_counts()


def test_accepting_gives_up_what_was_held_in_the_round_and_only_then(event: Event) -> None:
    bob = one(event, "Bob")
    choose(event, bob, "1.02")
    choose(event, bob, "1.01", wait=True)
    for name in ("Cor", "Dee", "Ann"):
        leave(event, name)
    assert offers(event) == {"Bob": NOON + 24 * HOUR}
    assert seats(event) == {("Bob", "1.02", 1)}
    answer_offer(one(event, "Bob"), event.rounds[0].id, accept=True, now=NOON)
    assert seats(event) == {("Bob", "1.01", 1)}
    check_counts()


@pytest.mark.parametrize("lapsed", ["last", "off"])
def test_an_offer_that_is_not_answered_goes_to_the_next(event: Event, lapsed: str) -> None:
    change(event.programme, offer_lapsed=lapsed)
    release(event.programme)
    leave(event, "Ann")
    late = NOON + 24 * HOUR
    with pytest.raises(Refusal) as over:
        answer_offer(one(event, "Bob"), event.rounds[0].id, accept=True, now=late)
    assert over.value.code == "offer_ended"
    with time_machine.travel(late - HOUR, tick=False):
        lapse_offers_due()
    assert set(offers(event)) == {"Bob"}
    with time_machine.travel(late, tick=False):
        lapse_offers_due()
        lapse_offers_due()
    assert offers(event) == {"Cor": late + 24 * HOUR}
    assert waits(event) == [
        ("Cor", "1.01"),
        ("Dee", "1.01"),
        *([("Bob", "1.01")] if lapsed == "last" else []),
    ]
    assert [a for t, a in mails(event) if t == "offer_lapsed"] == ["bob@x.example"]
    last = db.session.query(Message).filter_by(template="choices/offer_lapsed").one()
    assert ("als laatste van de lijst" if lapsed == "last" else "van de wachtlijst af") in compose(last)[1]
    check_counts()


def test_who_lets_three_offers_pass_is_off_the_list(event: Event) -> None:
    for name in ("Cor", "Dee", "Ann"):
        leave(event, name)
    for day in (1, 2, 3):
        assert set(offers(event)) == {"Bob"}
        lapse_offers(event.programme.id, now=NOON + timedelta(days=day))
    assert waits(event) == []
    choose(event, come(event, "Eve"), "1.01")  # the place is free for who comes first
    check_counts()


def test_an_offer_keeps_its_own_end_and_ends_where_moving_up_stops(event: Event) -> None:
    leave(event, "Ann")
    change(event.programme, offer_hours=1, moving_up="at_once")
    release(event.programme)
    assert offers(event) == {"Bob": NOON + 24 * HOUR}
    change(event.programme, moving_up="offer", offer_hours=168, moving_up_stops=12)
    release(event.programme)
    shortly = datetime(2027, 1, 27, 13, tzinfo=UTC)  # the round begins a day later, at 13:00 in UTC
    answer_offer(one(event, "Bob"), event.rounds[0].id, accept=False, now=NOON)
    assert offers(event)["Cor"] == NOON + 168 * HOUR
    lapse_offers(event.programme.id, now=shortly)
    assert offers(event) == {"Dee": datetime(2027, 1, 28, 1, tzinfo=UTC)}
    lapse_offers(event.programme.id, now=datetime(2027, 1, 28, 1, tzinfo=UTC))
    assert offers(event) == {}
    check_counts()


def test_an_offer_that_does_not_go_with_another_seat_is_not_taken(event: Event) -> None:
    leave(event, "Ann")
    bob = one(event, "Bob")
    choose(event, bob, "2.01")  # the same workshop in the second round
    with pytest.raises(Refusal) as twice:
        answer_offer(bob, event.rounds[0].id, accept=True, now=NOON)
    assert twice.value.code == "workshop_twice"
    assert set(offers(event)) == {"Bob"}
    assert {(who, code) for who, code, _chair in seats(event)} == {("Bob", "2.01")}
    choose(event, bob, "2")
    answer_offer(bob, event.rounds[0].id, accept=True, now=NOON)
    check_counts()


@pytest.mark.parametrize("how", ["other", "off", "withdrawn", "staff", "cancelled", "same"])
def test_a_kept_place_is_never_lost(event: Event, how: str) -> None:
    leave(event, "Ann")
    bob, first = one(event, "Bob"), event.rounds[0].id
    if how == "other":
        choose(event, bob, "1.02")
    elif how == "off":
        stop_waiting(bob, first, now=NOON)
    elif how == "withdrawn":
        leave(event, "Bob")
    elif how == "staff":
        place_by_staff(bob, first, event.sessions["1.02"].id, reason="x", by=1, now=NOON)
    elif how == "same":
        choose(event, bob, "1.01")  # the same as accepting
    else:
        from learning.releases.actions import cancel_session

        cancel_session(event.sessions["1.01"], name="weg", now=NOON)
    check_counts()
    assert set(offers(event)) == (set() if how in ("cancelled", "same") else {"Cor"})
    if how == "same":
        assert seats(event) == {("Bob", "1.01", 1)}


def test_a_kept_place_stays_when_the_capacity_is_lowered(event: Event) -> None:
    change(event.sessions["1.01"], capacity=2)
    release(event.programme)
    assert set(offers(event)) == {"Bob"}
    change(event.sessions["1.01"], capacity=1)
    with pytest.raises(Refusal) as refused:
        release(event.programme)
    assert refused.value.code == "capacity_below_taken"
    db.session.rollback()
    release_programme(event.programme, name="staf", now=NOON, leave_placed=True)
    answer_offer(one(event, "Bob"), event.rounds[0].id, accept=True, now=NOON)
    assert seats(event) == {("Ann", "1.01", 1), ("Bob", "1.01", 2)}
    leave(event, "Ann")
    assert offers(event) == {}  # filled no more
    check_counts()


def test_many_answers_at_once_give_one_seat(app: Flask) -> None:
    event = make_event((2,), moving_up="offer", offer_hours=24)
    for n in range(8):
        choose(event, come(event, f"Person {n}"), "1.01", wait=True)
    for n in range(2):
        leave(event, f"Person {n}")
    first, ids = event.rounds[0].id, {name: one(event, name).id for name in offers(event)}

    def answer(id: int, accept: bool) -> str:
        registration = db.session.get_one(Registration, id)
        return "seat" if answer_offer(registration, first, accept=accept, now=NOON) else "no"

    jobs = [lambda id=id, n=n: answer(id, n % 2 == 0) for id in ids.values() for n in range(4)]
    jobs.append(lambda: lapse_offers(event.programme.id, now=NOON + 24 * HOUR))
    came = at_once(app, jobs)  # type: ignore[arg-type]
    assert set(map(str, came)) <= {"seat", "no", "no_offer", "None"}
    assert len(seats(event)) + len(offers(event)) == 2
    check_counts()


def test_the_page_of_an_offer_from_the_mail(event: Event, client: FlaskClient) -> None:
    bob = one(event, "Bob")
    choose(event, bob, "1.02")
    choose(event, bob, "1.01", wait=True)
    for name in ("Cor", "Dee", "Ann"):
        leave(event, name)
    message = db.session.query(Message).filter_by(template="choices/offered").one()
    mail, text = compose(message)
    assert "Nederlandse tijd" in mail["Subject"]
    link = re.search(r"https?://[^/\s]+(/nl/registrations/\S+/offers/\d+)", text)
    assert link is not None
    own = f"/nl/registrations/{own_token(bob)}"
    assert "Er is een plek voor jou bij 1.01" in words_of(client.get(own).text)
    choosing = client.get(f"{own}/choices").text
    assert "Antwoord daar eerst op" in words_of(choosing)
    assert f'name="round_{event.rounds[0].id}"' not in choosing
    send(client, f"{own}/choices", **{f"round_{event.rounds[1].id}": ""})
    assert set(offers(event)) == {"Bob"}  # saving something else answers nothing
    shown = words_of(client.get(link[1]).text)
    assert "Neem je deze, dan geef je je plek op bij 1.02" in shown
    missing = send(client, link[1])
    assert missing.status_code == 422
    answer = send(client, link[1], answer="yes")
    assert "Je plek bij 1.01 staat vast" in words_of(answer.text)
    assert seats(event) == {("Bob", "1.01", 1)}
    assert "geen aanbod" in words_of(client.get(link[1], follow_redirects=True).text)
    assert client.get(link[1].replace("/registrations/", "/registrations/x")).status_code == 404
    check_counts()


def test_a_substitute_gets_an_offer_of_their_own(app: Flask) -> None:
    event = make_event((1,), moving_up="offer", offer_hours=24)
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    leave(event, "Ann")
    from learning.attendance.happenings import ParticipationHandedOver
    from learning.choices.following import move_seats

    new = come(event, "New")
    move_seats(ParticipationHandedOver(bob, new, event.meeting.id, NOON + HOUR))
    assert offers(event) == {"New": NOON + 25 * HOUR}
    assert offered_mails(event) == ["bob", "new"]
    check_counts()


def test_staff_set_how_people_move_up(event: Event, sign_in) -> None:  # type: ignore[no-untyped-def]
    account = make_account("staf@x.example")
    make_staff(event.organiser, account, "editor")
    make_organisation(event.organiser)
    desk, at = sign_in(account), f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}/settings"
    assert 'value="offer" selected' in desk.get(at).text or 'selected value="offer"' in desk.get(at).text
    assert "Vul 1 tot 168 uur in" in words_of(send(desk, at, offer_hours="169").text)
    send(desk, at, offer_hours="2", offer_lapsed="off")
    db.session.rollback()
    row = db.session.get_one(type(event.programme), event.programme.id, populate_existing=True)
    assert (row.moving_up, row.offer_hours, row.offer_lapsed) == ("offer", 2, "off")
    assert db.session.query(OfferedSession).count() == 3
