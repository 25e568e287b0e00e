"""The rows of the desk."""

from datetime import UTC, date, time
from typing import Any

from learning.kit.clock import to_utc
from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.people.models import Person
from learning.people.rules import fold
from learning.people.rules import sort_key as sorted_name
from learning.programmes.models import (
    AgendaItem,
    Meeting,
    Part,
    Programme,
    Room,
    Round,
    Session,
    Speaker,
    Theme,
    Venue,
    Workshop,
)
from tests.make.organisations import make_organiser
from tests.make.rows import DAY, added, numbers


@transaction()
def make_programme(organiser: Organiser | None = None, *, kind: str = "event", **columns: Any) -> Programme:
    """A programme that is not released yet."""
    n = next(numbers)
    sane = {"slug": f"programme-{n}", "title": Wording(f"Programma {n}", f"Programme {n}")}
    organiser = organiser or make_organiser()
    return added(Programme(organiser_id=organiser.id, kind=kind, **{**sane, **columns}))


@transaction()
def make_venue(organiser: Organiser, city: str = "Zutphen", **columns: Any) -> Venue:
    """A place for meetings."""
    return added(Venue(organiser_id=organiser.id, **{"name": f"Huis van {city}", "city": city, **columns}))


@transaction()
def make_room(venue: Venue, name: str = "Zaal 1", **columns: Any) -> Room:
    """A room of it."""
    return added(Room(organiser_id=venue.organiser_id, venue_id=venue.id, name=name, **columns))


@transaction()
def make_meeting(programme: Programme, *, on: date | None = DAY, **columns: Any) -> Meeting:
    """A meeting from 11:00 to 16:30."""
    n = next(numbers)
    position = 1 + db.session.query(Meeting).filter_by(programme_id=programme.id).count()
    sane: dict[str, Any] = {"uid": f"meeting-{n}", "position": position, "title": Wording(f"Bijeenkomst {n}")}
    sane |= {"start": "11:00", "end": "16:30"}
    values = {**sane, **columns}
    for name in ("start", "end"):
        if on is not None and values[name]:
            values[f"{name}s_at"] = to_utc(on, time.fromisoformat(values[name])).astimezone(UTC)
    return added(Meeting(organiser_id=programme.organiser_id, programme_id=programme.id, on=on, **values))


@transaction()
def make_agenda_item(
    meeting: Meeting, start: str = "", *, kind: str = "plenary", **columns: Any
) -> AgendaItem:
    """A block of a meeting, after the others."""
    n = next(numbers)
    position = 1 + db.session.query(AgendaItem).filter_by(meeting_id=meeting.id).count()
    sane = {"uid": f"item-{n}", "position": position, "start": start, "title": Wording(f"Onderdeel {n}")}
    return added(AgendaItem(meeting_id=meeting.id, kind=kind, **{**sane, **columns}))


@transaction()
def make_round(meeting: Meeting, *, start: str = "", end: str = "", **columns: Any) -> Round:
    """A round of a meeting with its block in the agenda; the first is at 14:00, the next an hour later."""
    number = 1 + db.session.query(Round).filter_by(programme_id=meeting.programme_id).count()
    sane = {"number": number, "title": Wording(f"Ronde {number}", f"Round {number}")}
    round = added(Round(programme_id=meeting.programme_id, meeting_id=meeting.id, **{**sane, **columns}))
    make_agenda_item(
        meeting, start or f"{13 + number}:00", end=end, kind="round", title=round.title, round_id=round.id
    )
    return round


@transaction()
def make_workshop(programme_id: int, title: str = "", **columns: Any) -> Workshop:
    """The content of sessions."""
    n = next(numbers)
    sane = {"key": f"workshop-{n}", "title": Wording(title or f"Workshop {n}")}
    return added(Workshop(programme_id=programme_id, **{**sane, **columns}))


@transaction()
def make_session(
    round: Round,
    *,
    capacity: int | None = None,
    workshop: Workshop | None = None,
    title: str = "",
    **columns: Any,
) -> Session:
    """A session in the round, of a workshop of its own unless given."""
    n = next(numbers)
    number = 1 + db.session.query(Session).filter_by(round_id=round.id).count()
    workshop = workshop or make_workshop(round.programme_id, title)
    ids = {"programme_id": round.programme_id, "round_id": round.id, "workshop_id": workshop.id}
    return added(Session(**ids, **{"uid": f"session-{n}", "number": number, **columns}, capacity=capacity))


@transaction()
def make_unplaced(programme: Programme, title: str = "", **columns: Any) -> Session:
    """A session that has no place yet."""
    n = next(numbers)
    workshop = make_workshop(programme.id, title, theme_id=columns.pop("theme_id", None))
    return added(Session(programme_id=programme.id, uid=f"session-{n}", workshop_id=workshop.id, **columns))


@transaction()
def make_theme(organiser: Organiser, key: str = "veiligheid", **columns: Any) -> Theme:
    """A theme of the organiser."""
    sane = {"name": Wording(key.capitalize()), "glyph": key}
    return added(Theme(organiser_id=organiser.id, key=key, **{**sane, **columns}))


@transaction()
def make_speaker(
    organiser: Organiser, name: str = "Jos van der Lans", *, person: Person | None = None, **columns: Any
) -> Speaker:
    """A public profile; with a person it can be placed as host."""
    sane = {
        "slug": fold(name).replace(" ", "-").replace("'", ""),
        "name": name,
        "sort_key": sorted_name(name),
    }
    return added(
        Speaker(organiser_id=organiser.id, person_id=person.id if person else None, **{**sane, **columns})
    )


@transaction()
def make_part(
    place: Session | AgendaItem, speaker: Speaker | None = None, *, role: str = "session_host", **columns: Any
) -> Part:
    """The speaker, or the organisation named as affiliation, takes part."""
    where = {"session_id": place.id} if isinstance(place, Session) else {"agenda_item_id": place.id}
    return added(
        Part(**where, speaker_id=speaker.id if speaker else None, role=role, **{"position": 1, **columns})
    )
