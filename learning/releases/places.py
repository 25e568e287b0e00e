"""Places at meetings that people act on: they are counted on the meeting's own row, by this file alone."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Update, select, update

from learning.kit.db import db, lock
from learning.programmes.models import Meeting


def hold(meeting_ids: Iterable[int]) -> None:
    """Lock these meetings for the transaction under way."""
    lock(Meeting, meeting_ids)


def take(programme_id: int, meeting_id: int) -> bool:
    """Take one place at this meeting of the programme; False when there is none left."""
    mine = (Meeting.id == meeting_id, Meeting.programme_id == programme_id)
    free = Meeting.capacity.is_(None) | (Meeting.taken < Meeting.capacity)
    return _counted(update(Meeting).where(*mine, free).values(taken=Meeting.taken + 1), meeting_id)


def free(meeting_id: int) -> None:
    """One place at this meeting is free again."""
    _counted(update(Meeting).where(Meeting.id == meeting_id).values(taken=Meeting.taken - 1), meeting_id)


def any_full(meeting_ids: Iterable[int]) -> bool:
    """One of these meetings has no place left."""
    full = (Meeting.capacity.is_not(None), Meeting.taken >= Meeting.capacity)
    query = select(Meeting.id).where(Meeting.id.in_(list(meeting_ids)), *full)
    return db.session.scalar(query.limit(1)) is not None


def _counted(statement: Update, meeting_id: int) -> bool:
    result: Any = db.session.execute(statement.execution_options(synchronize_session=False))
    meeting = db.session.identity_map.get(db.session.identity_key(Meeting, meeting_id))
    if meeting is not None:
        db.session.expire(meeting, ["taken"])
    return bool(result.rowcount == 1)
