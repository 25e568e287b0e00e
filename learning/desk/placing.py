"""Putting sessions in rounds and rooms: one at a time, swapping, undone and done again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from learning.desk.models import GridStep
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.programmes.models import AgendaItem, Programme, Room, Round, Session
from learning.releases.models import OfferedSession

Spot = tuple[int | None, int | None]  # round and room
# of a step: where sessions are, by their id; the times of a round, by "round:" and its id
Values = dict[str, list[Any]]
ROUND = "round:"


@transaction()
def move(
    programme: Programme,
    session_id: int,
    to: Spot,
    *,
    was: Spot | None = None,
    swap: bool = True,
    by: int,
    now: datetime,
) -> GridStep | None:
    """Put a session in this round and room; who stands there goes where it came from.

    `was` is where the mover saw it: refused when somebody else moved
    it meanwhile. Gives the step, or None when nothing changed.
    """
    sessions = _hold(programme)
    session = sessions.get(session_id)
    if session is None:
        raise Refusal("no_such_session", N_("This session is not here any more."))
    if was is not None and was != _spot(session):
        raise Refusal(
            "moved_meanwhile",
            N_("Somebody else moved this session meanwhile. The grid shows where it is now."),
        )
    _check_spot(programme, to)
    here = [s for s in sessions.values() if s is not session and s.cancelled_at is None and _spot(s) == to]
    if _spot(session) == to:
        return None
    plan = {session.id: to}
    if swap and to[0] is not None and to[1] is not None:
        plan |= {other.id: _spot(session) for other in here[:1]}
    return _carry_out(programme, sessions, plan, by, now)


@transaction()
def place_all(programme: Programme, plan: dict[int, Spot], *, by: int, now: datetime) -> GridStep | None:
    """Put several sessions at once, as one step that can be undone."""
    sessions = _hold(programme)
    for id, spot in plan.items():
        if id not in sessions:
            raise Refusal("no_such_session", N_("This session is not here any more."))
        _check_spot(programme, spot)
    plan = {id: spot for id, spot in plan.items() if _spot(sessions[id]) != spot}
    return _carry_out(programme, sessions, plan, by, now) if plan else None


@transaction()
def undo(programme: Programme, *, by: int, now: datetime) -> GridStep:
    """Take the last own step back; refused when somebody moved those sessions since."""
    return _turn(programme, by, now, undone=False)


@transaction()
def redo(programme: Programme, *, by: int, now: datetime) -> GridStep:
    """Do the last step that was taken back again."""
    return _turn(programme, by, now, undone=True)


@transaction()
def stretch(
    programme: Programme,
    round_id: int,
    start: str,
    end: str,
    *,
    was: tuple[str, str] | None = None,
    by: int,
    now: datetime,
) -> GridStep | None:
    """Give a round these times (HH:MM), and so all its sessions. `was` is what the sender saw.

    Gives the step, or None when nothing changed.
    """
    _hold(programme)
    item = _times(programme).get(round_id)
    if item is None:
        raise Refusal("no_such_round", N_("This programme has no such round."), "round")
    before = (item.start, item.end)
    if was is not None and was != before:
        raise Refusal(
            "moved_meanwhile",
            N_("Somebody else gave this round other times meanwhile. The grid shows them now."),
            "start",
        )
    if before == (start, end):
        return None
    item.start, item.end = start, end
    db.session.flush()
    order_blocks(item.meeting_id)
    key = f"{ROUND}{round_id}"
    return _keep(
        programme,
        {key: list(before)},
        {key: [start, end]},
        item.title.pick("nl"),
        "gave other times",
        by,
        now,
    )


def put(session: Session, round_id: int | None, room_id: int | None) -> None:
    """Give a session its round, room and number. A number that was ever released is not given again."""
    session.room_id = room_id
    if session.round_id == round_id and (session.number is None) == (round_id is None):
        return
    if round_id is None:
        session.round_id = session.number = None
    else:
        session.number, session.round_id = _number(session, round_id), round_id
    db.session.flush()


def order_blocks(meeting_id: int) -> None:
    """Put the blocks of a meeting in order of their start;
    those without a time keep their place behind the one before.
    """
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id).order_by(AgendaItem.position)
    rows = list(db.session.scalars(query))
    at, keys = "", {}
    for row in rows:
        at = row.start or at
        keys[row.id] = at
    ordered = sorted(rows, key=lambda row: (keys[row.id], row.position))
    for step in (-1000, 1):
        for number, row in enumerate(ordered):
            row.position = number + step
        db.session.flush()


def _number(session: Session, round_id: int) -> int:
    """The number in a round: the one that it was released with there, else the lowest never used."""
    offered = db.session.get(OfferedSession, session.id) if session.id else None
    with db.session.no_autoflush:
        taken = set(
            db.session.scalars(
                select(Session.number).where(Session.round_id == round_id, Session.id != session.id)
            )
        )
        round = db.session.get_one(Round, round_id)
    if offered is not None and offered.round_id == round_id and offered.number not in taken:
        return offered.number
    return next(n for n in range(round.last_number + 1, round.last_number + len(taken) + 2) if n not in taken)


def _hold(programme: Programme) -> dict[int, Session]:
    lock(Programme, [programme.id])
    query = select(Session).where(Session.programme_id == programme.id).order_by(Session.id)
    return {row.id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}


def _spot(session: Session) -> Spot:
    return session.round_id, session.room_id


def _check_spot(programme: Programme, spot: Spot) -> None:
    round = db.session.get(Round, spot[0]) if spot[0] is not None else None
    if spot[0] is not None and (round is None or round.programme_id != programme.id):
        raise Refusal("no_such_round", N_("This programme has no such round."), "round")
    room = db.session.get(Room, spot[1]) if spot[1] is not None else None
    if spot[1] is not None and (room is None or room.organiser_id != programme.organiser_id):
        raise Refusal("no_such_room", N_("There is no such room."), "room")


def _carry_out(
    programme: Programme, sessions: dict[int, Session], plan: dict[int, Spot], by: int, now: datetime
) -> GridStep:
    before = _picture(sessions, plan)
    for id, spot in plan.items():
        put(sessions[id], *spot)
    _note_places(programme, [sessions[id] for id in plan], by, now)
    words = ", ".join(sessions[id].workshop.title.pick("nl") for id in plan)
    return _keep(programme, before, _picture(sessions, plan), words, "moved", by, now)


def _note_places(programme: Programme, sessions: Iterable[Session], by: int, now: datetime) -> None:
    """A line in the log of each session about its place; of
    the step as a whole there is one about the programme.
    """
    about: dict[str, Any] = {"organiser_id": programme.organiser_id, "by": by, "at": now}
    for session in sessions:
        record("placed", session, words=session.workshop.title.pick("nl"), **about)


def _keep(
    programme: Programme, before: Values, after: Values, words: str, verb: str, by: int, now: datetime
) -> GridStep:
    """Remember a step; what was taken back before it can no longer be done again."""
    for old in db.session.scalars(select(GridStep).where(_mine(programme, by), GridStep.undone)):
        db.session.delete(old)
    step = GridStep(
        programme_id=programme.id, account_id=by, at=now, before=before, after=after, undone=False
    )
    db.session.add(step)
    record(verb, programme, organiser_id=programme.organiser_id, by=by, at=now, words=words[:500])
    db.session.flush()
    return step


def _mine(programme: Programme, by: int) -> Any:
    return (GridStep.programme_id == programme.id) & (GridStep.account_id == by)


def _times(programme: Programme) -> dict[int, AgendaItem]:
    """The block of each round."""
    query = (
        select(AgendaItem)
        .join(Round, Round.id == AgendaItem.round_id)
        .where(Round.programme_id == programme.id)
    )
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return {row.round_id: row for row in rows if row.round_id is not None}


def _picture(sessions: dict[int, Session], ids: Any) -> Values:
    return {str(id): [sessions[id].round_id, sessions[id].number, sessions[id].room_id] for id in ids}


def _turn(programme: Programme, by: int, now: datetime, *, undone: bool) -> GridStep:
    """One step back, or forward again."""
    sessions = _hold(programme)
    order = GridStep.id.asc() if undone else GridStep.id.desc()
    query = select(GridStep).where(_mine(programme, by), GridStep.undone.is_(undone)).order_by(order).limit(1)
    step = db.session.scalar(query)
    if step is None:
        raise Refusal(
            "nothing_to_undo", N_("There is nothing to redo.") if undone else N_("There is nothing to undo.")
        )
    here, there = (step.before, step.after) if undone else (step.after, step.before)
    rounds = {int(key.removeprefix(ROUND)) for key in here if key.startswith(ROUND)}
    known = {int(id) for id in here if not id.startswith(ROUND) and int(id) in sessions}
    times = {id: item for id, item in _times(programme).items() if id in rounds} if rounds else {}
    now_there: Values = {f"{ROUND}{id}": [item.start, item.end] for id, item in times.items()}
    now_there |= {id: [row[0], row[2]] for id, row in _picture(sessions, known).items()}
    seen = {id: row if id.startswith(ROUND) else [row[0], row[2]] for id, row in here.items()}
    if now_there != seen:
        raise Refusal(
            "moved_meanwhile",
            N_("Somebody else moved this session meanwhile. The grid shows where it is now."),
        )
    for id in known:
        put(sessions[id], None, None)
    for id in known:
        round_id, number, room_id = there[str(id)]
        _restore(sessions[id], round_id, number, room_id)
    for id, item in times.items():
        item.start, item.end = there[f"{ROUND}{id}"]
        db.session.flush()
        order_blocks(item.meeting_id)
    step.undone = not undone
    db.session.flush()
    _note_places(programme, [sessions[id] for id in sorted(known)], by, now)
    record(
        "undone" if not undone else "redone", programme, organiser_id=programme.organiser_id, by=by, at=now
    )
    return step


def _restore(session: Session, round_id: int | None, number: int | None, room_id: int | None) -> None:
    """Back to a place with its own number, or the next one when somebody else has that now."""
    if round_id is None or db.session.get(Round, round_id) is None:
        session.room_id = room_id
        return
    taken = select(Session.id).where(Session.round_id == round_id, Session.number == number)
    if db.session.scalar(taken) is None:
        session.round_id, session.number, session.room_id = round_id, number, room_id
        db.session.flush()
    else:
        put(session, round_id, room_id)
