"""What staff do to the rows of a programme: make and change. Nothing is public by this."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, select

from learning.kit import clock
from learning.kit.clock import to_utc
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.markdown import render
from learning.kit.names import LONGEST_ORGANISATION, check_name
from learning.kit.trail import record
from learning.kit.wording import N_, Wording
from learning.organisations.models import Organisation, OrganisationAlias, Organiser, Partnership
from learning.organisations.municipalities import municipality_named
from learning.organisations.rules import check_period, other_names, search_key, sorted_under
from learning.people.contacts import check_new, contact_for
from learning.people.models import Contact
from learning.people.rules import fold, sort_key
from learning.programmes.desk import PAIRS, mark, shown
from learning.programmes.models import (
    Absence,
    AgendaItem,
    Conditions,
    Meeting,
    Module,
    OfferedRound,
    Part,
    PriceCode,
    Programme,
    ProgrammeParty,
    Room,
    Round,
    Session,
    Speaker,
    Tariff,
    Theme,
    Venue,
    Workshop,
)
from learning.programmes.placing import order_blocks, place_all, put
from learning.programmes.things import Thing

Values = dict[str, Any]
LISTS = ("target_groups", "target_groups_en", "questions", "questions_en", "wished_mix", "reminder_days")
IN_WORKSHOP = ("title", "abstract", "theme_id", "asks_questions")


@transaction()
def save(
    thing: Thing | None,
    organiser_id: int,
    programme: Programme | None,
    id: int | None,
    values: Values,
    *,
    seen: str,
    by: int,
    now: datetime,
) -> Any:
    """Make a row (`id` is None) or change it. `values` as a form has them, `seen` the mark of what the form showed.

    Refuses with `changed_meanwhile` when somebody else changed the row since. Without a thing it is the programme itself.
    """
    hold(organiser_id, programme)
    names = list(values)
    model: type[Any] = thing.model if thing else Programme
    row: Any = _row(model, programme, id) if thing else programme
    if id is not None and seen != mark(shown(row, names)):
        raise Refusal(
            "changed_meanwhile",
            N_("Somebody changed this while you were busy. Look at what is new below; save again to keep yours."),
        )
    row = write(row, values, organiser_id, programme, by=by, now=now)
    return row


def write(row: Any, values: Values, organiser_id: int, programme: Programme | None, *, by: int, now: datetime) -> Any:
    """Give a row, new or known, these values by the rules of its kind, and note who did; gives the row that has them."""
    verb, before = ("changed", lists_of(row)) if row.id is not None else ("made", {})
    row = SAVERS[type(row)](row, _worded(values), organiser_id, programme) or row
    db.session.flush()
    after = lists_of(row)
    changed = [name for name in after if before.get(name, "") != after[name]]
    about: dict[str, Any] = {"words": words_of(row), "also": _together(row)}
    about |= {"before": {n: before[n] for n in changed if n in before}, "after": {n: after[n] for n in changed}}
    record(verb, row, organiser_id=organiser_id, by=by, at=now, **about)
    return row


def lists_of(row: Any) -> dict[str, str]:
    """Who takes part in a session or block, and the other names of an organisation: lists that are rows of their own."""
    if isinstance(row, (Session, AgendaItem)):
        people = (((part.speaker.name if part.speaker else ""), part.affiliation, part.role) for part in row.parts)
        return {"parts": "\n".join(", ".join(filter(None, person)) for person in people)}
    return {"also": "\n".join(row.also)} if isinstance(row, Organisation) else {}


def _together(row: Any) -> tuple[Any, ...]:
    """Rows that are edited in the form of this one."""
    match row:
        case Session():
            return (row.workshop,)
        case AgendaItem():
            return (db.session.get(Round, row.round_id) if row.round_id else None,)
        case Contact():
            return (row.person,)
    return ()


MANY = {  # what can be changed of many rows at once
    "sessions": ("round_id", "room_id", "theme_id", "capacity", "minimum"),
    "rooms": ("capacity",),
}


@transaction()
def change_many(
    thing: Thing,
    organiser_id: int,
    programme: Programme | None,
    ids: list[int],
    name: str,
    value: int | None,
    *,
    by: int,
    now: datetime,
) -> int:
    """Give all these rows this value under this name, one of MANY; gives how many had another one. All or none."""
    if name not in MANY.get(thing.key, ()):
        raise Refusal("nothing_chosen", N_("Choose what should happen."), "do")
    hold(organiser_id, programme)
    if programme is not None and name in ("round_id", "room_id"):
        query = select(Session.id, Session.round_id, Session.room_id).where(Session.id.in_(ids))
        plan = {
            id: (value, room) if name == "round_id" else (round, value) for id, round, room in db.session.execute(query).all()
        }
        step = place_all(programme, plan, by=by, now=now)
        return len(step.after) if step else 0
    changed = 0
    for id in ids:
        row = _row(thing.model, programme, id)
        place = row.workshop if name == "theme_id" else row
        if getattr(place, name) != value:
            setattr(place, name, value)
            changed += 1
            also = (place,) if place is not row else ()
            record("changed", row, organiser_id=organiser_id, by=by, at=now, words=words_of(row), also=also)
    return changed


def speaker_named(organiser_id: int, name: str, affiliation: str = "") -> Speaker:
    """The speaker with this name at this organiser, made when there is none."""
    key = fold(name)
    query = select(Speaker).where(Speaker.organiser_id == organiser_id).order_by(Speaker.id)
    found = next((row for row in db.session.scalars(query) if fold(row.name) == key), None)
    if found is None:
        found = Speaker(organiser_id=organiser_id, name=name, affiliation=affiliation, sort_key=sort_key(name))
        found.slug = free_slug(name, Speaker.slug, Speaker.organiser_id == organiser_id)
        db.session.add(found)
        db.session.flush()
    return found


def free_slug(words: str, column: Any, *where: Any) -> str:
    """A name for addresses made of these words, that no other row has."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(words)).strip("-")[:60] or "x"
    taken = set(db.session.scalars(select(column).where(column.like(f"{base}%"), *where)))
    return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)


def set_parts(place: Session | AgendaItem, lines: list[dict[str, str]], organiser_id: int) -> None:
    """Who takes part here, in this order; who stays keeps the function of that part."""
    functions = {(part.speaker_id, part.affiliation, part.role): part.function for part in place.parts}
    for part in list(place.parts):
        db.session.delete(part)
    db.session.flush()
    for position, line in enumerate(lines, start=1):
        speaker = speaker_named(organiser_id, line["name"], line["affiliation"]) if line["name"] else None
        key = (speaker.id if speaker else None, line["affiliation"], line["role"])
        part = Part(position=position, speaker_id=key[0], affiliation=key[1], role=key[2])
        part.function = functions.get(key, Wording())
        if isinstance(place, Session):
            part.session_id = place.id
        else:
            part.agenda_item_id = place.id
        db.session.add(part)
    db.session.flush()
    db.session.expire(place, ["parts"])


def set_moments(meeting: Meeting) -> None:
    """The moments of a meeting in UTC, as far as its day and times are known."""
    starts, ends = (_moment(meeting, at) for at in (meeting.start, meeting.end))
    meeting.starts_at, meeting.ends_at = starts, ends


def _moment(meeting: Meeting, at: str) -> datetime | None:
    if meeting.on is None or not at:
        return None
    return to_utc(meeting.on, time.fromisoformat(at), meeting.zone).astimezone(UTC)


def hold(organiser_id: int, programme: Programme | None) -> None:
    """Let nobody else edit meanwhile: the programme's rows, or what all programmes of the organiser share."""
    lock(Organiser, [organiser_id])
    if programme is not None:
        lock(Programme, [programme.id])


def _row(model: type[Any], programme: Programme | None, id: int | None) -> Any:
    if id is not None:
        return db.session.scalars(select(model).where(model.id == id).execution_options(populate_existing=True)).one()
    return model(**({"programme_id": programme.id} if programme and hasattr(model, "programme_id") else {}))


def _worded(values: Values) -> Values:
    """The values with pairs of languages as one Wording."""
    out: Values = {}
    for name, value in values.items():
        if name[-3:] in PAIRS and {name[:-3] + end for end in PAIRS} <= values.keys():
            out[name[:-3]] = Wording(*(values[name[:-3] + end] for end in PAIRS))
        else:
            out[name] = value
    return out


def set_texts(row: Any, texts: Values) -> None:
    """Give a row these texts, by the names that forms have; what is Markdown is rendered with it."""
    _set(row, _worded(texts))


def _set(row: Any, values: Values, *but: str) -> None:
    for name, value in values.items():
        if name not in but:
            setattr(row, name, value)
    for name in ("text", "abstract", "biography"):
        if name in values and hasattr(row, f"{name}_html"):
            wording: Wording = values[name]
            setattr(row, f"{name}_html", Wording(render(wording.nl), render(wording.en)))


def _free(model: type[Any], row: Any, field: str, *where: Any) -> None:
    """Refuse a second row with this name."""
    others = select(model.id).where(*where, model.id != (row.id or 0)).limit(1)
    with db.session.no_autoflush:
        if db.session.scalar(others) is not None:
            raise Refusal("name_taken", N_("There is one with this name already. Choose another name."), field)


def _save_programme(row: Programme, values: Values, organiser_id: int, _programme: Any) -> None:
    values = {**values, "seats_min": values["seats_min"] or 0, "seats_max": values["seats_max"] or 0}
    values["moving_up_stops"] = values["moving_up_stops"] or 0
    values["offer_hours"] = values["offer_hours"] or 24
    lists = {name: _lines(values[name]) for name in LISTS}
    if values["conditions"] != row.conditions:
        row.conditions_version += 1
        kept = Conditions(programme_id=row.id, version=row.conditions_version, made_at=clock.now())
        kept.text = values["conditions"]
        db.session.add(kept)
    _set(row, {**values, **lists})


def _lines(text: str) -> list[str]:
    return [line.strip("-•* \t") for line in text.splitlines() if line.strip("-•* \t")]


def _save_meeting(row: Meeting, values: Values, organiser_id: int, programme: Programme) -> None:
    _set(row, values)
    if row.id is None:
        last = select(func.max(Meeting.position)).where(Meeting.programme_id == programme.id)
        row.position = (db.session.scalar(last) or 0) + 1
        row.organiser_id, row.uid = organiser_id, str(uuid4())
        row.zone = row.zone or "Europe/Amsterdam"
    if row.capacity is not None and row.capacity < (row.taken or 0):
        raise Refusal(
            "below_taken", N_("%(taken)d people come already. Enter at least that many."), "capacity", taken=row.taken
        )
    set_moments(row)
    db.session.add(row)


def _save_block(row: AgendaItem, values: Values, organiser_id: int, programme: Programme) -> None:
    is_round = values["kind"] == "round"
    if row.round_id and not is_round:
        if db.session.scalar(select(func.count()).where(Session.round_id == row.round_id)):
            raise Refusal("round_in_use", N_("This round holds sessions. Put those elsewhere first."), "kind")
        if db.session.get(OfferedRound, row.round_id):
            raise Refusal("round_released", N_("This round was released and stays one."), "kind")
    before = row.meeting_id
    if row.id is None or before != values["meeting_id"]:
        last = select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == values["meeting_id"])
        with db.session.no_autoflush:
            row.position = (db.session.scalar(last) or 0) + 1
    _set(row, values, "parts", "filling")
    row.uid = row.uid or str(uuid4())
    if is_round:
        row.round_id = _save_round(row, values, programme).id
    elif row.round_id:
        old, row.round_id = row.round_id, None
        db.session.flush()
        db.session.execute(delete(Absence).where(Absence.round_id == old))
        db.session.execute(delete(Round).where(Round.id == old))
    db.session.add(row)
    db.session.flush()
    set_parts(row, values["parts"], organiser_id)
    for meeting_id in {before, row.meeting_id} - {None}:
        order_blocks(meeting_id or 0)


def _save_round(row: AgendaItem, values: Values, programme: Programme) -> Round:
    with db.session.no_autoflush:
        round = db.session.get(Round, row.round_id) if row.round_id else None
        if round is None:
            last = db.session.scalar(select(func.max(Round.number)).where(Round.programme_id == programme.id)) or 0
            round = Round(programme_id=programme.id, number=last + 1)
    round.meeting_id, round.filling = row.meeting_id, values["filling"]
    round.title = row.title = row.title or Wording(f"Ronde {round.number}", f"Round {round.number}")
    db.session.add(round)
    db.session.flush()
    return round


def _save_session(row: Session, values: Values, organiser_id: int, programme: Programme) -> None:
    workshop = row.workshop if row.id is not None else None
    if workshop is None:
        workshop = Workshop(programme_id=programme.id, key=str(uuid4()))
    _set(workshop, {name: values[name] for name in IN_WORKSHOP})
    db.session.add(workshop)
    db.session.flush()
    if row.id is None:
        row.uid, row.workshop_id = str(uuid4()), workshop.id
    _set(row, {name: values[name] for name in ("capacity", "minimum", "text", "join_url")})
    db.session.add(row)
    db.session.flush()
    put(row, values["round_id"], values["room_id"])
    set_parts(row, values["parts"], organiser_id)


def _save_venue(row: Venue, values: Values, organiser_id: int, _programme: Any) -> None:
    _free(Venue, row, "name", Venue.organiser_id == organiser_id, Venue.name == values["name"])
    _save_shared(row, values, organiser_id)


def _save_room(row: Room, values: Values, organiser_id: int, _programme: Any) -> None:
    if values["venue_id"] is None:
        raise Refusal("no_venue", N_("Choose the venue of this room."), "venue_id")
    _free(Room, row, "name", Room.venue_id == values["venue_id"], Room.name == values["name"])
    _save_shared(row, values, organiser_id)


def _save_speaker(row: Speaker, values: Values, organiser_id: int, _programme: Any) -> None:
    if not row.slug:
        row.slug = free_slug(values["name"], Speaker.slug, Speaker.organiser_id == organiser_id)
    if values["name"] != row.name:
        check_name(values["name"])
    row.sort_key = sort_key(values["name"])
    _save_shared(row, values, organiser_id)


def _save_organisation(row: Organisation, values: Values, organiser_id: int, _programme: Any) -> None:
    """An organisation with its other names; a municipality gets its code and the names that everybody uses."""
    if values["name"] != row.name:
        check_name(values["name"], longest=LONGEST_ORGANISATION)
    key = search_key(values["name"])
    found = municipality_named(values["name"], date.max) if values["kind"] == "city" else None
    typed, official = _lines(values["also"]), found.also if found else ()
    asked = OrganisationAlias.search_key.in_({search_key(name) for name in (*typed, *official)})
    _free(Organisation, row, "name", Organisation.organiser_id == organiser_id, Organisation.search_key == key)
    mine, theirs = OrganisationAlias.organiser_id == organiser_id, OrganisationAlias.organisation_id != (row.id or 0)
    with db.session.no_autoflush:
        names = select(OrganisationAlias.search_key, OrganisationAlias.name).where(mine, theirs, asked)
        taken = dict(db.session.execute(names).all())
    others = other_names(values["name"], typed, official, taken)
    row.search_key, row.sort_key = key, sorted_under(values["name"])
    row.municipality_code = found.code if found else ""
    _set(row, {**values, "mail_domains": _lines(values["mail_domains"])}, "also")
    row.organiser_id = organiser_id
    db.session.add(row)
    db.session.flush()
    kept = {alias.search_key: alias for alias in row.aliases}
    row.aliases = [
        kept.get(other) or OrganisationAlias(organiser_id=organiser_id, name=name, search_key=other)
        for other, name in others.items()
    ]


def _save_partnership(row: Partnership, values: Values, organiser_id: int, _programme: Any) -> None:
    if values["organisation_id"] is None:
        raise Refusal("no_organisation", N_("Choose the organisation."), "organisation_id")
    theirs = (Partnership.organisation_id == values["organisation_id"], Partnership.id != (row.id or 0))
    with db.session.no_autoflush:
        others = db.session.execute(select(Partnership.from_on, Partnership.until_on).where(*theirs)).all()
    check_period(values["from_on"], values["until_on"], [(other.from_on, other.until_on) for other in others])
    _save_shared(row, values, organiser_id)


def _save_contact(row: Contact, values: Values, _organiser_id: int, _programme: Any) -> Contact:
    """A contact that is new, or that comes back; of one that is there only the language of mails changes."""
    if row.id is None:
        if values["organisation_id"] is None:
            raise Refusal("no_organisation", N_("Choose the organisation."), "organisation_id")
        organisation = db.session.get_one(Organisation, values["organisation_id"])
        who = (organisation, values["name"], values["mail"])
        row, done = contact_for(*who, language=values["language"], now=clock.now())
        check_new(row, done)
    row.person.language = values["language"]
    return row


def _save_theme(row: Theme, values: Values, organiser_id: int, _programme: Any) -> None:
    if not row.key:
        row.key = free_slug(values["name"].pick("nl"), Theme.key, Theme.organiser_id == organiser_id)
    _save_shared(row, values, organiser_id)


def _save_shared(row: Any, values: Values, organiser_id: int) -> None:
    row.organiser_id = organiser_id
    _set(row, values)
    db.session.add(row)


def _save_module(row: Module, values: Values, _organiser_id: int, programme: Programme) -> None:
    _in_order(row, Module, programme)
    _set(row, {**values, **{name: _lines(values[name]) for name in ("goals", "goals_en")}})
    db.session.add(row)


def _save_party(row: ProgrammeParty, values: Values, _organiser_id: int, programme: Programme) -> None:
    _in_order(row, ProgrammeParty, programme)
    _set(row, values)
    db.session.add(row)


def _in_order(row: Any, model: type[Any], programme: Programme) -> None:
    if row.id is None:
        last = db.session.scalar(select(func.max(model.position)).where(model.programme_id == programme.id))
        row.position = (last or 0) + 1


def _save_tariff(row: Tariff, values: Values, _organiser_id: int, _programme: Programme) -> None:
    category = values["vat_category"] or None
    rate = Decimal(values["vat_rate"].replace(",", ".")) if category == "S" else None
    if values["from_on"] and values["until_on"] and values["until_on"] < values["from_on"]:
        raise Refusal("period", N_("Enter a last day after the first."), "until_on")
    _set(row, {**values, "vat_category": category, "vat_rate": rate})
    db.session.add(row)


def _save_code(row: PriceCode, values: Values, _organiser_id: int, programme: Programme) -> None:
    _free(PriceCode, row, "code", PriceCode.programme_id == programme.id, PriceCode.code == values["code"])
    if values["from_on"] and values["until_on"] and values["until_on"] < values["from_on"]:
        raise Refusal("period", N_("Enter a last day after the first."), "until_on")
    if values["most"] is not None and values["most"] < (row.used or 0):
        words = N_("It was used %(used)d times already. Enter at least that many.")
        raise Refusal("below_used", words, "most", used=row.used)
    _set(row, values)
    db.session.add(row)


SAVERS: dict[type[Any], Callable[..., Any]] = {
    Programme: _save_programme,
    Meeting: _save_meeting,
    AgendaItem: _save_block,
    Session: _save_session,
    Module: _save_module,
    Tariff: _save_tariff,
    PriceCode: _save_code,
    ProgrammeParty: _save_party,
    Venue: _save_venue,
    Room: _save_room,
    Speaker: _save_speaker,
    Theme: _save_theme,
    Organisation: _save_organisation,
    Partnership: _save_partnership,
    Contact: _save_contact,
}


def words_of(row: Any) -> str:
    """By what people know a row."""
    if isinstance(row, Session):
        return row.workshop.title.pick("nl")
    if isinstance(row, Tariff):
        return f"{row.amount:.2f}"
    if isinstance(row, Partnership):
        return row.organisation.name
    if isinstance(row, PriceCode):
        return row.code
    if isinstance(row, Contact):
        return f"{row.person.name} ({row.organisation.name})"
    wording = getattr(row, "title", None) or getattr(row, "name", "")
    return wording.pick("nl") if isinstance(wording, Wording) else str(wording)
