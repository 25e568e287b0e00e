"""What two releases of a programme differ in, for people and their calendars."""

from dataclasses import dataclass
from typing import Any

from learning.releases.picture import MeetingPicture, ProgrammePicture, RoundPicture, SessionPicture


@dataclass(frozen=True)
class Difference:
    """Ids of the sessions and meetings that are new, gone, cancelled, or stand otherwise in a calendar."""

    new_sessions: frozenset[int] = frozenset()
    gone_sessions: frozenset[int] = frozenset()
    changed_sessions: frozenset[int] = frozenset()
    new_meetings: frozenset[int] = frozenset()
    changed_meetings: frozenset[int] = frozenset()


def difference(old: ProgrammePicture | None, new: ProgrammePicture) -> Difference:
    """What changed between two pictures; everything is new when there was none."""
    were, are = _session_facts(old), _session_facts(new)
    meetings_were, meetings_are = _meeting_facts(old), _meeting_facts(new)
    stayed = meetings_are.keys() & meetings_were.keys()
    return Difference(
        new_sessions=frozenset(are.keys() - were.keys()),
        gone_sessions=frozenset(were.keys() - are.keys()),
        changed_sessions=frozenset(id for id in are.keys() & were.keys() if are[id] != were[id]),
        new_meetings=frozenset(meetings_are.keys() - meetings_were.keys()),
        changed_meetings=frozenset(id for id in stayed if meetings_are[id] != meetings_were[id]),
    )


def _session_facts(picture: ProgrammePicture | None) -> dict[int, Any]:
    if picture is None:
        return {}
    return {s.id: _facts(picture.meeting[r.meeting_id], r, s) for r in picture.rounds for s in r.sessions}


def _facts(meeting: MeetingPicture, round: RoundPicture, session: SessionPicture) -> Any:
    """What a calendar says of a session."""
    who = tuple(part.name for part in session.parts)
    when = (meeting.on, round.starts_at, round.ends_at)
    return (session.title, session.room, session.cancelled, when, meeting.venue, who)


def _meeting_facts(picture: ProgrammePicture | None) -> dict[int, Any]:
    if picture is None:
        return {}
    return {
        m.id: (m.title, m.on, m.start, m.end, m.zone, m.venue, m.online, m.cancelled, _agenda(m))
        for m in picture.meetings
    }


def _agenda(meeting: MeetingPicture) -> Any:
    return tuple((item.uid, item.start, item.end, item.title) for item in meeting.agenda)
