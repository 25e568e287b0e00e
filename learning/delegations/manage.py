"""Delegations at the desk: who takes part, how many they send, and confirming new contacts."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.delegations import actions, queries
from learning.delegations.forms import GoForm
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.kit.money import euro
from learning.kit.sheets import XLSX, xlsx_file
from learning.people.permissions import can_bill, can_see_desk, organiser_for

bp = Blueprint("delegations_desk", __name__, url_prefix="/manage/<organiser>")


@bp.get("/programmes/<slug>/delegations")
def delegations(organiser: str, slug: str) -> ResponseReturnValue:
    """The delegations of a programme."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    g.programme = programme = queries.programme_at_desk(owner, slug)
    search = request.args.get("search", "").strip()[:100]
    lines = queries.desk_lines(programme, search=search)
    totals = {
        meeting.id: (
            sum(line.cells[meeting.id].sent for line in lines),
            sum(max(line.delegation.seats_max - line.cells[meeting.id].sent, 0) for line in lines),
        )
        for meeting in programme.meetings
    }
    page = {
        "organiser": owner,
        "programme": programme,
        "lines": lines,
        "totals": totals,
        "search": search,
        "billing": can_bill(account, owner.id),
        "euro": lambda amount: euro(amount, g.lang),
    }
    return render_template("delegations/desk.html", **page, form=GoForm())


@bp.get("/programmes/<slug>/delegations.xlsx")
def delegations_xlsx(organiser: str, slug: str) -> ResponseReturnValue:
    """The same matrix as a workbook: for each meeting who is sent, who said to come, who declined, and open places."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    require(can_see_desk(account, owner.id))
    programme = queries.programme_at_desk(owner, slug)
    head = [_("Organisation"), _("Contact person"), _("E-mail address"), _("Code"), _("State"), _("Price")]
    for meeting in programme.meetings:
        day = meeting.on.isoformat() if meeting.on else meeting.title.pick(g.lang)
        head += [f"{day} {words}" for words in (_("nominated"), _("said yes"), _("said no"), _("open"))]
    rows: list[list[str | int]] = []
    for line in queries.desk_lines(programme, search=request.args.get("search", "").strip()[:100]):
        row, amount = line.delegation, line.delegation.price_amount
        state = _("Confirmed") if row.confirmed_at else _("Requested")
        cells: list[str | int] = [row.organisation.name, row.contact.name, row.contact.mail, row.code, state]
        cells.append(euro(amount, g.lang) if amount is not None else "")
        for meeting in programme.meetings:
            cell = line.cells[meeting.id]
            cells += [cell.sent, cell.comes, cell.declined, max(row.seats_max - cell.sent, 0)]
        rows.append(cells)
    headers = {"Content-Disposition": f'attachment; filename="{programme.slug}-delegations.xlsx"'}
    return Response(xlsx_file([(_("Delegations"), [head, *rows])]), mimetype=XLSX, headers=headers)


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
