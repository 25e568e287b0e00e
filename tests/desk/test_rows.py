"""An organiser makes a programme at the desk: from nothing
to a release, with everything that can go wrong on the way.
"""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from learning.desk.kinds.programme import ProgrammeForm
from learning.desk.models import Removed
from learning.kit.db import db
from learning.organisations.models import Organiser
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
)
from learning.releases.models import Release
from tests.browse import form_of, send, words_of
from tests.make import make_account, make_organiser, make_staff

HOME = "/manage/kring"


@pytest.fixture
def desk(app: Flask, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """An editor at the desk of an organiser that has nothing yet."""
    organiser = make_organiser("kring")
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    return sign_in(account)


def an_event(desk: FlaskClient, **more: str) -> str:
    """Make an event with two rounds and three rooms; gives its address at the desk."""
    typed = {
        "kind": "event",
        "title_nl": "Dag van de Buurt",
        "days": "donderdag 28 januari 2027",
        "start": "13.00 uur",
    }
    typed |= {"rounds": "2", "rooms": "3", "first_round": "14.00", "minutes": "60", **more}
    answer = send(desk, f"{HOME}/programmes/new", **typed)
    assert "Dag van de Buurt" in answer.text
    return f"{HOME}/programmes/dag-van-de-buurt"


def a_session(
    desk: FlaskClient, at: str, title: str, round: int | None = None, room: str = "", **more: str
) -> Session:
    """Make a session at the desk."""
    rounds = {r.number: r.id for r in db.session.query(Round)}
    rooms = {r.name: r.id for r in db.session.query(Room)}
    where = {"round_id": str(rounds[round]) if round else "", "room_id": str(rooms[room]) if room else ""}
    answer = send(desk, f"{at}/sessions/new", title_nl=title, **{**where, **more})
    assert "is opgeslagen" in words_of(answer.text), words_of(answer.text)
    db.session.rollback()
    return db.session.query(Session).order_by(Session.id.desc()).first()  # type: ignore[return-value]


def test_a_new_event_has_its_day_rounds_and_rooms(desk: FlaskClient):
    an_event(desk)

    [meeting] = db.session.query(Meeting)
    assert (str(meeting.on), meeting.start, str(meeting.starts_at)) == (
        "2027-01-28",
        "13:00",
        "2027-01-28 12:00:00+00:00",
    )
    blocks = [
        (item.kind, item.start, item.end)
        for item in db.session.query(AgendaItem).order_by(AgendaItem.position)
    ]
    assert blocks == [("round", "14:00", "15:00"), ("round", "15:00", "16:00")]
    assert [room.name for room in db.session.query(Room)] == ["Zaal 1", "Zaal 2", "Zaal 3"]
    assert desk.get("/nl/programmes/dag-van-de-buurt").status_code == 404


def test_a_community_reads_its_days_and_shows_them_first(desk: FlaskClient):
    typed = {
        "kind": "learning_community",
        "title_nl": "Vitale wijken",
        "days": "11 december 2026, 22 januari en 5 maart",
    }

    shown = words_of(send(desk, f"{HOME}/programmes/new", look="1", **typed).text)
    assert "vrijdag 22 januari 2027" in shown
    assert db.session.query(Programme).count() == 0

    send(desk, f"{HOME}/programmes/new", **typed)
    db.session.rollback()
    assert [str(m.on) for m in db.session.query(Meeting).order_by(Meeting.position)] == [
        "2026-12-11",
        "2027-01-22",
        "2027-03-05",
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ("31 februari 2027", "is geen dag"),
        ("woensdag 28 januari 2027", "de weekdag klopt niet"),
        ("28 januari 2027, 28 januari 2027", "staat er twee keer"),
        ("ergens in mei", "is geen dag"),
    ],
)
def test_days_that_cannot_be_are_named_and_nothing_is_lost(desk: FlaskClient, days: str, words: str):
    answer = send(desk, f"{HOME}/programmes/new", title_nl="Mijn dag", days=days)

    assert answer.status_code == 409
    assert words in words_of(answer.text)
    assert days in answer.text
    assert 'value="Mijn dag"' in answer.text
    assert db.session.query(Programme).count() == 0


def test_a_training_gets_modules_and_a_network_meeting_its_slots(desk: FlaskClient):
    send(desk, f"{HOME}/programmes/new", kind="training", title_nl="Slim", parts="Data\nSensoren")
    send(
        desk, f"{HOME}/programmes/new", kind="network_meeting", title_nl="Digitaal", parts="Welkom\nPraktijk"
    )

    db.session.rollback()
    slim, digitaal = db.session.query(Programme).order_by(Programme.id)
    assert [module.title.nl for module in slim.modules] == ["Data", "Sensoren"]
    assert [item.title.nl for item in digitaal.meetings[0].agenda] == ["Welkom", "Praktijk"]


def test_a_session_with_hosts_room_and_text(desk: FlaskClient):
    at = an_event(desk)
    people = {
        "parts-0-name": "Han van Geel",
        "parts-0-affiliation": "Movisie",
        "parts-1-affiliation": "Gemeente Ede",
    }
    session = a_session(
        desk, at, "Sociale basis", 1, "Zaal 1", capacity="40", abstract_nl="Wat **werkt**?", **people
    )

    assert (session.number, session.room.name, session.capacity) == (1, "Zaal 1", 40)  # type: ignore[union-attr]
    assert session.workshop.abstract_html.nl == "<p>Wat <strong>werkt</strong>?</p>"
    assert [(p.speaker and p.speaker.name, p.affiliation) for p in session.parts] == [
        ("Han van Geel", "Movisie"),
        (None, "Gemeente Ede"),
    ]
    assert a_session(desk, at, "Tweede", 1, "Zaal 2", **{"parts-0-name": "han van geel"}).number == 2
    assert db.session.query(Speaker).count() == 1


def test_what_somebody_else_changed_is_shown_and_not_overwritten(desk: FlaskClient):
    at = an_event(desk)
    session = a_session(desk, at, "Eerst", 1, "Zaal 1")
    page = desk.get(f"{at}/sessions/{session.id}")
    mine = form_of(page.text, having="title_nl")["values"]
    send(desk, f"{at}/sessions/{session.id}", having="title_nl", title_nl="Van een ander", capacity="12")

    answer = desk.post(f"{at}/sessions/{session.id}", data={**mine, "title_nl": "Van mij"})
    words = words_of(answer.text)

    assert answer.status_code == 409
    assert "Nu staat er: Van een ander" in words
    assert "Nu staat er: 12" in words
    assert 'value="Van mij"' in answer.text
    db.session.rollback()
    assert session.workshop.title.nl == "Van een ander"
    again = form_of(answer.text, having="title_nl")["values"]
    assert desk.post(f"{at}/sessions/{session.id}", data=again).status_code == 302
    db.session.rollback()
    assert (session.workshop.title.nl, session.capacity) == ("Van mij", None)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("capacity", "veel", "Vul een heel getal in"),
        ("capacity", "-1", "Vul een heel getal in"),
        ("join_url", "javascript:alert(1)", "Vul een adres in dat begint met https://"),
        ("title_nl", "", "Vul een titel in het Nederlands of in het Engels in."),
        ("title_nl", "x" * 201, "hoogstens 200"),
        ("title_nl", "a\x07b", "onzichtbare tekens"),
        ("round_id", "999999", "Not a valid choice"),
    ],
)
def test_wrong_input_names_the_field_and_keeps_what_was_typed(
    desk: FlaskClient, field: str, typed: str, words: str
):
    at = an_event(desk)
    answer = send(
        desk, f"{at}/sessions/new", **{"title_nl": "Goed", "abstract_nl": "Lange tekst", field: typed}
    )

    assert answer.status_code == 422
    assert words in words_of(answer.text) or field == "round_id"
    assert "Lange tekst" in answer.text
    assert db.session.query(Session).count() == 0


def test_taking_away_is_refused_with_the_way_out_or_can_be_undone(desk: FlaskClient):
    at = an_event(desk)
    session = a_session(desk, at, "Weg", 1, "Zaal 1", **{"parts-0-name": "Jos"})
    room = session.room_id

    refused = desk.post(f"{HOME}/rooms/{room}/removal", follow_redirects=True)
    assert "In deze zaal staan nog sessies (1)" in words_of(refused.text)

    gone = desk.post(f"{at}/sessions/{session.id}/removal", follow_redirects=True)
    assert "“Weg” is weggehaald" in words_of(gone.text)
    db.session.rollback()
    assert (db.session.query(Session).count(), db.session.query(Part).count()) == (0, 0)

    back = send(desk, f"{HOME}/removed", having="csrf_token")
    assert "“Weg” is terug" in words_of(back.text)
    db.session.rollback()
    [restored] = db.session.query(Session)
    assert (restored.workshop.title.nl, restored.number, restored.room_id) == ("Weg", 1, room)
    assert [part.speaker.name for part in restored.parts] == ["Jos"]


def test_what_belonged_to_something_gone_comes_back_after_it(desk: FlaskClient):
    at = an_event(desk)
    meeting = db.session.query(Meeting).one()
    send(desk, f"{HOME}/venues/new", name="Buurthuis")
    venue = db.session.query(Venue).filter_by(name="Buurthuis").one()
    send(desk, f"{HOME}/rooms/new", venue_id=str(venue.id), name="Kelder")
    room = db.session.query(Room).filter_by(name="Kelder").one()
    for thing, id in (("rooms", room.id), ("venues", venue.id)):
        desk.post(f"{HOME}/{thing}/{id}/removal")
    db.session.rollback()
    lost, house = db.session.query(Removed).order_by(Removed.id)

    refused = desk.post(f"{HOME}/removed/{lost.id}/restoration", follow_redirects=True)
    assert "Haal dat eerst terug" in words_of(refused.text)
    for removed in (house, lost):
        desk.post(f"{HOME}/removed/{removed.id}/restoration")
    db.session.rollback()
    assert db.session.query(Room).filter_by(name="Kelder").one().venue_id == venue.id

    desk.post(f"{at}/meetings/{meeting.id}/removal")
    send(desk, f"{at}/meetings/new", title_nl="Een andere")
    back = db.session.query(Removed).order_by(Removed.id.desc()).first()
    desk.post(f"{HOME}/removed/{back.id if back else 0}/restoration")
    db.session.rollback()
    assert [m.title.nl for m in db.session.query(Meeting).order_by(Meeting.position)] == [
        "Een andere",
        "Dag van de Buurt",
    ]
    assert db.session.query(Round).count() == 2


def test_venues_rooms_themes_prices_and_parties(desk: FlaskClient):
    at = an_event(desk)
    send(desk, f"{HOME}/venues/new", name="Buurthuis", city="Ede", access_nl="Via de zijdeur")
    twice = send(desk, f"{HOME}/venues/new", name="Buurthuis")
    assert twice.status_code == 409
    assert "al een met deze naam" in words_of(twice.text)
    send(desk, f"{HOME}/themes/new", name_nl="Veiligheid", glyph="vei")
    send(desk, f"{at}/tariffs/new", amount="€ 2.500,-", unit="organisation", audience="partner")
    wrong = send(desk, f"{at}/tariffs/new", amount="veel")
    assert "Vul een bedrag in zoals 2.500,00" in words_of(wrong.text)
    send(desk, f"{at}/parties/new", name="Platform31", role="initiator")

    db.session.rollback()
    programme = db.session.query(Programme).one()
    assert [(str(t.amount), t.audience, t.vat_category) for t in programme.tariffs] == [
        ("2500.00", "partner", None)
    ]
    assert [party.name for party in programme.parties] == ["Platform31"]
    assert [theme.key for theme in db.session.query(Theme)] == ["veiligheid"]


def test_blocks_stand_in_order_of_their_time(desk: FlaskClient):
    at = an_event(desk)
    meeting = db.session.query(Meeting).one()
    for title, start in (("Afsluiting", "16:30"), ("Inloop", "12.30"), ("Pauze", "15:00")):
        send(
            desk, f"{at}/blocks/new", meeting_id=str(meeting.id), kind="plenary", title_nl=title, start=start
        )

    words = words_of(desk.get(f"{at}/blocks").text)

    order = [words.index(title) for title in ("Inloop", "Ronde 1", "Pauze", "Afsluiting")]
    assert order == sorted(order)


def test_lists_are_searched_sorted_and_taken_along(desk: FlaskClient):
    at = an_event(desk)
    for title in ("Beta", "=Alfa", "Gamma"):
        a_session(desk, at, title, 1)

    found = words_of(desk.get(f"{at}/sessions?q=gam").text)
    back = words_of(desk.get(f"{at}/sessions?order=-1").text)
    file = desk.get(f"{at}/sessions?as=csv&order=1").data.decode("utf-8-sig").splitlines()

    assert "Gamma" in found
    assert "Beta" not in found
    assert back.index("Gamma") < back.index("Beta")
    assert [line.split(";")[1] for line in file] == ["Sessie", "'=Alfa", "Beta", "Gamma"]
    book = load_workbook(io.BytesIO(desk.get(f"{at}/sessions?as=xlsx&order=1").data))
    cells = [row[1] for row in book.worksheets[0].iter_rows()]
    assert [(cell.value, cell.data_type) for cell in cells][1] == ("=Alfa", "s")


def test_a_copy_has_the_structure_and_no_days(desk: FlaskClient):
    at = an_event(desk)
    a_session(desk, at, "Weer", 1, "Zaal 1", **{"parts-0-name": "Jos"})

    send(desk, f"{at}/copy", title_nl="Dag van de Buurt 2028", people="y")

    db.session.rollback()
    copy = db.session.query(Programme).filter_by(slug="dag-van-de-buurt-2028").one()
    assert [(m.on, m.start, m.starts_at) for m in copy.meetings] == [(None, "13:00", None)]
    [session] = [s for round in copy.rounds for s in round.sessions]
    assert (session.workshop.title.nl, [part.speaker.name for part in session.parts]) == ("Weer", ["Jos"])
    assert db.session.query(Release).count() == 0


def test_the_settings_say_what_visitors_read_after_a_release(desk: FlaskClient):
    at = an_event(desk)
    page = desk.get(f"{at}/settings").text
    for name in ProgrammeForm(formdata=None, meta={"csrf": False})._fields.keys() - {"form_key"}:  # each once
        assert page.count(f' name="{name}"') == 1, name
    send(
        desk,
        f"{at}/settings",
        having="title_nl",
        summary_nl="Kort gezegd",
        target_groups="bewoners\nambtenaren",
        text_nl="# Kop",
    )
    send(desk, f"{at}/releases", having="name")

    assert "Kort gezegd" in desk.get("/nl/programmes/dag-van-de-buurt").text
    send(desk, f"{at}/settings", having="title_nl", summary_nl="Nog geheim")
    page = desk.get("/nl/programmes/dag-van-de-buurt").text
    assert "Kort gezegd" in page
    assert "Nog geheim" not in page


def test_finance_and_others_stay_out(app: Flask, desk: FlaskClient, sign_in: Callable[..., FlaskClient]):
    at = an_event(desk)
    a_session(desk, at, "Geheim", 1)
    organiser = db.session.query(Organiser).filter_by(slug="kring").one()
    finance, stranger = make_account("geld@x.example"), make_account("vreemd@x.example")
    make_staff(organiser, finance, "finance")
    make_staff(make_organiser("ander"), stranger, "admin")
    pages = [
        f"{at}/{page}"
        for page in ("grid", "sessions", "settings", "releases", "blocks", "sessions/new", "copy")
    ]

    for account, status in ((finance, 403), (stranger, 404)):
        client = sign_in(account)
        answers = [
            client.get(page)
            for page in [*pages, f"{HOME}/speakers", f"{HOME}/removed", f"{HOME}/programmes/new"]
        ]
        assert {answer.status_code for answer in answers} == {status}
        assert not any("Geheim" in answer.text for answer in answers)
