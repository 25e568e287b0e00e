"""Lists and forms of everything that staff edit: meetings, blocks, sessions, venues, rooms, speakers and the rest."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from learning.kit import clock
from learning.kit.errors import Refusal
from learning.kit.pictures import GLYPHS
from learning.kit.sheets import XLSX, csv_file, xlsx_file
from learning.kit.wording import N_
from learning.people.rules import fold
from learning.programmes import desk as reading
from learning.programmes import editing, removing
from learning.programmes.forms import (
    BLOCKS,
    BlockForm,
    DeskForm,
    MeetingForm,
    ModuleForm,
    PartyForm,
    RoomForm,
    RowForm,
    SessionForm,
    SpeakerForm,
    SpeakerPhotoForm,
    TariffForm,
    ThemeForm,
    VenueForm,
)
from learning.programmes.manage.doors import Desk, bp, differing, enter, values_of
from learning.programmes.models import Room, Theme, Venue
from learning.programmes.release import code
from learning.programmes.things import OF_ORGANISER, OF_PROGRAMME, THINGS, Thing, row_of, rows_of

FORMS: dict[str, type[DeskForm]] = {
    "meetings": MeetingForm,
    "blocks": BlockForm,
    "sessions": SessionForm,
    "modules": ModuleForm,
    "tariffs": TariffForm,
    "parties": PartyForm,
    "venues": VenueForm,
    "rooms": RoomForm,
    "speakers": SpeakerForm,
    "themes": ThemeForm,
}
EMPTY_LINES = 2  # for more people in a form
PAGE = 50
IN_PROGRAMME = "/programmes/<slug>/<any(" + ", ".join(OF_PROGRAMME) + "):thing>"
IN_ORGANISER = "/<any(" + ", ".join(OF_ORGANISER) + "):thing>"


@dataclass(frozen=True)
class Line:
    """One row of a list: its cells as text, by the columns of the list."""

    id: int
    cells: tuple[str, ...]
    sort: tuple[Any, ...]
    cancelled: bool = False


@bp.get(IN_PROGRAMME)
def rows(organiser: str, slug: str, thing: str) -> ResponseReturnValue:
    """All meetings, blocks, sessions and so on of a programme."""
    return _list(enter(organiser, slug), THINGS[thing])


@bp.get(IN_ORGANISER)
def shared(organiser: str, thing: str) -> ResponseReturnValue:
    """The venues, rooms, speakers or themes that all programmes of an organiser share."""
    return _list(enter(organiser), THINGS[thing])


@bp.route(IN_PROGRAMME + "/new", methods=["GET", "POST"])
def new_row(organiser: str, slug: str, thing: str) -> ResponseReturnValue:
    """Make one."""
    return _edit(enter(organiser, slug), THINGS[thing], None)


@bp.route(IN_ORGANISER + "/new", methods=["GET", "POST"])
def new_shared(organiser: str, thing: str) -> ResponseReturnValue:
    """Make one."""
    return _edit(enter(organiser), THINGS[thing], None)


@bp.route(IN_PROGRAMME + "/<int:id>", methods=["GET", "POST"])
def row(organiser: str, slug: str, thing: str, id: int) -> ResponseReturnValue:
    """Change one."""
    return _edit(enter(organiser, slug), THINGS[thing], id)


@bp.route(IN_ORGANISER + "/<int:id>", methods=["GET", "POST"])
def shared_row(organiser: str, thing: str, id: int) -> ResponseReturnValue:
    """Change one."""
    return _edit(enter(organiser), THINGS[thing], id)


@bp.post(IN_PROGRAMME + "/<int:id>/removal")
def remove_row(organiser: str, slug: str, thing: str, id: int) -> ResponseReturnValue:
    """Take one away."""
    return _remove(enter(organiser, slug), THINGS[thing], id)


@bp.post(IN_ORGANISER + "/<int:id>/removal")
def remove_shared(organiser: str, thing: str, id: int) -> ResponseReturnValue:
    """Take one away."""
    return _remove(enter(organiser), THINGS[thing], id)


@bp.get("/removed")
def removed(organiser: str) -> ResponseReturnValue:
    """What was taken away, to bring back."""
    desk = enter(organiser)
    lines = removing.recently(desk.organiser.id)
    return render_template("programmes/removed.html", desk=desk, lines=lines, form=RowForm(), local=clock.local)


@bp.post("/removed/<int:id>/restoration")
def restore(organiser: str, id: int) -> ResponseReturnValue:
    """Bring back what was taken away."""
    desk = enter(organiser)
    try:
        back = removing.restore(desk.organiser.id, id, by=desk.account.id, now=clock.now())
        flash(_("“%(name)s” is back.", name=back.words), "ok")
    except Refusal as refusal:
        flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("planning_desk.removed", organiser=organiser))


def address(desk: Desk, thing: Thing, id: int | None = None, *, new: bool = False, **more: Any) -> str:
    """The list of a thing, one row of it, or the form for a new one."""
    name = {(True, False): "row", (False, False): "shared_row"}.get((thing.of_programme, id is None))
    if new:
        name = "new_row" if thing.of_programme else "new_shared"
    elif name is None:
        name = "rows" if thing.of_programme else "shared"
    values: dict[str, Any] = {"id": id} if id is not None else {}
    return url_for(f"planning_desk.{name}", thing=thing.key, **desk.at, **values, **more)


def _list(desk: Desk, thing: Thing) -> ResponseReturnValue:
    """The list, searched, sorted, cut in pages; or as a file."""
    heads = [_(head) for head in HEADS[thing.key]]
    asked = {"q": request.args.get("q", "")[:100], "order": request.args.get("order", "")}
    found = [CELLS[thing.key](row) for row in rows_of(thing, desk.organiser.id, desk.programme)]
    words = fold(asked["q"]).split()
    found = [line for line in found if all(word in fold(" ".join(line.cells)) for word in words)]
    column, back = asked["order"].lstrip("-"), asked["order"].startswith("-")
    if column.isascii() and column.isdigit() and int(column) < len(heads):
        found.sort(key=lambda line: line.sort[int(column)], reverse=back)
    kind = request.args.get("as", "")
    if kind in ("csv", "xlsx"):
        return _file(thing, heads, found, kind)
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), pages)
    lines = found[(page - 1) * PAGE : page * PAGE]
    values = {"desk": desk, "thing": thing, "heads": heads, "lines": lines, "found": len(found), "page": page, "pages": pages}
    more = {"asked": asked, "form": RowForm(), "programme": desk.programme, "address": address}
    return render_template("programmes/rows.html", **values, **more)


def _file(thing: Thing, heads: list[str], lines: list[Line], kind: str) -> Response:
    """The list as it was searched and sorted, for a spreadsheet."""
    rows: list[tuple[str, ...]] = [tuple(heads), *(line.cells for line in lines)]
    body = csv_file(rows) if kind == "csv" else xlsx_file([(_(thing.many), rows)])
    headers = {"Content-Disposition": f'attachment; filename="{thing.key}.{kind}"'}
    return Response(body, mimetype="text/csv" if kind == "csv" else XLSX, headers=headers)


def _edit(desk: Desk, thing: Thing, id: int | None) -> ResponseReturnValue:
    """The form of one row: shown, or saved."""
    row = row_of(thing, desk.organiser.id, desk.programme, id) if id is not None else None
    form, now = _form(desk, thing, row)
    if form.submitted():
        back = address(desk, thing) if thing.key != "sessions" else url_for("planning_desk.grid", **desk.at)
        with form.refusals(back):
            saved = editing.save(
                thing,
                desk.organiser.id,
                desk.programme,
                id,
                values_of(form),
                seen=form.seen.data or "",
                by=desk.account.id,
                now=clock.now(),
            )
            flash(_("“%(name)s” is saved. Visitors see it after the next release.", name=editing.words_of(saved)), "ok")
            return redirect((request.form.get("next") == "new" and address(desk, thing, new=True)) or back)
        if row is not None:
            row = row_of(thing, desk.organiser.id, desk.programme, id or 0)
            now = reading.shown(row, values_of(form))
            form.seen.data = reading.mark(now)
    differs = differing(form, now) if form.status == 409 and row is not None else {}
    uses = reading.uses_of(row) if row is not None else []
    page = {"desk": desk, "thing": thing, "form": form, "row": row, "differs": differs, "uses": uses}
    page |= {"programme": desk.programme, "address": address, "taken": _taken(thing, row), "names": _names(desk, thing)}
    page["photo_form"] = _photo_form(row) if thing.key == "speakers" and row is not None else None
    return render_template("programmes/edit.html", **page), form.status


def _photo_form(speaker: Any) -> SpeakerPhotoForm:
    """The photo's own form: a file that is refused loses nothing that was typed in the other."""
    return SpeakerPhotoForm(formdata=None, data={"alt_nl": speaker.photo_alt.nl, "alt_en": speaker.photo_alt.en})


def _form(desk: Desk, thing: Thing, row: Any) -> tuple[DeskForm, dict[str, Any]]:
    """The form of a row, filled with what it says; and what it says."""
    make = FORMS[thing.key]
    names = [name for name in make(formdata=None)._fields if name not in reading.SKIPPED]
    now = reading.shown(row, names) if row is not None else {}
    data = now or {name: request.args[name] for name in names if name in request.args}
    form = make(data=data)
    _offer(desk, form)
    if not form.is_submitted():
        form.seen.data = reading.mark(now)
        if "parts" in form:
            for _n in range(EMPTY_LINES):
                form["parts"].append_entry()
    return form, now


def _offer(desk: Desk, form: DeskForm) -> None:
    """Fill the lists that one picks from."""
    lang = g.lang
    owner = desk.organiser.id
    if "venue_id" in form:
        venues = [(v.id, v.name) for v in reading.of_organiser(Venue, owner)]
        form["venue_id"].offer(venues, empty=_("not known yet"))
    if "room_id" in form:
        rooms = [(r.id, _room_words(r)) for r in rows_of(THINGS["rooms"], owner, None)]
        form["room_id"].offer(rooms, empty=_("no room yet"))
    if "theme_id" in form:
        themes = [(t.id, t.name.pick(lang)) for t in reading.of_organiser(Theme, owner)]
        form["theme_id"].offer(themes, empty=_("no theme"))
    if desk.programme is not None and "round_id" in form:
        rounds = [(r.id, r.title.pick(lang) or str(r.number)) for r in reading.rounds_of(desk.programme)]
        form["round_id"].offer(rounds, empty=_("not placed yet"))
    if desk.programme is not None and "meeting_id" in form:
        meetings = [(m.id, m.title.pick(lang) or str(m.position)) for m in reading.meetings_of(desk.programme)]
        form["meeting_id"].offer(meetings, empty=None)
    if "glyph" in form:
        form["glyph"].choices = [SelectChoice(key, key) for key in GLYPHS]


def _room_words(room: Room) -> str:
    size = " (" + _("%(count)d people", count=room.capacity) + ")" if room.capacity is not None else ""
    return f"{room.venue.name}: {room.name}{size}"


def _names(desk: Desk, thing: Thing) -> list[str]:
    """The names of speakers to choose from while typing."""
    if thing.key not in ("sessions", "blocks"):
        return []
    return sorted({speaker.name for speaker in rows_of(THINGS["speakers"], desk.organiser.id, None)})


def _taken(thing: Thing, row: Any) -> int:
    return reading.taken_in([row.id]) if thing.key == "sessions" and row is not None else 0


def _remove(desk: Desk, thing: Thing, id: int) -> ResponseReturnValue:
    row = row_of(thing, desk.organiser.id, desk.programme, id)
    form = RowForm()
    if form.submitted():
        with form.refusals(address(desk, thing)):
            gone = removing.remove(desk.organiser.id, desk.programme, row, by=desk.account.id, now=clock.now())
            flash(_("“%(name)s” is taken away. You can bring it back under “Taken away”.", name=gone.words), "ok")
            return redirect(address(desk, thing))
    for words in form.form_errors:
        flash(words, "warn")
    return redirect(address(desk, thing, id))


HEADS = {
    "meetings": (N_("Meeting"), N_("Day"), N_("Time"), N_("Venue")),
    "blocks": (N_("Time"), N_("Block"), N_("What is it?"), N_("Who takes part")),
    "sessions": (N_("Number"), N_("Session"), N_("Who takes part"), N_("Round"), N_("Room"), N_("Places"), N_("Theme")),
    "modules": (N_("Module"), N_("Learning goals")),
    "tariffs": (N_("Amount"), N_("For each"), N_("For whom"), N_("VAT")),
    "parties": (N_("Name"), N_("Role")),
    "venues": (N_("Name"), N_("Address")),
    "rooms": (N_("Name"), N_("Venue"), N_("How many people fit")),
    "speakers": (N_("Name"), N_("Organisation"), N_("Function")),
    "themes": (N_("Name"), N_("Mark")),
}


def _line(row: Any, *cells: str, sort: dict[int, Any] | None = None, cancelled: bool = False) -> Line:
    keys = tuple((sort or {}).get(n, fold(cell)) for n, cell in enumerate(cells))
    return Line(row.id, cells, keys, cancelled)


def _who(row: Any) -> str:
    return ", ".join(part.speaker.name if part.speaker else part.affiliation for part in row.parts)


def _meeting_cells(row: Any) -> Line:
    time = "–".join(t for t in (row.start, row.end) if t)
    day = row.on.isoformat() if row.on else ""
    return _line(row, row.title.pick(g.lang), day, time, row.venue.name if row.venue else "", cancelled=bool(row.cancelled_at))


def _block_cells(row: Any) -> Line:
    time = "–".join(t for t in (row.start, row.end) if t)
    return _line(row, time, row.title.pick(g.lang), _(BLOCKS.get(row.kind, row.kind)), _who(row))


def _session_cells(row: Any) -> Line:
    number = code(row.round.number, row.number) if row.round else ""
    round = row.round.title.pick(g.lang) if row.round else ""
    places = str(row.capacity) if row.capacity is not None else ""
    theme = row.workshop.theme.name.pick(g.lang) if row.workshop.theme else ""
    cells = (number, row.workshop.title.pick(g.lang), _who(row), round, row.room.name if row.room else "", places, theme)
    return _line(row, *cells, sort={5: -1 if row.capacity is None else row.capacity}, cancelled=bool(row.cancelled_at))


CELLS: dict[str, Callable[[Any], Line]] = {
    "meetings": _meeting_cells,
    "blocks": _block_cells,
    "sessions": _session_cells,
    "modules": lambda row: _line(row, row.title.pick(g.lang), str(len(row.goals)), sort={1: len(row.goals)}),
    "tariffs": lambda row: _line(
        row, f"{row.amount:.2f}", row.unit, row.audience, f"{row.vat_rate or row.vat_category or ''}", sort={0: row.amount}
    ),
    "parties": lambda row: _line(row, row.name, row.role),
    "venues": lambda row: _line(row, row.name, ", ".join(w for w in (row.street, row.postcode, row.city) if w)),
    "rooms": lambda row: _line(
        row, row.name, row.venue.name, "" if row.capacity is None else str(row.capacity), sort={2: row.capacity or -1}
    ),
    "speakers": lambda row: _line(row, row.name, row.affiliation, row.function.pick(g.lang), sort={0: row.sort_key}),
    "themes": lambda row: _line(row, row.name.pick(g.lang), row.glyph),
}
