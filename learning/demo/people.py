"""The invented people of the demo: staff, contacts, a
speaker, and three hundred attendees with their choices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import select

from learning.attendance import emails
from learning.attendance.actions import register_for
from learning.attendance.models import Registration
from learning.choices.actions import choose_sessions
from learning.choices.draw.wishes import save_wishes
from learning.demo.places import LEVENDE_STAD, WIJKEN, domain, read
from learning.demo.programmes import DEMO_SPEAKER, EVENT
from learning.kit.db import db, transaction
from learning.mail.delivery import mark_sent
from learning.mail.models import Message
from learning.office.models import Owner
from learning.organisations.models import Organisation, Organiser
from learning.people.actions import account_for, person_for
from learning.people.models import Account, Contact, Person, Staff, StaffProgramme
from learning.people.rules import fold, mail_key
from learning.programmes.models import Programme
from learning.releases.picture import ProgrammePicture, RoundPicture

SEED = 31
ATTENDEES = 300
PARTNER_CITY, OTHER_CITY = "Groningen", "Zutphen"


@dataclass(frozen=True)
class Cast:
    """Somebody through whose eyes the demo is seen.

    The mail address finds them again; an owner has no organiser.
    """

    role: str
    name: str
    mail: str
    organiser: str  # slug
    city: str = ""
    staff_role: str = ""
    only: str = ""  # slug of the one programme to which a colleague is limited


CAST = (
    Cast("owner", "Saar Sleuteldrager", "eigenaar@leerkring.example", ""),
    Cast("staff", "Mila Achterhoek", "staf@wijken.example", WIJKEN, staff_role="admin"),
    Cast("staff", "Bram Oeverland", "staf@levendestad.example", LEVENDE_STAD, staff_role="admin"),
    Cast("finance", "Ineke Boekweit", "financien@wijken.example", WIJKEN, staff_role="finance"),
    Cast("editor", "Fenna Moerbeek", "redactie@wijken.example", WIJKEN, staff_role="editor", only=EVENT),
    Cast("reader", "Otto Hazelaar", "meelezer@wijken.example", WIJKEN, staff_role="reader"),
    Cast("contact", "Wietske Noorderlicht", "contact@groningen.example", WIJKEN, city=PARTNER_CITY),
    Cast("contact", "Gijs Hanzeland", "contact@zutphen.example", WIJKEN, city=OTHER_CITY),
    Cast("attendee", "Yara Zonneveer", "yara@deelnemers.example", WIJKEN),
    Cast("attendee", "Joost van der Klinker", "joost@deelnemers.example", WIJKEN),
    Cast("speaker", DEMO_SPEAKER, "spreker@wijken.example", WIJKEN),
)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the demo with an account, as they are in the database."""

    role: str
    name: str
    organiser: str | None  # none for who owns the installation
    organisation: str | None
    account_id: int
    registration_id: int | None


def people() -> list[DemoPerson]:
    """The people of the demo who can sign in, in a fixed order; nobody before it is loaded."""
    keys = [mail_key(cast.mail) for cast in CAST]
    accounts = {
        account.mail_key: account
        for account in db.session.scalars(select(Account).where(Account.mail_key.in_(keys)))
    }
    organisers = {organiser.slug: organiser for organiser in db.session.scalars(select(Organiser))}
    query = (
        select(Person.mail_key, Registration.id)
        .join(Registration, Registration.person_id == Person.id)
        .join(Programme, Programme.id == Registration.programme_id)
        .where(Person.mail_key.in_(keys), Registration.ended_at.is_(None), Programme.slug == EVENT)
    )
    registrations = {row.mail_key: row.id for row in db.session.execute(query)}
    return [
        DemoPerson(
            cast.role,
            cast.name,
            organisers[cast.organiser].name if cast.organiser else None,
            cast.city or None,
            accounts[mail_key(cast.mail)].id,
            registrations.get(mail_key(cast.mail)),
        )
        for cast in CAST
        if mail_key(cast.mail) in accounts
    ]


@transaction()
def load_cast(
    organisers: dict[str, Organiser], cities: dict[str, Organisation], now: datetime
) -> dict[str, Person]:
    """Accounts for everybody in the cast, and persons for
    who is not staff; gives the persons by mail address.
    """
    persons = {}
    for cast in CAST:
        account = account_for(cast.mail, now=now)
        account.name = cast.name
        if cast.role == "owner":
            db.session.add(Owner(account_id=account.id, made_at=now))
            continue
        organiser = organisers[cast.organiser]
        if cast.staff_role:
            limited = bool(cast.only)  # to what is made after them
            db.session.add(
                Staff(organiser_id=organiser.id, account_id=account.id, role=cast.staff_role, limited=limited)
            )
            continue
        city = cities.get(cast.city)
        persons[cast.mail] = person = person_for(
            organiser.id,
            cast.name,
            cast.mail,
            language="nl",
            organisation_id=city.id if city else None,
            affiliation=f"Gemeente {city.name}" if city else "",
        )
        if city:
            ids = {"organiser_id": organiser.id, "organisation_id": city.id, "person_id": person.id}
            db.session.add(Contact(**ids, confirmed_at=now))
    db.session.flush()
    return persons


@transaction()
def limit_cast() -> None:
    """Who of the cast works for one programme gets that one."""
    for cast in CAST:
        if cast.only:
            staff = db.session.scalars(
                select(Staff).join(Staff.account).where(Account.mail_key == mail_key(cast.mail))
            ).one()
            programme = db.session.scalars(select(Programme).where(Programme.slug == cast.only)).one()
            ids = {"organiser_id": staff.organiser_id, "staff_id": staff.id, "programme_id": programme.id}
            db.session.add(StaffProgramme(**ids))


@dataclass(frozen=True)
class Invented:
    """An attendee who does not exist."""

    name: str
    mail: str
    affiliation: str
    city: str = ""


def invented(count: int) -> list[Invented]:
    """So many attendees, always the same ones."""
    random = Random(SEED)
    names = read("names")
    cities = [city["name"] for city in read("cities")]
    found: dict[str, Invented] = {}
    while len(found) < count:
        name = f"{random.choice(names['first'])} {random.choice(names['last'])}"
        city = random.choice(cities) if random.random() < 0.5 else ""
        affiliation = f"Gemeente {city}" if city else random.choice(names["affiliations"])
        local = ".".join(fold(name).replace("'", "").split())
        found.setdefault(name, Invented(name, f"{local}@{domain(city or affiliation)}", affiliation, city))
    return list(found.values())


@transaction()
def load_attendees(
    picture: ProgrammePicture,
    organiser: Organiser,
    cities: dict[str, Organisation],
    who: Sequence[Invented],
    random: Random,
    now: datetime,
) -> None:
    """Register these attendees and let most of them choose. What would be mailed counts as sent."""
    for attendee in who:
        city = cities.get(attendee.city)
        city_id = city.id if city else None
        person = person_for(
            organiser.id,
            attendee.name,
            attendee.mail,
            language="nl",
            organisation_id=city_id,
            affiliation=attendee.affiliation,
        )
        registration = _register(picture, person, city_id, now)
        wanted = wanted_sessions(picture, random)
        _choose(registration, wanted, waiting={id for id in wanted if random.random() < 0.5}, now=now)
    count_as_sent(now)


@transaction()
def load_wishes(
    picture: ProgrammePicture, organiser: Organiser, who: Sequence[Invented], random: Random, now: datetime
) -> None:
    """Register these people for a programme by draw and let
    most of them name wishes: the first sessions most of all.
    """
    for attendee in who:
        person = person_for(
            organiser.id, attendee.name, attendee.mail, language="nl", affiliation=attendee.affiliation
        )
        registration = _register(picture, person, None, now)
        if random.random() < 0.1:
            continue  # says nothing: any session is fine
        wishes: dict[int, list[int]] = {}
        for round in picture.rounds:
            ids = [session.id for session in round.sessions]
            weighed = sorted(
                ids, key=lambda id: random.random() ** (1 / (len(ids) - ids.index(id)) ** 2), reverse=True
            )
            wishes[round.id] = weighed[: random.choice((3, 4, 5))]
        save_wishes(registration, wishes, vetoes={}, skipped=(), now=now)
    count_as_sent(now)


@transaction()
def load_attendee_of_cast(
    picture: ProgrammePicture, person: Person, wanted: dict[int, int], *, now: datetime
) -> Registration:
    """Register somebody of the cast with these sessions by
    round, waiting where one is full; their mail is sent.
    """
    registration = _register(picture, person, None, now)
    emails.confirmed(registration, picture, now=now)
    _choose(registration, wanted, waiting=set(wanted), now=now)
    return registration


def most_popular(picture: ProgrammePicture) -> dict[int, int]:
    """The session of each round that is sure to be full: the one with the fewest chairs."""
    return {
        round.id: min(round.sessions, key=lambda session: (session.capacity is None, session.capacity)).id
        for round in picture.rounds
    }


def _register(picture: ProgrammePicture, person: Person, city_id: int | None, now: datetime) -> Registration:
    """A registration that counts, expected at every meeting."""
    return register_for(
        picture.id,
        person,
        organisation_id=city_id,
        price=None,
        confirmed=True,
        now=now,
        meeting_ids=[meeting.id for meeting in picture.meetings],
    )


def wanted_sessions(picture: ProgrammePicture, random: Random, chance: float = 0.9) -> dict[int, int]:
    """A session for most rounds, the popular ones more often, and never the same workshop twice."""
    wanted: dict[int, int] = {}
    workshops: set[int] = set()
    for round in picture.rounds:
        weights = _weights(round, workshops)
        session_id = random.choices(list(weights), list(weights.values()))[0]
        if random.random() < chance:
            wanted[round.id] = session_id
            workshops.add(picture.sessions[session_id].workshop_id)
    return wanted


def _weights(round: RoundPicture, not_again: set[int]) -> dict[int, int]:
    draws = [row["draw"] for row in read("sessions") if row["round"] == round.number]
    return {
        session.id: draw
        for session, draw in zip(round.sessions, draws, strict=True)
        if session.workshop_id not in not_again
    }


def _choose(registration: Registration, wanted: dict[int, int], *, waiting: set[int], now: datetime) -> None:
    if wanted:
        choose_sessions(registration, wanted, wait=waiting, now=now)


def count_as_sent(now: datetime) -> None:
    """Leave no mail to be sent to those who do not exist,
    and none of their secret links; only the cast gets mail.
    """
    keep = [cast.mail for cast in CAST]
    waiting = (
        select(Message.id).where(Message.sent_at.is_(None), Message.address.not_in(keep)).order_by(Message.id)
    )
    for id in db.session.scalars(waiting).all():
        mark_sent(id, text="", now=now)
