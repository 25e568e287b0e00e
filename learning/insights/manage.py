"""The first pages of the desk: the organiser's programmes, and how one of them stands."""

from datetime import timedelta

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from learning.insights import queries
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.people.permissions import (
    can_make,
    can_see_desk,
    can_see_invoices,
    can_see_people,
    can_see_plans,
    organiser_for,
)
from learning.programmes.permissions import programme_for

bp = Blueprint("programmes_desk", __name__, url_prefix="/manage/<organiser>")


@bp.get("/")
def overview(organiser: str) -> ResponseReturnValue:
    """The programmes of the organiser."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    lines = queries.programme_lines(account, owner)
    page = {"organiser": owner, "lines": lines, "drafts": queries.drafts_of(account, owner)}
    page |= {"makes": can_make(account, owner.id), "bills": can_see_invoices(account, owner.id)}
    return render_template("insights/overview.html", **page)


@bp.get("/programmes/<slug>")
def programme(organiser: str, slug: str) -> ResponseReturnValue:
    """How one programme stands: registrations, and how full each session is."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    g.programme = programme = programme_for(account, owner, slug)
    require(can_see_desk(account, owner.id))
    now = clock.now()
    figures = queries.figures(programme, since=now - timedelta(days=1))
    page = {"figures": figures, "programme": programme, "now": now}
    page |= {"looks": can_see_people(account, owner.id), "plans": can_see_plans(account, owner.id)}
    return render_template("insights/programme.html", organiser=owner, **page)
