"""Organisers, cities with their partnerships, venues and
themes of the demo; every number is made up but well-formed.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.organisations.models import Organisation, OrganisationAlias, Organiser, Partnership
from learning.organisations.rules import search_key
from learning.people.rules import fold
from learning.programmes.models import Room, Theme, Venue

DATA = Path(__file__).parent / "data"
WIJKEN, LEVENDE_STAD, SMART = "platform31", "levende-stad", "smart-cities"

ORGANISERS: tuple[dict[str, Any], ...] = (
    {
        "slug": WIJKEN,
        "name": "Platform31 (demo)",
        "plate": "31",
        "brand_colour": "#123f8f",
        "accent_colour": "#b8431c",
        "network": Wording("Platform31", "Platform31"),
        "mail": "info@wijken.example",
        "legal_name": "Leerkring Demo Stichting Wijken",
        "city": "Voorbeeldstad",
    },
    {
        "slug": LEVENDE_STAD,
        "name": "CROW Levende Stad (demo)",
        "plate": "LS",
        "brand_colour": "#0b5d4e",
        "accent_colour": "#f2b705",
        "network": Wording("CROW Levende Stad", "CROW Levende Stad"),
        "mail": "info@levendestad.example",
        "legal_name": "Leerkring Demo Stichting Openbare Ruimte",
        "city": "Voorbeeldstad",
    },
    {
        "slug": SMART,
        "name": "Opleiding Smart Cities (demo)",
        "plate": "SC",
        "brand_colour": "#5a2a6e",
        "accent_colour": "#00a1e4",
        "network": Wording(),
        "mail": "info@smartcities.example",
        "legal_name": "Leerkring Demo Opleidingen B.V.",
        "city": "Voorbeeldstad",
    },
)
THEMES = (
    ("zeg", "Participatie en zeggenschap", "Participation and a say"),
    ("vei", "Veiligheid", "Safety"),
    ("ene", "Energie en verduurzaming", "Energy and sustainability"),
    ("soc", "Sociaal domein", "Social domain"),
    ("won", "Wonen en vastgoed", "Housing and property"),
    ("eco", "Economie en commons", "Economy and commons"),
    ("org", "Organisatie van wijkgericht werken", "Organising work in neighbourhoods"),
    ("ler", "Leeragenda", "Learning agenda"),
)
VENUES = (
    ("Groningen", "Wijkhuis De Proeftuin", "Voorbeeldsingel 12", "9700 AA",
    "Tien minuten lopen van het " "station. De zaal is gelijkvloers."),
    ("Rotterdam", "Buurtzaal De Kade", "Voorbeeldkade 31", "3000 AA",
    "Tram en metro stoppen om " "de hoek. Er is een lift."),
    ("Zaanstad", "Dorpshuis De Zaagmolen", "Voorbeeldpad 7", "1500 AA",
    "Met de bus vanaf het station. " "De ingang is zonder drempel."),
    ("Arnhem", "Ontmoetingscentrum De Stip", "Voorbeeldweg 44", "6800 AA",
    "Fietsen kunnen binnen staan. " "De zaal is gelijkvloers."),
    ("'s-Gravenhage", "Stadsatelier De Vide", "Voorbeeldplein 2", "2500 AA",
    "Vijf minuten lopen van het " "station. Er is een lift."),
)  # fmt: skip
ROOMS = (("Grote zaal", 80), ("Werkplaats", 24))


def read(name: str) -> Any:
    """What a data file of the demo holds."""
    return json.loads((DATA / f"{name}.json").read_text("utf8"))


@dataclass(frozen=True)
class Numbers:
    """The numbers of a body that does not exist: they pass every check and belong to nobody."""

    kvk: str
    rsin: str
    vat_id: str
    oin: str
    iban: str


def numbers(n: int) -> Numbers:
    """The made-up numbers of the n-th body."""
    kvk, rsin = f"{n:08}", _rsin(n)
    return Numbers(kvk, rsin, f"NL{rsin}B01", f"00000003{kvk}0000", _iban(n))


def _rsin(n: int) -> str:
    """Nine digits of which nine times the first, eight times
    the second … minus the last is a multiple of 11.
    """
    for digits in (f"0099{n:03}{extra}" for extra in range(10)):
        check = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 1, -1), strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"
    raise ValueError(n)


def _iban(n: int) -> str:
    account = f"LEER{n:010}"
    value = int("".join(str(int(character, 36)) for character in f"{account}NL00"))
    return f"NL{98 - value % 97:02}{account}"


@transaction()
def load_organisers(now: datetime) -> dict[str, Organiser]:
    """The three organisers, by slug; they have begun already."""
    organisers = {}
    for n, columns in enumerate(ORGANISERS, start=1):
        known = numbers(n)
        seller = {
            "street": f"Voorbeeldstraat {n}",
            "postcode": "1234 AB",
            "kvk": known.kvk,
            "vat_id": known.vat_id,
        }
        organisers[columns["slug"]] = Organiser(
            **columns, **seller, iban=known.iban, vat_category="S", settled_at=now
        )
    db.session.add_all(organisers.values())
    db.session.flush()
    return organisers


@transaction()
def load_cities(organisers: dict[str, Organiser], today: date) -> dict[str, Organisation]:
    """Twenty cities, as the two networks know them; gives those of the first network by name."""
    mine = _cities(organisers[WIJKEN], "partner", today)
    _cities(organisers[LEVENDE_STAD], "levende_stad", today)
    return mine


def _cities(organiser: Organiser, network: str, today: date) -> dict[str, Organisation]:
    cities = {}
    for n, city in enumerate(read("cities"), start=101):
        organisation = _city(organiser, city, numbers(n))
        db.session.add(organisation)
        db.session.flush()
        for name in city.get("aliases", ()):
            ids = {"organiser_id": organiser.id, "organisation_id": organisation.id}
            db.session.add(OrganisationAlias(**ids, name=name, search_key=search_key(name)))
        if city[network]:
            db.session.add(_partnership(organisation, city[network], today))
        cities[city["name"]] = organisation
    db.session.flush()
    return cities


def _city(organiser: Organiser, city: dict[str, Any], known: Numbers) -> Organisation:
    name = city["name"]
    return Organisation(
        organiser_id=organiser.id,
        name=name,
        municipality_code=city["code"],
        sort_key=fold(name).removeprefix("'s-"),
        search_key=search_key(name),
        kvk=known.kvk,
        oin=known.oin,
        legal_name=f"Gemeente {name} (demo)",
        street="Voorbeeldplein 1",
        postcode="1234 AB",
        city=name.partition(" (")[0],
        finance_mail=f"facturen@{domain(name)}",
        mail_domains=[domain(name)],
    )


def domain(city: str) -> str:
    """The mail domain of a city in the demo, which exists nowhere."""
    bare = fold(city.partition(" (")[0]).removeprefix("'s-")
    return "".join(c for c in bare if c.isalnum()) + ".example"


def _partnership(city: Organisation, state: str, today: date) -> Partnership:
    """One that holds, one that ended last year, or one that starts next year."""
    from_on, until_on = {
        "now": (date(today.year - 2, 1, 1), None),
        "ended": (date(today.year - 4, 1, 1), date(today.year - 1, 12, 31)),
        "later": (date(today.year + 1, 1, 1), None),
    }[state]
    ids = {"organiser_id": city.organiser_id, "organisation_id": city.id}
    return Partnership(**ids, from_on=from_on, until_on=until_on)


@transaction()
def load_themes(organiser: Organiser) -> dict[str, Theme]:
    """The eight themes, by key."""
    themes = {
        key: Theme(organiser_id=organiser.id, key=key, name=Wording(nl, en), glyph=key)
        for key, nl, en in THEMES
    }
    db.session.add_all(themes.values())
    db.session.flush()
    return themes


@transaction()
def load_venues(organiser: Organiser) -> dict[str, Venue]:
    """A venue with rooms in each of five cities, by city."""
    venues = {}
    for city, name, street, postcode, access in VENUES:
        venue = Venue(
            organiser_id=organiser.id,
            name=f"{name} (verzonnen)",
            street=street,
            postcode=postcode,
            city=city,
            access=Wording(access),
        )
        db.session.add(venue)
        db.session.flush()
        venues[city] = venue
        for room, capacity in ROOMS:
            db.session.add(Room(organiser_id=organiser.id, venue_id=venue.id, name=room, capacity=capacity))
    db.session.flush()
    return venues


@transaction()
def load_online_rooms(organiser: Organiser, count: int) -> list[Room]:
    """The rooms of a studio that is only reached online; how many people fit is not known."""
    studio = Venue(organiser_id=organiser.id, name="Online studio (verzonnen)")
    db.session.add(studio)
    db.session.flush()
    ids = {"organiser_id": organiser.id, "venue_id": studio.id}
    rooms = [Room(**ids, name=f"Online zaal {n}") for n in range(1, count + 1)]
    db.session.add_all(rooms)
    db.session.flush()
    return rooms
