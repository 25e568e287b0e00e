"""Invoices at the desk: draft, look, issue, download."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.billing import actions, queries
from learning.billing.forms import GoForm
from learning.billing.models import Invoice
from learning.billing.rules import totals
from learning.delegations.at_desk import delegation_at_desk
from learning.desk.reading import at_desk_by_id, titles_of
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.kit.files import path_of
from learning.kit.money import euro
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.people.permissions import (
    can_bill,
    can_correct_billing,
    can_see_delegations,
    can_see_invoices,
    can_set_identity,
    can_set_reference,
    organiser_for,
)

bp = Blueprint("billing_desk", __name__, url_prefix="/manage/<organiser>")


@bp.post("/delegations/<int:id>/invoices")
def draft(organiser: str, id: int) -> ResponseReturnValue:
    """Make a draft for this delegation, and show it."""
    account, owner = _who(organiser, can_see_delegations)
    delegation = delegation_at_desk(account, owner, id)
    require(can_bill(account, owner.id))
    back = url_for(
        "delegations_desk.delegations", organiser=organiser, slug=at_desk_by_id(delegation.programme_id).slug
    )
    form = GoForm()
    if form.submitted():
        try:
            invoice = actions.draft_invoice(delegation, by=account, now=clock.now())
            return redirect(url_for("billing_desk.invoice", organiser=organiser, id=invoice.id))
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(back)


@bp.get("/invoices")
def invoices(organiser: str) -> ResponseReturnValue:
    """All invoices, with search and filter."""
    account, owner = _who(organiser)
    search, state = request.args.get("search", "").strip()[:100], request.args.get("state", "")
    state = state if state in ("draft", "issued") else ""
    asked = request.args.get("page", 1, type=int)
    found = queries.invoices_of(account, owner, search=search, state=state, page=asked)
    seller = queries.seller_of(owner)
    lines = [(row, totals(queries.lines_of(row, seller)).gross) for row in found.rows]
    page = {
        "organiser": owner,
        "lines": lines,
        "page": found,
        "search": search,
        "state": state,
        "euro": _euro,
        "titles": dict(titles_of(owner.id)),
    }
    return render_template("billing/invoices.html", **page)


@bp.get("/invoices/<int:id>")
def invoice(organiser: str, id: int) -> ResponseReturnValue:
    """One invoice or draft, with what is still missing."""
    account, owner = _who(organiser)
    return _page(account, owner, queries.invoice_at_desk(account, owner, id), GoForm())


@bp.post("/invoices/<int:id>/issue")
def issue(organiser: str, id: int) -> ResponseReturnValue:
    """Give it a number and freeze it; the PDF and the mail follow."""
    account, owner = _who(organiser)
    invoice = queries.invoice_at_desk(account, owner, id)
    require(can_bill(account, owner.id))
    page = url_for("billing_desk.invoice", organiser=organiser, id=id)
    form = GoForm()
    if form.submitted():
        with form.refusals(page):
            issued = actions.issue(invoice, by=account, now=clock.now())
            flash(
                _("Invoice %(number)s is issued. The PDF is being made and mailed.", number=issued.number),
                "ok",
            )
            return redirect(page)
    return _page(account, owner, queries.invoice_at_desk(account, owner, id), form)


@bp.post("/invoices/<int:id>/deletion")
def delete(organiser: str, id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    account, owner = _who(organiser)
    invoice = queries.invoice_at_desk(account, owner, id)
    require(can_bill(account, owner.id))
    form = GoForm()
    if form.submitted():
        with form.refusals(url_for("billing_desk.invoices", organiser=organiser)):
            actions.delete_draft(invoice, by=account, now=clock.now())
            flash(_("The draft is deleted."), "ok")
            return redirect(url_for("billing_desk.invoices", organiser=organiser))
    return _page(account, owner, queries.invoice_at_desk(account, owner, id), form)


@bp.get("/invoices/<int:id>.pdf")
def pdf(organiser: str, id: int) -> ResponseReturnValue:
    """The PDF as it was made; never made here."""
    account, owner = _who(organiser)
    return send_pdf(queries.invoice_at_desk(account, owner, id))


def send_pdf(invoice: Invoice) -> ResponseReturnValue:
    """The stored PDF; refuses while the worker still makes it, and says so when that failed."""
    if invoice.pdf is None:
        raise queries.not_ready(invoice)
    return send_file(
        path_of(invoice.pdf),
        mimetype="application/pdf",
        download_name=invoice.pdf.name,
        as_attachment=True,
        max_age=0,
    )


def _who(organiser: str, can: Callable[[Account, int], bool] = can_see_invoices) -> tuple[Account, Organiser]:
    """Let staff in who may this; who changes something needs `can_bill` as well."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can(account, owner.id))
    return account, owner


def _page(account: Account, owner: Organiser, invoice: Invoice, form: GoForm) -> ResponseReturnValue:
    page = queries.invoice_page(invoice, owner)
    wrong = [_(refusal.message, **refusal.values) for refusal in page.wrong]
    mine = can_set_identity(account, owner.id)
    identity_url = url_for("identity_desk.identity", organiser=owner.slug) if page.gaps and mine else ""
    unnamed = invoice.delegation_id is not None and any(
        refusal.code == "no_reference" for refusal in page.wrong
    )
    refers = unnamed and can_set_reference(account, owner.id)
    reference_url = url_for("delegations.reference", id=invoice.delegation_id, lang=g.lang) if refers else ""
    shown = {
        "organiser": owner,
        "page": page,
        "invoice": invoice,
        "wrong": wrong,
        "form": form,
        "euro": _euro,
    }
    shown |= {"identity_url": identity_url, "reference_url": reference_url}
    shown["local"] = clock.local
    shown |= {"bills": can_bill(account, owner.id), "corrects": can_correct_billing(account, owner.id)}
    return render_template("billing/invoice.html", **shown), form.status


def _euro(amount: object) -> str:
    return euro(amount, g.lang)  # type: ignore[arg-type]
