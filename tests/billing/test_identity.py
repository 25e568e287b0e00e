"""Who an organiser is on its invoices: what is read, what is
missing, and a first invoice of an organiser made from nothing.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.billing import actions, documents, queries
from learning.billing.models import Invoice
from learning.billing.rules import Line, Party, complaints, gaps, treated
from learning.delegations.models import Delegation
from learning.kit.db import db, transaction
from learning.kit.files import path_of
from learning.kit.trail import AuditEvent
from learning.organisations.models import Organiser
from learning.organisations.rules import bare, iban_of, iban_shown, postcode_of
from learning.people.models import Account
from tests.billing.test_actions import pdf_words
from tests.browse import form_of, links, send, words_of
from tests.make import (
    NOON,
    make_account,
    make_delegation,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_staff,
    release,
)

SignIn = Callable[[Account], FlaskClient]
NOTHING = {
    "legal_name": "", "street": "", "postcode": "", "city": "", "kvk": "", "vat_id": "", "iban": "",
    "vat_category": None,
}  # fmt: skip
WHOLE = Party(
    "Stichting", "Weg 1", "1234 AB", "Utrecht", kvk="12345678", vat_id="NL1", iban="NL91", vat_category="S"
)
TYPED = {
    "legal_name": "Stichting Nieuw",
    "street": "Nieuwstraat 5",
    "postcode": "1234ab",
    "city": "Ede",
    "kvk": "KvK 12 34 56 78",
    "vat_category": "S",
    "vat_id": "nl 1234.56.782.b90",
    "iban": "nl91abna0417164300",
    "payment_days": "14 dagen",
    "invoice_foot_nl": "Vragen? Bel de administratie.\nDank je wel.",
    "invoice_foot_en": "",
}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1234ab", "1234 AB"), (" 1234 AB ", "1234 AB"), ("1234  ab", "1234 AB"), ("0234 AB", ""),
        ("1234", ""),
        ("12345 AB", ""), ("1234 SS", ""),
    ],
)  # fmt: skip
def test_postcodes_as_people_write_them(typed: str, read: str):
    assert postcode_of(typed) == read


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("nl91abna0417164300", "NL91 ABNA 0417 1643 00"),
        ("NL91 ABNA 0417.1643.00", "NL91 ABNA 0417 1643 00"),
        ("NL92 ABNA 0417 1643 00", ""), ("NL91", ""), ("", ""), ("IBAN?", ""),
    ],
)  # fmt: skip
def test_account_numbers_as_people_write_them(typed: str, shown: str):
    assert iban_shown(iban_of(typed)) == shown


def test_numbers_without_what_people_put_around_them():
    assert [bare("KvK: 12.34.56 78"), bare("oin 00000003123456780000"), bare("NL1234.56.782.B90")] == [
        "12345678", "00000003123456780000", "NL123456782B90",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        ({}, []),
        ({"legal_name": "", "iban": ""}, ["legal_name", "iban"]),
        ({"kvk": "", "oin": "0"}, []),
        ({"kvk": ""}, ["kvk"]),
        ({"vat_category": None}, ["vat_category"]),
        ({"vat_id": ""}, ["vat_id"]),
        ({"vat_category": "E", "vat_id": ""}, ["vat_ground"]),
        ({"vat_category": "O", "vat_id": "", "vat_ground": "no enterprise"}, []),
    ],
)
def test_what_an_identity_lacks(columns: dict[str, Any], missing: list[str]):
    assert [gap.field for gap in gaps(Party(**{**vars(WHOLE), **columns}))] == missing


def test_who_charges_no_vat_sends_no_price_with_vat_and_says_why_on_open_ones():
    exempt = Party(**{**vars(WHOLE), "vat_category": "E", "vat_ground": "KOR"})
    buyer, priced = Party("G", "M 1", "1234 AB", "Ede"), Line("x", Decimal(1), Decimal(3), "S", Decimal(21))
    open_price = Line("x", Decimal(1), Decimal(3), None, None)

    assert [no.code for no in complaints(exempt, buyer, [priced], "r")] == ["vat_against_seller"]
    assert [no.code for no in complaints(exempt, buyer, [treated(open_price, exempt)], "r")] == []
    assert treated(open_price, WHOLE) is open_price
    assert treated(priced, exempt) is priced


class Office:
    """An organiser made from nothing, its admin, and a city that takes part for 3,000 euro."""

    def __init__(self, **columns: Any) -> None:
        self.organiser = make_organiser("nieuw", **{**NOTHING, "mail": "", **columns})
        self.admin = make_account("admin@nieuw.example", name="Ada")
        make_staff(self.organiser, self.admin, "admin")
        self.finance = make_account("geld@nieuw.example", name="Gea")
        make_staff(self.organiser, self.finance, "finance")
        programme = make_programme(self.organiser, kind="learning_community", by_delegation=True)
        make_meeting(programme, on=date(2026, 12, 11))
        release(programme)
        city = make_organisation(self.organiser, "Zutphen")
        contact = make_person(self.organiser, "Con", "contact@x.example")
        self.delegation = make_delegation(programme, city, contact, price=Decimal(3000))


@pytest.fixture
def office(app: Flask) -> Office:
    """The office."""
    return Office()


def test_from_nothing_to_a_numbered_invoice(office: Office, sign_in: SignIn):
    client = sign_in(office.admin)
    draft = actions.draft_invoice(office.delegation, by=office.admin, now=NOON)
    page = client.get(f"/manage/nieuw/invoices/{draft.id}")
    missing = [url for url in links(page.text) if url.startswith("/manage/nieuw/identity#")]

    assert [url.rpartition("#")[2] for url in missing] == [
        "legal_name", "street", "postcode", "city", "kvk", "vat_category", "iban",
    ]  # fmt: skip
    refused = client.post(f"/manage/nieuw/invoices/{draft.id}/issue", data={"form_key": "first"})
    assert refused.status_code == 409
    assert "/manage/nieuw/identity#iban" in refused.text
    form = client.get("/manage/nieuw/identity")
    assert "Nog 7 dingen nodig" in words_of(form.text)
    assert all(f'id="{url.rpartition("#")[2]}"' in form.text for url in missing)

    saved = send(client, "/manage/nieuw/identity", having="seen", **TYPED)

    shown = form_of(saved.text, having="seen")["values"]
    read = ["1234 AB", "12345678", "NL123456782B90", "NL91 ABNA 0417 1643 00", "14"]
    assert [shown[name] for name in ("postcode", "kvk", "vat_id", "iban", "payment_days")] == read
    assert "Alles is ingevuld" in words_of(saved.text)
    done = send(client, f"/manage/nieuw/invoices/{draft.id}")
    number = f"{datetime.now(UTC).year}-00001"
    assert f"Factuur {number}" in words_of(done.text)
    db.session.expire_all()
    documents.make_due()
    db.session.expire_all()
    invoice = db.session.get_one(Invoice, draft.id)
    assert invoice.snapshot is not None
    assert invoice.pdf is not None
    assert invoice.issued_on is not None
    assert invoice.due_on is not None
    assert (invoice.due_on - invoice.issued_on).days == 14
    assert (invoice.snapshot["payment_days"], invoice.snapshot["seller"]["vat_category"]) == (14, "S")
    words = pdf_words(path_of(invoice.pdf))
    for piece in (
        number,
        "Stichting Nieuw",
        "1234 AB Ede",
        "Binnen 14 dagen",
        "Bel de administratie.",
        "€ 3.630,00",
    ):
        assert piece in words, piece


def test_an_issued_invoice_keeps_the_identity_of_its_day(office: Office, sign_in: SignIn):
    client = sign_in(office.admin)
    send(client, "/manage/nieuw/identity", having="seen", **TYPED)
    invoice = actions.issue(
        actions.draft_invoice(office.delegation, by=office.admin, now=NOON), by=office.admin, now=NOON
    )
    before = dict(invoice.snapshot or {})

    later = {"legal_name": "Anders", "invoice_foot_nl": "Anders", "payment_days": "60"}
    send(client, "/manage/nieuw/identity", having="seen", **later)

    db.session.expire_all()
    assert db.session.get_one(Invoice, invoice.id).snapshot == before


def test_an_older_snapshot_shows_no_empty_labels(office: Office, sign_in: SignIn):
    send(sign_in(office.admin), "/manage/nieuw/identity", having="seen", **TYPED)
    invoice = actions.issue(
        actions.draft_invoice(office.delegation, by=office.admin, now=NOON), by=office.admin, now=NOON
    )
    frozen = invoice.snapshot or {}
    old = {name: value for name, value in frozen.items() if name not in ("foot", "payment_days")}

    words = words_of(documents.html_of(old))

    assert "Binnen" not in words
    assert "Vragen over deze factuur" not in words  # this organiser gave no address
    assert "KvK 12345678, btw-nummer NL123456782B90" in words


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("kvk", "1234567", "acht cijfers"),
        ("oin", "123", "twintig cijfers"),
        ("vat_id", "NL123456789B01", "De cijfers van dit btw-nummer kloppen niet"),
        ("iban", "NL92 ABNA 0417 1643 00", "Dit IBAN klopt niet"),
        ("postcode", "12345", "vier cijfers en twee letters"),
        ("street", "Postbus 12", "niet een postbus"),
        ("payment_days", "0", "van 1 tot en met 120"),
        ("payment_days", "121", "van 1 tot en met 120"),
        ("payment_days", "", "van 1 tot en met 120"),
        ("payment_days", "1e2", "van 1 tot en met 120"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(
    office: Office, sign_in: SignIn, field: str, typed: str, words: str
):
    answer = send(sign_in(office.finance), "/manage/nieuw/identity", having="seen", **{**TYPED, field: typed})

    assert answer.status_code == 422
    assert words in words_of(answer.text)
    shown = form_of(answer.text, having="seen")["values"]
    assert (shown[field], shown["legal_name"]) == (typed, "Stichting Nieuw")
    db.session.expire_all()
    assert db.session.get_one(Organiser, office.organiser.id).legal_name == ""


def test_nobody_overwrites_unseen(office: Office, sign_in: SignIn):
    client = sign_in(office.admin)
    tab = form_of(client.get("/manage/nieuw/identity").text, having="seen")["values"]
    send(client, "/manage/nieuw/identity", having="seen", **TYPED)

    late = client.post("/manage/nieuw/identity", data={**tab, "legal_name": "Laat", "payment_days": "30"})

    assert late.status_code == 409
    assert "Nu staat er: Stichting Nieuw" in words_of(late.text)
    assert form_of(late.text, having="seen")["values"]["legal_name"] == "Laat"
    again = client.post("/manage/nieuw/identity", data=form_of(late.text, having="seen")["values"])
    db.session.expire_all()
    assert (again.status_code, db.session.get_one(Organiser, office.organiser.id).legal_name) == (302, "Laat")


def test_the_log_says_what_it_was_and_what_it_is(office: Office, sign_in: SignIn):
    client = sign_in(office.finance)
    send(client, "/manage/nieuw/identity", having="seen", **TYPED)
    send(client, "/manage/nieuw/identity", having="seen", iban="NL02ABNA0123456789")

    lines = db.session.scalars(
        select(AuditEvent).where(AuditEvent.verb == "identity of").order_by(AuditEvent.id)
    ).all()

    assert [(line.thing, line.thing_id, line.account_id) for line in lines] == [
        ("organiser", office.organiser.id, office.finance.id)
    ] * 2
    assert (lines[1].before, lines[1].after) == (
        {"iban": "NL91ABNA0417164300"},
        {"iban": "NL02ABNA0123456789"},
    )


def test_a_price_that_left_vat_open_follows_who_charges_none(app: Flask, sign_in: SignIn):
    office = Office()
    untreated(office.delegation.id)
    send(
        sign_in(office.admin),
        "/manage/nieuw/identity",
        having="seen",
        **{**TYPED, "vat_category": "E", "vat_ground": "Kleineondernemersregeling"},
    )
    draft = actions.draft_invoice(office.delegation, by=office.admin, now=NOON)

    invoice = actions.issue(draft, by=office.admin, now=NOON)

    assert [(line.vat_category, line.vat_ground) for line in invoice.lines] == [
        ("E", "Kleineondernemersregeling")
    ]
    words = words_of(documents.html_of(invoice.snapshot or {}))
    assert "Geen btw over € 3.000,00 Kleineondernemersregeling" in words
    assert invoice.total == 3000


@transaction()
def untreated(delegation_id: int) -> None:
    """The price was agreed before anybody knew its VAT."""
    row = db.session.get_one(Delegation, delegation_id)
    row.price_vat_category = row.price_vat_rate = None


def test_who_may(office: Office, sign_in: SignIn):
    editor, stranger = make_account("red@nieuw.example"), make_account("s@x.example")
    make_staff(office.organiser, editor, "editor")
    other = make_account("admin@ander.example")
    make_staff(make_organiser("ander"), other, "admin")
    who = (office.admin, office.finance, editor, other, stranger)

    answers = [sign_in(account).get("/manage/nieuw/identity").status_code for account in who]

    assert answers == [200, 200, 403, 404, 404]
    assert queries.missing_identity(office.organiser)[0].field == "legal_name"
