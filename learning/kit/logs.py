"""The log: one line of JSON for each request and each job, and no secret in any line."""

import json
import logging
import re
import sys
import time as stopwatch
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy import Engine, event

from learning.kit.clock import now
from learning.kit.secret_routes import redactor

OTHERS = ("gunicorn.error", "gunicorn.access")  # loggers that write lines of their own beside ours
_detail = re.compile(
    r"DETAIL:.*?(?=\n(?:HINT|CONTEXT):|\n\[SQL|\n\(Background|\n+The above exc|\n+During handling|\Z)", re.S
)


@dataclass
class Work:
    """What a request or a job did to the database: statements, and rows that they changed."""

    queries: int = 0
    changed: int = 0


_work: ContextVar[Work | None] = ContextVar("work", default=None)


class Redacting(logging.Formatter):
    """Another formatter's lines, without secrets: addresses
    of secret pages, and the rows that PostgreSQL tells of.
    """

    def __init__(self, app: Flask, lines: logging.Formatter) -> None:
        super().__init__()
        self.app, self.lines = app, lines

    def format(self, record: logging.LogRecord) -> str:
        return clean(self.app, self.lines.format(record))


class JsonLines(logging.Formatter):
    """One object for each line: time, level, what is logged, and what its caller added as `fields`."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": now().isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        line["event"] = clean(self.app, record.getMessage())
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = clean(self.app, self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class ToStandardError(logging.Handler):
    """Writes to what standard error is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:
            self.handleError(record)


def clean(app: Flask, text: str) -> str:
    """The text without secret parts of addresses, and without the values in a complaint of the database."""
    return _detail.sub("DETAIL: [hidden]", redactor(app)(text))


def install(app: Flask, engine: Engine) -> None:
    """Write a line for each request, and count what requests and jobs do."""
    to_standard_error(app)
    _count(engine)
    _requests(app)


def to_standard_error(app: Flask) -> None:
    """Write the log of this app to standard error; a demo writes warnings alone.

    Lines of the server are cleaned too.
    """
    app.logger.setLevel(logging.WARNING if app.config["DEMO"] else logging.INFO)
    ours = ToStandardError()
    ours.setFormatter(JsonLines(app))
    app.logger.handlers[:] = [ours]
    for name in OTHERS:
        for other in logging.getLogger(name).handlers:
            lines = other.formatter or logging.Formatter()
            other.setFormatter(Redacting(app, lines.lines if isinstance(lines, Redacting) else lines))


def _count(engine: Engine) -> None:
    @event.listens_for(engine, "after_cursor_execute")
    def note(_connection: Any, cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        work = _work.get()
        if work is not None:
            work.queries += 1
            if context is not None and (context.isinsert or context.isupdate or context.isdelete):
                work.changed += max(cursor.rowcount, 0)


def count_read() -> None:
    """A statement went past the engine."""
    work = _work.get()
    if work is not None:
        work.queries += 1


@contextmanager
def counting() -> Iterator[Work]:
    """Count what is done inside."""
    token = _work.set(work := Work())
    try:
        yield work
    finally:
        _work.reset(token)


def _requests(app: Flask) -> None:
    def begin() -> None:
        g.log_began, g.log_work = stopwatch.perf_counter(), Work()
        g.log_token = _work.set(g.log_work)

    app.before_request_funcs.setdefault(None, []).insert(0, begin)

    @app.after_request
    def answered(response: Response) -> Response:
        g.log_status = response.status_code
        return response

    @app.teardown_request
    def line(_error: BaseException | None) -> None:
        if "log_token" not in g:
            return
        _work.reset(g.pop("log_token"))
        if app.logger.isEnabledFor(logging.INFO) and request.endpoint != "static":
            app.logger.info("request", extra={"fields": _told()})


def _told() -> dict[str, Any]:
    """What a line says of a request. The route is that of the app, never the address that was asked for."""
    return {
        "reference": g.get("reference", ""),
        "who": g.get("who"),  # an id, told by who found the account: a line asks nobody anew
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": g.get("log_status", 500),
        "ms": round((stopwatch.perf_counter() - g.log_began) * 1000, 1),
        "queries": g.log_work.queries,
    }


@contextmanager
def job(name: str) -> Iterator[None]:
    """Log a job that changed something, or that failed."""
    began = stopwatch.perf_counter()
    with counting() as work:
        try:
            yield
        except Exception:
            current_app.logger.exception(
                "a job failed; it is tried again at the next sweep", extra={"fields": {"job": name}}
            )
        if work.changed:
            ms = round((stopwatch.perf_counter() - began) * 1000, 1)
            told = {"job": name, "ms": ms, "queries": work.queries, "changed": work.changed}
            current_app.logger.info("job", extra={"fields": told})
