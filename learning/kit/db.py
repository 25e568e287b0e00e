"""The database: base model, column types, and the only place that commits.

Writing happens in actions marked `@transaction()`: the outermost commits, inner ones join, any
exception rolls everything back. Outside an action every connection is read-only.
"""

import fcntl
import random
import threading
import time as stopwatch
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Engine, MetaData, Text, TypeDecorator, event, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Composite, DeclarativeBase, Mapped, composite, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from learning.kit.errors import Refusal
from learning.kit.logs import count_read
from learning.kit.wording import Wording

TRIES = 8  # how often an action that PostgreSQL stopped for a deadlock is begun
WAIT = 5.0  # seconds a writer waits for its turn before the person is asked to try again
PRAGMAS = (
    "journal_mode=WAL",
    "busy_timeout=10000",
    "synchronous=FULL",
    "foreign_keys=ON",
    "trusted_schema=OFF",
)
LOCK_ORDER = (
    "owner",
    "organiser",
    "programme",
    "delegation",
    "meeting",
    "offered_programme",
    "invoice_series",
)


class Model(DeclarativeBase):
    """Base of all tables: named after the class, with a numeric id."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __abstract__ = True
    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "__tablename__" not in cls.__dict__:
            name = cls.__name__
            cls.__tablename__ = "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")
        super().__init_subclass__(**kwargs)


db = SQLAlchemy(metadata=MetaData(), session_options={"expire_on_commit": False, "autoflush": True})


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; refuses a datetime without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Scaled(TypeDecorator[Decimal]):
    """An exact decimal with `places` places, stored as an integer."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int = 4) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


class Euro(Scaled):
    """An amount in euros, stored as cents."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(2)


def wording(name: str) -> Composite[Wording]:
    """Two text columns, `name_nl` and `name_en`, read and written as one Wording."""
    return composite(
        Wording,
        mapped_column(f"{name}_nl", Text, nullable=False, default=""),
        mapped_column(f"{name}_en", Text, nullable=False, default=""),
    )


class Busy(Exception):
    """The database is too busy to write now; nothing was changed."""


@dataclass
class Write:
    """The outermost transaction under way."""

    doomed: bool = False
    rank: int = -1
    made: set[tuple[str, int]] = field(default_factory=set)
    held: set[tuple[str, int]] = field(default_factory=set)  # rows that are locked, by table and id
    after: list[Callable[[], None]] = field(default_factory=list)


# what the next action begins with
_before: ContextVar[Callable[[], None] | None] = ContextVar("before", default=None)


class Undo:
    """Takes back what `at_start_of` set."""

    def __init__(self, token: Token[Callable[[], None] | None]) -> None:
        self.token = token

    def undo(self) -> None:
        """Take it back."""
        _before.reset(self.token)


def at_start_of(work: Callable[[], None]) -> Undo:
    """Let the next outermost action begin with something
    more, stored with its own changes: the key of a sent form.
    """
    return Undo(_before.set(work))


_write: ContextVar[Write | None] = ContextVar("write", default=None)
_migrating: ContextVar[bool] = ContextVar("migrating", default=False)
_turn = threading.Lock()


def make_engine_hooks(engine: Engine) -> None:
    """Install pragmas and the begin hook that makes everything outside an action read-only."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
    event.listen(engine, "begin", _begin)


def _sqlite_connect(dbapi: Any, _entry: ConnectionPoolEntry) -> None:
    dbapi.isolation_level = None
    cursor = dbapi.cursor()
    for pragma in PRAGMAS:
        cursor.execute("PRAGMA " + pragma)
    cursor.close()


def _begin(connection: Any) -> None:
    writing = _write.get() is not None or _migrating.get()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only=" + ("OFF" if writing else "ON"))
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
    else:
        connection.connection.dbapi_connection.read_only = not writing


@contextmanager
def migrating() -> Iterator[None]:
    """Let migrations write: the intent holds for every transaction begun inside."""
    token = _migrating.set(True)
    try:
        yield
    finally:
        _migrating.reset(token)


P = ParamSpec("P")
R = TypeVar("R")


def transaction(*, aside: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark an action as one transaction; called inside another action it joins that one.

    The outermost refuses unsaved changes, starts from fresh rows and commits. A deadlock reported
    by PostgreSQL is tried again, so an action does database work only. An action `aside`, such as
    counting a try, is not what a form asks for: it does not carry the form's key.
    """

    def decorate(action: Callable[P, R]) -> Callable[P, R]:
        @wraps(action)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            outer = _write.get()
            if outer is not None:
                try:
                    return action(*args, **kwargs)
                except BaseException:
                    outer.doomed = True
                    raise
            return _outermost(lambda: action(*args, **kwargs), None if aside else _before.get())

        return run

    return decorate


def _outermost(work: Callable[[], R], first: Callable[[], None] | None) -> R:
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("changed outside a transaction")
    for again in range(TRIES):
        db.session.rollback()
        db.session.expire_all()  # a rollback forgets nothing when no transaction is open
        write = Write()
        try:
            with _queue():
                token = _write.set(write)
                try:
                    if first is not None:
                        first()
                    result = work()
                    if write.doomed:
                        raise RuntimeError("an inner action failed; the outer one cannot go on")
                    db.session.commit()
                except BaseException:
                    db.session.rollback()
                    db.session.expire_all()
                    raise
                finally:
                    _write.reset(token)
        except DBAPIError as error:
            if _deadlock(error) and again < TRIES - 1:
                stopwatch.sleep(random.random() * min(0.05 * 2**again, 0.5))
                continue
            if _timed_out(error):
                raise Busy from error
            raise
        for callback in write.after:
            callback()
        return result
    raise Busy


def _deadlock(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


def _timed_out(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in {"55P03", "57014", "40001", "40P01"} or getattr(
        error.orig, "sqlite_errorcode", 0
    ) & 0xFF in (5, 13)


def unreachable(error: DBAPIError) -> str:
    """Why the database could not be reached, on one line; empty when it could and something else is wrong."""
    words = " ".join(str(error.orig).split())
    sqlite = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite is not None:
        return words if sqlite & 0xFF in (8, 10, 11, 13, 14, 23, 26) else ""
    lost = type(error.orig).__name__ == "OperationalError" and getattr(error.orig, "sqlstate", None) is None
    return words if lost or error.connection_invalidated else ""


def unprepared(error: DBAPIError) -> bool:
    """A table or column is not there."""
    missing = getattr(error.orig, "sqlstate", None) in {"42P01", "42703"}
    return missing or str(error.orig).startswith(("no such table", "no such column"))


@contextmanager
def _queue() -> Iterator[None]:
    """SQLite: writers take turns at a file lock, which the kernel releases when a process dies."""
    engine = db.engine
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    until = stopwatch.monotonic() + WAIT
    if not _turn.acquire(timeout=WAIT):
        raise Busy
    try:
        with open(engine.url.database + ".writelock", "a") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if stopwatch.monotonic() > until:
                        raise Busy from None
                    stopwatch.sleep(0.0005)
            yield
    finally:
        _turn.release()


@contextmanager
def attempt() -> Iterator[None]:
    """A savepoint: a Refusal inside undoes what was done inside, and the outer action may go on."""
    write = _write.get()
    if write is None:
        raise RuntimeError("attempt() belongs inside an action")
    doomed = write.doomed
    try:
        with db.session.begin_nested():
            yield
    except Refusal:
        write.doomed = doomed
        raise


def let_go() -> None:
    """End the reading under way, before something that takes long: no transaction may wait for it.

    Never inside an action.
    """
    if _write.get() is not None:
        raise RuntimeError("this takes too long for an action")
    db.session.rollback()


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once, after the transaction under way is stored; not at all when it is rolled back."""
    write = _write.get()
    if write is None:
        raise RuntimeError("after_commit() belongs inside an action")
    if callback not in write.after:
        write.after.append(callback)


M = TypeVar("M", bound=Model)


def lock(model: type[M], ids: Iterable[int]) -> list[M]:
    """Take these rows for this transaction, in id order, and read them afresh.

    Classes are taken in LOCK_ORDER only, and rows of one class in the order of their ids, also
    by two calls, so that two actions never wait for each other. Rows that are held already, and
    rows that this transaction made itself, may be asked for at any time: that waits for nobody.
    """
    write = _write.get()
    if write is None:
        raise RuntimeError("lock() belongs inside an action")
    rank, rows = LOCK_ORDER.index(model.__tablename__), {(model.__tablename__, id) for id in ids}
    if new := rows - write.held - write.made:
        if rank < write.rank:
            raise RuntimeError(f"{model.__tablename__} must be locked before {LOCK_ORDER[write.rank]}")
        if min(new) < max((row for row in write.held if row[0] == model.__tablename__), default=min(new)):
            raise RuntimeError(
                f"{model.__tablename__} must be locked in the order of ids: take all of them at once"
            )
        write.rank = rank
        write.held |= rows
    query = (
        select(model)
        .where(model.id.in_(sorted(id for _table, id in rows)))
        .order_by(model.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(query))


def _note_made(session: Any, _flushed: object) -> None:
    """Nobody else sees a row of a transaction under way, so whoever made it holds it."""
    write = _write.get()
    if write is not None:
        write.made |= {(row.__tablename__, row.id) for row in session.new if isinstance(row, Model)}


event.listen(db.session, "after_flush", _note_made)
_fast = threading.local()


def fast_rows(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of one read on a driver connection in autocommit, past the ORM. `sql` marks values with ?.

    For the one query of finished pages: it costs microseconds and holds no
    transaction. An error says what went wrong and never with which values.
    """
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    for again in range(2):
        connection = getattr(_fast, "connection", None)
        if connection is None or getattr(_fast, "url", None) != engine.url:
            connection = _fast.connection = _fast_connection(engine)
            _fast.url = engine.url
        count_read()
        try:
            if sqlite:
                return connection.execute(sql, values).fetchall()  # type: ignore[no-any-return]
            return connection.execute(sql.replace("?", "%s"), values).fetchall()  # type: ignore[no-any-return]
        except Exception as error:
            _fast.connection = None
            if again or (not sqlite and not connection.closed):
                raise RuntimeError(f"a read failed: {type(error).__name__}") from None
    raise Busy


def _fast_connection(engine: Engine) -> Any:
    if engine.dialect.name == "sqlite":
        import sqlite3

        connection = sqlite3.connect(engine.url.database or "", isolation_level=None, timeout=10)
        connection.execute("PRAGMA query_only=ON")
        return connection
    import psycopg

    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = "-c default_transaction_read_only=on -c statement_timeout=15000"
    return psycopg.connect(url, autocommit=True, options=options)
