"""Actions start from fresh rows, and what they ask to be done afterwards is done once."""

import pytest
from flask import Flask
from sqlalchemy import text

from learning.kit.db import after_commit, db, lock, transaction
from learning.programmes.models import Programme
from tests.make import make_event, make_programme, make_registration


def test_a_second_action_in_a_row_reads_what_another_wrote_meanwhile(app: Flask):
    ann = make_registration(make_event(capacities=((1, 2),)), "Ann")
    id = ann.id

    @transaction()
    def diet() -> str:
        return ann.diet

    assert diet() == ""  # read and stored: no transaction is open now
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        raw = other.connection.driver_connection
        if db.engine.dialect.name == "sqlite":
            raw.execute("PRAGMA query_only = OFF")
        raw.execute(f"UPDATE registration SET diet = 'vega' WHERE id = {id:d}")

    assert diet() == "vega"


def test_what_is_asked_two_hundred_times_is_done_once(app: Flask):
    done: list[int] = []

    def nudge() -> None:
        done.append(1)

    @transaction()
    def many() -> None:
        for _ in range(200):
            after_commit(nudge)
        db.session.execute(text("SELECT 1"))

    many()

    assert done == [1]


def test_rows_are_held_in_the_order_of_their_ids_also_by_two_calls(app: Flask):
    one, two = make_programme(slug="one"), make_programme(slug="two")

    @transaction()
    def against() -> None:
        lock(Programme, [two.id])
        lock(Programme, [one.id])

    @transaction()
    def along() -> int:
        lock(Programme, [one.id])
        lock(Programme, [two.id])
        return len(lock(Programme, [two.id, one.id]))  # held already

    with pytest.raises(RuntimeError, match="in the order of ids"):
        against()
    assert along() == 2
