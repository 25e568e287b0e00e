"""Merging two organisations at the desk: choose the other one, look at both side by side, confirm, undo."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from learning.desk.doors import Desk, enter
from learning.desk.forms import DeskForm, RowForm
from learning.desk.kind import row_of
from learning.desk.manage.lists import address
from learning.kit import clock
from learning.kit.errors import Refusal
from learning.network import merging
from learning.network.forms import merge_form
from learning.network.kinds import ORGANISATION_KINDS, ORGANISATIONS
from learning.network.manage.door import bp
from learning.network.merging import Plan
from learning.organisations.models import Organisation

LANGUAGES = {"nl": "Nederlands", "en": "English"}


@bp.get("/organisations/<int:id>/merge")
def merge_with(organiser: str, id: int) -> ResponseReturnValue:
    """Choose the organisation that becomes part of this one."""
    desk = enter(organiser, changing=True)
    row = row_of(ORGANISATIONS, desk.organiser.id, None, id, desk.account)
    asked = request.args.get("q", "")[:100]
    found = merging.others_like(desk.organiser.id, row.id, asked)
    page = {
        "desk": desk,
        "row": row,
        "asked": asked,
        "found": found,
        "address": address,
        "kind": ORGANISATIONS,
    }
    return render_template("network/merge_with.html", **page)


@bp.route("/organisations/<int:id>/merge/<int:other_id>", methods=["GET", "POST"])
def merge(organiser: str, id: int, other_id: int) -> ResponseReturnValue:
    """Both side by side, and which value stays; sent, the other one becomes part of this one."""
    desk = enter(organiser, changing=True)
    stays, goes = (row_of(ORGANISATIONS, desk.organiser.id, None, n, desk.account) for n in (id, other_id))
    back = address(desk, ORGANISATIONS, id)
    if stays is goes:
        flash(_("This is one organisation. Choose another one."), "warn")
        return redirect(back)
    plan = merging.plan(stays, goes)
    form = _form(plan)
    if form.submitted():
        take = [key for key in plan.fields if form[key].data == "goes"]
        with form.refusals(back):
            by, seen = desk.account.id, form.seen.data or ""
            try:
                merged = merging.merge(
                    desk.organiser.id, id, other_id, take, seen=seen, by=by, now=clock.now()
                )
            except Refusal as refusal:
                if refusal.code != "gone_meanwhile":
                    raise
                flash(_(refusal.message), "warn")
                return redirect(address(desk, ORGANISATIONS))
            flash(_undo_words(desk, merged.id, merged.words), "ok")
            return redirect(back)
        stays, goes = (
            row_of(ORGANISATIONS, desk.organiser.id, None, n, desk.account) for n in (id, other_id)
        )
        plan = merging.plan(stays, goes)
        form.seen.data = plan.seen
    page = {"desk": desk, "plan": plan, "form": form, "address": address, "kind": ORGANISATIONS}
    return render_template("network/merge.html", **page), form.status


@bp.post("/merges/<int:id>/undoing")
def undo_merge(organiser: str, id: int) -> ResponseReturnValue:
    """Two organisations again."""
    desk = enter(organiser)
    merging.merge_for(desk.organiser.id, id)
    form = RowForm()
    back = address(desk, ORGANISATIONS)
    if form.submitted():
        try:
            merged = merging.undo(desk.organiser.id, id, by=desk.account.id, now=clock.now())
            flash(
                _("These are two organisations again: %(words)s.", words=merged.words.replace("→", "/")), "ok"
            )
            back = address(desk, ORGANISATIONS, merged.organisation_id)
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(back)


def _form(plan: Plan) -> DeskForm:
    """The choices between what both say; what one of them leaves empty is not chosen at first."""
    choices = {key: (_words(plan.stays, key), _words(plan.goes, key)) for key in plan.fields}
    first = {key: "goes" if ours == "–" else "stays" for key, (ours, _theirs) in choices.items()}
    form: DeskForm = merge_form(choices)(data=first)
    if not form.is_submitted():
        form.seen.data = plan.seen
    return form


def _words(row: Organisation, key: str) -> str:
    """What an organisation says under a key, in words."""
    if key == "kind":
        return _(ORGANISATION_KINDS.get(row.kind, row.kind))
    if key == "language":
        return LANGUAGES.get(row.language, row.language)
    if key == "address":
        place = " ".join(part for part in (row.postcode, row.city) if part)
        country = row.country if row.country != "NL" else ""
        return ", ".join(part for part in (row.street, place, country) if part) or "–"
    return getattr(row, key) or "–"


def _undo_words(desk: Desk, id: int, words: str) -> str:
    """What was done, with the way to where it can be undone."""
    link = Markup('<a href="#merge-{}">{}</a>').format(id, _("Undo"))
    return Markup("{} {}").format(_("These are one organisation now: %(words)s.", words=words), link)
