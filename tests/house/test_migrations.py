"""Migrations lead to exactly the models, forward and back, on both databases."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from learning import migrate
from learning.kit.db import db, migrating


@pytest.fixture
def database_url(database_url: str, request: pytest.FixtureRequest) -> str:
    """A database of one's own: these tests change tables."""
    if database_url.startswith("sqlite"):
        return database_url
    own_database: Callable[[], str] = request.getfixturevalue("own_database")
    return own_database()


def triggers() -> set[str]:
    """The names of the triggers in the database."""
    if db.engine.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with db.engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def test_migrated_database_is_exactly_the_models(app: Flask):
    assert migrate.differences() == []
    assert triggers() == {name for name, _ in migrate.TRIGGERS}
    assert migrate.migrations_match()


def test_down_leaves_nothing_and_up_again_everything(app: Flask):
    migrate.downgrade("base")

    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    assert triggers() == set()

    migrate.upgrade()

    assert migrate.differences() == []
    assert triggers() == {name for name, _ in migrate.TRIGGERS}


def test_a_newer_database_is_refused(app: Flask):
    with migrating(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(SystemExit, match="newer version"):
        migrate.upgrade()
