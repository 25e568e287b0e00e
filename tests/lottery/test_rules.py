"""The fair draw: its rules, its worth against every outcome there is, and what it never does."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learning import cli
from learning.lottery.exchange import NotAnInstance, instance_of, outcome_of, problem_of
from learning.lottery.explaining import changed, explain, profile, without
from learning.lottery.rules import (
    POLICIES,
    Attendee,
    Problem,
    Rules,
    Session,
    by_order,
    check,
    commitment,
    impossible,
    insert,
    total,
    worth,
)
from tests.lottery.crowds import counted_out, crowd, small
from tests.lottery.drawer import Drawer

ABC = tuple(Session(id, id, "r1", 1) for id in "abc") + tuple(Session(id, id, "r2", 1) for id in "def")
SAME = {"r1": ("a", "b", "c"), "r2": ("d", "e", "f")}


@pytest.fixture(scope="module")
def drawer() -> Iterator[Drawer]:
    """The drawing program."""
    running = Drawer()
    yield running
    running.close()


def three() -> Problem:
    """Three people who want the same, and as many seats."""
    return Problem(
        ("r1", "r2"), ABC, tuple(Attendee(id, SAME) for id in ("ann", "bob", "cor")), Rules(seed="x")
    )


def test_three_people_who_want_the_same_have_two_points_each(drawer: Drawer):
    problem = three()
    first = by_order(problem, ["ann", "bob", "cor"])
    outcome = drawer.draw(problem)

    assert [total(problem, a, first[a.id]) for a in problem.attendees] == [0, 2, 4]
    assert [total(problem, a, outcome.assignment[a.id]) for a in problem.attendees] == [2, 2, 2]
    stages = worth(problem, outcome.assignment)
    assert [stages[name] for name in ("unseated", "cancelled", "max", "squares", "unlisted")] == [
        0,
        0,
        2,
        12,
        0,
    ]
    assert outcome.proven
    assert check(problem, outcome.assignment) == []


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("minimums", "groups"), [(False, False), (True, False), (False, True), (True, True)])
def test_nothing_is_better_among_all_outcomes(drawer: Drawer, policy: str, minimums: bool, groups: bool):
    for seed in range(25):
        problem = small(seed, policy=policy, minimums=minimums, groups=groups)
        outcome = drawer.draw(problem)
        best = counted_out(problem)
        found = worth(problem, outcome.assignment)
        assert {**found, "tie": 0} == {**best, "tie": 0}, seed
        assert outcome.proven
        assert check(problem, outcome.assignment) == [], seed


@given(st.integers(1000, 10**9), st.sampled_from(POLICIES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_draw_keeps_the_rules_and_is_as_good_as_counting_out(drawer: Drawer, seed: int, policy: str):
    problem = small(seed, policy=policy)
    outcome = drawer.draw(problem)
    assert check(problem, outcome.assignment) == []
    assert {**worth(problem, outcome.assignment), "tie": 0} == {**counted_out(problem), "tie": 0}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_outcome_does_not_depend_on_the_order_of_rows(drawer: Drawer, seed: int):
    problem = crowd(60, seed=seed)
    plain = drawer.draw(problem).assignment
    luck = random.Random(seed)
    for _ in range(4):
        people, sessions = list(problem.attendees), list(problem.sessions)
        luck.shuffle(people)
        luck.shuffle(sessions)
        other = replace(
            problem, attendees=tuple(people), sessions=tuple(sessions), rounds=problem.rounds[::-1]
        )
        assert drawer.draw(other).assignment == plain
    fresh = Drawer()
    assert fresh.draw(problem).assignment == plain
    fresh.close()


@pytest.mark.parametrize("tight", [True, False])
def test_a_crowd_is_better_off_than_by_coming_first_or_by_lottery(drawer: Drawer, tight: bool):
    problem = crowd(300, tight=tight)
    outcome = drawer.draw(problem)
    ours = worth(problem, outcome.assignment)
    assert outcome.proven
    assert check(problem, outcome.assignment) == []
    order = [attendee.id for attendee in problem.attendees]
    lots = sorted(order, key=lambda id: problem.lot[id])
    for other in (by_order(problem, order), by_order(problem, lots, snake=True)):
        theirs = worth(problem, other)
        assert tuple(ours.values()) < tuple(theirs.values())
        assert ours["squares"] <= 0.6 * theirs["squares"]


def test_another_seed_changes_lots_and_nothing_that_counts_more(drawer: Drawer):
    problem = crowd(80)
    one, two = (replace(problem, rules=replace(problem.rules, seed=seed)) for seed in ("one", "two"))
    first, second = drawer.draw(one), drawer.draw(two)
    assert first.assignment != second.assignment
    a, b = worth(one, first.assignment), worth(two, second.assignment)
    for name in ("unseated", "max", "squares", "unlisted"):
        assert a[name] == b[name]


def test_one_more_seat_never_makes_it_worse(drawer: Drawer):
    problem = crowd(60)
    before = worth(problem, drawer.draw(problem).assignment)
    for place in range(0, 26, 5):
        sessions = list(problem.sessions)
        sessions[place] = replace(sessions[place], capacity=sessions[place].capacity + 1)
        more = replace(problem, sessions=tuple(sessions))
        after = worth(more, drawer.draw(more).assignment)
        assert (after["unseated"], after["max"], after["squares"]) <= (
            before["unseated"],
            before["max"],
            before["squares"],
        )


def test_a_workshop_given_twice_is_given_once_to_each(drawer: Drawer):
    sessions = tuple(
        Session(f"{round}-{workshop}", workshop, round, 2) for round in ("r1", "r2") for workshop in "ab"
    )
    people = tuple(Attendee(f"p{n}", {"r1": ("r1-a",), "r2": ("r2-a",)}) for n in range(4))
    problem = Problem(("r1", "r2"), sessions, people, Rules(seed="s"))
    outcome = drawer.draw(problem)
    assert check(problem, outcome.assignment) == []
    assert all({s[-1] for s in mine.values() if s} == {"a", "b"} for mine in outcome.assignment.values())


@pytest.mark.parametrize("list_of_one", [("a",), ("a", "b")])
def test_a_short_list_does_not_help(drawer: Drawer, list_of_one: tuple[str, ...]):
    sessions = tuple(Session(id, id, "r1", 1) for id in "abcd")
    whole = ("a", "b", "c", "d")
    people = tuple(Attendee(f"p{n}", {"r1": whole}) for n in range(4))
    honest = Problem(("r1",), sessions, people, Rules(seed="s"))
    for n in range(4):
        short = list(people)
        short[n] = replace(short[n], choices={"r1": list_of_one})
        cheat = replace(honest, attendees=tuple(short))
        got, instead = (drawer.draw(problem).assignment[f"p{n}"]["r1"] for problem in (honest, cheat))
        assert whole.index(instead or "") >= whole.index(got or "")


def test_doing_without_in_one_round_can_seat_two_in_another(drawer: Drawer):
    """Round 2 has seats for all, round 1 has not; leaving
    one seat empty in round 2 gives two more in round 1.
    """
    sessions = tuple(Session(id, id[-1], id[:2], 1) for id in ("r1-a", "r1-b", "r2-a", "r2-b", "r2-c"))
    ann = Attendee("ann", veto=frozenset({"r1-b", "r2-b", "r2-c"}))  # a in both rounds, or nothing
    bob = Attendee("bob", veto=frozenset({"r1-a", "r2-c"}))  # b in round 1 only when a is free in round 2
    cor = Attendee("cor", veto=frozenset({"r1-a", "r1-b", "r2-a", "r2-b"}))  # no seat in round 1 at all
    problem = Problem(("r1", "r2"), sessions, (ann, bob, cor), Rules(seed="s"))
    outcome = drawer.draw(problem)
    assert worth(problem, outcome.assignment)["unseated"] == counted_out(problem)["unseated"] == 2
    assert outcome.assignment["ann"] == {"r1": "r1-a", "r2": None}


def test_too_few_seats_leave_as_few_as_possible_without(drawer: Drawer):
    problem = replace(three(), attendees=tuple(Attendee(f"p{n}", SAME) for n in range(5)))
    outcome = drawer.draw(problem)
    assert worth(problem, outcome.assignment)["unseated"] == 4
    assert check(problem, outcome.assignment) == []


def test_better_none_than_one_outside_the_list_when_so_decided(drawer: Drawer):
    people = (Attendee("ann", {"r1": ("a",)}), Attendee("bob", {"r1": ("a",)}))
    problem = Problem(("r1",), ABC[:3], people, Rules(seed="s"))
    assert sorted(str(m["r1"]) for m in drawer.draw(problem).assignment.values())[0] == "a"
    strict = replace(problem, rules=replace(problem.rules, fallback="none"))
    assert sorted(str(m["r1"]) for m in drawer.draw(strict).assignment.values()) == ["None", "a"]


def test_a_session_under_its_minimum_is_cancelled_and_its_people_sit_elsewhere(drawer: Drawer):
    sessions = (Session("a", "a", "r1", 3, 3), Session("b", "b", "r1", 3))
    people = (Attendee("ann", {"r1": ("a", "b")}), Attendee("bob", {"r1": ("b", "a")}))
    problem = Problem(("r1",), sessions, people, Rules(seed="s"))
    outcome = drawer.draw(problem)
    assert outcome.cancelled == ("a",)
    assert {mine["r1"] for mine in outcome.assignment.values()} == {"b"}


def test_fixed_seats_stay_and_vetoes_hold(drawer: Drawer):
    ann, cor = Attendee("ann", SAME, fixed={"r1": "c"}), Attendee("cor", SAME, frozenset({"r2"}))
    problem = Problem(
        ("r1", "r2"), ABC, (ann, Attendee("bob", SAME, veto=frozenset({"a"})), cor), Rules(seed="s")
    )
    given = drawer.draw(problem).assignment
    assert (given["ann"]["r1"], given["bob"]["r1"], given["cor"]) == ("c", "b", {"r1": "a"})


def test_colleagues_are_spread_when_asked(drawer: Drawer):
    sessions = tuple(Session(id, id, "r1", 2) for id in "abc")
    people = tuple(Attendee(f"p{n}", {}, group="zutphen" if n < 3 else None) for n in range(6))
    problem = Problem(("r1",), sessions, people, Rules(seed="s", spread_groups=True))
    given = drawer.draw(problem).assignment
    assert {given[f"p{n}"]["r1"] for n in range(3)} == {"a", "b", "c"}


def test_most_first_choices_is_a_policy_with_its_price(drawer: Drawer):
    problem = crowd(120)
    fair = drawer.draw(problem).assignment
    keen = drawer.draw(replace(problem, rules=replace(problem.rules, policy="first_choices"))).assignment
    firsts = [sum(ranks.get(0, 0) for ranks in profile(problem, given).values()) for given in (fair, keen)]
    squares = [worth(problem, given)["squares"] for given in (fair, keen)]
    assert firsts[0] <= firsts[1]
    assert squares[0] <= squares[1]


def test_after_cancelling_only_those_who_were_hit_move(drawer: Drawer):
    problem = crowd(100, tight=False)
    before = drawer.draw(problem).assignment
    gone = max(problem.sessions, key=lambda s: s.capacity).id
    mended = without(problem, before, [gone])
    after = drawer.draw(mended).assignment
    hit = {id for id, mine in before.items() if gone in mine.values()}
    assert check(mended, after) == []
    assert set(changed(before, after)) == hit


def test_who_comes_late_gets_the_best_that_is_free_and_nobody_moves(drawer: Drawer):
    problem = crowd(50)
    given = drawer.draw(problem).assignment
    late = Attendee("late", problem.attendees[0].choices)
    mine = insert(problem, given, late)
    whole = replace(problem, attendees=(*problem.attendees, late))
    assert check(whole, {**given, "late": mine}) == []


def test_everybody_can_read_why(drawer: Drawer):
    problem = three()
    given = drawer.draw(problem).assignment
    for attendee in problem.attendees:
        for reason in explain(problem, given, attendee.id):
            wishes = SAME[reason.round]
            assert reason.session == wishes[reason.rank or 0]
            assert [(b.session, b.capacity, b.wanted) for b in reason.better] == [
                (s, 1, 3) for s in wishes[: reason.rank]
            ]


@pytest.mark.parametrize(
    ("mine", "rule"),
    [
        ({"r1": "a", "r2": "a"}, "unknown"),
        ({"r1": "zzz"}, "unknown"),
        ({"r1": "b", "r2": "d"}, "veto"),
        ({"r1": "c", "r2": "d"}, "absent"),
        ({"r2": "d"}, "unseated"),
        ({"r1": "a", "r2": "again"}, "twice"),
    ],
)
def test_a_wrong_outcome_is_seen(mine: dict[str, str], rule: str):
    sessions = (*ABC, Session("again", "a", "r2", 1))
    absent = frozenset({"r2"}) if rule == "absent" else frozenset()
    ann = Attendee("ann", SAME, absent, veto=frozenset({"b"}))
    problem = Problem(("r1", "r2"), sessions, (ann,), Rules())
    assert rule in {violation.rule for violation in check(problem, {"ann": mine})}


def test_too_many_in_a_session_or_too_few_are_seen():
    sessions = (Session("a", "a", "r1", 1), Session("b", "b", "r1", 5, 2))
    people = tuple(Attendee(id) for id in "xyz")
    problem = Problem(("r1",), sessions, people, Rules())
    broken = check(problem, {"x": {"r1": "a"}, "y": {"r1": "a"}, "z": {"r1": "b"}})
    assert {violation.rule for violation in broken} == {"capacity", "minimum"}
    double = replace(problem, attendees=(Attendee("x", fixed={"r1": "a"}), Attendee("y", fixed={"r1": "a"})))
    assert [violation.rule for violation in impossible(double)] == ["capacity"]


def test_an_instance_comes_back_as_it_was():
    problem = small(7, minimums=True, groups=True)
    again = problem_of(json.loads(json.dumps(instance_of(problem))))
    assert instance_of(again) == instance_of(problem)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other/1"}, "format"),
        ({"extra": 1}, "nobody knows what extra means"),
        ({"sessions": [{"id": "a", "workshop": "a", "round": "r9", "capacity": 1}]}, "no round r9"),
        ({"sessions": [{"id": "a", "workshop": "a", "round": "r1", "capacity": -1}]}, "capacity"),
        ({"sessions": [{"id": "a", "workshop": "a", "round": "r1", "capacity": True}]}, "capacity"),
        ({"attendees": [{"id": "x", "choices": {"r1": ["nope"]}}]}, "no session nope"),
        ({"attendees": [{"id": "x", "choices": {"r1": ["a", "a"]}}]}, "twice"),
        ({"attendees": [{"id": "x"}, {"id": "x"}]}, "same id"),
        ({"attendees": [{"id": "x", "fixed": {"r1": "d"}}]}, "no session d in r1"),
        ({"attendees": "x"}, "list"),
        ({"rules": {"fallback": "maybe"}}, "fallback"),
        ({"rules": {"policy": "whim"}}, "policy"),
        ({"rules": {"colour": 1}}, "colour"),
        ({"rounds": ["r1", "r1"]}, "twice"),
    ],
)
def test_a_wrong_instance_is_refused_in_a_sentence(change: dict[str, Any], words: str):
    with pytest.raises(NotAnInstance, match=words):
        problem_of(instance_of(three()) | change)
    assert problem_of(instance_of(three()) | {"_note": 1, "proven": True}).session.keys() == set("abcdef")


def test_a_machine_draws_and_an_auditor_verifies(tmp_path: Path):
    instance, result, audit = (tmp_path / name for name in ("instance.json", "result.json", "audit.json"))
    plain = instance_of(crowd(40))
    instance.write_text(json.dumps(plain))
    run = CliRunner()
    said = run.invoke(cli.draw, [str(instance), str(result), "--seed", "lot"])
    assert said.exit_code == 0, said.output
    assert "proven: yes" in said.output
    told = json.loads(result.read_text())
    drawn = problem_of({**plain, "rules": {**plain["rules"], "seed": "lot"}})
    assert check(drawn, outcome_of(told).assignment) == []
    for name, value in worth(drawn, outcome_of(told).assignment).items():
        assert f"{name}: {value}" in said.output

    whole = {"instance": instance_of(drawn), "result": told, "commitment": commitment("lot")}
    audit.write_text(json.dumps(whole))
    assert "Verified: 40 people" in run.invoke(cli.verify_draw, [str(audit)]).output
    ids = sorted(told["assignment"])
    one, two = next(
        (a, b) for a, b in permutations(ids, 2) if told["assignment"][a]["r1"] != told["assignment"][b]["r1"]
    )
    rows = told["assignment"]
    rows[one]["r1"], rows[two]["r1"] = rows[two]["r1"], rows[one]["r1"]
    audit.write_text(json.dumps(whole))
    tampered = run.invoke(cli.verify_draw, [str(audit)])
    assert tampered.exit_code == 1
    audit.write_text(json.dumps({**whole, "commitment": commitment("other")}))
    assert "committed" in run.invoke(cli.verify_draw, [str(audit)]).output


@pytest.mark.parametrize("text", ["", "[]", '{"format": "x"}', "{"])
def test_a_machine_reads_what_is_wrong(tmp_path: Path, text: str):
    instance = tmp_path / "instance.json"
    instance.write_text(text)
    said = CliRunner().invoke(cli.draw, [str(instance), str(tmp_path / "out.json")])
    assert said.exit_code == 1
    assert said.output.startswith("Error: ")
    assert not (tmp_path / "out.json").exists()


def test_when_the_time_is_over_the_best_that_is_known_is_not_called_proven(drawer: Drawer):
    problem = crowd(400)
    answer = drawer.ask(instance_of(problem) | {"_time_limit": 0.02})
    outcome = outcome_of(answer)
    assert not outcome.proven
    assert check(problem, outcome.assignment) == []


@pytest.mark.parametrize("module", ["app", "learning.cli", "learning.lottery.rules"])
def test_the_solver_is_loaded_by_its_own_program_alone(module: str):
    code = (
        f"import sys, {module}; sys.exit(any(name in sys.modules "
        "for name in ('highspy', 'numpy', 'ortools')))"
    )
    env = {"LEERKRING_SECRET_KEY": "x" * 40, "PATH": "/usr/bin", "LEERKRING_INSTANCE": "/tmp/none"}
    root = Path(cli.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]


def extreme(what: str) -> Problem:
    """A draw at the edge of what makes sense."""
    people = tuple(Attendee(f"p{n}", SAME) for n in range(3))
    empty = tuple(replace(session, capacity=0) for session in ABC)
    needed = tuple(replace(session, capacity=3, min_attendance=3) for session in ABC)
    everything = frozenset(session.id for session in ABC)
    rounds = ("r1", "r2")
    return {
        "nobody": Problem(rounds, ABC, ()),
        "nobody and nothing": Problem(rounds, (), ()),
        "no session": Problem(rounds, (), tuple(replace(a, choices={}) for a in people)),
        "no place": Problem(rounds, empty, people),
        "everything refused": Problem(
            rounds, ABC, tuple(replace(a, choices={}, veto=everything) for a in people)
        ),
        "one session": Problem(("r1",), ABC[:1], tuple(replace(a, choices={"r1": ("a",)}) for a in people)),
        "more needed than come": Problem(rounds, needed, people[:2]),
        "no wishes": Problem(rounds, ABC, tuple(replace(a, choices={}) for a in people)),
        "absent": Problem(rounds, ABC, tuple(replace(a, absent=frozenset(rounds)) for a in people)),
    }[what]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(
    ("what", "seated"),
    [
        ("nobody", 0), ("nobody and nothing", 0), ("no session", 0), ("no place", 0),
        ("everything refused", 0),
        ("one session", 1), ("more needed than come", 0), ("no wishes", 6), ("absent", 0),
    ],
)  # fmt: skip
def test_extremes_give_an_outcome_and_no_error(drawer: Drawer, what: str, seated: int, policy: str):
    problem = extreme(what)
    outcome = drawer.draw(replace(problem, rules=Rules(policy, seed="s")))
    assert outcome.proven
    assert check(problem, outcome.assignment) == []
    assert (
        sum(session is not None for mine in outcome.assignment.values() for session in mine.values())
        == seated
    )
    assert all(isinstance(explain(problem, outcome.assignment, a.id), tuple) for a in problem.attendees)
