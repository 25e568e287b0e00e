"""What stands in somebody's timetable and calendar; programme facts come from the release alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from learning.attendance.models import Registration
from learning.attendance.queries import expected_meetings, picture_of
from learning.choices.models import Seat, SeatHistory, WaitlistEntry
from learning.kit.clock import local
from learning.kit.db import db
from learning.kit.links import absolute
from learning.releases.models import OfferedMeeting, OfferedSession
from learning.releases.picture import MeetingPicture, ProgrammePicture, RoundPicture, SessionPicture
from learning.releases.queries import placed_of
from learning.schedules.ical import Entry
from learning.schedules.timeline import FOR_ALL, Day, days

KEEP = timedelta(days=90)  # how long what is over stays in a calendar
KEEP_CANCELLED = timedelta(days=30)


@dataclass(frozen=True)
class Schedule:
    """A person's own page."""

    registration: Registration
    picture: ProgrammePicture
    days: list[Day]
    join_urls: dict[str, str]
    offers: dict[int, datetime]  # until when a place is kept, by round


def my_schedule(registration: Registration) -> Schedule:
    """What this person attends, where they wait, and the links to join."""
    picture = picture_of(registration)
    waits = waiting_of(registration)
    waiting = {round_id: (session_id, place) for round_id, (session_id, place, _until) in waits.items()}
    mine = days(
        picture, expected=expected_meetings(registration), held=held_by(registration), waiting=waiting
    )
    offers = {round_id: until for round_id, (_session, _place, until) in waits.items() if until is not None}
    return Schedule(registration, picture, mine, placed_of(picture.id).join_urls, offers)


def held_by(registration: Registration) -> dict[int, tuple[int, bool]]:
    """The session of each round in which the person has a seat, and whether as its host."""
    query = select(Seat.round_id, Seat.session_id, Seat.host).where(Seat.registration_id == registration.id)
    return {round_id: (session_id, host) for round_id, session_id, host in db.session.execute(query)}


def waiting_of(registration: Registration) -> dict[int, tuple[int, int, datetime | None]]:
    """The session for which the person waits in each round,
    the place on its list, and until when a chair is kept.
    """
    mine, ahead = aliased(WaitlistEntry), aliased(WaitlistEntry)
    earlier = or_(
        ahead.joined_at < mine.joined_at, and_(ahead.joined_at == mine.joined_at, ahead.id <= mine.id)
    )
    query = (
        select(mine.round_id, mine.session_id, func.count(ahead.id), mine.offered_until)
        .join(ahead, and_(ahead.session_id == mine.session_id, earlier))
        .where(mine.registration_id == registration.id)
        .group_by(mine.round_id, mine.session_id, mine.offered_until)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in db.session.execute(query)}


def entries_of(registration: Registration, picture: ProgrammePicture, *, today: date) -> list[Entry]:
    """The calendar of a person: own sessions, what is for everybody, and what was called off."""
    language = registration.person.language
    join = placed_of(picture.id).join_urls
    stamps = _stamps(picture)
    entries: list[Entry] = []
    held = held_by(registration)
    lost = (SeatHistory.registration_id == registration.id, SeatHistory.what == "cancelled")
    had = set(db.session.scalars(select(SeatHistory.session_id).where(*lost)))
    sessions = {session_id for session_id, _host in held.values()}
    sessions |= {id for id in had if id in picture.sessions and picture.sessions[id].cancelled}
    with force_locale(language):
        for id in sessions & picture.sessions.keys():
            entries += session_entry(picture, picture.sessions[id], stamps, language, join)
        expected = expected_meetings(registration)
        for meeting in picture.meetings:
            if meeting.id in expected:
                entries += meeting_entries(picture, meeting, stamps, language, join)
    return [entry for entry in entries if local(entry.starts_at).date() >= today - _kept_for(entry)]


def public_entries(picture: ProgrammePicture, language: str) -> list[Entry]:
    """The calendar of a programme for everybody: no links to join."""
    stamps = _stamps(picture)
    entries: list[Entry] = []
    with force_locale(language):
        for session in picture.sessions.values():
            entries += session_entry(picture, session, stamps, language, {})
        for meeting in picture.meetings:
            entries += meeting_entries(picture, meeting, stamps, language, {})
    return entries


def _kept_for(entry: Entry) -> timedelta:
    return KEEP_CANCELLED if entry.cancelled else KEEP


Stamps = dict[tuple[str, int], tuple[int, datetime]]


def _stamps(picture: ProgrammePicture) -> Stamps:
    """Sequence and last change of every session and meeting."""
    stamps: Stamps = {}
    for kind, model in (("session", OfferedSession), ("meeting", OfferedMeeting)):
        query = select(model.id, model.sequence, model.changed_at).where(model.programme_id == picture.id)
        stamps |= {(kind, id): (sequence, at) for id, sequence, at in db.session.execute(query)}
    return stamps


def session_entry(
    picture: ProgrammePicture, session: SessionPicture, stamps: Stamps, language: str, join: dict[str, str]
) -> Iterator[Entry]:
    """The session in a calendar; nothing while its day or time is unknown."""
    round = picture.round_of[session.id]
    meeting = picture.meeting[round.meeting_id]
    if round.starts_at is None:
        return
    sequence, changed_at = stamps[("session", session.id)]
    yield Entry(
        uid=session.uid,
        summary=_called_off(session.title.pick(language), session.cancelled or meeting.cancelled),
        starts_at=round.starts_at,
        ends_at=round.ends_at,
        changed_at=changed_at,
        sequence=sequence,
        location=place_words(meeting, session.room),
        description=_who(round, session, language),
        url=absolute("site.session_page", slug=picture.slug, code=session.code, lang=language),
        join_url=join.get(session.uid, ""),
        join_words=_("Join online"),
        categories=(round.title.pick(language),) if round.title else (),
        cancelled=session.cancelled or meeting.cancelled,
    )


def meeting_entries(
    picture: ProgrammePicture, meeting: MeetingPicture, stamps: Stamps, language: str, join: dict[str, str]
) -> Iterator[Entry]:
    """A meeting in a calendar: one event, or its parts for everybody when it has rounds."""
    sequence, changed_at = stamps[("meeting", meeting.id)]
    page = absolute("site.programme", slug=picture.slug, lang=language)
    common = {
        "changed_at": changed_at,
        "sequence": sequence,
        "location": place_words(meeting, ""),
        "url": page,
        "join_url": join.get(meeting.uid, ""),
        "join_words": _("Join online"),
        "cancelled": meeting.cancelled,
    }
    if not any(item.round_id for item in meeting.agenda):
        if meeting.starts_at is not None:
            title = meeting.title.pick(language) or picture.title.pick(language)
            summary = (
                title if title == picture.title.pick(language) else f"{picture.title.pick(language)}: {title}"
            )
            yield Entry(
                uid=meeting.uid,
                summary=_called_off(summary, meeting.cancelled),
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                **common,  # type: ignore[arg-type]
            )
        return
    for item in meeting.agenda:
        if item.kind in FOR_ALL and item.starts_at is not None:
            yield Entry(
                uid=item.uid,
                summary=_called_off(item.title.pick(language), meeting.cancelled),
                starts_at=item.starts_at,
                ends_at=item.ends_at,
                **common,  # type: ignore[arg-type]
            )


def place_words(meeting: MeetingPicture, room: str) -> str:
    """Where it is, in one line that a map understands; "Online" when it is only that."""
    venue = meeting.venue
    if venue is None:
        return room or ("Online" if meeting.online else "")
    town = " ".join(part for part in (venue.postcode, venue.city) if part)
    return ", ".join(part for part in (room, venue.name, venue.street, town) if part)


def _who(round: RoundPicture, session: SessionPicture, language: str) -> str:
    names = ", ".join(part.name for part in session.parts)
    return f"{session.code}. " + _("With %(names)s", names=names) if names else session.code


def _called_off(title: str, cancelled: bool) -> str:
    return _("CANCELLED: %(title)s", title=title) if cancelled else title
