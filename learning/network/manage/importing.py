"""Importing lists of organisations, contacts and partners:
what a file would do, how far it is; and the same table out.
"""

from dataclasses import replace
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from learning.desk.doors import Desk, enter
from learning.desk.forms import DeskForm, RowForm
from learning.desk.kind import KINDS
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.sheets import ROWS, XLSX, xlsx_file
from learning.kit.uploads import opened
from learning.kit.wording import N_
from learning.network import importing
from learning.network.comparing import Book
from learning.network.forms import ContactLineForm, ImportForm
from learning.network.kinds import ORGANISATION_KINDS, OrganisationForm, PartnershipForm
from learning.network.manage.door import bp
from learning.network.models import ListImport
from learning.network.tables import COLUMNS, MOST, Table, Wrong, cells, read_file, read_pasted
from learning.people.actions import throttle_uploads
from learning.people.models import Contact
from learning.programmes.permissions import contacts_visible_to

IN_LIST = "/<any(organisations, contacts, partnerships):listed>"
NAMES = {"organisations": N_("Organisations"), "contacts": N_("Contacts"), "partnerships": N_("Partners")}
SHOWN = 200  # lines of each sort on the page
IN_REQUEST = 50  # lines that are saved while one waits
CHECKS: dict[
    str, tuple[type[DeskForm], dict[str, str]]
] = {  # the form of each kind, with what it cannot do without
    "organisations": (OrganisationForm, {"kind": "city", "language": "nl"}),
    "contacts": (ContactLineForm, {}),
    "partnerships": (PartnershipForm, {}),
}
STATES = {
    "ended": N_("no longer a contact"),
    "asked": N_("not confirmed yet"),
    "confirmed": N_("confirmed contact"),
}


@bp.route(IN_LIST + "/import", methods=["GET", "POST"])
def import_list(organiser: str, listed: str) -> ResponseReturnValue:
    """Choose a file or paste a table; what was read is shown, and nothing is saved yet."""
    desk = enter(organiser, changing=True)
    form = ImportForm()
    read = _taken(desk, form, listed) if form.submitted() else None
    if read is not None:
        with form.refusals():
            name, table = read
            kept = importing.keep(
                desk.organiser.id, listed, table, name=name, by=desk.account.id, now=clock.now()
            )
            return redirect(url_for("network_desk.imported", id=kept.id, **desk.at))
    page = {"desk": desk, "listed": listed, "names": NAMES, "form": form, "columns": COLUMNS[listed]}
    page |= {"most": format_decimal(MOST), "sheet": format_decimal(ROWS), "list_url": _list_url(desk, listed)}
    return render_template("network/import.html", **page), form.status


@bp.get(IN_LIST + "/import/template.xlsx")
def import_template(organiser: str, listed: str) -> ResponseReturnValue:
    """The columns with one line as an example, and what each of them means."""
    enter(organiser)
    columns = COLUMNS[listed]
    heads = [_("Column"), _("Needed on each line"), _("What it means"), _("Example")]
    said = [(_(c.head), _("yes") if c.required else _("no"), _(c.meaning), c.example) for c in columns]
    table = [[_(c.head) for c in columns], [c.example for c in columns]]
    return _file(
        f"{listed}-template", [(_(NAMES[listed]), table), (_("What the columns mean"), [heads, *said])]
    )


@bp.get(IN_LIST + "/export.xlsx")
def export_list(organiser: str, listed: str) -> ResponseReturnValue:
    """Everything, in the columns of the import: to change in a spreadsheet and to import again."""
    desk = enter(organiser)
    only = set(
        db.session.scalars(contacts_visible_to(desk.account, desk.organiser.id).with_only_columns(Contact.id))
    )
    known = Book(desk.organiser.id, listed).rows(only if listed == "contacts" else None)
    rows = [cells(listed, _in_words(row)) for row in known]
    return _file(listed, [(_(NAMES[listed]), [[_(c.head) for c in COLUMNS[listed]], *rows])])


@bp.route("/imports/<int:id>", methods=["GET", "POST"])
def imported(organiser: str, id: int) -> ResponseReturnValue:
    """What the list would do, line by line; confirmed, how far it is; and what came of it."""
    desk = enter(organiser, changing=True)
    kept = _kept(desk, id)
    form = RowForm()
    here = url_for("network_desk.imported", id=id, **desk.at)
    if form.submitted():
        with form.refusals(here):
            importing.confirm(kept, by=desk.account.id, now=clock.now())
        if not form.form_errors:
            if len(kept.lines) <= IN_REQUEST:
                importing.import_some(kept.id, now=clock.now())
            return redirect(here)
    busy = kept.confirmed_at is not None and kept.finished_at is None
    page: dict[str, Any] = {
        "desk": desk,
        "kept": kept,
        "names": NAMES,
        "form": form,
        "busy": busy,
        "shown": SHOWN,
    }
    page |= {"counts": importing.counts(kept), "words": _word, "columns": COLUMNS[kept.kind]}
    page["list_url"] = _list_url(desk, kept.kind)
    page["heads"] = {column.key: column.head for column in COLUMNS[kept.kind]} | {"state": N_("State")}
    for state in ("new", "changed"):
        page[state] = [line for line in kept.lines if line["state"] == state][:SHOWN]
    response = Response(render_template("network/imported.html", **page), form.status)
    if busy:
        response.headers["Refresh"] = "2"
    return response


def _list_url(desk: Desk, listed: str) -> str:
    """The page of the list; of organisations when this one has none."""
    return url_for("desk.shared", key=listed if listed in KINDS else "organisations", **desk.at)


def _kept(desk: Desk, id: int) -> ListImport:
    kept = db.session.get(ListImport, id) if 0 < id < 2**31 else None
    if kept is None or kept.organiser_id != desk.organiser.id:
        not_found()
    return kept


def _taken(desk: Desk, form: ImportForm, listed: str) -> tuple[str, Table] | None:
    """The name of what was sent and its lines, read before
    anything is written; None when the form says why not.
    """
    try:
        throttle_uploads(f"account {desk.account.id}", now=clock.now())
        name, table = _read(form, listed)
        return name, _checked(listed, table)
    except Refusal as refusal:
        form.refuse(refusal)
        return None


def _read(form: ImportForm, listed: str) -> tuple[str, Table]:
    """What was uploaded, else what was pasted."""
    upload = request.files.get("file")
    field = "file" if upload is not None and upload.filename else "text"
    try:
        if upload is not None and upload.filename:
            return upload.filename, read_file(listed, opened(upload.read()))
        if not form.text.data:
            raise Refusal("nothing", N_("Choose a file or paste a table."))
        return _("pasted table"), read_pasted(listed, form.text.data)
    except Refusal as refusal:
        values = {name: _(value) if name == "column" else value for name, value in refusal.values.items()}
        raise Refusal(refusal.code, refusal.message, field, **values) from None


def _checked(listed: str, table: Table) -> Table:
    """The lines whose values pass the checks of the form of one row, as that form writes them."""
    make, needs = CHECKS[listed]
    form = make(formdata=None, meta={"csrf": False})
    for name in set(form._fields) - {column.key for column in COLUMNS[listed]}:
        del form[name]
    lines, wrong = [], list(table.wrong)
    for line in table.lines:
        form.process(MultiDict(needs | line.values))
        if form.validate():
            right = {name: form[name].data for name in line.values if name in form}
            lines.append(replace(line, values=line.values | right))
        else:
            wrong += [Wrong(line.line, name, words[0]) for name, words in form.errors.items()]
    return Table(tuple(lines), tuple(wrong))


def _in_words(row: dict[str, str]) -> dict[str, str]:
    """The same with the kind as people call it."""
    return {key: _word(key, value) if key == "kind" else value for key, value in row.items()}


def _word(column: str, value: str) -> str:
    """A value as people read it."""
    known = {"kind": ORGANISATION_KINDS, "state": STATES}.get(column, {})
    return _(known[value]) if value in known else value


def _file(name: str, sheets: list[tuple[str, Any]]) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(xlsx_file(sheets), mimetype=XLSX, headers=headers)
