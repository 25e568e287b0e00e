"""A released learning community in which a city takes part, as the tests of delegations need it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select

from learning.delegations import actions, joining, substituting
from learning.delegations.models import Delegation, Nomination
from learning.kit.db import Model, db
from learning.mail.models import Message
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account, Person
from learning.prices.queries import partner_on
from learning.prices.rules import agree, reference_day
from learning.programmes.models import Meeting, Programme
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture
from tests.make import (
    make_account,
    make_contact,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_tariff,
    release,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = (date(2027, 1, 28), date(2027, 2, 25))
DEADLINE = datetime(2027, 1, 21, 11, tzinfo=UTC)  # of the first meeting; the second has none
BEFORE = datetime(2027, 1, 20, 12, tzinfo=UTC)
AFTER = datetime(2027, 1, 22, 12, tzinfo=UTC)
BEGUN = datetime(2027, 1, 28, 10, tzinfo=UTC)  # 11:00 in Amsterdam: the first meeting begins


@dataclass
class Community:
    """The rows of it; Zutphen is a partner with Carla as confirmed contact, Ede is neither."""

    organiser: Organiser
    programme: Programme
    meetings: list[Meeting]
    zutphen: Organisation
    ede: Organisation
    carla: Account

    @property
    def picture(self) -> ProgrammePicture:
        """What is published."""
        picture = current_picture(self.programme.id)
        assert picture is not None
        return picture


def make_community(
    *,
    organiser: Organiser | None = None,
    capacity: int | None = None,
    days: tuple[date, date] = DAYS,
    closing: datetime | None = DEADLINE,
    city: str = "Zutphen",
    **columns: Any,
) -> Community:
    """Two meetings, two or three seats, 2500 for partners and 3000 for others; names for the first close."""
    organiser = organiser or make_organiser()
    sane = {"by_delegation": True, "seats_min": 2, "seats_max": 3}
    programme = make_programme(organiser, kind="learning_community", **{**sane, **columns})
    meetings = [
        make_meeting(programme, on=on, nominations_close_at=at, capacity=capacity)
        for on, at in zip(days, (closing, None), strict=True)
    ]
    make_tariff(programme, 2500, audience="partner")
    make_tariff(programme, 3000, audience="other")
    zutphen = make_organisation(organiser, city, partner_from=date(2020, 1, 1))
    carla = make_account("carla@zutphen.example", name="Carla")
    make_contact(zutphen, make_person(organiser, "Carla", carla.mail))
    release(programme)
    ede = make_organisation(organiser, "Ede" if city == "Zutphen" else f"Ede bij {city}")
    return Community(organiser, programme, meetings, zutphen, ede, carla)


def register(
    community: Community, city: Organisation, account: Account, *, now: datetime = NOON
) -> Delegation:
    """The city registers at the price that holds for it."""
    price = agree(
        community.picture, partner=partner_on(city.id, reference_day(community.picture, now)), now=now
    )
    return joining.register_delegation(
        community.picture,
        city,
        account=account,
        name=account.name or "Contact",
        price=price,
        language="nl",
        now=now,
    )


def nominate(
    community: Community,
    delegation: Delegation,
    name: str,
    *,
    meeting: int = 0,
    now: datetime = NOON,
    **more: Any,
) -> Nomination:
    """Somebody is sent to a meeting."""
    known = {"name": name, "mail": f"{name.lower()}@x.example", "capacity": "resident"}
    values = {**known, "by": community.carla, "now": now, **more}
    return actions.nominate(delegation, community.meetings[meeting].id, **values)


def substitute(
    community: Community, old: Nomination, name: str, *, now: datetime = NOON, **more: Any
) -> Nomination:
    """Somebody else comes instead."""
    known = {"name": name, "mail": f"{name.lower()}@x.example", "capacity": "institution"}
    return substituting.substitute(old, **{**known, "by": community.carla, "now": now, **more})


def history(delegation: Delegation, meeting: Meeting) -> list[tuple[str, int, str]]:
    """Name, chair and end of every nomination at a meeting, in the order in which they were made."""
    db.session.rollback()
    here = (Nomination.delegation_id == delegation.id, Nomination.meeting_id == meeting.id)
    query = select(Person.name, Nomination.chair, Nomination.end_reason, Nomination.ended_at)
    query = query.join(Nomination, Nomination.person_id == Person.id).where(*here).order_by(Nomination.id)
    return [
        (name, chair, reason if ended else "runs") for name, chair, reason, ended in db.session.execute(query)
    ]


def letters() -> list[tuple[str, str]]:
    """Template and address of every mail about delegations, the oldest first."""
    query = select(Message.template, Message.address).order_by(Message.id)
    found = [(template, address) for template, address in db.session.execute(query)]
    return [(t.removeprefix("delegations/"), a) for t, a in found if t.startswith("delegations/")]


def taken(meeting: Meeting) -> int:
    """How many places of a meeting are taken."""
    return db.session.scalars(select(Meeting.taken).where(Meeting.id == meeting.id)).one()


def count(model: type[Model]) -> int:
    """How many rows."""
    return db.session.scalars(select(func.count()).select_from(model)).one()
