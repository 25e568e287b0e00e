"""Measures the fair draw on made-up crowds: seconds of processor, memory, whether it is proven, and what simpler rules give.

`python -m bench.draw [--people 300 1000 3000] [--policies]`
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from dataclasses import replace

from learning.choices.allocation import POLICIES, Problem, by_order, check, low_everywhere, profile, total, worth
from learning.choices.exchange import instance_of, outcome_of
from tests.choices.crowds import crowd

COLUMNS = "seats people policy CPU_s MB proven 1st_choices most_points two_low squares first_come lottery"
HEAD = "| " + " | ".join(name.replace("_", " ") for name in COLUMNS.split()) + " |"


def measure(problem: Problem, tight: bool) -> None:
    """Draw in a process of its own and print a line."""
    code = "import resource, sys; from learning.choices.drawing import main; main(); "
    code += "r = resource.getrusage(resource.RUSAGE_SELF); print(r.ru_utime + r.ru_stime, r.ru_maxrss / 1024, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(instance_of(problem)), capture_output=True, text=True, check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    seconds, megabytes = map(float, done.stderr.split("\n")[-2].split())
    outcome = outcome_of(json.loads(done.stdout))
    assert check(problem, outcome.assignment) == []
    order = [attendee.id for attendee in problem.attendees]
    lots = sorted(order, key=lambda id: problem.lot[id])
    squares = [
        sum(total(problem, a, given[a.id]) ** 2 for a in problem.attendees)
        for given in (outcome.assignment, by_order(problem, order), by_order(problem, lots, snake=True))
    ]
    firsts = sum(ranks.get(0, 0) for ranks in profile(problem, outcome.assignment).values())
    most = worth(problem, outcome.assignment)["max"]
    base = max(squares[0], 1)
    cells: list[object] = ["tight" if tight else "typical", len(problem.attendees), problem.rules.policy]
    cells += [f"{seconds:.1f}", f"{megabytes:.0f}"]
    cells += ["yes" if outcome.proven else "no", firsts, most, low_everywhere(problem, outcome.assignment), squares[0]]
    cells += [f"{squares[1] / base:.1f} ×", f"{squares[2] / base:.1f} ×"]
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def main() -> None:
    """Draw some crowds and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=[300, 1000, 3000])
    parser.add_argument("--policies", action="store_true", help="all three, side by side")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(HEAD + "\n|" + "---|" * (HEAD.count("|") - 1))
    for tight in (True, False):
        for people in given.people:
            problem = crowd(people, tight=tight)
            for policy in POLICIES if given.policies else ("balanced",):
                measure(replace(problem, rules=replace(problem.rules, policy=policy)), tight)


if __name__ == "__main__":
    main()
