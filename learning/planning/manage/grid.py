"""The grid: rooms × rounds, where sessions are dragged, moved by a form, swapped, undone and done again."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk import placing
from learning.desk.doors import Desk, enter_programme
from learning.desk.forms import RowForm
from learning.desk.models import GridStep
from learning.desk.placing import Spot
from learning.kit import clock
from learning.kit.errors import Refusal
from learning.kit.forms import id_of
from learning.kit.wording import N_
from learning.planning.forms import MoveForm, StretchForm
from learning.planning.grid import Grid, grid_of, news_since, standing
from learning.planning.manage.door import bp
from learning.planning.warnings import warnings_of
from learning.programmes.models import Programme
from learning.releases.news import news_of, released_number, sentence

DONE = {  # how the log's verbs read
    "moved": N_("%(who)s moved: %(what)s"),
    "gave other times": N_("%(who)s gave other times to: %(what)s"),
    "changed": N_("%(who)s changed: %(what)s"),
    "made": N_("%(who)s made: %(what)s"),
    "taken away": N_("%(who)s took away: %(what)s"),
    "brought back": N_("%(who)s brought back: %(what)s"),
    "cancelled": N_("%(who)s cancelled: %(what)s"),
    "undone": N_("%(who)s undid a step"),
    "redone": N_("%(who)s did a step again"),
    "brought in": N_("%(who)s brought in: %(what)s"),
    "released": N_("%(who)s released: %(what)s"),
}


@bp.get("/programmes/<slug>/grid")
def grid(organiser: str, slug: str) -> ResponseReturnValue:
    """The grid with its warnings and what changed since the last release."""
    desk, programme = enter_programme(organiser, slug)
    return _show(desk, programme), 200


@bp.get("/programmes/<slug>/grid/news")
def news(organiser: str, slug: str) -> ResponseReturnValue:
    """What changed since the last release, as a part of the page that comes after it."""
    desk, programme = enter_programme(organiser, slug)
    return render_template("planning/_news.html", desk=desk, news=news_of(programme), sentence=sentence)


@bp.post("/programmes/<slug>/grid/moves")
def move(organiser: str, slug: str) -> ResponseReturnValue:
    """Put a session elsewhere; a session that stands there goes where this one came from."""
    desk, programme = enter_programme(organiser, slug)
    now = grid_of(programme)
    form = _move_form(now)
    if not form.submitted():
        for field in form:
            for words in field.errors:
                flash(f"{field.label.text}: {words}", "warn")
        return _show(desk, programme), form.status
    id = form.session.data or ""
    was = _spot_said(form.seen.data or "")
    to = (form.round.value, form.room.value)
    return _do(desk, programme, lambda: placing.move(programme, id_of(id), to, was=was, **_by(desk)))


@bp.post("/programmes/<slug>/grid/times")
def stretch(organiser: str, slug: str) -> ResponseReturnValue:
    """Give a round other times."""
    desk, programme = enter_programme(organiser, slug)
    form = StretchForm()
    id = form.round.data or ""
    if not form.submitted():
        for field in form:
            for words in field.errors:
                flash(f"{field.label.text}: {words}", "warn")
        return _show(desk, programme, form if id_of(id) else None), form.status
    seen = (form.seen.data or "").partition("-")
    was = (seen[0], seen[2]) if seen[1] else None
    to = (form.start.value, form.end.value)
    return _do(desk, programme, lambda: placing.stretch(programme, id_of(id), *to, was=was, **_by(desk)))


@bp.get("/programmes/<slug>/grid/since/<int:number>")
def since(organiser: str, slug: str, number: int) -> ResponseReturnValue:
    """What was done to this grid after this line of the log, as a part of the page; 204 when nothing was."""
    _desk, programme = enter_programme(organiser, slug)
    news = news_since(programme, number) if number < 2**31 else []
    lines = [(line, _(DONE.get(line.verb, DONE["changed"]), who=line.who, what=line.words)) for line in news]
    return (render_template("planning/_since.html", lines=lines), 200) if lines else ("", 204)


@bp.post("/programmes/<slug>/grid/undo")
def undo(organiser: str, slug: str) -> ResponseReturnValue:
    """Take the last own step back."""
    desk, programme = enter_programme(organiser, slug)
    return _do(desk, programme, lambda: placing.undo(programme, **_by(desk)))


@bp.post("/programmes/<slug>/grid/redo")
def redo(organiser: str, slug: str) -> ResponseReturnValue:
    """Do it again."""
    desk, programme = enter_programme(organiser, slug)
    return _do(desk, programme, lambda: placing.redo(programme, **_by(desk)))


def _by(desk: Desk) -> dict[str, Any]:
    return {"by": desk.account.id, "now": clock.now()}


def _do(desk: Desk, programme: Programme, step: Callable[[], GridStep | None]) -> ResponseReturnValue:
    """Do it and show the grid again; a refusal says why, beside the grid as it is now."""
    if not RowForm().submitted():
        flash(_("This page had expired. Try again."), "warn")
        return _show(desk, programme), 422
    try:
        done = step()
    except Refusal as refusal:
        flash(_(refusal.message, **refusal.values), "warn")
        return _show(desk, programme), 409
    flash(_("Moved.") if done else _("It is there already."), "ok")
    return redirect(url_for("planning_desk.grid", **desk.at))


def _show(desk: Desk, programme: Programme, times: StretchForm | None = None) -> str:
    now = grid_of(programme)
    warnings = warnings_of(now)
    by_tile: dict[int, list[object]] = {}
    for warning in warnings:
        for id in warning.sessions:
            by_tile.setdefault(id, []).append(warning)
    undoable, redoable, last = standing(programme, desk.account.id)
    chosen = request.args.get("move", type=int)
    page = {"desk": desk, "programme": programme, "grid": now, "warnings": warnings, "by_tile": by_tile}
    page |= {
        "form": _move_form(now),
        "undoable": undoable,
        "redoable": redoable,
        "released": released_number(programme),
    }
    asked = id_of(times.round.data) if times else request.args.get("stretch", type=int)
    round = next((column for column in now.rounds if column.id == asked), None)
    shown = {"start": round.start, "end": round.end} if round else {}
    page |= {"stretching": round, "stretch": times or StretchForm(formdata=None, data=shown), "last": last}
    page["moving"] = now.tiles.get(chosen) if chosen else None
    return render_template("planning/grid.html", **page)


def _move_form(now: Grid) -> MoveForm:
    form = MoveForm()
    form.round.offer([(c.id, c.title.pick("nl")) for c in now.rounds], empty=_("not placed yet"))
    form.room.offer(
        [(room.id, f"{room.venue.name}: {room.name}") for room in now.rooms], empty=_("no room yet")
    )
    return form


def _spot_said(seen: str) -> Spot | None:
    """Where the sender saw the session: "round:room", either may be empty; None when not said."""
    round_id, colon, room_id = seen.partition(":")
    if not colon or not all(
        part == "" or (part.isascii() and part.isdigit()) for part in (round_id, room_id)
    ):
        return None
    return (id_of(round_id) if round_id else None, id_of(room_id) if room_id else None)
