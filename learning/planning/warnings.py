"""What may be wrong with a grid: warnings beside the thing and in one list. They never block saving."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from learning.kit.wording import N_
from learning.planning.grid import Column, Grid, Row, Sheet, Tile
from learning.programmes.days import wrong_weekday
from learning.programmes.models import Meeting

ORDER = ("serious", "warning", "info")


@dataclass(frozen=True)
class Warning:
    """One thing to look at: how bad, a sentence with its values, and the ids of the sessions concerned."""

    kind: str
    severity: str
    sentence: str
    sessions: tuple[int, ...]
    values: dict[str, Any] = field(default_factory=dict)


def warnings_of(grid: Grid) -> list[Warning]:
    """All warnings, the serious ones first."""
    live = [tile for tile in grid.tiles.values() if not tile.cancelled]
    rooms = {room.id: room.capacity for room in grid.rooms}
    columns = {column.id: column for column in grid.rounds}
    online = {column.id for sheet in grid.sheets if sheet.meeting.online for column in sheet.columns}
    found = [
        *(w for sheet in grid.sheets for row in sheet.rows for w in _room_twice(row)),
        *_twice(live, columns, grid),
        *(w for tile in live for w in _away(tile, columns)),
        *(w for sheet in grid.sheets for w in _overlaps(sheet)),
        *(w for meeting in grid.meetings for w in _weekday(meeting)),
        *(w for tile in live for w in _alone(tile, rooms, online)),
    ]
    return sorted(found, key=lambda w: (ORDER.index(w.severity), w.kind, w.sessions))


def _room_twice(row: Row) -> list[Warning]:
    found = []
    for tiles in row.cells.values():
        here = [tile for tile in tiles if not tile.cancelled]
        if row.room_id is not None and len(here) > 1:
            codes = ", ".join(tile.code for tile in here)
            words = N_("%(room)s is used twice at one time: %(codes)s.")
            values = {"room": row.name, "codes": codes}
            found.append(Warning("room_twice", "serious", words, tuple(t.id for t in here), values))
    return found


def _twice(tiles: list[Tile], columns: dict[int, Column], grid: Grid) -> list[Warning]:
    """The same host, or the same workshop, at two places at one time."""
    meeting = {column.id: sheet.meeting.id for sheet in grid.sheets for column in sheet.columns}
    by_host: dict[int, list[Tile]] = defaultdict(list)
    by_workshop: dict[tuple[int, int], list[Tile]] = defaultdict(list)
    names: dict[int, str] = {}
    for tile in tiles:
        if tile.round_id is None:
            continue
        by_workshop[tile.workshop_id, tile.round_id].append(tile)
        for name, speaker_id in tile.hosts:
            if speaker_id is not None:
                by_host[speaker_id].append(tile)
                names[speaker_id] = name
    found = []
    for speaker_id, theirs in by_host.items():
        for one, other in combinations(theirs, 2):
            a, b = columns[one.round_id or 0], columns[other.round_id or 0]
            if one.id != other.id and (a.id == b.id or (meeting[a.id] == meeting[b.id] and overlap(a, b))):
                words = N_("%(name)s is at two places at one time: %(one)s and %(other)s.")
                values = {"name": names[speaker_id], "one": one.code, "other": other.code}
                found.append(Warning("host_twice", "serious", words, (one.id, other.id), values))
    for givings in by_workshop.values():
        if len(givings) > 1:
            words = N_("The same workshop twice in one round: %(codes)s.")
            values = {"codes": ", ".join(tile.code for tile in givings)}
            found.append(Warning("workshop_twice", "warning", words, tuple(t.id for t in givings), values))
    return found


def _away(tile: Tile, columns: dict[int, Column]) -> list[Warning]:
    """Who leads a session cannot then."""
    away = columns[tile.round_id].away if tile.round_id in columns else frozenset()
    words = N_("%(name)s cannot then: %(code)s.")
    return [
        Warning("host_away", "serious", words, (tile.id,), {"name": name, "code": tile.code})
        for name, speaker_id in tile.hosts
        if speaker_id in away
    ]


def _overlaps(sheet: Sheet) -> list[Warning]:
    """Two rounds of a meeting at one time: nobody can attend both."""
    words = N_("%(one)s and %(other)s overlap: nobody can be in both.")
    return [
        Warning(
            "rounds_overlap",
            "warning",
            words,
            (),
            {"one": one.title.pick("nl"), "other": other.title.pick("nl")},
        )
        for one, other in combinations(sheet.columns, 2)
        if overlap(one, other)
    ]


def _weekday(meeting: Meeting) -> list[Warning]:
    """A meeting's own words name its day with another weekday."""
    texts = [text for wording in (meeting.title, meeting.text) for text in (wording.nl, wording.en)]
    wrong = next((piece for text in texts if meeting.on and (piece := wrong_weekday(text, meeting.on))), None)
    if wrong is None:
        return []
    words = N_("The meeting of %(on)s says “%(piece)s”: weekday and date disagree.")
    return [Warning("weekday", "warning", words, (), {"on": f"{meeting.on:%d-%m-%Y}", "piece": wrong})]


def overlap(a: Column, b: Column) -> bool:
    """Two rounds of one meeting at one time; an unknown end overlaps with nothing but the same start."""
    if not a.start or not b.start:
        return False
    return (
        a.start == b.start
        or (a.start < b.start < (a.end or a.start))
        or (b.start < a.start < (b.end or b.start))
    )


def _alone(tile: Tile, rooms: dict[int, int | None], online: set[int]) -> list[Warning]:
    """What is wrong with one session by itself."""
    at = {"code": tile.code or tile.title.pick("nl")}
    size = rooms.get(tile.room_id) if tile.room_id is not None else None
    wanted = tile.taken + tile.waiting
    checks: list[tuple[bool, str, str, str, dict[str, Any]]] = [
        (
            size is not None and tile.capacity is not None and tile.capacity > size,
            "room_too_small",
            "warning",
            N_("%(code)s has %(places)d places, its room %(size)d."),
            {"places": tile.capacity, "size": size},
        ),
        (
            size is not None and tile.capacity is None and wanted > size,
            "room_too_small",
            "warning",
            N_("%(wanted)d people want %(code)s, its room has %(size)d places."),
            {"wanted": wanted, "size": size},
        ),
        (
            tile.waiting > 0 and tile.capacity is not None and wanted > tile.capacity,
            "wanted",
            "info",
            N_("%(wanted)d people want %(code)s, there are %(places)d places."),
            {"wanted": wanted, "places": tile.capacity},
        ),
        (
            tile.capacity is not None
            and tile.room_id is None
            and tile.round_id is not None
            and tile.round_id not in online,
            "capacity_without_room",
            "warning",
            N_("%(code)s has places but no room."),
            {},
        ),
        (
            tile.minimum is not None and tile.taken < tile.minimum and tile.round_id is not None,
            "minimum",
            "info",
            N_("%(code)s has %(taken)d people, it needs %(minimum)d."),
            {"taken": tile.taken, "minimum": tile.minimum},
        ),
        (
            tile.round_id in online and not tile.has_link,
            "online_without_link",
            "info",
            N_("%(code)s is online and has no join link."),
            {},
        ),
        (not tile.has_text, "no_text", "info", N_("%(code)s has no text."), {}),
        (not tile.hosts, "no_host", "info", N_("%(code)s has nobody who leads it."), {}),
        (tile.round_id is None, "not_placed", "info", N_("“%(code)s” is not placed yet."), {}),
    ]
    return [
        Warning(kind, severity, sentence, (tile.id,), at | values)
        for wrong, kind, severity, sentence, values in checks
        if wrong
    ]
