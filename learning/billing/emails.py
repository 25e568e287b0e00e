"""The mail with an invoice."""

from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date

from learning.billing.models import Invoice
from learning.kit.money import euro
from learning.mail.actions import queue


def invoice_sent(invoice: Invoice, *, file_id: int, now: datetime) -> None:
    """The invoice as PDF, to the address for invoices of the buyer."""
    frozen = invoice.snapshot or {}
    language = frozen["language"]
    queue(
        "billing/invoice_sent",
        to=invoice.mailed_to,
        name=frozen["buyer"]["legal_name"],
        language=language,
        values={
            "number": frozen["number"],
            "amount": euro(Decimal(frozen["gross"]), language),
            "due": format_date(date.fromisoformat(frozen["due_on"]), "long", locale=language),
            "programme": frozen["lines"][0]["description"],
            "order_ref": frozen["order_ref"],
            "sender": frozen["organiser"],
            "reply_to": frozen["seller"]["mail"],
        },
        once=f"invoice-{invoice.id}",
        organiser_id=invoice.organiser_id,
        now=now,
        file_id=file_id,
    )
