"""What changed for people between two releases, thing by thing, to be put in words where it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec.structs import asdict

from learning.kit.wording import Wording
from learning.releases.picture import (
    MeetingPicture,
    PartPicture,
    ProgrammePicture,
    RoundPicture,
    SessionPicture,
    SpeakerPicture,
)

LATER = ("late_substitutes", "repeats_allowed", "moving_up_stops", "offer_hours", "offer_lapsed")
KINDS = (
    "new",
    "gone",
    "cancelled",
    "restored",
    "time",
    "round",
    "room",
    "place",
    "hosts",
    "capacity",
    "title",
    "text",
)


@dataclass(frozen=True)
class Change:
    """One change of one thing: a session, a meeting, a speaker, or the programme itself (`thing`).

    `code` is a session's number as it is now (as it was when it is gone); `was` and `now`
    are times, names or counts, the same in every language, and empty where they say nothing.
    """

    kind: str
    thing: str
    id: int
    code: str
    title: Wording
    was: str = ""
    now: str = ""


def changes(old: ProgrammePicture | None, new: ProgrammePicture) -> tuple[Change, ...]:
    """Everything that changed since the release before, in
    the order of the programme; nothing when there was none.
    """
    if old is None:
        return ()
    return (*_programme(old, new), *_meetings(old, new), *_sessions(old, new), *_speakers(old, new))


def unnamed(old: ProgrammePicture | None, new: ProgrammePicture) -> tuple[Change, ...]:
    """What the desk changed that visitors are not told thing by
    thing: prices, and settings such as dates and conditions.
    """
    if old is None:
        return ()
    told = {"title", "summary", "text_html", "note", "cancelled", "meetings", "rounds", "speakers", "tariffs"}
    before, after = asdict(old), asdict(new)
    later = {name for name in LATER if before[name] is None}  # releases of that day did not hold it
    settings = any(before[name] != after[name] for name in after.keys() - told - later)
    prices = old.tariffs != new.tariffs
    found = (("prices", prices), ("settings", settings))
    return tuple(Change(kind, "programme", new.id, "", new.title) for kind, is_so in found if is_so)


def _programme(old: ProgrammePicture, new: ProgrammePicture) -> Iterator[Change]:
    def change(kind: str, was: str = "", now: str = "") -> Change:
        return Change(kind, "programme", new.id, "", new.title, was, now)

    if new.cancelled != old.cancelled:
        yield change("cancelled" if new.cancelled else "restored")
    if new.title != old.title:
        yield change("title", _either(old.title), _either(new.title))
    if (new.summary, new.text_html, new.note) != (old.summary, old.text_html, old.note):
        yield change("text")


def _meetings(old: ProgrammePicture, new: ProgrammePicture) -> Iterator[Change]:
    for meeting in new.meetings:
        before = old.meeting.get(meeting.id)
        if before is None:
            yield Change("new", "meeting", meeting.id, "", meeting.title, now=_when(meeting))
            continue
        yield from _meeting(before, meeting)
    for meeting in old.meetings:
        if meeting.id not in new.meeting:
            yield Change("gone", "meeting", meeting.id, "", meeting.title)


def _meeting(old: MeetingPicture, new: MeetingPicture) -> Iterator[Change]:
    def change(kind: str, was: str = "", now: str = "") -> Change:
        return Change(kind, "meeting", new.id, "", new.title, was, now)

    if new.cancelled != old.cancelled:
        yield change("cancelled" if new.cancelled else "restored")
    if _when(new) != _when(old):
        yield change("time", _when(old), _when(new))
    if (new.venue, new.online) != (old.venue, old.online):
        yield change("place", _where(old), _where(new))
    if new.title != old.title:
        yield change("title", _either(old.title), _either(new.title))
    if new.text != old.text or _blocks(new) != _blocks(old):
        yield change("text")


def _blocks(meeting: MeetingPicture) -> list[tuple[object, ...]]:
    """The blocks that are no rounds: those are told by their sessions."""
    return [(b.uid, b.start, b.end, b.title, b.text, b.parts) for b in meeting.agenda if b.round_id is None]


def _sessions(old: ProgrammePicture, new: ProgrammePicture) -> Iterator[Change]:
    for session in new.sessions.values():
        before = old.sessions.get(session.id)
        if before is None:
            yield Change(
                "new",
                "session",
                session.id,
                session.code,
                session.title,
                now=_start(new.round_of[session.id]),
            )
            continue
        yield from _session(before, old.round_of[session.id], session, new.round_of[session.id])
    for session in old.sessions.values():
        if session.id not in new.sessions:
            yield Change("gone", "session", session.id, session.code, session.title)


def _session(
    old: SessionPicture, was_in: RoundPicture, new: SessionPicture, now_in: RoundPicture
) -> Iterator[Change]:
    def change(kind: str, was: str = "", now: str = "") -> Change:
        return Change(kind, "session", new.id, new.code, new.title, was, now)

    if new.cancelled != old.cancelled:
        yield change("cancelled" if new.cancelled else "restored")
    if was_in.id != now_in.id:
        yield change("round", f"{old.code} {_start(was_in)}".strip(), f"{new.code} {_start(now_in)}".strip())
    elif _start(was_in) != _start(now_in):
        yield change("time", _start(was_in), _start(now_in))
    if new.room != old.room:
        yield change("room", old.room, new.room)
    if _names(new.parts) != _names(old.parts):
        yield change("hosts", _names(old.parts), _names(new.parts))
    if new.capacity != old.capacity:
        yield change("capacity", _count(old.capacity), _count(new.capacity))
    if new.title != old.title:
        yield change("title", _either(old.title), _either(new.title))
    if (new.abstract_html, new.text_html) != (old.abstract_html, old.text_html):
        yield change("text")


def _speakers(old: ProgrammePicture, new: ProgrammePicture) -> Iterator[Change]:
    """Profiles that say something else. Who came or went is told by the sessions."""
    for speaker in new.speakers:
        before = old.speaker.get(speaker.slug)
        if before is not None and _profile(speaker) != _profile(before):
            yield Change("text", "speaker", 0, "", Wording(speaker.name, speaker.name))


def _profile(speaker: SpeakerPicture) -> tuple[object, ...]:
    return (
        speaker.name,
        speaker.function,
        speaker.affiliation,
        speaker.biography_html,
        speaker.photo,
        speaker.photo_alt,
    )


def _either(words: Wording) -> str:
    return words.pick("nl")


def _span(start: str, end: str) -> str:
    return "–".join(at for at in (start, end) if at)


def _start(round: RoundPicture) -> str:
    return _span(round.start, round.end)


def _when(meeting: MeetingPicture) -> str:
    day = meeting.on.strftime("%d-%m-%Y") if meeting.on else ""
    return " ".join(word for word in (day, _span(meeting.start, meeting.end)) if word)


def _where(meeting: MeetingPicture) -> str:
    if meeting.venue is None:
        return "online" if meeting.online else ""
    return ", ".join(word for word in (meeting.venue.name, meeting.venue.city) if word)


def _names(parts: tuple[PartPicture, ...]) -> str:
    return ", ".join(part.name for part in parts)


def _count(capacity: int | None) -> str:
    return "" if capacity is None else str(capacity)
