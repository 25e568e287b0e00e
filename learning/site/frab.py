"""A programme as a schedule in the frab format (XML and JSON), as apps for conference schedules read it.

Format: the schedule schemas of github.com/voc/schedule. Every session has an
id and a guid of its own, so that a workshop that is given twice stands in it
twice. Meetings without a day, and blocks without a time, are not in it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from learning.kit.clock import local
from learning.people.rules import fold
from learning.releases.picture import (
    AgendaPicture,
    MeetingPicture,
    PartPicture,
    ProgrammePicture,
    SessionPicture,
)

HOUR = timedelta(hours=1)  # where no end is known
SLOT = "00:05"
STAGE = {"nl": "Plenair", "en": "Plenary"}
LATER = {"nl": "Zaal volgt", "en": "Room follows"}
_tag = re.compile(r"<[^>]+>")
_unfit = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Item:
    """One entry: a session or a block."""

    id: int
    uid: str
    room: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    title: str
    abstract: str
    track: str
    kind: str
    url: str
    persons: tuple[PartPicture, ...]

    @property
    def guid(self) -> str:
        """The same for the same session, always."""
        return str(uuid5(NAMESPACE_URL, self.uid))

    @property
    def duration(self) -> str:
        """Hours and minutes."""
        minutes = int((self.ends_at - self.starts_at).total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True)
class Source:
    """What is exported: the picture, the release's number,
    the language, and the address of the public page.
    """

    picture: ProgrammePicture
    release: int
    language: str
    url: str


def as_json(source: Source) -> bytes:
    """The schedule as JSON, UTF-8."""
    days = list(_days(source))
    conference = {
        "acronym": _acronym(source.picture.slug),
        "title": source.picture.title.pick(source.language),
        "start": days[0][0].on.isoformat() if days and days[0][0].on else "",
        "end": days[-1][0].on.isoformat() if days and days[-1][0].on else "",
        "daysCount": len(days),
        "timeslot_duration": SLOT,
        "time_zone_name": days[0][0].zone if days else "Europe/Amsterdam",
        "url": source.url,
        "rooms": [{"name": room, "guid": _room_guid(source, room)} for room in _rooms(days)],
        "days": [_day(source, index, meeting, items) for index, (meeting, items) in enumerate(days, start=1)],
    }
    whole = {
        "generator": {"name": "Leerkring"},
        "schedule": {"version": str(source.release), "base_url": source.url, "conference": conference},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_xml(source: Source) -> bytes:
    """The schedule as XML, UTF-8."""
    days = list(_days(source))
    root = ElementTree.Element("schedule")
    _text(root, "version", str(source.release))
    conference = ElementTree.SubElement(root, "conference")
    _text(conference, "title", source.picture.title.pick(source.language))
    _text(conference, "acronym", _acronym(source.picture.slug))
    if days and days[0][0].on and days[-1][0].on:
        _text(conference, "start", days[0][0].on.isoformat())
        _text(conference, "end", days[-1][0].on.isoformat())
    _text(conference, "days", str(len(days)))
    _text(conference, "timeslot_duration", SLOT)
    people = {name: number for number, name in enumerate(_people(days), start=1)}
    for index, (meeting, items) in enumerate(days, start=1):
        day = ElementTree.SubElement(
            root, "day", index=str(index), date=meeting.on.isoformat() if meeting.on else ""
        )
        day.set("start", _iso(min(item.starts_at for item in items), meeting.zone))
        day.set("end", _iso(max(item.ends_at for item in items), meeting.zone))
        for name in _rooms([(meeting, items)]):
            room = ElementTree.SubElement(day, "room", name=_fit(name))
            for item in items:
                if item.room == name:
                    _event(room, item, source, people)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")


def _event(room: ElementTree.Element, item: Item, source: Source, people: dict[str, int]) -> None:
    event = ElementTree.SubElement(room, "event", id=str(item.id), guid=item.guid)
    here = local(item.starts_at, item.zone)
    for name, words in (
        ("room", item.room),
        ("title", item.title),
        ("subtitle", ""),
        ("type", item.kind),
        ("date", here.isoformat()),
        ("start", here.strftime("%H:%M")),
        ("duration", item.duration),
        ("abstract", item.abstract),
        ("slug", _slug(source, item)),
        ("track", item.track),
        ("language", source.picture.language),
    ):
        _text(event, name, words)
    persons = ElementTree.SubElement(event, "persons")
    for part in item.persons:
        person = ElementTree.SubElement(persons, "person", id=str(people[part.name]))
        person.text = _fit(part.name)
    links = ElementTree.SubElement(event, "links")
    link = ElementTree.SubElement(links, "link", href=item.url)
    link.text = _fit(item.title)


def _day(source: Source, index: int, meeting: MeetingPicture, items: list[Item]) -> dict[str, Any]:
    people = {name: number for number, name in enumerate(_people([(meeting, items)]), start=1)}
    rooms = {
        room: [_json_event(source, i, people) for i in items if i.room == room]
        for room in _rooms([(meeting, items)])
    }
    return {
        "index": index,
        "date": meeting.on.isoformat() if meeting.on else "",
        "day_start": _iso(min(item.starts_at for item in items), meeting.zone),
        "day_end": _iso(max(item.ends_at for item in items), meeting.zone),
        "rooms": rooms,
    }


def _json_event(source: Source, item: Item, people: dict[str, int]) -> dict[str, Any]:
    here = local(item.starts_at, item.zone)
    return {
        "id": item.id,
        "guid": item.guid,
        "date": here.isoformat(),
        "start": here.strftime("%H:%M"),
        "duration": item.duration,
        "room": item.room,
        "slug": _slug(source, item),
        "url": item.url,
        "title": item.title,
        "subtitle": "",
        "track": item.track or None,
        "type": item.kind,
        "language": source.picture.language,
        "abstract": item.abstract,
        "description": "",
        "persons": [{"id": people[p.name], "name": p.name, "public_name": p.name} for p in item.persons],
        "links": [],
        "attachments": [],
    }


def _days(source: Source) -> Iterator[tuple[MeetingPicture, list[Item]]]:
    """Meetings with a day, in order, each with what happens there."""
    for meeting in sorted(source.picture.meetings, key=lambda m: (m.on is None, m.on, m.position)):
        items = sorted(_items(source, meeting), key=lambda item: (item.starts_at, item.room, item.id))
        if items and not meeting.cancelled:
            yield meeting, items


def _items(source: Source, meeting: MeetingPicture) -> Iterator[Item]:
    picture = source.picture
    for round in picture.rounds:
        if round.meeting_id != meeting.id or round.starts_at is None:
            continue
        until = (
            round.busy_until
            if round.busy_until and round.busy_until > round.starts_at
            else round.starts_at + HOUR
        )
        for session in round.sessions:
            if not session.cancelled:
                yield _session(source, meeting, session, round.starts_at, until)
    blocks = [block for block in meeting.agenda if block.round_id is None and block.starts_at is not None]
    for number, block in enumerate(blocks):
        yield _block(source, meeting, block, number)


def _session(
    source: Source, meeting: MeetingPicture, session: SessionPicture, start: datetime, end: datetime
) -> Item:
    language = source.language
    theme = source.picture.theme.get(session.theme)
    return Item(
        id=session.id * 2,  # even for sessions, odd for blocks: unique in a schedule
        uid=session.uid,
        room=session.room or LATER[language],
        starts_at=start,
        ends_at=end,
        zone=meeting.zone,
        title=f"{session.code} {session.title.pick(language)}",
        abstract=_plain(session.abstract_html.pick(language)),
        track=theme.name.pick(language) if theme else "",
        kind="workshop",
        url=f"{source.url}/sessions/{session.code}",
        persons=session.parts,
    )


def _block(source: Source, meeting: MeetingPicture, block: AgendaPicture, number: int) -> Item:
    start = block.starts_at
    assert start is not None
    later = sorted(m for b in meeting.agenda if (m := b.starts_at) is not None and m > start)
    end = block.ends_at or (later[0] if later else meeting.ends_at)
    return Item(
        id=(meeting.id * 1000 + number) * 2 + 1,
        uid=block.uid,
        room=meeting.venue.name if meeting.venue else STAGE[source.language],
        starts_at=start,
        ends_at=end if end is not None and end > start else start + HOUR,
        zone=meeting.zone,
        title=block.title.pick(source.language),
        abstract=block.text.pick(source.language),
        track="",
        kind="meeting",
        url=source.url,
        persons=block.parts,
    )


def _rooms(days: list[tuple[MeetingPicture, list[Item]]]) -> list[str]:
    return list(dict.fromkeys(item.room for _meeting, items in days for item in items))


def _people(days: list[tuple[MeetingPicture, list[Item]]]) -> list[str]:
    return list(
        dict.fromkeys(part.name for _meeting, items in days for item in items for part in item.persons)
    )


def _room_guid(source: Source, room: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{source.url}#{room}"))


def _acronym(slug: str) -> str:
    """A short name as the format asks: small letters, digits and underscores, at least five."""
    return (re.sub(r"[^a-z0-9]", "_", slug) + "_____")[: max(5, len(slug))]


def _slug(source: Source, item: Item) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", fold(item.title)).strip("-")[:50].strip("-")
    return f"{source.picture.slug}-{item.id}-{words}".rstrip("-")


def _iso(moment: datetime, zone: str) -> str:
    return local(moment, zone).isoformat()


def _plain(html: str) -> str:
    """The text of sanitised HTML."""
    from html import unescape

    return "\n".join(line.strip() for line in unescape(_tag.sub("\n", html)).splitlines() if line.strip())


def _fit(text: str) -> str:
    """The text without characters that XML cannot hold (XML 1.0, section 2.2)."""
    return _unfit.sub("", text)


def _text(parent: ElementTree.Element, name: str, words: str) -> None:
    ElementTree.SubElement(parent, name).text = _fit(words)
