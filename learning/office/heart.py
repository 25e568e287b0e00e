"""The worker's heartbeat: one row for each machine on which
a worker runs or ran, written at most every twenty seconds.
"""

import os
import socket
from datetime import datetime, timedelta

from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, mapped_column

from learning import VERSION
from learning.kit.db import Model, Moment, db, hold, transaction

SILENT = timedelta(minutes=1)  # after so long without a beat the worker counts as gone
STUCK = timedelta(minutes=10)  # after so long in one sweep it is worth a look

HOST = socket.gethostname() or "localhost"


class Heartbeat(Model):
    """The worker of a machine.

    `swept_at` is when it last went through all that waits, `stopped_at` when it was told to end.
    """

    host: Mapped[str] = mapped_column(Text, unique=True)
    pid: Mapped[int]
    version: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment)
    beat_at: Mapped[datetime] = mapped_column(Moment)
    swept_at: Mapped[datetime | None] = mapped_column(Moment)
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)


@transaction()
def beat(*, now: datetime, started_at: datetime, swept_at: datetime | None, stopped: bool = False) -> None:
    """This worker lives, or is about to stop."""
    host, pid = HOST, os.getpid()
    row = next(iter(hold(select(Heartbeat).where(Heartbeat.host == host))), None)
    if row is None:
        row = Heartbeat(host=host)
        db.session.add(row)
    if stopped and row.pid != pid and row.pid is not None:
        return  # a newer worker on this machine has the row now
    row.pid, row.version, row.started_at, row.beat_at = pid, VERSION, started_at, now
    row.swept_at, row.stopped_at = swept_at, now if stopped else None
    db.session.flush()


def newest() -> Heartbeat | None:
    """The worker that was heard last."""
    return db.session.scalar(
        select(Heartbeat).order_by(Heartbeat.beat_at.desc(), Heartbeat.id.desc()).limit(1)
    )
