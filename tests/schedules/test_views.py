"""The own programme and the calendars, through the doors."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from learning.attendance import actions as attendance
from learning.attendance.models import Registration
from learning.attendance.tokens import feed_token, own_token
from learning.kit.db import db
from learning.kit.installation import of
from learning.kit.pages import Files
from learning.programmes.models import Programme
from tests.choices.event import Event, change, choose, come, make_event
from tests.counted import asked_by, counted
from tests.make import (
    NOON,
    make_agenda_item,
    make_meeting,
    make_organiser,
    make_part,
    make_person,
    make_programme,
    make_speaker,
    make_venue,
    release,
)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon, two months before the event."""
    with time_machine.travel(NOON):
        yield


def own(registration: Registration, lang: str = "nl") -> str:
    return f"/{lang}/registrations/{own_token(registration)}"


def feed(registration: Registration) -> str:
    db.session.rollback()
    return f"/calendars/{feed_token(registration)}.ics"


def events(client: FlaskClient, path: str) -> dict[str, dict[str, Any]]:
    """The events of a calendar by title: what a calendar program would show."""
    answer = client.get(path)
    assert answer.status_code == 200
    return {
        str(event["summary"]): {
            "uid": str(event["uid"]),
            "start": f"{event['dtstart'].dt:%d-%m %H:%M}",
            "end": f"{event['dtend'].dt:%H:%M}" if "dtend" in event else None,
            "place": str(event.get("location", "")),
            "status": str(event["status"]),
            "sequence": int(event["sequence"]),
            "join": str(event.get("conference", "")),
        }
        for event in Calendar.from_ical(answer.data).walk("VEVENT")
    }


def make_day() -> Event:
    """An event with an opening and two rounds in a venue; session 1.01 is online too."""
    event = make_event((1, 5), (5,), slug="dag")
    make_agenda_item(
        event.meeting, "13:00", kind="plenary", title=event.rounds[0].title.__class__("Opening", "Opening")
    )
    make_agenda_item(
        event.meeting, "13:30", kind="break", title=event.rounds[0].title.__class__("Pauze", "Break")
    )
    venue = make_venue(event.organiser, "Zutphen", street="Markt 1", postcode="1234 AB")
    change(event.meeting, venue_id=venue.id)
    change(event.sessions["1.01"], join_url="https://meet.example/secret")
    make_part(event.sessions["1.01"], make_speaker(event.organiser, "Jos van der Lans"))
    release(event.programme)
    return event


PLACE = "Huis van Zutphen, Markt 1, 1234 AB Zutphen"


def session(event: Event, code: str, **more: Any) -> dict[str, Any]:
    hour = 13 + int(code[0])
    sane = {
        "uid": f"{event.sessions[code].uid}@leerkring.example.org",
        "start": f"28-01 {hour}:00",
        "end": None,
        "place": PLACE,
        "status": "CONFIRMED",
        "sequence": 1,  # the venue and host came with the second release
        "join": "",
    }
    return sane | more


def test_the_own_page_says_what_when_and_where(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01", "2.01")
    choose(event, bob, "1.02")
    choose(event, bob, "1.01", wait=True)
    page = client.get(own(ann)).text
    for words in (
        "Ann",
        "Workshop 1.01",
        "Workshop 2.01",
        "Jos van der Lans",
        "Opening",
        "Huis van Zutphen",
        ann.code,
    ):
        assert words in page
    assert "https://meet.example/secret" in page
    token = feed_token(ann)
    assert f"webcal://127.0.0.1:8000/calendars/{token}.ics" in page
    assert f"cid=webcal%3A%2F%2F127.0.0.1%3A8000%2Fcalendars%2F{token}.ics" in page
    assert f"addfromweb?url=http%3A%2F%2F127.0.0.1%3A8000%2Fcalendars%2F{token}.ics" in page
    theirs = client.get(own(bob)).text
    assert "Wachtlijst van 1.01: plaats 1" in theirs
    assert "https://meet.example/secret" not in theirs
    assert "Waiting list of 1.01: place 1" in client.get(own(bob, "en")).text
    assert client.get(own(bob)).headers["Referrer-Policy"] == "same-origin"


def test_the_own_calendar_whole(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01")
    answer = client.get(feed(ann))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in answer.headers
    seen = events(client, feed(ann))
    opening = seen.pop("Opening")
    assert (opening["start"], opening["place"], opening["sequence"]) == ("28-01 13:00", PLACE, 1)
    assert seen == {"Workshop 1.01": session(event, "1.01", join="https://meet.example/secret")}
    assert feed_token(ann).encode() not in answer.data
    assert b"ATTENDEE" not in answer.data
    assert answer.data.count(b"BEGIN:VTIMEZONE") == 1


def test_the_same_bytes_until_something_changes(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    first = client.get(feed(ann))
    same = client.get(feed(ann), headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
    choose(event, bob, "1.02")  # somebody else
    assert client.get(feed(ann), headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    choose(event, ann, "1.02", "2.01")
    moved = client.get(feed(ann), headers={"If-None-Match": first.headers["ETag"]})
    assert (moved.status_code, moved.headers["ETag"] != first.headers["ETag"]) == (200, True)
    assert set(events(client, feed(ann))) == {"Opening", "Workshop 1.02", "Workshop 2.01"}
    head = client.head(feed(ann))
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", moved.headers["ETag"])
    for method in ("post", "options", "put"):
        assert getattr(client, method)(feed(ann)).status_code == 405


def test_a_kept_calendar_costs_no_query_of_the_session(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01")
    path, etag = feed(ann), client.get(feed(ann)).headers["ETag"]
    with counted() as found:
        assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
        assert client.get(path).status_code == 200
    assert found.statements == []  # the one look-up goes past the ORM


def test_moving_raises_the_sequence_of_that_session_alone(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01", "2.01")
    before = events(client, feed(ann))
    make_part(event.sessions["2.01"], make_speaker(event.organiser, "Simone 't Hooft"))
    release(event.programme, now=NOON + timedelta(hours=1))
    after = events(client, feed(ann))
    assert after["Workshop 2.01"] == before["Workshop 2.01"] | {"sequence": 2}
    assert {**after, "Workshop 2.01": None} == {**before, "Workshop 2.01": None}


def test_a_cancelled_session_stays_for_a_while_and_says_so(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01", "2.01")
    change(event.sessions["2.01"], cancelled_at=NOON)
    release(event.programme, now=NOON + timedelta(hours=1))
    seen = events(client, feed(ann))
    cancelled = session(event, "2.01", status="CANCELLED", sequence=2)
    assert seen["GEANNULEERD: Workshop 2.01"] == cancelled
    change(ann.person, language="en")
    assert events(client, feed(ann))["CANCELLED: Workshop 2.01"] == cancelled
    choose(event, ann, "1.02")  # an own switch is no cancellation
    assert not any("1.01" in title for title in events(client, feed(ann)))
    change(event.sessions["2.01"], cancelled_at=None)
    release(event.programme, now=NOON + timedelta(hours=2))
    assert set(events(client, feed(ann))) == {"Opening", "Workshop 1.02"}
    change(event.sessions["1.02"], cancelled_at=NOON)
    release(event.programme, now=NOON + timedelta(hours=3))
    for days, there in ((64, True), (65 + 30, True), (65 + 31, False)):
        with time_machine.travel(NOON + timedelta(days=days)):
            assert ("CANCELLED: Workshop 1.02" in events(client, feed(ann))) is there
    for days, there in ((65 + 90, True), (65 + 91, False)):
        with time_machine.travel(NOON + timedelta(days=days)):
            assert ("Opening" in events(client, feed(ann))) is there


def test_around_the_day_calendars_are_asked_to_look_more_often(app: Flask, client: FlaskClient) -> None:
    ann = come(make_day(), "Ann")
    for days, pause in ((63, b"PT1H"), (64, b"PT15M"), (65, b"PT15M"), (66, b"PT1H")):
        with time_machine.travel(NOON + timedelta(days=days)):
            assert b"REFRESH-INTERVAL;VALUE=DURATION:" + pause in client.get(feed(ann)).data


def test_who_withdrew_has_an_empty_calendar_and_others_addresses_are_404(
    app: Flask, client: FlaskClient
) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01")
    path = feed(ann)
    assert client.get(path).data.count(b"BEGIN:VEVENT") == 2
    attendance.end(ann, reason="withdrawn", now=NOON)
    gone = client.get(path)
    assert (gone.status_code, gone.data.count(b"BEGIN:VEVENT"), gone.data.count(b"BEGIN:VTIMEZONE")) == (
        200,
        0,
        1,
    )
    token = feed_token(ann)
    for wrong in (token[:-1], token + "x", own_token(ann), ann.code, "x"):
        assert client.get(f"/calendars/{wrong}.ics").status_code == 404
    for page in (own(ann), own(ann) + "/sessions/1.01.ics"):
        assert client.get(page).status_code == 404


def test_a_new_address_stops_the_old_one(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    old = feed(ann)
    body = client.get(old).data
    answer = client.post(own(ann) + "/calendar")
    assert (answer.status_code, answer.location) == (302, own(ann) + "#calendar")
    db.session.rollback()
    db.session.refresh(ann)
    assert feed(ann) != old
    assert (client.get(old).status_code, client.get(feed(ann)).data) == (404, body)
    assert client.get(own(ann) + "/calendar").status_code == 405
    assert client.post(own(ann)[:-1] + "/calendar").status_code == 404


def test_one_own_session_as_a_file(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01")
    answer = client.get(own(ann) + "/sessions/1.01.ics")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="1.01.ics"'
    assert events(client, own(ann) + "/sessions/1.01.ics") == {
        "Workshop 1.01": session(event, "1.01", join="https://meet.example/secret")
    }
    for other in ("1.02", "9.99"):
        assert client.get(own(ann) + f"/sessions/{other}.ics").status_code == 404


def test_the_public_calendar_of_a_programme(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    assert set(events(client, "/programmes/dag.ics")) == {
        "Opening",
        "Workshop 1.01",
        "Workshop 1.02",
        "Workshop 2.01",
    }
    answer = client.get("/programmes/dag.ics?lang=en")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert b"https://meet.example/secret" not in answer.data
    assert b"/en/programmes/dag/sessions/1.01" in answer.data.replace(b"\r\n ", b"")
    again = client.get("/programmes/dag.ics?lang=en", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    for wrong in ("/programmes/dag.ics?lang=xx", "/programmes/unknown.ics"):
        assert client.get(wrong).status_code == 404
    hidden = make_programme(event.organiser, slug="geheim")
    assert client.get(f"/programmes/{hidden.slug}.ics").status_code == 404


def test_unreleased_work_is_in_no_calendar(app: Flask, client: FlaskClient) -> None:
    event = make_day()
    ann = come(event, "Ann")
    choose(event, ann, "1.01")
    before = [client.get(path).data for path in (feed(ann), "/programmes/dag.ics", own(ann))][:2]
    change(event.meeting, start="09:00")
    change(event.sessions["1.01"], join_url="https://meet.example/other", cancelled_at=NOON)
    make_agenda_item(event.meeting, "16:00", title=event.rounds[0].title.__class__("Geheim"))
    of(app).memory.forget(Files)
    assert [client.get(path).data for path in (feed(ann), "/programmes/dag.ics")] == before
    assert "Geheim" not in client.get(own(ann)).text


def test_a_community_is_one_event_a_meeting(app: Flask, client: FlaskClient) -> None:
    row = make_programme(make_organiser(), kind="learning_community", slug="kring")
    title = row.title.__class__
    first = make_meeting(row, title=title("Start"), join_url="https://meet.example/all", online=True)
    make_agenda_item(first, "11:00", title=title("Welkom"))
    second = make_meeting(row, title=title("Vervolg"), end="")
    make_meeting(row, title=title("Ooit"), on=None, start="", end="")
    release(row)
    event = Event(db.session.get_one(Programme, row.id).organiser, row, first, [], {}, [])
    ann, bob = come(event, "Ann"), come(event, "Bob", person=make_person(event.organiser, "Bob"))
    attendance.leave(bob, first.id, now=NOON)
    name = row.title.nl
    mine = events(client, feed(ann))
    assert set(mine) == {f"{name}: Start", f"{name}: Vervolg"}
    assert (mine[f"{name}: Start"]["join"], mine[f"{name}: Start"]["place"]) == (
        "https://meet.example/all",
        "Online",
    )
    assert (mine[f"{name}: Vervolg"]["start"], mine[f"{name}: Vervolg"]["end"]) == ("28-01 11:00", None)
    assert set(events(client, feed(bob))) == {f"{name}: Vervolg"}
    page = client.get(own(bob)).text
    assert ("Vervolg" in page, "Start" in page, "https://meet.example/all" in page) == (True, False, False)
    assert "https://meet.example/all" not in client.get("/programmes/kring.ics").text
    assert second.ends_at is None


def test_a_fixed_number_of_queries(app: Flask, client: FlaskClient) -> None:
    counts = []
    for event in (make_event((5,)), make_event((1,) * 9, (2,) * 9, (3,) * 9)):
        ann = come(event, "Ann")
        choose(event, ann, *(f"{number}.01" for number in range(1, len(event.rounds) + 1)))
        client.get(own(ann))
        counts.append((asked_by(client, own(ann)), asked_by(client, feed(ann))))
    assert counts[0] == counts[1]
    assert counts[0][0] <= 6
    assert counts[0][1] <= 10
