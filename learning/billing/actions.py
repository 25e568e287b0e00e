"""Drafting an invoice for a delegation and issuing it: number, snapshot and freeze in one transaction."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from learning.billing import queries
from learning.billing.models import Invoice, InvoiceLine, InvoiceSeries
from learning.billing.numbering import CODE, format_number
from learning.billing.rules import check_issuable, totals
from learning.delegations.models import Delegation
from learning.kit.changes import said_by
from learning.kit.clock import local
from learning.kit.db import after_commit, attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import nudge
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.releases.queries import current_picture


@transaction()
def draft_invoice(delegation: Delegation, *, by: Account, now: datetime) -> Invoice:
    """A draft for what this delegation agreed to; the one that was made before when there is one."""
    [delegation] = lock(Delegation, [delegation.id])
    if delegation.confirmed_at is None or delegation.ended_at is not None:
        raise Refusal("not_confirmed", N_("Confirm the delegation before you make its invoice."))
    known = queries.invoice_of(delegation)
    if known is not None:
        return known
    line = queries.chargeable(delegation)
    if line is None:
        raise Refusal("nothing_to_charge", N_("Nothing was agreed to be paid: no invoice is needed."))
    invoice = Invoice(organiser_id=delegation.organiser_id, delegation_id=delegation.id, made_at=now)
    db.session.add(invoice)
    db.session.flush()
    db.session.add(
        InvoiceLine(organiser_id=invoice.organiser_id, invoice_id=invoice.id, position=1, **asdict(line))
    )
    db.session.flush()
    db.session.expire(invoice, ["lines"])
    record("drafted", invoice, organiser_id=invoice.organiser_id, by=by.id, at=now)
    return invoice


@transaction()
def delete_draft(invoice: Invoice, *, by: Account, now: datetime) -> None:
    """Throw a draft away; an issued invoice stays for ever."""
    lock(Delegation, [invoice.delegation_id] if invoice.delegation_id else [])
    db.session.refresh(invoice)
    if invoice.number is not None:
        raise Refusal("issued", N_("An issued invoice is never deleted."))
    record("deleted", invoice, organiser_id=invoice.organiser_id, by=by.id, at=now, before=said_by(invoice))
    db.session.execute(delete(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id))
    db.session.delete(invoice)


@transaction()
def issue(invoice: Invoice, *, by: Account, now: datetime) -> Invoice:
    """Give the invoice its number and freeze it. The PDF and the mail follow by the worker."""
    organiser = db.session.get_one(Organiser, invoice.organiser_id, populate_existing=True)
    on = local(now).date()
    series = _series(organiser.id, on.year)
    db.session.refresh(invoice)
    delegation = invoice.delegation
    if invoice.number is not None or delegation is None:
        raise Refusal("issued_already", N_("This invoice was issued as %(number)s."), number=invoice.number)
    seller, buyer = queries.seller_of(organiser), queries.buyer_of(delegation.organisation)
    lines = queries.lines_of(invoice, seller)
    check_issuable(seller, buyer, lines, delegation.order_ref or delegation.buyer_ref)
    for row, line in zip(invoice.lines, lines, strict=True):
        row.vat_category, row.vat_ground = line.vat_category, line.vat_ground
    db.session.flush()  # before the number, after which lines are frozen
    on = max(on, series.last_issued_on or on)
    sums, language = totals(lines), delegation.organisation.language
    number, due = format_number(series.year, series.next), on + timedelta(days=organiser.payment_days)
    snapshot = {
        "number": number,
        "language": language,
        "issued_on": on,
        "due_on": due,
        "payment_days": organiser.payment_days,
        "organiser": organiser.name,
        "brand_colour": organiser.brand_colour,
        "seller": asdict(seller),
        "buyer": asdict(buyer),
        "contact": delegation.contact.name,
        "contact_mail": delegation.contact.mail,
        "order_ref": delegation.order_ref,
        "buyer_ref": delegation.buyer_ref,
        "delegation": delegation.code,
        "period": _period(delegation),
        "reason": delegation.price_reason,
        "lines": [{**asdict(line), "net": line.net} for line in lines],
        "groups": [asdict(group) for group in sums.groups],
        "net": sums.net,
        "vat": sums.vat,
        "gross": sums.gross,
        "foot": organiser.invoice_foot.pick(language),
    }
    mail = delegation.organisation.finance_mail or delegation.contact.mail
    with db.session.no_autoflush:  # the table takes number, day and snapshot together or not at all
        invoice.series_id, invoice.sequence, invoice.number = series.id, series.next, number
        invoice.issued_on, invoice.issued_at, invoice.due_on = on, now, due
        invoice.total, invoice.mailed_to, invoice.snapshot = sums.gross, mail, _plain(snapshot)
    series.next += 1
    series.last_issued_on = on
    record("issued", invoice, organiser_id=organiser.id, by=by.id, at=now, words=invoice.number)
    db.session.flush()
    after_commit(nudge)
    return invoice


def _series(organiser_id: int, year: int) -> InvoiceSeries:
    """The counter of this year, locked; made when it is the first invoice."""
    mine = select(InvoiceSeries.id).where(
        InvoiceSeries.organiser_id == organiser_id, InvoiceSeries.code == CODE, InvoiceSeries.year == year
    )
    id = db.session.scalar(mine)
    if id is None:
        try:
            with attempt():
                db.session.add(InvoiceSeries(organiser_id=organiser_id, code=CODE, year=year, next=1))
                db.session.flush()
        except IntegrityError:  # somebody issues the first one too
            pass
        id = db.session.scalars(mine).one()
    [series] = lock(InvoiceSeries, [id])
    return series


def _period(delegation: Delegation) -> str:
    """When the service is given, in the buyer's language: the first and the last meeting."""
    picture = current_picture(delegation.programme_id)
    days = sorted(m.on for m in picture.meetings if m.on and not m.cancelled) if picture else []
    if not days:
        return ""
    return days[0].isoformat() if days[0] == days[-1] else f"{days[0].isoformat()}/{days[-1].isoformat()}"


def _plain(value: Any) -> Any:
    """Values as JSON keeps them: amounts and days as text."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, (str, int)) else str(value)
