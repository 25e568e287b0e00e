"""Many people at the same moment: nothing is sold twice, and nobody has more than one may have."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from learning.attendance import actions as attendance
from learning.attendance.models import Registration
from learning.choices.actions import choose_sessions
from learning.choices.models import Seat, WaitlistEntry
from learning.kit.db import db
from learning.kit.errors import Refusal
from tests.choices.event import check_counts, choose, come, make_event, seats, waits
from tests.make import NOON


def at_once(app: Flask, jobs: list[Callable[[], object]]) -> list[object]:
    """Do all of it at the same moment, each in a thread with an app context of its own."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> object:
        with app.app_context():
            try:
                gate.wait()
                return job()
            except Refusal as refusal:
                return refusal.code
            finally:
                db.session.remove()

    db.session.rollback()
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def pick(registration_id: int, picked: dict[int, int | None], wait: bool = False) -> str:
    """Choose as one of many; gives what came of it."""
    registration = db.session.get_one(Registration, registration_id)
    outcomes = choose_sessions(registration, picked, wait=set(picked) if wait else (), now=NOON)
    return ",".join(type(outcome).__name__ for outcome in outcomes.values())


def test_three_seats_are_never_oversold(app: Flask) -> None:
    event = make_event((3,))
    ids = [come(event, f"Person {n}").id for n in range(16)]
    picked: dict[int, int | None] = {event.rounds[0].id: event.sessions["1.01"].id}
    came = at_once(app, [lambda id=id: pick(id, picked, wait=id % 2 == 0) for id in ids])  # type: ignore[misc]
    assert came.count("Seat") == 3
    assert {number for _, _, number in seats(event)} == {1, 2, 3}
    assert len(waits(event)) == came.count("WaitlistEntry")
    assert len(came) == came.count("Seat") + came.count("WaitlistEntry") + came.count("Full")
    check_counts()


def test_two_tabs_do_not_get_the_same_workshop_in_two_rounds(app: Flask) -> None:
    event = make_event((50,), (50,), same=(("1.01", "2.01"),))
    one, two = event.rounds
    ids = [come(event, f"Person {n}").id for n in range(6)]
    first, second = {one.id: event.sessions["1.01"].id}, {two.id: event.sessions["2.01"].id}
    jobs = []
    for id in ids:
        jobs.append(lambda id=id: pick(id, first))
        jobs.append(lambda id=id: pick(id, second))
    came = at_once(app, jobs)  # type: ignore[arg-type]
    assert sorted(map(str, came)) == ["Seat"] * 6 + ["workshop_twice"] * 6
    assert len({name for name, _, _ in seats(event)}) == len(seats(event)) == 6
    check_counts()


def test_everybody_withdraws_while_others_choose(app: Flask) -> None:
    event = make_event((2, 2))
    leaving = [come(event, f"Gone {n}") for n in range(4)]
    for n, one in enumerate(leaving):
        choose(event, one, f"1.0{n % 2 + 1}")
    coming = [come(event, f"New {n}").id for n in range(6)]
    gone = [one.id for one in leaving]

    def leave(id: int) -> str:
        attendance.end(db.session.get_one(Registration, id), reason="withdrawn", now=NOON)
        return "gone"

    picked: dict[int, int | None] = {event.rounds[0].id: event.sessions["1.01"].id}
    jobs = [lambda id=id: leave(id) for id in gone] + [lambda id=id: pick(id, picked, True) for id in coming]
    at_once(app, jobs)  # type: ignore[arg-type]
    taken = seats(event)
    assert len(taken) == 2
    assert {name.split()[0] for name, _, _ in taken} == {"New"}
    assert len(waits(event)) == 4
    check_counts()


def test_choosing_while_withdrawing_leaves_nothing_behind(app: Flask) -> None:
    event = make_event((5,), (5,))
    ids = [come(event, f"Person {n}").id for n in range(4)]
    picked: dict[int, int | None] = {event.rounds[0].id: event.sessions["1.01"].id}

    def leave(id: int) -> str:
        attendance.end(db.session.get_one(Registration, id), reason="withdrawn", now=NOON)
        return "gone"

    jobs = [job for id in ids for job in (lambda id=id: leave(id), lambda id=id: pick(id, picked))]
    came = at_once(app, jobs)  # type: ignore[arg-type]
    assert set(came) <= {"gone", "Seat", "registration_ended"}
    db.session.rollback()
    assert (db.session.query(Seat).count(), db.session.query(WaitlistEntry).count()) == (0, 0)
    check_counts()
