"""Finds the best plan for a timetable, as a program of its own: a problem as JSON in, a plan as JSON out.

    python -m learning.planning.solver < problem.json > plan.json

The only page that knows the solver (OR-Tools CP-SAT). One worker, a seed and a limit in deterministic time:
the same problem gives the same plan with the same version of the library; other versions may choose another
of equal worth, so the plan is kept, never computed again. How far it is goes to the error stream, a line of
JSON for each stage.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ortools.sat.python import cp_model

from learning.kit.lifeline import end_with_parent
from learning.planning.rules import (
    Found,
    Giving,
    Plan,
    Problem,
    allowed,
    first_plan,
    problem_from,
    share,
    standing,
)

LIMIT = 40.0  # deterministic time for each stage, about as many seconds
Tell = Callable[[dict[str, Any]], None]


def solve(problem: Problem, *, limit: float = LIMIT, tell: Tell = lambda _news: None) -> Found:
    """The plan that is best stage by stage: everything placed, in a room, that fits, themes
    spread, what people want together not at one time, and as little moved as possible.
    """
    model = _Model(problem)
    names = ["roomless", "standing", "uneven", "parallel"]
    names = ["unplaced", "moved", *names] if problem.calm else ["unplaced", *names, "moved"]
    told: list[dict[str, Any]] = []
    for number, name in enumerate(names, start=1):
        tell({"stage": name, "number": number, "of": len(names)})
        told.append({"stage": name} | model.minimise(getattr(model, name)(), problem.seed, limit))
    return Found(model.plan(), all(stage["proven"] for stage in told), tuple(told))


class _Model:
    """The rules as a model of yes and no."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.slots = {slot.id: slot for slot in problem.slots}
        self.inside: dict[tuple[int, int], Any] = {}  # session in round
        self.room: dict[tuple[int, int, int], Any] = {}  # session in round and room
        self.best: dict[int, int] = {}
        fixed = [giving for giving in problem.givings if giving.fixed]
        self.free = [giving for giving in problem.givings if not giving.fixed]
        for giving in self.free:
            may = {slot.id for slot in allowed(problem, giving)}
            for slot in problem.slots:
                name = f"{giving.id} in {slot.id}"
                self.inside[giving.id, slot.id] = here = self.model.new_bool_var(name)
                if slot.id not in may:
                    self.model.add(here == 0)
                rooms = [self._room(giving, slot.id, room) for room in slot.rooms]
                self.model.add(sum(rooms) <= here)
            self.model.add_at_most_one(self.inside[giving.id, slot.id] for slot in problem.slots)
        for giving in fixed:
            for slot in problem.slots:
                self.inside[giving.id, slot.id] = int(giving.at[0] == slot.id)
        self._apart(fixed)
        self.hint(first_plan(problem))

    def hint(self, plan: Plan) -> None:
        """Start from this plan."""
        self.best = {
            var.index: int(plan[id][0] == slot)
            for (id, slot), var in self.inside.items()
            if not isinstance(var, int)
        }
        self.best |= {var.index: int(plan[id] == (slot, room)) for (id, slot, room), var in self.room.items()}

    def _known(self, var: Any) -> int:
        """The value of a variable in the best plan so far."""
        return var if isinstance(var, int) else self.best[var.index]

    def _new(self, name: str, value: int, most: int = 1) -> Any:
        """A variable that has this value in the best plan so far."""
        var = self.model.new_int_var(0, most, name) if most > 1 else self.model.new_bool_var(name)
        self.best[var.index] = value
        return var

    def _room(self, giving: Giving, slot: int, room: int) -> Any:
        self.room[giving.id, slot, room] = var = self.model.new_bool_var(f"{giving.id} in {slot} {room}")
        return var

    def _apart(self, fixed: list[Giving]) -> None:
        """What cannot be at one time: one room, one host, one workshop. What is fixed already counts."""
        pairs = {(a, b) for a in self.slots for b in (a, *self.slots[a].meets) if b in self.slots and a <= b}
        hosts: dict[int, list[Giving]] = defaultdict(list)
        workshops: dict[int, list[Giving]] = defaultdict(list)
        for giving in self.problem.givings:
            workshops[giving.workshop].append(giving)
            for host in set(giving.hosts):
                hosts[host].append(giving)
        for group in hosts.values():
            for a, b in pairs if len(group) > 1 else ():
                self._once([self.inside[g.id, slot] for g in group for slot in {a, b}])
        for group in workshops.values():
            for slot in self.slots if len(group) > 1 else ():
                self._once([self.inside[g.id, slot] for g in group])
        for a, b in pairs:
            for room in set(self.slots[a].rooms) & set(self.slots[b].rooms):
                stands = [int(g.at == (slot, room)) for g in fixed for slot in {a, b}]
                vars = [self.room[g.id, slot, room] for g in self.free for slot in {a, b}]
                self._once([*stands, *vars])

    def _once(self, terms: list[Any]) -> None:
        """At most one of these; where fixed ones break that already, nothing is added to it."""
        stands = sum(term for term in terms if isinstance(term, int))
        vars = [term for term in terms if not isinstance(term, int)]
        if vars:
            self.model.add(sum(vars) <= max(0, 1 - stands))

    def unplaced(self) -> list[tuple[int, Any]]:
        """Sessions without a round."""
        return [(-1, self.inside[g.id, slot]) for g in self.free for slot in self.slots]

    def roomless(self) -> list[tuple[int, Any]]:
        """Sessions in a round that happens in a building, without a room there."""
        terms = []
        for giving in self.free:
            for slot in self.problem.slots:
                if not slot.online:
                    terms.append((1, self.inside[giving.id, slot.id]))
                    terms += [(-1, self.room[giving.id, slot.id, room]) for room in slot.rooms]
        return terms

    def standing(self) -> list[tuple[int, Any]]:
        """People who do not fit."""
        free = {giving.id: giving for giving in self.free}
        short = [
            (standing(free[id], self.problem.rooms[room]), var) for (id, _s, room), var in self.room.items()
        ]
        return [(weight, var) for weight, var in short if weight]

    def uneven(self) -> list[tuple[int, Any]]:
        """Sessions of a theme above its share of a round."""
        terms = []
        for theme, fair in sorted(share(self.problem).items()):
            group = [giving for giving in self.problem.givings if giving.theme == theme]
            for slot in self.slots:
                number = sum(self._known(self.inside[g.id, slot]) for g in group)
                over = self._new(f"over {theme} {slot}", max(0, number - fair), len(group))
                self.model.add(over >= sum(self.inside[g.id, slot] for g in group) - fair)
                terms.append((1, over))
        return terms

    def parallel(self) -> list[tuple[int, Any]]:
        """People who want two workshops that are given at one time only."""
        givings: dict[int, list[Giving]] = defaultdict(list)
        for giving in self.problem.givings:
            givings[giving.workshop].append(giving)
        terms = []
        for a, b, weight in self.problem.together:
            one, other = givings[a], givings[b]
            if not (one and other) or all(g.fixed for g in (*one, *other)):
                continue
            clash = self._new(f"{a} with {b}", int(self._together(one, other)))
            if len(one) == len(other) == 1:
                for slot in self.slots:
                    for meets in (slot, *self.slots[slot].meets):
                        if meets in self.slots:
                            self.model.add(
                                clash >= self.inside[one[0].id, slot] + self.inside[other[0].id, meets] - 1
                            )
            else:
                self._some_way(clash, one, other)
            terms.append((weight, clash))
        return terms

    def _in(self, group: list[Giving], slot: int) -> int:
        """Whether one of these is given in this round, in the best plan so far."""
        return max(self._known(self.inside[g.id, slot]) for g in group)

    def _together(self, one: list[Giving], other: list[Giving]) -> bool:
        """Whether two workshops are given at one time only, in the best plan so far."""
        first, second = ([slot for slot in self.slots if self._in(group, slot)] for group in (one, other))
        return bool(first and second) and all(
            a == b or b in self.slots[a].meets for a in first for b in second
        )

    def _some_way(self, clash: Any, one: list[Giving], other: list[Giving]) -> None:
        """Unless it clashes there is a giving of each at another
        time; a workshop that is not placed asks nothing.
        """
        ways = []
        for a in self.slots:
            for b in self.slots:
                if a != b and b not in self.slots[a].meets:
                    way = self._new(f"{a} then {b}", min(self._in(one, a), self._in(other, b)))
                    self.model.add(way <= sum(self.inside[g.id, a] for g in one))
                    self.model.add(way <= sum(self.inside[g.id, b] for g in other))
                    ways.append(way)
        placed = []
        for group in (one, other):
            some = self._new("placed", max(self._in(group, slot) for slot in self.slots))
            terms = [self.inside[g.id, slot] for g in group for slot in self.slots]
            for term in terms:
                self.model.add(some >= term)
            self.model.add(some <= sum(terms))
            placed.append(some)
        self.model.add(clash + sum(ways) >= sum(placed) - 1)

    def moved(self) -> list[tuple[int, Any]]:
        """Sessions that had a place and get another, by their weight."""
        terms = []
        for giving in self.free:
            round, room = giving.at
            if round in self.slots:
                stays = (
                    self.inside[giving.id, round] if room is None else self.room.get((giving.id, round, room))
                )
                terms.append((-giving.weight, self.inside[giving.id, round] if stays is None else stays))
        return terms

    def minimise(self, terms: list[tuple[int, Any]], seed: int, limit: float) -> dict[str, Any]:
        """Make this as small as it can be, and hold it there for the stages after."""
        vars = [(weight, var) for weight, var in terms if not isinstance(var, int)]
        known = sum(weight * self._known(var) for weight, var in vars)
        if not vars:
            return {"proven": True}
        expr = sum(weight * var for weight, var in vars)
        self.model.clear_hints()
        for index, value in self.best.items():
            self.model.add_hint(self.model.get_int_var_from_proto_index(index), value)
        self.model.minimize(expr)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = seed
        # without its linear bounds the stage of the rooms is not proven
        solver.parameters.linearization_level = 2
        solver.parameters.max_deterministic_time = limit
        status = solver.solve(self.model)
        better = status in (cp_model.OPTIMAL, cp_model.FEASIBLE) and round(solver.objective_value) < known
        if (
            better
        ):  # else the plan so far stays: it may be better in a later stage than the solver's equal one
            known = round(solver.objective_value)
            self.best = {index: solver.response_proto.solution[index] for index in self.best}
        self.model.clear_objective()
        self.model.add(expr <= known)
        return {"proven": status == cp_model.OPTIMAL}

    def plan(self) -> Plan:
        """Where everything goes."""
        plan: Plan = {
            giving.id: giving.at if giving.fixed else (None, None) for giving in self.problem.givings
        }
        for (id, slot), var in self.inside.items():
            if not isinstance(var, int) and self.best.get(var.index):
                rooms = [
                    room
                    for (g, s, room), v in self.room.items()
                    if (g, s) == (id, slot) and self.best[v.index]
                ]
                plan[id] = (slot, rooms[0] if rooms else None)
        return plan


def main() -> None:
    """Read a problem, tell how far it is, write what was found."""

    def tell(news: dict[str, Any]) -> None:
        print(json.dumps(news), file=sys.stderr, flush=True)

    end_with_parent()
    found = solve(problem_from(json.load(sys.stdin)), tell=tell)
    plan = {str(id): list(spot) for id, spot in sorted(found.plan.items())}
    json.dump({"plan": plan, "proven": found.proven, "stages": found.stages}, sys.stdout)


if __name__ == "__main__":
    main()
