"""Bringing a programme in: paste or upload, look at the proposal, confirm, and see how far it is."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk.doors import Desk, enter_programme
from learning.desk.forms import RowForm
from learning.intake import actions
from learning.intake.forms import BringForm
from learning.intake.models import BringIn
from learning.intake.proposals import Proposal
from learning.intake.reading import EXAMPLE, TEMPLATE, read, read_text
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.sheets import csv_file
from learning.kit.uploads import opened
from learning.kit.wording import N_
from learning.people.actions import throttle_uploads
from learning.programmes.models import Programme

bp = Blueprint("intake_desk", __name__, url_prefix="/manage/<organiser>")

SHOWN = 200  # lines of a proposal on the page


@bp.route("/programmes/<slug>/bring-in", methods=["GET", "POST"])
def bring_in(organiser: str, slug: str) -> ResponseReturnValue:
    """Paste or upload; what was read is shown, and nothing is saved yet."""
    desk, programme = enter_programme(organiser, slug, changing=True)
    form = BringForm()
    taken = _taken(desk, form) if form.submitted() else None
    if taken is not None:
        with form.refusals():
            name, proposal = taken
            kept = actions.keep_proposal(programme, proposal, name=name, by=desk.account.id, now=clock.now())
            return redirect(url_for("intake_desk.brought", id=kept.id, **desk.at))
    return render_template("intake/bring_in.html", desk=desk, programme=programme, form=form), form.status


@bp.get("/programmes/<slug>/bring-in/example.csv")
def bring_in_example(organiser: str, slug: str) -> ResponseReturnValue:
    """The example of a table."""
    enter_programme(organiser, slug)
    headers = {"Content-Disposition": 'attachment; filename="voorbeeld.csv"'}
    return Response(csv_file([TEMPLATE, EXAMPLE]), mimetype="text/csv", headers=headers)


@bp.route("/programmes/<slug>/bring-in/<int:id>", methods=["GET", "POST"])
def brought(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """The proposal with its problems; confirmed, how far it is."""
    desk, programme = enter_programme(organiser, slug)
    kept = _kept(programme, id)
    form = RowForm()
    here = url_for("intake_desk.brought", id=id, **desk.at)
    if form.submitted():
        with form.refusals(here):
            shown = range(min(len(kept.lines), SHOWN))
            without = {number for number in shown if f"line-{number}" not in request.form}
            actions.confirm(kept, without=without, by=desk.account.id, now=clock.now())
        if not form.form_errors:
            if len(kept.lines) <= actions.AT_ONCE:
                actions.bring_some(kept.id, now=clock.now())
            return redirect(here)
    busy = kept.confirmed_at is not None and kept.finished_at is None
    page = {"desk": desk, "programme": programme, "kept": kept, "form": form, "busy": busy, "shown": SHOWN}
    response = Response(render_template("intake/brought.html", **page), form.status)
    if busy:
        response.headers["Refresh"] = "2"
    return response


def _kept(programme: Programme, id: int) -> BringIn:
    kept = db.session.get(BringIn, id) if 0 < id < 2**31 else None
    if kept is None or kept.programme_id != programme.id:
        not_found()
    return kept


def _taken(desk: Desk, form: BringForm) -> tuple[str, Proposal] | None:
    """The name of what was sent and what it proposes, read
    before anything is written; None when the form says why not.
    """
    try:
        throttle_uploads(f"account {desk.account.id}", now=clock.now())
        return _read(form)
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _read(form: BringForm) -> tuple[str, Proposal]:
    """What was uploaded, else what was pasted."""
    upload = request.files.get("file")
    try:
        if upload is not None and upload.filename:
            return upload.filename, read(opened(upload.read()))
        if not form.text.data:
            raise Refusal("nothing", N_("Paste a text or choose a file."))
        return _("pasted text"), read_text(form.text.data)
    except Refusal as refusal:
        field = "file" if upload is not None and upload.filename else "text"
        raise Refusal(refusal.code, refusal.message, field, **refusal.values) from None
