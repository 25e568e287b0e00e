"""Finds the best outcome of a fair draw, as a program of
its own: an instance as JSON in, a result as JSON out.

    python -m learning.lottery.solver < instance.json > result.json

The only page that knows the solver (HiGHS). Each person has one column for every combination of seats over
the rounds; a row for each person says "one of these", a row for each session "not more than it holds". Seats
outside the own list are one entry for each round and are handed out afterwards, in the order of the lot. The
stages of the policy are minimised one after the other: first as a linear program; what it proves (columns
with reduced costs, rows with a price) narrows the next stage down. Only where that leaves halves a search
over whole numbers follows, over the columns that can still be part of an optimum.

Rows are sorted first and the last stage settles every tie, so the outcome is a function of
the instance alone. How far it is goes to the error stream, a line of JSON for each stage.
"""

import json
import os
import resource
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import highspy
import numpy as np

from learning.kit.lifeline import end_with_parent
from learning.lottery.exchange import problem_of, result_of
from learning.lottery.rules import Attendee, Outcome, Problem, Session, by_order, cancelled_in, fits, worth

OVER, NONE = -1, -2  # a seat outside the list, handed out later; no seat
NOTHING = 127  # no rank
SMALL = 1e-6
Tell = Callable[[dict[str, Any]], None]
Floats = np.ndarray[Any, np.dtype[np.float64]]


class Unsolved(Exception):
    """No outcome keeps the rules, or the time was over before one was found."""


class OutOfTime(Exception):
    """The time limit came in the middle of a stage."""


def draw(problem: Problem, *, time_limit: float | None = None, tell: Tell = lambda _news: None) -> Outcome:
    """The best outcome by the policy of the rules. When the time is over: the best known, not proven."""
    ordered = replace(
        problem,
        sessions=tuple(sorted(problem.sessions, key=lambda session: session.id)),
        attendees=tuple(sorted(problem.attendees, key=lambda attendee: attendee.id)),
    )
    if not ordered.attendees:
        return Outcome({}, cancelled_in(ordered, {}), True, ())
    until = time.monotonic() + time_limit if time_limit is not None else None
    explicit: set[str] = (
        {a.id for a in ordered.attendees if a.group is not None} if problem.rules.spread_groups else set()
    )
    if any(session.min_attendance for session in ordered.sessions):
        explicit = set(ordered.attendee)  # handing out must not half fill what needs a minimum
    none_allowed, floor = _short(ordered), (0, 0)
    while True:
        run = _Run(ordered, explicit, none_allowed, until, tell)
        run.floor = floor
        try:
            found = run.solve()
        except OutOfTime:
            return _best_known(ordered, run)
        if found is None and none_allowed:
            raise Unsolved("no outcome keeps the rules")
        if found is None:
            none_allowed, floor = True, (0, 0)
            continue
        assignment, failed = found
        if not failed:
            return Outcome(assignment, cancelled_in(ordered, assignment), run.proven, tuple(run.told))
        explicit |= run.outside  # whom handing out failed is among them, so this ends
        floor = run.floor


def _short(problem: Problem) -> bool:
    """Somebody may have to do without a seat: in one round
    that is enough, for it can help others in every round.
    """
    if problem.rules.fallback == "none" or any(session.min_attendance for session in problem.sessions):
        return True
    there = {round: sum(round not in a.absent for a in problem.attendees) for round in problem.rounds}
    return any(sum(s.capacity for s in problem.of_round[round]) < there[round] for round in problem.rounds)


def _best_known(problem: Problem, run: "_Run") -> Outcome:
    """When the time is over: what the last finished stage gave, or the simplest lottery."""
    order = sorted(problem.lot, key=lambda id: problem.lot[id])
    candidates = [by_order(problem, order, snake=True)]
    if run.best is not None:
        assignment, failed = run.hand_out(run.best)
        if not failed:
            candidates.insert(0, assignment)
    best = min(candidates, key=lambda assignment: tuple(worth(problem, assignment).values()))
    return Outcome(best, cancelled_in(problem, best), False, tuple(run.told))


@dataclass(frozen=True)
class _Option:
    """One way to spend a round: a session by its place in the list of all, OVER or NONE; what it counts."""

    seat: int
    points: int
    rank: int | None = None


class _Run:
    """One problem as columns and rows, narrowed down stage by stage."""

    def __init__(
        self, problem: Problem, explicit: set[str], none_allowed: bool, until: float | None, tell: Tell
    ) -> None:
        self.problem, self.until, self.tell = problem, until, tell
        self.explicit, self.none_allowed = explicit, none_allowed
        self.sessions = list(problem.sessions)
        self.place = {session.id: place for place, session in enumerate(self.sessions)}
        self.rounds = sorted(problem.rounds)
        self.told: list[dict[str, Any]] = []
        self.proven = True
        self.most_closed: float | None = None
        self.most_together: float | None = None
        self.best: np.ndarray[Any, Any] | None = None
        # with so many unseated, the worst-off cannot have fewer points: fewer ways to sit keep that true
        self.floor = (
            0,
            0,
        )
        self.without = 0  # how many seats are missing
        self.outside: set[str] = set()  # who has a seat that was handed out afterwards
        self._columns()

    # -- columns ------------------------------------------------------------------------------

    def _columns(self) -> None:
        people, sessions, rounds = len(self.problem.attendees), len(self.sessions), len(self.rounds)
        owner, start, index, seats = array("i"), array("i", [0]), array("i"), array("h")
        unseated, points, unlisted, ties, ranks = array("b"), array("h"), array("b"), array("i"), array("b")
        round_row = {n: people + sessions + n for n in range(rounds)}
        for number, attendee in enumerate(self.problem.attendees):
            options = [self._options(attendee, round) for round in self.rounds]
            own = {
                option.seat for row in options for option in row if option is not None and option.seat >= 0
            }
            tie = {seat: self.problem.tie(attendee.id, self.sessions[seat].id) for seat in own}
            for combination in self._combinations(options):
                owner.append(number)
                index.append(number)
                taken = [(n, option) for n, option in enumerate(combination) if option is not None]
                index.extend(people + option.seat for _n, option in taken if option.seat >= 0)
                index.extend(round_row[n] for n, option in taken if option.seat != NONE)
                start.append(len(index))
                seats.extend(option.seat if option is not None else NONE for option in combination)
                unseated.append(sum(option.seat == NONE for _n, option in taken))
                points.append(sum(option.points for _n, option in taken))
                unlisted.append(sum(self._unlisted(attendee, n, option) for n, option in taken))
                ties.append(sum(tie[option.seat] for _n, option in taken if option.seat >= 0))
                ranks.extend(
                    NOTHING if option is None or option.rank is None else option.rank
                    for option in combination
                )
        self.owner, self.start, self.index = (
            np.frombuffer(part, dtype=np.int32) for part in (owner, start, index)
        )
        self.seats = np.frombuffer(seats, dtype=np.int16).reshape(-1, rounds)
        self.ranks = np.frombuffer(ranks, dtype=np.int8).reshape(-1, rounds)
        self.unseated, self.points = np.array(unseated, dtype=float), np.array(points, dtype=float)
        self.unlisted, self.ties = np.array(unlisted, dtype=float), np.array(ties, dtype=float)
        self.rows = people + sessions + rounds
        self.upper = np.concatenate([np.ones(people), self._capacities(), self._totals()])
        self.lower = np.concatenate([np.ones(people), np.full(sessions + rounds, -highspy.kHighsInf)])
        self.alive = np.ones(len(owner), dtype=bool)
        self.sure = np.zeros(len(owner), dtype=bool)
        self.more: list[
            tuple[Floats, float]
        ] = []  # rows of stages in which whole numbers cost more than halves
        self.least = [n for n, session in enumerate(self.sessions) if session.min_attendance]

    def _capacities(self) -> Floats:
        return np.array([session.capacity for session in self.sessions], dtype=float)

    def _totals(self) -> Floats:
        return np.array(
            [sum(s.capacity for s in self.problem.of_round[round]) for round in self.rounds], dtype=float
        )

    def _unlisted(self, attendee: Attendee, round: int, option: _Option) -> bool:
        return option.seat != NONE and option.rank is None and bool(attendee.choices.get(self.rounds[round]))

    def _options(self, attendee: Attendee, round: str) -> list[_Option | None]:
        """The ways in which somebody can spend a round; None alone: is not there."""
        problem = self.problem
        if round in attendee.absent:
            return [None]
        wishes = attendee.choices.get(round, ())
        if round in attendee.fixed:
            id = attendee.fixed[round]
            rank = wishes.index(id) if id in wishes else None
            return [_Option(self.place[id], problem.points(attendee, round, id), rank)]
        options: list[_Option | None] = []
        outside = [s for s in problem.of_round[round] if s.id not in wishes and problem.allows(attendee, s)]
        for rank, id in enumerate(wishes):
            if problem.allows(attendee, problem.session[id]):
                options.append(_Option(self.place[id], rank, rank))
        if outside and attendee.id in self.explicit:
            options += [_Option(self.place[s.id], problem.points(attendee, round, s.id)) for s in outside]
        elif outside:
            options.append(_Option(OVER, problem.points(attendee, round, outside[0].id)))
        if self.none_allowed or not options:
            options.append(_Option(NONE, problem.points(attendee, round, None)))
        return options

    def _combinations(self, options: Sequence[list[_Option | None]]) -> Iterator[tuple[_Option | None, ...]]:
        for combination in product(*options):
            workshops = [self.sessions[o.seat].workshop for o in combination if o is not None and o.seat >= 0]
            if len(workshops) == len(set(workshops)):
                yield combination

    # -- stages -------------------------------------------------------------------------------

    def solve(self) -> tuple[dict[str, dict[str, str | None]], set[str]] | None:
        """Minimise stage by stage; the outcome with the people
        whom handing out failed, or None when nothing is possible.
        """
        if len(set(self.owner.tolist())) < len(self.problem.attendees):
            return None  # somebody's fixed seats exclude each other
        policy = self.problem.rules.policy
        if self.none_allowed:
            without = self._stage("unseated", self.unseated)
            if without is None:
                return None
            self.without = int(without + 0.5)
        else:
            self._say("unseated", 0, True)
        if self.least:
            self._stage("cancelled", np.zeros(len(self.owner)), closed=True)
        most = self._most()
        if most is None:
            return None
        if policy == "balanced":
            self._stage("unlisted", self.unlisted)
        elif policy == "leximin":
            for value in range(most, 0, -1):
                self._stage(f"at {value}", (self.points == value).astype(float))
            self._stage("unlisted", self.unlisted)
        else:
            self._stage("unlisted", self.unlisted)
            longest = max((len(w) for a in self.problem.attendees for w in a.choices.values()), default=0)
            for rank in range(longest):
                self._stage(f"choice {rank + 1}", -(self.ranks == rank).sum(axis=1).astype(float))
        if self.problem.rules.spread_groups:
            self._stage("together", np.zeros(len(self.owner)), groups=True)
        weights = np.array(
            [self.problem.weight(attendee.id) for attendee in self.problem.attendees], dtype=float
        )
        self._stage("lottery", weights[self.owner] * self.points)
        self._stage("tie", self.ties)
        assert self.best is not None
        return self.hand_out(self.best)

    def _most(self) -> int | None:
        """The least that the worst-off can have, raised from what
        is least for each alone until there are seats for all.

        For the balanced policy the squares are minimised in the same go: a column
        that stands for "not possible" costs more than everything else together,
        so that the linear program starts without searching for a first answer.
        """
        cost = self.points**2
        own = np.full(len(self.problem.attendees), np.inf)
        np.minimum.at(own, self.owner[self.alive], self.points[self.alive])
        before = (self.alive, self.sure, self.lower)
        least = max(own.max(initial=0), self.floor[1] if self.floor[0] == self.without else 0)
        for value in sorted({int(v) for v in self.points[self.alive] if v >= least}):
            self.alive, self.sure, self.lower = (part.copy() for part in before)
            self.alive &= self.points <= value
            told = len(self.told)
            self._say("max", value, True)
            if self.problem.rules.policy == "balanced":
                found = self._stage("squares", cost, stand_in=True)
            else:
                found = self._possible(cost)
            if found is not None:
                self.floor = (self.without, value)
                return value
            del self.told[told:]
        return None

    def _possible(self, cost: Floats) -> float | None:
        """Whether there are whole seats for everybody among the columns that are alive."""
        if self.least or self.more:
            return 0.0 if self._whole(cost, self.alive) is not None else None
        found = self._linear(cost, stand_in=True)
        if found is None:
            return None
        _value, x, reduced, _prices = found
        if np.all((x < SMALL) | (x > 1 - SMALL)):
            return 0.0
        near = self.alive & (reduced <= 1)
        whole = self._whole(cost, near)
        return 0.0 if whole is not None or self._whole(cost, self.alive) is not None else None

    def _stage(
        self, name: str, cost: Floats, *, closed: bool = False, groups: bool = False, stand_in: bool = False
    ) -> float | None:
        """Minimise this; what is alive afterwards holds every outcome that is as good.

        None: nothing is possible.
        """
        self.tell({"stage": name, "columns": int(self.alive.sum())})
        if self.least or groups or self.more or self.most_together is not None:
            return self._searched(name, cost, closed=closed, groups=groups)
        found = self._linear(cost, stand_in=stand_in)
        if found is None:
            return None
        value, x, reduced, prices = found
        if np.all((x < SMALL) | (x > 1 - SMALL)):
            self._narrow(x, reduced, prices, cost)
            self.best = x > 0.5
            self._say(name, value, True)
            return value
        return self._halves(name, cost, value, reduced, prices)

    def _halves(self, name: str, cost: Floats, value: float, reduced: Floats, prices: Floats) -> float | None:
        """The linear program left halves: look for whole seats
        that cost the same, or else as little more as possible.
        """
        tolerance = self._tolerance(cost)
        least = float(np.ceil(value - SMALL * max(1.0, abs(value)) ** 0.5))
        before = (self.alive.copy(), self.sure.copy(), self.lower.copy())
        if abs(least - value) < tolerance:
            self._narrow(None, reduced, prices, cost)
            whole = self._whole(np.zeros(len(self.owner)), self.alive)
            if whole is not None:
                self.best = whole
                self._say(name, least, True)
                return least
            self.alive, self.sure, self.lower = before
        slack = 1.0
        while True:
            near = self.alive & (reduced <= slack + tolerance)
            whole = self._whole(cost, near)
            if whole is not None:
                cheapest = float(cost[whole].sum())
                if cheapest - value <= slack or near.sum() == self.alive.sum():
                    break
                slack = cheapest - value
            elif near.sum() == self.alive.sum():
                return None
            else:
                slack *= 2
        self.alive &= reduced <= cheapest - value + tolerance
        self.more.append((cost, cheapest))
        self.best = whole
        self._say(name, cheapest, True)
        return cheapest

    def _searched(self, name: str, cost: Floats, *, closed: bool, groups: bool) -> float | None:
        """A stage by search alone: minimums, colleagues, or a stage before in which halves were cheaper."""
        whole = self._whole(cost, self.alive, closed=closed, groups=groups)
        if whole is None:
            return None
        value = (
            self._closed(whole) if closed else self._together(whole) if groups else float(cost[whole].sum())
        )
        self.best = whole
        if closed:
            self.most_closed = value
        elif groups:
            self.most_together = value
        else:
            self.more.append((cost, value))
        self._say(name, value, True)
        return value

    def _closed(self, whole: np.ndarray[Any, Any]) -> float:
        load = Counter(
            seat for column in np.flatnonzero(whole) for seat in self.seats[column].tolist() if seat >= 0
        )
        return float(sum(load[n] == 0 for n in self.least))

    def _together(self, whole: np.ndarray[Any, Any]) -> float:
        found: Counter[tuple[str, int]] = Counter()
        for column in np.flatnonzero(whole):
            group = self.problem.attendees[self.owner[column]].group
            if group is not None:
                found.update((group, seat) for seat in self.seats[column].tolist() if seat >= 0)
        return float(sum(count - 1 for count in found.values()))

    def _say(self, name: str, value: float, proven: bool) -> None:
        self.proven = self.proven and proven
        self.told.append({"stage": name, "value": round(value), "proven": proven})
        self.tell({"stage": name, "value": round(value), "done": True})

    @staticmethod
    def _tolerance(cost: Floats) -> float:
        """Below this a reduced cost is none: sums of whole numbers, worked out in doubles."""
        return SMALL * max(1.0, float(np.abs(cost).max(initial=0)) / 1000)

    def _narrow(self, x: Floats | None, reduced: Floats, prices: Floats, cost: Floats) -> None:
        """Keep the columns and tighten the rows that every optimum of this stage has."""
        tolerance = self._tolerance(cost)
        keep = self.alive & (reduced <= tolerance)
        self.sure |= self.alive & (reduced < -tolerance)
        if x is not None:
            keep |= self.alive & (x > 0.5)
        self.alive = keep
        tight = np.abs(prices) > tolerance
        self.lower = np.where(tight, self.upper, self.lower)

    # -- the solver ---------------------------------------------------------------------------

    def _solver(self) -> Any:
        solver = highspy.Highs()
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("parallel", "off"),
            ("random_seed", 0),
            ("mip_rel_gap", 0.0),
            ("mip_abs_gap", 0.0),
            ("mip_feasibility_tolerance", 1e-9),
        ):
            solver.setOptionValue(name, value)
        if self.until is not None:
            left = self.until - time.monotonic()
            if left <= 0:
                raise OutOfTime
            solver.setOptionValue("time_limit", left)
        return solver

    def _matrix(self, columns: np.ndarray[Any, Any]) -> tuple[Any, Any]:
        """The entries of these columns: where each begins, and their rows."""
        lengths = (self.start[1:] - self.start[:-1])[columns]
        start = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(start[-1]) - np.repeat(start[:-1], lengths)
        return start, self.index[np.repeat(self.start[:-1][columns], lengths) + within]

    def _model(self, cost: Floats, columns: np.ndarray[Any, Any], *, stand_in: bool = False) -> Any:
        start, index = self._matrix(columns)
        costs, least = cost[columns], self.sure[columns].astype(float)
        if stand_in:
            people = len(self.problem.attendees)
            start = np.concatenate([start, start[-1] + 1 + np.arange(people)])
            index = np.concatenate([index, np.arange(people)])
            costs = np.concatenate([costs, np.full(people, costs.max(initial=0) * people + 1)])
            least = np.concatenate([least, np.zeros(people)])
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(costs), self.rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, least, np.ones(len(costs))
        lp.row_lower_, lp.row_upper_ = self.lower, self.upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = start.astype(np.int32)
        lp.a_matrix_.index_ = index.astype(np.int32)
        lp.a_matrix_.value_ = np.ones(len(index))
        return lp

    def _linear(self, cost: Floats, *, stand_in: bool = False) -> tuple[float, Floats, Floats, Floats] | None:
        """The optimum with halves allowed: its cost, columns,
        reduced costs and prices of rows; None when there is none.
        """
        columns = np.flatnonzero(self.alive)
        solver = self._solver()
        solver.passModel(self._model(cost, columns, stand_in=stand_in))
        if stand_in:  # dearer than this means that somebody stands in
            solver.setOptionValue(
                "objective_bound", cost[columns].max(initial=0) * len(self.problem.attendees) + 0.5
            )
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        solution = solver.getSolution()
        values, duals = np.array(solution.col_value), np.array(solution.col_dual)
        if values[len(columns) :].sum() > SMALL:
            return None  # somebody stands in for a seat that is not there
        x, reduced = np.zeros(len(self.owner)), np.full(len(self.owner), np.inf)
        x[columns], reduced[columns] = values[: len(columns)], duals[: len(columns)]
        return solver.getInfo().objective_function_value, x, reduced, np.array(solution.row_dual)

    def _whole(
        self, cost: Floats, allowed: np.ndarray[Any, Any], *, closed: bool = False, groups: bool = False
    ) -> np.ndarray[Any, Any] | None:
        """The cheapest whole seats among these columns; None when there are none."""
        columns = np.flatnonzero(allowed)
        solver = self._solver()
        solver.passModel(self._model(cost, columns))
        kinds = np.full(len(columns), highspy.HighsVarType.kInteger)
        solver.changeColsIntegrality(len(columns), np.arange(len(columns), dtype=np.int32), kinds)
        place = {int(column): n for n, column in enumerate(columns)}
        for more, limit in self.more:
            used = np.flatnonzero(more[columns])
            solver.addRow(
                -highspy.kHighsInf, limit + 0.5, len(used), used.astype(np.int32), more[columns][used]
            )
        if self.least:
            self._add_minimums(solver, len(columns), closed)
        if groups or self.most_together is not None:
            self._add_groups(solver, place, groups)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise OutOfTime
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        x = np.zeros(len(self.owner), dtype=bool)
        x[columns] = np.array(solver.getSolution().col_value)[: len(columns)] > 0.5
        return x

    def _add_minimums(self, solver: Any, columns: int, closed: bool) -> None:
        """A session with a minimum is open with at least so many, or has nobody."""
        people, number = len(self.problem.attendees), columns
        opened: list[int] = []
        for session in self.least:
            at = self.sessions[session]
            solver.addCol(-1.0 if closed else 0.0, 0.0, 1.0, 0, np.array([], dtype=np.int32), np.array([]))
            solver.changeColIntegrality(number, highspy.HighsVarType.kInteger)
            row = people + session
            solver.changeRowBounds(row, -highspy.kHighsInf, 0.0)
            solver.changeCoeff(row, number, -float(at.capacity))
            used = self._users(solver, row, columns)
            index = np.append(used, number).astype(np.int32)
            values = np.append(np.ones(len(used)), -float(at.min_attendance))
            solver.addRow(0.0, highspy.kHighsInf, len(index), index, values)
            opened.append(number)
            number += 1
        if self.most_closed is not None:
            most = len(opened) - self.most_closed
            solver.addRow(
                most - 0.5,
                highspy.kHighsInf,
                len(opened),
                np.array(opened, dtype=np.int32),
                np.ones(len(opened)),
            )

    @staticmethod
    def _users(solver: Any, row: int, columns: int) -> np.ndarray[Any, Any]:
        _status, index, _values = solver.getRowEntries(row)
        return np.array([n for n in index if n < columns], dtype=np.int32)

    def _add_groups(self, solver: Any, place: dict[int, int], counted: bool) -> None:
        """How many colleagues sit where another of their
        group sits: one column for each group and session.
        """
        users: dict[tuple[str, int], list[int]] = {}
        for column, n in place.items():
            group = self.problem.attendees[self.owner[column]].group
            if group is not None:
                for seat in self.seats[column].tolist():
                    if seat >= 0:
                        users.setdefault((group, seat), []).append(n)
        number, extra = solver.getNumCol(), []
        for (_group, _seat), columns in sorted(users.items()):
            solver.addCol(
                1.0 if counted else 0.0, 0.0, highspy.kHighsInf, 0, np.array([], dtype=np.int32), np.array([])
            )
            index = np.array([*columns, number], dtype=np.int32)
            solver.addRow(-highspy.kHighsInf, 1.0, len(index), index, np.append(np.ones(len(columns)), -1.0))
            extra.append(number)
            number += 1
        if not counted and self.most_together is not None and extra:
            limit = self.most_together + 0.5
            solver.addRow(
                -highspy.kHighsInf, limit, len(extra), np.array(extra, dtype=np.int32), np.ones(len(extra))
            )

    # -- from columns to seats ----------------------------------------------------------------

    def hand_out(self, whole: np.ndarray[Any, Any]) -> tuple[dict[str, dict[str, str | None]], set[str]]:
        """The outcome that these columns say, with seats
        outside the lists handed out in the order of the lot.

        Also the people for whom that failed.
        """
        problem = self.problem
        given: dict[str, dict[str, str | None]] = {a.id: {} for a in problem.attendees}
        open_seats: list[tuple[Attendee, str]] = []
        load: Counter[str] = Counter()
        for column in np.flatnonzero(whole):
            attendee = problem.attendees[self.owner[column]]
            for round, seat in zip(self.rounds, self.seats[column].tolist(), strict=True):
                if seat == OVER:
                    open_seats.append((attendee, round))
                elif round not in attendee.absent:
                    given[attendee.id][round] = self.sessions[seat].id if seat >= 0 else None
                    load.update([self.sessions[seat].id] if seat >= 0 else [])
        self.outside = {attendee.id for attendee, _round in open_seats}
        failed = set()
        for round in self.rounds:
            here = sorted(
                (a for a, r in open_seats if r == round), key=lambda attendee: problem.lot[attendee.id]
            )
            failed |= {
                attendee.id for attendee in here if not self._place(attendee, round, given, load, here)
            }
        return given, failed

    def _place(
        self,
        attendee: Attendee,
        round: str,
        given: dict[str, dict[str, str | None]],
        load: Counter[str],
        movable: list[Attendee],
    ) -> bool:
        """A free seat of this round outside the list; when
        there is none, others who sit outside theirs make room.
        """
        seen: set[str] = set()

        def seat(person: Attendee) -> bool:
            mine = {r: s for r, s in given[person.id].items() if r != round}
            may = [
                s
                for s in self._outside(person, round)
                if s.id not in seen and fits(self.problem, person, s, mine)
            ]
            for session in may:
                if load[session.id] < session.capacity:
                    given[person.id][round] = session.id
                    load[session.id] += 1
                    return True
            for session in may:
                if session.id in seen:
                    continue
                seen.add(session.id)
                for other in movable:
                    if other is not person and given[other.id].get(round) == session.id and seat(other):
                        given[person.id][round] = session.id
                        return True
            return False

        return seat(attendee)

    def _outside(self, attendee: Attendee, round: str) -> list[Session]:
        """The sessions outside the list, in the order that the seed gives this person."""
        wishes = attendee.choices.get(round, ())
        found = [
            s for s in self.problem.of_round[round] if s.id not in wishes and self.problem.allows(attendee, s)
        ]
        return sorted(found, key=lambda s: (self.problem.tie(attendee.id, s.id), s.id))


def main() -> None:
    """Read an instance, draw, write the result; news goes to the error stream.

    `_time_limit` in seconds and `_memory` in bytes may go with the
    instance; who needs more memory fails, the machine does not.
    """
    end_with_parent()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the solver's library greets on the standard output
    question = json.load(sys.stdin)
    limit, memory = (
        question.pop(key, None) if isinstance(question, dict) else None for key in ("_time_limit", "_memory")
    )
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    problem = problem_of(question)

    def tell(news: dict[str, Any]) -> None:
        print(json.dumps(news), file=sys.stderr, flush=True)

    outcome = draw(problem, time_limit=limit, tell=tell)
    version = f"HiGHS {highspy.Highs().version()}"
    with out:
        json.dump(result_of(outcome, stages=list(outcome.stages), solver=version), out)


if __name__ == "__main__":
    main()
