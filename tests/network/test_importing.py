"""Lists of organisations, contacts and partners: looked at
before anything is saved, imported without doubles, taken along.
"""

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import event

from learning.desk import saving
from learning.desk.kind import KINDS
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.sheets import csv_file
from learning.kit.uploads import opened
from learning.mail.models import Message
from learning.network import importing
from learning.network.comparing import Book
from learning.network.models import ListImport
from learning.network.tables import COLUMNS, day_of, read_file, read_pasted
from learning.organisations.models import Organisation, Organiser, Partnership
from learning.people.models import Account, Contact, Person
from tests.browse import form_of, send, words_of
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_organisation,
    make_organiser,
    make_person,
    make_staff,
)

AT = "/manage/kring"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def organiser(app: Flask) -> Organiser:
    return make_organiser("kring")


@pytest.fixture
def desk(organiser: Organiser, sign_in: Callable[[Account], FlaskClient]) -> FlaskClient:
    """An editor's browser."""
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    return sign_in(account)


def look(desk: FlaskClient, kind: str, table: str | bytes) -> tuple[str, str]:
    """Paste a table, or upload a file: the address of what it would do, and the words there."""
    at = f"{AT}/{kind}/import"
    values = form_of(desk.get(at).text)["values"] | ({"text": table} if isinstance(table, str) else {})
    more = {} if isinstance(table, str) else {"file": (io.BytesIO(table), "lijst.xlsx")}
    answer = desk.post(at, data={**values, **more}, content_type="multipart/form-data", follow_redirects=True)
    assert answer.status_code == 200, words_of(answer.text)
    return answer.request.path, words_of(answer.text)


def bring(desk: FlaskClient, kind: str, table: str | bytes) -> str:
    """The same, and confirm it: the words of the result."""
    at, _words = look(desk, kind, table)
    done = words_of(send(desk, at).text)
    db.session.rollback()
    db.session.expire_all()
    return done


def refused(desk: FlaskClient, kind: str, table: str | bytes) -> str:
    """What is said of a file that is not read."""
    at = f"{AT}/{kind}/import"
    values = form_of(desk.get(at).text)["values"]
    more: dict[str, Any] = (
        {"text": table} if isinstance(table, str) else {"file": (io.BytesIO(table), "lijst.csv")}
    )
    answer = desk.post(at, data={**values, **more}, content_type="multipart/form-data")
    assert answer.status_code == 409
    return words_of(answer.text)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    """A spreadsheet as people make it."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def export(desk: FlaskClient, kind: str) -> bytes:
    """All rows, in the columns of the import."""
    return desk.get(f"{AT}/{kind}/export.xlsx").data


def named(name: str) -> Organisation:
    """The organisation with this name."""
    return db.session.query(Organisation).filter_by(name=name).one()


def test_organisations_are_shown_then_saved_and_a_second_time_changes_nothing(
    desk: FlaskClient, organiser: Organiser
):
    make_organisation(organiser, "Ede", kvk="12345678", street="Oud 1")
    table = (
        "Naam;SOORT;Andere namen;KvK-nummer;straat;Plaats;mail_domains;Kleur\n"
        "Den Haag;gemeente;Hofstad;;;;@denhaag.example;blauw\n"
        "Gemeente Ede;;;12345678;Nieuw 2;;;\n"
        "'t Huis;Housing corporation;;1234;;Ede;gmail.com;\n"
        "the hague;;;;;;;\n"
    )

    at, words = look(desk, "organisations", table)

    assert (
        "1 regel is nieuw, 1 wijzigt iets, 0 staan er al zo, 4 dingen kloppen niet. Er is nog niets bewaard."
        in words
    )
    assert "3 Gemeente Ede Straat en nummer: was Oud 1 → wordt Nieuw 2" in words
    assert "1 Kleur Deze kolom kennen we niet" in words
    assert "4 KvK Een KvK-nummer heeft acht cijfers." in words
    assert "4 Maildomeinen Iedereen kan een adres bij gmail.com hebben" in words
    assert "5 – Dit is dezelfde als op regel 2." in words
    assert db.session.query(Organisation).count() == 1

    done = words_of(send(desk, at).text)

    assert "1 regel is nieuw. 1 regel wijzigde iets." in done
    db.session.expire_all()
    row = named("Den Haag")
    assert (row.municipality_code, row.kind, row.mail_domains) == ("GM0518", "city", ["denhaag.example"])
    assert sorted(row.also) == ["'s-Gravenhage", "Hofstad", "The Hague"]
    assert (named("Ede").street, named("Ede").postcode) == ("Nieuw 2", "1234 AB")
    again, words = look(desk, "organisations", table)
    assert "0 regels zijn nieuw, 0 wijzigen iets, 2 staan er al zo" in words
    with pytest.raises(Refusal) as nothing:
        importing.confirm(db.session.get_one(ListImport, int(again.rsplit("/")[-1])), by=1, now=NOON)
    assert nothing.value.code == "nothing_left"


def test_an_organisation_is_known_by_oin_then_kvk_then_name(desk: FlaskClient, organiser: Organiser):
    oin = "00000003123456780000"
    make_organisation(organiser, "Eerste", oin=oin, kvk="12345678")
    make_organisation(organiser, "Tweede", kvk="12345678")
    make_organisation(organiser, "Derde", kvk="87654321")

    words = bring(
        desk, "organisations",
        f"naam;oin;kvk\nNummer een;{oin};\ntweede;;12345678\n"
        "Nummer drie;;87654321\nVierde;;11112222\nEerste;;12345678\n",
    )  # fmt: skip

    # "tweede" is spelled with a small letter now
    assert "1 regel is nieuw. 3 regels wijzigden iets." in words
    # two have it, and no one is called Eerste any more
    assert "Meer dan één organisatie heeft dit nummer" in words
    names = [name for (name,) in db.session.query(Organisation.name).order_by(Organisation.id)]
    assert names == ["Nummer een", "tweede", "Nummer drie", "Vierde"]


def test_names_that_others_have_are_errors_of_the_line_also_within_the_file(
    desk: FlaskClient, organiser: Organiser
):
    make_organisation(organiser, "Ede", kvk="12345678")
    make_organisation(organiser, "Delft", kvk="87654321")

    table = "naam;andere namen;kvk\nBond;De Unie;\nClub;de unie;\nDelft;;12345678\n"
    _at, words = look(desk, "organisations", table)

    assert "3 Andere namen Een andere organisatie staat al bekend als De Unie" in words
    assert "4 Naam Er is er al een met deze naam" in words


def test_contacts_are_confirmed_and_nobody_is_mailed(desk: FlaskClient, organiser: Organiser):
    city = make_organisation(organiser, "Zutphen")
    make_contact(city, make_person(organiser, "Ann", "ann@x.example"), confirmed=False)
    table = (
        "gemeente\tcontactpersoon\te-mail\ttaal\n"
        "Zutphen\tBob Blij\tBob@x.example\tEngels\n"
        "gemeente Zutphen\tAnn\tann@x.example\t\n"
        "Zutfen\tCor\tcor@x.example\t\n"
        "Nergenshuizen\tDirk\tdirk@x.example\t\n"
        "Zutphen\tEva\teva\tfries\n"
        "Zutphen\tBob\tbob@x.example\t\n"
    )

    at, words = look(desk, "contacts", table)

    assert "4 Organisatie Er is geen organisatie bekend als “Zutfen”. Bedoel je Zutphen?" in words
    assert "5 Organisatie Er is geen organisatie bekend als “Nergenshuizen”. Maak die eerst" in words
    assert "6 Taal “fries” is geen taal" in words
    assert "7 – Dit is dezelfde als op regel 2." in words
    assert "was nog niet bevestigd → wordt bevestigde contactpersoon" in words
    assert db.session.query(Person).count() == 1

    send(desk, at)
    db.session.expire_all()
    rows = db.session.query(Contact).order_by(Contact.id).all()
    assert [(row.person.name, row.person.mail, row.person.language) for row in rows] == [
        ("Ann", "ann@x.example", "nl"), ("Bob Blij", "Bob@x.example", "en"),
    ]  # fmt: skip
    assert all(row.confirmed_at and row.organisation_id == city.id for row in rows)
    assert db.session.query(Message).count() == 0
    assert "2 staan er al zo" in look(desk, "contacts", table)[1]


def test_another_name_at_a_known_address_takes_over_and_the_first_person_keeps_the_own_name(
    desk: FlaskClient, organiser: Organiser
):
    city = make_organisation(organiser, "Zutphen")
    make_contact(city, make_person(organiser, "Ann", "info@x.example"))

    _at, words = look(desk, "contacts", "organisatie;naam;mail\nZutphen;Bob;info@x.example")
    bring(desk, "contacts", "organisatie;naam;mail\nZutphen;Bob;info@x.example")

    assert "was Ann → wordt Bob" in words
    assert [row.person.name for row in db.session.query(Contact)] == ["Bob"]
    assert {row.name for row in db.session.query(Person)} == {"Ann", "Bob"}


def test_partners_begin_and_change_and_do_not_overlap(desk: FlaskClient, organiser: Organiser):
    city = make_organisation(organiser, "Zutphen", partner_from=date(2026, 1, 1))
    make_organisation(organiser, "Ede")
    sheet = workbook(
        ("Organisatie", "Vanaf", "Tot en met", "Niveau"),
        ("Zutphen", datetime(2026, 1, 1), "31-12-2026", "goud"),
        ("Ede", "1-2-2026", datetime(2026, 12, 31), None),
        ("Ede", "2026-12-31", None, None),
        ("Zutphen", "1 januari 2026", None, None),
        ("Ede", "31-31-2026", None, None),
        ("Ede", "2028-01-01", "2027-01-01", None),
    )

    at, words = look(desk, "partnerships", sheet)

    assert "was (leeg) → wordt 2026-12-31" in words
    assert "al partner, vanaf 2026-02-01" in words
    assert "5 – Dit is dezelfde als op regel 2" in words
    assert "6 Partner vanaf “31-31-2026” is geen dag." in words
    assert "7 Tot en met Vul een laatste dag in na de eerste." in words
    send(desk, at)
    db.session.expire_all()
    rows = db.session.query(Partnership).order_by(Partnership.id).all()
    assert [(row.from_on, row.until_on, row.level) for row in rows] == [
        (date(2026, 1, 1), date(2026, 12, 31), "goud"), (date(2026, 2, 1), date(2026, 12, 31), ""),
    ]  # fmt: skip
    assert rows[0].organisation_id == city.id


def make_list(organiser: Organiser) -> None:
    """Organisations that are hard to write down in a table, with a contact and a partnership each."""
    for values in (
        {
            "name": "Den Haag",
            "kind": "city",
            "also": "Hofstad\nA; B",
            "mail_domains": "denhaag.example\nhaag.example",
        },
        {"name": "=Gelijk", "kind": "housing_corporation", "kvk": "01234567", "oin": "00000003123456780000"},
        {
            "name": '\'s-Huis, "Oost"; noord',
            "kind": "other",
            "street": "+31 -",
            "legal_name": "'t Huis",
            "kvk": "01234567",
        },
    ):
        full = (
            {column.key: "" for column in COLUMNS["organisations"]}
            | {"language": "nl", "country": "BE"}
            | values
        )
        saved = saving.save(KINDS["organisations"], organiser.id, None, None, full, seen="", by=1, now=NOON)
        for name in ("Ann", "Bob"):
            make_contact(saved, make_person(organiser, f"{name} {saved.id}", f"info{saved.id}@x.example"))
        days = {
            "from_on": date(2026, 1, 1),
            "until_on": date(2026, 2, 1),
            "level": "@goud",
            "organisation_id": saved.id,
        }
        saving.save(KINDS["partnerships"], organiser.id, None, None, days, seen="", by=1, now=NOON)


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_what_is_exported_changes_nothing_when_it_is_imported(
    desk: FlaskClient, organiser: Organiser, lang: str
):
    make_list(organiser)
    staff = make_account("staf@x.example", language=lang)
    for kind, count in {"organisations": 3, "contacts": 6, "partnerships": 3}.items():
        sheet = export(desk, kind)
        rows = [list(row) for row in load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True)]
        as_csv = csv_file([[cell or "" for cell in row] for row in rows])
        for table in (read_file(kind, opened(sheet)), read_file(kind, as_csv)):
            kept = importing.keep(organiser.id, kind, table, name="x", by=staff.id, now=NOON)
            assert (dict(importing.counts(kept)), kept.problems) == ({"same": count}, []), (kind, kept.lines)
    words = look(desk, "organisations", export(desk, "organisations"))[1]
    assert ("3 staan er al zo, 0 dingen" if lang == "nl" else "3 are known as they are, 0 things") in words


def test_a_change_in_the_exported_sheet_is_the_only_change(desk: FlaskClient, organiser: Organiser):
    make_list(organiser)
    rows = [
        list(row)
        for row in load_workbook(io.BytesIO(export(desk, "organisations"))).active.iter_rows(values_only=True)
    ]
    heads = [column.key for column in COLUMNS["organisations"]]
    at = next(number for number, row in enumerate(rows) if row[0] == "Den Haag")
    rows[at][heads.index("also")] = "Residentie"
    rows[at][heads.index("country")] = "Nederland"

    assert "0 regels zijn nieuw. 1 regel wijzigde iets." in bring(
        desk, "organisations", workbook(*map(tuple, rows))
    )

    assert sorted(named("Den Haag").also) == ["'s-Gravenhage", "Residentie", "The Hague"]
    assert named("Den Haag").country == "NL"


def test_what_somebody_changed_meanwhile_is_left_and_said(desk: FlaskClient, organiser: Organiser):
    city = make_organisation(organiser, "Ede", street="Oud 1")
    at, _words = look(desk, "organisations", "naam;straat;plaats\nEde;Nieuw 2;\nDelft;;Delft\nGoes;;Goes")
    send(desk, f"{AT}/organisations/{city.id}", street="Anders 3")
    send(desk, f"{AT}/organisations/new", name="Delft")

    done = words_of(send(desk, at).text)

    assert "1 regel is nieuw. 0 regels wijzigden iets." in done
    assert done.count("Iemand wijzigde dit nadat je keek.") == 2
    db.session.expire_all()
    assert named("Ede").street == "Anders 3"
    assert named("Delft").city == ""


def test_a_long_list_is_imported_by_the_worker_in_pieces(desk: FlaskClient, organiser: Organiser):
    lines = "".join(f"Club {n};overig\n" for n in range(250))
    at, words = look(desk, "organisations", "naam;soort\n" + lines)
    assert "en nog 50 regels" in words
    assert "Club 199 Anders" in words
    assert "Club 200" not in words

    page = send(desk, at)
    assert page.headers["Refresh"] == "2"
    assert '<progress id="progress" max="250" value="0">' in page.text
    id = int(at.rsplit("/")[-1])
    importing.import_some(id, now=NOON)
    assert "100 van 250 regels zijn" in words_of(desk.get(at).text)
    importing.import_due()
    importing.import_due()

    assert "250 regels zijn nieuw." in words_of(desk.get(at).text)
    assert db.session.query(Organisation).count() == 250
    with pytest.raises(Refusal) as twice:
        importing.confirm(db.session.get_one(ListImport, id), by=1, now=NOON)
    assert twice.value.code == "confirmed_before"


def test_looking_at_more_lines_asks_the_database_no_more(organiser: Organiser):
    make_organisation(organiser, "Ede")
    owner, account = organiser.id, make_account("staf@x.example").id
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    def counted(size: int) -> int:
        asked.clear()
        for kind, head, line in (
            ("organisations", "naam;kvk", "Club {n};1234567{n}"),
            ("contacts", "organisatie;naam;mail", "Ede;Jo {n};jo{n}@x.example"),
            ("partnerships", "organisatie;vanaf;tot", "Ede;1-1-20{n};31-12-20{n}"),
        ):
            table = read_pasted(kind, head + "".join("\n" + line.format(n=n + 10) for n in range(size)))
            importing.keep(owner, kind, table, name="x", by=account, now=NOON)
        return len(asked)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert counted(3) == counted(30) > 0
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "Kies een bestand of plak een tabel."),
        ("zomaar een tekst\nzonder koppen", "We kennen geen kolom in deze tabel."),
        ("kvk;oin\n12345678;", "De kolom “Naam” ontbreekt."),
        ("naam;kvk\n", "Er staan geen regels onder de koppen."),
        ("naam;kvk\n" + "x;\n" * 10_001, "hoogstens 10000 regels"),
        (b'naam;kvk\n"' + b"x" * 200_000, "Ontbreekt er ergens een aanhalingsteken?"),
        (b"PK\x03\x04 kapot", "Deze spreadsheet is niet te lezen."),
        (workbook(("naam",), *[(f"n{n}",) for n in range(5_021)]), "hoogstens 5000 regels"),
    ],
    ids=["nothing", "no heads", "no name", "no lines", "long", "quotation mark", "broken", "long sheet"],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(desk: FlaskClient, table: str | bytes, said: str):
    assert said in refused(desk, "organisations", table)
    assert db.session.query(ListImport).count() == 0


def test_the_template_is_read_and_says_what_its_columns_mean(desk: FlaskClient, organiser: Organiser):
    make_organisation(organiser, "Voorbeeldstad")
    for kind in COLUMNS:
        sheet = desk.get(f"{AT}/{kind}/import/template.xlsx").data
        assert len(load_workbook(io.BytesIO(sheet)).worksheets[1]["A"]) == len(COLUMNS[kind]) + 1
        _at, words = look(desk, kind, sheet)
        assert "0 dingen kloppen niet" in words, (kind, words)
        for place in ("import", "export.xlsx"):
            if kind in KINDS:
                assert f'href="{AT}/{kind}/{place}"' in desk.get(f"{AT}/{kind}").text


def test_lists_belong_to_their_organiser(desk: FlaskClient, organiser: Organiser):
    other = make_organiser("ander")
    make_organisation(other, "Ede", kvk="12345678")
    table = read_pasted("organisations", "naam;kvk\nEde;12345678")
    kept = importing.keep(other.id, "organisations", table, name="x", by=make_account().id, now=NOON)
    assert desk.get(f"{AT}/imports/{kept.id}").status_code == 404
    assert Book(organiser.id, "organisations").organisations == []
    assert "1 regel is nieuw" in look(desk, "organisations", "naam;kvk\nEde;12345678")[1]


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31 00:00:00", "2026-01-31"),
        ("31-1-2026", "2026-01-31"),
        ("31/01/2026", "2026-01-31"),
        ("31 januari 2026", "2026-01-31"),
        ("31-1", ""),
        ("31-1-26", ""),
        ("1-1-2026, 2-1-2026", ""),
        ("30-2-2026", ""),
        ("46053", ""),
    ],
)
def test_a_day_as_people_write_it(typed: str, day: str):
    assert day_of(typed) == day


def test_a_file_may_have_any_name(desk: FlaskClient):
    for at in (f"{AT}/organisations/import",):
        values = form_of(desk.get(at).text)["values"] | {"file": (io.BytesIO(b"Naam\nEde\n"), "a\0b.csv")}
        answer = desk.post(at, data=values, content_type="multipart/form-data", follow_redirects=True)
        assert (answer.status_code, "ab.csv" in words_of(answer.text)) == (200, True)
