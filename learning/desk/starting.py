"""A new programme with a sensible start for its kind, and a copy of one that exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import inspect, select

from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_, Wording
from learning.organisations.models import Organiser
from learning.prices.models import Tariff
from learning.programmes.models import (
    AgendaItem,
    Conditions,
    Meeting,
    Module,
    Part,
    Programme,
    ProgrammeParty,
    Room,
    Round,
    Session,
    Venue,
    Workshop,
)
from learning.programmes.parts import free_slug, set_moments

DELEGATION = (2, 3)  # places of a delegation at each meeting of a learning community, to begin with


@dataclass(frozen=True)
class Start:
    """What a new programme begins with. Times are HH:MM or empty; `parts` are modules or slots."""

    kind: str
    title: str
    days: tuple[date, ...] = ()
    start: str = ""
    end: str = ""
    rounds: int = 0
    rooms: int = 0
    first_round: str = ""
    minutes: int = 60
    parts: tuple[str, ...] = ()


@transaction()
def start_programme(organiser: Organiser, start: Start, *, by: int, now: datetime) -> Programme:
    """Make a programme: an event gets its day with rounds and
    rooms, a community its meetings, a training its modules.
    """
    lock(Organiser, [organiser.id])
    programme = Programme(
        organiser_id=organiser.id,
        kind=start.kind,
        title=Wording(start.title),
        slug=free_slug(start.title, Programme.slug),
    )
    if start.kind == "learning_community":
        programme.by_delegation = True
        programme.seats_min, programme.seats_max = DELEGATION
    db.session.add(programme)
    db.session.flush()
    meetings = [
        _meeting(programme, position, day, start)
        for position, day in enumerate(start.days or (None,), start=1)
    ]
    if start.kind == "training":
        for position, title in enumerate(start.parts, start=1):
            db.session.add(Module(programme_id=programme.id, position=position, title=Wording(title)))
    elif start.kind == "network_meeting":
        _slots(meetings[0], start.parts)
    if start.kind == "event":
        for meeting in meetings:
            _rounds(programme, meeting, start)
        _rooms(programme, start)
    record("made", programme, organiser_id=organiser.id, by=by, at=now, words=start.title)
    db.session.flush()
    return programme


@transaction()
def copy_programme(
    programme: Programme, *, title: str, sessions: bool, people: bool, by: int, now: datetime
) -> Programme:
    """A copy without days: its structure, and its sessions and the people in them when asked.

    Nothing of it is public.
    """
    lock(Organiser, [programme.organiser_id])
    if not title.strip():
        raise Refusal("no_title", N_("Give the copy a title."), "title_nl")
    skip = {"cancelled_at", "archived_at", "slug"}
    copy = _twin(programme, skip | {name for name in _columns(programme) if name.endswith("_at")})
    copy.title, copy.slug = Wording(title, ""), free_slug(title, Programme.slug)
    copy.conditions_version = 1 if programme.conditions else 0
    db.session.add(copy)
    db.session.flush()
    if programme.conditions:
        db.session.add(Conditions(programme_id=copy.id, version=1, text=programme.conditions, made_at=now))
    for model in (Module, ProgrammeParty, Tariff):
        for row in _all(model, model.programme_id == programme.id):
            db.session.add(_twin(row, set(), programme_id=copy.id))
    rounds = _copy_meetings(programme, copy, people)
    if sessions:
        _copy_sessions(programme, copy, rounds, people)
    record("copied", copy, organiser_id=copy.organiser_id, by=by, at=now, words=title)
    db.session.flush()
    return copy


def _copy_meetings(programme: Programme, copy: Programme, people: bool) -> dict[int, Round]:
    rounds: dict[int, Round] = {}
    for meeting in _all(Meeting, Meeting.programme_id == programme.id):
        without = {"on", "starts_at", "ends_at", "cancelled_at", "nominations_close_at", "taken", "join_url"}
        twin = _twin(meeting, without, programme_id=copy.id, uid=str(uuid4()))
        db.session.add(twin)
        db.session.flush()
        for round in _all(Round, Round.meeting_id == meeting.id):
            rounds[round.id] = _twin(round, {"last_number"}, programme_id=copy.id, meeting_id=twin.id)
            db.session.add(rounds[round.id])
        db.session.flush()
        for item in _all(AgendaItem, AgendaItem.meeting_id == meeting.id):
            its_round = rounds[item.round_id].id if item.round_id else None
            item_twin = _twin(item, set(), meeting_id=twin.id, uid=str(uuid4()), round_id=its_round)
            db.session.add(item_twin)
            db.session.flush()
            if people:
                _copy_parts(Part.agenda_item_id == item.id, agenda_item_id=item_twin.id)
    return rounds


def _copy_sessions(programme: Programme, copy: Programme, rounds: dict[int, Round], people: bool) -> None:
    workshops = {}
    for row in _all(Workshop, Workshop.programme_id == programme.id):
        workshops[row.id] = _twin(row, set(), programme_id=copy.id)
        db.session.add(workshops[row.id])
    db.session.flush()
    for session in _all(Session, Session.programme_id == programme.id):
        twin = _twin(session, {"cancelled_at", "join_url"}, programme_id=copy.id, uid=str(uuid4()))
        twin.workshop_id = workshops[session.workshop_id].id
        twin.round_id = rounds[session.round_id].id if session.round_id else None
        db.session.add(twin)
        db.session.flush()
        if people:
            _copy_parts(Part.session_id == session.id, session_id=twin.id)


def _copy_parts(where: Any, **place: int) -> None:
    for part in _all(Part, where):
        db.session.add(_twin(part, set(), **place))


def _columns(row: Any) -> list[str]:
    return [
        attribute.key for attribute in inspect(type(row)).column_attrs if not attribute.key.startswith("_")
    ]


def _twin(row: Any, without: set[str], **values: Any) -> Any:
    """A new row with the same values, but for some."""
    kept = {name: getattr(row, name) for name in _columns(row) if name not in without | {"id"}}
    return type(row)(**kept | values)


def _all(model: type[Any], where: Any) -> Sequence[Any]:
    return db.session.scalars(select(model).where(where).order_by(model.id)).all()


def _meeting(programme: Programme, position: int, day: date | None, start: Start) -> Meeting:
    numbered = Wording(f"Bijeenkomst {position}", f"Meeting {position}")
    title = numbered if programme.kind == "learning_community" else programme.title
    meeting = Meeting(
        organiser_id=programme.organiser_id,
        programme_id=programme.id,
        uid=str(uuid4()),
        position=position,
        title=title,
        on=day,
        start=start.start,
        end=start.end,
        zone="Europe/Amsterdam",
    )
    set_moments(meeting)
    db.session.add(meeting)
    db.session.flush()
    return meeting


def _rounds(programme: Programme, meeting: Meeting, start: Start) -> None:
    """The rounds of an event, one after the other."""
    at = start.first_round or start.start
    for position in range(1, start.rounds + 1):
        number = (meeting.position - 1) * start.rounds + position
        title = Wording(f"Ronde {number}", f"Round {number}")
        round = Round(programme_id=programme.id, meeting_id=meeting.id, number=number, title=title)
        db.session.add(round)
        db.session.flush()
        until = _later(at, start.minutes) if at else ""
        item = AgendaItem(
            meeting_id=meeting.id, position=position, uid=str(uuid4()), kind="round", title=title
        )
        item.start, item.end, item.round_id = at, until, round.id
        db.session.add(item)
        at = until


def _later(at: str, minutes: int) -> str:
    """A time some minutes later on the same day; empty past midnight."""
    then = datetime(2000, 1, 1, int(at[:2]), int(at[3:])) + timedelta(minutes=minutes)
    return then.strftime("%H:%M") if then.day == 1 else ""


def _slots(meeting: Meeting, parts: Sequence[str]) -> None:
    for position, title in enumerate(parts, start=1):
        item = AgendaItem(
            meeting_id=meeting.id, position=position, uid=str(uuid4()), kind="plenary", title=Wording(title)
        )
        db.session.add(item)


def _rooms(programme: Programme, start: Start) -> None:
    """As many rooms as were asked for, in a venue of the programme's own name that one can rename."""
    if not start.rooms:
        return
    taken = set(db.session.scalars(select(Venue.name).where(Venue.organiser_id == programme.organiser_id)))
    names = (start.title if n == 1 else f"{start.title} {n}" for n in range(1, len(taken) + 2))
    venue = Venue(organiser_id=programme.organiser_id, name=next(name for name in names if name not in taken))
    db.session.add(venue)
    db.session.flush()
    for number in range(1, start.rooms + 1):
        db.session.add(Room(organiser_id=programme.organiser_id, venue_id=venue.id, name=f"Zaal {number}"))
    for meeting in _all(Meeting, Meeting.programme_id == programme.id):
        meeting.venue_id = venue.id
    db.session.flush()
