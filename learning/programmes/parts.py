"""Who takes part where, names for addresses, and moments of meetings: what every writer of rows needs."""

import re
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import select

from learning.kit.clock import to_utc
from learning.kit.db import db
from learning.kit.wording import Wording
from learning.people.rules import fold, sort_key
from learning.programmes.models import AgendaItem, Meeting, Part, Session, Speaker


def speaker_named(organiser_id: int, name: str, affiliation: str = "") -> Speaker:
    """The speaker with this name at this organiser, made when there is none."""
    key = fold(name)
    query = select(Speaker).where(Speaker.organiser_id == organiser_id).order_by(Speaker.id)
    found = next((row for row in db.session.scalars(query) if fold(row.name) == key), None)
    if found is None:
        found = Speaker(
            organiser_id=organiser_id, name=name, affiliation=affiliation, sort_key=sort_key(name)
        )
        found.slug = free_slug(name, Speaker.slug, Speaker.organiser_id == organiser_id)
        db.session.add(found)
        db.session.flush()
    return found


def free_slug(words: str, column: Any, *where: Any) -> str:
    """A name for addresses made of these words, that no other row has."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(words)).strip("-")[:60] or "x"
    taken = set(db.session.scalars(select(column).where(column.like(f"{base}%"), *where)))
    return next(
        slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken
    )


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
