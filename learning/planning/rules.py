"""Which session in which round and room: the question in
plain values, what a plan costs, and what makes it impossible.

Finding the best plan is the work of `solving.py`, in a process of its own; this page only says what is good.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

Spot = tuple[int | None, int | None]  # round and room; no round is not placed
Plan = dict[int, Spot]


@dataclass(frozen=True)
class Slot:
    """A round: the rounds that overlap with it in time
    (itself not named), and the rooms that its venue has.
    """

    id: int
    meets: tuple[int, ...] = ()
    rooms: tuple[int, ...] = ()
    online: bool = False


@dataclass(frozen=True)
class Giving:
    """A session.

    `people` is how many are expected, None when nobody knows; `fixed` stays where it is (`at`),
    `only` names the rounds where it may go (none is all), `weight` how much it hurts to move it.
    """

    id: int
    workshop: int
    hosts: tuple[int, ...] = ()
    theme: int | None = None
    people: int | None = None
    at: Spot = (None, None)
    fixed: bool = False
    only: tuple[int, ...] = ()
    weight: int = 1


@dataclass(frozen=True)
class Problem:
    """What is to be placed.

    `away` names hosts and the rounds in which they cannot; `together` how many people want two workshops
    both; `calm` says that moving what has a place is worse than anything but leaving something out.
    """

    slots: tuple[Slot, ...]
    rooms: dict[int, int | None]  # how many people fit
    givings: tuple[Giving, ...]
    away: tuple[tuple[int, int], ...] = ()
    together: tuple[tuple[int, int, int], ...] = ()
    calm: bool = False
    seed: int = 1


@dataclass(frozen=True)
class Cost:
    """What is wrong with a plan, in the order in which it weighs."""

    unplaced: int = 0
    clashes: int = 0  # hosts at two places, hosts away, rooms used twice, a workshop twice at one time
    roomless: int = 0  # sessions in a round on the spot without a room
    standing: int = 0  # people expected who do not fit in the room
    uneven: int = 0  # sessions of a theme above its fair share of a round
    parallel: int = 0  # people who want two workshops and find them given only at one time
    moved: int = 0  # sessions that had a place and get another, by their weight


@dataclass(frozen=True)
class Found:
    """A plan with what is known of it: `proven` says that no plan is better in any stage."""

    plan: Plan
    proven: bool
    stages: tuple[dict[str, Any], ...] = field(default=())


def problem_from(plain: Mapping[str, Any]) -> Problem:
    """The problem from its JSON."""
    return Problem(
        slots=tuple(Slot(s["id"], tuple(s["meets"]), tuple(s["rooms"]), s["online"]) for s in plain["slots"]),
        rooms={int(id): size for id, size in plain["rooms"].items()},
        givings=tuple(
            Giving(
                **{**g, "hosts": tuple(g["hosts"]), "at": (g["at"][0], g["at"][1]), "only": tuple(g["only"])}
            )
            for g in plain["givings"]
        ),
        away=tuple((a, b) for a, b in plain["away"]),
        together=tuple((a, b, c) for a, b, c in plain["together"]),
        calm=plain["calm"],
        seed=plain["seed"],
    )


def plan_of(problem: Problem) -> Plan:
    """Where everything is now."""
    return {giving.id: giving.at for giving in problem.givings}


def share(problem: Problem) -> dict[int, int]:
    """How many sessions of each theme fit in a round when they are spread fairly."""
    count: dict[int, int] = defaultdict(int)
    for giving in problem.givings:
        if giving.theme is not None:
            count[giving.theme] += 1
    rounds = max(len(problem.slots), 1)
    return {theme: -(-number // rounds) for theme, number in count.items()}


def cost(problem: Problem, plan: Plan) -> Cost:
    """What is wrong with this plan. Sessions without a round count as not placed and nowhere else."""
    slots = {slot.id: slot for slot in problem.slots}
    placed = [(giving, *plan.get(giving.id, (None, None))) for giving in problem.givings]
    here = [(giving, round, room) for giving, round, room in placed if round in slots]
    return Cost(
        unplaced=len(placed) - len(here),
        clashes=_clashes(problem, slots, here),
        roomless=sum(room is None and not slots[round or 0].online for _g, round, room in here),
        standing=sum(
            standing(giving, problem.rooms.get(room)) for giving, _round, room in here if room is not None
        ),
        uneven=_uneven(problem, here),
        parallel=sum(weight for a, b, weight in problem.together if _parallel(problem, slots, here, a, b)),
        moved=sum(
            g.weight
            for g in problem.givings
            if g.at[0] is not None and not _stays(g, plan.get(g.id, (None, None)))
        ),
    )


def _clashes(problem: Problem, slots: dict[int, Slot], here: list[Any]) -> int:
    """Hosts who cannot or are twice at once, rooms taken twice, and workshops given twice in a round."""
    away = set(problem.away)
    clashes = sum((host, round) in away for giving, round, _room in here for host in giving.hosts)
    for (a, ra, ma), (b, rb, mb) in combinations(here, 2):
        if ra == rb or rb in slots[ra or 0].meets:
            clashes += len(set(a.hosts) & set(b.hosts)) + (ma is not None and ma == mb)
            clashes += ra == rb and a.workshop == b.workshop
    return clashes


def _uneven(problem: Problem, here: list[Any]) -> int:
    """How many sessions of a theme there are in rounds above its fair share."""
    fair = share(problem)
    themes = Counter((giving.theme, round) for giving, round, _room in here if giving.theme is not None)
    return sum(
        max(0, number - fair[theme]) for (theme, _round), number in themes.items() if theme is not None
    )


def _stays(giving: Giving, spot: Spot) -> bool:
    """Whether it is where it was; a session that had no room yet stays when it gets one."""
    return spot[0] == giving.at[0] and giving.at[1] in (None, spot[1])


def allowed(problem: Problem, giving: Giving) -> list[Slot]:
    """The rounds where this session may go: its hosts can, and nobody keeps it elsewhere."""
    away = set(problem.away)
    return [
        slot
        for slot in problem.slots
        if (not giving.only or slot.id in giving.only)
        and not any((host, slot.id) in away for host in giving.hosts)
    ]


def standing(giving: Giving, size: int | None) -> int:
    """How many of the people expected do not fit."""
    return max(0, (giving.people or 0) - size) if size is not None else 0


def _parallel(problem: Problem, slots: dict[int, Slot], here: list[Any], a: int, b: int) -> bool:
    """Whether nobody can attend both workshops: each giving
    of the one is at the time of every giving of the other.
    """
    one = [round for giving, round, _room in here if giving.workshop == a]
    other = [round for giving, round, _room in here if giving.workshop == b]
    return bool(one and other) and all(x == y or y in slots[x].meets for x in one for y in other)


def reason(problem: Problem, plan: Plan, id: int) -> str:
    """Why a session has no place: "no_rounds", "host_away"
    (in every round), "workshop_everywhere" or "hosts_busy".
    """
    giving = next(giving for giving in problem.givings if giving.id == id)
    free = {slot.id for slot in allowed(problem, giving)}
    others = {
        plan[g.id][0]
        for g in problem.givings
        if g.workshop == giving.workshop and g.id != id and g.id in plan
    }
    if not problem.slots:
        return "no_rounds"
    if not free:
        return "host_away"
    return "workshop_everywhere" if free <= others else "hosts_busy"


def impossible(problem: Problem, plan: Plan) -> list[str]:
    """What a plan may never do, as codes: nothing when it holds. A solver is not believed on its word."""
    known = {giving.id: giving for giving in problem.givings}
    slots = {slot.id: slot for slot in problem.slots}
    wrong = ["unknown_session" for id in plan if id not in known]
    wrong += ["missing_session" for id in known if id not in plan]
    for id, (round, room) in plan.items():
        if id in known and known[id].fixed and (round, room) != known[id].at:
            wrong.append("fixed_moved")
        elif (
            id in known
            and round is not None
            and not known[id].fixed
            and round not in {s.id for s in allowed(problem, known[id])}
        ):
            wrong.append("unknown_round")
        elif (
            room is not None
            and (round is None or room not in slots[round].rooms)
            and (round, room) != known[id].at
        ):
            wrong.append("unknown_room")
    if not wrong and cost(problem, plan).clashes > cost(problem, _only_fixed(problem)).clashes:
        wrong.append("clash")
    return wrong


def _only_fixed(problem: Problem) -> Plan:
    return {giving.id: giving.at if giving.fixed else (None, None) for giving in problem.givings}


def first_plan(problem: Problem) -> Plan:
    """A plan made by hand, as it were: the biggest first, each where its theme
    and what is wanted with it are fewest, in the smallest room that holds it.

    Where a solver starts.
    """
    plan = _only_fixed(problem)
    slots, fair = {slot.id: slot for slot in problem.slots}, share(problem)
    known = {giving.id: giving for giving in problem.givings}
    wanted: dict[int, dict[int, int]] = defaultdict(dict)
    for a, b, weight in problem.together:
        wanted[a][b] = wanted[b][a] = weight
    here: dict[int, list[Giving]] = {id: [g for g in problem.givings if plan[g.id][0] == id] for id in slots}
    for giving in sorted(problem.givings, key=lambda g: (-(g.people or 0), g.id)):
        choices = []
        for slot in allowed(problem, giving) if not giving.fixed else ():
            beside = [g for id in (slot.id, *slot.meets) if id in here for g in here[id]]
            if any(set(g.hosts) & set(giving.hosts) for g in beside) or any(
                g.workshop == giving.workshop for g in here[slot.id]
            ):
                continue
            taken = {plan[g.id][1] for g in beside}
            rooms = sorted(_fit(problem, giving, room) for room in slot.rooms if room not in taken)
            theme = sum(g.theme == giving.theme for g in here[slot.id]) >= fair.get(
                giving.theme or 0, len(known)
            )
            both = sum(wanted[giving.workshop].get(g.workshop, 0) for g in beside)
            best = rooms[0] if rooms else (0, 0, None)
            moves = giving.at[0] is not None and slot.id != giving.at[0]
            room = (
                giving.at[1]
                if not moves and giving.at[1] in slot.rooms and giving.at[1] not in taken
                else best[2]
            )
            why = (
                problem.calm and moves,
                not rooms and not slot.online,
                best[0],
                theme,
                both,
                moves,
                len(beside),
            )
            choices.append((why, slot.id, room))
        if choices:
            _why, round, room = min(choices, key=lambda choice: choice[:2])
            plan[giving.id] = (round, room)
            here[round].append(giving)
    return plan


def _fit(problem: Problem, giving: Giving, room: int) -> tuple[int, int, int]:
    """How well a room fits: people who stand, then its size; one of unknown size comes last."""
    size = problem.rooms[room]
    return standing(giving, size), size if size is not None else 10**6, room
