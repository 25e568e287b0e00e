"""Warnings of a grid, differences between releases, and days and amounts as people write them. No database."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from learning.kit.amounts import amount_of
from learning.kit.errors import Refusal
from learning.kit.forms import clock_of
from learning.kit.wording import Wording
from learning.planning.grid import Column, Grid, Row, Sheet, Tile
from learning.planning.warnings import overlap, warnings_of
from learning.programmes.days import read_days
from learning.releases.changes import changes
from learning.releases.picture import MeetingPicture, PartPicture, ProgrammePicture, RoundPicture, SessionPicture

TODAY = date(2026, 11, 24)


def tile(id: int, *, round: int | None = 1, room: int | None = 1, **more: Any) -> Tile:
    """A session in the grid without anything to warn of."""
    sane: dict[str, Any] = {"code": f"{round}.{id:02d}" if round else "", "title": Wording(f"T{id}"), "who": "", "theme": ""}
    sane |= {"capacity": 10, "minimum": None, "taken": 0, "waiting": 0, "cancelled": False, "workshop_id": id}
    sane |= {"hosts": ((f"Host {id}", id),), "has_text": True, "has_link": True}
    return Tile(id=id, round_id=round, room_id=room, **{**sane, **more})


def grid(*tiles: Tile, online: bool = False, sizes: tuple[int | None, ...] = (20, 20), second: str = "15:00") -> Grid:
    """Two rounds of an hour, 14:00 and 15:00, and rooms of these sizes."""
    columns = (Column(1, 1, Wording("R1"), "14:00", "15:00"), Column(2, 2, Wording("R2"), second, "16:00"))
    rooms: Any = tuple(SimpleNamespace(id=n, capacity=size) for n, size in enumerate(sizes, start=1))
    rows = [
        Row(
            room,
            f"Zaal {room}" if room else "",
            None,
            {c.id: [t for t in tiles if (t.room_id, t.round_id) == (room, c.id)] for c in columns},
        )
        for room in (1, 2, None)
    ]
    meeting: Any = SimpleNamespace(id=1, online=online)
    tray = tuple(t for t in tiles if t.round_id is None)
    return Grid((Sheet(meeting, columns, tuple(rows)),), tray, {t.id: t for t in tiles}, rooms, columns)


@pytest.mark.parametrize(
    ("tiles", "more", "wanted"),
    [
        ((tile(1), tile(2, room=2)), {}, []),
        ((tile(1), tile(2)), {}, [("room_twice", "serious", (1, 2))]),
        ((tile(1), tile(2, cancelled=True)), {}, []),
        ((tile(1), tile(2, room=2, hosts=(("Host 1", 1),))), {}, [("host_twice", "serious", (1, 2))]),
        ((tile(1), tile(2, round=2, hosts=(("Host 1", 1),))), {}, []),
        (
            (tile(1), tile(2, round=2, hosts=(("Host 1", 1),))),
            {"second": "14:30"},
            [("host_twice", "serious", (1, 2)), ("rounds_overlap", "warning", ())],
        ),
        ((tile(1, hosts=(("Movisie", None),)), tile(2, room=2, hosts=(("Movisie", None),))), {}, []),
        ((tile(1), tile(2, room=2, workshop_id=1)), {}, [("workshop_twice", "warning", (1, 2))]),
        ((tile(1, capacity=30),), {}, [("room_too_small", "warning", (1,))]),
        ((tile(1, capacity=30),), {"sizes": (None, 20)}, []),
        ((tile(1, capacity=None, taken=19, waiting=2),), {}, [("room_too_small", "warning", (1,))]),
        ((tile(1, taken=10, waiting=3),), {}, [("wanted", "info", (1,))]),
        ((tile(1, room=None),), {}, [("capacity_without_room", "warning", (1,))]),
        ((tile(1, room=None),), {"online": True}, []),
        ((tile(1, minimum=8, taken=7),), {}, [("minimum", "info", (1,))]),
        ((tile(1, has_link=False),), {"online": True}, [("online_without_link", "info", (1,))]),
        ((tile(1, has_text=False, hosts=()),), {}, [("no_host", "info", (1,)), ("no_text", "info", (1,))]),
        ((tile(1, round=None, room=None),), {}, [("not_placed", "info", (1,))]),
    ],
)
def test_warnings(tiles: tuple[Tile, ...], more: dict[str, Any], wanted: list[tuple[str, str, tuple[int, ...]]]):
    assert [(w.kind, w.severity, w.sessions) for w in warnings_of(grid(*tiles, **more))] == wanted


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (("14:00", "15:00"), ("15:00", "16:00"), False),
        (("14:00", "15:00"), ("14:59", "16:00"), True),
        (("14:00", ""), ("14:00", ""), True),
        (("14:00", ""), ("14:30", "15:00"), False),
        (("", ""), ("", ""), False),
    ],
)
def test_overlap_is_half_open(one: tuple[str, str], other: tuple[str, str], together: bool):
    a, b = (Column(n, n, Wording(), *times) for n, times in enumerate((one, other)))

    assert overlap(a, b) is together
    assert overlap(b, a) is together


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("11 december, 22 januari en 5 maart", ["2026-12-11", "2027-01-22", "2027-03-05"]),
        ("donderdag 28 januari 2027", ["2027-01-28"]),
        ("28-1-2027\n2027-02-03", ["2027-01-28", "2027-02-03"]),
        ("Thursday 28 January 2027; 1 feb.", ["2027-01-28", "2027-02-01"]),
        ("24 november", ["2027-11-24"]),
        ("23 november 2025", ["2025-11-23"]),
        ("", []),
    ],
)
def test_days_as_people_write_them(text: str, days: list[str]):
    assert [day.isoformat() for day in read_days(text, after=TODAY)] == days


@pytest.mark.parametrize(
    "text", ["30 februari", "vrijdag 28 januari 2027", "1 mei, 1 mei 2027", "morgen", "12", "1 januari 9999"]
)
def test_what_is_no_day_is_refused_with_the_piece(text: str):
    with pytest.raises(Refusal) as refusal:
        read_days(text, after=TODAY)
    assert refusal.value.values["piece"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("13.00 uur", "13:00"),
        ("9:05", "09:05"),
        ("9 uur", "09:00"),
        ("14u", "14:00"),
        ("24:00", None),
        ("13.75", None),
        ("x", None),
    ],
)
def test_times_as_people_write_them(text: str, time: str | None):
    assert clock_of(text) == time


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2.500 euro", "2500.00"),
        ("€ 395,-", "395.00"),
        ("2.500,00", "2500.00"),
        ("2500.5", "2500.50"),
        ("1.234.567,89", "1234567.89"),
        ("0", "0.00"),
        ("12,345", None),
        ("-3", None),
        ("99999999", None),
        ("gratis", None),
    ],
)
def test_amounts_as_people_write_them(text: str, amount: str | None):
    assert amount_of(text) == (None if amount is None else Decimal(amount))


SESSION = SessionPicture(7, "s7", 1, "1.01", 3, Wording("Groen"), Wording(), Wording(), "", "Zaal 1", 10)
ROUNDS = (
    RoundPicture(1, 1, Wording("R1"), 1, "14:00", "15:00", None, None, None, "first_come", (SESSION,)),
    RoundPicture(2, 2, Wording("R2"), 1, "15:00", "", None, None, None, "first_come"),
)
MEETING = MeetingPicture(
    1, "m1", 1, Wording("Dag"), Wording(), date(2027, 1, 28), "13:00", "", "Europe/Amsterdam", None, None, None, False
)
BEFORE = ProgrammePicture(
    1, "dag", "kring", "Kring", "event", Wording(), Wording("Dag"), Wording(), Wording(), Wording(), "nl", False, 0, 0,
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
    empty, full = msgspec.structs.replace(ROUNDS[0], sessions=()), msgspec.structs.replace(ROUNDS[1], sessions=(moved,))
    after = msgspec.structs.replace(BEFORE, rounds=(empty, full))

    assert [(c.kind, c.was, c.now) for c in changes(BEFORE, after)] == [("round", "1.01 14:00–15:00", "2.01 15:00")]
    nothing = msgspec.structs.replace(BEFORE, rounds=(empty, ROUNDS[1]))
    assert [c.kind for c in changes(BEFORE, nothing)] == ["gone"]
    assert [c.kind for c in changes(nothing, BEFORE)] == ["new"]
    assert changes(None, BEFORE) == changes(BEFORE, BEFORE) == ()
    later = msgspec.structs.replace(BEFORE, meetings=(msgspec.structs.replace(MEETING, start="12:00"),))
    assert [(c.thing, c.kind, c.was, c.now) for c in changes(BEFORE, later)] == [
        ("meeting", "time", "28-01-2027 13:00", "28-01-2027 12:00")
    ]
