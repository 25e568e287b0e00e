"""Rows with which a job failed: how often, why, and when it is tried again.

Staff see it where the thing is shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment, db, hold, transaction
from learning.kit.logs import clean

LONGEST_PAUSE = 6 * 3600  # seconds
WHOLE = 0  # in the place of a row: the job itself
ONCE = 1  # what failed once goes well the next time, mostly


class Setback(Model):
    """A job failed for the row with this id, `tries` times in a row since `since`; it rests until `due_at`.

    The id is 0 where the job failed as a whole.
    """

    __table_args__ = (UniqueConstraint("job", "row_id"),)
    job: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int]
    tries: Mapped[int]
    error: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)


def setback_of(job: str, row_id: int) -> Setback | None:
    """What went wrong with this row; None when nothing did since it last went well."""
    return db.session.scalar(select(Setback).filter_by(job=job, row_id=row_id))


def resting(job: str) -> dict[int, datetime]:
    """The rows with which this job failed, by id, with when each is tried again."""
    rows = db.session.execute(select(Setback.row_id, Setback.due_at).where(Setback.job == job))
    return {row.row_id: row.due_at for row in rows}


def failed_as_a_whole() -> set[str]:
    """The jobs that failed before they came to their rows, and did not go well since."""
    return set(db.session.scalars(select(Setback.job).where(Setback.row_id == WHOLE)))


@dataclass(frozen=True)
class Failing:
    """A job that fails: for how many rows, how often in all, since when, and why it did the last time."""

    job: str
    rows: int
    tries: int
    since: datetime
    error: str


def failing() -> list[Failing]:
    """The jobs that fail by now, the longest first."""
    found: dict[str, Failing] = {}
    rows = db.session.scalars(select(Setback).where(Setback.tries > ONCE).order_by(Setback.at, Setback.id))
    for row in rows:
        before = found.get(row.job, Failing(row.job, 0, 0, row.since, ""))
        found[row.job] = Failing(
            row.job, before.rows + 1, before.tries + row.tries, min(before.since, row.since), row.error
        )
    return sorted(found.values(), key=lambda one: (one.since, one.job))


@transaction()
def note(job: str, row_id: int, *, error: str, now: datetime) -> None:
    """The job failed once more with this row: it rests 10
    seconds, then twice as long each time, at most 6 hours.
    """
    row = next(iter(hold(select(Setback).filter_by(job=job, row_id=row_id))), None)
    if row is None:
        row = Setback(job=job, row_id=row_id, tries=0, since=now)
        db.session.add(row)
    row.tries += 1
    row.error, row.at = clean(current_app, error.replace("\0", ""))[:500], now
    row.due_at = now + timedelta(seconds=min(5 * 2 ** min(row.tries, 20), LONGEST_PAUSE))
    db.session.flush()


@transaction()
def clear(job: str, row_id: int) -> None:
    """It went well, or somebody asked for it anew: it rests no more."""
    mine = delete(Setback).where(Setback.job == job, Setback.row_id == row_id)
    db.session.execute(mine.execution_options(synchronize_session=False))
