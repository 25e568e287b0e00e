"""Colleagues at the desk: who they are, inviting, other
roles, leaving; and the page behind the link of an invitation.
"""

from datetime import datetime

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError

from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.db import Busy, db
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.people import actions, colleagues, invitations
from learning.people.forms import GoForm, InviteForm, RoleForm
from learning.people.models import Account, Staff
from learning.people.permissions import Standing, can_manage, organiser_for
from learning.people.roles import MEANT, PERMISSIONS, ROLES

bp = Blueprint("people_desk", __name__)
AT = "/manage/<organiser>/colleagues"
INVITED = 60  # how often an organiser invites in an hour


@bp.get(AT, endpoint="colleagues")
def list_colleagues(organiser: str) -> ResponseReturnValue:
    """Who works for the organiser, who is invited, and what each role may."""
    account = _enter(organiser)
    titles = dict(_titles())
    rows = [(row, _limits_words(row, titles)) for row in colleagues.staff_of(g.organiser.id)]
    asked = [(row, _limits_words(row, titles)) for row in colleagues.invitations_of(g.organiser.id)]
    page = {"rows": rows, "asked": asked, "permissions": PERMISSIONS, "account": account, "now": clock.now()}
    return render_template("people/colleagues.html", **page, **_frame())


@bp.route(AT + "/new", methods=["GET", "POST"])
def invite(organiser: str) -> ResponseReturnValue:
    """Invite somebody by mail."""
    account = _enter(organiser)
    form = InviteForm(data={"language": g.organiser_language, "role": "editor"})
    form.programmes.choices = _titles()
    back = url_for("people_desk.colleagues", organiser=organiser)
    if form.submitted() and _within_bounds(form):
        with form.refusals(back):
            who = (form.mail.data, form.name.data or "", form.role.data, form.limits)
            invitations.invite(g.organiser.id, *who, language=form.language.data, by=account, now=clock.now())
            flash(_("%(mail)s gets an invitation by mail.", mail=form.mail.data), "ok")
            return redirect(back)
    return render_template("people/invite.html", form=form, **_frame()), form.status


@bp.route(AT + "/<int:id>", methods=["GET", "POST"])
def colleague(organiser: str, id: int) -> ResponseReturnValue:
    """Another role, or other limits."""
    account = _enter(organiser)
    row = colleagues.colleague_at_desk(g.organiser.id, id)
    limits = colleagues.programmes_of(row)
    form = RoleForm(data={"role": row.role, "limited": row.limited, "programmes": sorted(limits or ())})
    form.programmes.choices = _titles()
    back = url_for("people_desk.colleagues", organiser=organiser)
    if form.submitted():
        with form.refusals(back):
            colleagues.change(row, form.role.data, form.limits, by=account, now=clock.now())
            flash(_("%(name)s has this role from now on.", name=_name(row)), "ok")
            return redirect(back)
    page = {"row": row, "form": form, "own": row.account_id == account.id, "name": _name(row)}
    return render_template("people/colleague.html", **page, **_frame()), form.status


@bp.route(AT + "/<int:id>/removal", methods=["GET", "POST"])
def remove(organiser: str, id: int) -> ResponseReturnValue:
    """What it means that somebody leaves; sent, it is done."""
    account = _enter(organiser)
    row = colleagues.colleague_at_desk(g.organiser.id, id)
    form, back = GoForm(), url_for("people_desk.colleagues", organiser=organiser)
    if form.submitted():
        with form.refusals(back):
            name = _name(row)
            colleagues.remove(row, by=account, now=clock.now())
            flash(_("%(name)s is no colleague any more, and is signed out everywhere.", name=name), "ok")
            return redirect(back)
    page = {"row": row, "form": form, "own": row.account_id == account.id, "name": _name(row)}
    return render_template("people/colleague_removal.html", **page, **_frame()), form.status


@bp.post(AT + "/invitations/<int:id>/renewal")
def renew_invitation(organiser: str, id: int) -> ResponseReturnValue:
    """Send the invitation once more, with another link."""
    account = _enter(organiser)
    invitation = invitations.invitation_at_desk(g.organiser.id, id)
    if GoForm().submitted():
        try:
            invitations.renew(invitation, by=account, now=clock.now())
            flash(_("%(mail)s gets an invitation by mail.", mail=invitation.mail), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("people_desk.colleagues", organiser=organiser))


@bp.post(AT + "/invitations/<int:id>/withdrawal")
def withdraw_invitation(organiser: str, id: int) -> ResponseReturnValue:
    """The invitation does not work any more."""
    account = _enter(organiser)
    invitation = invitations.invitation_at_desk(g.organiser.id, id)
    if GoForm().submitted():
        try:
            invitations.withdraw(invitation, by=account, now=clock.now())
            flash(_("The invitation of %(mail)s is withdrawn.", mail=invitation.mail), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("people_desk.colleagues", organiser=organiser))


@bp.after_app_request
def note_seen(response: Response) -> Response:
    """Keep when staff were at the desk, once an hour, after the page is made; a page never fails by it."""
    if response.status_code >= 400:
        return response
    known: dict[tuple[int, int], Standing | None] = g.get("standings", {})
    now = clock.now()
    late = [found for found in known.values() if found is not None and _long_ago(found.seen_at, now)]
    for found in late:
        try:
            colleagues.seen(found.staff_id, now=now)
        except (Busy, DBAPIError):
            db.session.rollback()
            current_app.logger.warning("it was not kept that staff %s was here", found.staff_id)
    return response


def _long_ago(moment: datetime | None, now: datetime) -> bool:
    return moment is None or moment <= now - colleagues.SEEN


def _enter(organiser: str) -> Account:
    """Let administrators in."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_manage(account, owner.id))
    g.organiser_language = account.language
    return account


def _within_bounds(form: InviteForm) -> bool:
    """Count this invitation; False when there were too many, and then the form says so."""
    try:
        actions.throttle(f"invite|organiser|{g.organiser.id}", INVITED, actions.HOUR, clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _titles() -> list[tuple[int, str]]:
    """The programmes to choose from."""
    rows = of(current_app).hooks.programme_titles(g.organiser.id)
    return [(id, title.pick(g.lang)) for id, title in rows]


def _limits_words(row: object, titles: dict[int, str]) -> list[str] | None:
    limits = colleagues.programmes_of(row)  # type: ignore[arg-type]
    return None if limits is None else [words for id, words in titles.items() if id in limits]


def _name(row: Staff) -> str:
    return row.account.name or row.account.mail


def _frame() -> dict[str, object]:
    return {
        "organiser": g.organiser,
        "roles": ROLES,
        "meant": MEANT,
        "local": clock.local,
        "button": GoForm(formdata=None),
    }
