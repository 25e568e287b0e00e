"""Drafts, issuing, freezing and the PDF."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from learning.billing import actions, documents
from learning.billing.models import Invoice
from learning.delegations.models import Delegation
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.files import path_of
from learning.kit.pdf import write_pdf
from learning.kit.typesetting import Forbidden, static_file
from learning.mail.models import Message
from learning.people.models import Account
from tests.make import (
    NOON,
    make_account,
    make_delegation,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    release,
)


@pytest.fixture
def finance(app: Flask) -> Account:
    """Who makes invoices."""
    return make_account("finance@x.example")


def delegations(count: int = 1, **columns: Any) -> list[Delegation]:
    """Delegations of as many cities in one programme."""
    organiser = make_organiser()
    programme = make_programme(organiser, kind="learning_community", by_delegation=True)
    make_meeting(programme, on=date(2026, 12, 11))
    make_meeting(programme, on=date(2027, 4, 18))
    release(programme)
    contact = make_person(organiser, "Con")
    price = columns.pop("price", Decimal(3000))
    return [
        make_delegation(programme, make_organisation(organiser, f"Stad {n}"), contact, price=price, **columns)
        for n in range(count)
    ]


def test_a_draft_is_made_once_and_has_no_number(finance: Account):
    [delegation] = delegations()

    first = actions.draft_invoice(delegation, by=finance, now=NOON)
    again = actions.draft_invoice(delegation, by=finance, now=NOON)

    assert first.id == again.id
    assert (first.number, first.snapshot) == (None, None)
    assert [(line.quantity, line.unit_price, line.vat_rate) for line in first.lines] == [(1, 3000, 21)]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"confirmed_at": None}, "not_confirmed"),
        ({"price": None}, "nothing_to_charge"),
        ({"price": Decimal(0)}, "nothing_to_charge"),
    ],
)
def test_no_draft(finance: Account, columns: dict[str, Any], code: str):
    [delegation] = delegations(**columns)

    with pytest.raises(Refusal) as no:
        actions.draft_invoice(delegation, by=finance, now=NOON)

    assert no.value.code == code


def test_issuing_numbers_freezes_and_copies(finance: Account):
    [delegation] = delegations()
    invoice = actions.issue(actions.draft_invoice(delegation, by=finance, now=NOON), by=finance, now=NOON)

    frozen = invoice.snapshot or {}
    assert (invoice.number, invoice.issued_on, invoice.due_on) == (
        "2026-00001",
        date(2026, 11, 24),
        date(2026, 12, 24),
    )
    assert (frozen["net"], frozen["vat"], frozen["gross"]) == ("3000.00", "630.00", "3630.00")
    assert frozen["buyer"]["legal_name"] == "Gemeente Stad 0"
    assert frozen["period"] == "2026-12-11/2027-04-18"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET number = '2026-99999' WHERE id = :id",
        "UPDATE invoice SET total = 1 WHERE id = :id",
        "UPDATE invoice SET issued_on = '2020-01-01' WHERE id = :id",
        "DELETE FROM invoice_line WHERE invoice_id = :id",
        "DELETE FROM invoice WHERE id = :id",
        "UPDATE invoice_line SET quantity = 2 WHERE invoice_id = :id",
    ],
)
def test_an_issued_invoice_never_changes(finance: Account, statement: str):
    [delegation] = delegations()
    invoice = actions.issue(actions.draft_invoice(delegation, by=finance, now=NOON), by=finance, now=NOON)

    @transaction()
    def change() -> None:
        db.session.execute(text(statement), {"id": invoice.id})

    with pytest.raises(DatabaseError, match=r"frozen|kept"):
        change()


def test_issued_twice_and_deleted_are_refused(finance: Account):
    [delegation] = delegations()
    invoice = actions.issue(actions.draft_invoice(delegation, by=finance, now=NOON), by=finance, now=NOON)

    for action in (actions.issue, actions.delete_draft):
        with pytest.raises(Refusal, match="issued"):
            action(invoice, by=finance, now=NOON)


def test_a_refused_issue_takes_no_number(finance: Account):
    bad, good = delegations(2)
    drafts = [actions.draft_invoice(d, by=finance, now=NOON) for d in (bad, good)]
    forget_reference(bad)

    with pytest.raises(Refusal, match="purchase-order"):
        actions.issue(drafts[0], by=finance, now=NOON)

    assert actions.issue(drafts[1], by=finance, now=NOON).number == "2026-00001"


@transaction()
def forget_reference(delegation: Delegation) -> None:
    """The purchase-order number is gone."""
    db.session.get_one(Delegation, delegation.id).order_ref = ""


def test_many_at_once_have_no_gaps_and_no_doubles(app: Flask, finance: Account):
    ids = [actions.draft_invoice(d, by=finance, now=NOON).id for d in delegations(12)]
    account_id = finance.id
    db.session.remove()

    def issue(id: int) -> str:
        with app.app_context():
            invoice, account = db.session.get_one(Invoice, id), db.session.get_one(Account, account_id)
            number = actions.issue(invoice, by=account, now=NOON).number or ""
            db.session.remove()
            return number

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(issue, ids))

    assert numbers == [f"2026-{n:05d}" for n in range(1, 13)]


def test_a_new_year_begins_a_new_series_and_days_never_go_back(finance: Account):
    first, second, third = (actions.draft_invoice(d, by=finance, now=NOON) for d in delegations(3))
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # 00:30 on 1 January in Amsterdam

    actions.issue(first, by=finance, now=NOON)
    actions.issue(second, by=finance, now=new_year)
    actions.issue(third, by=finance, now=datetime(2027, 1, 1, 0, 0, tzinfo=UTC))

    assert [i.number for i in (first, second, third)] == ["2026-00001", "2027-00001", "2027-00002"]
    assert [i.issued_on for i in (first, second, third)] == [
        date(2026, 11, 24),
        date(2027, 1, 1),
        date(2027, 1, 1),
    ]


def test_the_worker_makes_the_pdf_and_mails_it_once(finance: Account, tmp_path: Path):
    [delegation] = delegations()
    invoice = actions.issue(actions.draft_invoice(delegation, by=finance, now=NOON), by=finance, now=NOON)

    documents.make_due()
    documents.make_due()

    db.session.rollback()
    invoice = db.session.get_one(Invoice, invoice.id)
    assert invoice.pdf is not None
    words = pdf_words(path_of(invoice.pdf))
    for piece in (
        "Factuur 2026-00001",
        "Gemeente Stad 0",
        "€ 3.630,00",
        "€ 630,00",
        "21%",
        "NL91 ABNA 0417 1643 00",
        "4500-1",
    ):
        assert piece in words, piece
    mails = db.session.scalars(select(Message).where(Message.template == "billing/invoice_sent")).all()
    assert [(mail.address, mail.file_id) for mail in mails] == [
        ("facturen@stad-0.example", invoice.pdf_file_id)
    ]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://static.invalid/../pyproject.toml",
        "https://static.invalid/%2e%2e/app.py",
        "data:text/plain,x",
    ],
)
def test_documents_fetch_our_own_files_only(app: Flask, url: str):
    with pytest.raises(Forbidden):
        static_file(url)


def test_no_file_of_the_machine_gets_into_a_pdf(app: Flask, tmp_path: Path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret of the machine")
    links = f'<link rel="attachment" href="file://{secret}"><img src="file://{secret}"><iframe src="file://{secret}">'
    pdf = write_pdf(f"<html><body>{links}<p>hello</p></body></html>")
    (tmp_path / "out.pdf").write_bytes(pdf)

    assert "hello" in pdf_words(tmp_path / "out.pdf")
    listed = subprocess.run(
        ["pdfdetach", "-list", tmp_path / "out.pdf"], capture_output=True, text=True, check=False
    )
    assert listed.stdout.startswith("0 embedded files")
    assert b"secret of the machine" not in pdf


def pdf_words(path: Path) -> str:
    """The text of a PDF, as a reader copies it."""
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True)
    return " ".join(run.stdout.replace(chr(0xA0), " ").split())
