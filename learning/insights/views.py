"""The report of a city's delegation: page, workbook and PDF."""

from flask import Blueprint, Response, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from learning.delegations import queries
from learning.delegations.forms import GoForm
from learning.delegations.models import Delegation
from learning.delegations.permissions import can_act, is_theirs
from learning.insights import reports
from learning.kit import clock
from learning.kit.access import found, not_found, require, require_account
from learning.kit.files import path_of
from learning.kit.sheets import XLSX, xlsx_file

bp = Blueprint("insights", __name__)


def _delegation(id: int) -> Delegation:
    """The delegation, for its contact persons and for staff; 404 for everybody else."""
    account = require_account()
    delegation = found(queries.delegation_for(account, id))
    if request.method == "POST":
        require(can_act(account, delegation))
    g.organiser = delegation.organiser
    return delegation


@bp.get("/<any(nl, en):lang>/delegations/<int:id>/report")
def report(id: int) -> ResponseReturnValue:
    """Who was sent to what, workshops followed, seats used, invoices, and what each seat cost."""
    delegation = _delegation(id)
    pdf = reports.newest_pdf(delegation, g.lang)
    page = reports.words_of(reports.report_of(delegation, now=clock.now())) | {"pdf": pdf, "form": GoForm()}
    page["made"] = (
        clock.local(pdf.made_at).strftime("%d-%m-%Y %H:%M") if pdf is not None and pdf.made_at else ""
    )
    page |= {
        "linked": is_theirs(require_account(), delegation),
        "acts": can_act(require_account(), delegation),
    }
    response = Response(render_template("insights/report.html", **page))
    if pdf is not None and pdf.file_id is None and not pdf.failed:
        response.headers["Refresh"] = "2"
    return response


@bp.get("/<any(nl, en):lang>/delegations/<int:id>/report.xlsx")
def report_xlsx(id: int) -> ResponseReturnValue:
    """The same report as a workbook."""
    delegation = _delegation(id)
    found = reports.report_of(delegation, now=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{delegation.code}.xlsx"'}
    return Response(xlsx_file(found.sheets), mimetype=XLSX, headers=headers)


@bp.route("/<any(nl, en):lang>/delegations/<int:id>/report.pdf", methods=["GET", "POST"])
def report_pdf(id: int) -> ResponseReturnValue:
    """The report as PDF: asked for by a button, made by the worker, handed out when it is there."""
    delegation = _delegation(id)
    form = GoForm()
    if form.submitted():
        reports.ask_pdf(delegation, g.lang, now=clock.now())
        return redirect(url_for("insights.report", id=id))
    found = reports.newest_pdf(delegation, g.lang)
    if found is None or found.file is None:
        not_found()
    return send_file(path_of(found.file), download_name=found.file.name, as_attachment=True, max_age=0)
