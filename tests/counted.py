"""What the database is asked while a test looks: how many statements, and how many rows become objects."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from learning.kit.db import Model, db


@dataclass
class Counted:
    """The statements that were sent, and the rows that were loaded as objects, each by its table."""

    statements: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)


def asked_by(client: FlaskClient, url: str) -> int:
    """How many statements a page takes, which must be there."""
    with counted() as found:
        assert client.get(url).status_code == 200
    return len(found.statements)


@contextmanager
def counted() -> Iterator[Counted]:
    """Count what happens inside."""
    found = Counted()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            found.statements.append(statement)

    def load(row: Any, *_more: Any) -> None:
        found.loaded.append(row.__tablename__)

    db.session.rollback()
    db.session.expire_all()
    event.listen(db.engine, "before_cursor_execute", note)
    for name in ("load", "refresh"):
        event.listen(Model, name, load, propagate=True)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
        for name in ("load", "refresh"):
            event.remove(Model, name, load)
