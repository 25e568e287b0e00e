"""One mail for everybody whom a release touches: what was, what is, and what to do."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from learning.attendance.emails import moment_words
from learning.attendance.models import Participation, Registration
from learning.attendance.queries import LOADS
from learning.attendance.tokens import own_token
from learning.choices.models import Seat, SeatHistory
from learning.delegations.models import Delegation
from learning.kit.db import db, transaction
from learning.kit.links import absolute
from learning.mail.actions import all_at_once, queue
from learning.organisations.models import Organiser
from learning.people.models import Person
from learning.releases.changes import Change, changes
from learning.releases.happenings import Released
from learning.releases.models import OfferedHost
from learning.releases.news import sentence
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import organiser_id_of

TOLD = {  # what a person must hear of; a new text or another number of places is not a reason for a mail
    "session": {"cancelled", "gone", "restored", "time", "round", "room", "hosts", "title"},
    "meeting": {"cancelled", "gone", "restored", "time", "place"},
    "programme": {"cancelled", "restored"},
}
LOST = ("cancelled", "lost")  # in the history of seats
WAITED = "moved_away"
AGAIN = "placed_again"


@dataclass
class Reader:
    """Somebody who is told: as attendee with a registration, as host, or as contact of a delegation."""

    person: Person
    registration: Registration | None = None
    changes: dict[Change, None] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)  # sessions in which the person has a place instead


@transaction()
def tell(happening: Released) -> None:
    """Queue one mail for each person whom the difference touches; nothing at the first release."""
    if happening.before is None or happening.after is None:
        return
    told = [c for c in changes(happening.before, happening.after) if c.kind in TOLD.get(c.thing, ())]
    history = _history(happening.programme_id, happening.now)
    if not told and not history:
        return
    readers = _readers(happening.programme_id, told, history)
    organiser = db.session.get_one(Organiser, organiser_id_of(happening.programme_id))
    with all_at_once():
        for _key, reader in sorted(readers.items()):
            _queue(reader, happening, happening.after, organiser)


def _history(programme_id: int, now: datetime) -> list[SeatHistory]:
    """What became of seats and waiting places in this release."""
    kinds = (*LOST, WAITED, AGAIN)
    query = select(SeatHistory).join(Registration, Registration.id == SeatHistory.registration_id)
    mine = (Registration.programme_id == programme_id, SeatHistory.at == now, SeatHistory.what.in_(kinds))
    return list(db.session.scalars(query.where(*mine).order_by(SeatHistory.id)))


def _readers(programme_id: int, told: list[Change], history: list[SeatHistory]) -> dict[int, Reader]:
    by_thing: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for change in told:
        by_thing[change.thing, change.id].append(change)
    sessions = {id for thing, id in by_thing if thing == "session"}
    became: dict[int, list[SeatHistory]] = defaultdict(list)
    for row in history:
        became[row.registration_id].append(row)
    readers: dict[int, Reader] = {}
    for registration, meetings, seats in _attendees(programme_id):
        theirs = became[registration.id]
        held = seats | {row.session_id for row in theirs}
        keys = [
            ("programme", programme_id),
            *(("meeting", m) for m in sorted(meetings)),
            *(("session", s) for s in sorted(held)),
        ]
        mine = [change for key in keys for change in by_thing.get(key, ())]
        lost = {row.session_id for row in theirs if row.what in LOST}
        if mine or lost:
            reader = readers.setdefault(registration.person_id, Reader(registration.person, registration))
            reader.changes |= dict.fromkeys(mine)
            reader.lost |= lost
            reader.again |= {row.session_id for row in theirs if row.what == AGAIN}
    hosting = select(OfferedHost.session_id, Person).join(Person, Person.id == OfferedHost.person_id)
    for session_id, person in db.session.execute(hosting.where(OfferedHost.session_id.in_(sessions))).all():
        readers.setdefault(person.id, Reader(person)).changes |= dict.fromkeys(
            by_thing["session", session_id]
        )
    general = [change for (thing, _id), found in by_thing.items() if thing != "session" for change in found]
    if general:
        live = (Delegation.programme_id == programme_id, Delegation.ended_at.is_(None))
        contacts = select(Person).join(Delegation, Delegation.contact_id == Person.id).where(*live)
        for person in db.session.scalars(contacts.order_by(Person.id)):
            readers.setdefault(person.id, Reader(person)).changes |= dict.fromkeys(general)
    return readers


def _attendees(programme_id: int) -> Iterable[tuple[Registration, set[int], set[int]]]:
    """Everybody who takes part, with the meetings and the sessions of each."""
    live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
    query = select(Registration).where(Registration.programme_id == programme_id, *live)
    meetings: dict[int, set[int]] = defaultdict(set)
    seats: dict[int, set[int]] = defaultdict(set)
    expected = select(Participation.registration_id, Participation.meeting_id)
    expected = expected.where(Participation.programme_id == programme_id, Participation.ended_at.is_(None))
    for registration_id, meeting_id in db.session.execute(expected):
        meetings[registration_id].add(meeting_id)
    held = select(Seat.registration_id, Seat.session_id).where(Seat.programme_id == programme_id)
    for registration_id, session_id in db.session.execute(held):
        seats[registration_id].add(session_id)
    for registration in db.session.scalars(query.order_by(Registration.id).options(*LOADS)).all():
        yield registration, meetings[registration.id], seats[registration.id]


def _queue(reader: Reader, happening: Released, picture: ProgrammePicture, organiser: Organiser) -> None:
    person, language = reader.person, reader.person.language
    before = happening.before
    with force_locale(language):
        lines = [_line(change, language) for change in reader.changes]
        known = (before.sessions if before else {}) | picture.sessions
        lost = [
            f"{known[id].code} {known[id].title.pick(language)}" for id in sorted(reader.lost) if id in known
        ]
        again = [
            f"{known[id].code} {known[id].title.pick(language)}" for id in sorted(reader.again) if id in known
        ]
        until = moment_words(happening.again_until, language) if happening.again_until else ""
    values: dict[str, Any] = {
        "programme": picture.title.pick(language),
        "sender": organiser.name,
        "reply_to": organiser.mail,
        "lines": lines,
        "lost": lost,
        "again": again,
        "until": until,
        "note": happening.note,
        "own_url": absolute("people.home", lang=language),
    }
    if reader.registration is not None:
        token = own_token(reader.registration)
        values["own_url"] = absolute("schedules.mine", token=token, lang=language)
        values["choices_url"] = absolute("choices.choose", token=token, lang=language)
    queue(
        "schedules/changed",
        to=person.mail,
        name=person.called,
        language=language,
        values=values,
        once=f"release-{happening.release_id}-{person.id}",
        organiser_id=organiser.id,
        now=happening.now,
    )


def _line(change: Change, language: str) -> str:
    title = change.title.pick(language)
    name = _("The programme") if change.thing == "programme" else f"{change.code} {title}".strip()
    return f"{name}: {sentence(change)}"
