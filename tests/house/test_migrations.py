"""Migrations lead to exactly the models, forward and back, on both databases."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from learning import migrate
from learning.kit.db import db, migrating


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


def test_mails_that_were_sent_forget_the_links_inside_lists(app: Flask):
    """Earlier versions kept them; those of a demo, which keeps all links, stay."""
    link = "http://127.0.0.1:8000/nl/registrations/secret/waiting/1"
    migrate.downgrade("0015")
    lists = [
        {"waiting": [{"words": "x", "url": link}]},
        {"waiting": [{"words": "x", "url": link}], "own_url": "y"},
    ]
    statement = """INSERT INTO message (
        template, language, address, name, "values", once, message_id, made_at, due_at, tries,
        sent_at, error, text) VALUES ('x', 'nl', 'a@x.example', '',
        :values, :once, :once, :at, :at, 0, :at, '', :text)"""
    with migrating(), db.engine.begin() as connection:
        for number, values in enumerate(lists):
            row = {
                "values": json.dumps(values),
                "once": str(number),
                "at": "2026-11-24 12:00:00",
                "text": f"See {link}",
            }
            connection.execute(text(statement), row)

    migrate.upgrade()

    query = 'SELECT CAST("values" AS TEXT), text FROM message ORDER BY id'
    with db.engine.connect() as connection:
        kept = [(json.loads(values), words) for values, words in connection.execute(text(query))]
    assert kept == [({"waiting": [{"words": "x"}]}, "See [link]"), (lists[1], f"See {link}")]


def test_mails_that_wait_are_found_under_the_name_of_their_area(app: Flask):
    migrate.downgrade("0026")
    statement = """INSERT INTO message (
        template, language, address, name, "values", once, message_id, made_at, due_at, tries, error, text)
        VALUES ('programmes/handed_in', 'nl', 'a@x.example', '', '{}', '1', '1', :at, :at, 0, '', '')"""
    with migrating(), db.engine.begin() as connection:
        connection.execute(text(statement), {"at": "2026-11-24 12:00:00"})

    migrate.upgrade()

    with db.engine.connect() as connection:
        [name] = connection.execute(text("SELECT template FROM message")).scalars()
    assert name == "speakers/handed_in"
    assert (Path(__file__).parent.parent.parent / "templates" / "mail" / name / "subject.txt").exists()
