"""What a draw did for whom and why, and what another decision would change."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from learning.lottery.rules import Assignment, Problem, insert, seats


def effect_of_cancelling(problem: Problem, assignment: Assignment, session: str) -> tuple[int, int, int]:
    """What becomes of the people of a session when it is cancelled and nobody else moves:
    how many get another wish of theirs, how many a seat outside their list, how many none.

    Best free seats, in the order of the lot.
    """
    hit = sorted(seats(problem, assignment)[session], key=lambda id: problem.lot[id])
    mended = without(problem, assignment, [session])
    given: dict[str, Mapping[str, str | None]] = {
        id: mine for id, mine in assignment.items() if id not in hit
    }
    listed = outside = nothing = 0
    for id in hit:
        attendee = mended.attendee[id]
        given[id] = mine = insert(mended, given, attendee)
        now = mine.get(problem.session[session].round)
        listed += now is not None and now in attendee.choices.get(problem.session[session].round, ())
        nothing += now is None
        outside += now is not None and now not in attendee.choices.get(problem.session[session].round, ())
    return listed, outside, nothing


@dataclass(frozen=True)
class Better:
    """A wish that was not fulfilled: how many seats there were,
    how many had it in their list and how many as their first.
    """

    session: str
    capacity: int
    wanted: int
    first: int


@dataclass(frozen=True)
class Reason:
    """What somebody got in a round, the place it had in the own
    list (0 is the first; None: not in it), and why not more.
    """

    round: str
    session: str | None
    rank: int | None
    fixed: bool
    better: tuple[Better, ...]


def explain(problem: Problem, assignment: Assignment, attendee_id: str) -> tuple[Reason, ...]:
    """For each round of this person what it became and, of every better wish, how much it was wanted."""
    attendee, mine = problem.attendee[attendee_id], assignment.get(attendee_id, {})
    reasons = []
    for round in problem.present(attendee):
        wishes, got = attendee.choices.get(round, ()), mine.get(round)
        rank = wishes.index(got) if got in wishes else None
        better = wishes[:rank] if rank is not None else wishes
        said = tuple(Better(id, problem.session[id].capacity, *wanted(problem)[id]) for id in better)
        reasons.append(Reason(round, got, rank, round in attendee.fixed, said))
    return tuple(reasons)


def wanted(problem: Problem) -> dict[str, tuple[int, int]]:
    """For each session how many people have it in their list, and how many as their first choice."""
    kept: dict[str, tuple[int, int]] | None = problem.__dict__.get("_wanted")
    if kept is None:
        listed: Counter[str] = Counter()
        first: Counter[str] = Counter()
        for attendee in problem.attendees:
            for round in problem.present(attendee):
                wishes = attendee.choices.get(round, ())
                listed.update(wishes)
                first.update(wishes[:1])
        kept = {session.id: (listed[session.id], first[session.id]) for session in problem.sessions}
        problem.__dict__["_wanted"] = kept
    return kept


def changed(before: Assignment, after: Assignment) -> dict[str, tuple[str, ...]]:
    """The rounds in which people sit elsewhere than before; only people of both."""
    found: dict[str, tuple[str, ...]] = {}
    for id in sorted(set(before) & set(after)):
        rounds = sorted(set(before[id]) | set(after[id]))
        other = tuple(round for round in rounds if before[id].get(round) != after[id].get(round))
        if other:
            found[id] = other
    return found


def without(problem: Problem, assignment: Assignment, cancelled: Iterable[str]) -> Problem:
    """The problem of mending an outcome after these sessions
    were cancelled: everybody else's seats are fixed.
    """
    gone = set(cancelled)
    people = []
    for attendee in problem.attendees:
        kept = {r: s for r, s in assignment.get(attendee.id, {}).items() if s is not None and s not in gone}
        choices = {r: tuple(s for s in wishes if s not in gone) for r, wishes in attendee.choices.items()}
        people.append(replace(attendee, fixed=kept, choices=choices))
    sessions = tuple(session for session in problem.sessions if session.id not in gone)
    return replace(problem, sessions=sessions, attendees=tuple(people))


def profile(problem: Problem, assignment: Assignment) -> dict[str, dict[int | None, int]]:
    """For each round how many people have their first wish (0),
    second (1) and so on; None: outside the list or no seat.
    """
    found: dict[str, Counter[int | None]] = defaultdict(Counter)
    for attendee in problem.attendees:
        for round in problem.present(attendee):
            wishes, got = attendee.choices.get(round, ()), assignment.get(attendee.id, {}).get(round)
            if wishes:
                found[round][wishes.index(got) if got in wishes else None] += 1
    return {round: dict(found[round]) for round in problem.rounds}


def low_everywhere(problem: Problem, assignment: Assignment) -> int:
    """How many people have nothing better than a third choice in any round."""
    found = 0
    for a in problem.attendees:
        rounds = problem.present(a)
        mine = assignment.get(a.id, {})
        found += bool(rounds) and all(problem.points(a, round, mine.get(round)) >= 2 for round in rounds)
    return found
