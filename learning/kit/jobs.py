"""What is done after a commit: a sweep that misses nothing, and a Huey task that only wakes it early."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, SqliteHuey

PAUSE = 3.0  # seconds between sweeps when nobody nudges
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


def install(app: Flask, url: str, path: str, sweeps: tuple[Callable[[], Any], ...]) -> None:
    """Tell the app its queue and what a sweep does."""
    huey = make_huey(url, path)
    app.extensions["sweeps"] = sweeps
    app.extensions["huey"] = huey
    app.extensions["woken"] = woken = threading.Event()

    @huey.task(name="wake")
    def wake() -> None:
        woken.set()

    app.extensions["wake"] = wake


def nudge() -> None:
    """Wake the worker; when that fails the sweep still comes, so it is only logged."""
    if not current_app.config["NUDGE"]:
        return
    try:
        current_app.extensions["wake"]()
    except Exception as error:
        current_app.logger.warning("could not nudge the worker: %s", error)


def sweep() -> bool:
    """Do all that rows say is still to be done; a job that fails does not keep the others from running.

    True when something runs on that wants to be looked after soon.
    """
    soon = False
    for job in current_app.extensions["sweeps"]:
        try:
            soon = bool(job()) or soon
        except Exception:
            current_app.logger.exception("a job failed; it is tried again at the next sweep")
    return soon


def work(app: Flask) -> None:
    """Sweep until the process is told to stop."""
    woken: threading.Event = app.extensions["woken"]

    def sweeping() -> None:
        while True:
            with app.app_context():
                soon = sweep()
            woken.wait(SOON if soon else PAUSE)
            woken.clear()

    threading.Thread(target=sweeping, daemon=True, name="sweep").start()
    consumer = app.extensions["huey"].create_consumer(workers=1, periodic=False, initial_delay=0.1, max_delay=1.0)
    consumer.run()
