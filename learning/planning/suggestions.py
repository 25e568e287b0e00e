"""A grid proposed by the computer: asked for, worked out by a
process of its own, shown with what it gains, taken in part.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from learning.desk.models import GridStep
from learning.desk.placing import place_all
from learning.kit import clock
from learning.kit.db import Busy, after_commit, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.jobs import each_due, nudge
from learning.kit.processes import Computation, running
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.planning.grid import Grid, Sheet, Tile, grid_of
from learning.planning.models import Suggestion
from learning.planning.rules import Cost, Giving, Plan, Problem, Slot, cost, impossible, plan_of, problem_from
from learning.planning.warnings import overlap
from learning.programmes.models import Absence, Programme, Round, Session, Workshop

HOW = {
    "rest": N_("Place what has no place yet; all else stays"),
    "calm": N_("Place what has no place yet; move others only where that is needed for it"),
    "all": N_("Look for the best grid; everything may move"),
}
SOLVER = "learning.planning.solver"


@transaction()
def ask(programme: Programme, how: str, *, by: int, now: datetime) -> Suggestion:
    """Ask for a proposal. The worker works it out; nothing moves by it."""
    problem = problem_of(programme, how)
    if not any(not giving.fixed for giving in problem.givings):
        raise Refusal(
            "nothing_to_place",
            N_("Everything has a place already. Choose another way, or make sessions first."),
        )
    if not problem.slots:
        raise Refusal("no_rounds", N_("Make a round first: then sessions can get a place."))
    asked = Suggestion(
        programme_id=programme.id, account_id=by, asked_at=now, how=how, question=asdict(problem)
    )
    db.session.add(asked)
    db.session.flush()
    record("asked for a proposed grid", programme, organiser_id=programme.organiser_id, by=by, at=now)
    after_commit(nudge)
    return asked


@transaction()
def stop(suggestion: Suggestion, programme: Programme, *, by: int, now: datetime) -> None:
    """Stop looking."""
    _hold(suggestion)
    if suggestion.ended_at is None:
        suggestion.ended_at, suggestion.ending = now, "stopped"
        db.session.flush()
        record("stopped a proposed grid", programme, organiser_id=programme.organiser_id, by=by, at=now)
        after_commit(nudge)


@transaction()
def take(
    suggestion: Suggestion, programme: Programme, ids: Collection[int], *, by: int, now: datetime
) -> GridStep | None:
    """Put these sessions where the proposal has them, as one step that can be undone.

    Refused when one of them was moved since the proposal was asked for.
    """
    lock(Programme, [programme.id])
    question, plan = problem_from(suggestion.question), answer_of(suggestion)
    wanted = {id: spot for id, spot in plan.items() if id in ids}
    if not wanted:
        raise Refusal("nothing_chosen", N_("Choose at least one session."))
    was = plan_of(question)
    query = select(Session).where(Session.id.in_(wanted)).execution_options(populate_existing=True)
    now_at = {row.id: (row.round_id, row.room_id) for row in db.session.scalars(query)}
    if any(now_at.get(id) != was[id] for id in wanted):
        raise Refusal(
            "moved_meanwhile",
            N_("Somebody moved some of these sessions since. Ask for a new proposal, or choose fewer."),
        )
    step = place_all(programme, wanted, by=by, now=now)
    suggestion.taken_at = now
    record(
        "took a proposed grid",
        programme,
        organiser_id=programme.organiser_id,
        by=by,
        at=now,
        words=str(len(wanted)),
    )
    db.session.flush()
    return step


def answer_of(suggestion: Suggestion) -> Plan:
    """The plan that was found."""
    return {int(id): (spot[0], spot[1]) for id, spot in suggestion.answer.get("plan", {}).items()}


def gains_of(suggestion: Suggestion) -> tuple[Cost, Cost]:
    """What was wrong before, and what would be after."""
    question = problem_from(suggestion.question)
    return cost(question, plan_of(question)), cost(question, answer_of(suggestion))


def problem_of(programme: Programme, how: str) -> Problem:
    """The grid of a programme as a question. Cancelled sessions are no part of it."""
    grid = grid_of(programme)
    tiles = [tile for tile in grid.tiles.values() if not tile.cancelled]
    slots = _slots(grid)
    workshops = select(Workshop.id, Workshop.theme_id).where(Workshop.programme_id == programme.id)
    themes: dict[int, int | None] = dict(db.session.execute(workshops).all())  # type: ignore[arg-type]
    away = select(Absence.speaker_id, Absence.round_id).join(Round, Round.id == Absence.round_id)
    gone = db.session.execute(away.where(Round.programme_id == programme.id).order_by(Absence.id)).all()
    return Problem(
        slots=slots,
        rooms={room.id: room.capacity for room in grid.rooms},
        givings=tuple(
            _giving(tile, themes.get(tile.workshop_id), how, slots)
            for tile in sorted(tiles, key=lambda t: t.id)
        ),
        away=tuple((speaker, round) for speaker, round in gone),
        together=of(current_app).hooks.wanted_together(programme.id),
        calm=how == "calm",
    )


def _slots(grid: Grid) -> tuple[Slot, ...]:
    pairs = [(sheet, column) for sheet in grid.sheets for column in sheet.columns]
    return tuple(
        Slot(
            id=column.id,
            meets=tuple(
                other.id
                for beside, other in pairs
                if other.id != column.id and _one_day(sheet, beside) and overlap(column, other)
            ),
            rooms=_rooms(sheet),
            online=sheet.meeting.online and not _rooms(sheet),
        )
        for sheet, column in pairs
    )


def _rooms(sheet: Sheet) -> tuple[int, ...]:
    """The rooms of a meeting: those of its venue, and others in which its sessions are."""
    return tuple(row.room_id for row in sheet.rows if row.room_id is not None)


def _one_day(one: Sheet, other: Sheet) -> bool:
    return one.meeting.id == other.meeting.id or (
        one.meeting.on is not None and one.meeting.on == other.meeting.on
    )


def _giving(tile: Tile, theme: int | None, how: str, slots: tuple[Slot, ...]) -> Giving:
    """A session as it is expected: as many people as want it, else as many as it has places for."""
    wanted = tile.taken + tile.waiting
    rooms = next((slot.rooms for slot in slots if slot.id == tile.round_id), ())
    complete = tile.round_id is not None and (tile.room_id is not None or not rooms)
    stays = how == "rest" and tile.round_id is not None
    return Giving(
        id=tile.id,
        workshop=tile.workshop_id,
        hosts=tuple(sorted({id for _name, id in tile.hosts if id is not None})),
        theme=theme,
        people=wanted or tile.capacity,
        at=(tile.round_id, tile.room_id),
        fixed=stays and complete,
        only=(tile.round_id,) if stays and not complete and tile.round_id else (),
        weight=1 + tile.taken,
    )


def suggest_due() -> bool:
    """What the worker does each sweep: start what was asked for, look how far it is, keep what was found.

    True while something runs.
    """
    mine = running("suggestions")
    rows = db.session.execute(select(Suggestion.id, Suggestion.question).where(Suggestion.ended_at.is_(None)))
    waiting: dict[int, Any] = dict(rows.all())  # type: ignore[arg-type]
    db.session.rollback()
    for id in [id for id in mine if id not in waiting]:
        mine.pop(id).close()

    def look(id: int) -> None:
        if id not in mine and not mine:  # one at a time: others wait their turn
            mine[id] = Computation(SOLVER, waiting[id])
        if id in mine:
            state = mine[id].look()
            try:
                note(id, state.news, state.ended, state.answer, now=clock.now())
            except Busy:
                raise  # what it found is kept, and noted at the next sweep
            except Exception:
                mine.pop(id).close()  # others wait for their turn
                raise
            if state.ended:
                mine.pop(id).close()

    each_due("suggestion", sorted(waiting), look)
    return bool(mine)


@transaction()
def note(id: int, news: dict[str, Any], ended: bool, answer: dict[str, Any] | None, *, now: datetime) -> None:
    """Keep how far a proposal is, or what was found. A plan that breaks a rule is not kept."""
    suggestion = db.session.get_one(Suggestion, id)
    _hold(suggestion)
    if suggestion.ended_at is not None:
        return
    suggestion.news = news
    if ended:
        suggestion.answer, suggestion.ended_at = answer or {}, now
        wrong = impossible(problem_from(suggestion.question), answer_of(suggestion))
        if wrong:
            current_app.logger.error("proposal %s breaks rules: %s", id, wrong)
            suggestion.answer = {}
        suggestion.ending = "failed" if wrong else "found"
    db.session.flush()


def _hold(suggestion: Suggestion) -> None:
    db.session.refresh(suggestion, with_for_update=db.engine.dialect.name != "sqlite")
