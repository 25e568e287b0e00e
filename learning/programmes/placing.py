"""Putting sessions in rounds and rooms: one at a time, swapping, undone and done again."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.programmes.models import GridStep, OfferedSession, Programme, Room, Round, Session

Spot = tuple[int | None, int | None]  # round and room


@transaction()
def move(
    programme: Programme, session_id: int, to: Spot, *, was: Spot | None = None, swap: bool = True, by: int, now: datetime
) -> GridStep | None:
    """Put a session in this round and room; who stands there goes where it came from.

    `was` is where the mover saw it: refused when somebody else moved it meanwhile. Gives the step, or None when
    nothing changed.
    """
    sessions = _hold(programme)
    session = sessions.get(session_id)
    if session is None:
        raise Refusal("no_such_session", N_("This session is not here any more."))
    if was is not None and was != _spot(session):
        raise Refusal("moved_meanwhile", N_("Somebody else moved this session meanwhile. The grid shows where it is now."))
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


def steps_of(programme_id: int, by: int) -> tuple[bool, bool]:
    """Whether this account has a step to undo, and one to do again."""
    mine = (GridStep.programme_id == programme_id, GridStep.account_id == by)
    rows = db.session.execute(select(GridStep.undone, func.count()).where(*mine).group_by(GridStep.undone)).all()
    found = {undone for undone, _count in rows}
    return False in found, True in found


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


def _number(session: Session, round_id: int) -> int:
    """The number in a round: the one that it was released with there, else the lowest never used."""
    offered = db.session.get(OfferedSession, session.id) if session.id else None
    with db.session.no_autoflush:
        taken = set(db.session.scalars(select(Session.number).where(Session.round_id == round_id, Session.id != session.id)))
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


def _carry_out(programme: Programme, sessions: dict[int, Session], plan: dict[int, Spot], by: int, now: datetime) -> GridStep:
    before = _picture(sessions, plan)
    for id, spot in plan.items():
        put(sessions[id], *spot)
    after = _picture(sessions, plan)
    for old in db.session.scalars(select(GridStep).where(_mine(programme, by), GridStep.undone)):
        db.session.delete(old)
    step = GridStep(programme_id=programme.id, account_id=by, at=now, before=before, after=after, undone=False)
    db.session.add(step)
    words = ", ".join(sessions[id].workshop.title.pick("nl") for id in plan)
    record("moved", programme, organiser_id=programme.organiser_id, by=by, at=now, words=words[:500])
    db.session.flush()
    return step


def _mine(programme: Programme, by: int) -> Any:
    return (GridStep.programme_id == programme.id) & (GridStep.account_id == by)


def _picture(sessions: dict[int, Session], ids: Any) -> dict[str, list[int | None]]:
    return {str(id): [sessions[id].round_id, sessions[id].number, sessions[id].room_id] for id in ids}


def _turn(programme: Programme, by: int, now: datetime, *, undone: bool) -> GridStep:
    """One step back, or forward again."""
    sessions = _hold(programme)
    order = GridStep.id.asc() if undone else GridStep.id.desc()
    query = select(GridStep).where(_mine(programme, by), GridStep.undone.is_(undone)).order_by(order).limit(1)
    step = db.session.scalar(query)
    if step is None:
        raise Refusal("nothing_to_undo", N_("There is nothing to redo.") if undone else N_("There is nothing to undo."))
    here, there = (step.before, step.after) if undone else (step.after, step.before)
    known = {int(id) for id in here if int(id) in sessions}
    spots = {id: (row[0], row[2]) for id, row in _picture(sessions, known).items()}
    if len(known) < len(here) or any(spots[id] != (row[0], row[2]) for id, row in here.items()):
        raise Refusal("moved_meanwhile", N_("Somebody else moved this session meanwhile. The grid shows where it is now."))
    for id in known:
        put(sessions[id], None, None)
    for id in known:
        round_id, number, room_id = there[str(id)]
        _restore(sessions[id], round_id, number, room_id)
    step.undone = not undone
    db.session.flush()
    record("undone" if not undone else "redone", programme, organiser_id=programme.organiser_id, by=by, at=now)
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
