"""A person's day in order."""

from datetime import date
from typing import Any

from learning.kit.wording import Wording
from learning.releases.picture import (
    AgendaPicture,
    MeetingPicture,
    ProgrammePicture,
    RoundPicture,
    SessionPicture,
)
from learning.schedules.timeline import days

NOTHING = Wording()


def item(uid: str, start: str, round_id: int | None = None) -> AgendaPicture:
    kind = "round" if round_id else "plenary"
    return AgendaPicture(uid, start, "", kind, Wording(uid), NOTHING, round_id=round_id)


def session(id: int, code: str) -> SessionPicture:
    return SessionPicture(id, f"s{id}", id, code, id, Wording(code), NOTHING, NOTHING, "", "", None)


def meeting(id: int, *agenda: AgendaPicture) -> MeetingPicture:
    on = date(2027, 1, 28)
    return MeetingPicture(
        id,
        f"m{id}",
        id,
        NOTHING,
        NOTHING,
        on,
        "13:00",
        "",
        "Europe/Amsterdam",
        None,
        None,
        None,
        False,
        agenda=agenda,
    )


def programme(meetings: tuple[MeetingPicture, ...], rounds: tuple[RoundPicture, ...]) -> ProgrammePicture:
    words: dict[str, Any] = dict.fromkeys(("kind_words", "title", "summary", "text_html", "note"), NOTHING)
    moments = dict.fromkeys(
        ("registration_opens_at", "registration_closes_at", "choosing_opens_at", "choosing_closes_at")
    )
    plain = {"slug": "p", "organiser": "o", "organiser_name": "O", "kind": "event", "language": "nl"}
    return ProgrammePicture(
        id=1,
        by_delegation=False,
        seats_min=0,
        seats_max=0,
        meetings=meetings,
        rounds=rounds,
        **plain,
        **words,
        **moments,
    )


def a_round(id: int, meeting_id: int, *sessions: SessionPicture) -> RoundPicture:
    return RoundPicture(
        id, id, Wording(f"Ronde {id}"), meeting_id, "14:00", "", None, None, None, "first_come", sessions
    )


def test_plenary_parts_own_seats_and_waiting_places_in_order() -> None:
    first, second, other = session(1, "1.01"), session(2, "1.02"), session(3, "2.01")
    day = meeting(
        1, item("opening", "13:00"), item("r1", "14:00", 1), item("r2", "15:00", 2), item("r3", "16:00", 3)
    )
    rounds = (a_round(1, 1, first, second), a_round(2, 1, other), a_round(3, 1))
    picture = programme((day, meeting(2, item("elsewhere", "10:00"))), rounds)
    [mine] = days(picture, expected={1}, held={1: (1, False), 2: (3, True)}, waiting={1: (2, 4)})
    assert mine.meeting is day
    seen = [
        (
            slot.start,
            slot.session and slot.session.code,
            slot.hosting,
            slot.waiting and slot.waiting.code,
            slot.place,
        )
        for slot in mine.slots
    ]
    assert seen == [
        ("13:00", None, False, None, 0),
        ("14:00", "1.01", False, "1.02", 4),
        ("15:00", "2.01", True, None, 0),
        ("16:00", None, False, None, 0),
    ]


def test_a_meeting_without_agenda_and_nothing_expected() -> None:
    picture = programme((meeting(1),), ())
    [day] = days(picture, expected={1}, held={}, waiting={})
    assert day.slots == ()
    assert days(picture, expected=set(), held={}, waiting={}) == []
