"""Who registered, for staff: a list with search, and the same list as a file."""

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.attendance import queries
from learning.attendance.emails import moment_words
from learning.attendance.queries import RegistrationRow
from learning.desk.reading import AtDesk, at_desk
from learning.kit.access import require, require_account
from learning.kit.sheets import XLSX, csv_file, xlsx_file
from learning.people.permissions import can_see_needs, can_see_people, organiser_for

bp = Blueprint("attendance_desk", __name__, url_prefix="/manage/<organiser>")


@bp.get("/programmes/<slug>/registrations")
def registrations(organiser: str, slug: str) -> ResponseReturnValue:
    """The registrations of a programme."""
    programme = _programme(organiser, slug)
    asked = _asked()
    page = queries.registration_page(programme.id, request.args.get("page", 1, type=int), **asked)
    lines = [(row, moment_words(row.made_at, g.lang)) for row in page.rows]
    return render_template(
        "attendance/registrations.html",
        organiser=g.organiser,
        programme=programme,
        page=page,
        lines=lines,
        **asked,
    )


@bp.get("/programmes/<slug>/registrations.csv")
def registrations_csv(organiser: str, slug: str) -> ResponseReturnValue:
    """The same registrations as a file for a spreadsheet."""
    programme = _programme(organiser, slug)
    rows = queries.registration_rows(programme.id, **_asked())
    return Response(
        csv_file(_table(rows), delimiter=","),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{programme.slug}-registrations.csv"'},
    )


@bp.get("/programmes/<slug>/registrations.xlsx")
def registrations_xlsx(organiser: str, slug: str) -> ResponseReturnValue:
    """The same registrations as a workbook."""
    programme = _programme(organiser, slug)
    rows = queries.registration_rows(programme.id, **_asked())
    headers = {"Content-Disposition": f'attachment; filename="{programme.slug}-registrations.xlsx"'}
    return Response(xlsx_file([(_("Registrations"), _table(rows))]), mimetype=XLSX, headers=headers)


def _programme(organiser: str, slug: str) -> AtDesk:
    """The programme of this organiser, for who may see its people."""
    account = require_account()
    g.organiser = body = organiser_for(account, organiser)
    programme = at_desk(account, body, slug)
    require(can_see_people(account, body.id))
    return programme


def _asked() -> dict[str, str]:
    state, order = request.args.get("state", ""), request.args.get("order", "")
    return {
        "search": request.args.get("search", "")[:200],
        "state": state if state in queries.STATES else "",
        "order": order if order in queries.ORDERS else "name",
    }


def _table(rows: list[RegistrationRow]) -> list[list[str]]:
    heads = [_("Code"), _("Name"), _("E-mail address"), _("Organisation"), _("State"), _("Registered on")]
    needs = can_see_needs(require_account(), g.organiser.id)
    heads += [*([_("Diet"), _("Access needs")] if needs else []), _("Price, excluding VAT"), _("Because")]
    states = {"confirmed": _("confirmed"), "unconfirmed": _("not confirmed"), "ended": _("ended")}
    lines = [
        [row.code, row.name, row.mail, row.affiliation, states[row.state], row.made_at.isoformat()]
        for row in rows
    ]
    more = [[*([row.diet, row.access_needs] if needs else []), row.price, row.reason] for row in rows]
    return [heads, *([*line, *end] for line, end in zip(lines, more, strict=True))]
