"""What draws gave, as staff look at it: wishes beside simpler
rules, who moves, who has no seat, draws side by side.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import g
from flask_babel import gettext as _
from sqlalchemy import select

from learning.attendance.models import Registration
from learning.choices.draw import queries
from learning.choices.draw.models import DrawRun
from learning.choices.models import Seat
from learning.desk.reading import minimums_of
from learning.kit.db import db
from learning.lottery.explaining import effect_of_cancelling, low_everywhere, profile
from learning.lottery.rules import (
    Assignment,
    Attendee,
    Outcome,
    Problem,
    by_order,
    seats,
    together,
    total,
    worth,
)
from learning.people.models import Person
from learning.releases.picture import ProgrammePicture

WORST = 20


def outcome_page(run: DrawRun, picture: ProgrammePicture) -> dict[str, Any]:
    """What a draw gives: wishes per round, beside coming
    first; sessions; who has no seat; who has the least luck.
    """
    problem, outcome = queries.parsed(run.id)
    names = _names(run)
    first = _by_coming(problem, run)
    titles = {str(r.id): r.title.pick(g.lang) for r in picture.rounds}
    totals = {a.id: total(problem, a, outcome.assignment[a.id]) for a in problem.attendees}
    worst = sorted((id for id in totals if totals[id]), key=lambda id: (-totals[id], names[id]))[:WORST]
    load = {id: len(people) for id, people in seats(problem, outcome.assignment).items()}
    unseated = [
        (names[a.id], titles.get(round, round), _why_none(problem, a, round, outcome.assignment[a.id], load))
        for a in problem.attendees
        for round in problem.present(a)
        if outcome.assignment[a.id].get(round) is None
    ]
    return {
        "luck": [
            (titles.get(round, round), _luck(problem, outcome, first, round)) for round in problem.rounds
        ],
        "figures": [*_figures(problem, outcome, first), _spread(run, problem, outcome, first)],
        "sessions": _sessions(problem, outcome, picture),
        "unseated": sorted(unseated)[:200],
        "unseated_count": len(unseated),
        "worst": [
            (names[id], run.people[id], totals[id], _seats_words(outcome, id, picture)) for id in worst
        ],
        "moves": _moves(run, outcome, picture, names) if run.published_at is None and run.number > 1 else [],
        "proven": outcome.proven,
    }


def _by_coming(problem: Problem, run: DrawRun) -> dict[str, dict[str, str | None]]:
    """What coming first would have given: by the order of registering."""
    return by_order(problem, sorted((a.id for a in problem.attendees), key=lambda id: run.people[id]))


def _moves(
    run: DrawRun, outcome: Outcome, picture: ProgrammePicture, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Whose seat would become another one, and who would get one: name, round, from and to.

    None is no seat.
    """
    held: dict[tuple[int, int], int] = {}
    for seat in db.session.scalars(
        select(Seat).where(Seat.programme_id == run.programme_id, Seat.host.is_(False))
    ):
        held[seat.registration_id, seat.round_id] = seat.session_id
    rows = []
    for name, mine in outcome.assignment.items():
        for round in picture.rounds:
            now, then = held.get((run.people[name], round.id)), mine.get(str(round.id))
            if str(round.id) in run.instance["rounds"] and str(now) != str(then):
                row = {
                    "name": names[name],
                    "registration": run.people[name],
                    "round": round.title.pick(g.lang),
                }
                row |= {"now": picture.sessions.get(now or 0), "then": picture.sessions.get(int(then or 0))}
                rows.append(row)
    return sorted(
        rows, key=lambda row: (row["then"] is not None, row["now"] is None, row["name"], row["round"])
    )


def side_by_side(runs: Sequence[DrawRun]) -> list[tuple[str, list[int]]]:
    """Figures of these draws, one column each, and of two
    simpler rules: by coming first, and a plain lottery.
    """
    columns: list[tuple[Problem, Assignment]] = []
    for run in runs:
        problem, outcome = queries.parsed(run.id)
        columns.append((problem, outcome.assignment))
    problem = columns[0][0]
    lots = sorted((a.id for a in problem.attendees), key=lambda id: problem.lot[id])
    columns += [(problem, _by_coming(problem, runs[0])), (problem, by_order(problem, lots, snake=True))]
    figures = [_column(problem, assignment) for problem, assignment in columns]
    return [
        (words, [column[row][1] for column in figures]) for row, (words, _figure) in enumerate(figures[0])
    ]


def _column(problem: Problem, assignment: Assignment) -> list[tuple[str, int]]:
    got: Counter[int | None] = Counter()
    for ranks in profile(problem, assignment).values():
        got.update(ranks)
    points = [total(problem, a, assignment.get(a.id, {})) for a in problem.attendees]
    most = max(points, default=0)
    said = worth(problem, assignment)
    return [
        *((_("choice %(rank)d", rank=rank + 1), got[rank]) for rank in range(queries.MOST_WISHES)),
        (_("outside the list, or no seat"), got[None]),
        (_("without a seat"), said["unseated"]),
        (_("points of the worst-off"), most),
        (_("people with that many points"), points.count(most) if most else 0),
        (_("people with nothing better than a third choice"), low_everywhere(problem, assignment)),
        (_("squares of the points"), sum(point * point for point in points)),
    ]


def _why_none(
    problem: Problem, attendee: Attendee, round: str, mine: Mapping[str, str | None], load: dict[str, int]
) -> str:
    """Why somebody has no seat in a round."""
    here = [session for session in problem.of_round[round] if session.capacity]
    may = [session for session in here if session.id not in attendee.veto]
    if not here:
        return _("no session here has places")
    if not may:
        return _("refused every session of this round")
    if all(load.get(session.id, 0) >= session.capacity for session in may):
        return _("every session that they did not refuse is full")
    return _("what is free is a workshop that they have in another round")


def _spread(run: DrawRun, problem: Problem, outcome: Outcome, first: Assignment) -> tuple[str, int, int]:
    """How many people sit in a session with a colleague
    who came before them, by the draw and by coming first.
    """
    query = select(Registration.id, Registration.organisation_id).where(
        Registration.programme_id == run.programme_id
    )
    of = {row[0]: row[1] for row in db.session.execute(query)}
    groups = {a.id: of.get(run.people[a.id]) for a in problem.attendees}
    grouped = [replace(a, group=str(groups[a.id]) if groups[a.id] else None) for a in problem.attendees]
    whole = replace(problem, attendees=tuple(grouped))
    return (
        _("people beside a colleague of their organisation"),
        together(whole, outcome.assignment),
        together(whole, first),
    )


def _luck(problem: Problem, outcome: Outcome, first: Any, round: str) -> list[dict[str, Any]]:
    """For each rank how many people got it by the draw, and
    how many by coming first; with shares in percent.
    """
    ours, theirs = profile(problem, outcome.assignment).get(round, {}), profile(problem, first).get(round, {})
    most = max((rank for rank in (*ours, *theirs) if rank is not None), default=0)
    people = max(sum(ours.values()), 1)
    rows = []
    for rank in [*range(most + 1), None]:
        words = _("choice %(rank)d", rank=rank + 1) if rank is not None else _("outside the list, or no seat")
        count = ours.get(rank, 0)
        rows.append(
            {
                "words": words,
                "ours": count,
                "share": 5 * int(20 * count / people + 0.5),
                "theirs": theirs.get(rank, 0),
            }
        )
    return rows


def _figures(problem: Problem, outcome: Outcome, first: Any) -> list[tuple[str, int, int]]:
    """Figures of the draw beside those of coming first."""
    ours, theirs = worth(problem, outcome.assignment), worth(problem, first)
    rows = {
        "unseated": _("without a seat"),
        "max": _("points of the worst-off"),
        "unlisted": _("seats outside the lists"),
    }
    found = [(words, ours[name], theirs[name]) for name, words in rows.items()]
    squares = [
        sum(total(problem, a, given[a.id]) ** 2 for a in problem.attendees)
        for given in (outcome.assignment, first)
    ]
    return [*found, (_("squares of the points"), squares[0], squares[1])]


def _sessions(problem: Problem, outcome: Outcome, picture: ProgrammePicture) -> list[dict[str, Any]]:
    load = seats(problem, outcome.assignment)
    wanted = Counter(id for a in problem.attendees for wishes in a.choices.values() for id in wishes[:1])
    ids = [int(s.id) for s in problem.sessions]
    least = minimums_of(ids)
    rows: list[dict[str, Any]] = []
    for session in problem.sessions:
        shown = picture.sessions.get(int(session.id))
        if shown is not None:
            count = len(load[session.id])
            needed = least.get(int(session.id), 0)
            row = {
                "session": shown,
                "count": count,
                "first": wanted[session.id],
                "few": needed > count,
                "least": needed,
            }
            row["effect"] = (
                effect_of_cancelling(problem, outcome.assignment, session.id) if needed > count else None
            )
            rows.append(row)
    return sorted(rows, key=lambda row: row["session"].code)


def _names(run: DrawRun) -> dict[str, str]:
    query = select(Registration.id, Person.name).join(Person, Person.id == Registration.person_id)
    found = {
        row.id: row.name
        for row in db.session.execute(query.where(Registration.programme_id == run.programme_id))
    }
    return {name: found.get(id, "") for name, id in run.people.items()}


def _seats_words(outcome: Outcome, id: str, picture: ProgrammePicture) -> str:
    given = [int(s) for s in outcome.assignment[id].values() if s is not None]
    return ", ".join(picture.sessions[s].code for s in given if s in picture.sessions) or _("no seat")
