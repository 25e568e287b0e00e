"""Measures the fair draw on made-up crowds: seconds of processor,
memory, whether it is proven, and what simpler rules give.

`python -m bench.draw [--people 300 1000 3000] [--policies]`, or
`--goals` for what the draw is held to, beside simpler rules.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from dataclasses import replace

from learning.lottery.exchange import instance_of, outcome_of
from learning.lottery.explaining import low_everywhere, profile
from learning.lottery.rules import POLICIES, Problem, by_order, check, fits, total, worth
from tests.lottery.crowds import crowd
from tests.lottery.drawer import Drawer

Assignment = dict[str, dict[str, str | None]]

COLUMNS = "seats people policy CPU_s MB proven 1st_choices most_points two_low squares first_come lottery"
HEAD = "| " + " | ".join(name.replace("_", " ") for name in COLUMNS.split()) + " |"


def measure(problem: Problem, tight: bool) -> None:
    """Draw in a process of its own and print a line."""
    code = "import resource, sys; from learning.lottery.solver import main; main(); "
    code += "r = resource.getrusage(resource.RUSAGE_SELF); "
    code += "print(r.ru_utime + r.ru_stime, r.ru_maxrss / 1024, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(instance_of(problem)), capture_output=True, text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    seconds, megabytes = map(float, done.stderr.split("\n")[-2].split())
    outcome = outcome_of(json.loads(done.stdout))
    assert check(problem, outcome.assignment) == []
    order = [attendee.id for attendee in problem.attendees]
    lots = sorted(order, key=lambda id: problem.lot[id])
    rules = (outcome.assignment, by_order(problem, order), by_order(problem, lots, snake=True))
    squares = [squares_of(problem, given) for given in rules]
    firsts = firsts_of(problem, outcome.assignment)
    most = worth(problem, outcome.assignment)["max"]
    base = max(squares[0], 1)
    cells: list[object] = ["tight" if tight else "typical", len(problem.attendees), problem.rules.policy]
    cells += [f"{seconds:.1f}", f"{megabytes:.0f}"]
    cells += [
        "yes" if outcome.proven else "no",
        firsts,
        most,
        low_everywhere(problem, outcome.assignment),
        squares[0],
    ]
    cells += [f"{squares[1] / base:.1f} ×", f"{squares[2] / base:.1f} ×"]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def boston(problem: Problem) -> Assignment:
    """All first choices by lot, then all second ones, and
    so on: many first choices, bought with the others' luck.
    """
    lots = sorted(problem.attendee, key=lambda id: problem.lot[id])
    load: Counter[str] = Counter()
    given: dict[str, dict[str, str | None]] = {id: {} for id in lots}
    for rank in range(5):
        for round in problem.rounds:
            for id in lots:
                wishes, mine = problem.attendee[id].choices.get(round, ()), given[id]
                if round in mine or rank >= len(wishes):
                    continue
                session = problem.session[wishes[rank]]
                if load[session.id] < session.capacity and fits(problem, problem.attendee[id], session, mine):
                    mine[round] = session.id
                    load[session.id] += 1
    return filled(problem, given)


def each_round(drawer: Drawer, problem: Problem) -> Assignment:
    """The best of each round by itself; who has the same workshop
    twice by that loses the second and takes what is free.
    """
    given: dict[str, dict[str, str | None]] = {id: {} for id in problem.attendee}
    for round in problem.rounds:
        sessions = tuple(session for session in problem.sessions if session.round == round)
        found = drawer.draw(replace(problem, rounds=(round,), sessions=sessions, attendees=tuple(
            replace(a, choices={round: a.choices.get(round, ())}) for a in problem.attendees
        )))  # fmt: skip
        for id, mine in found.assignment.items():
            session = problem.session.get(mine.get(round) or "")
            if session is not None and fits(problem, problem.attendee[id], session, given[id]):
                given[id][round] = session.id
    return filled(problem, given)


def filled(problem: Problem, given: Assignment) -> Assignment:
    """The same with the best free seat for who has none yet, in the order of the lot."""
    fixed = [
        replace(a, fixed={r: s for r, s in given[a.id].items() if s is not None}) for a in problem.attendees
    ]
    whole = replace(problem, attendees=tuple(fixed))
    return by_order(whole, sorted(problem.attendee, key=lambda id: problem.lot[id]))


def squares_of(problem: Problem, given: Assignment) -> int:
    """The squares of everybody's points."""
    return sum(total(problem, a, given[a.id]) ** 2 for a in problem.attendees)


def firsts_of(problem: Problem, given: Assignment) -> int:
    """How many first choices there are in all rounds."""
    return sum(ranks.get(0, 0) for ranks in profile(problem, given).values())


def goals(people: int) -> None:
    """What the draw is held to, as ratios in one run: figure, goal, measured."""
    drawer = Drawer()
    print("| seats | figure | goal | measured |\n|---|---|---|---|")
    for tight in (True, False):
        problem, kind = crowd(people, tight=tight), "tight" if tight else "typical"
        ours = drawer.draw(problem).assignment
        lots = sorted(problem.attendee, key=lambda id: problem.lot[id])
        first, snake = by_order(problem, list(problem.attendee)), by_order(problem, lots, snake=True)
        by_rank, alone = boston(problem), each_round(drawer, problem)
        simple = min(squares_of(problem, snake), squares_of(problem, by_rank))
        low = low_everywhere(problem, first)
        rows = [
            ("squares of the points, of the best rule without a solver", "≤ 0.50",
            squares_of(problem, ours) / simple),
            ("squares, of the best of each round by itself", "≤ 0.92" if tight else "≤ 1.00",
             squares_of(problem, ours) / squares_of(problem, alone)),
            ("people with nothing better than a third choice, of coming first", "≤ 0.03",
             low_everywhere(problem, ours) / low if low else 0),
            ("first choices, of coming first", "≥ 1.05" if tight else "≥ 1.01",
             firsts_of(problem, ours) / firsts_of(problem, first)),
            ("first choices, of the lottery by rank", "≥ 0.84" if tight else "≥ 0.97",
             firsts_of(problem, ours) / firsts_of(problem, by_rank)),
        ]  # fmt: skip
        for words, goal, figure in rows:
            print(f"| {kind} | {words} | {goal} | {figure:.2f} |", flush=True)
    print(
        f"| tight | of 100 people who name one wish instead of all: better off by it | 0 "
        f"| {profits(drawer)} |"
    )
    drawer.close()


def profits(drawer: Drawer, people: int = 200, tries: int = 100) -> int:
    """How many people would have fewer points, by their
    true wishes, when they named their first ones only.
    """
    problem, found = crowd(people, tight=True), 0
    ours = drawer.draw(problem).assignment
    for number, attendee in enumerate(problem.attendees[:tries]):
        short = list(problem.attendees)
        short[number] = replace(
            attendee, choices={round: wishes[:1] for round, wishes in attendee.choices.items()}
        )
        theirs = drawer.draw(replace(problem, attendees=tuple(short))).assignment
        found += total(problem, attendee, theirs[attendee.id]) < total(problem, attendee, ours[attendee.id])
    return found


def main() -> None:
    """Draw some crowds and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=[300, 1000, 3000])
    parser.add_argument("--policies", action="store_true", help="all three, side by side")
    parser.add_argument("--goals", action="store_true", help="ratios to simpler rules")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if given.goals:
        return goals(1000)
    print(HEAD + "\n|" + "---|" * (HEAD.count("|") - 1))
    for tight in (True, False):
        for people in given.people:
            problem = crowd(people, tight=tight)
            for policy in POLICIES if given.policies else ("balanced",):
                measure(replace(problem, rules=replace(problem.rules, policy=policy)), tight)


if __name__ == "__main__":
    main()
