"""What staff changed at the desk and did not release stands on no page of others, in no file, in no mail."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON, Boolean, Column, Date, Table, Text, cast, literal, select, update

from learning.attendance.actions import register, withdraw
from learning.billing import actions as billing
from learning.billing.models import InvoiceLine
from learning.choices.actions import choose_sessions
from learning.delegations import joining
from learning.delegations.models import Delegation
from learning.kit.db import Euro, Moment, db, transaction
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.prices.models import Tariff
from learning.programmes import models as desk
from learning.releases.queries import current_picture
from tests.delegations.community import make_community, nominate
from tests.house.test_access import SQLITE, YES, Walk, doors, got, named, text_of
from tests.house.world import VISITORS, make_world
from tests.make import NOON, make_account, make_event, make_staff

PLANTED = (
    desk.Theme, desk.Venue, desk.Room, desk.Programme, desk.ProgrammeParty, desk.Module, desk.Meeting,
    desk.Round, desk.AgendaItem, desk.Workshop, desk.Session, desk.Speaker, desk.Part, Tariff,
)  # fmt: skip
ON, AT = date(2031, 5, 17), datetime(2031, 5, 17, 1, 33, tzinfo=UTC)  # 03:33 in Amsterdam
SAID = {"start": "03:33", "end_time": "04:44", "starts_at": AT, "ends_at": AT + timedelta(minutes=71)}
KEPT = {
    "slug", "uid", "key", "kind", "glyph", "role", "zone", "sort_key", "filling", "reference", "language",
    "moving_up", "offer_lapsed", "unit", "audience", "vat_category", "vat_ground", "level", "reminder_days",
    "archived_at",  # puts a programme away at once
}  # fmt: skip
NUMBERS = {"capacity", "minimum", "seats_max", "delegations_max", "offer_hours", "moving_up_stops"}
# the same digits may stand by chance inside a secret link
TELLS = ("Zwijgend", r"(?<![\w-])8\.?765(?![\w-])", r"(?<![\w-])2031(?=\W|05)", r"0(?:3[:.]33|4[:.]44)")


def planted(column: Column[Any]) -> Any:
    """A value for this column that nobody released; None to leave it."""
    name, kind = column.name, column.type
    if name in SAID:
        return SAID[name]
    if name in KEPT or column.primary_key or column.foreign_keys or column.unique:
        return None
    if name in NUMBERS:
        return 8765
    values = ((Euro, Decimal("8765.43")), (Date, ON), (Moment, AT), (JSON, ["Zwijgend"]), (Boolean, True))
    found = next((value for known, value in values if isinstance(kind, known)), None)
    if found is None and isinstance(kind, Text):
        return literal(f"Zwijgend {name} ").concat(cast(column.table.c.id, Text))  # some names are unique
    return found


@transaction()
def plant() -> None:
    """Staff change everything of all programmes, and release nothing."""
    for model in PLANTED:
        table = model.__table__
        assert isinstance(table, Table)
        values = {c.name: value for c in table.c if (value := planted(c)) is not None}
        db.session.execute(update(table).values(values))
    db.session.execute(update(desk.Meeting).values(capacity=8765))


def told(text: str) -> list[str]:
    """Which of the planted values a text tells."""
    return [found for words in TELLS for found in re.findall(words, text)]


def test_everything_that_a_release_shows_is_planted(app: Flask):
    make_event()

    plant()

    programme = db.session.scalars(select(desk.Programme)).one()
    [meeting], session = programme.meetings, programme.rounds[0].sessions[0]
    assert (programme.title.nl, meeting.on, meeting.start) == (
        f"Zwijgend title_nl {programme.id}",
        ON,
        "03:33",
    )
    assert (session.capacity, programme.by_delegation, programme.cancelled_at) == (8765, True, AT)


@SQLITE
def test_no_door_of_others_tells_what_is_not_released(app: Flask):
    world = make_world()
    plant()
    walk = Walk(app, world)
    found, opened = [], 0
    for door, _rule in doors(app):
        needs_nobody = door.need in ("anyone", "account", "contact") or door.need.startswith("delegation ")
        if door.method == "GET" and needs_nobody and "hand-in" not in door.rule:  # staff hand those links out
            for who in VISITORS:
                answer = walk.open(door, who, "own")
                opened += got(answer) == YES and answer.status_code == 200
                found += [(named(door), who, words) for words in told(text_of(answer))]

    assert found == []
    assert opened > 150


@pytest.fixture
def mails() -> Any:
    """What the mails of a test say, and the lines of its invoices."""

    def read() -> list[str]:
        lines = list(db.session.scalars(select(InvoiceLine.description)))
        return [*lines, *(compose(message)[0].as_string() for message in db.session.scalars(select(Message)))]

    return read


def test_no_mail_and_no_invoice_tells_it(app: Flask, mails: Any):
    community = make_community(seats_go_on=True)
    staff = make_account("staff@x.example")
    make_staff(community.organiser, staff, "admin")
    plant()

    delegation = joining.register_delegation(
        community.picture, community.zutphen, account=community.carla, name="Carla",
        price=None, language="nl", now=NOON,
    )  # fmt: skip
    price_of(delegation)
    nominate(community, delegation, "Anna")
    nominate(community, delegation, "Bea")
    billing.draft_invoice(delegation, by=staff, now=NOON)
    joining.end(delegation, reason="withdrawn", by=staff, now=NOON)

    said = mails()
    assert len(said) >= 6
    assert [told(text) for text in said if told(text)] == []


@transaction()
def price_of(delegation: Delegation) -> None:
    """It is to be paid for."""
    delegation.price_amount, delegation.price_unit = Decimal(3000), "organisation"


def test_no_mail_to_participants_tells_it(app: Flask, mails: Any):
    event = make_event(capacities=((1, 1),))
    first = event.rounds[0].sessions[0].id
    round_id = event.rounds[0].id
    plant()
    picture = current_picture(event.id)
    assert picture is not None

    made = []
    for name in ("Ann", "Bob"):
        made.append(register(
            picture, name=name, mail=f"{name}@x.example", language="nl", price=None, verified=True, now=NOON,
        ))  # fmt: skip
    choose_sessions(made[0], {round_id: first}, now=NOON)
    choose_sessions(made[1], {round_id: first}, wait=[round_id], now=NOON)
    withdraw(made[0], now=NOON)

    said = mails()
    assert len(said) >= 4
    assert [told(text) for text in said if told(text)] == []
