"""The first pages of the desk: the organiser's programmes, and how one of them stands."""

from datetime import timedelta

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from learning.insights import queries
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.people.permissions import can_see_desk, organiser_for, staff_role

bp = Blueprint("programmes_desk", __name__, url_prefix="/manage/<organiser>")


@bp.get("/")
def overview(organiser: str) -> ResponseReturnValue:
    """The programmes of the organiser."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    lines = queries.programme_lines(owner)
    page = {"organiser": owner, "lines": lines, "drafts": queries.drafts_of(owner), "role": staff_role(account, owner.id)}
    return render_template("insights/overview.html", **page)


@bp.get("/programmes/<slug>")
def programme(organiser: str, slug: str) -> ResponseReturnValue:
    """How one programme stands: registrations, and how full each session is."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    now = clock.now()
    figures = queries.figures(owner, slug, since=now - timedelta(days=1))
    g.programme = figures.programme
    page = {"figures": figures, "programme": figures.programme, "role": staff_role(account, owner.id), "now": now}
    return render_template("insights/programme.html", organiser=owner, **page)
