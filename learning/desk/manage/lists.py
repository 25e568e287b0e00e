"""Lists of everything that staff edit: searched, filtered,
sorted, cut in pages, taken along; and many rows at once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, or_

from learning.desk import removing, saving
from learning.desk.doors import Desk, bp, enter, offer
from learning.desk.forms import DeskForm, many_form
from learning.desk.kind import KINDS, Kind, rows_of, uses_of
from learning.desk.lines import ListLine
from learning.kit import clock
from learning.kit.db import db
from learning.kit.lists import PER_PAGE, ListPage, page_of
from learning.kit.sheets import XLSX, csv_file, xlsx_file
from learning.people.rules import fold

MOST = 500  # rows that one form changes
IN_PROGRAMME = "/programmes/<slug>/<kind_in_programme:key>"
IN_ORGANISER = "/<kind_in_organiser:key>"


@dataclass(frozen=True)
class Facet:
    """A column that one filters by: its name in the address,
    its words, what one can choose, what was chosen.
    """

    name: str
    head: str
    options: list[str]
    chosen: str

    @property
    def wanted(self) -> str:
        """What a cell says that is asked for."""
        return "" if self.chosen == NOTHING else self.chosen


@dataclass(frozen=True)
class Listing:
    """What a list found for what the address asks."""

    heads: list[str]
    lines: list[ListLine]
    facets: list[Facet]
    asked: dict[str, Any]  # of the address, without what means nothing


@bp.get(IN_PROGRAMME)
def rows(organiser: str, slug: str, key: str) -> ResponseReturnValue:
    """All meetings, blocks, sessions and so on of a programme."""
    return _list(enter(organiser, slug), KINDS[key])


@bp.get(IN_ORGANISER)
def shared(organiser: str, key: str) -> ResponseReturnValue:
    """The venues, rooms, speakers or themes that all programmes of an organiser share."""
    return _list(enter(organiser), KINDS[key])


@bp.route(IN_PROGRAMME + "/many", methods=["GET", "POST"])
def many_rows(organiser: str, slug: str, key: str) -> ResponseReturnValue:
    """Change or take away the rows that were chosen."""
    return _many(enter(organiser, slug, changing=True), KINDS[key])


@bp.route(IN_ORGANISER + "/many", methods=["GET", "POST"])
def many_shared(organiser: str, key: str) -> ResponseReturnValue:
    """Change or take away the rows that were chosen."""
    return _many(enter(organiser, changing=True), KINDS[key])


def address(
    desk: Desk, kind: Kind, id: int | None = None, /, *, new: bool = False, many: bool = False, **more: Any
) -> str:
    """The list of a kind, one row of it, the form for a new one, or the page for many."""
    of = "row" if kind.of_programme else "shared"
    if new or many:
        name = f"{'new' if new else 'many'}_{of}" + ("s" if many and kind.of_programme else "")
    elif id is not None:
        name = "row" if kind.of_programme else "shared_row"
    else:
        name = "rows" if kind.of_programme else "shared"
    values: dict[str, Any] = {"id": id} if id is not None else {}
    return url_for(f"desk.{name}", key=kind.key, **desk.at, **values, **more)


def listing(desk: Desk, kind: Kind) -> Listing:
    """The list as the address asks for it: words, filters and order."""
    heads = [_(head) for head in kind.heads]
    lines = [kind.cells(row) for row in rows_of(kind, desk.organiser.id, desk.programme, desk.account)]
    asked, facets = _asked(), []
    for name, column in kind.facets.items():
        facet = _facet(name, heads[column], {line.cells[column] for line in lines})
        facets.append(facet)
        asked |= {name: facet.chosen} if facet.chosen else {}
    found = lines
    for facet in facets:
        if facet.chosen:
            found = [line for line in found if line.cells[kind.facets[facet.name]] == facet.wanted]
    words = fold(asked["q"]).split()
    found = [line for line in found if all(word in fold(" ".join(line.cells)) for word in words)]
    order, back = _order(kind, asked)
    if order is not None:
        found = sorted(found, key=lambda line: line.sort[order], reverse=back)
    return Listing(heads, found, _shown(facets), {k: v for k, v in asked.items() if v})


def _asked() -> dict[str, Any]:
    return {"q": request.args.get("q", "")[:100], "order": request.args.get("order", "")}


def _order(kind: Kind, asked: Mapping[str, str]) -> tuple[int | None, bool]:
    """By which column one sorts, and whether backwards."""
    order, back = asked["order"].lstrip("-"), asked["order"].startswith("-")
    known = order.isascii() and order.isdigit() and int(order) < len(kind.heads)
    return int(order) if known else None, back


def _facet(name: str, head: str, options: Iterable[str]) -> Facet:
    there = sorted(options, key=fold)
    wanted = request.args.get(name, "")[:200]
    return Facet(name, head, there, wanted if (wanted if wanted != NOTHING else "") in there else "")


def _shown(facets: list[Facet]) -> list[Facet]:
    return [facet for facet in facets if len(facet.options) > 1]


def page_by_column(desk: Desk, kind: Kind, page: int) -> tuple[Listing, ListPage[ListLine]] | None:
    """One page of the list, sorted, filtered and cut by the database; None where it cannot do so.

    Words that are searched are compared with all cells, which only the whole list has.
    """
    by, asked = kind.by_column, _asked()
    order, back = _order(kind, asked)
    if by is None or fold(asked["q"]) or (order is not None and order not in by.sorts):
        return None
    query = kind.find(kind.model, desk.organiser.id, desk.programme, desk.account).order_by(None)
    heads, facets, where = [_(head) for head in kind.heads], [], []
    for name, column in kind.facets.items():
        expression, words = by.filters[name]
        values = query.with_only_columns(expression(), maintain_column_froms=True).distinct()
        shown = {value: words(value) for value in db.session.scalars(values)}
        facet = _facet(name, heads[column], set(shown.values()))
        facets.append(facet)
        if facet.chosen:
            asked[name] = facet.chosen
            where.append(_among(expression(), [v for v, said in shown.items() if said == facet.wanted]))
    sort = by.sorts[order] if order is not None else None
    first = () if sort is None else (sort.desc().nulls_last() if back else sort.asc().nulls_first(),)

    def read(some: Select[Any]) -> list[ListLine]:
        return [kind.cells(row) for row in db.session.scalars(some.options(*kind.loads)).unique()]

    found = page_of(query.where(*where).order_by(*first, *by.order), page, read)
    return Listing(heads, found.rows, _shown(facets), {k: v for k, v in asked.items() if v}), found


def _among(column: Any, values: list[Any]) -> Any:
    there = [value for value in values if value is not None]
    return or_(column.in_(there), column.is_(None)) if len(there) < len(values) else column.in_(there)


NOTHING = "-"  # in an address: rows where this column is empty


def _list(desk: Desk, kind: Kind) -> ResponseReturnValue:
    """A page of the list; or all of it as a file."""
    ending = request.args.get("as", "")
    if ending in ("csv", "xlsx"):
        listed = listing(desk, kind)
        return _file(kind, listed.heads, listed.lines, ending)
    page = request.args.get("page", 1, type=int) or 1
    by_column = page_by_column(desk, kind, page)
    if by_column is not None:
        listed, shown = by_column
    else:
        listed = listing(desk, kind)
        found = len(listed.lines)
        pages = max(1, -(-found // PER_PAGE))
        page = min(max(page, 1), pages)
        shown = ListPage(listed.lines[(page - 1) * PER_PAGE : page * PER_PAGE], found, page, pages)
    values = {
        "desk": desk,
        "kind": kind,
        "list": listed,
        "lines": shown.rows,
        "found": shown.found,
        "page": shown.page,
        "pages": shown.pages,
    }
    more = {"asked": listed.asked, "programme": desk.programme, "address": address, "nothing": NOTHING}
    return render_template("desk/rows.html", **values, **more)


def _file(kind: Kind, heads: list[str], lines: list[ListLine], ending: str) -> Response:
    """The list as it was searched, filtered and sorted, for a spreadsheet."""
    rows: list[tuple[str, ...]] = [tuple(heads), *(line.cells for line in lines)]
    body = csv_file(rows) if ending == "csv" else xlsx_file([(_(kind.many), rows)])
    headers = {"Content-Disposition": f'attachment; filename="{kind.key}.{ending}"'}
    return Response(body, mimetype="text/csv" if ending == "csv" else XLSX, headers=headers)


def _many(desk: Desk, kind: Kind) -> ResponseReturnValue:
    """What is chosen, what leans on it, and what to do with all of it."""
    chosen = _chosen(desk, kind)
    if not chosen:
        flash(_("Choose at least one row first."), "warn")
        return redirect(address(desk, kind, **listing(desk, kind).asked))
    form = many_form(kind.at_once)()
    offer(desk, form)
    if form.submitted():
        with form.refusals(address(desk, kind)):
            done = _do(desk, kind, [row.id for row in chosen], form)
            if done:
                return redirect(address(desk, kind))
            chosen = _chosen(desk, kind)
    lines = [(kind.cells(row), uses_of(row)) for row in chosen]
    taken = kind.taken([row.id for row in chosen])
    page = {
        "desk": desk,
        "kind": kind,
        "form": form,
        "lines": lines,
        "taken": taken,
        "heads": kind.heads,
        "most": MOST,
    }
    return render_template("desk/many.html", **page, programme=desk.programme, address=address), form.status


def _chosen(desk: Desk, kind: Kind) -> list[Any]:
    """The rows that were ticked, or all that the list found."""
    ids = {
        int(id) for id in request.values.getlist("chosen") if id.isascii() and id.isdigit() and len(id) < 10
    }
    if request.values.get("all"):
        ids = {line.id for line in listing(desk, kind).lines}
    return rows_of(kind, desk.organiser.id, desk.programme, desk.account, ids=ids)[:MOST]


def _do(desk: Desk, kind: Kind, ids: list[int], form: DeskForm) -> bool:
    """Carry out what was asked; True when something was done."""
    by, now = desk.account.id, clock.now()
    name = form["do"].data
    if name != "away":
        count = saving.change_many(
            kind, desk.organiser.id, desk.programme, ids, name, form[name].value, by=by, now=now
        )
        flash(_("%(count)d rows are changed. Visitors see it after the next release.", count=count), "ok")
        return True
    gone, stayed = removing.remove_many(kind, desk.organiser.id, desk.programme, ids, by=by, now=now)
    if gone:
        flash(_("%(count)d are taken away. You can bring them back under “Taken away”.", count=gone), "ok")
    if stayed:
        flash(_("%(count)d stay, because something leans on them.", count=stayed), "warn")
    return bool(gone)
