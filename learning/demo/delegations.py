"""The delegations of the demo: who some cities sent to past meetings, and whom they will send next."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from learning.attendance.actions import hand_over, register_for
from learning.delegations.models import Delegation, Nomination
from learning.demo.places import domain, read
from learning.kit.codes import printed_code
from learning.kit.db import db, transaction
from learning.organisations.models import Organisation
from learning.people.actions import person_for
from learning.people.models import Contact, Person
from learning.people.rules import fold
from learning.prices.queries import partner_on
from learning.prices.rules import agree, reference_day
from learning.programmes.models import Meeting, Programme
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture

BEFORE_FIRST = timedelta(days=50)  # a city registers so long before the first meeting
BEFORE_EACH = timedelta(days=20)  # and nominates so long before each
SUBSTITUTED = timedelta(days=10)


@transaction()
def load_delegations(community: Programme, cities: dict[str, Organisation], *, now: datetime) -> None:
    """Register eight cities at their price, with their nominations and one substitution, as of those days."""
    picture = current_picture(community.id)
    if picture is None:
        raise RuntimeError("the learning community is not released")
    query = select(Meeting).where(Meeting.programme_id == community.id).order_by(Meeting.position)
    meetings = list(db.session.scalars(query))
    for row in read("delegations"):
        _delegation(picture, meetings, cities[row["city"]], row, now)
    db.session.flush()


def _delegation(
    picture: ProgrammePicture, meetings: list[Meeting], city: Organisation, row: dict[str, Any], now: datetime
) -> None:
    at = _start(meetings[0]) - BEFORE_FIRST
    name, mail = row["contact"]
    delegation = Delegation(
        organiser_id=city.organiser_id,
        programme_id=picture.id,
        organisation_id=city.id,
        contact_id=_contact(city, name, mail, at).id,
        code=printed_code(),
        seats_min=picture.seats_min,
        seats_max=picture.seats_max,
        order_ref=row["order_ref"],
        requested_at=at,
        held_at=at,
        confirmed_at=at,
        **_price(picture, city, at),
    )
    db.session.add(delegation)
    db.session.flush()
    for meeting, sent in zip(meetings, row["meetings"], strict=False):
        nominated = min(_start(meeting) - BEFORE_EACH, now - timedelta(days=2))
        for chair, (name, capacity) in enumerate(sent, start=1):
            person = _person(city, name)
            registration = register_for(
                picture.id,
                person,
                organisation_id=city.id,
                price=None,
                confirmed=True,
                now=nominated,
                meeting_ids=[meeting.id],
            )
            _nominate(delegation, meeting, person, registration.id, capacity, chair, nominated)
    db.session.flush()
    if "substitution" in row:
        _substitute(delegation, meetings[row["substitution"]["meeting"] - 1], city, row["substitution"])


def _substitute(delegation: Delegation, meeting: Meeting, city: Organisation, row: dict[str, Any]) -> None:
    """Somebody else goes, some days before the meeting; both nominations stay."""
    at = _start(meeting) - SUBSTITUTED
    out = select(Nomination).join(Person, Person.id == Nomination.person_id)
    out = out.where(Nomination.delegation_id == delegation.id, Nomination.meeting_id == meeting.id)
    old = db.session.scalars(out.where(Person.name == row["out"])).one()
    name, capacity = row["in"]
    person = _person(city, name)
    new = hand_over(old.registration, person, meeting.id, organisation_id=city.id, now=at)
    old.ended_at, old.end_reason = at, "substituted"
    db.session.flush()
    _nominate(delegation, meeting, person, new.id, capacity, old.chair, at, substitute_for_id=old.id)


def _nominate(
    delegation: Delegation,
    meeting: Meeting,
    person: Person,
    registration_id: int,
    capacity: str,
    chair: int,
    at: datetime,
    substitute_for_id: int | None = None,
) -> None:
    db.session.add(
        Nomination(
            programme_id=delegation.programme_id,
            delegation_id=delegation.id,
            meeting_id=meeting.id,
            person_id=person.id,
            registration_id=registration_id,
            capacity=capacity,
            chair=chair,
            chairs=delegation.seats_max,
            made_at=at,
            accepted_at=at + timedelta(days=1) if chair < 3 else None,  # the third has not answered
            substitute_for_id=substitute_for_id,
        )
    )


def _price(picture: ProgrammePicture, city: Organisation, at: datetime) -> dict[str, Any]:
    """The columns of the price that this city agrees to on that day."""
    agreed = agree(picture, partner=partner_on(city.id, reference_day(picture, at)), now=at)
    if agreed is None:
        raise RuntimeError("the learning community has no price")
    names = (
        "amount",
        "unit",
        "vat_category",
        "vat_rate",
        "vat_ground",
        "reason",
        "reference_on",
        "tariff_id",
    )
    return {f"price_{name}": getattr(agreed, name) for name in (*names, "partnership_id")}


def _contact(city: Organisation, name: str, mail: str, at: datetime) -> Person:
    """The person who speaks for the city."""
    person = person_for(
        city.organiser_id,
        name,
        mail,
        language="nl",
        organisation_id=city.id,
        affiliation=f"Gemeente {city.name}",
    )
    known = select(Contact.id).where(Contact.organisation_id == city.id, Contact.person_id == person.id)
    if db.session.scalar(known) is None:
        ids = {"organiser_id": city.organiser_id, "organisation_id": city.id, "person_id": person.id}
        db.session.add(Contact(**ids, confirmed_at=at))
        db.session.flush()
    return person


def _person(city: Organisation, name: str) -> Person:
    mail = f"{'.'.join(fold(name).split())}@{domain(city.name)}"
    return person_for(
        city.organiser_id,
        name,
        mail,
        language="nl",
        organisation_id=city.id,
        affiliation=f"Gemeente {city.name}",
    )


def _start(meeting: Meeting) -> datetime:
    if meeting.starts_at is None:
        raise RuntimeError("a meeting of the learning community has no day")
    return meeting.starts_at
