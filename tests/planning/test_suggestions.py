"""A proposed grid: asked for at the desk, worked out beside
it, taken in or in part, and never moving anything by itself.
"""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.choices.queries import wanted_together
from learning.desk import placing
from learning.kit import jobs
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.processes import running
from learning.people.models import Account
from learning.planning import suggestions
from learning.planning.models import Suggestion
from learning.programmes.models import Absence, Programme, Room, Session
from tests.browse import send, words_of
from tests.choices.event import choose, come, make_event
from tests.make import (
    NOON,
    make_account,
    make_meeting,
    make_organiser,
    make_part,
    make_programme,
    make_round,
    make_speaker,
    make_staff,
    make_theme,
    make_unplaced,
    make_venue,
)


@transaction()
def add(row: object) -> None:
    """Put a row in the database."""
    db.session.add(row)
    db.session.flush()


@pytest.fixture
def programme(app: Flask) -> Programme:
    """Two rounds, two rooms, three sessions without a place;
    Ada leads two of them, Bea cannot in the first round.
    """
    organiser = make_organiser("ours")
    programme = make_programme(organiser, slug="day")
    venue = make_venue(organiser)
    meeting = make_meeting(programme, venue_id=venue.id)
    rounds = [
        make_round(meeting, start="10:00", end="11:00"),
        make_round(meeting, start="11:00", end="12:00"),
    ]
    for name, size in (("Small", 10), ("Big", 40)):
        add(Room(organiser_id=organiser.id, venue_id=venue.id, name=name, capacity=size))
    ada, bea = make_speaker(organiser, "Ada Een"), make_speaker(organiser, "Bea Twee")
    theme = make_theme(organiser)
    for title, size, speaker in (("Alfa", 30, ada), ("Beta", 8, ada), ("Gamma", 25, bea)):
        make_part(make_unplaced(programme, title, capacity=size, theme_id=theme.id), speaker)
    add(Absence(speaker_id=bea.id, round_id=rounds[0].id))
    return programme


@pytest.fixture
def staff(programme: Programme) -> Account:
    """An editor."""
    account = make_account("staf@x.example")
    make_staff(programme.organiser, account, "editor")
    return account


def work() -> None:
    """The worker, until nothing runs."""
    until = time.monotonic() + 60
    while jobs.sweep():
        assert time.monotonic() < until, "the solver does not end"
        time.sleep(0.05)


def places(programme: Programme) -> dict[str, tuple[int | None, int | None]]:
    """The round number and room of each session by its title."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.query(Session).filter_by(programme_id=programme.id).all()
    return {
        s.workshop.title.nl: (s.round.number if s.round else None, s.room.capacity if s.room else None)
        for s in rows
    }


BEST = {"Alfa": (1, 40), "Beta": (2, 10), "Gamma": (2, 40)}
NOWHERE = dict.fromkeys(BEST, (None, None))


def test_asked_for_worked_out_and_taken_in_as_one_step(programme: Programme, staff: Account):
    asked = suggestions.ask(programme, "rest", by=staff.id, now=NOON)
    work()

    found = db.session.get_one(Suggestion, asked.id, populate_existing=True)
    assert (found.ending, found.answer["proven"]) == ("found", True)
    assert places(programme) == NOWHERE
    before, after = suggestions.gains_of(found)
    assert (before.unplaced, after.unplaced, after.standing, after.clashes) == (3, 0, 0, 0)

    suggestions.take(found, programme, list(suggestions.answer_of(found)), by=staff.id, now=NOON)
    assert places(programme) == BEST

    placing.undo(programme, by=staff.id, now=NOON)
    assert places(programme) == NOWHERE


def test_through_the_pages_and_in_part(
    programme: Programme, staff: Account, sign_in: Callable[[Account], FlaskClient]
):
    client = sign_in(staff)
    at = "/manage/ours/programmes/day"
    assert "Stel een rooster voor" in words_of(client.get(f"{at}/suggestions").text)
    page = send(client, f"{at}/suggestions", how="rest").request.path
    answer = client.get(page)
    assert answer.headers["Refresh"] == "2"
    work()

    shown = client.get(page)
    assert "Refresh" not in shown.headers
    words = words_of(shown.text)
    assert "3 sessies krijgen een plek" in words
    assert "Bewezen" in words
    ids = {s.workshop.title.nl: s.id for s in db.session.query(Session)}
    assert "Kies minstens één sessie." in words_of(client.post(page, data={}).text)
    client.post(page, data={"session": [str(ids["Alfa"]), str(ids["Gamma"])]})

    assert places(programme) == BEST | {"Beta": (None, None)}


def test_what_somebody_moved_since_is_not_taken_in(programme: Programme, staff: Account):
    asked = suggestions.ask(programme, "rest", by=staff.id, now=NOON)
    work()
    found = db.session.get_one(Suggestion, asked.id, populate_existing=True)
    ids = {s.workshop.title.nl: s.id for s in db.session.query(Session)}
    placing.move(programme, ids["Alfa"], (programme.rounds[1].id, None), by=staff.id, now=NOON)

    with pytest.raises(Refusal, match="Somebody moved"):
        suggestions.take(found, programme, list(ids.values()), by=staff.id, now=NOON)
    assert places(programme) == NOWHERE | {"Alfa": (2, None)}

    suggestions.take(found, programme, [ids["Beta"], ids["Gamma"]], by=staff.id, now=NOON)
    assert places(programme) == BEST | {"Alfa": (2, None)}


def test_what_has_a_place_stays_unless_everything_may_move(programme: Programme, staff: Account):
    ids = {s.workshop.title.nl: s.id for s in db.session.query(Session)}
    small = db.session.query(Room).filter_by(name="Small").one().id
    placing.move(programme, ids["Alfa"], (programme.rounds[1].id, small), by=staff.id, now=NOON)

    def proposed(how: str) -> dict[str, int | None]:
        asked = suggestions.ask(programme, how, by=staff.id, now=NOON)
        work()
        plan = suggestions.answer_of(db.session.get_one(Suggestion, asked.id, populate_existing=True))
        number = {r.id: r.number for r in programme.rounds}
        return {title: number.get(plan[id][0] or 0) for title, id in ids.items()}

    assert proposed("rest") == {"Alfa": 2, "Beta": 1, "Gamma": 2}
    assert proposed("calm") == {"Alfa": 2, "Beta": 1, "Gamma": 2}
    assert proposed("all") == {"Alfa": 1, "Beta": 2, "Gamma": 2}


def test_nothing_to_place_and_no_rounds_are_said(programme: Programme, staff: Account):
    empty = make_programme(programme.organiser, slug="empty")
    with pytest.raises(Refusal, match="Everything has a place"):
        suggestions.ask(empty, "all", by=staff.id, now=NOON)
    make_unplaced(empty)
    with pytest.raises(Refusal, match="Make a round first"):
        suggestions.ask(empty, "all", by=staff.id, now=NOON)


def test_stopped_is_stopped_and_its_process_ends(programme: Programme, staff: Account):
    asked = suggestions.ask(programme, "rest", by=staff.id, now=NOON)
    jobs.sweep()
    [process] = running("suggestions").values()
    suggestions.stop(asked, programme, by=staff.id, now=NOON)
    work()

    assert running("suggestions") == {}
    assert process._process.returncode is not None
    assert db.session.get_one(Suggestion, asked.id, populate_existing=True).ending == "stopped"


def test_a_broken_or_lying_solver_moves_nothing(programme: Programme, staff: Account):
    failed = suggestions.ask(programme, "rest", by=staff.id, now=NOON)
    suggestions.note(failed.id, {}, True, None, now=NOON)
    lying = suggestions.ask(programme, "rest", by=staff.id, now=NOON)
    at = [programme.rounds[0].id, None]
    # Bea cannot then
    answer = {
        "plan": {str(g["id"]): at for g in lying.question["givings"]},
        "proven": True,
    }
    suggestions.note(lying.id, {}, True, answer, now=NOON)

    for asked in (failed, lying):
        assert db.session.get_one(Suggestion, asked.id, populate_existing=True).ending == "failed"
    with pytest.raises(Refusal):
        suggestions.take(lying, programme, [1, 2, 3], by=staff.id, now=NOON)


def test_another_programmes_proposal_is_not_found(
    programme: Programme, staff: Account, sign_in: Callable[[Account], FlaskClient]
):
    asked = suggestions.ask(programme, "rest", by=staff.id, now=NOON)
    make_programme(programme.organiser, slug="other")
    client = sign_in(staff)

    assert client.get(f"/manage/ours/programmes/other/suggestions/{asked.id}").status_code == 404
    assert client.post(f"/manage/ours/programmes/other/suggestions/{asked.id}/stop").status_code == 404


def test_who_wants_two_workshops_both(app: Flask):
    event = make_event((5, 5), (5, 5))
    for name in ("Ann", "Bob"):
        choose(event, come(event, name), "1.01", "2.01")
    one, other = (event.sessions[code].workshop_id for code in ("1.01", "2.01"))

    assert wanted_together(event.programme.id) == ((one, other, 2),)
