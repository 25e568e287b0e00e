"""Builders with sane defaults; each is a transaction of its own."""

import itertools
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import delete

from learning.attendance.actions import register_for
from learning.attendance.models import Registration
from learning.attendance.queries import meeting_ids
from learning.delegations.models import Delegation
from learning.kit.clock import to_utc
from learning.kit.codes import token_hash
from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.mail.actions import queue
from learning.mail.models import Message
from learning.office.models import Owner
from learning.organisations.models import Organisation, Organiser, Partnership
from learning.organisations.rules import search_key
from learning.people import sign_ins
from learning.people.actions import account_for, person_for
from learning.people.models import Account, Contact, Person, SignIn, Staff
from learning.people.rules import fold
from learning.people.rules import sort_key as sorted_name
from learning.prices.models import Tariff
from learning.programmes.models import (
    AgendaItem,
    Meeting,
    Part,
    Programme,
    Room,
    Round,
    Session,
    Speaker,
    Theme,
    Venue,
    Workshop,
)
from learning.releases.actions import release_programme
from learning.releases.models import Release
from learning.releases.queries import current_picture

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2027, 1, 28)
_numbers = itertools.count(1)


@transaction()
def make_organiser(slug: str = "", **columns: Any) -> Organiser:
    """An organiser that can send an invoice."""
    n = next(_numbers)
    sane = {
        "slug": slug or f"organiser-{n}",
        "name": f"Kring {n}",
        "plate": "KR",
        "brand_colour": "#174a7c",
        "accent_colour": "#f28c00",
        "network": Wording("het netwerk", "the network"),
        "mail": f"kring{n}@organiser.example",
        "legal_name": f"Stichting Kring {n}",
        "street": "Kringweg 1",
        "postcode": "1234 AB",
        "city": "Utrecht",
        "kvk": "12345678",
        "vat_id": "NL123456782B90",
        "iban": "NL91ABNA0417164300",
        "vat_category": "S",
    }
    return _added(Organiser(**{**sane, **columns}))


@transaction()
def make_organisation(
    organiser: Organiser,
    name: str = "Zutphen",
    *,
    partner_from: date | None = None,
    partner_level: str = "",
    **columns: Any,
) -> Organisation:
    """A city with a billing address; partner of the network from a day on when given."""
    sane = {
        "sort_key": fold(name),
        "search_key": search_key(name),
        "legal_name": f"Gemeente {name}",
        "street": "Markt 1",
        "postcode": "1234 AB",
        "city": name,
        "finance_mail": f"facturen@{fold(name).replace(' ', '-')}.example",
    }
    city = _added(Organisation(organiser_id=organiser.id, name=name, **{**sane, **columns}))
    if partner_from is not None:
        _added(
            Partnership(
                organiser_id=organiser.id, organisation_id=city.id, from_on=partner_from, level=partner_level
            )
        )
    return city


@transaction()
def make_account(mail: str = "ann@x.example", **columns: Any) -> Account:
    """An account that can sign in."""
    account = account_for(mail, now=NOON)
    for name, value in columns.items():
        setattr(account, name, value)
    return account


def make_sign_in(account: Account, browser: str = "one") -> str:
    """What the session cookie of an account holds that is
    signed in, also when months go by; each browser has its own.
    """
    token, now = f"{account.id}-{browser}", datetime(2100, 1, 1, tzinfo=UTC)
    if sign_ins.by_token(token, now=now) is None:
        _sign_in(account, token, now)
    return token


@transaction()
def _sign_in(account: Account, token: str, now: datetime) -> None:
    db.session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))
    sign_ins.start(
        account, sign_ins.Door(token, by_link=False, user_agent="", network=None, instead=None, now=now)
    )


def enter(client: FlaskClient, account: Account, browser: str = "one") -> FlaskClient:
    """Sign an account in on this browser, as its session cookie does."""
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = make_sign_in(account, browser), True
    return client


@transaction()
def make_owner(mail: str = "owner@x.example") -> Owner:
    """The account owns the installation."""
    return _added(Owner(account_id=account_for(mail, now=NOON).id, made_at=NOON))


@transaction()
def make_staff(organiser: Organiser, account: Account, role: str = "admin") -> Staff:
    """The account works for the organiser, and was at the desk a moment ago, also when months go by."""
    seen = datetime(2100, 1, 1, tzinfo=UTC)
    return _added(Staff(organiser_id=organiser.id, account_id=account.id, role=role, seen_at=seen))


@transaction()
def make_person(organiser: Organiser, name: str = "Ann", mail: str = "", **columns: Any) -> Person:
    """Somebody whom the organiser knows."""
    return person_for(
        organiser.id, name, mail or f"{fold(name).replace(' ', '.')}@x.example", language="nl", **columns
    )


@transaction()
def make_contact(organisation: Organisation, person: Person, *, confirmed: bool = True) -> Contact:
    """The person speaks for the organisation."""
    ids = {
        "organiser_id": organisation.organiser_id,
        "organisation_id": organisation.id,
        "person_id": person.id,
    }
    return _added(Contact(**ids, confirmed_at=NOON if confirmed else None))


@transaction()
def make_programme(organiser: Organiser | None = None, *, kind: str = "event", **columns: Any) -> Programme:
    """A programme that is not released yet."""
    n = next(_numbers)
    sane = {"slug": f"programme-{n}", "title": Wording(f"Programma {n}", f"Programme {n}")}
    organiser = organiser or make_organiser()
    return _added(Programme(organiser_id=organiser.id, kind=kind, **{**sane, **columns}))


@transaction()
def make_venue(organiser: Organiser, city: str = "Zutphen", **columns: Any) -> Venue:
    """A place for meetings."""
    return _added(Venue(organiser_id=organiser.id, **{"name": f"Huis van {city}", "city": city, **columns}))


@transaction()
def make_room(venue: Venue, name: str = "Zaal 1", **columns: Any) -> Room:
    """A room of it."""
    return _added(Room(organiser_id=venue.organiser_id, venue_id=venue.id, name=name, **columns))


@transaction()
def make_meeting(programme: Programme, *, on: date | None = DAY, **columns: Any) -> Meeting:
    """A meeting from 11:00 to 16:30."""
    n = next(_numbers)
    position = 1 + db.session.query(Meeting).filter_by(programme_id=programme.id).count()
    sane: dict[str, Any] = {"uid": f"meeting-{n}", "position": position, "title": Wording(f"Bijeenkomst {n}")}
    sane |= {"start": "11:00", "end": "16:30"}
    values = {**sane, **columns}
    for name in ("start", "end"):
        if on is not None and values[name]:
            values[f"{name}s_at"] = to_utc(on, time.fromisoformat(values[name])).astimezone(UTC)
    return _added(Meeting(organiser_id=programme.organiser_id, programme_id=programme.id, on=on, **values))


@transaction()
def make_agenda_item(
    meeting: Meeting, start: str = "", *, kind: str = "plenary", **columns: Any
) -> AgendaItem:
    """A block of a meeting, after the others."""
    n = next(_numbers)
    position = 1 + db.session.query(AgendaItem).filter_by(meeting_id=meeting.id).count()
    sane = {"uid": f"item-{n}", "position": position, "start": start, "title": Wording(f"Onderdeel {n}")}
    return _added(AgendaItem(meeting_id=meeting.id, kind=kind, **{**sane, **columns}))


@transaction()
def make_round(meeting: Meeting, *, start: str = "", end: str = "", **columns: Any) -> Round:
    """A round of a meeting with its block in the agenda; the first is at 14:00, the next an hour later."""
    number = 1 + db.session.query(Round).filter_by(programme_id=meeting.programme_id).count()
    sane = {"number": number, "title": Wording(f"Ronde {number}", f"Round {number}")}
    round = _added(Round(programme_id=meeting.programme_id, meeting_id=meeting.id, **{**sane, **columns}))
    make_agenda_item(
        meeting, start or f"{13 + number}:00", end=end, kind="round", title=round.title, round_id=round.id
    )
    return round


@transaction()
def make_workshop(programme_id: int, title: str = "", **columns: Any) -> Workshop:
    """The content of sessions."""
    n = next(_numbers)
    sane = {"key": f"workshop-{n}", "title": Wording(title or f"Workshop {n}")}
    return _added(Workshop(programme_id=programme_id, **{**sane, **columns}))


@transaction()
def make_session(
    round: Round,
    *,
    capacity: int | None = None,
    workshop: Workshop | None = None,
    title: str = "",
    **columns: Any,
) -> Session:
    """A session in the round, of a workshop of its own unless given."""
    n = next(_numbers)
    number = 1 + db.session.query(Session).filter_by(round_id=round.id).count()
    workshop = workshop or make_workshop(round.programme_id, title)
    ids = {"programme_id": round.programme_id, "round_id": round.id, "workshop_id": workshop.id}
    return _added(Session(**ids, **{"uid": f"session-{n}", "number": number, **columns}, capacity=capacity))


@transaction()
def make_unplaced(programme: Programme, title: str = "", **columns: Any) -> Session:
    """A session that has no place yet."""
    n = next(_numbers)
    workshop = make_workshop(programme.id, title, theme_id=columns.pop("theme_id", None))
    return _added(Session(programme_id=programme.id, uid=f"session-{n}", workshop_id=workshop.id, **columns))


@transaction()
def make_theme(organiser: Organiser, key: str = "veiligheid", **columns: Any) -> Theme:
    """A theme of the organiser."""
    sane = {"name": Wording(key.capitalize()), "glyph": key}
    return _added(Theme(organiser_id=organiser.id, key=key, **{**sane, **columns}))


@transaction()
def make_speaker(
    organiser: Organiser, name: str = "Jos van der Lans", *, person: Person | None = None, **columns: Any
) -> Speaker:
    """A public profile; with a person it can be placed as host."""
    sane = {
        "slug": fold(name).replace(" ", "-").replace("'", ""),
        "name": name,
        "sort_key": sorted_name(name),
    }
    return _added(
        Speaker(organiser_id=organiser.id, person_id=person.id if person else None, **{**sane, **columns})
    )


@transaction()
def make_part(
    place: Session | AgendaItem, speaker: Speaker | None = None, *, role: str = "session_host", **columns: Any
) -> Part:
    """The speaker, or the organisation named as affiliation, takes part."""
    where = {"session_id": place.id} if isinstance(place, Session) else {"agenda_item_id": place.id}
    return _added(
        Part(**where, speaker_id=speaker.id if speaker else None, role=role, **{"position": 1, **columns})
    )


@transaction()
def make_tariff(programme: Programme, amount: Decimal | int, **columns: Any) -> Tariff:
    """A price for each organisation, for everybody, with 21 % VAT."""
    sane = {"unit": "organisation", "audience": "everybody", "vat_category": "S", "vat_rate": Decimal(21)}
    return _added(Tariff(programme_id=programme.id, amount=Decimal(amount), **{**sane, **columns}))


@transaction()
def release(programme: Programme, *, now: datetime = NOON, name: str = "1") -> Release:
    """Show the programme as it stands to everybody."""
    return release_programme(programme, name=name, now=now)


@transaction()
def make_registration(
    programme: Programme,
    name: str = "Ann",
    mail: str = "",
    *,
    now: datetime = NOON,
    organisation_id: int | None = None,
    confirmed: bool = True,
) -> Registration:
    """Somebody takes part in a released programme, at all its meetings."""
    organiser = db.session.get_one(Organiser, programme.organiser_id)
    person = make_person(organiser, name, mail)
    picture = current_picture(programme.id)
    return register_for(
        programme.id,
        person,
        organisation_id=organisation_id,
        price=None,
        confirmed=confirmed,
        now=now,
        meeting_ids=meeting_ids(picture) if picture and not programme.by_delegation else (),
    )


@transaction()
def make_event(
    organiser: Organiser | None = None,
    *,
    capacities: tuple[tuple[int | None, ...], ...] = ((1, 2), (1, 2)),
    **columns: Any,
) -> Programme:
    """A released event of one meeting with a round for each group of capacities."""
    programme = make_programme(organiser, **columns)
    meeting = make_meeting(programme)
    for group in capacities:
        round = make_round(meeting)
        for capacity in group:
            make_session(round, capacity=capacity)
    release(programme)
    return programme


def _added(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


@transaction()
def make_delegation(
    programme: Programme,
    organisation: Organisation,
    contact: Person,
    *,
    price: Decimal | None = None,
    **columns: Any,
) -> Delegation:
    """A confirmed delegation, with a price of its own in which 21 % VAT is still to be added."""
    n = next(_numbers)
    sane: dict[str, Any] = {
        "code": f"DEL-{n}",
        "seats_min": 2,
        "seats_max": 3,
        "requested_at": NOON,
        "confirmed_at": NOON,
    }
    sane |= {"order_ref": "4500-1", "held_at": NOON}
    if price is not None:
        sane |= {"price_amount": price, "price_unit": "organisation", "price_vat_category": "S"}
        sane |= {"price_vat_rate": Decimal(21), "price_reason": "the price for everybody"}
    ids = {"organiser_id": programme.organiser_id, "programme_id": programme.id}
    ids |= {"organisation_id": organisation.id, "contact_id": contact.id}
    return _added(Delegation(**ids, **{**sane, **columns}))


def make_mail(to: str = "a@x.example", once: str = "once") -> Message:
    """A mail in the outbox."""
    values = {"sign_in_url": "https://x.example/"}
    return queue(
        "people/sign_in_link",
        to=to,
        name="Ann",
        language="nl",
        values=values,
        once=once,
        organiser_id=None,
        now=NOON,
    )
