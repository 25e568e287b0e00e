"""The page of the desk with the things to begin with."""

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.office import actions
from learning.office.forms import ButtonForm
from learning.office.permissions import is_owner
from learning.office.steps import Step, last_trial, steps
from learning.organisations.models import Organiser
from learning.people.actions import throttle_mail
from learning.people.models import Account
from learning.people.permissions import can_manage, organiser_for

bp = Blueprint("office_desk", __name__, url_prefix="/manage/<organiser>/beginning")
PAGES = {  # where a step is done, for as far as this installation has the page
    "organiser": ("/manage/<organiser>/brand",),
    "colleagues": ("/manage/<organiser>/colleagues", "/manage/<organiser>/colleagues/"),
    "identity": ("/manage/<organiser>/identity", "/manage/<organiser>/identity/"),
    "programme": ("/manage/<organiser>/programmes/new",),
}


@bp.get("")
def beginning(organiser: str) -> ResponseReturnValue:
    """How far things are, and the step that comes next or was asked for."""
    account, owner = _enter(organiser)
    todo = steps(owner, account)
    asked = next((step for step in todo if step.key == request.args.get("step")), None)
    shown = asked or next((step for step in todo if not step.done), None)
    page: dict[str, Any] = {"steps": todo, "shown": shown, "done": sum(step.done for step in todo)}
    page |= {"trial": last_trial(account), "places": _places(owner), "form": ButtonForm()}
    page |= {"is_owner": is_owner(account), "account": account}
    return render_template("office/beginning.html", organiser=owner, words=_words, **page)


@bp.post("/mail")
def mail(organiser: str) -> ResponseReturnValue:
    """Mail something to oneself."""
    account, owner = _enter(organiser)
    here = url_for("office_desk.beginning", organiser=owner.slug, step="mail")
    form = ButtonForm()
    if form.submitted():
        try:
            throttle_mail("trial", account.mail, request.remote_addr, clock.now())
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
            return redirect(here)
        with form.refusals(here):
            actions.send_trial(account, owner, now=clock.now())
            flash(
                _("A mail is under way to %(mail)s. Look at this page again in a moment.", mail=account.mail),
                "ok",
            )
    return redirect(here)


@bp.post("/away")
def away(organiser: str) -> ResponseReturnValue:
    """Put the list away."""
    account, owner = _enter(organiser)
    desk = url_for("programmes_desk.overview", organiser=owner.slug)
    form = ButtonForm()
    if form.submitted():
        with form.refusals(desk):
            actions.settle(owner.id, by=account, now=clock.now())
            flash(_("The list is put away. You find everything of it in the menu."), "ok")
    return redirect(desk)


def _enter(organiser: str) -> tuple[Account, Organiser]:
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_manage(account, owner.id))
    return account, owner


def _places(owner: Organiser) -> dict[str, str]:
    """The address of the page of each step that has one."""
    known = {rule.rule: rule.endpoint for rule in current_app.url_map.iter_rules()}
    found = {
        key: next((known[rule] for rule in rules if rule in known), None) for key, rules in PAGES.items()
    }
    return {key: url_for(endpoint, organiser=owner.slug) for key, endpoint in found.items() if endpoint}


def _words(step: Step, *, short: bool = False) -> str:
    """How a step stands, in the language of the page; in short without its parts."""
    values: dict[str, Any] = dict(step.values)
    parts = "" if short or not step.parts else f". {' '.join(_(part) for part in step.parts)}"
    return _(step.words, **values) + parts
