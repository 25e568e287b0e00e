"""What the log keeps of a change: values before and after, and never a secret."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import learning.tables
from learning.attendance.models import Registration
from learning.kit.changes import SECRET, changes_of, may_show, said_by
from learning.kit.db import Model, attempt, db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent, record
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.programmes.models import Room, Session, Venue
from tests.make import (
    NOON,
    make_account,
    make_event,
    make_organiser,
    make_registration,
    make_room,
    make_venue,
)

PLANTED = "planted-secret-4711"


def line() -> AuditEvent:
    """The last line of the log."""
    return db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def note(row: Any, **more: Any) -> None:
    """A line about this row."""
    record("changed", row, organiser_id=None, by=None, at=NOON, **more)


@transaction()
def change(model: type[Any], id: int, *, flush: bool = True, **columns: Any) -> None:
    """Give a row these values, and note it."""
    row = db.session.get_one(model, id)
    for name, value in columns.items():
        setattr(row, name, value)
    if flush:
        db.session.flush()
    note(row)


def refused(row: Organiser) -> None:
    """A change that is taken back in the same transaction."""
    with attempt():
        row.city = "Ede"
        db.session.flush()
        raise Refusal("no", "no")


@pytest.mark.parametrize("flush", [True, False])
def test_values_before_and_after_flushed_or_not(app: Flask, flush: bool):
    organiser = make_organiser(payment_days=30)

    change(Organiser, organiser.id, flush=flush, payment_days=14, city="Ede", street="Kringweg 1")

    assert (line().before, line().after) == (
        {"payment_days": 30, "city": "Utrecht"},
        {"payment_days": 14, "city": "Ede"},
    )


def test_values_that_nobody_read_are_known_too(app: Flask):
    organiser = make_organiser()

    @transaction()
    def unread() -> None:
        row = db.session.get_one(Organiser, organiser.id)
        db.session.expire(row)
        row.city = "Ede"
        db.session.flush()
        note(row)

    unread()

    assert (line().before, line().after) == ({"city": "Utrecht"}, {"city": "Ede"})


def test_wordings_days_amounts_and_names_of_other_things(app: Flask):
    organiser = make_organiser()
    here, there = make_venue(organiser, "Ede"), make_venue(organiser, "Assen")
    room = make_room(here, capacity=10)

    change(Room, room.id, venue_id=there.id, access=Wording("Trap", "Stairs"))

    assert line().before == {"venue_id": "Huis van Ede", "access_nl": "", "access_en": ""}
    assert line().after == {"venue_id": "Huis van Assen", "access_nl": "Trap", "access_en": "Stairs"}


def test_two_things_of_one_name_keep_their_number(app: Flask):
    organiser = make_organiser()
    here, there = (make_room(make_venue(organiser, city), "Zaal 1") for city in ("Ede", "Assen"))
    session = make_event(organiser).rounds[0].sessions[0]
    change(Session, session.id, room_id=here.id)

    change(Session, session.id, room_id=there.id)

    assert (line().before, line().after) == (
        {"room_id": f"Zaal 1 ({here.id})"},
        {"room_id": f"Zaal 1 ({there.id})"},
    )


def test_a_new_row_has_nothing_before_and_no_empty_values_after(app: Flask):
    organiser = make_organiser()

    @transaction()
    def make() -> None:
        venue = Venue(organiser_id=organiser.id, name="Huis", city="Ede")
        db.session.add(venue)
        db.session.flush()
        note(venue)

    make()

    assert (line().before, line().after) == (None, {"name": "Huis", "city": "Ede"})


def test_each_line_tells_of_its_own_step(app: Flask):
    organiser = make_organiser()

    @transaction()
    def twice() -> None:
        row = db.session.get_one(Organiser, organiser.id)
        for city in ("Ede", "Assen"):
            row.city = city
            note(row)
        note(row)

    twice()

    lines = db.session.execute(select(AuditEvent.before, AuditEvent.after).order_by(AuditEvent.id)).all()
    assert lines == [
        ({"city": "Utrecht"}, {"city": "Ede"}),
        ({"city": "Ede"}, {"city": "Assen"}),
        (None, None),
    ]


def test_what_was_rolled_back_is_in_no_line(app: Flask):
    organiser = make_organiser()

    @transaction()
    def partly() -> None:
        row = db.session.get_one(Organiser, organiser.id)
        with pytest.raises(Refusal):
            refused(row)
        row.plate = "XX"
        db.session.flush()
        note(row)

    partly()
    with pytest.raises(IntegrityError):
        change(Organiser, organiser.id, payment_days=500)
    change(Organiser, organiser.id)

    lines = db.session.execute(select(AuditEvent.before, AuditEvent.after).order_by(AuditEvent.id)).all()
    assert lines == [({"plate": "KR"}, {"plate": "XX"}), (None, None)]


def test_a_planted_secret_reaches_no_line(app: Flask):
    programme = make_event()
    registration, account = make_registration(programme), make_account()
    session = programme.rounds[0].sessions[0]

    secrets = {
        "token_hash": PLANTED,
        "feed_hash": f"{PLANTED}-feed",
        "diet": PLANTED,
        "access_needs": PLANTED,
    }
    change(Registration, registration.id, **secrets)
    change(Account, account.id, password_hash=PLANTED, epoch=4711, name="Bea")
    change(Session, session.id, join_url=f"https://meet.example/{PLANTED}", capacity=5)
    given(
        account,
        before={"diet": PLANTED, "name": "A"},
        after={"token": PLANTED, "password": PLANTED, "name": "B"},
    )

    both = select(AuditEvent.before, AuditEvent.after).order_by(AuditEvent.id)
    assert "4711" not in str(db.session.execute(both).all())
    assert db.session.execute(both.where(AuditEvent.verb == "changed")).all() == [
        (None, None),
        ({"name": "Ann"}, {"name": "Bea"}),
        ({"capacity": 1}, {"capacity": 5}),
        ({"name": "A"}, {"name": "B"}),
    ]
    assert PLANTED not in str([said_by(row) for row in (registration, account, session)])


@transaction()
def given(account: Account, **values: Any) -> None:
    """A line with values that its action gave."""
    note(db.session.get_one(Account, account.id), **values)


def test_every_column_that_opens_something_is_hidden():
    assert learning.tables
    words = (
        "token",
        "hash",
        "secret",
        "password",
        "epoch",
        "diet",
        "needs",
        "seed",
        "join_url",
        "session_key",
    )
    columns = {c.name for table in Model.metadata.sorted_tables for c in table.c}
    telling = {name for name in columns if any(word in name for word in words)}

    assert telling >= {
        "token_hash",
        "feed_hash",
        "password_hash",
        "diet",
        "access_needs",
        "needs",
        "join_url",
        "seed",
    }
    assert {name for name in telling if may_show(name)} == set()
    assert {"diet", "access_needs", "needs"} <= SECRET


def test_long_texts_are_cut(app: Flask):
    organiser = make_organiser()

    change(Organiser, organiser.id, invoice_foot=Wording("x" * 5000))

    assert line().after == {"invoice_foot_nl": "x" * 1000 + "…"}
    assert changes_of(organiser) == ({}, {})
