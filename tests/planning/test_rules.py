"""A plan for rounds and rooms: what it costs, what it
may never do, and that none is better than the one found.
"""

import json
import random
import subprocess
import sys
import time
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.planning.rules import (
    Cost,
    Giving,
    Plan,
    Problem,
    Slot,
    cost,
    first_plan,
    impossible,
    plan_of,
    reason,
)
from learning.planning.solver import solve
from tests.planning.timetables import day_of_26

TWO = (Slot(1, (), (1, 2)), Slot(2, (), (1, 2)))
ROOMS: dict[int, int | None] = {1: 10, 2: 30}
ORDER = ("unplaced", "roomless", "standing", "uneven", "parallel", "moved")
CALM = ("unplaced", "moved", "roomless", "standing", "uneven", "parallel")


@pytest.mark.parametrize(
    ("plan", "wrong"),
    [
        ({1: (1, 1), 2: (2, 1)}, Cost()),
        ({1: (None, None), 2: (2, 1)}, Cost(unplaced=1)),
        ({1: (1, 1), 2: (1, 1)}, Cost(clashes=1, parallel=7)),  # one room
        ({1: (1, 1), 2: (1, 2)}, Cost(parallel=7)),
        ({1: (1, None), 2: (2, 1)}, Cost(roomless=1)),
    ],
)
def test_what_a_plan_costs(plan: Plan, wrong: Cost):
    problem = Problem(TWO, ROOMS, (Giving(1, 11, (1,)), Giving(2, 12, (2,))), together=((11, 12, 7),))

    assert cost(problem, plan) == wrong


def test_a_host_or_workshop_at_two_places_is_a_clash():
    host = Problem(TWO, ROOMS, (Giving(1, 11, (5,)), Giving(2, 12, (5,))))
    workshop = Problem(TWO, ROOMS, (Giving(1, 11), Giving(2, 11)))
    away = Problem(TWO, ROOMS, (Giving(1, 11, (5,)), Giving(2, 12)), away=((5, 1),))
    at_once = {1: (1, 1), 2: (1, 2)}

    assert [cost(p, at_once).clashes for p in (host, workshop, away)] == [1, 1, 1]
    assert [impossible(p, at_once) for p in (host, workshop, away)] == [
        ["clash"],
        ["clash"],
        ["unknown_round"],
    ]


def test_overlapping_rounds_count_as_one_time():
    slots = (Slot(1, (2,), (1,)), Slot(2, (1,), (1,)))
    problem = Problem(slots, {1: 10}, (Giving(1, 11, (5,)), Giving(2, 12, (5,))), together=((11, 12, 3),))

    assert cost(problem, {1: (1, 1), 2: (2, 1)}) == Cost(clashes=2, parallel=3)
    assert cost(problem, solve(problem).plan).unplaced == 1


def test_people_who_stand_and_themes_that_crowd():
    givings = tuple(Giving(n, n, theme=1, people=20) for n in (1, 2, 3))
    problem = Problem((Slot(1, (), (1, 2)), Slot(2, (), (1, 2))), ROOMS, givings)

    assert cost(problem, {1: (1, 1), 2: (1, 2), 3: (1, None)}) == Cost(roomless=1, standing=10, uneven=1)
    assert cost(problem, solve(problem).plan) == Cost(standing=10)


def test_what_moves_counts_by_its_weight_and_getting_a_room_is_no_moving():
    problem = Problem(
        TWO, ROOMS, (Giving(1, 11, at=(1, 1), weight=9), Giving(2, 12, at=(1, None)), Giving(3, 13))
    )

    assert cost(problem, {1: (2, 1), 2: (1, 2), 3: (1, 1)}).moved == 9
    assert cost(problem, {1: (1, 1), 2: (2, 2), 3: (2, 1)}).moved == 1


def test_what_is_fixed_stays_and_calm_moves_least():
    fixed, crowded = Giving(1, 11, at=(2, 2), fixed=True, people=5), Giving(2, 12, at=(2, 1), people=25)
    new = Giving(3, 13, at=(None, None), people=8)
    problem = Problem(TWO, ROOMS, (fixed, crowded, new))

    assert cost(problem, solve(problem).plan) == Cost(moved=1)
    assert cost(problem, solve(replace(problem, calm=True)).plan) == Cost(standing=15)


def test_a_plan_that_breaks_a_rule_is_told():
    problem = Problem(TWO, ROOMS, (Giving(1, 11, at=(1, 1), fixed=True), Giving(2, 12, only=(2,))))

    assert impossible(problem, {1: (1, 1), 2: (2, 1)}) == []
    assert impossible(problem, {1: (2, 1), 2: (2, 2)}) == ["fixed_moved"]
    assert impossible(problem, {1: (1, 1), 2: (1, 2)}) == ["unknown_round"]
    assert impossible(problem, {1: (1, 1), 2: (2, 9)}) == ["unknown_room"]
    assert impossible(problem, {1: (1, 1)}) == ["missing_session"]
    assert impossible(problem, {1: (1, 1), 2: (2, 1), 3: (1, 1)}) == ["unknown_session"]


def test_why_a_session_has_no_place():
    givings = (
        Giving(1, 11, (5,)),
        Giving(2, 11),
        Giving(3, 11),
        Giving(4, 14, (6,)),
        Giving(5, 15, (6,)),
        Giving(6, 16, (6,)),
    )
    problem = Problem(TWO, ROOMS, givings, away=((5, 1), (5, 2)))
    plan: Plan = {1: (None, None), 2: (1, 1), 3: (2, 1), 4: (1, 2), 5: (2, 2), 6: (None, None)}

    assert reason(problem, plan, 1) == "host_away"
    assert reason(problem, plan | {2: (None, None)}, 6) == "hosts_busy"
    assert reason(replace(problem, away=()), plan, 1) == "workshop_everywhere"
    assert reason(Problem((), {}, givings), plan, 1) == "no_rounds"


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Small problems of every kind."""
    rng = random.Random(draw(st.integers(0, 10**6)))
    rounds = rng.randint(1, 3)
    rooms: dict[int, int | None] = {
        room: rng.choice([5, 10, 20, None]) for room in range(1, rng.randint(1, 2) + 1)
    }
    overlap = rng.random() < 0.3 and rounds > 1
    slots = tuple(
        Slot(n, (3 - n,) if overlap and n < 3 else (), tuple(rooms), online=rng.random() < 0.1)
        for n in range(1, rounds + 1)
    )
    givings: list[Giving] = []
    for id in range(1, rng.randint(1, 4) + 1):
        at = (rng.randint(1, rounds), rng.choice([None, *rooms])) if rng.random() < 0.4 else (None, None)
        hosts = tuple(rng.sample([1, 2, 3], rng.randint(0, 2)))
        fixed = at[0] is not None and rng.random() < 0.4 and all(g.at[0] != at[0] for g in givings)
        size = rng.choice([None, 4, 12, 25])
        workshop, theme = rng.randint(1, 3), rng.choice([None, 1, 2])
        givings.append(Giving(id, workshop, hosts, theme, size, at, fixed, weight=rng.randint(1, 3)))
    away = tuple((host, slot.id) for host in (1, 2) for slot in slots if rng.random() < 0.2)
    together = tuple((a, b, rng.randint(1, 5)) for a, b in ((1, 2), (1, 3), (2, 3)) if rng.random() < 0.6)
    return Problem(slots, rooms, tuple(givings), away, together, calm=rng.random() < 0.3)


def every_plan(problem: Problem) -> list[Plan]:
    """All plans that break no rule."""
    spots = [(None, None), *((slot.id, room) for slot in problem.slots for room in (None, *slot.rooms))]
    choices = [[giving.at] if giving.fixed else spots for giving in problem.givings]
    ids = [giving.id for giving in problem.givings]
    plans = [dict(zip(ids, chosen, strict=True)) for chosen in product(*choices)]
    return [plan for plan in plans if not impossible(problem, plan)]


@given(problems())
def test_no_plan_is_better_than_the_one_found(problem: Problem):
    found = solve(problem)
    names = CALM if problem.calm else ORDER

    def worth(plan: Plan) -> tuple[int, ...]:
        return tuple(getattr(cost(problem, plan), name) for name in names)

    assert found.proven
    assert impossible(problem, found.plan) == []
    assert worth(found.plan) == min(worth(plan) for plan in every_plan(problem))


@given(problems())
def test_where_the_solver_starts_breaks_no_rule(problem: Problem):
    assert impossible(problem, first_plan(problem)) == []


def test_a_day_of_26_sessions_is_proven_best_and_the_same_each_time():
    problem = day_of_26(1)

    found = solve(problem)

    assert found.proven
    assert impossible(problem, found.plan) == []
    wrong = cost(problem, found.plan)
    assert (wrong.unplaced, wrong.clashes, wrong.roomless, wrong.uneven) == (0, 0, 0, 0)
    assert wrong.parallel < cost(problem, first_plan(problem)).parallel
    assert solve(problem).plan == found.plan
    assert plan_of(problem) == dict.fromkeys(range(1, 27), (None, None))


def test_the_solver_ends_when_the_worker_is_killed():
    problem = json.dumps(asdict(day_of_26(1, 3000)))
    code = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import sys, "
        "time; from learning.kit.lifeline import end_with_parent;"
        " end_with_parent(); from learning.planning.solver import solve, problem_from; import json;"
        " q = problem_from(json.load(sys.stdin)); [solve(q) for _ in range(60)]'], stdin=subprocess.PIPE)\n"
        "p.stdin.write(sys.stdin.buffer.read()); p.stdin.close(); print(p.pid, flush=True); time.sleep(60)"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(problem)
    worker.stdin.close()
    child = int(worker.stdout.readline())
    time.sleep(3)
    assert running(child)

    worker.kill()
    worker.wait()

    until = time.monotonic() + 10
    while running(child):
        assert time.monotonic() < until
        time.sleep(0.1)


def running(pid: int) -> bool:
    """Whether this process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_solver_loads_nowhere_else():
    code = "import learning.factory, learning.wiring, sys; sys.exit('ortools' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
