"""Calendars as bytes: what every calendar program needs, whatever people write."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from learning.schedules.ical import ZONE, Entry, calendar

T = datetime(2027, 1, 28, 13, tzinfo=UTC)
EMPTY = b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Leerkring//Agenda//NL
CALSCALE:GREGORIAN
NAME:Buurt\\, straat\\; wijk
X-WR-CALNAME:Buurt\\, straat\\; wijk
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
X-WR-TIMEZONE:Europe/Amsterdam
""".replace(b"\n", b"\r\n")


def entry(**columns: object) -> Entry:
    sane: dict = {
        "uid": "u1",
        "summary": "Opening",
        "starts_at": T,
        "changed_at": T - timedelta(days=9),
        "sequence": 0,
    }
    return Entry(**{**sane, **columns})


def test_an_empty_calendar_has_its_zone() -> None:
    assert calendar("Buurt, straat; wijk", [], domain="x.example") == EMPTY + ZONE + b"END:VCALENDAR\r\n"


def test_the_zone_says_what_the_law_says_in_the_years_ahead() -> None:
    ours, theirs = Timezone.from_ical(ZONE.decode()).to_tz(), ZoneInfo("Europe/Amsterdam")
    for day in range(0, 365 * 8):
        noon = datetime(2026, 1, 1, 12) + timedelta(days=day)
        assert noon.replace(tzinfo=ours).utcoffset() == noon.replace(tzinfo=theirs).utcoffset()


def test_an_event_in_full() -> None:
    whole = entry(
        ends_at=T + timedelta(minutes=50),
        sequence=2,
        location="Zaal 7, De Brink, Markt 1, 1234 AB Zutphen",
        description="Met Jos",
        url="https://x.example/s/1.07",
        join_url="https://meet.example/a",
        join_words="Doe online mee",
        categories=("Ronde 1",),
    )
    body = calendar("x", [whole], domain="x.example", often=True)
    event = body[body.index(b"BEGIN:VEVENT") : body.index(b"END:VCALENDAR")]
    assert event.replace(b"\r\n ", b"").decode().split("\r\n") == [
        "BEGIN:VEVENT",
        "UID:u1@x.example",
        "DTSTAMP:20270119T130000Z",
        "LAST-MODIFIED:20270119T130000Z",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "SUMMARY:Opening",
        "DTSTART;TZID=Europe/Amsterdam:20270128T140000",
        "DTEND;TZID=Europe/Amsterdam:20270128T145000",
        "LOCATION:Zaal 7\\, De Brink\\, Markt 1\\, 1234 AB Zutphen",
        "CATEGORIES:Ronde 1",
        "URL:https://x.example/s/1.07",
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Doe online mee:https://meet.example/a",
        "DESCRIPTION:Met Jos\\nDoe online mee: https://meet.example/a\\nhttps://x.example/s/1.07",
        "END:VEVENT",
        "",
    ]
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\nX-PUBLISHED-TTL:PT15M\r\n" in body


def test_an_unknown_end_is_left_out_and_so_is_an_impossible_one() -> None:
    for ends_at in (None, T, T - timedelta(hours=1)):
        body = calendar("x", [entry(ends_at=ends_at)], domain="x.example")
        assert b"DTEND" not in body
        assert b"DURATION:PT0" not in body


def test_local_time_stays_on_both_sides_of_the_clock_change() -> None:
    winter, summer = datetime(2027, 3, 25, 10, tzinfo=UTC), datetime(2027, 4, 1, 9, tzinfo=UTC)
    body = calendar(
        "x", [entry(uid="b", starts_at=summer), entry(uid="a", starts_at=winter)], domain="x.example"
    )
    starts = [line for line in body.decode().split("\r\n") if line.startswith("DTSTART;TZID")]
    assert starts == [
        "DTSTART;TZID=Europe/Amsterdam:20270325T110000",
        "DTSTART;TZID=Europe/Amsterdam:20270401T110000",
    ]


def test_the_same_events_in_any_order_are_the_same_bytes() -> None:
    one, two = entry(uid="a"), entry(uid="b", sequence=1)
    assert calendar("x", [one, two], domain="x.example") == calendar("x", [two, one], domain="x.example")


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=300))
def test_no_title_breaks_the_calendar(words: str) -> None:
    title = words + "\nEND:VEVENT\r\nBEGIN:VEVENT"
    strange = entry(uid="strange", summary=title, location=title, description=title)
    body = calendar(words[:40], [strange, entry(uid="other")], domain="x.example")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert [str(e["uid"]) for e in Calendar.from_ical(body).walk("VEVENT")] == [
        "other@x.example",
        "strange@x.example",
    ]
