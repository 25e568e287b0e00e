"""Contacts at the desk: ending, and handing over."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.delegations.forms import GoForm
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.network import contacts
from learning.network.contact_forms import carry_out, hand_over_form
from learning.network.manage.door import bp
from learning.organisations.models import Organiser
from learning.people.models import Account, Contact
from learning.people.permissions import can_share, organiser_for
from learning.releases.queries import titles_of


def _enter(organiser: str, id: int) -> tuple[Account, Organiser, Contact]:
    """Let editors and admins in; 404 for strangers and for what is not theirs, 403 for other staff."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    contact = contacts.contact_at_desk(account, owner, id)
    require(can_share(account, owner.id))
    return account, owner, contact


@bp.post("/contacts/<int:id>/ending")
def end_contact(organiser: str, id: int) -> ResponseReturnValue:
    """Somebody does not speak for the organisation any more."""
    account, _owner, contact = _enter(organiser, id)
    form = GoForm()
    if form.submitted():
        try:
            contacts.end(contact, by=account, now=clock.now())
            flash(_("%(name)s is no contact any more.", name=contact.person.name), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("desk.shared_row", organiser=organiser, key="contacts", id=id))


@bp.route("/contacts/<int:id>/hand-over", methods=["GET", "POST"])
def hand_over_contact(organiser: str, id: int) -> ResponseReturnValue:
    """Another contact of the same organisation takes over."""
    account, owner, contact = _enter(organiser, id)
    form, others = hand_over_form([contact])
    back = url_for("desk.shared_row", organiser=organiser, key="contacts", id=id)
    if form.submitted():
        with form.refusals(back):
            carry_out(form, [contact], others, account)
            return redirect(back)
    rows = contacts.delegations_of(contact)
    page = {
        "organiser": owner,
        "contact": contact,
        "form": form,
        "rows": rows,
        "titles": titles_of(row.programme_id for row in rows),
        "back": back,
    }
    return render_template("network/hand_over_desk.html", **page), form.status
