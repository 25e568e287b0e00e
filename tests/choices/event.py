"""A released event with rounds, and people who choose, as the tests of choices and schedules need it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from learning.attendance.actions import register_for
from learning.attendance.models import Registration
from learning.choices.actions import choose_sessions
from learning.choices.models import Seat, SeatHistory, WaitlistEntry
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.organisations.models import Organiser
from learning.people.models import Person
from learning.programmes.models import Meeting, Programme, Round, Session, Workshop
from learning.releases.models import OfferedSession
from tests.make import (
    NOON,
    make_meeting,
    make_organiser,
    make_person,
    make_programme,
    make_round,
    make_session,
    make_workshop,
    release,
)


@dataclass
class Event:
    """The rows of it; `sessions` are by code."""

    organiser: Organiser
    programme: Programme
    meeting: Meeting
    rounds: list[Round]
    sessions: dict[str, Session]
    workshops: list[Workshop]


def make_event(
    *rounds: tuple[int | None, ...],
    same: tuple[tuple[str, str], ...] = (),
    starts: tuple[str, ...] = (),
    **programme: Any,
) -> Event:
    """An event with a session for each capacity; `same` are codes that give one workshop."""
    organiser = programme.pop("organiser", None) or make_organiser()
    row = make_programme(organiser, **programme)
    meeting = make_meeting(row)
    event = Event(organiser, row, meeting, [], {}, [])
    for number, capacities in enumerate(rounds, start=1):
        start = starts[number - 1] if starts else None
        round = make_round(meeting, **({"start": start} if start else {}))
        event.rounds.append(round)
        for place, capacity in enumerate(capacities, start=1):
            code = f"{number}.{place:02d}"
            twin = next((one for one, other in same if other == code), None)
            workshop = _workshop(event.sessions[twin]) if twin else make_workshop(row.id, f"Workshop {code}")
            event.sessions[code] = make_session(round, capacity=capacity, workshop=workshop)
    release(row)
    return event


def come(event: Event, name: str, *, person: Person | None = None) -> Registration:
    """Somebody takes part, in all meetings."""
    who = person or make_person(event.organiser, name)
    ids = [meeting.id for meeting in db.session.get_one(Programme, event.programme.id).meetings]
    return register_for(
        event.programme.id, who, organisation_id=None, price=None, confirmed=True, now=NOON, meeting_ids=ids
    )


def choose(
    event: Event, registration: Registration, *codes: str, wait: bool = False, now: datetime = NOON
) -> dict[int, Any]:
    """Choose these sessions; a round's number alone gives that round up."""
    picked = {event.rounds[int(code[0]) - 1].id: _id(event, code) for code in codes}
    return choose_sessions(registration, picked, wait=set(picked) if wait else (), now=now)


def seats(event: Event) -> set[tuple[str, str, int | None]]:
    """Everybody's seats: name, code, chair."""
    query = select(Person.name, Seat.session_id, Seat.number).join(
        Registration, Registration.id == Seat.registration_id
    )
    query = query.join(Person, Person.id == Registration.person_id)
    here = query.where(Registration.programme_id == event.programme.id)
    return {(name, _code(event, id), number) for name, id, number in _rows(here)}


def waits(event: Event) -> list[tuple[str, str]]:
    """Who waits for what, in order of joining."""
    query = select(Person.name, WaitlistEntry.session_id)
    query = query.join(Registration, Registration.id == WaitlistEntry.registration_id)
    query = query.join(Person, Person.id == Registration.person_id)
    query = query.where(Registration.programme_id == event.programme.id)
    return [
        (name, _code(event, id))
        for name, id in _rows(query.order_by(WaitlistEntry.joined_at, WaitlistEntry.id))
    ]


def history(registration: Registration) -> list[str]:
    """What became of this person's places."""
    mine = SeatHistory.registration_id == registration.id
    return [what for (what,) in _rows(select(SeatHistory.what).where(mine).order_by(SeatHistory.id))]


def mails(event: Event) -> list[tuple[str, str]]:
    """The mails about choices: template and address."""
    query = (
        select(Message.template, Message.address)
        .where(Message.template.startswith("choices/"))
        .order_by(Message.id)
    )
    return [(template.removeprefix("choices/"), address) for template, address in _rows(query)]


def check_counts() -> None:
    """The counters on the offered sessions say what the rows say."""
    chairs = dict(
        _rows(select(Seat.session_id, func.count()).where(Seat.host.is_(False)).group_by(Seat.session_id))
    )
    lines = dict(_rows(select(WaitlistEntry.session_id, func.count()).group_by(WaitlistEntry.session_id)))
    lines_kept = select(WaitlistEntry.session_id, func.count()).where(
        WaitlistEntry.offered_until.is_not(None)
    )
    offers = dict(_rows(lines_kept.group_by(WaitlistEntry.session_id)))
    chairs = {id: chairs.get(id, 0) + offers.get(id, 0) for id in {*chairs, *offers}}
    said = {id: (taken, waiting) for id, taken, waiting in _rows(_counters())}
    assert said == {id: (chairs.get(id, 0), lines.get(id, 0)) for id in said}


@transaction()
def change(row: Any, **columns: Any) -> None:
    """Change a row at the desk."""
    kept = db.session.get_one(type(row), row.id)
    for name, value in columns.items():
        setattr(kept, name, value)


def _counters() -> Any:
    return select(OfferedSession.id, OfferedSession.taken, OfferedSession.waiting)


def _rows(query: Any) -> list[Any]:
    db.session.rollback()
    return [tuple(row) for row in db.session.execute(query)]


def _workshop(session: Session) -> Workshop:
    return db.session.get_one(Workshop, session.workshop_id)


def _id(event: Event, code: str) -> int | None:
    return event.sessions[code].id if "." in code else None


def _code(event: Event, session_id: int) -> str:
    return next(code for code, session in event.sessions.items() if session.id == session_id)
