"""The PDF of an issued invoice, from its frozen snapshot alone, made once by the worker."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import g, render_template
from flask_babel import force_locale, format_date
from sqlalchemy import select

from learning.billing import emails
from learning.billing.models import Invoice
from learning.kit import clock
from learning.kit.db import db, hold, transaction
from learning.kit.files import keep
from learning.kit.jobs import each_due
from learning.kit.money import euro
from learning.kit.pdf import write_pdf
from learning.kit.pictures import qr

JOB = "invoice"


def html_of(snapshot: dict[str, Any]) -> str:
    """The invoice as HTML, in the language of the buyer."""
    language = snapshot["language"]
    with force_locale(language):
        g.lang = language
        return render_template(
            "documents/invoice.html",
            invoice=snapshot,
            money=lambda text: euro(Decimal(text), language),
            number=lambda text: f"{Decimal(text).normalize():f}",
            day=lambda text: format_date(date.fromisoformat(text), "long") if text else "",
            payment=qr(payment_code(snapshot), "QR"),
        )


def pdf_of(snapshot: dict[str, Any]) -> bytes:
    """The invoice as PDF."""
    return write_pdf(html_of(snapshot))


def payment_code(snapshot: dict[str, Any]) -> str:
    """What a banking app reads: the EPC code (EPC069-12, version 2) for the amount to pay."""
    seller = snapshot["seller"]
    amount = Decimal(snapshot["gross"])
    lines = ["BCD", "002", "1", "SCT", "", seller["legal_name"][:70], seller["iban"].replace(" ", "")]
    return "\n".join([*lines, f"EUR{amount:.2f}", "", "", snapshot["number"]])


def make_due() -> None:
    """What the worker does each sweep: the PDF of every issued invoice that has none, and its mail."""
    query = (
        select(Invoice.id)
        .where(Invoice.number.is_not(None), Invoice.pdf_file_id.is_(None))
        .order_by(Invoice.id)
    )
    each_due(JOB, db.session.scalars(query).all(), make)


def make(id: int) -> None:
    """Read the frozen invoice, let go, make its PDF, and keep it."""
    snapshot = db.session.get_one(Invoice, id).snapshot
    db.session.rollback()
    if snapshot is not None:
        keep_pdf(id, pdf_of(snapshot))


@transaction()
def keep_pdf(invoice_id: int, content: bytes) -> None:
    """Store the PDF with its invoice and mail it; when another worker was first, nothing."""
    [invoice] = hold(select(Invoice).where(Invoice.id == invoice_id))
    if invoice.pdf_file_id is not None:
        return
    now = clock.now()
    file = keep(
        content,
        name=f"factuur-{invoice.number}.pdf",
        media_type="application/pdf",
        purpose="invoice",
        organiser_id=invoice.organiser_id,
        now=now,
    )
    invoice.pdf_file_id = file.id
    db.session.flush()
    emails.invoice_sent(invoice, file_id=file.id, now=now)
