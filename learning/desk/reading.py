"""What the desk shows of rows: their values as a form has them, and how many people they concern."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from learning.desk.kind import holder_of
from learning.kit.clock import local
from learning.kit.db import db
from learning.kit.wording import Wording
from learning.programmes.models import (
    Meeting,
    Part,
    Programme,
    Session,
)
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


def titles_of(organiser_id: int) -> list[tuple[int, Wording]]:
    """The id and the title of each programme of an organiser, the newest first."""
    query = select(Programme).where(Programme.organiser_id == organiser_id).order_by(Programme.id.desc())
    return [(row.id, row.title) for row in db.session.scalars(query)]
