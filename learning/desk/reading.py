"""What the desk shows of rows: their values as a form has them, and how many people they concern."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from learning.desk.kind import holder_of
from learning.kit.clock import local
from learning.kit.db import db
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.programmes.models import (
    Meeting,
    Part,
    Programme,
    Session,
)
from learning.programmes.permissions import programme_for
from learning.releases.models import OfferedSession

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
    row = holder_of(row, name)
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


def taken_in(session_ids: Iterable[int]) -> int:
    """How many people have a place in these sessions now."""
    query = select(func.coalesce(func.sum(OfferedSession.taken), 0)).where(
        OfferedSession.id.in_(list(session_ids))
    )
    return int(db.session.scalar(query) or 0)


def people_of(row: Programme | Meeting | Session) -> int:
    """How many people have a place in this session, meeting or programme."""
    if isinstance(row, Session):
        return taken_in([row.id])
    if isinstance(row, Meeting):
        return row.taken
    return int(
        db.session.scalar(
            select(func.coalesce(func.max(Meeting.taken), 0)).where(Meeting.programme_id == row.id)
        )
        or 0
    )


@dataclass(frozen=True)
class AtDesk:
    """A programme as the desk has it now, for pages of staff that stand above the desk."""

    id: int
    organiser_id: int
    slug: str
    title: Wording
    kind: str
    by_delegation: bool


@dataclass(frozen=True)
class MeetingAtDesk:
    """A meeting as the desk has it now, for the same pages."""

    id: int
    title: Wording
    on: date | None
    cancelled_at: datetime | None


def at_desk(account: Account | None, organiser: Organiser, slug: str) -> AtDesk:
    """The organiser's programme with this address, as far as the account sees it; else 404."""
    return _at_desk(programme_for(account, organiser, slug))


def at_desk_by_id(programme_id: int) -> AtDesk:
    """The same of a programme that was found through something else."""
    return _at_desk(db.session.get_one(Programme, programme_id))


def _at_desk(row: Programme) -> AtDesk:
    return AtDesk(row.id, row.organiser_id, row.slug, row.title, row.kind, row.by_delegation)


def meetings_at_desk(programme_id: int) -> list[MeetingAtDesk]:
    """The meetings of a programme, in their order."""
    query = select(Meeting).where(Meeting.programme_id == programme_id).order_by(Meeting.position)
    return [MeetingAtDesk(row.id, row.title, row.on, row.cancelled_at) for row in db.session.scalars(query)]


def minimums_of(session_ids: Iterable[int]) -> dict[int, int]:
    """How few people a session goes on with, by its id; 0 where nobody said."""
    query = select(Session.id, Session.minimum).where(Session.id.in_(list(session_ids)))
    return {row.id: row.minimum or 0 for row in db.session.execute(query)}


def titles_of(organiser_id: int) -> list[tuple[int, Wording]]:
    """The id and the title of each programme of an organiser, the newest first."""
    query = select(Programme).where(Programme.organiser_id == organiser_id).order_by(Programme.id.desc())
    return [(row.id, row.title) for row in db.session.scalars(query)]
