"""Forms of everything that staff edit: meetings, blocks, sessions, venues, rooms, speakers and the rest."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk import reading, removing, saving
from learning.desk.doors import Desk, bp, differing, enter, enter_organisation, offer, values_of
from learning.desk.forms import RowForm
from learning.desk.kind import KINDS, Kind, row_of, rows_of, uses_of, words_of
from learning.desk.manage.lists import IN_ORGANISER, IN_PROGRAMME, address
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.kit.forms import Form
from learning.people.permissions import can_correct_billing, can_edit, can_see_plans, can_share, organiser_for

EMPTY_LINES = 2  # for more people in a form


@bp.route(IN_PROGRAMME + "/new", methods=["GET", "POST"])
def new_row(organiser: str, slug: str, key: str) -> ResponseReturnValue:
    """Make one."""
    return _edit(enter(organiser, slug, changing=True), KINDS[key], None)


@bp.route(IN_ORGANISER + "/new", methods=["GET", "POST"])
def new_shared(organiser: str, key: str) -> ResponseReturnValue:
    """Make one."""
    return _edit(enter(organiser, changing=True), KINDS[key], None)


@bp.route(IN_PROGRAMME + "/<int:id>", methods=["GET", "POST"])
def row(organiser: str, slug: str, key: str, id: int) -> ResponseReturnValue:
    """Change one."""
    return _edit(enter(organiser, slug), KINDS[key], id)


@bp.route(IN_ORGANISER + "/<int:id>", methods=["GET", "POST"])
def shared_row(organiser: str, key: str, id: int) -> ResponseReturnValue:
    """Change one."""
    made = KINDS[key]
    return _edit(enter_organisation(organiser) if made.part_form else enter(organiser), made, id)


@bp.post(IN_PROGRAMME + "/<int:id>/removal")
def remove_row(organiser: str, slug: str, key: str, id: int) -> ResponseReturnValue:
    """Take one away."""
    return _remove(enter(organiser, slug), KINDS[key], id)


@bp.post(IN_ORGANISER + "/<int:id>/removal")
def remove_shared(organiser: str, key: str, id: int) -> ResponseReturnValue:
    """Take one away."""
    return _remove(enter(organiser), KINDS[key], id)


@bp.get("/removed")
def removed(organiser: str) -> ResponseReturnValue:
    """What was taken away, to bring back."""
    desk = enter(organiser)
    lines = removing.recently(desk.account, desk.organiser.id)
    return render_template("desk/removed.html", desk=desk, lines=lines, form=RowForm(), local=clock.local)


@bp.post("/removed/<int:id>/restoration")
def restore(organiser: str, id: int) -> ResponseReturnValue:
    """Bring back what was taken away."""
    account = require_account()
    owner = organiser_for(account, organiser)
    gone = removing.removed_for(account, owner.id, id)
    require((can_edit if gone.programme_id else can_share)(account, owner.id))
    try:
        back = removing.restore(owner.id, id, by=account.id, now=clock.now())
        flash(_("“%(name)s” is back.", name=back.words), "ok")
    except Refusal as refusal:
        flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("desk.removed", organiser=organiser))


def _edit(desk: Desk, kind: Kind, id: int | None) -> ResponseReturnValue:
    """The form of one row: shown, or saved."""
    row = row_of(kind, desk.organiser.id, desk.programme, id, desk.account) if id is not None else None
    part = kind.part_form if not desk.edits and can_correct_billing(desk.account, desk.organiser.id) else None
    corrects = part is not None
    form, now = _form(desk, kind, row, part)
    if form.submitted():
        back = address(desk, kind, id if corrects else None)
        back = url_for(kind.back, **desk.at) if kind.back else back
        with form.refusals(back):
            saved = saving.save(
                kind,
                desk.organiser.id,
                desk.programme,
                id,
                {**(now if corrects else {}), **values_of(form)},
                seen=form.seen.data or "",
                by=desk.account.id,
                now=clock.now(),
            )
            flash(kind.said(saved) if kind.said else _said(kind, saved), "ok")
            return redirect((request.form.get("next") == "new" and address(desk, kind, new=True)) or back)
        if row is not None:
            row = row_of(kind, desk.organiser.id, desk.programme, id or 0, desk.account)
            now = reading.shown(row, now)
            form.seen.data = reading.mark(now)
    differs = differing(form, now) if form.status == 409 and row is not None else {}
    uses = uses_of(row) if row is not None and desk.edits else []
    page = {"desk": desk, "kind": kind, "form": form, "row": row, "differs": differs, "uses": uses}
    page |= {"programme": desk.programme, "address": address, "names": _names(desk, form)}
    page |= {"taken": kind.taken([row.id]) if row is not None else 0}
    page |= kind.beside(desk, row) | {
        "corrects": corrects,
        "lists": can_see_plans(desk.account, desk.organiser.id),
    }
    return render_template("desk/edit.html", **page), form.status


def _said(kind: Kind, row: Any) -> str:
    if kind.released:
        return _("“%(name)s” is saved. Visitors see it after the next release.", name=words_of(row))
    return _("“%(name)s” is saved.", name=words_of(row))


def _form(desk: Desk, kind: Kind, row: Any, part: type[Form] | None = None) -> tuple[Any, dict[str, Any]]:
    """The form of a row, or a part of it, filled with what the row says; and all that it says."""
    whole = kind.form if row is None else kind.change_form or kind.form
    make = part or whole
    names = [name for name in whole(formdata=None)._fields if name not in reading.SKIPPED]
    now = reading.shown(row, names) if row is not None else {}
    data = now or {name: request.args[name] for name in names if name in request.args}
    form = make(data=data)
    offer(desk, form)
    if not form.is_submitted():
        form.seen.data = reading.mark(now)
        if "parts" in form:
            for _n in range(EMPTY_LINES):
                form["parts"].append_entry()
    return form, now


def _names(desk: Desk, form: Any) -> list[str]:
    """The names of speakers to choose from while typing."""
    if "parts" not in form:
        return []
    return sorted({speaker.name for speaker in rows_of(KINDS["speakers"], desk.organiser.id, None)})


def _remove(desk: Desk, kind: Kind, id: int) -> ResponseReturnValue:
    row = row_of(kind, desk.organiser.id, desk.programme, id, desk.account)
    form = RowForm()
    if form.submitted():
        with form.refusals(address(desk, kind)):
            gone = removing.remove(
                desk.organiser.id, desk.programme, row, by=desk.account.id, now=clock.now()
            )
            flash(
                _("“%(name)s” is taken away. You can bring it back under “Taken away”.", name=gone.words),
                "ok",
            )
            return redirect(address(desk, kind))
    for words in form.form_errors:
        flash(words, "warn")
    return redirect(address(desk, kind, id))
