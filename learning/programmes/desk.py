"""What the desk shows of rows: their values as a form has them, lines of lists, and what leans on them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from learning.kit.clock import local
from learning.kit.db import Model, db
from learning.kit.wording import N_, Wording
from learning.organisations.models import Organisation, OrganisationAlias, Partnership
from learning.people.models import Contact
from learning.programmes.models import (
    AgendaItem,
    Meeting,
    OfferedMeeting,
    OfferedRound,
    OfferedSession,
    Part,
    PriceCode,
    Programme,
    Room,
    Round,
    Session,
    Speaker,
    Theme,
    Venue,
    Workshop,
)

PAIRS = ("_nl", "_en")
SKIPPED = {"seen", "form_key", "csrf_token"}


def shown(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """What a row says under these names, as a form shows it: text, booleans, and lines of people."""
    return {name: _plain(_value(row, name)) for name in names if name not in SKIPPED}


def mark(values: Mapping[str, Any]) -> str:
    """A short mark of these values: another mark means that somebody changed them."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def _value(row: Any, name: str) -> Any:
    if name == "parts":
        return [_part(part) for part in row.parts]
    if isinstance(row, Session) and name in (
        "title_nl",
        "title_en",
        "abstract_nl",
        "abstract_en",
        "theme_id",
        "asks_questions",
    ):
        return _value(row.workshop, name)
    if isinstance(row, AgendaItem) and name == "filling":
        return row.round.filling if row.round else "first_come"
    if isinstance(row, Contact) and name in ("name", "mail", "language"):
        return getattr(row.person, name)
    if name[-3:] in PAIRS:
        wording = getattr(row, name[:-3], None)
        if isinstance(wording, Wording):
            return getattr(wording, name[-2:])
    return getattr(row, name, "")


def _part(part: Part) -> dict[str, str]:
    name = part.speaker.name if part.speaker else ""
    return {"name": name, "affiliation": part.affiliation, "role": part.role}


def _plain(value: Any) -> Any:
    match value:
        case None:
            return ""
        case bool():
            return value
        case datetime():
            return local(value).strftime("%Y-%m-%dT%H:%M")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:.2f}".replace(".", ",")
        case int():
            return str(value)
        case list() if not value or isinstance(value[0], str):
            return "\n".join(value)
    return value


@dataclass(frozen=True)
class Use:
    """Something that leans on a row: the sentence names what, `count` how many."""

    sentence: str
    count: int


def uses_of(row: Any) -> list[Use]:
    """What leans on this row, so that it cannot simply be taken away; empty when nothing does."""
    found: dict[str, int] = {}
    for sentence, query in _leaning(row):
        found[sentence] = found.get(sentence, 0) + _count(query)
    return [Use(sentence, count) for sentence, count in found.items() if count]


def _leaning(row: Any) -> list[tuple[str, Any]]:
    match row:
        case Meeting():
            return [
                (N_("It was released. Cancel it instead: then everybody is told."), _of(OfferedMeeting.id == row.id)),
                (N_("Its rounds hold %(count)d sessions. Put those elsewhere first."), _sessions_of_meeting(row.id)),
            ]
        case AgendaItem() if row.round_id:
            return [
                (
                    N_("This round was released. Give it another time, or cancel its sessions."),
                    _of(OfferedRound.id == row.round_id),
                ),
                (N_("It holds %(count)d sessions. Put those elsewhere first."), _of(Session.round_id == row.round_id)),
            ]
        case Session():
            return [
                (
                    N_("It was released. Cancel it instead: then everybody with a place is told."),
                    _of(OfferedSession.id == row.id),
                )
            ]
        case Venue():
            return [
                (N_("It has %(count)d rooms. Take those away first."), _of(Room.venue_id == row.id)),
                (N_("%(count)d meetings are there. Give those another venue first."), _of(Meeting.venue_id == row.id)),
            ]
        case Room():
            return [(N_("%(count)d sessions are in this room. Put those elsewhere first."), _of(Session.room_id == row.id))]
        case Speaker():
            return [(N_("This speaker takes part %(count)d times. Take them out there first."), _of(Part.speaker_id == row.id))]
        case PriceCode():
            words = N_("It was used %(count)d times. Give it a last day instead.")
            return [(words, select(PriceCode.used).where(PriceCode.id == row.id))]
        case Partnership():
            words = N_("%(count)d agreed prices lean on it. Give it a last day instead.")
            return [(words, query) for query in _using("price_partnership_id", row.id)]
        case Organisation():
            words = N_("It is used %(count)d times: by people, delegations, partnerships or invoices. So it stays.")
            return [(words, query) for query in _using("organisation_id", row.id)]
        case Contact():
            return [(N_("A contact stays on record. End it instead."), _of(Contact.id == row.id))]
        case Theme():
            return [
                (N_("%(count)d workshops have this theme. Give those another one first."), _of(Workshop.theme_id == row.id))
            ]
    return []


def _using(column: str, id: int) -> list[Any]:
    """For each table with this column, how many rows name this id in it; an organisation's other names do not count."""
    tables = [table for table in Model.metadata.sorted_tables if column in table.c]
    return [
        select(func.count()).select_from(table).where(table.c[column] == id)
        for table in tables
        if table.name != OrganisationAlias.__tablename__
    ]


def _of(where: Any) -> Any:
    return select(func.count()).where(where)


def _sessions_of_meeting(meeting_id: int) -> Any:
    return select(func.count(Session.id)).join(Round, Round.id == Session.round_id).where(Round.meeting_id == meeting_id)


def _count(query: Any) -> int:
    return db.session.scalar(query) or 0


def taken_in(session_ids: Iterable[int]) -> int:
    """How many people have a place in these sessions now."""
    query = select(func.coalesce(func.sum(OfferedSession.taken), 0)).where(OfferedSession.id.in_(list(session_ids)))
    return int(db.session.scalar(query) or 0)


def meetings_of(programme: Programme) -> list[Meeting]:
    """The meetings of a programme in order."""
    query = select(Meeting).where(Meeting.programme_id == programme.id).order_by(Meeting.position)
    return list(db.session.scalars(query))


def rounds_of(programme: Programme) -> list[Round]:
    """The rounds of a programme in order."""
    return list(db.session.scalars(select(Round).where(Round.programme_id == programme.id).order_by(Round.number)))


def of_organiser(model: type[Any], organiser_id: int) -> list[Any]:
    """The venues, rooms, speakers or themes of an organiser."""
    return list(db.session.scalars(select(model).where(model.organiser_id == organiser_id).order_by(model.id)))


def people_of(row: Programme | Meeting | Session) -> int:
    """How many people have a place in this session, meeting or programme."""
    if isinstance(row, Session):
        return taken_in([row.id])
    if isinstance(row, Meeting):
        return row.taken
    return int(db.session.scalar(select(func.coalesce(func.max(Meeting.taken), 0)).where(Meeting.programme_id == row.id)) or 0)


def titles_of(organiser_id: int) -> list[tuple[int, Wording]]:
    """The id and the title of each programme of an organiser, the newest first."""
    query = select(Programme).where(Programme.organiser_id == organiser_id).order_by(Programme.id.desc())
    return [(row.id, row.title) for row in db.session.scalars(query)]
