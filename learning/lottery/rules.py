"""The fair draw in plain values: what everybody wants, what
an outcome is worth, what it may never do, and why it came so.

Nothing here knows a database, a clock, chance or a solver (`drawing.py` is the
program that finds the best outcome). The same problem and seed give the same
outcome whatever the order of rows, the machine or the number of processors.

Points of a person in a round: 0 for the first choice, 1 for the second and so on. A seat outside the own list
counts as many points as the list is long, and `unlisted_penalty` more when the list is at least
`required_choices` long, so that a short list never helps. No seat counts one more than that. Who has no list
for a round has no points with a seat and 1 without.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

POLICIES = ("balanced", "leximin", "first_choices")
FALLBACKS = ("any", "none")
Assignment = Mapping[str, Mapping[str, str | None]]  # person, round: session; None or nothing is no seat
HASH_BITS = 20


@dataclass(frozen=True)
class Session:
    """One giving of a workshop. With a minimum it takes place with at least so many, or not at all."""

    id: str
    workshop: str
    round: str
    capacity: int
    min_attendance: int = 0


@dataclass(frozen=True)
class Attendee:
    """Somebody with ranked wishes for each round, best first; `fixed` seats stay, a `veto` is never given."""

    id: str
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    veto: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rules:
    """How the draw decides; `seed` makes lots reproducible."""

    policy: str = "balanced"
    required_choices: int = 3
    unlisted_penalty: int = 1
    fallback: str = "any"
    seed: str = ""
    spread_groups: bool = False


@dataclass(frozen=True)
class Problem:
    """A whole draw: rounds in order, sessions, people and rules."""

    rounds: tuple[str, ...]
    sessions: tuple[Session, ...]
    attendees: tuple[Attendee, ...]
    rules: Rules = Rules()
    name: str = ""

    @cached_property
    def session(self) -> dict[str, Session]:
        """The sessions by id."""
        return {session.id: session for session in self.sessions}

    @cached_property
    def attendee(self) -> dict[str, Attendee]:
        """The people by id."""
        return {attendee.id: attendee for attendee in self.attendees}

    @cached_property
    def of_round(self) -> dict[str, tuple[Session, ...]]:
        """The sessions of each round, in order of their id."""
        ordered = sorted(self.sessions, key=lambda session: session.id)
        return {round: tuple(s for s in ordered if s.round == round) for round in self.rounds}

    @cached_property
    def lot(self) -> dict[str, int]:
        """The number that each person drew: 1 comes first when all else is equal."""
        ordered = sorted((_sha(f"{self.rules.seed}|{a.id}"), a.id) for a in self.attendees)
        return {id: number for number, (_hash, id) in enumerate(ordered, start=1)}

    def weight(self, attendee: str) -> int:
        """How much the points of this person count in the stage of the lot."""
        return len(self.attendees) + 1 - self.lot[attendee]

    def tie(self, attendee: str, session: str) -> int:
        """A number that settles what nothing else does; from the seed, a person and a session."""
        return int(_sha(f"{self.rules.seed}|{attendee}|{session}")[:8], 16) >> (32 - HASH_BITS)

    def present(self, attendee: Attendee) -> tuple[str, ...]:
        """The rounds in which somebody takes part."""
        return tuple(round for round in self.rounds if round not in attendee.absent)

    def points(self, attendee: Attendee, round: str, session: str | None) -> int:
        """What this seat, or no seat, counts for this person in this round."""
        wishes = attendee.choices.get(round, ())
        if session is not None and session in wishes:
            return wishes.index(session)
        if not wishes:
            return 0 if session is not None else 1
        outside = len(wishes)
        if outside >= self.rules.required_choices:
            outside += self.rules.unlisted_penalty
        return outside if session is not None else outside + 1

    def allows(self, attendee: Attendee, session: Session) -> bool:
        """Whether somebody may have a seat here at all, other seats left aside."""
        wishes = attendee.choices.get(session.round, ())
        listed = session.id in wishes or not wishes or self.rules.fallback == "any"
        return (
            listed
            and session.round not in attendee.absent
            and session.id not in attendee.veto
            and session.capacity > 0
        )


@dataclass(frozen=True)
class Violation:
    """A rule that an outcome breaks: which one, by whom or where, in words."""

    rule: str
    attendee: str = ""
    session: str = ""
    words: str = ""


@dataclass(frozen=True)
class Outcome:
    """Who sits where. `proven`: nothing better exists, stage by stage as `stages` says."""

    assignment: dict[str, dict[str, str | None]]
    cancelled: tuple[str, ...] = ()
    proven: bool = False
    stages: tuple[dict[str, Any], ...] = ()


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def seats(problem: Problem, assignment: Assignment) -> dict[str, list[str]]:
    """Who sits in each session."""
    found: dict[str, list[str]] = {session.id: [] for session in problem.sessions}
    for attendee in problem.attendees:
        for session in assignment.get(attendee.id, {}).values():
            if session is not None and session in found:
                found[session].append(attendee.id)
    return found


def total(problem: Problem, attendee: Attendee, mine: Mapping[str, str | None]) -> int:
    """The points of somebody over all rounds in which they take part."""
    return sum(problem.points(attendee, round, mine.get(round)) for round in problem.present(attendee))


def cancelled_in(problem: Problem, assignment: Assignment) -> tuple[str, ...]:
    """The sessions with a minimum that nobody got: they do not take place."""
    load = seats(problem, assignment)
    return tuple(sorted(s.id for s in problem.sessions if s.min_attendance > 0 and not load[s.id]))


def worth(problem: Problem, assignment: Assignment) -> dict[str, int]:
    """What an outcome is worth by the policy of the rules: stages in order, each better when lower."""
    totals = {a.id: total(problem, a, assignment.get(a.id, {})) for a in problem.attendees}
    ranks: Counter[int] = Counter()
    unseated = unlisted = 0
    for attendee in problem.attendees:
        mine = assignment.get(attendee.id, {})
        for round in problem.present(attendee):
            session, wishes = mine.get(round), attendee.choices.get(round, ())
            unseated += session is None
            if session is not None and wishes:
                unlisted += session not in wishes
                if session in wishes:
                    ranks[wishes.index(session)] += 1
    most = max(totals.values(), default=0)
    stages = {"unseated": unseated, "cancelled": len(cancelled_in(problem, assignment)), "max": most}
    match problem.rules.policy:
        case "leximin":
            stages |= {
                f"at {points}": sum(t == points for t in totals.values()) for points in range(most, 0, -1)
            }
            stages["unlisted"] = unlisted
        case "first_choices":
            longest = max((len(w) for a in problem.attendees for w in a.choices.values()), default=0)
            stages |= {"unlisted": unlisted} | {f"choice {rank + 1}": -ranks[rank] for rank in range(longest)}
        case _:
            stages |= {"squares": sum(t * t for t in totals.values()), "unlisted": unlisted}
    if problem.rules.spread_groups:
        stages["together"] = together(problem, assignment)
    stages["lottery"] = sum(problem.weight(id) * points for id, points in totals.items())
    given = ((a.id, s) for a in problem.attendees for s in assignment.get(a.id, {}).values() if s is not None)
    stages["tie"] = sum(problem.tie(id, session) for id, session in given)
    return stages


def together(problem: Problem, assignment: Assignment) -> int:
    """How many colleagues sit where another of their group sits already."""
    found: Counter[tuple[str, str]] = Counter()
    for attendee in problem.attendees:
        if attendee.group is not None:
            found.update(
                (attendee.group, s) for s in assignment.get(attendee.id, {}).values() if s is not None
            )
    return sum(count - 1 for count in found.values())


def check(problem: Problem, assignment: Assignment) -> list[Violation]:
    """Every rule that an outcome breaks, found without the solver; nothing is kept that breaks one."""
    broken: list[Violation] = []
    for id in sorted(set(assignment) - set(problem.attendee)):
        broken.append(Violation("unknown", id, words="nobody with this id"))
    for attendee in problem.attendees:
        broken += _check_person(problem, attendee, assignment.get(attendee.id, {}))
    load = seats(problem, assignment)
    for session in problem.sessions:
        count = len(load[session.id])
        if count > session.capacity:
            broken.append(
                Violation("capacity", "", session.id, f"{count} seats given, {session.capacity} there are")
            )
        if 0 < count < session.min_attendance:
            broken.append(
                Violation("minimum", "", session.id, f"{count} people, {session.min_attendance} are needed")
            )
    free = {
        s.id
        for s in problem.sessions
        if len(load[s.id]) < s.capacity and (load[s.id] or not s.min_attendance)
    }
    for attendee in problem.attendees:
        mine = assignment.get(attendee.id, {})
        for round in problem.present(attendee):
            could = [
                s.id for s in problem.of_round[round] if s.id in free and fits(problem, attendee, s, mine)
            ]
            if mine.get(round) is None and could:
                broken.append(Violation("unseated", attendee.id, could[0], "no seat, and here is a free one"))
    return broken


def fits(problem: Problem, attendee: Attendee, session: Session, mine: Mapping[str, str | None]) -> bool:
    """Whether somebody may sit here beside the seats of
    other rounds: allowed, and not the same workshop again.
    """
    others = {
        problem.session[s].workshop for r, s in mine.items() if s in problem.session and r != session.round
    }
    return problem.allows(attendee, session) and session.workshop not in others


def _check_person(problem: Problem, attendee: Attendee, mine: Mapping[str, str | None]) -> list[Violation]:
    broken: list[Violation] = []
    workshops: Counter[str] = Counter()
    for round, id in mine.items():
        if id is None:
            continue
        session = problem.session.get(id)
        if session is None or session.round != round:
            broken.append(Violation("unknown", attendee.id, id, "no such session in this round"))
            continue
        workshops[session.workshop] += 1
        if round in attendee.absent:
            broken.append(Violation("absent", attendee.id, id, "a seat where the person is not"))
        if attendee.fixed.get(round) == id:
            continue
        if id in attendee.veto:
            broken.append(Violation("veto", attendee.id, id, "a session that the person refused"))
        elif round not in attendee.absent and not problem.allows(attendee, session):
            broken.append(
                Violation("unlisted", attendee.id, id, "a session outside the list, where none is better")
            )
    for round, id in attendee.fixed.items():
        if mine.get(round) != id:
            broken.append(Violation("fixed", attendee.id, id, "a fixed seat is not there"))
    for workshop, count in workshops.items():
        if count > 1:
            broken.append(Violation("twice", attendee.id, "", f"workshop {workshop} {count} times"))
    return broken


def impossible(problem: Problem) -> list[Violation]:
    """What no draw can mend: fixed seats that break a rule among themselves."""
    alone = {a.id: dict(a.fixed) for a in problem.attendees}
    hard = ("unknown", "absent", "twice", "capacity")
    return [violation for violation in check(problem, alone) if violation.rule in hard]


def by_order(
    problem: Problem, order: Sequence[str], *, snake: bool = False
) -> dict[str, dict[str, str | None]]:
    """One after the other takes the best free seat, round
    by round: what coming first gives, or a plain lottery.

    `snake` turns the order around in every second round. The simplest rule there is, to compare with.
    """
    load = Counter(id for a in problem.attendees for id in a.fixed.values())
    given: dict[str, dict[str, str | None]] = {a.id: dict(a.fixed) for a in problem.attendees}
    for number, round in enumerate(problem.rounds):
        turn = reversed(order) if snake and number % 2 else iter(order)
        for id in turn:
            attendee, mine = problem.attendee[id], given[id]
            if round in attendee.absent or round in mine:
                continue
            mine[round] = _best_free(problem, attendee, round, mine, load)
            if mine[round] is not None:
                load[str(mine[round])] += 1
    return given


def insert(problem: Problem, assignment: Assignment, attendee: Attendee) -> dict[str, str | None]:
    """The best free seats for somebody who comes late; nobody else moves."""
    load = Counter({id: len(people) for id, people in seats(problem, assignment).items()})
    mine: dict[str, str | None] = dict(attendee.fixed)
    for round in problem.present(attendee):
        if round not in mine:
            mine[round] = _best_free(problem, attendee, round, mine, load)
    return mine


def _best_free(
    problem: Problem, attendee: Attendee, round: str, mine: Mapping[str, str | None], load: Mapping[str, int]
) -> str | None:
    """The best session of a round with a free chair; among unlisted ones the emptiest."""
    free = [
        s
        for s in problem.of_round[round]
        if load.get(s.id, 0) < s.capacity and fits(problem, attendee, s, mine)
    ]

    def order(session: Session) -> tuple[int, float, str]:
        return (
            problem.points(attendee, round, session.id),
            load.get(session.id, 0) / session.capacity,
            session.id,
        )

    return min(free, key=order).id if free else None


def digest(problem: Problem) -> str:
    """A hash of all that a draw depends on, the same whatever the order of rows."""
    from learning.lottery.exchange import instance_of

    return _sha(json.dumps(instance_of(problem), sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def commitment(seed: str) -> str:
    """What is published of the seed before the deadline:
    whoever sees the seed later can check that it is the same.
    """
    return _sha(seed)
