"""Warnings of a grid. No database."""

from types import SimpleNamespace
from typing import Any

import pytest

from learning.kit.wording import Wording
from learning.planning.grid import Column, Grid, Row, Sheet, Tile
from learning.planning.warnings import overlap, warnings_of


def tile(id: int, *, round: int | None = 1, room: int | None = 1, **more: Any) -> Tile:
    """A session in the grid without anything to warn of."""
    sane: dict[str, Any] = {
        "code": f"{round}.{id:02d}" if round else "",
        "title": Wording(f"T{id}"),
        "who": "",
        "theme": "",
    }
    sane |= {"capacity": 10, "minimum": None, "taken": 0, "waiting": 0, "cancelled": False, "workshop_id": id}
    sane |= {"hosts": ((f"Host {id}", id),), "has_text": True, "has_link": True}
    return Tile(id=id, round_id=round, room_id=room, **{**sane, **more})


def grid(
    *tiles: Tile, online: bool = False, sizes: tuple[int | None, ...] = (20, 20), second: str = "15:00"
) -> Grid:
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
def test_warnings(
    tiles: tuple[Tile, ...], more: dict[str, Any], wanted: list[tuple[str, str, tuple[int, ...]]]
):
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
