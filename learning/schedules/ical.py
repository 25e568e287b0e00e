"""Calendars as RFC 5545 and RFC 7986 ask, in the form that every calendar program reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vText, vUri

PRODUCT = "-//Leerkring//Agenda//NL"
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
X-LIC-LOCATION:Europe/Amsterdam
BEGIN:DAYLIGHT
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n").encode()
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LONGEST = 1500  # characters of a description in a feed


@dataclass(frozen=True)
class Entry:
    """One event of a calendar. Without `ends_at` it has neither end nor duration."""

    uid: str
    summary: str
    starts_at: datetime
    changed_at: datetime
    sequence: int
    ends_at: datetime | None = None
    location: str = ""
    description: str = ""
    url: str = ""
    join_url: str = ""
    join_words: str = ""
    categories: tuple[str, ...] = ()
    cancelled: bool = False


def calendar(name: str, entries: Iterable[Entry], *, domain: str, often: bool = False) -> bytes:
    """A whole calendar for subscribing, the same bytes for the same content.

    `often` is for the days that matter.
    """
    frame = Calendar()
    frame.add("version", "2.0")
    frame.add("prodid", PRODUCT)
    frame.add("calscale", "GREGORIAN")
    for key in ("name", "x-wr-calname"):
        frame.add(key, vText(name))
    pause = timedelta(minutes=15) if often else timedelta(hours=1)
    frame.add("refresh-interval", pause, parameters={"VALUE": "DURATION"})
    frame.add("x-published-ttl", vText("PT15M" if often else "PT1H"))
    frame.add("x-wr-timezone", vText("Europe/Amsterdam"))
    head = frame.to_ical(sorted=False)
    end = b"END:VCALENDAR\r\n"
    body = b"".join(
        _event(e, domain).to_ical(sorted=False) for e in sorted(entries, key=lambda e: (e.starts_at, e.uid))
    )
    return head.removesuffix(end) + ZONE + body + end


def _event(entry: Entry, domain: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{domain}")
    stamp = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event.add("dtstamp", stamp)
    event.add("last-modified", stamp)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("summary", " ".join(entry.summary.split()))
    event.add("dtstart", entry.starts_at.astimezone(AMSTERDAM))
    if entry.ends_at is not None and entry.ends_at > entry.starts_at:
        event.add("dtend", entry.ends_at.astimezone(AMSTERDAM))
    if entry.location:
        event.add("location", " ".join(entry.location.split())[:255])
    if entry.categories:
        event.add("categories", list(entry.categories))
    if entry.url:
        event.add("url", entry.url)
    if entry.join_url:
        event.add(
            "conference",
            vUri(entry.join_url, params={"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": entry.join_words}),
        )
    text = entry.description[:LONGEST]
    lines = [text, f"{entry.join_words}: {entry.join_url}" if entry.join_url else "", entry.url]
    event.add("description", "\n".join(line for line in lines if line))
    return event
