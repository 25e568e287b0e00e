"""Pages about contacts: ending and handing over at the
desk, and what contacts of a city do for each other.
"""

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.delegations import queries
from learning.delegations.forms import GoForm
from learning.delegations.models import Delegation
from learning.kit import clock
from learning.kit.access import found, not_found, require_account
from learning.kit.errors import Refusal
from learning.network import contacts
from learning.network.contact_forms import ColleagueForm, carry_out, hand_over_form
from learning.people.contacts import appoint, contacts_of, invite
from learning.people.models import Account, Contact
from learning.releases.queries import titles_of

bp = Blueprint("network", __name__)


@bp.get("/<any(nl, en):lang>/delegations/<int:id>/contacts")
def colleagues(id: int) -> ResponseReturnValue:
    """Who speaks for the organisation of this delegation."""
    account, delegation, mine = _own(id)
    return _colleagues(account, delegation, mine, _colleague_form())


@bp.post("/<any(nl, en):lang>/delegations/<int:id>/contacts")
def add_colleague(id: int) -> ResponseReturnValue:
    """Somebody else speaks for it too, and is told by mail."""
    account, delegation, mine = _own(id)
    form = _colleague_form()
    back = url_for("network.colleagues", id=id)
    if form.submitted():
        with form.refusals(back):
            who = (delegation.organisation, form.name.data, form.mail.data)
            contact = appoint(*who, language=form.language.data, by=account, now=clock.now())
            flash(_("%(name)s gets an invitation by mail.", name=contact.person.name), "ok")
            return redirect(back)
    return _colleagues(account, delegation, mine, form)


@bp.post("/<any(nl, en):lang>/delegations/<int:id>/contacts/<int:contact_id>/invitation")
def invite_colleague(id: int, contact_id: int) -> ResponseReturnValue:
    """The invitation is mailed again."""
    account, delegation, _mine = _own(id)
    contact = next((row for row in contacts_of(delegation.organisation_id) if row.id == contact_id), None)
    if contact is None:
        not_found()
    form = GoForm()
    if form.submitted():
        try:
            invite(contact, by=account, now=clock.now())
            flash(_("%(name)s gets an invitation by mail.", name=contact.person.name), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("network.colleagues", id=id))


@bp.route("/<any(nl, en):lang>/delegations/<int:id>/contacts/hand-over", methods=["GET", "POST"])
def hand_over(id: int) -> ResponseReturnValue:
    """A colleague takes over one's own delegations of this organisation."""
    account, delegation, mine = _own(id)
    form, others = hand_over_form(mine)
    if form.submitted():
        with form.refusals(url_for("people.home")):
            carry_out(form, mine, others, account)
            return redirect(url_for("people.home"))
    rows = [row for contact in mine for row in contacts.delegations_of(contact)]
    page = {
        "delegation": delegation,
        "form": form,
        "rows": rows,
        "titles": titles_of(row.programme_id for row in rows),
        "back": url_for("network.colleagues", id=id),
    }
    return render_template("network/hand_over.html", **page), form.status


def _own(id: int) -> tuple[Account, Delegation, list[Contact]]:
    """The delegation, for a confirmed contact of its organisation; else 404."""
    account = require_account()
    delegation = found(queries.delegation_for(account, id))
    mine = contacts.my_contacts(account, delegation.organisation_id)
    g.organiser = delegation.organiser
    return account, delegation, mine


def _colleague_form() -> ColleagueForm:
    return ColleagueForm(data={"language": g.lang})


def _colleagues(
    account: Account, delegation: Delegation, mine: list[Contact], form: ColleagueForm
) -> ResponseReturnValue:
    rows, ids = contacts_of(delegation.organisation_id), {row.id for row in mine}
    page = {
        "delegation": delegation,
        "rows": rows,
        "mine": ids,
        "form": form,
        "button": GoForm(formdata=None),
    }
    return render_template("network/colleagues.html", **page), form.status
