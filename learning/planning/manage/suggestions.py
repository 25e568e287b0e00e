"""A proposed grid: ask for it, see how far it is and what it gains, take it in or a part of it."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from learning.desk.doors import enter_programme
from learning.desk.forms import RowForm
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.forms import id_of
from learning.kit.wording import N_
from learning.planning import suggestions
from learning.planning.forms import SuggestForm
from learning.planning.grid import grid_of
from learning.planning.manage.door import bp
from learning.planning.models import Suggestion
from learning.planning.rules import plan_of, problem_from, reason
from learning.programmes.models import Programme

STAGES = {
    "unplaced": N_("giving everything a place"),
    "roomless": N_("finding rooms"),
    "standing": N_("making the rooms fit"),
    "uneven": N_("spreading the themes"),
    "parallel": N_("keeping apart what people want both"),
    "moved": N_("moving as little as possible"),
}
FIGURES = {
    "unplaced": N_("sessions without a round"),
    "clashes": N_("hosts, rooms or workshops twice at one time"),
    "roomless": N_("sessions in a round without a room"),
    "standing": N_("expected people who do not fit in the room"),
    "uneven": N_("sessions of a theme above its share of a round"),
    "parallel": N_("times that people want two sessions that are at one time"),
}
REASONS = {
    "no_rounds": N_("there is no round for it"),
    "host_away": N_("who leads it can be there in no round"),
    "workshop_everywhere": N_("the same workshop is given in every other round"),
    "hosts_busy": N_("who leads it leads something else then"),
}


@bp.route("/programmes/<slug>/suggestions", methods=["GET", "POST"])
def suggest(organiser: str, slug: str) -> ResponseReturnValue:
    """Ask for a proposal; the earlier ones."""
    desk, programme = enter_programme(organiser, slug)
    form = SuggestForm()
    if form.submitted():
        with form.refusals():
            asked = suggestions.ask(programme, form.how.data, by=desk.account.id, now=clock.now())
            return redirect(url_for("planning_desk.suggestion", id=asked.id, **desk.at))
    query = (
        select(Suggestion)
        .where(Suggestion.programme_id == programme.id)
        .order_by(Suggestion.id.desc())
        .limit(10)
    )
    page = {"desk": desk, "programme": programme, "form": form, "earlier": db.session.scalars(query).all()}
    return render_template(
        "planning/suggest.html", **page, hows=suggestions.HOW, local=clock.local
    ), form.status


@bp.route("/programmes/<slug>/suggestions/<int:id>", methods=["GET", "POST"])
def suggestion(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """How far a proposal is; then what it gains, to take in or not."""
    desk, programme = enter_programme(organiser, slug)
    found = _found(programme, id)
    form = RowForm()
    if form.submitted():
        with form.refusals(url_for("planning_desk.grid", **desk.at)):
            chosen = {id_of(value) for value in request.form.getlist("session")}
            step = suggestions.take(found, programme, chosen, by=desk.account.id, now=clock.now())
            flash(_("Moved.") if step else _("It is there already."), "ok")
            return redirect(url_for("planning_desk.grid", **desk.at))
    busy = found.ended_at is None
    page: dict[str, Any] = {"desk": desk, "programme": programme, "found": found, "form": form, "busy": busy}
    page |= {"stages": STAGES, "hows": suggestions.HOW}
    if found.ending == "found":
        page |= _outcome(programme, found)
    response = Response(render_template("planning/suggestion.html", **page), form.status)
    if busy:
        response.headers["Refresh"] = "2"
    return response


@bp.post("/programmes/<slug>/suggestions/<int:id>/stop")
def stop_suggestion(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Stop looking."""
    desk, programme = enter_programme(organiser, slug)
    found = _found(programme, id)
    if RowForm().submitted():
        suggestions.stop(found, programme, by=desk.account.id, now=clock.now())
    return redirect(url_for("planning_desk.suggestion", id=id, **desk.at))


def _found(programme: Programme, id: int) -> Suggestion:
    found = db.session.get(Suggestion, id) if 0 < id < 2**31 else None
    if found is None or found.programme_id != programme.id:
        not_found()
    return found


def _outcome(programme: Programme, found: Suggestion) -> dict[str, Any]:
    """The sessions that get another place, those that get none, and the figures before and after."""
    question, plan = problem_from(found.question), suggestions.answer_of(found)
    grid, was = grid_of(programme), plan_of(question)
    columns = {column.id: column for column in grid.rounds}
    rooms = {room.id: room.name for room in grid.rooms}
    before, after = suggestions.gains_of(found)
    moves: list[dict[str, Any]] = []
    for id, spot in plan.items():
        tile = grid.tiles.get(id)
        if tile is not None and spot != was[id]:
            meanwhile = (tile.round_id, tile.room_id) != was[id]
            there = meanwhile and (tile.round_id, tile.room_id) == spot
            moves.append({"tile": tile, "was": was[id], "to": spot, "meanwhile": meanwhile, "there": there})
    moves.sort(
        key=lambda m: (columns[m["to"][0]].number if m["to"][0] in columns else 0, rooms.get(m["to"][1], ""))
    )
    nowhere = [id for id, spot in plan.items() if spot[0] is None and id in grid.tiles]
    left = [(grid.tiles[id], REASONS[reason(question, plan, id)]) for id in nowhere]
    figures = [(words, getattr(before, name), getattr(after, name)) for name, words in FIGURES.items()]
    return {"moves": moves, "left": left, "figures": figures, "columns": columns, "rooms": rooms}
