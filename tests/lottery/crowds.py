"""Draws to try: small ones that one can count out, and crowds like those of a real day."""

import random
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from learning.lottery.rules import Attendee, Problem, Rules, Session, worth

ROUNDS = ("r1", "r2")


def small(seed: int, *, policy: str = "balanced", minimums: bool = False, groups: bool = False) -> Problem:
    """At most four people and six sessions, with all that a draw can hold."""
    luck = random.Random(seed)
    sessions: list[Session] = []
    for round in ROUNDS:
        for workshop in luck.sample(["a", "b", "c", "d"], luck.randint(1, 3)):
            least = luck.choice([0, 0, 2]) if minimums else 0
            sessions.append(Session(f"{round}-{workshop}", workshop, round, luck.randint(0, 2), least))
    people = []
    for number in range(luck.randint(1, 4)):
        choices = {}
        for round in ROUNDS:
            ids = [session.id for session in sessions if session.round == round]
            luck.shuffle(ids)
            choices[round] = tuple(ids[: luck.randint(0, len(ids))])
        absent = frozenset(round for round in ROUNDS if luck.random() < 0.12)
        veto = frozenset(session.id for session in sessions if luck.random() < 0.08)
        group = luck.choice(["g", "h", None]) if groups else None
        people.append(Attendee(f"p{number}", choices, absent, {}, group, veto))
    rules = Rules(
        policy,
        luck.choice([1, 2, 3]),
        luck.choice([0, 1]),
        luck.choice(["any", "any", "none"]),
        str(seed),
        groups,
    )
    return Problem(ROUNDS, tuple(sessions), tuple(people), rules)


def counted_out(problem: Problem) -> dict[str, int]:
    """The worth of the best outcome, found by looking at every one there is."""
    best: dict[str, int] | None = None
    for assignment in _every(problem, 0, {}, {}):
        value = worth(problem, assignment)
        if best is None or tuple(value.values()) < tuple(best.values()):
            best = value
    assert best is not None
    return best


def _every(
    problem: Problem, number: int, given: dict[str, Any], load: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    if number == len(problem.attendees):
        if not any(0 < load.get(s.id, 0) < s.min_attendance for s in problem.sessions):
            yield given
        return
    attendee = problem.attendees[number]
    for mine in _ways(problem, attendee):
        more = dict(load)
        for session in mine.values():
            if session is not None:
                more[session] = more.get(session, 0) + 1
        if all(more.get(s.id, 0) <= s.capacity for s in problem.sessions):
            yield from _every(problem, number + 1, {**given, attendee.id: mine}, more)


def _ways(problem: Problem, attendee: Attendee) -> Iterator[dict[str, str | None]]:
    rows: list[list[str | None]] = []
    for round in problem.present(attendee):
        fixed = attendee.fixed.get(round)
        may = [s.id for s in problem.of_round[round] if problem.allows(attendee, s)]
        rows.append([fixed] if fixed else [*may, None])
    for seats in product(*rows):
        workshops = [problem.session[s].workshop for s in seats if s is not None]
        if len(workshops) == len(set(workshops)):
            yield dict(zip(problem.present(attendee), seats, strict=True))


def crowd(people: int, *, tight: bool = True, seed: int = 1, policy: str = "balanced") -> Problem:
    """13 sessions in each of two rounds, of 23 workshops of
    which three are given twice; three to five wishes a round.

    Some workshops are much more wanted than others (Zipf), people like two of eight themes. Tight: 3 %
    more seats than people and rooms that know nothing of it; else 15 % and rooms that follow a little.
    """
    luck = random.Random(f"{people} {tight} {seed}")
    workshops = [f"w{number:02d}" for number in range(23)]
    wanted = {w: 1 / (n + 1) ** (1.2 if tight else 1.0) for n, w in enumerate(luck.sample(workshops, 23))}
    theme = {w: luck.randrange(8) for w in workshops}
    first = workshops[:13]
    rounds = {"r1": first, "r2": workshops[13:] + luck.sample(first, 3)}
    sessions: list[Session] = []
    for round, given in rounds.items():
        sizes = [luck.lognormvariate(0, 0.5) for _ in given]
        if not tight:
            share = 13 / sum(wanted[w] for w in given)
            sizes = [0.6 * size + 0.4 * share * wanted[w] for size, w in zip(sizes, given, strict=True)]
        seats = round_up(people * (1.03 if tight else 1.15))
        capacities = [max(1, int(seats * size / sum(sizes))) for size in sizes]
        while sum(capacities) < seats:
            capacities[luck.randrange(13)] += 1
        sessions += [Session(f"{round}-{w}", w, round, c) for w, c in zip(given, capacities, strict=True)]
    crowd = []
    for number in range(people):
        likes, choices = set(luck.sample(range(8), 2)), {}
        for round, given in rounds.items():
            left = {w: wanted[w] * (3 if theme[w] in likes else 1) for w in given}
            wishes = []
            for _ in range(luck.choice((3, 4, 5))):
                [wish] = luck.choices(list(left), list(left.values()))
                wishes.append(f"{round}-{wish}")
                del left[wish]
            choices[round] = tuple(wishes)
        crowd.append(Attendee(f"p{number:05d}", choices))
    return Problem(ROUNDS, tuple(sessions), tuple(crowd), Rules(policy, seed=str(seed)))


def round_up(number: float) -> int:
    """The next whole number."""
    return -int(-number // 1)
