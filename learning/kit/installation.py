"""What an app holds beside its database: settings, hooks, the queue, and what a worker keeps.

One object for each app, reached by `of(app)`; a worker has one app.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from flask import Flask
from huey import Huey

if TYPE_CHECKING:
    from sqlalchemy import Select

    from learning.config import Settings
    from learning.delegations.models import Delegation
    from learning.kit.wording import Wording
    from learning.people.models import Account
    from learning.people.queries import Card, OwnLink

P = ParamSpec("P")
T = TypeVar("T")
Sweep = Callable[[], Any]
NAME = "leerkring"


@dataclass(frozen=True)
class Hooks:
    """What areas above give to those below them; `wiring.py` fills it in."""

    reactions: Mapping[type, tuple[Callable[[Any], None], ...]] = field(default_factory=dict)
    heart: Callable[..., None] | None = None
    home_cards: Sequence[Callable[["Account"], list["Card"]]] = ()
    own_links: Sequence[Callable[[str], list["OwnLink"]]] = ()
    delegation_cards: Sequence[Callable[["Delegation"], list["Card"]]] = ()
    programme_titles: Callable[[int], list[tuple[int, "Wording"]]] = field(kw_only=True)
    organisations_of: Callable[[Any], "Select[int]"] = field(kw_only=True)
    wanted_together: Callable[[int], tuple[tuple[int, int, int], ...]] = field(kw_only=True)


@dataclass(frozen=True)
class Queue:
    """The worker's loops, the queue of nudges that wakes them, and whether it was told to stop."""

    loops: Mapping[str, tuple[Sweep, ...]]
    huey: Huey
    wake: Callable[[], Any]
    woken: Mapping[str, threading.Event]
    told: threading.Event = field(default_factory=threading.Event)

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """What is swept in all loops."""
        return tuple(job for jobs in self.loops.values() for job in jobs)


class Memory:
    """What a worker made once and keeps, and when it did last what it does from time to time."""

    def __init__(self) -> None:
        self.swept_at: datetime | None = None
        self._made: dict[Callable[..., Any], Any] = {}
        self._turns: dict[Callable[..., Any], datetime] = {}
        self._lock = threading.RLock()

    def one(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The one thing that `make` makes, made of these when it is asked for first."""
        with self._lock:
            if make not in self._made:
                self._made[make] = make(*args, **kwargs)
            return cast(T, self._made[make])

    def put(self, make: Callable[..., T], thing: T) -> None:
        """Keep this in place of what `make` would make."""
        with self._lock:
            self._made[make] = thing

    def forget(self, *makes: Callable[..., Any]) -> None:
        """Make it anew when it is asked for."""
        with self._lock:
            for make in makes:
                self._made.pop(make, None)

    @contextmanager
    def turn(self, work: Callable[..., Any], every: timedelta, *, now: datetime) -> Iterator[bool]:
        """Whether it is time for this work; when it went well, it is so again after this long."""
        with self._lock:
            due = now >= self._turns.get(work, now)
        yield due
        if due:
            with self._lock:
                self._turns[work] = now + every

    def rest(self, work: Callable[..., Any]) -> None:
        """It is time again for this work, as if it was never done."""
        with self._lock:
            self._turns.pop(work, None)


@dataclass
class Installation:
    """One app of the installation."""

    settings: "Settings"
    queue: Queue
    hooks: Hooks
    memory: Memory = field(default_factory=Memory)


def install(app: Flask, installation: Installation) -> None:
    """Give the app what `of` finds."""
    app.extensions[NAME] = installation


def of(app: Flask) -> Installation:
    """What this app holds; `current_app` will do."""
    return cast(Installation, app.extensions[NAME])
