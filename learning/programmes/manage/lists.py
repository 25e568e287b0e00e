"""Lists of everything that staff edit: searched, filtered, sorted, cut in pages, taken along; and many rows at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.money import euro
from learning.kit.sheets import XLSX, csv_file, xlsx_file
from learning.kit.wording import N_
from learning.people.rules import fold
from learning.programmes import desk as reading
from learning.programmes import editing, removing
from learning.programmes.forms import AUDIENCES, BLOCKS, ORGANISATION_KINDS, PARTY_ROLES, UNITS, VAT, DeskForm, many_form
from learning.programmes.manage.doors import Desk, bp, enter, offer
from learning.programmes.pricing import gross_of
from learning.programmes.release import code
from learning.programmes.things import OF_ORGANISER, OF_PROGRAMME, THINGS, Thing, rows_of

PAGE = 50
MOST = 500  # rows that one form changes
IN_PROGRAMME = "/programmes/<slug>/<any(" + ", ".join(OF_PROGRAMME) + "):thing>"
IN_ORGANISER = "/<any(" + ", ".join(OF_ORGANISER) + "):thing>"


@dataclass(frozen=True)
class Line:
    """One row of a list: its cells as text, by the columns of the list."""

    id: int
    cells: tuple[str, ...]
    sort: tuple[Any, ...]
    cancelled: bool = False


@dataclass(frozen=True)
class Facet:
    """A column that one filters by: its name in the address, its words, what one can choose, what was chosen."""

    name: str
    head: str
    options: list[str]
    chosen: str


@dataclass(frozen=True)
class Listing:
    """What a list found for what the address asks."""

    heads: list[str]
    lines: list[Line]
    facets: list[Facet]
    asked: dict[str, Any]  # of the address, without what means nothing


@bp.get(IN_PROGRAMME)
def rows(organiser: str, slug: str, thing: str) -> ResponseReturnValue:
    """All meetings, blocks, sessions and so on of a programme."""
    return _list(enter(organiser, slug), THINGS[thing])


@bp.get(IN_ORGANISER)
def shared(organiser: str, thing: str) -> ResponseReturnValue:
    """The venues, rooms, speakers or themes that all programmes of an organiser share."""
    return _list(enter(organiser), THINGS[thing])


@bp.route(IN_PROGRAMME + "/many", methods=["GET", "POST"])
def many_rows(organiser: str, slug: str, thing: str) -> ResponseReturnValue:
    """Change or take away the rows that were chosen."""
    return _many(enter(organiser, slug, changing=True), THINGS[thing])


@bp.route(IN_ORGANISER + "/many", methods=["GET", "POST"])
def many_shared(organiser: str, thing: str) -> ResponseReturnValue:
    """Change or take away the rows that were chosen."""
    return _many(enter(organiser, changing=True), THINGS[thing])


def address(desk: Desk, thing: Thing, id: int | None = None, *, new: bool = False, many: bool = False, **more: Any) -> str:
    """The list of a thing, one row of it, the form for a new one, or the page for many."""
    of = "row" if thing.of_programme else "shared"
    if new or many:
        name = f"{'new' if new else 'many'}_{of}" + ("s" if many and thing.of_programme else "")
    elif id is not None:
        name = "row" if thing.of_programme else "shared_row"
    else:
        name = "rows" if thing.of_programme else "shared"
    values: dict[str, Any] = {"id": id} if id is not None else {}
    return url_for(f"planning_desk.{name}", thing=thing.key, **desk.at, **values, **more)


def listing(desk: Desk, thing: Thing) -> Listing:
    """The list as the address asks for it: words, filters and order."""
    heads = [_(head) for head in HEADS[thing.key]]
    lines = [CELLS[thing.key](row) for row in rows_of(thing, desk.organiser.id, desk.programme, desk.account)]
    asked = {"q": request.args.get("q", "")[:100], "order": request.args.get("order", "")}
    facets = []
    for name, column in FACETS.get(thing.key, {}).items():
        options = sorted({line.cells[column] for line in lines}, key=fold)
        wanted = request.args.get(name, "")[:200]
        chosen = wanted if (wanted if wanted != NOTHING else "") in options else ""
        facets.append(Facet(name, heads[column], options, chosen))
        asked |= {name: chosen} if chosen else {}
    found = lines
    for facet in facets:
        if facet.chosen:
            column = FACETS[thing.key][facet.name]
            value = facet.chosen if facet.chosen != NOTHING else ""
            found = [line for line in found if line.cells[column] == value]
    words = fold(asked["q"]).split()
    found = [line for line in found if all(word in fold(" ".join(line.cells)) for word in words)]
    order, back = asked["order"].lstrip("-"), asked["order"].startswith("-")
    if order.isascii() and order.isdigit() and int(order) < len(heads):
        found = sorted(found, key=lambda line: line.sort[int(order)], reverse=back)
    return Listing(heads, found, [f for f in facets if len(f.options) > 1], {k: v for k, v in asked.items() if v})


NOTHING = "-"  # in an address: rows where this column is empty


def _list(desk: Desk, thing: Thing) -> ResponseReturnValue:
    """A page of the list; or all of it as a file."""
    listed = listing(desk, thing)
    kind = request.args.get("as", "")
    if kind in ("csv", "xlsx"):
        return _file(thing, listed.heads, listed.lines, kind)
    found = len(listed.lines)
    pages = max(1, -(-found // PAGE))
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), pages)
    lines = listed.lines[(page - 1) * PAGE : page * PAGE]
    values = {"desk": desk, "thing": thing, "list": listed, "lines": lines, "found": found, "page": page, "pages": pages}
    more = {"asked": listed.asked, "programme": desk.programme, "address": address, "nothing": NOTHING}
    return render_template("programmes/rows.html", **values, **more)


def _file(thing: Thing, heads: list[str], lines: list[Line], kind: str) -> Response:
    """The list as it was searched, filtered and sorted, for a spreadsheet."""
    rows: list[tuple[str, ...]] = [tuple(heads), *(line.cells for line in lines)]
    body = csv_file(rows) if kind == "csv" else xlsx_file([(_(thing.many), rows)])
    headers = {"Content-Disposition": f'attachment; filename="{thing.key}.{kind}"'}
    return Response(body, mimetype="text/csv" if kind == "csv" else XLSX, headers=headers)


def _many(desk: Desk, thing: Thing) -> ResponseReturnValue:
    """What is chosen, what leans on it, and what to do with all of it."""
    chosen = _chosen(desk, thing)
    if not chosen:
        flash(_("Choose at least one row first."), "warn")
        return redirect(address(desk, thing, **listing(desk, thing).asked))
    form = many_form(editing.MANY.get(thing.key, ()))()
    offer(desk, form)
    if form.submitted():
        with form.refusals(address(desk, thing)):
            done = _do(desk, thing, [row.id for row in chosen], form)
            if done:
                return redirect(address(desk, thing))
            chosen = _chosen(desk, thing)
    lines = [(CELLS[thing.key](row), reading.uses_of(row)) for row in chosen]
    taken = reading.taken_in([row.id for row in chosen]) if thing.key == "sessions" else 0
    page = {"desk": desk, "thing": thing, "form": form, "lines": lines, "taken": taken, "heads": HEADS[thing.key], "most": MOST}
    return render_template("programmes/many.html", **page, programme=desk.programme, address=address), form.status


def _chosen(desk: Desk, thing: Thing) -> list[Any]:
    """The rows that were ticked, or all that the list found."""
    ids = {int(id) for id in request.values.getlist("chosen") if id.isascii() and id.isdigit() and len(id) < 10}
    if request.values.get("all"):
        ids = {line.id for line in listing(desk, thing).lines}
    return [row for row in rows_of(thing, desk.organiser.id, desk.programme, desk.account) if row.id in ids][:MOST]


def _do(desk: Desk, thing: Thing, ids: list[int], form: DeskForm) -> bool:
    """Carry out what was asked; True when something was done."""
    by, now = desk.account.id, clock.now()
    name = form["do"].data
    if name != "away":
        count = editing.change_many(thing, desk.organiser.id, desk.programme, ids, name, form[name].value, by=by, now=now)
        flash(_("%(count)d rows are changed. Visitors see it after the next release.", count=count), "ok")
        return True
    gone, stayed = removing.remove_many(thing, desk.organiser.id, desk.programme, ids, by=by, now=now)
    if gone:
        flash(_("%(count)d are taken away. You can bring them back under “Taken away”.", count=gone), "ok")
    if stayed:
        flash(_("%(count)d stay, because something leans on them.", count=stayed), "warn")
    return bool(gone)


FACETS = {  # by which columns one filters, under which name in the address
    "meetings": {"venue": 3},
    "blocks": {"kind": 2, "meeting": 4},
    "sessions": {"round": 3, "room": 4, "theme": 6},
    "tariffs": {"unit": 1, "for": 2},
    "parties": {"role": 1},
    "rooms": {"venue": 1},
    "speakers": {"organisation": 1, "text": 3, "photo": 4},
    "organisations": {"kind": 1},
    "partnerships": {"state": 3, "level": 4},
    "contacts": {"state": 3},
}
HEADS = {
    "meetings": (N_("Meeting"), N_("Day"), N_("Time"), N_("Venue")),
    "blocks": (N_("Time"), N_("Block"), N_("What is it?"), N_("Who takes part"), N_("Meeting")),
    "sessions": (N_("Number"), N_("Session"), N_("Who takes part"), N_("Round"), N_("Room"), N_("Places"), N_("Theme")),
    "modules": (N_("Module"), N_("Learning goals")),
    "tariffs": (N_("Excluding VAT"), N_("For each"), N_("For whom"), N_("VAT"), N_("Including VAT"), N_("When")),
    "codes": (N_("Code"), N_("Discount"), N_("Invites"), N_("Used"), N_("When"), N_("For whom")),
    "parties": (N_("Name"), N_("Role")),
    "venues": (N_("Name"), N_("Address")),
    "rooms": (N_("Name"), N_("Venue"), N_("How many people fit")),
    "speakers": (N_("Name"), N_("Organisation"), N_("Function"), N_("Biography"), N_("Photo")),
    "themes": (N_("Name"), N_("Mark")),
    "organisations": (N_("Name"), N_("Kind"), N_("Other names"), N_("KvK"), N_("OIN"), N_("Address")),
    "partnerships": (N_("Organisation"), N_("Partner from"), N_("Until"), N_("State"), N_("Level")),
    "contacts": (N_("Organisation"), N_("Name"), N_("E-mail address"), N_("State"), N_("Since")),
}


def _line(row: Any, *cells: str, sort: dict[int, Any] | None = None, cancelled: bool = False) -> Line:
    keys = tuple((sort or {}).get(n, fold(cell)) for n, cell in enumerate(cells))
    return Line(row.id, cells, keys, cancelled)


def _yes(there: bool) -> str:
    return _("yes") if there else _("no")


def _vat(tariff: Any) -> str:
    if tariff.vat_category == "S" and tariff.vat_rate is not None:
        return f"{tariff.vat_rate.normalize():f}%"
    category = tariff.vat_category or ""
    return _(VAT[category])


def _who(row: Any) -> str:
    return ", ".join(part.speaker.name if part.speaker else part.affiliation for part in row.parts)


def _meeting_cells(row: Any) -> Line:
    time = "–".join(t for t in (row.start, row.end) if t)
    day = row.on.isoformat() if row.on else ""
    return _line(row, row.title.pick(g.lang), day, time, row.venue.name if row.venue else "", cancelled=bool(row.cancelled_at))


def _block_cells(row: Any) -> Line:
    time = "–".join(t for t in (row.start, row.end) if t)
    return _line(
        row, time, row.title.pick(g.lang), _(BLOCKS.get(row.kind, row.kind)), _who(row), row.meeting.title.pick(g.lang)
    )


def _session_cells(row: Any) -> Line:
    number = code(row.round.number, row.number) if row.round else ""
    round = row.round.title.pick(g.lang) if row.round else ""
    places = str(row.capacity) if row.capacity is not None else ""
    theme = row.workshop.theme.name.pick(g.lang) if row.workshop.theme else ""
    cells = (number, row.workshop.title.pick(g.lang), _who(row), round, row.room.name if row.room else "", places, theme)
    return _line(row, *cells, sort={5: -1 if row.capacity is None else row.capacity}, cancelled=bool(row.cancelled_at))


def _when(row: Any) -> str:
    days = [day.isoformat() if day else "…" for day in (row.from_on, row.until_on)]
    return " – ".join(days) if row.from_on or row.until_on else ""


def _tariff_cells(row: Any) -> Line:
    whom = _(AUDIENCES[row.audience]) + (f" ({row.level})" if row.level else "")
    gross = euro(gross_of(row), g.lang) if row.vat_category is not None else "–"
    cells = (euro(row.amount, g.lang), _(UNITS[row.unit]), whom, _vat(row), gross, _when(row))
    return _line(row, *cells, sort={0: row.amount, 4: gross_of(row)})


def _code_cells(row: Any) -> Line:
    discount = f"{row.percent}%" if row.percent is not None else euro(row.off, g.lang) if row.off is not None else ""
    used = str(row.used) if row.most is None else _("%(used)d of %(most)d", used=row.used, most=row.most)
    return _line(row, row.code, discount, _yes(row.invites), used, _when(row), row.note, sort={3: row.used})


def _partnership_cells(row: Any) -> Line:
    today = clock.local(clock.now()).date()
    state = _("partner now")
    if row.from_on > today:
        state = _("partner later")
    elif row.until_on is not None and row.until_on < today:
        state = _("no longer a partner")
    until = row.until_on.isoformat() if row.until_on else ""
    cells = (row.organisation.name, row.from_on.isoformat(), until, state, row.level)
    return _line(row, *cells, sort={0: row.organisation.sort_key})


def _contact_cells(row: Any) -> Line:
    state, since = _("confirmed"), row.confirmed_at
    if row.ended_at is not None:
        state, since = _("ended"), row.ended_at
    elif row.confirmed_at is None:
        state = _("asked for")
    day = clock.local(since).date().isoformat() if since else ""
    cells = (row.organisation.name, row.person.name, row.person.mail, state, day)
    return _line(row, *cells, sort={0: row.organisation.sort_key, 1: row.person.sort_key})


CELLS: dict[str, Callable[[Any], Line]] = {
    "meetings": _meeting_cells,
    "blocks": _block_cells,
    "sessions": _session_cells,
    "modules": lambda row: _line(row, row.title.pick(g.lang), str(len(row.goals)), sort={1: len(row.goals)}),
    "tariffs": _tariff_cells,
    "codes": _code_cells,
    "parties": lambda row: _line(row, row.name, _(PARTY_ROLES[row.role])),
    "venues": lambda row: _line(row, row.name, ", ".join(w for w in (row.street, row.postcode, row.city) if w)),
    "rooms": lambda row: _line(
        row, row.name, row.venue.name, "" if row.capacity is None else str(row.capacity), sort={2: row.capacity or -1}
    ),
    "speakers": lambda row: _line(
        row,
        row.name,
        row.affiliation,
        row.function.pick(g.lang),
        _yes(bool(row.biography)),
        _yes(row.photo_id is not None),
        sort={0: row.sort_key},
    ),
    "themes": lambda row: _line(row, row.name.pick(g.lang), row.glyph),
    "organisations": lambda row: _line(
        row,
        row.name,
        _(ORGANISATION_KINDS.get(row.kind, row.kind)),
        ", ".join(row.also),
        row.kvk,
        row.oin,
        ", ".join(w for w in (row.street, row.postcode, row.city) if w),
        sort={0: row.sort_key},
    ),
    "partnerships": _partnership_cells,
    "contacts": _contact_cells,
}
