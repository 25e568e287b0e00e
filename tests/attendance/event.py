"""A released event with meetings, as the tests of attendance need it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from learning.attendance import actions, queries
from learning.attendance.models import Registration
from learning.kit.db import Model, db, transaction
from learning.organisations.models import Organiser
from learning.prices.models import Tariff
from learning.programmes.models import Meeting, Programme
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture
from tests.make import make_meeting, make_organiser, make_programme, release

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Event:
    """The rows and the picture of it."""

    organiser: Organiser
    programme: Programme
    meetings: list[Meeting]
    picture: ProgrammePicture


def make_event(
    *, capacities: tuple[int | None, ...] = (None,), tariff: Decimal | None = None, **programme: Any
) -> Event:
    """An event with a meeting for each capacity, released; `tariff` is what a person pays."""
    organiser = programme.pop("organiser", None) or make_organiser()
    row = make_programme(organiser, kind="event", **programme)
    meetings = [make_meeting(row, capacity=capacity) for capacity in capacities]
    if tariff is not None:
        add_tariff(row, tariff)
    release(row)
    picture = current_picture(row.id)
    assert picture is not None
    return Event(organiser, row, meetings, picture)


@transaction()
def add_tariff(programme: Programme, amount: Decimal) -> None:
    """A price for each person, VAT 21 %."""
    kind = {"unit": "person", "audience": "everybody", "vat_category": "S", "vat_rate": Decimal(21)}
    db.session.add(Tariff(programme_id=programme.id, amount=amount, **kind))


def register(event: Event, name: str, *, now: datetime = NOON) -> Registration:
    """Somebody registers and has not confirmed yet."""
    person = {"name": name, "mail": f"{name.lower()}@x.example", "language": "nl"}
    actions.register(event.picture, **person, price=None, verified=False, now=now)
    return newest()


def newest() -> Registration:
    """The registration made last."""
    db.session.rollback()
    return db.session.query(Registration).order_by(Registration.id.desc()).limit(1).one()


def expected(registration: Registration) -> set[int]:
    """The meetings at which it is expected."""
    return queries.expected_meetings(registration)


def count(model: type[Model]) -> int:
    """How many rows there are now."""
    db.session.rollback()
    return db.session.query(model).count()
