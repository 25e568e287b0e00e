"""What the public pages say."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from learning.kit.wording import Wording
from tests.browse import links, words_of
from tests.make import (
    NOON,
    make_agenda_item,
    make_meeting,
    make_organiser,
    make_part,
    make_programme,
    make_room,
    make_round,
    make_session,
    make_speaker,
    make_tariff,
    make_venue,
    release,
)
from tests.site.world import (
    change,
    make_cities,
    make_community,
    make_day,
    make_network,
    make_training,
    sessions_of,
    take,
)

# the last section of a programme's page
FILES = (
    " Neem het mee Agenda Boekje (pdf) Spreadsheet Rooster "
    "voor apps (XML) Rooster voor apps (JSON) Wijzigingen"
)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon, two months before the day."""
    with time_machine.travel(NOON, tick=False):
        yield


def said(client: FlaskClient, path: str) -> str:
    """What the content of a page says, without its frame."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    words = words_of(answer.text.partition("<main")[2].partition(">")[2].partition("</main>")[0])
    return words.removesuffix(FILES)


def test_the_start_leads_to_the_catalogue_in_the_language_of_the_browser(
    app: Flask, client: FlaskClient
) -> None:
    def led(path: str, languages: str) -> str:
        return client.get(path, headers={"Accept-Language": languages}).headers["Location"]

    assert led("/", "en-GB,en;q=0.9,nl;q=0.5") == "/en/programmes"
    assert led("/", "nl,en;q=0.5") == "/nl/programmes"
    assert led("/", "fr") == "/nl/programmes"
    assert led("/en/", "nl") == "/en/programmes"


def test_the_catalogue_whole(app: Flask, client: FlaskClient) -> None:
    organiser = make_organiser(name="Kring Noord")
    make_network(organiser)
    make_training(organiser)
    make_day(organiser)
    make_community(organiser)
    page = said(client, "/nl/programmes")
    assert page.partition("4 programma’s ")[2] == (
        "14 jan Leergemeenschap, Kring Noord Samen leren Je kunt je aanmelden 2 bijeenkomsten Betaald "
        "28 jan Evenement, Kring Noord Dag van de Straat Een dag over wonen. Je kunt je aanmelden 4 sessies "
        "module Opleiding, Kring Noord Slimme stad Momenteel "
        "geen beschikbare data Houd me op de hoogte : Slimme stad "
        "– geen Netwerkbijeenkomst, Kring Noord Digitaal samen "
        "Momenteel geen beschikbare data Gratis voor partners "
        "Houd me op de hoogte : Digitaal samen"
    )
    english = said(client, "/en/programmes")
    assert english.partition("4 programmes ")[2].startswith(
        "14 Jan Learning community, Kring Noord Learning together Open for registration 2 meetings Paid "
    )
    assert "/nl/programmes/net/interest" in links(client.get("/nl/programmes").text)


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("kind=training", ["Slimme stad"]),
        ("theme=veiligheid", ["Dag van de Straat"]),
        ("month=2027-01", ["Samen leren", "Dag van de Straat"]),
        ("price=free_for_partners", ["Digitaal samen"]),
        ("price=unknown", ["Dag van de Straat", "Slimme stad"]),
        ("q=RENEE", ["Dag van de Straat"]),
        ("q=dag+wonen", ["Dag van de Straat"]),
        ("q=dag&kind=training", []),
        (
            "kind=nonsense&theme=nonsense&month=x&price=y",
            ["Samen leren", "Dag van de Straat", "Slimme stad", "Digitaal samen"],
        ),
    ],
)
def test_the_catalogue_filters(app: Flask, client: FlaskClient, asked: str, titles: list[str]) -> None:
    organiser = make_organiser()
    make_network(organiser)
    make_training(organiser)
    make_day(organiser)
    make_community(organiser)
    text = client.get(f"/nl/programmes?{asked}").text
    assert [words_of(part.partition("</h2>")[0]) for part in text.split("<h2>")[1:]] == (
        titles or ["Niets gevonden"]
    )


def test_an_empty_catalogue_says_so(app: Flask, client: FlaskClient) -> None:
    make_programme()  # not released
    assert "Nog geen programma’s gepubliceerd" in said(client, "/nl/programmes")


def test_the_page_of_a_day_whole(app: Flask, client: FlaskClient) -> None:
    make_day()
    assert said(client, "/nl/programmes/dag") == (
        "Programma’s Dag van de Straat Dag van de Straat Een dag over wonen. "
        "donderdag 28 januari 2027 vanaf 11:00 uur Huis van "
        "Zutphen, Zutphen Dagvoorzitter: Renée van der Plas "
        "Meld je aan Bekijk de 4 sessies Agenda "
        "De dag in het kort 11:00 Opening Renée van der Plas (dagvoorzitter) "
        "14:00 Ronde 1 kies 1 van 2 sessies 15:00 Ronde 2 kies 1 van 2 sessies "
        "Huis van Zutphen, Markt 1, 1234 AB Zutphen De deur aan de zijkant is breed. "
        "De sessies Zoek op titel of spreker Thema Alle thema’s Veiligheid Filter Kaarten Lijst Tabel "
        "Ronde 1 14:00 2 sessies tegelijk. Je kiest er één. "
        "1.01 Veiligheid ook 2.02 1.01: Veilig op straat Renée van der Plas nog 2 plekken "
        "1.02 1.02: Praten met de buren Plek voor iedereen Geen sessie in deze ronde past bij je filter. "
        "Ronde 2 15:00 2 sessies tegelijk. Je kiest er één. 2.01 2.01: Dicht Gesloten "
        "2.02 Veiligheid ook 1.01 2.02: Veilig op straat nog 9 "
        "plekken Geen sessie in deze ronde past bij je filter. "
        "Op het podium RP Renée van der Plas wijkmanager , Woonbron"
    )
    english = said(client, "/en/programmes/dag")
    assert (
        "Day of the Street A day about living. Thursday, "
        "January 28, 2027 from 11:00 Huis van Zutphen, Zutphen" in english
    )
    assert "1.01 Safety also 2.02 1.01: Veilig op straat Renée van der Plas 2 places left" in english
    assert '<span lang="nl">Veilig op straat</span>' in client.get("/en/programmes/dag").text


def codes(client: FlaskClient, path: str) -> list[str]:
    """The codes of the sessions that a page lists."""
    return [
        part[:4]
        for part in client.get(path).text.split('<span class="plate" aria-hidden="true">')[1:]
        if part[1] == "."
    ]


def test_sessions_are_filtered_without_javascript(app: Flask, client: FlaskClient) -> None:
    make_day()
    assert codes(client, "/nl/programmes/dag?theme=veiligheid") == ["1.01", "2.02"]
    assert codes(client, "/nl/programmes/dag?q=renee") == ["1.01"]
    assert codes(client, "/nl/programmes/dag?q=STRAAT&theme=veiligheid") == ["1.01", "2.02"]
    assert codes(client, "/nl/programmes/dag?q=nergens") == []
    assert codes(client, "/nl/programmes/dag?theme=nonsense") == ["1.01", "1.02", "2.01", "2.02"]
    assert codes(client, "/nl/programmes/dag") == ["1.01", "1.02", "2.01", "2.02"]


def test_the_sessions_as_a_table_keep_the_filter(app: Flask, client: FlaskClient) -> None:
    programme = make_day()
    venue = make_venue(programme.organiser, name="Ander huis")
    rooms = {name: make_room(venue, name).id for name in ("Zaal 10", "Zaal 2")}
    placed = sessions_of(programme)
    change(placed["1.01"], room_id=rooms["Zaal 10"])
    change(placed["1.02"], room_id=rooms["Zaal 2"])
    release(programme, now=NOON + timedelta(hours=1))

    page = client.get("/nl/programmes/dag?view=grid").text
    table = words_of(page[page.index('<table class="sched halls"') : page.index("</table>")])
    assert table == (
        "zalen in rijen, rondes in kolommen Zaal Ronde 1 vanaf 14:00 uur Ronde 2 vanaf 15:00 uur "
        "Zaal 2 1.02 Praten met de buren Plek voor iedereen "
        "Zaal 10 1.01 Veilig op straat Renée van der Plas nog 2 plekken "
        "Nog geen zaal 2.01 Dicht Gesloten 2.02 Veilig op straat nog 9 plekken"
    )
    assert "/nl/programmes/dag?view=list#rounds" in page
    filtered = client.get("/nl/programmes/dag?view=grid&theme=veiligheid").text
    assert "Praten met de buren" not in words_of(filtered)
    assert "view=list" in filtered
    assert "theme=veiligheid" in filtered[filtered.index('aria-label="Weergave"') :][:400]
    assert "Geen sessie past" in client.get("/nl/programmes/dag?view=grid&q=nergens").text
    assert client.get("/nl/programmes/dag?view=nonsense").text.count('class="session"') == 4


def test_every_day_of_a_longer_event_is_shown(app: Flask, client: FlaskClient) -> None:
    organiser = make_organiser()
    programme = make_programme(organiser, slug="twee", title=Wording("Twee dagen"))
    venue = make_venue(organiser)
    for on, word in ((date(2027, 1, 28), "een"), (date(2027, 1, 29), "twee")):
        meeting = make_meeting(programme, on=on, title=Wording(f"Dag {word}"), venue_id=venue.id)
        make_agenda_item(meeting, "11:00", title=Wording(f"Welkom {word}"))
    release(programme)
    page = said(client, "/nl/programmes/twee")
    assert page.partition("Agenda ")[2] == (
        "2 bijeenkomsten 28 jan Eerstvolgende Dag een donderdag "
        "28 januari 2027 11:00 – 16:30 Huis van Zutphen, Zutphen "
        "29 jan Dag twee vrijdag 29 januari 2027 11:00 – 16:30 Huis van Zutphen, Zutphen "
        "Dag een 11:00 Welkom een Dag twee 11:00 Welkom twee"
    )
    assert "28 januari 2027 – 29 januari 2027 11:00 – 16:30 Huis van Zutphen, Zutphen Meld je aan" in page


def test_the_page_of_a_learning_community_whole(app: Flask, client: FlaskClient) -> None:
    make_community(make_organiser())
    assert said(client, "/nl/programmes/leren") == (
        "Programma’s Samen leren Samen leren 2 november 2026 – 14 januari 2027 11:00 – 16:30 "
        "Elke keer op een andere plek 2 tot 3 mensen per organisatie Meld je stad aan Agenda "
        "Wat het kost Partners van het netwerk € 2.500,00 Anderen € 3.000,00 "
        "Per organisatie, voor alle bijeenkomsten samen. Of er btw bij komt is nog niet bekend. "
        "Is mijn gemeente partner? Kijk na "
        "3 bijeenkomsten 2 nov Geweest Keer 1 maandag 2 november 2026 11:00 – 16:30 Huis van Arnhem, Arnhem "
        "14 jan Eerstvolgende Keer 2 donderdag 14 januari 2027 11:00 – 16:30 Huis van Zwolle, Zwolle "
        "– Keer 3 De datum volgt 11:00 – 16:30 Locatie volgt "
        "Wat we willen leren Hoe houden we huizen warm? Wie doet er mee?"
    )
    assert "/nl/programmes/leren/delegation" in links(client.get("/nl/programmes/leren").text)


def test_the_page_of_a_network_meeting_whole(app: Flask, client: FlaskClient) -> None:
    make_network(make_organiser())
    assert said(client, "/nl/programmes/net") == (
        "Programma’s Digitaal samen Digitaal samen donderdag 26 januari 2017 vanaf 13:00 uur Locatie volgt "
        "Momenteel geen beschikbare data De laatste keer was op 26 januari 2017. "
        "Laat je adres achter, dan weet je het als eerste als er een nieuwe datum is. Houd me op de hoogte "
        "Wat het kost Partners van het netwerk gratis Anderen € 395,00 Per persoon. Exclusief 21% btw. "
        "Is mijn gemeente partner? Kijk na Programma 13:00 Welkom 13:30 Pauze"
    )


def test_the_page_of_a_training_whole(app: Flask, client: FlaskClient) -> None:
    make_training(make_organiser())
    assert said(client, "/nl/programmes/les") == (
        "Programma’s Slimme stad Slimme stad Momenteel geen beschikbare data "
        "Laat je adres achter, dan weet je het als eerste als er een nieuwe datum is. Houd me op de hoogte "
        "Innovatie Vijf begrippen. Na deze module kun je placemaking kennen coalities vormen"
    )


def test_prices_with_a_period_say_so_and_old_ones_are_gone(app: Flask, client: FlaskClient) -> None:
    programme = make_programme(make_organiser(), slug="vroeg", title=Wording("Vroeg"))
    make_meeting(programme)
    make_tariff(programme, 10, unit="person", until_on=date(2026, 11, 23))
    make_tariff(programme, 20, unit="person", until_on=date(2026, 12, 1))
    make_tariff(programme, 30, unit="person", from_on=date(2026, 12, 2), vat_category="S")
    release(programme)
    prices = said(client, "/nl/programmes/vroeg").partition("Wat het kost ")[2]
    assert prices == (
        "Iedereen € 20,00 tot en met 1 december 2026 Iedereen € "
        "30,00 vanaf 2 december 2026 Per persoon. Exclusief 21% btw."
    )


@pytest.mark.parametrize(
    ("columns", "words", "badge"),
    [
        (
            {"registration_opens_at": NOON + timedelta(days=1)},
            "Aanmelden kan vanaf 25 november 2026, 13:00 uur.",
            "Aanmelden kan vanaf 25 november",
        ),
        (
            {"registration_closes_at": NOON},
            "De aanmelding is gesloten sinds 24 november 2026.",
            "Aanmelding gesloten",
        ),
        ({"cancelled_at": NOON}, "Afgelast", "Afgelast"),
        (
            {"registration_closes_at": NOON + timedelta(hours=1)},
            "Meld je aan Bekijk de 4 sessies Agenda Aanmelden kan tot 24 november 2026, 14:00 uur.",
            "Je kunt je aanmelden",
        ),
    ],
)
def test_whether_one_can_register_is_said(
    app: Flask, client: FlaskClient, columns: dict[str, object], words: str, badge: str
) -> None:
    make_day(**columns)
    page = said(client, "/nl/programmes/dag")
    assert f"Dagvoorzitter: Renée van der Plas {words} De dag in het kort" in page
    assert said(client, "/nl/programmes").partition("Een dag over wonen. ")[2] == f"{badge} 4 sessies"
    register = "/nl/programmes/dag/registration"
    for path in ("/nl/programmes/dag", "/nl/programmes/dag/sessions/1.01"):
        assert (register in links(client.get(path).text)) == ("Meld je aan" in words)


def test_a_session_page_whole(app: Flask, client: FlaskClient) -> None:
    programme = make_day()
    assert said(client, "/nl/programmes/dag/sessions/1.01") == (
        "Programma’s Dag van de Straat Ronde 1 1.01 1.01 "
        "Veiligheid ook 2.02 Veilig op straat Over de straat. "
        "Door RP Renée van der Plas begeleider, Woonbron "
        "Wanneer donderdag 28 januari 2027, vanaf 14:00 uur "
        "Ronde Ronde 1 Waar Huis van Zutphen nog 2 plekken "
        "Meld je aan Al aangemeld? Kies op je eigen pagina; "
        "de link staat in je e-mail. 1.02 Praten met de buren"
    )
    change(sessions_of(programme)["1.01"], cancelled_at=NOON)
    release(programme, name="2")
    page = said(client, "/nl/programmes/dag/sessions/1.01")
    assert page.endswith("Waar Huis van Zutphen Afgelast 1.02 Praten met de buren")


def test_seats_in_words(app: Flask, client: FlaskClient) -> None:
    programme = make_day()
    session = sessions_of(programme)["1.01"]
    path = "/nl/programmes/dag/sessions/1.01"

    def seats(taken: int, waiting: int) -> str:
        take(session.id, taken, waiting)
        return said(client, path).partition("Waar Huis van Zutphen ")[2].partition(" Meld je aan")[0]

    assert [seats(0, 0), seats(1, 0), seats(2, 0), seats(2, 1), seats(2, 3)] == [
        "nog 2 plekken", "nog 1 plek", "Vol", "Vol , 1 wachtend", "Vol , 3 wachtend",
    ]  # fmt: skip
    assert "Full , 3 waiting" in said(client, "/en/programmes/dag/sessions/1.01")


def test_a_speaker_page_whole(app: Flask, client: FlaskClient) -> None:
    make_day()
    assert said(client, "/nl/programmes/dag/speakers/renee-van-der-plas") == (
        "Programma’s Dag van de Straat Renée van der Plas RP Renée van der Plas wijkmanager , Woonbron "
        "dagvoorzitter 11:00 Opening Sessies 1.01 Veiligheid ook "
        "2.02 1.01: Veilig op straat Renée van der Plas nog 2 plekken"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/nl/programmes/unknown",
        "/nl/programmes/unknown/sessions/1.01",
        "/nl/programmes/unknown/speakers/x",
        "/nl/programmes/unknown/partner-check?city=x",
        "/nl/programmes/concept",
        "/nl/programmes/concept/sessions/1.01",
        "/nl/programmes/concept/speakers/jos-van-der-lans",
        "/nl/programmes/concept/partner-check",
        "/nl/programmes/dag/sessions/9.99",
        "/nl/programmes/dag/sessions/x",
        "/nl/programmes/dag/speakers/nobody",
        "/nl/programmes/%00",
        "/nl/programmes/dag%00/partner-check",
        "/de/programmes",
        "/nl/programmes/dag/sessions",
    ],
)
@pytest.mark.parametrize("cookie", ["", "session=x"])
def test_what_is_not_there_is_not_found(app: Flask, client: FlaskClient, path: str, cookie: str) -> None:
    make_day()
    concept = make_programme(slug="concept", title=Wording("Nog geheim"))
    session = make_session(make_round(make_meeting(concept)))
    make_part(session, make_speaker(concept.organiser))
    answer = client.get(path, headers={"Cookie": cookie} if cookie else {})
    assert answer.status_code == 404
    assert "Nog geheim" not in answer.text


def test_what_is_not_released_shows_nowhere(app: Flask, client: FlaskClient) -> None:
    programme = make_day()
    session = sessions_of(programme)["1.01"]
    change(programme, title=Wording("Nieuwe naam"))
    change(session.workshop, title=Wording("Ander verhaal"))
    for path in (
        "/nl/programmes",
        "/nl/programmes/dag",
        "/nl/programmes/dag/sessions/1.01",
        "/nl/programmes?q=ander",
    ):
        text = client.get(path).text
        assert "Nieuwe naam" not in text
        assert "Ander verhaal" not in text


def test_text_of_people_is_escaped(app: Flask, client: FlaskClient) -> None:
    bad = "<script>alert('x')</script>\"'&"
    organiser = make_organiser(name=bad)
    programme = make_day(
        organiser, title=Wording(bad), summary=Wording(bad), kind_words=Wording(bad), note=Wording(bad)
    )
    session = sessions_of(programme)["1.01"]
    change(session.workshop, title=Wording(bad))
    make_part(
        session, make_speaker(organiser, bad, slug="bad", function=Wording(bad), affiliation=bad), position=2
    )
    make_cities(organiser)
    release(programme, name="2")
    for path in (
        "/nl/programmes",
        "/nl/programmes/dag",
        "/nl/programmes/dag/sessions/1.01",
        "/nl/programmes/dag/speakers/bad",
        f"/nl/programmes?q={bad}",
        f"/nl/programmes/dag?q={bad}",
        f"/nl/programmes/dag/partner-check?city={bad}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "alert(" in answer.text
        assert 'value="<' not in answer.text


def test_marks_of_gaps_in_what_people_write_do_no_harm(app: Flask, client: FlaskClient) -> None:
    make_day(title=Wording("Dag \ue00012\ue001 en \ue000" + "9" * 5000 + "\ue001"))
    assert client.get("/nl/programmes/dag").status_code == 200


def test_nothing_stands_inline(app: Flask, client: FlaskClient) -> None:
    organiser = make_organiser()
    make_day(organiser)
    make_community(organiser)
    for path in (
        "",
        "/dag",
        "/leren",
        "/dag/sessions/1.01",
        "/dag/speakers/renee-van-der-plas",
        "/dag/partner-check",
    ):
        text = client.get(f"/nl/programmes{path}").text
        assert " style=" not in text
        assert "<script>" not in text
        assert not re.findall(r"<[^>]*\son[a-z]+=", text)


PAYS = "De prijs is € 2.500,00 voor de organisatie, exclusief btw. Omdat zij partner is op 24 november 2026."
LESS = (
    "De prijs is € 3.000,00 voor de organisatie, exclusief "
    "btw. Als partner zou het € 2.500,00 zijn: € 500,00 minder. "
    "De prijs ligt vast bij het aanmelden: word dus eerst partner. Vraag Kring hoe je partner wordt"
)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("'s-Hertogenbosch", f"Ja, 's-Hertogenbosch is partner. {PAYS}"),
        ("gemeente S HERTOGENBOSCH", f"Ja, 's-Hertogenbosch is partner. {PAYS}"),
        ("den  bosch", f"Ja, 's-Hertogenbosch is partner. {PAYS}"),
        ("Sudwest fryslan", f"Nee, Súdwest-Fryslân is nu geen partner. {LESS}"),
        ("Sudwest", "We kennen ‘Sudwest’ niet. Bedoelde je een van deze? Súdwest-Fryslân"),
        ("hertogenbsoch", "We kennen ‘hertogenbsoch’ niet. Bedoelde je een van deze? 's-Hertogenbosch"),
        ("Parijs", "We kennen ‘Parijs’ niet. Controleer de spelling, of vraag het de organisator."),
        ("", ""),
        ("   ", ""),
        ("!?", "We kennen ‘!?’ niet. Controleer de spelling, of vraag het de organisator."),
        (
            "\x00" + "a" * 300,
            f"We kennen ‘\x00{'a' * 99}’ niet. Controleer de spelling, of vraag het de organisator.",
        ),
    ],
)
def test_the_partner_check(app: Flask, client: FlaskClient, typed: str, answer: str) -> None:
    organiser, other = make_organiser(), make_organiser()
    make_community(organiser)
    make_cities(organiser)
    make_cities(other)
    query = {"city": typed}
    page = client.get("/nl/programmes/leren/partner-check", query_string=query)
    assert page.status_code == 200
    words = (
        words_of(page.text.partition("<h1>")[2])
        .removeprefix("Partnercheck")
        .partition("Is mijn gemeente partner?")[0]
    )
    assert words.strip().replace(organiser.name, "Kring") == answer


def test_a_partner_of_another_organiser_is_not_known_here(app: Flask, client: FlaskClient) -> None:
    make_community(make_organiser())
    make_cities(make_organiser())
    page = said(client, "/nl/programmes/leren/partner-check?city=den+bosch")
    assert "Nee, 's-Hertogenbosch is nu geen partner." in page


def test_free_is_said_to_partners_only(app: Flask, client: FlaskClient) -> None:
    organiser = make_organiser()
    make_network(organiser)
    make_cities(organiser)
    path = "/nl/programmes/net/partner-check?city="
    assert "Ja, 's-Hertogenbosch is partner. Meedoen is gratis." in said(client, path + "den+bosch")
    other = said(client, path + "sudwest-fryslan")
    assert (
        "Nee, Súdwest-Fryslân is nu geen partner. De prijs is € 395,00 per persoon, exclusief btw." in other
    )
    assert "Als partner zou het gratis zijn." in other
