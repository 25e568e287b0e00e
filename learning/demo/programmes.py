"""The programmes of the demo: an event, a learning community, a network meeting and a training."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from learning.demo.places import read
from learning.demo.texts import (
    ATELIERS,
    COMMUNITY_CONDITIONS,
    COMMUNITY_MEETINGS,
    COMMUNITY_QUESTIONS,
    COMMUNITY_TEXT,
    EVENT_TEXT,
    MODULE_GOALS,
    MODULE_TEXT,
    NETWORK_AGENDA,
    NETWORK_TEXT,
    PARTIES,
)
from learning.kit.clock import to_utc
from learning.kit.db import db, transaction
from learning.kit.markdown import render
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.people.models import Person
from learning.people.rules import fold, sort_key
from learning.prices.models import PriceCode, Tariff
from learning.programmes.models import (
    AgendaItem,
    Conditions,
    Meeting,
    Module,
    Part,
    Programme,
    ProgrammeParty,
    Room,
    Round,
    Session,
    Speaker,
    Theme,
    Venue,
    Workshop,
)
from learning.releases.actions import release_programme

EVENT, COMMUNITY, NETWORK, TRAINING, BY_DRAW = (
    "dag-van-de-buurt",
    "vitale-wijken",
    "digitaal-samenwerken-aan-de-wijk",
    "smart-cities-smart-citizens",
    "proefmiddag-loting",
)
DEMO_SPEAKER = "Sanne Grachtenhuis"
THURSDAY = 3


def event_day(today: date) -> date:
    """The Thursday nearest 28 January that is at least three weeks away."""
    for year in range(today.year, today.year + 3):
        about = date(year, 1, 28)
        day = min(
            (about + timedelta(days=n) for n in range(-3, 4)), key=lambda day: abs(day.weekday() - THURSDAY)
        )
        if day >= today + timedelta(weeks=3):
            return day
    raise ValueError(today)


def community_days(today: date) -> list[date]:
    """Five working days around today: two past, one in about three weeks, two later."""
    return [_working_day(today + timedelta(days=days)) for days in (-70, -28, 21, 56, 91)]


def _working_day(day: date) -> date:
    while day.weekday() > 4 or (day.month, day.day) in {(1, 1), (12, 25), (12, 26), (4, 27)}:
        day += timedelta(days=1)
    return day


@transaction()
def load_event(
    organiser: Organiser,
    themes: dict[str, Theme],
    rooms: list[Room],
    speaker: Person,
    today: date,
    now: datetime,
) -> Programme:
    """The Dag van de Buurt: 26 sessions of 23 workshops in two rounds, released.

    `speaker` hosts one of them too.
    """
    day = event_day(today)
    programme = _programme(
        organiser,
        EVENT,
        "event",
        title=Wording("Dag van de Buurt"),
        summary=Wording(
            "Waarom verdient de buurt alle aandacht, en hoe pak je dat aan? Een middag vanuit de studio, "
            "met 26 sessies in twee rondes.",
            "Why does the neighbourhood deserve all our attention, "
            "and how do you go about it? An afternoon from "
            "the studio, with 26 sessions in two rounds.",
        ),
        text=EVENT_TEXT,
        note=Wording(
            "De echte Dag van de Buurt was op donderdag 28 januari "
            "2021. Deze demo verplaatst hem naar het komende "
            "seizoen; aantallen plaatsen, deelnemers en één begeleider zijn verzonnen.",
            "The real Dag van de Buurt took place on Thursday "
            "28 January 2021. This demo moves it to the coming "
            "season; numbers of places, participants and one host are made up.",
        ),
        target_groups=[
            "actieve bewoners",
            "wethouders",
            "woningcorporaties",
            "welzijnsprofessionals",
            "ambtenaren",
        ],
        choosing_closes_at=to_utc(day - timedelta(days=1), time(17)),
    )
    for position, (name, role) in enumerate(PARTIES, start=1):
        db.session.add(ProgrammeParty(programme_id=programme.id, position=position, name=name, role=role))
    meeting = _meeting(
        programme,
        1,
        on=day,
        start="13:00",
        title=Wording("Dag van de Buurt"),
        online=True,
        join_url="https://live.wijken.example/studio",
    )
    stage = read("stage")
    people = Speakers(organiser, stage, speaker)
    rounds = [_round(meeting, number) for number in (1, 2)]
    _stage(meeting, rounds, stage, people)
    _sessions(programme, rounds, themes, rooms, people)
    return _released(programme, "Eerste versie van de demo", now)


@transaction()
def load_community(organiser: Organiser, venues: dict[str, Venue], today: date, now: datetime) -> Programme:
    """The learning community with five meetings in five cities, released two months before the first."""
    programme = _programme(
        organiser,
        COMMUNITY,
        "learning_community",
        title=Wording("Gebiedsgericht werken aan vitale wijken"),
        summary=Wording(
            "Hoe kunnen steden hun wijken vitaal maken én houden? Steden zoeken het samen uit in vijf "
            "bijeenkomsten, met twee of drie deelnemers per stad.",
            "How can cities make their neighbourhoods vital "
            "and keep them so? Cities find out together in five "
            "meetings, with two or three participants per city.",
        ),
        text=COMMUNITY_TEXT,
        note=Wording(
            "De echte learning community liep van 11 december tot "
            "en met 18 april, van 11.00 tot 16.30 uur. De demo "
            "heeft vijf bijeenkomsten rond de dag van laden. "
            "De bron zegt niets over btw; de demo rekent 21%.",
            "The real learning community ran from 11 December "
            "to 18 April, from 11:00 to 16:30. The demo has five "
            "meetings around the day of loading. The source says nothing about VAT; the demo charges 21%.",
        ),
        target_groups=["gemeenten en hun partners", "woningcorporaties", "maatschappelijke instellingen"],
        questions=list(COMMUNITY_QUESTIONS),
        by_delegation=True,
        wished_mix=["beleidsmedewerker", "woningcorporatie", "bewoner"],
        seats_min=2,
        seats_max=3,
        delegations_max=20,
        seats_go_on=True,
        substitutes_approved=True,
        conditions=COMMUNITY_CONDITIONS,
        conditions_version=1,
    )
    db.session.add(Conditions(programme_id=programme.id, version=1, text=COMMUNITY_CONDITIONS, made_at=now))
    db.session.add(
        PriceCode(programme_id=programme.id, code="KENNISMAKEN", percent=10, most=3, note="Nieuwe gemeenten")
    )
    for position, (day, (city, title, text)) in enumerate(
        zip(community_days(today), COMMUNITY_MEETINGS, strict=True), start=1
    ):
        _meeting(
            programme,
            position,
            on=day,
            start="11:00",
            end="16:30",
            title=Wording(title),
            text=Wording(text),
            venue_id=venues[city].id,
            nominations_close_at=to_utc(day - timedelta(days=7), time(17)),
        )
    for audience, amount in (("partner", 2500), ("other", 3000)):
        _tariff(programme, "organisation", audience, amount, vat_category="S", vat_rate=Decimal(21))
    return _released(programme, "Eerste versie van de demo", now)


@transaction()
def load_network_meeting(organiser: Organiser, now: datetime) -> Programme:
    """The network meeting of 26 January 2017 with nine
    agenda items, to which nobody can register any more.
    """
    day = date(2017, 1, 26)
    programme = _programme(
        organiser,
        NETWORK,
        "network_meeting",
        kind_words=Wording("Themabijeenkomst", "Theme meeting"),
        title=Wording("Digitaal samenwerken aan de wijk"),
        summary=Wording(
            "Hoe werken bewoners, ondernemers en gemeente digitaal "
            "samen aan de wijk? Met mijnwijkplan.nl van de "
            "gemeente Nijmegen als voorbeeld.",
            "How do residents, businesses and the city work together online on their neighbourhood? With "
            "mijnwijkplan.nl of the city of Nijmegen as the example.",
        ),
        text=NETWORK_TEXT,
        note=Wording(
            "Deze bijeenkomst was op 26 januari 2017 en is niet "
            "verplaatst: er zijn geen data om te kiezen. De bron "
            "noemt geen locatie en zegt niets over btw.",
            "This meeting took place on 26 January 2017 and was "
            "not moved: there are no dates to choose. The source "
            "names no place and says nothing about VAT.",
        ),
        target_groups=["Infrastructuur", "Openbare ruimte"],
        registration_closes_at=to_utc(day, time(13)),
    )
    meeting = _meeting(
        programme, 1, on=day, start="13:00", title=Wording("Netwerkbijeenkomst", "Network meeting")
    )
    people = Speakers(organiser, {"spellings": {}, "biographies": {}})
    ends = [later for (_, later) in pairwise(start for start, *_ in NETWORK_AGENDA)]
    for position, ((start, kind, title, text), end) in enumerate(
        zip(NETWORK_AGENDA, [*ends, ""], strict=True), start=1
    ):
        item = _item(meeting, position, start, kind, Wording(title), end=end, text=Wording(text))
        if kind == "presentation":
            people.take_part(item, ["Jos van der Meer", "Gemeente Nijmegen", "", "keynote"], 1)
            people.take_part(item, ["Marco Hommel", "PLAN terra bv", "", "keynote"], 2)
    for audience, amount in (("partner", 0), ("other", 395)):
        _tariff(programme, "person", audience, amount)
    return _released(programme, "Eerste versie van de demo", now)


@transaction()
def load_training(organiser: Organiser, now: datetime) -> Programme:
    """The training with its module and seven goals; without day, price or teacher, as its document."""
    programme = _programme(
        organiser,
        TRAINING,
        "training",
        title=Wording("Smart Cities, Smart Citizens"),
        summary=Wording(
            "Een opleiding over de stad en haar bewoners. Met de module ‘Innovatie van de buurt en wijk’.",
            "A training about the city and its citizens. With the module ‘Innovatie van de buurt en wijk’.",
        ),
        text="Van deze opleiding is nu één module beschreven. Data, prijs en docenten zijn nog niet bekend.",
        note=Wording(
            "Naar een echte beschrijving van een module, zonder "
            "datum, prijs, docent of duur. De demo voegt die niet toe.",
            "After a real description of a module, without date, "
            "price, teacher or duration. The demo does not add them.",
        ),
    )
    db.session.add(
        Module(
            programme_id=programme.id,
            position=1,
            title=Wording("Innovatie van de buurt en wijk"),
            text=Wording(MODULE_TEXT),
            text_html=Wording(render(MODULE_TEXT)),
            goals=list(MODULE_GOALS),
        )
    )
    return _released(programme, "Eerste versie van de demo", now)


class Speakers:
    """The public profiles of one organiser: one for each person, however the name is spelled."""

    def __init__(self, organiser: Organiser, stage: dict[str, Any], demo: Person | None = None) -> None:
        self.organiser, self.demo = organiser, demo
        self.spellings: dict[str, str] = stage["spellings"]
        self.biographies: dict[str, str] = stage["biographies"]
        self.known: dict[str, Speaker] = {}

    def of(self, name: str) -> Speaker:
        """The profile of this person."""
        name = self.spellings.get(name, name)
        if name not in self.known:
            text = self.biographies.get(name, "")
            speaker = Speaker(
                organiser_id=self.organiser.id,
                slug="-".join("".join(c if c.isalnum() else " " for c in fold(name)).split()),
                name=name,
                sort_key=sort_key(name),
                biography=Wording(text),
                biography_html=Wording(render(text)),
            )
            if self.demo is not None and self.demo.name == name:
                speaker.person_id = self.demo.id
            db.session.add(speaker)
            db.session.flush()
            self.known[name] = speaker
        return self.known[name]

    def take_part(self, place: Session | AgendaItem, who: list[str], position: int) -> None:
        """Somebody (name, affiliation, function, role), or an organisation without a name, takes part."""
        name, affiliation, function, role = [*who, "session_host"][:4]
        part = Part(position=position, role=role, affiliation=affiliation, function=Wording(function))
        if isinstance(place, Session):
            part.session_id = place.id
        else:
            part.agenda_item_id = place.id
        if name:
            speaker = self.of(name)
            part.speaker_id = speaker.id
            speaker.affiliation = speaker.affiliation or affiliation
            speaker.function = speaker.function or Wording(function)
        db.session.add(part)


def _stage(meeting: Meeting, rounds: list[Round], stage: dict[str, Any], people: Speakers) -> None:
    opening = _item(
        meeting,
        1,
        "13:00",
        "plenary",
        Wording("Opening en terugblik", "Opening and a look back"),
        text=Wording(
            "Waarom verdient de buurt alle aandacht, en wat leerden eerdere wijkaanpakken ons?",
            "Why does the neighbourhood deserve all our attention, and what did earlier approaches teach us?",
        ),
    )
    for position, (round, start) in enumerate(zip(rounds, ("14:00", "15:00"), strict=True), start=2):
        _item(meeting, position, start, "round", round.title, round_id=round.id)
    closing = _item(
        meeting,
        4,
        "16:00",
        "plenary",
        Wording("Slotgesprek: een Minister van Wijken", "Closing table: a Minister for Neighbourhoods"),
        text=Wording(
            "Waar moet een Minister van Wijken echt mee aan de slag?",
            "What should a Minister for Neighbourhoods really take on?",
        ),
    )
    for item, guests in ((opening, stage["opening"]), (closing, stage["closing"])):
        for position, who in enumerate([[*stage["day_host"], "day_host"], *guests], start=1):
            people.take_part(item, who, position)


@transaction()
def load_by_draw(organiser: Organiser, today: date, now: datetime) -> Programme:
    """An invented afternoon whose two rounds are filled by
    draw; wishes can be named until two days from today.
    """
    day = _working_day(today + timedelta(days=24))
    programme = _programme(
        organiser,
        BY_DRAW,
        "event",
        title=Wording("Proefmiddag met loting", "Trial afternoon with a draw"),
        summary=Wording(
            "Twee rondes, tien ateliers, en te veel belangstelling "
            "voor een paar ervan. Wie waar zit, bepaalt een loting.",
            "Two rounds, ten ateliers, and too many people who "
            "want the same few. A draw decides who sits where.",
        ),
        text="Deze middag is verzonnen, om de loting te proberen.",
        note=Wording(
            "Dit programma bestaat niet echt: de ateliers en de voorkeuren van de bezoekers zijn verzonnen.",
            "This programme does not exist: its ateliers and the wishes of its visitors are made up.",
        ),
        target_groups=["bewoners", "professionals"],
        choosing_closes_at=to_utc(today + timedelta(days=2), time(17)),
    )
    meeting = _meeting(
        programme,
        1,
        on=day,
        start="13:00",
        end="16:30",
        title=Wording("Proefmiddag", "Trial afternoon"),
        online=True,
    )
    _item(meeting, 1, "13:00", "plenary", Wording("Welkom", "Welcome"))
    rounds = [_round(meeting, number) for number in (1, 2)]
    for position, (round, start) in enumerate(zip(rounds, ("13:30", "15:00"), strict=True), start=2):
        round.filling = "draw"
        _item(
            meeting,
            position,
            start,
            "round",
            round.title,
            end=f"{int(start[:2]) + 1}{start[2:]}",
            round_id=round.id,
        )
    workshops = [
        _workshop_of(programme, f"atelier-{number}", Wording(nl, en))
        for number, (nl, en, *_) in enumerate(ATELIERS, start=1)
    ]
    for round in rounds:
        here = [(w, row[2]) for w, row in zip(workshops, ATELIERS, strict=True) if round.number in row[3]]
        for number, (workshop, capacity) in enumerate(here, start=1):
            uid = _uid(programme, f"session {round.number}.{number}")
            key = {"programme_id": programme.id, "round_id": round.id, "workshop_id": workshop.id}
            db.session.add(Session(**key, uid=uid, number=number, capacity=capacity))
    return _released(programme, "Eerste versie van de demo", now)


def _workshop_of(programme: Programme, key: str, title: Wording) -> Workshop:
    workshop = Workshop(
        programme_id=programme.id, key=key, title=title, abstract=Wording(""), abstract_html=Wording("")
    )
    db.session.add(workshop)
    db.session.flush()
    return workshop


def _sessions(
    programme: Programme, rounds: list[Round], themes: dict[str, Theme], rooms: list[Room], people: Speakers
) -> None:
    workshops = {row["key"]: _workshop(programme, row, themes) for row in read("workshops")}
    for round in rounds:
        mine = [row for row in read("sessions") if row["round"] == round.number]
        for number, row in enumerate(mine, start=1):
            text, hosts = row.get("text", ""), list(row["hosts"])
            if row.get("demo_host"):
                hosts.append([DEMO_SPEAKER, "Leerkring Demo", "verzonnen begeleider"])
                text = (
                    f"*{DEMO_SPEAKER} is verzonnen voor deze demo; de "
                    "andere begeleiders staan in het echte programma.*"
                )
            session = Session(
                programme_id=programme.id,
                uid=_uid(programme, f"session {round.number}.{number}"),
                round_id=round.id,
                number=number,
                workshop_id=workshops[row["workshop"]].id,
                room_id=rooms[number - 1].id,
                capacity=row["capacity"],
                text=Wording(text),
                text_html=Wording(render(text)),
                join_url=f"https://live.wijken.example/{round.number}-{number:02}",
            )
            db.session.add(session)
            db.session.flush()
            for position, who in enumerate(hosts, start=1):
                people.take_part(session, who, position)


def _workshop(programme: Programme, row: dict[str, Any], themes: dict[str, Theme]) -> Workshop:
    workshop = Workshop(
        programme_id=programme.id,
        key=row["key"],
        title=Wording(row["title"]),
        abstract=Wording(row["abstract"]),
        abstract_html=Wording(render(row["abstract"])),
        theme_id=themes[row["theme"]].id,
        asks_questions=row.get("asks_questions", False),
    )
    db.session.add(workshop)
    db.session.flush()
    return workshop


def _programme(organiser: Organiser, slug: str, kind: str, *, text: str, **columns: Any) -> Programme:
    programme = Programme(
        organiser_id=organiser.id,
        slug=slug,
        kind=kind,
        text=Wording(text),
        text_html=Wording(render(text)),
        **columns,
    )
    db.session.add(programme)
    db.session.flush()
    return programme


def _meeting(
    programme: Programme, position: int, *, on: date, start: str, end: str = "", **columns: Any
) -> Meeting:
    meeting = Meeting(
        organiser_id=programme.organiser_id,
        programme_id=programme.id,
        uid=_uid(programme, f"meeting {position}"),
        position=position,
        on=on,
        start=start,
        end=end,
        starts_at=to_utc(on, time.fromisoformat(start)).astimezone(UTC),
        ends_at=to_utc(on, time.fromisoformat(end)).astimezone(UTC) if end else None,
        **columns,
    )
    db.session.add(meeting)
    db.session.flush()
    return meeting


def _round(meeting: Meeting, number: int) -> Round:
    title = Wording(f"Ronde {number}", f"Round {number}")
    round = Round(programme_id=meeting.programme_id, meeting_id=meeting.id, number=number, title=title)
    db.session.add(round)
    db.session.flush()
    return round


def _item(
    meeting: Meeting, position: int, start: str, kind: str, title: Wording, **columns: Any
) -> AgendaItem:
    uid = str(uuid5(NAMESPACE_URL, f"{meeting.uid} item {position}"))
    kind = "plenary" if kind == "presentation" else kind
    item = AgendaItem(
        meeting_id=meeting.id, position=position, uid=uid, start=start, kind=kind, title=title, **columns
    )
    db.session.add(item)
    db.session.flush()
    return item


def _tariff(programme: Programme, unit: str, audience: str, amount: int, **columns: Any) -> None:
    db.session.add(
        Tariff(programme_id=programme.id, unit=unit, audience=audience, amount=Decimal(amount), **columns)
    )


def _uid(programme: Programme, thing: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{programme.slug} {thing}"))


def _released(programme: Programme, name: str, now: datetime) -> Programme:
    db.session.flush()
    release_programme(programme, name=name, note="", now=now)
    return programme


def released() -> list[Programme]:
    """The programmes of the demo that are loaded, in a fixed order."""
    order = (EVENT, COMMUNITY, NETWORK, TRAINING, BY_DRAW)
    found = db.session.scalars(select(Programme).where(Programme.slug.in_(order)))
    return sorted(found, key=lambda programme: order.index(programme.slug))
