"""Timetable problems to solve in tests and measurements."""

import random
from collections import Counter

from learning.planning.rules import Giving, Problem, Slot

ROOM_SIZES = (12, 15, 20, 20, 25, 30, 40, 60)


def day_of_26(seed: int, people: int = 300) -> Problem:
    """A day of two rounds, 13 rooms and 23 workshops of which the three most wanted are given twice.

    Two hosts lead two sessions each, three cannot in one of the rounds. Each person wants
    five workshops, the more popular the likelier; two of them weigh (6 - rank) × (6 - rank).
    """
    rng = random.Random(seed)
    rooms: dict[int, int | None] = {room: rng.choice(ROOM_SIZES) for room in range(1, 14)}
    slots = tuple(Slot(round, (), tuple(rooms)) for round in (1, 2))
    popular = {workshop: 1 / workshop for workshop in range(1, 24)}
    wanted: Counter[int] = Counter()
    together: Counter[tuple[int, int]] = Counter()
    for _person in range(people):
        left, wishes = dict(popular), []
        for _rank in range(5):
            [wish] = rng.choices(list(left), list(left.values()))
            wishes.append(wish)
            del left[wish]
        wanted.update(wishes[:2])
        for i, a in enumerate(wishes):
            for j, b in enumerate(wishes[:i]):
                together[min(a, b), max(a, b)] += (5 - i) * (5 - j)
    twice = {workshop for workshop, _number in wanted.most_common(3)}
    hosts = {4: 100, 9: 100, 7: 101, 12: 101}
    givings: list[Giving] = []
    for workshop in popular:
        for _time in range(2 if workshop in twice else 1):
            people_each = min(wanted[workshop] // (2 if workshop in twice else 1), 60)
            host = (hosts.get(workshop, 110 + workshop),)
            givings.append(Giving(len(givings) + 1, workshop, host, theme=workshop % 6, people=people_each))
    pairs = tuple((a, b, weight) for (a, b), weight in sorted(together.items()))
    return Problem(slots, rooms, tuple(givings), away=((115, 2), (120, 1), (133, 1)), together=pairs)
