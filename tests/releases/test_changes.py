"""What two releases differ in. No database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from learning.kit.wording import Wording
from learning.releases.changes import changes, unnamed
from learning.releases.picture import (
    MeetingPicture,
    PartPicture,
    ProgrammePicture,
    RoundPicture,
    SessionPicture,
    TariffPicture,
)

SESSION = SessionPicture(7, "s7", 1, "1.01", 3, Wording("Groen"), Wording(), Wording(), "", "Zaal 1", 10)
ROUNDS = (
    RoundPicture(1, 1, Wording("R1"), 1, "14:00", "15:00", None, None, None, "first_come", (SESSION,)),
    RoundPicture(2, 2, Wording("R2"), 1, "15:00", "", None, None, None, "first_come"),
)
MEETING = MeetingPicture(
    1,
    "m1",
    1,
    Wording("Dag"),
    Wording(),
    date(2027, 1, 28),
    "13:00",
    "",
    "Europe/Amsterdam",
    None,
    None,
    None,
    False,
)
BEFORE = ProgrammePicture(
    1, "dag", "kring", "Kring", "event", Wording(), Wording("Dag"), Wording(), Wording(), Wording(), "nl",
    False, 0, 0,
    None, None, None, None, meetings=(MEETING,), rounds=ROUNDS,
)  # fmt: skip


def with_session(**facts: Any) -> ProgrammePicture:
    """The programme with another fact of its session."""
    session = msgspec.structs.replace(SESSION, **facts)
    first = msgspec.structs.replace(ROUNDS[0], sessions=(session,))
    return msgspec.structs.replace(BEFORE, rounds=(first, ROUNDS[1]))


@pytest.mark.parametrize(
    ("facts", "kind", "was", "now"),
    [
        ({"cancelled": True}, "cancelled", "", ""),
        ({"room": "Zaal 2"}, "room", "Zaal 1", "Zaal 2"),
        ({"capacity": None}, "capacity", "10", ""),
        ({"title": Wording("Blauw")}, "title", "Groen", "Blauw"),
        ({"abstract_html": Wording("<p>x</p>")}, "text", "", ""),
        ({"parts": (PartPicture("Jos", "jos", "session_host"),)}, "hosts", "", "Jos"),
    ],
)
def test_what_changed_of_a_session(facts: dict[str, Any], kind: str, was: str, now: str):
    [change] = changes(BEFORE, with_session(**facts))

    assert (change.kind, change.thing, change.id, change.was, change.now) == (kind, "session", 7, was, now)


def test_another_round_new_gone_and_nothing():
    moved = msgspec.structs.replace(SESSION, number=1, code="2.01")
    empty, full = (
        msgspec.structs.replace(ROUNDS[0], sessions=()),
        msgspec.structs.replace(ROUNDS[1], sessions=(moved,)),
    )
    after = msgspec.structs.replace(BEFORE, rounds=(empty, full))

    assert [(c.kind, c.was, c.now) for c in changes(BEFORE, after)] == [
        ("round", "1.01 14:00–15:00", "2.01 15:00")
    ]
    nothing = msgspec.structs.replace(BEFORE, rounds=(empty, ROUNDS[1]))
    assert [c.kind for c in changes(BEFORE, nothing)] == ["gone"]
    assert [c.kind for c in changes(nothing, BEFORE)] == ["new"]
    assert changes(None, BEFORE) == changes(BEFORE, BEFORE) == ()
    later = msgspec.structs.replace(BEFORE, meetings=(msgspec.structs.replace(MEETING, start="12:00"),))
    assert [(c.thing, c.kind, c.was, c.now) for c in changes(BEFORE, later)] == [
        ("meeting", "time", "28-01-2027 13:00", "28-01-2027 12:00")
    ]


def test_prices_and_settings_wait_too_and_are_no_news_for_visitors():
    price = TariffPicture(1, "person", "everybody", Decimal(100), None, None, None, None, "")
    for facts, kinds in (
        ({"tariffs": (price,)}, ["prices"]),
        ({"registration_opens_at": datetime(2027, 1, 1, tzinfo=UTC)}, ["settings"]),
        ({"by_invitation": True, "tariffs": (price,)}, ["prices", "settings"]),
        ({"title": Wording("Andere dag")}, []),
        ({"offer_hours": 24}, []),  # a release of before it was released says nothing of it
    ):
        after = msgspec.structs.replace(BEFORE, **facts)
        assert [change.kind for change in unnamed(BEFORE, after)] == kinds
        assert [change.kind for change in changes(BEFORE, after)] == (["title"] if "title" in facts else [])
    assert unnamed(None, BEFORE) == unnamed(BEFORE, BEFORE) == ()
