"""Who the organiser is on its invoices, at the desk: a form, and what is still missing."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.billing import queries
from learning.billing.forms import TREATMENTS, IdentityForm
from learning.desk.reading import mark, shown
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.wording import Wording
from learning.organisations import actions
from learning.organisations.actions import IDENTITY
from learning.organisations.models import Organiser
from learning.organisations.rules import iban_shown
from learning.people.permissions import can_set_identity, organiser_for

bp = Blueprint("identity_desk", __name__, url_prefix="/manage/<organiser>")


@bp.route("/identity", methods=["GET", "POST"])
def identity(organiser: str) -> ResponseReturnValue:
    """The identity for invoices: shown with what is missing, or saved."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_set_identity(account, owner.id))
    now = _said(owner)
    form = IdentityForm(data=now)
    if not form.is_submitted():
        form.seen.data = mark(now)
    if form.submitted():
        here = url_for("identity_desk.identity", organiser=organiser)
        was = {name: getattr(owner, name) for name in IDENTITY} if form.seen.data == mark(now) else None
        with form.refusals(here):
            actions.save_identity(owner.id, _values(form), was=was, by=account.id, now=clock.now())
            flash(_("Saved. Invoices from now on carry this; those that were issued stay as they are."), "ok")
            return redirect(here)
        now = _said(owner)
        form.seen.data = mark(now)
    differs = _differing(form, now) if form.status == 409 else {}
    gaps = queries.missing_identity(owner)
    return render_template(
        "billing/identity.html", organiser=owner, form=form, gaps=gaps, differs=differs
    ), form.status


def _said(owner: Organiser) -> dict[str, Any]:
    """What the organiser says of itself, as the form shows it."""
    names = [name for name in IDENTITY if name != "invoice_foot"]
    said = shown(owner, [*names, "invoice_foot_nl", "invoice_foot_en"])
    return said | {"iban": iban_shown(owner.iban.replace(" ", ""))}


def _values(form: IdentityForm) -> dict[str, Any]:
    """What was filled in, by the names of IDENTITY."""
    values: dict[str, Any] = form.texts()
    values["invoice_foot"] = Wording(values.pop("invoice_foot_nl"), values.pop("invoice_foot_en"))
    return values | {
        "vat_category": form.vat_category.data or None,
        "payment_days": int(form.payment_days.data),
    }


def _differing(form: IdentityForm, now: dict[str, Any]) -> dict[str, str]:
    """What stands there now, in words, for fields where the form says otherwise."""
    found = {name: value for name, value in now.items() if form[name].data != value}
    treatment = TREATMENTS[now["vat_category"]]
    return found | ({"vat_category": _(treatment)} if "vat_category" in found else {})
