"""Reading programmes that were made elsewhere, and putting them in without doubles."""

import contextlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from learning.intake.actions import bring_due, confirm, keep_proposal
from learning.intake.models import BringIn
from learning.intake.proposals import Host, Proposal
from learning.intake.prose import split_title
from learning.intake.reading import read, read_text
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.uploads import opened
from learning.people.models import Account
from learning.programmes.models import Programme, Round, Session, Workshop
from tests.browse import send, words_of
from tests.make import (
    NOON,
    make_account,
    make_event,
    make_meeting,
    make_organiser,
    make_programme,
    make_round,
    make_staff,
)

PAGE = (Path(__file__).parent / "page.txt").read_text()


def test_a_pasted_page_gives_its_rounds_sessions_and_hosts():
    found = read_text(PAGE).sessions

    assert [(s.round, s.title) for s in found] == [
        (1, "Samen de straat vergroenen"),
        (1, "Wie maakt de wijk veilig? Kijk eens rond!"),
        (1, "Plan B (experiment)"),
        (2, "Samen de straat vergroenen"),
        (2, "Buurtgeld"),
    ]
    assert found[0].hosts == (
        Host("Ada de Groot", "Gemeente Voorbeeldstad"),
        Host("Bas van der Tuin", "Groenfonds"),
        Host("Cor Blad", "Wijkraad Oost"),
    )
    assert found[0].text.endswith("nog meer uitleg.")
    assert found[2].hosts == (Host("Dirk Steen", "Coöperatie De Hoek"),)
    assert "vraag@voorbeeld.example" not in found[1].text
    assert "06-" not in found[1].text


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("Kort en goed", "Kort en goed"),
        (
            "Van plan tot park: met bewoners als ontwerpers In deze "
            "sessie gaan we na hoe dat gaat, met voorbeelden. Kom!",
            None,
        ),
        (
            "Wonen boven winkels Wonen boven winkels is weer in. Wat kun je als gemeente doen om dat te helpen, en wie moet mee?",  # noqa: E501
            None,
        ),
        (
            "De kracht van Zuid De kracht van Zuid zit in de mensen. "
            "We gaan met elkaar in gesprek over wat dat betekent nu.",
            None,
        ),
    ],
)
def test_title_and_text_on_one_line(line: str, title: str | None):
    wanted = {
        "Van": "Van plan tot park: met bewoners als ontwerpers",
        "Wonen": "Wonen boven winkels",
        "De": "De kracht van Zuid",
    }
    got, rest = split_title(line)

    assert got == (title or wanted[line.split()[0]])
    assert rest == line[len(got) :].strip()


def test_a_simple_text_with_empty_lines():
    found = read_text("Ronde 1\n\nEerste\nuitleg. Door: Ada (X)\n\nTweede\n\nRonde 2\n\n- Derde\n").sessions

    assert [(s.round, s.title, s.hosts) for s in found] == [
        (1, "Eerste", (Host("Ada", "X"),)),
        (1, "Tweede", ()),
        (2, "Derde", ()),
    ]


TABLE = (
    "Ronde;Titel;Begeleiders;Zaal;Plekken;Kleur\n1;Groen;Ada "
    "de Groot (X), Bas;Zaal 1;40;rood\n2;;;;;\nx;Blauw;;;veel;\n"
)


def test_a_table_names_each_line_that_is_wrong():
    got = read(TABLE.encode("cp1252"))

    assert [(s.line, s.round, s.title, s.capacity, s.hosts) for s in got.sessions] == [
        (2, 1, "Groen", 40, (Host("Ada de Groot", "X"), Host("Bas"))),
        (4, 0, "Blauw", None, ()),
    ]
    assert [(p.line, p.values.get("typed") or p.values.get("name")) for p in got.problems] == [
        (1, "Kleur"),
        (3, None),
        (4, "x"),
        (4, "veel"),
    ]


def sheet(rows: list[list[object]]) -> bytes:
    """A spreadsheet."""
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_spreadsheet_reads_as_a_table(app: Flask):
    got = read(opened(sheet([["Titel", "Ronde", "Plekken"], ["Groen", 1, 40.0], ["Blauw", 2, None]])))

    assert [(s.title, s.round, s.capacity) for s in got.sessions] == [("Groen", 1, 40), ("Blauw", 2, None)]
    assert got.problems == ()


def test_what_the_files_of_a_programme_say_comes_back_in(app: Flask, client: FlaskClient):
    event = make_event(slug="dag")
    first = [(r.number, s.workshop.title.nl) for r in event.rounds for s in r.sessions]

    for kind in ("xml", "json"):
        got = read(client.get(f"/programmes/dag.{kind}").data)
        assert sorted((s.round, s.title) for s in got.sessions) == sorted(first)


def bomb() -> bytes:
    """A small file that unpacks to far too much."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]><schedule>&c;</schedule>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "nothing_found"),
        (b"zomaar wat", "nothing_found"),
        (b"PK\x03\x04 kapot", "no_spreadsheet"),
        (b"<kapot", "no_xml"),
        (b"{kapot", "no_json"),
        (b'{"schedule": {"conference": {"days": 3}}}', "no_json"),
        (b"[" * 5000, "nothing_found"),
        (b'{"a":' * 50_000, "no_json"),
        (ENTITIES, "xml_entities"),
        (b"Titel;Ronde\n" + b"a;1\n" * 5001, "too_many"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(app: Flask, content: bytes, code: str):
    with pytest.raises(Refusal) as refusal:
        read(opened(content))
    assert refusal.value.code == code


def test_a_spreadsheet_bomb_is_refused_unopened(app: Flask):
    with pytest.raises(Refusal) as refusal:
        opened(bomb())
    assert refusal.value.code == "too_big"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_whatever_comes_is_read_or_refused(content: bytes):
    with contextlib.suppress(Refusal):
        assert isinstance(read(content), Proposal)


@given(st.text(max_size=400))
def test_whatever_is_pasted_is_read_or_refused(text: str):
    with contextlib.suppress(Refusal):
        assert isinstance(read_text("Ronde 1\n" + text), Proposal)


@pytest.fixture
def programme(app: Flask) -> Programme:
    """An event with one round."""
    programme = make_programme(make_organiser("kring"), slug="dag")
    make_round(make_meeting(programme))
    return programme


def by(programme: Programme) -> int:
    """The account of an editor."""
    account = make_account("staf@x.example")
    if not db.session.query(BringIn).count():
        make_staff(programme.organiser, account, "editor")
    return account.id


def bring(programme: Programme, text: str) -> None:
    """Read, confirm, and let the worker do it."""
    account = by(programme)
    kept = keep_proposal(programme, read_text(text), name="x", by=account, now=NOON)
    confirm(kept, by=account, now=NOON)
    bring_due()


def test_brought_in_twice_makes_nothing_double(programme: Programme):
    bring(programme, PAGE)
    bring(programme, PAGE.replace("We bespreken voorbeelden.", "Nieuwe tekst."))

    rows = db.session.query(Session).order_by(Session.round_id, Session.number).all()
    assert [(s.round.number, s.number) for s in rows if s.round] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert db.session.query(Workshop).count() == 4  # one is given twice
    assert [r.number for r in db.session.query(Round).order_by(Round.number)] == [1, 2]
    assert "Nieuwe tekst." in rows[1].workshop.abstract_html.nl
    assert [p.speaker.name for p in rows[0].parts] == ["Ada de Groot", "Bas van der Tuin", "Cor Blad"]
    done = db.session.query(BringIn).order_by(BringIn.id).all()
    assert [(kept.made, kept.finished_at is not None) for kept in done] == [(5, True), (0, True)]


def test_confirmed_twice_is_refused(programme: Programme):
    account = by(programme)
    kept = keep_proposal(programme, read_text(PAGE), name="x", by=account, now=NOON)
    confirm(kept, without={0, 1, 2, 3}, by=account, now=NOON)

    with pytest.raises(Refusal, match="already"):
        confirm(kept, by=account, now=NOON)
    bring_due()
    assert [s.workshop.title.nl for s in db.session.query(Session)] == ["Buurtgeld"]


def test_the_page_shows_first_and_saves_after(
    app: Flask, programme: Programme, sign_in: Callable[..., FlaskClient]
):
    client = sign_in(db.session.get_one(Account, by(programme)))
    at = "/manage/kring/programmes/dag/bring-in"

    empty = send(client, at)
    assert "Plak een tekst of kies een bestand." in words_of(empty.text)
    shown = send(client, at, text=PAGE)
    assert "We lezen 5 sessies." in words_of(shown.text)
    assert db.session.query(Session).count() == 0

    kept = db.session.query(BringIn).one()
    data = {f"line-{n}": "on" for n in range(5) if n != 2}
    done = client.post(f"{at}/{kept.id}", data=data, follow_redirects=True)
    assert "4 sessies zijn nieuw." in words_of(done.text)
    db.session.rollback()
    assert "Plan B (experiment)" not in {s.workshop.title.nl for s in db.session.query(Session)}
    assert client.get(f"{at}/example.csv").data.decode("utf-8-sig").startswith("ronde;titel")
    upload = {"file": (io.BytesIO(b"PK\x03\x04kapot"), "a.xlsx")}
    assert "niet te lezen" in words_of(client.post(at, data=upload, content_type="multipart/form-data").text)
    huge = {"file": (io.BytesIO(b"x" * 3_000_000), "a.csv")}
    assert client.post(at, data=huge, content_type="multipart/form-data").status_code == 413
    assert client.get(f"{at}/999999").status_code == 404


def test_five_thousand_lines_go_in_by_the_worker_with_progress(
    programme: Programme, sign_in: Callable[..., FlaskClient]
):
    account = by(programme)
    client = sign_in(db.session.get_one(Account, account))
    table = "titel;ronde\n" + "".join(f"Sessie {n};1\n" for n in range(120))
    kept = keep_proposal(programme, read_text(table), name="x", by=account, now=NOON)
    data = {f"line-{n}": "on" for n in range(120)}
    at = f"/manage/kring/programmes/dag/bring-in/{kept.id}"

    answer = client.post(at, data=data, follow_redirects=True)

    assert "0 van 120 regels zijn binnen." in words_of(answer.text)
    assert answer.headers["Refresh"] == "2"
    bring_due()
    assert "120 sessies zijn nieuw." in words_of(client.get(at).text)
    assert json.dumps(sorted(s.number or 0 for s in db.session.query(Session))) == json.dumps(
        list(range(1, 121))
    )
