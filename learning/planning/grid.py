"""The grid of a programme: rooms × rounds per meeting, with what is not placed yet. For the desk."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from learning.desk.models import GridStep, Removed
from learning.kit.db import db
from learning.kit.trail import AuditEvent
from learning.kit.wording import Wording
from learning.people.models import Account
from learning.programmes.models import (
    Absence,
    AgendaItem,
    Meeting,
    Part,
    Programme,
    Room,
    Round,
    Session,
    Workshop,
)
from learning.releases.models import OfferedSession
from learning.releases.snapshot import code


@dataclass(frozen=True)
class Tile:
    """A session in the grid."""

    id: int
    code: str
    title: Wording
    who: str
    theme: str
    round_id: int | None
    room_id: int | None
    capacity: int | None
    minimum: int | None
    taken: int
    waiting: int
    cancelled: bool
    workshop_id: int
    hosts: tuple[tuple[str, int | None], ...]  # name and speaker id
    has_text: bool
    has_link: bool


@dataclass(frozen=True)
class Column:
    """A round in the grid; times HH:MM or empty."""

    id: int
    number: int
    title: Wording
    start: str
    end: str
    away: frozenset[int] = frozenset()  # speakers who cannot then


@dataclass(frozen=True)
class Row:
    """A room, or none, with its sessions by round."""

    room_id: int | None
    name: str
    capacity: int | None
    cells: dict[int, list[Tile]]


@dataclass(frozen=True)
class Sheet:
    """The grid of one meeting."""

    meeting: Meeting
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Grid:
    """The whole programme, and what is not placed."""

    sheets: tuple[Sheet, ...]
    tray: tuple[Tile, ...]
    tiles: dict[int, Tile]
    rooms: tuple[Room, ...]
    rounds: tuple[Column, ...] = field(default=())
    meetings: tuple[Meeting, ...] = field(default=())


@dataclass(frozen=True)
class News:
    """What somebody did: by whom, the verb of the log, and to what; `id` is its line in the log."""

    id: int
    who: str
    verb: str
    words: str


def standing(programme: Programme, account_id: int) -> tuple[bool, bool, int]:
    """Whether this account has a step to undo, and one to
    do again; and the last line of the log about this grid.
    """
    mine = select(GridStep.id).where(GridStep.programme_id == programme.id, GridStep.account_id == account_id)
    undo, redo = (mine.where(GridStep.undone.is_(undone)).exists() for undone in (False, True))
    last = select(func.max(AuditEvent.id)).where(*_about(programme)).scalar_subquery()
    found = db.session.execute(select(undo, redo, last)).one()
    return bool(found[0]), bool(found[1]), found[2] or 0


def news_since(programme: Programme, since: int) -> list[News]:
    """What was done to this grid after this line of the log, at most 20 lines, oldest first."""
    query = select(AuditEvent, Account).outerjoin(Account, Account.id == AuditEvent.account_id)
    query = query.where(AuditEvent.id > since, *_about(programme)).order_by(AuditEvent.id).limit(20)
    return [
        News(line.id, (who.name or who.mail) if who else "", line.verb, line.words)
        for line, who in db.session.execute(query)
    ]


def _about(programme: Programme) -> list[Any]:
    """Lines of the log about what a grid shows: its programme, and what all programmes share."""
    meetings = select(Meeting.id).where(Meeting.programme_id == programme.id)
    mine = select(Session.id).where(Session.programme_id == programme.id)
    blocks = select(AgendaItem.id).join(Meeting, Meeting.id == AgendaItem.meeting_id)
    blocks = blocks.where(Meeting.programme_id == programme.id)
    event = AuditEvent
    here = (Removed.organiser_id == programme.organiser_id) & (
        Removed.programme_id.is_(None) | (Removed.programme_id == programme.id)
    )
    same = select(Removed.id).where(here, Removed.at == event.at, Removed.words == event.words)
    return [
        event.organiser_id == programme.organiser_id,
        ((event.thing == "programme") & (event.thing_id == programme.id))
        | ((event.thing == "session") & event.thing_id.in_(mine) & (event.verb != "placed"))
        | ((event.thing == "agenda_item") & event.thing_id.in_(blocks))
        | ((event.thing == "meeting") & event.thing_id.in_(meetings))
        | event.thing.in_(("room", "venue", "speaker", "theme"))
        | ((event.thing == "removed") & event.thing_id.in_(select(Removed.id).where(here)))
        | ((event.verb == "taken away") & same.exists()),
    ]


def grid_of(programme: Programme) -> Grid:
    """The grid, in a fixed number of queries whatever the size."""
    meetings = list(
        db.session.scalars(
            select(Meeting)
            .where(Meeting.programme_id == programme.id)
            .order_by(Meeting.position)
            .options(joinedload(Meeting.venue))
            .execution_options(populate_existing=True)
        )
    )
    query = select(Round, AgendaItem, Absence.speaker_id).outerjoin(
        AgendaItem, AgendaItem.round_id == Round.id
    )
    query = query.outerjoin(Absence, Absence.round_id == Round.id).where(Round.programme_id == programme.id)
    found: dict[Round, tuple[AgendaItem | None, set[int]]] = {}
    for round, item, speaker_id in db.session.execute(query.order_by(Round.number)):
        found.setdefault(round, (item, set()))[1].update({speaker_id} - {None})
    rounds = list(found)
    columns = {round.id: _column(round, item, away) for round, (item, away) in found.items()}
    tiles = _tiles(programme, columns)
    rooms = _rooms(programme)
    used = {tile.room_id for tile in tiles.values()}
    sheets = [
        _sheet(
            meeting, tuple(columns[r.id] for r in rounds if r.meeting_id == meeting.id), tiles, rooms, used
        )
        for meeting in meetings
    ]
    tray = tuple(sorted((t for t in tiles.values() if t.round_id is None), key=lambda t: t.title.pick("nl")))
    return Grid(
        tuple(sheet for sheet in sheets if sheet.columns),
        tray,
        tiles,
        tuple(rooms),
        tuple(columns.values()),
        tuple(meetings),
    )


def _column(round: Round, item: AgendaItem | None, away: set[int]) -> Column:
    start, end = (item.start, item.end) if item else ("", "")
    return Column(round.id, round.number, round.title, start, end, frozenset(away))


def _tiles(programme: Programme, columns: dict[int, Column]) -> dict[int, Tile]:
    query = (
        select(Session)
        .where(Session.programme_id == programme.id)
        .order_by(Session.round_id, Session.number, Session.id)
        .options(
            joinedload(Session.workshop).joinedload(Workshop.theme),
            selectinload(Session.parts).joinedload(Part.speaker),
        )
        .execution_options(populate_existing=True)
    )
    counts = select(OfferedSession.id, OfferedSession.taken, OfferedSession.waiting)
    taken = {
        id: (t, w)
        for id, t, w in db.session.execute(counts.where(OfferedSession.programme_id == programme.id))
    }
    return {s.id: _tile(s, columns, *taken.get(s.id, (0, 0))) for s in db.session.scalars(query)}


def _tile(session: Session, columns: dict[int, Column], taken: int, waiting: int) -> Tile:
    workshop = session.workshop
    hosts = tuple((p.speaker.name if p.speaker else p.affiliation, p.speaker_id) for p in session.parts)
    return Tile(
        id=session.id,
        code=code(columns[session.round_id].number, session.number) if session.round_id else "",
        title=workshop.title,
        who=", ".join(name for name, _id in hosts),
        theme=workshop.theme.glyph if workshop.theme else "",
        round_id=session.round_id,
        room_id=session.room_id,
        capacity=session.capacity,
        minimum=session.minimum,
        taken=taken,
        waiting=waiting,
        cancelled=session.cancelled_at is not None,
        workshop_id=session.workshop_id,
        hosts=hosts,
        has_text=bool(workshop.abstract or session.text),
        has_link=bool(session.join_url),
    )


def _rooms(programme: Programme) -> list[Room]:
    query = select(Room).where(Room.organiser_id == programme.organiser_id).options(joinedload(Room.venue))
    return sorted(db.session.scalars(query), key=lambda room: (room.venue_id, room.id))


def _sheet(
    meeting: Meeting,
    columns: tuple[Column, ...],
    tiles: dict[int, Tile],
    rooms: list[Room],
    used: set[int | None],
) -> Sheet:
    """Rooms of the meeting's venue, and others in which sessions are; then what has no room."""
    ids = {column.id for column in columns}
    here = [tile for tile in tiles.values() if tile.round_id in ids]
    taken = {tile.room_id for tile in here}
    shown: list[tuple[int | None, str, int | None]] = [
        (room.id, room.name, room.capacity)
        for room in rooms
        if room.venue_id == meeting.venue_id or room.id in taken
    ]
    shown.append((None, "", None))
    rows = []
    for room_id, name, capacity in shown:
        cells: dict[int, list[Tile]] = {column.id: [] for column in columns}
        for tile in here:
            if tile.room_id == room_id and tile.round_id is not None:
                cells[tile.round_id].append(tile)
        rows.append(Row(room_id, name, capacity, cells))
    return Sheet(meeting, columns, tuple(rows))
