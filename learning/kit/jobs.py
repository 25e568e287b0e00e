"""What is done after a commit: a sweep that misses nothing, and a Huey task that only wakes it early.

Sweeps stand in loops that do not wait for each other: mail goes while a document is being made.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, SqliteHuey

from learning.kit import clock, logs
from learning.kit.db import Busy, db
from learning.kit.installation import Queue, Sweep, of
from learning.kit.setbacks import clear, note, resting

PAUSE = 3.0  # seconds between sweeps when nobody nudges
BEAT = 20.0  # seconds between heartbeats
LAST = 20.0  # seconds that a job in hand has to end once the worker is told to stop
SOON = 0.3  # the same while something runs that wants to be looked after


def make_huey(url: str, path: str) -> Huey:
    """The queue of nudges: a file of its own, or the Redis or PostgreSQL of the configuration."""
    if url.startswith("redis"):
        from huey import RedisHuey

        return RedisHuey("leerkring", url=url)
    if url.startswith("postgres"):
        from huey import PostgresHuey

        return PostgresHuey("leerkring", dsn=url)
    if url == "memory:":
        return MemoryHuey("leerkring", immediate=False)
    return SqliteHuey("leerkring", filename=path, fsync=False)


def make_queue(url: str, path: str, loops: Mapping[str, tuple[Sweep, ...]]) -> Queue:
    """The queue of an app, and what the sweeps of each loop do."""
    huey = make_huey(url, path)
    woken = {name: threading.Event() for name in loops}

    @huey.task(name="wake")
    def wake() -> None:
        for event in woken.values():
            event.set()

    return Queue(loops, huey, wake, woken)


def nudge() -> None:
    """Wake the worker; when that fails the sweep still comes, so it is only logged."""
    if not current_app.config["NUDGE"]:
        return
    try:
        of(current_app).queue.wake()
    except Exception as error:
        current_app.logger.warning("could not nudge the worker: %s", error)


def sweep(jobs: Iterable[Sweep] | None = None) -> bool:
    """Do all that rows say is still to be done; a job that fails does not keep the others from running.

    Does these jobs, or those of every loop. True when something runs on that wants to be looked after soon.
    """
    soon = False
    for job in of(current_app).queue.sweeps if jobs is None else jobs:
        if stopping():
            return False
        with logs.job(f"{job.__module__.removeprefix('learning.')}.{job.__name__}"):
            soon = bool(job()) or soon
        db.session.rollback()  # no transaction stays open between two jobs
    of(current_app).memory.swept_at = clock.now()
    return soon


def each_due(job: str, ids: Iterable[int], work: Callable[[int], Any]) -> int:
    """Do `work` for each of these rows; one that fails stops no other. Gives how many were done.

    A row that failed is noted under the name of the job with how often and why, and rests until its next
    try, after a pause that grows (`kit/setbacks.py`). When the database is busy nothing is noted: the next
    sweep tries again. No transaction is open when `work` begins. Told to stop, it begins with no other row.
    """
    wanted = list(ids)
    known = resting(job) if wanted else {}
    done, now = 0, clock.now()
    for id in wanted:
        db.session.rollback()
        if stopping():
            break
        if id in known and known[id] > now:
            continue
        try:
            work(id)
        except Busy:
            db.session.rollback()
        except Exception as error:
            db.session.rollback()
            current_app.logger.exception("%s %s failed; it rests and is tried again", job, id)
            note(job, id, error=f"{type(error).__name__}: {error}", now=clock.now())
        else:
            done += 1
            if id in known:
                clear(job, id)
    db.session.rollback()
    return done


def stopping() -> bool:
    """The worker was told to stop: finish what is in hand and begin nothing new."""
    return of(current_app).queue.told.is_set()


def heartbeat(started_at: datetime, *, stopped: bool = False) -> None:
    """Let the database know that this worker lives; when that fails the next beat comes soon enough."""
    installation = of(current_app)
    beat = installation.hooks.heart
    if beat is None:
        return
    try:
        beat(
            now=clock.now(),
            started_at=started_at,
            swept_at=installation.memory.swept_at,
            stopped=stopped,
        )
    except Exception as error:
        current_app.logger.warning("no heartbeat: %s", type(error).__name__)


def start(app: Flask) -> Callable[[], None]:
    """Begin to sweep and to beat, each loop in a thread of its own; gives what ends them.

    It lets them begin nothing new and gives what is in hand twenty seconds. What does
    not end in that time is given back: its row still says that it is to be done.
    """
    told, woken = of(app).queue.told, of(app).queue.woken
    began = clock.now()
    told.clear()

    def sweeping(name: str) -> None:
        while not told.is_set():
            with app.app_context():
                soon = sweep(of(app).queue.loops[name])
            woken[name].wait(SOON if soon else PAUSE)
            woken[name].clear()

    def beating() -> None:
        while not told.is_set():
            with app.app_context():
                heartbeat(began)
            told.wait(BEAT)

    threads = [
        threading.Thread(target=sweeping, args=(name,), daemon=True, name=f"sweep {name}") for name in woken
    ]
    threads.append(threading.Thread(target=beating, daemon=True, name="beating"))
    for thread in threads:
        thread.start()

    def stop() -> None:
        told.set()
        for event in woken.values():
            event.set()
        until = time.monotonic() + LAST
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with app.app_context():
            heartbeat(began, stopped=True)

    return stop


def work(app: Flask) -> None:
    """Sweep until the process is told to stop."""
    asked = threading.Event()
    consumer = of(app).queue.huey.create_consumer(workers=1, periodic=False, initial_delay=0.1, max_delay=1.0)
    consumer.start()
    for number in (
        signal.SIGTERM,
        signal.SIGINT,
    ):  # instead of the consumer's own, which wait for nothing of ours
        signal.signal(number, lambda *_: asked.set())
    stop = start(app)
    while not asked.wait(60):
        pass
    consumer.stop()
    stop()
