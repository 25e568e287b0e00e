"""An organiser with nothing builds the Dag van de Buurt by hand
and by paste, releases, moves two sessions, releases again.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.attendance.tokens import own_token
from learning.demo import load
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.people.models import Account
from learning.programmes.models import AgendaItem, Part, Programme, Room, Round, Session, Speaker
from tests.browse import form_of, send, words_of
from tests.make import make_account, make_organiser, make_person, make_registration, make_staff
from tests.stories.world import last_mail, radio

DATA = Path(load.__file__).parent / "data"
AT = "/manage/kring/programmes/dag-van-de-buurt"


@pytest.fixture
def desk(app: Flask, sign_in: Callable[[Account], FlaskClient]) -> FlaskClient:
    """An editor of an organiser that has nothing yet."""
    account = make_account("staf@kring.example")
    make_staff(make_organiser("kring", name="Kring"), account, "editor")
    return sign_in(account)


def pasted(without: str) -> str:
    """The sessions of the day as a page that somebody copies, but the one with this title."""
    workshops = {row["key"]: row for row in json.loads((DATA / "workshops.json").read_text("utf8"))}
    lines = []
    for number, words in ((1, "één"), (2, "twee")):
        lines.append(f"Workshops ronde {words}\n")
        for row in json.loads((DATA / "sessions.json").read_text("utf8")):
            workshop = workshops[row["workshop"]]
            if row["round"] == number and workshop["title"] != without:
                hosts = [
                    f"{name} ({place})" if name and place else name or place
                    for name, place, *_more in row["hosts"]
                ]
                by = f" Door: {' en '.join(hosts)}" if hosts else ""
                lines.append(
                    f"Lees meer Klik om te sluiten\n{workshop['title']}\n{workshop['abstract']}{by}\n"
                )
    return "\n".join(lines)


def build(desk: FlaskClient) -> None:
    """The day with its rooms and rounds, its opening and one session by hand, and the others by paste."""
    made = send(
        desk, "/manage/kring/programmes/new", kind="event", title_nl="Dag van de Buurt",
        days="28 januari 2027",
        start="13.00 uur", rounds="2", rooms="13", first_round="14.00", minutes="60",
    )  # fmt: skip
    assert "Dag van de Buurt" in words_of(made.text)
    meeting = db.session.query(Round).first().meeting_id  # type: ignore[union-attr]
    opening = {"meeting_id": str(meeting), "kind": "plenary", "start": "13.00", "title_nl": "Opening"}
    send(
        desk,
        f"{AT}/blocks/new",
        **opening,
        **{"parts-0-name": "Hadassah de Boer", "parts-0-role": "day_host"},
    )
    first = db.session.query(Round).order_by(Round.number).first()
    assert first is not None
    by_hand = {"title_nl": "Groningen experimenteert met zeggenschap", "round_id": str(first.id)}
    host = {"parts-0-name": "Liesbeth van de Wetering", "parts-0-affiliation": "Gemeente Groningen"}
    send(desk, f"{AT}/sessions/new", **by_hand, **host)
    shown = send(desk, f"{AT}/bring-in", text=pasted("Groningen experimenteert met zeggenschap"))
    assert "We lezen 25 sessies" in words_of(shown.text)
    page = form_of(shown.text)
    ticked = {f"line-{n}": "on" for n in range(25)}
    done = desk.post(shown.request.path, data={**page["values"], **ticked}, follow_redirects=True)
    assert "25 sessies zijn nieuw" in words_of(done.text)


def publish(desk: FlaskClient, name: str) -> str:
    """Release what stands at the desk; what the page says."""
    page = desk.get(f"{AT}/releases")
    values = form_of(page.text, having="name")["values"]
    return words_of(
        desk.post(f"{AT}/releases", data={**values, "name": name, "sure": "y"}, follow_redirects=True).text
    )


def where(title: str, number: int = 1) -> Session:
    """The session of this workshop in this round at the desk."""
    db.session.rollback()
    rows = db.session.query(Session).populate_existing().all()
    return next(
        s for s in rows if s.workshop.title.nl == title and s.round is not None and s.round.number == number
    )


def move(desk: FlaskClient, session: Session, round: int, room: str) -> None:
    """Put a session elsewhere with the form of the grid."""
    target = db.session.query(Round).filter_by(number=round).one().id
    place = db.session.query(Room).filter_by(name=room).one().id
    answer = send(desk, f"{AT}/grid?move={session.id}", having="round", round=str(target), room=str(place))
    assert "Verplaatst." in words_of(answer.text)


def choose(client: FlaskClient, programme: Programme, name: str, *codes: str) -> Any:
    """Somebody registers and takes these sessions."""
    registration = make_registration(programme, name)
    page = f"/nl/registrations/{own_token(registration)}/choices"
    picked = dict(radio(client.get(page).text, code) for code in codes)
    said = send(client, page, **picked)
    assert all(code in words_of(said.text) for code in codes)
    return registration


def told() -> Counter[str]:
    """How many mails about changes each address got."""
    db.session.rollback()
    return Counter(row.address for row in db.session.query(Message).filter_by(template="schedules/changed"))


def test_from_nothing_to_a_second_release(app: Flask, desk: FlaskClient):
    build(desk)
    places = [s.round.number for s in db.session.query(Session) if s.round]
    assert (places.count(1), places.count(2)) == (13, 13)
    assert db.session.query(AgendaItem).count() == 3
    names = {speaker.name for speaker in db.session.query(Speaker)}
    assert {"Hadassah de Boer", "Birgit Oelkers", "Liesbeth van de Wetering", "Arie Lengkeek"} <= names

    rooms, rounds = (
        [row.id for row in db.session.query(model).order_by(model.id)] for model in (Room, Round)
    )
    assert (len(rooms), len(rounds)) == (13, 2)
    move(desk, where("Vastgoed voor de buurt"), 1, "Zaal 1")
    move(desk, where("Innoveren in de wijkaanpak"), 1, "Zaal 2")
    reader = app.test_client()
    assert reader.get("/nl/programmes/dag-van-de-buurt").status_code == 404
    assert "Publicatie 1 is openbaar" in publish(desk, "Het programma")
    public = words_of(reader.get("/nl/programmes/dag-van-de-buurt").text)
    assert "Groningen experimenteert met zeggenschap" in public
    assert "Bekijk de 26 sessies" in public

    programme = db.session.query(Programme).one()
    estate, innovating, groningen = (
        f"1.{where(title).number:02d}"
        for title in (
            "Vastgoed voor de buurt",
            "Innoveren in de wijkaanpak",
            "Groningen experimenteert met zeggenschap",
        )
    )
    choose(reader, programme, "Ann", estate)
    choose(reader, programme, "Bob", innovating)
    choose(reader, programme, "Cor", groningen)
    choose(reader, programme, "Dee")
    host_known_by_mail(programme, "Arie Lengkeek", "arie@x.example")
    assert told() == Counter()

    move(desk, where("Vastgoed voor de buurt"), 1, "Zaal 13")
    move(desk, where("Innoveren in de wijkaanpak"), 2, "Zaal 2")
    assert told() == Counter()
    assert "Zaal 13" not in reader.get("/nl/programmes/dag-van-de-buurt?view=grid").text
    assert "Publicatie 2 is openbaar" in publish(desk, "Twee sessies verplaatst")

    touched = {address("Ann"), address("Bob"), "arie@x.example"}
    assert told() == Counter(dict.fromkeys(touched, 1))
    assert "Zaal 13" in last_mail(address("Ann"))[1]
    assert "Innoveren in de wijkaanpak" in last_mail(address("Bob"))[1]
    assert "Innoveren" not in last_mail(address("Ann"))[1]
    assert "Zaal 13" in reader.get("/nl/programmes/dag-van-de-buurt?view=grid").text

    publish(desk, "Nog eens, zonder wijziging")
    assert told() == Counter(dict.fromkeys(touched, 1))


def address(name: str) -> str:
    """Where somebody gets mail."""
    return f"{name.lower()}@x.example"


@transaction()
def host_known_by_mail(programme: Programme, name: str, mail: str) -> None:
    """Staff know the address of a speaker; the sessions that are offered have this host."""
    from learning.releases.models import OfferedHost

    speaker = db.session.query(Speaker).filter_by(name=name).one()
    person = make_person(programme.organiser, name, mail)
    speaker.person_id = person.id
    for part in db.session.query(Part).filter_by(speaker_id=speaker.id):
        if part.session_id is not None:
            db.session.add(OfferedHost(session_id=part.session_id, person_id=person.id))
