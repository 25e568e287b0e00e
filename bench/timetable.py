"""Measures the proposal of a grid for a day of 26 sessions:
is it proven best, and in how many seconds of processor.

`python -m bench.timetable [--days 3]`
"""

import argparse
import random
import resource
import statistics
import time

from learning.planning.rules import Plan, Problem, cost, impossible
from learning.planning.solver import solve
from tests.planning.timetables import day_of_26


def at_random(problem: Problem, seed: int) -> Plan:
    """The sessions split over the rounds by lot, nothing else minded."""
    rng = random.Random(seed)
    ids = [giving.id for giving in problem.givings]
    rng.shuffle(ids)
    return {id: (problem.slots[place % len(problem.slots)].id, None) for place, id in enumerate(ids)}


def main() -> None:
    """Solve some days and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=3)
    for people in (300, 3000):
        for seed in range(1, parser.parse_args().days + 1):
            problem = day_of_26(seed, people)
            start = time.process_time()
            found = solve(problem)
            seconds = time.process_time() - start
            lots = [cost(problem, at_random(problem, n)).parallel for n in range(200)]
            wrong = impossible(problem, found.plan)
            print(
                f"{people} people, day {seed}: {seconds:.1f} s, "
                f"{'proven' if found.proven else 'not proven'}, "
                f"{cost(problem, found.plan).parallel} at one time (by lot {statistics.mean(lots):.0f}, "
                f"best of 200 {min(lots)}), rules broken: {wrong or 'none'}"
            )
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
