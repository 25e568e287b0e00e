"""Sessions are moved, swapped, undone and released again;
people go along, and exactly those who are touched hear of it.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.choices.models import Seat, SecondChance
from learning.choices.rules import Full
from learning.desk import placing
from learning.desk.models import GridStep
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import Wording
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.people.models import Account
from learning.programmes.models import AgendaItem, Programme, Session
from learning.releases.actions import cancel_session, release_programme, take_back
from learning.releases.models import OfferedSession
from learning.releases.queries import current_picture
from tests import make
from tests.browse import form_of, send, words_of
from tests.choices.event import Event, change, choose, come, make_event, seats, waits
from tests.counted import asked_by
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_delegation,
    make_organisation,
    make_part,
    make_person,
    make_session,
    make_speaker,
    make_staff,
    release,
)

LATER = NOON + timedelta(hours=1)
ANYWHERE = (None, None)


@pytest.fixture
def event(app: Flask) -> Event:
    """An event of two rounds with three sessions each."""
    return make_event((5, 5, 5), (5, 5, 5))


@pytest.fixture
def staff(event: Event) -> int:
    """The account of an editor."""
    account = make_account("staf@x.example")
    make_staff(event.organiser, account, "editor")
    return account.id


def put(event: Event, code: str, round: int | None, staff: int) -> None:
    """Move a session to a round."""
    to = (event.rounds[round - 1].id if round else None, None)
    placing.move(event.programme, event.sessions[code].id, to, by=staff, now=NOON)


def where(event: Event) -> dict[str, str]:
    """Where each session stands at the desk now, by the number it had first."""
    db.session.rollback()
    numbers = {round.id: round.number for round in event.rounds}
    rows = {name: db.session.get_one(Session, session.id) for name, session in event.sessions.items()}
    return {
        name: f"{numbers[row.round_id]}.{row.number:02d}" if row.round_id else ""
        for name, row in rows.items()
    }


def told(template: str = "schedules/changed") -> dict[str, str]:
    """The text of each digest, by address."""
    db.session.rollback()
    rows = db.session.query(Message).filter_by(template=template).order_by(Message.id)
    return {row.address: compose(row)[1] for row in rows}


def test_a_moved_session_gets_a_number_that_was_never_used(event: Event, staff: int):
    put(event, "1.02", 2, staff)
    assert where(event)["1.02"] == "2.04"

    release(event.programme, now=LATER)
    put(event, "1.02", 1, staff)
    put(event, "2.03", 1, staff)

    assert where(event)["1.02"] == "1.04"
    assert where(event)["2.03"] == "1.05"


def test_undo_and_redo_bring_the_very_same_numbers_back(event: Event, staff: int):
    before = where(event)
    put(event, "1.02", 2, staff)
    put(event, "2.01", None, staff)
    after = where(event)

    placing.undo(event.programme, by=staff, now=NOON)
    placing.undo(event.programme, by=staff, now=NOON)
    assert where(event) == before
    with pytest.raises(Refusal, match="nothing to undo"):
        placing.undo(event.programme, by=staff, now=NOON)

    placing.redo(event.programme, by=staff, now=NOON)
    placing.redo(event.programme, by=staff, now=NOON)
    assert where(event) == after
    assert db.session.query(GridStep).count() == 2


def test_what_another_moved_is_not_overwritten_nor_undone(event: Event, staff: int):
    session = event.sessions["1.01"]
    here = (event.rounds[0].id, None)
    put(event, "1.01", 2, staff)
    other = make_account("ander@x.example").id

    with pytest.raises(Refusal, match="Somebody else moved"):
        placing.move(event.programme, session.id, ANYWHERE, was=here, by=other, now=NOON)
    placing.move(event.programme, session.id, ANYWHERE, by=other, now=NOON)
    with pytest.raises(Refusal, match="Somebody else moved"):
        placing.undo(event.programme, by=staff, now=NOON)


def test_two_at_once_one_moves_and_the_other_reads_why(app: Flask, event: Event, staff: int):
    here, to = (event.rounds[0].id, None), [(event.rounds[1].id, None), ANYWHERE]
    programme_id, session_id, start, outcomes = event.programme.id, event.sessions["1.01"].id, Barrier(2), []

    def go(spot: tuple[int | None, int | None]) -> None:
        with app.app_context():
            programme = db.session.get_one(Programme, programme_id)
            start.wait()
            try:
                placing.move(programme, session_id, spot, was=here, by=staff, now=NOON)
                outcomes.append("moved")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            db.session.remove()

    threads = [Thread(target=go, args=(spot,)) for spot in to]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["moved", "moved_meanwhile"]


def test_people_go_along_to_the_other_round_or_lose_their_seat_with_a_second_chance(event: Event, staff: int):
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", "2.02")
    put(event, "1.01", 2, staff)

    release_programme(event.programme, name="2", now=LATER, again_until=LATER + timedelta(days=2))

    assert {(name, code) for name, code, _chair in seats(event)} == {("Ann", "1.01"), ("Bob", "2.02")}
    assert db.session.query(Seat).filter_by(registration_id=ann.id).one().round_id == event.rounds[1].id
    [chance] = db.session.query(SecondChance)
    assert (chance.registration_id, chance.round_id, chance.since) == (bob.id, event.rounds[0].id, NOON)
    mails = told()
    assert "1.01 14:00" in mails["ann@x.example"]
    assert "2.04" in mails["ann@x.example"]
    assert "geen plek meer" not in mails["ann@x.example"]
    assert "Je hebt geen plek meer in:" in mails["bob@x.example"]
    assert "Kies opnieuw tot" in mails["bob@x.example"]


def test_who_lost_a_seat_keeps_the_turn_on_a_waiting_list(event: Event, staff: int):
    ann, bob, others = come(event, "Ann"), come(event, "Bob"), [come(event, f"P{n}") for n in range(5)]
    choose(event, ann, "1.01", now=NOON)
    for one in others:
        choose(event, one, "1.02")
    choose(event, bob, "1.02", wait=True, now=NOON + timedelta(minutes=5))
    cancel_session(event.sessions["1.01"], name="weg", now=LATER)

    choose(event, ann, "1.02", wait=True, now=LATER + timedelta(minutes=5))
    choose(event, others[0], "1", now=LATER + timedelta(minutes=9))

    assert ("Ann", "1.02") in {(name, code) for name, code, _chair in seats(event)}
    assert [name for name, *_rest in waits(event)] == ["Bob"]


def test_only_who_is_touched_is_told_and_once(event: Event, staff: int):
    ann, bob, cas = come(event, "Ann"), come(event, "Bob"), come(event, "Cas")
    choose(event, ann, "1.01", "2.01")
    choose(event, bob, "1.02")
    choose(event, cas, "1.03")
    host = make_person(event.organiser, "Jos", "jos@x.example")
    make_part(event.sessions["1.01"], make_speaker(event.organiser, "Jos", person=host))
    release(event.programme, now=NOON + timedelta(minutes=1))
    assert set(told()) == {"ann@x.example", "jos@x.example"}  # a new host is told, and who sits there

    put(event, "1.02", 2, staff)
    put(event, "2.03", 1, staff)
    release(event.programme, now=LATER)

    rows = [
        row.address
        for row in db.session.query(Message).filter_by(template="schedules/changed").order_by(Message.id)
    ]
    assert rows == ["ann@x.example", "jos@x.example", "bob@x.example"]


def test_the_contact_of_a_delegation_hears_of_a_meeting(event: Event):
    city = make_organisation(event.organiser, "Ede")
    contact = make_person(event.organiser, "Con", "con@x.example")
    make_contact(city, contact)
    make_delegation(event.programme, city, contact)
    ann = come(event, "Ann")

    @transaction()
    def later() -> None:
        event.meeting.start = "12:00"

    later()
    release(event.programme, now=LATER)

    assert set(told()) == {"con@x.example", ann.person.mail}
    assert "12:00" in told()["con@x.example"]


def test_cancelling_is_public_at_once_and_shows_nothing_else(event: Event, staff: int):
    ann = come(event, "Ann")
    choose(event, ann, "1.01")

    @transaction()
    def secret() -> None:
        db.session.get_one(Session, event.sessions["1.02"].id).workshop.title = Wording("Geheim")

    secret()
    put(event, "1.03", 2, staff)
    cancel_session(event.sessions["1.01"], name="weg", now=LATER)

    picture = current_picture(event.programme.id)
    assert picture is not None
    assert picture.by_code["1.01"].cancelled
    assert picture.by_code["1.02"].title.nl == "Workshop 1.02"
    assert "1.03" in picture.by_code
    assert seats(event) == set()
    assert "gaat niet door" in told()["ann@x.example"]


def test_who_is_touched_reads_what_the_organiser_says_about_cancelling(
    event: Event, staff: int, client: FlaskClient, sign_in: Callable[..., FlaskClient]
):
    choose(event, come(event, "Ann"), "1.01")
    desk = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}"
    at += f"/sessions/{event.sessions['1.01'].id}/cancellation"

    wrong = send(desk, at, note="Ziek <b>thuis</b>", again_until="morgen")
    assert wrong.status_code == 422
    assert "1 persoon heeft hier een plek" in words_of(wrong.text)
    assert "Ziek &lt;b&gt;thuis" in wrong.text
    send(desk, at, note="De begeleider is <b>ziek</b>.\nKies iets anders.", again_until="2027-01-20T17:00")

    said = told()["ann@x.example"]
    assert "De begeleider is <b>ziek</b>.\nKies iets anders." in said
    assert "20 januari" in said
    public = client.get(f"/nl/programmes/{event.programme.slug}/changes").text
    assert "De begeleider is &lt;b&gt;ziek&lt;/b&gt;." in public


def test_an_earlier_release_comes_back_as_a_new_one(event: Event, staff: int):
    ann = come(event, "Ann")
    choose(event, ann, "1.01")
    put(event, "1.01", 2, staff)
    release(event.programme, now=LATER)
    back = take_back(event.programme, 1, name="terug", now=LATER + timedelta(minutes=1))

    picture = current_picture(event.programme.id)
    assert picture is not None
    assert (back.number, "1.01" in picture.by_code) == (3, True)
    assert {(name, code) for name, code, _chair in seats(event)} == {("Ann", "1.01")}
    assert where(event)["1.01"] == "2.04"  # the desk's own work stays
    with pytest.raises(Refusal):
        take_back(event.programme, 99, name="x", now=LATER)


def test_out_of_the_grid_is_gone_for_visitors_and_comes_back_under_its_number(event: Event, staff: int):
    put(event, "1.02", None, staff)
    release(event.programme, now=LATER)
    assert db.session.get_one(OfferedSession, event.sessions["1.02"].id).cancelled

    put(event, "1.02", 1, staff)
    release(event.programme, now=LATER + timedelta(hours=1))

    row = db.session.get_one(OfferedSession, event.sessions["1.02"].id, populate_existing=True)
    assert (row.cancelled, row.number, where(event)["1.02"]) == (False, 2, "1.02")


def test_the_grid_page_moves_swaps_warns_and_undoes(
    event: Event, staff: int, sign_in: Callable[..., FlaskClient]
):
    client = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}"
    jos = make_speaker(event.organiser, "Han van Geel")
    for code in ("1.01", "2.02"):
        make_part(event.sessions[code], jos)
    id = event.sessions["2.02"].id

    moved = send(client, f"{at}/grid?move={id}", having="round", round=str(event.rounds[0].id))
    words = words_of(moved.text)
    assert "Verplaatst." in words
    assert "Han van Geel is op twee plekken tegelijk: 1.01 en 1.04." in words
    assert where(event)["2.02"] == "1.04"

    for none in ("²", "9" * 5000):
        unknown = client.post(
            f"{at}/grid/moves", data={"session": none, "seen": f"{none}:", "round": "", "room": ""}
        )
        assert unknown.status_code < 500, none
    stale = client.post(
        f"{at}/grid/moves", data={"session": id, "seen": f"{event.rounds[1].id}:", "round": "", "room": ""}
    )
    assert stale.status_code == 409
    assert "intussen verplaatst" in words_of(stale.text)

    refused = send(client, f"{at}/releases", having="name")
    assert "Er zijn ernstige meldingen" in words_of(refused.text)
    client.post(f"{at}/grid/undo")
    assert where(event)["2.02"] == "2.02"
    for wrong in (
        {"session": "x"},
        {"session": "9" * 30},
        {"round": "77"},
        {"seen": "a:b", "session": str(id)},
    ):
        assert client.post(f"{at}/grid/moves", data=wrong).status_code < 500


def times(event: Event) -> list[tuple[str, str]]:
    """When each round begins and ends at the desk."""
    db.session.rollback()
    rows = {row.round_id: (row.start, row.end) for row in db.session.query(AgendaItem) if row.round_id}
    return [rows[round.id] for round in event.rounds]


def test_a_round_is_stretched_undone_and_warned_of(
    event: Event, staff: int, sign_in: Callable[..., FlaskClient]
):
    client = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}"
    before = times(event)
    page = f"{at}/grid?stretch={event.rounds[0].id}"

    wrong = send(client, page, having="start", start="25 uur")
    assert wrong.status_code == 422
    assert "Vul een tijd in zoals 13:30" in words_of(wrong.text)
    assert 'value="25 uur"' in wrong.text
    late = client.get(page).text
    longer = send(client, page, having="start", start="14.00", end="15.30 uur")
    assert times(event)[0] == ("14:00", "15:30")
    assert "Ronde 1 en Ronde 2 overlappen" in words_of(longer.text)

    form = form_of(late, having="start")
    stale = client.post(form["action"], data={**form["values"], "start": "13:00", "end": "14:00"})
    assert stale.status_code == 409
    assert "Iemand anders gaf deze ronde intussen andere tijden" in words_of(stale.text)
    assert times(event)[0] == ("14:00", "15:30")

    put(event, "1.02", 2, staff)
    for _n in range(2):
        client.post(f"{at}/grid/undo")
    assert (times(event), where(event)["1.02"]) == (before, "1.02")
    client.post(f"{at}/grid/redo")
    assert times(event)[0] == ("14:00", "15:30")


def test_what_somebody_else_does_in_the_grid_is_told(
    event: Event, staff: int, sign_in: Callable[..., FlaskClient]
):
    client = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}/grid"
    other = make_account("bea@x.example", name="Bea Twee")
    make_staff(event.organiser, other, "editor")
    since = re.search(r'data-since="([^"]+)"', client.get(at).text)
    assert since is not None
    assert client.get(since[1]).status_code == 204

    elsewhere = make.make_event(event.organiser, slug="elsewhere")
    placing.move(elsewhere, elsewhere.rounds[0].sessions[0].id, (None, None), by=other.id, now=NOON)
    assert client.get(since[1]).status_code == 204
    put(event, "1.02", 2, other.id)

    told = client.get(since[1])
    assert told.status_code == 200
    assert "Bea Twee verplaatste: Workshop 1.02" in words_of(told.text)
    assert client.get(re.search(r'data-since="([^"]+)"', client.get(at).text)[1]).status_code == 204  # type: ignore[index]


def test_the_grid_takes_as_many_queries_for_six_sessions_as_for_sixty(
    app: Flask, event: Event, staff: int, sign_in: Callable[..., FlaskClient]
):
    from learning.people.models import Account

    client = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}/grid"

    client.get(at)
    few = asked_by(client, at)
    for _n in range(54):
        make_session(event.rounds[0], capacity=3)
    assert asked_by(client, at) == few <= 12


def test_a_capacity_below_the_people_is_refused_or_fills_no_more(
    event: Event, staff: int, sign_in: Callable[..., FlaskClient]
):
    people = [come(event, f"P{n}") for n in range(5)]
    for person in people[:4]:
        choose(event, person, "1.01")
    change(event.sessions["1.01"], capacity=2)
    desk = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}/releases"
    assert "Laat wie geplaatst is" not in words_of(desk.get(at).text)
    refused = send(desk, at, having="name", sure="y")
    assert refused.status_code == 409
    assert "zijn 4 mensen geplaatst" in words_of(refused.text)
    assert "Laat wie geplaatst is staan" in words_of(refused.text)
    values = form_of(refused.text, having="name")["values"] | {"sure": "y", "leave_placed": "y"}
    assert "is openbaar" in words_of(desk.post(at, data=values, follow_redirects=True).text)

    row = db.session.get_one(OfferedSession, event.sessions["1.01"].id, populate_existing=True)
    assert (row.capacity, row.taken, row.overfull) == (2, 4, True)
    assert isinstance(choose(event, people[4], "1.01")[event.rounds[0].id], Full)
    release(event.programme, now=LATER)  # something else: it is not asked again
    for person in people[:3]:
        choose(event, person, "1")
    choose(event, people[4], "1.01")
    release(event.programme, now=LATER + timedelta(hours=1))
    row = db.session.get_one(OfferedSession, event.sessions["1.01"].id, populate_existing=True)
    assert (row.taken, row.overfull) == (2, False)
    change(event.sessions["1.01"], capacity=1)
    with pytest.raises(Refusal):
        release(event.programme, now=LATER + timedelta(hours=2))


def test_a_session_that_is_cancelled_and_made_smaller_at_once(event: Event):
    for n in range(3):
        choose(event, come(event, f"P{n}"), "1.01")
    change(event.sessions["1.01"], capacity=1, cancelled_at=NOON)
    release(event.programme, now=LATER)
    assert seats(event) == set()
