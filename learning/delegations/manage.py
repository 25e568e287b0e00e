"""Delegations at the desk: who takes part, how many they send, and confirming new contacts."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.delegations import actions, queries
from learning.delegations.forms import GoForm
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.kit.money import euro
from learning.people.permissions import can_bill, can_see_desk, organiser_for

bp = Blueprint("delegations_desk", __name__, url_prefix="/manage/<organiser>")


@bp.get("/programmes/<slug>/delegations")
def delegations(organiser: str, slug: str) -> ResponseReturnValue:
    """The delegations of a programme."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    programme = queries.programme_at_desk(owner, slug)
    search = request.args.get("search", "").strip()[:100]
    page = {
        "organiser": owner,
        "programme": programme,
        "lines": queries.desk_lines(programme, search=search),
        "search": search,
        "billing": can_bill(account, owner.id),
        "euro": lambda amount: euro(amount, g.lang),
    }
    return render_template("delegations/desk.html", **page, form=GoForm())


@bp.post("/delegations/<int:id>/confirmation")
def confirm(organiser: str, id: int) -> ResponseReturnValue:
    """The contact person is who they say: the delegation counts."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    delegation = queries.delegation_at_desk(owner, id)
    back = url_for("delegations_desk.delegations", organiser=organiser, slug=delegation.programme.slug)
    form = GoForm()
    if form.submitted():
        try:
            actions.confirm(delegation, by=account, now=clock.now())
            flash(_("%(organisation)s takes part.", organisation=delegation.organisation.name), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(back)
