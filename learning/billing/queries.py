"""Invoices as the desk and the contact person see them."""

from dataclasses import dataclass
from decimal import Decimal

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from learning.billing.models import Invoice, InvoiceLine
from learning.billing.rules import Gap, Line, Party, Totals, complaints, gaps, totals, treated
from learning.delegations.models import Delegation
from learning.delegations.permissions import delegations_at_desk, delegations_visible_to
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.lists import ListPage, among, page_of
from learning.kit.money import euro
from learning.kit.setbacks import Setback, setback_of
from learning.kit.wording import N_
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account
from learning.people.permissions import limits_of, persons_of
from learning.people.queries import Card
from learning.people.rules import fold
from learning.releases.queries import current_picture

LOADS = (
    selectinload(Invoice.lines),
    joinedload(Invoice.pdf),
    joinedload(Invoice.delegation).joinedload(Delegation.organisation),
    joinedload(Invoice.delegation).joinedload(Delegation.contact),
    joinedload(Invoice.delegation).joinedload(Delegation.organiser),
)


def invoices_at_desk(account: Account, organiser_id: int) -> Select[Invoice]:
    """The invoices of this organiser for delegations that the account sees at the desk."""
    query = select(Invoice).where(Invoice.organiser_id == organiser_id)
    if limits_of(account, organiser_id) is None:
        return query
    seen = delegations_at_desk(account, organiser_id).with_only_columns(Delegation.id)
    return query.where(Invoice.delegation_id.in_(seen))


def invoice_at_desk(account: Account, organiser: Organiser, id: int) -> Invoice:
    """An invoice that the account sees at this desk; else 404."""
    invoice = db.session.scalar(
        invoices_at_desk(account, organiser.id).where(Invoice.id == id).options(*LOADS)
    )
    if invoice is None:
        not_found()
    return invoice


def invoice_for(account: Account, id: int) -> Invoice:
    """An issued invoice of a delegation for which the account acts, ended or not; else 404."""
    acts = delegations_visible_to(account).with_only_columns(Delegation.id)
    theirs = Delegation.contact_id.in_(persons_of(account)) | Delegation.id.in_(acts)
    mine = (Invoice.id == id, Invoice.number.is_not(None), theirs)
    query = select(Invoice).join(Delegation, Delegation.id == Invoice.delegation_id).where(*mine)
    invoice = db.session.scalar(query.options(*LOADS))
    if invoice is None:
        not_found()
    return invoice


def not_ready(invoice: Invoice) -> Refusal:
    """Why there is no PDF yet: it is being made, or making it failed and is tried again."""
    if setback_of("invoice", invoice.id) is None:
        return Refusal("pdf_not_ready", N_("The PDF is being made. Try again in a moment."))
    return Refusal(
        "pdf_failed",
        N_("The PDF could not be made yet. We try again by ourselves; the organiser can see it."),
    )


def home_cards(account: Account) -> list[Card]:
    """The invoices of the delegations of an account, as cards on its own page."""
    mine = (Invoice.pdf_file_id.is_not(None), Delegation.contact_id.in_(persons_of(account)))
    query = (
        select(Invoice)
        .join(Delegation, Delegation.id == Invoice.delegation_id)
        .where(*mine)
        .order_by(Invoice.id.desc())
    )
    return [_card(invoice) for invoice in db.session.scalars(query)]


def delegation_cards(delegation: Delegation) -> list[Card]:
    """The invoices of one delegation, as cards on its page."""
    mine = (Invoice.pdf_file_id.is_not(None), Invoice.delegation_id == delegation.id)
    return [
        _card(invoice) for invoice in db.session.scalars(select(Invoice).where(*mine).order_by(Invoice.id))
    ]


def _card(invoice: Invoice) -> Card:
    return Card(
        title=_("Invoice %(number)s", number=invoice.number),
        text=_("%(amount)s including VAT, as PDF", amount=euro(invoice.total or Decimal(0), g.lang)),
        url=url_for("billing.pdf", id=invoice.id),
    )


def invoices_of(
    account: Account, organiser: Organiser, *, search: str, state: str, page: int
) -> ListPage[Invoice]:
    """A page of the invoices that the account sees, drafts first
    and then the newest; `state` is draft, issued or empty.
    """
    query = invoices_at_desk(account, organiser.id)
    if state:
        query = query.where(Invoice.number.is_(None) if state == "draft" else Invoice.number.is_not(None))
    if words := fold(search).split():
        query = query.where(among(Invoice.id, _holding(query, words)))
    query = query.order_by(Invoice.number.is_not(None), Invoice.id.desc())
    return page_of(query, page, lambda some: list(db.session.scalars(some.options(*LOADS)).unique()))


def _holding(query: Select[Invoice], words: list[str]) -> list[int]:
    """The ids of those with all these words in their number or buyer, without case and accents."""
    texts = query.outerjoin(Delegation, Delegation.id == Invoice.delegation_id).outerjoin(
        Organisation, Organisation.id == Delegation.organisation_id
    )
    columns = (Invoice.id, Invoice.number, Organisation.name, Delegation.came_from)
    rows = db.session.execute(texts.with_only_columns(*columns, maintain_column_froms=True))
    folded = ((id, fold(" ".join(filter(None, text)))) for id, *text in rows)
    return [id for id, text in folded if all(word in text for word in words)]


def chargeable(delegation: Delegation) -> Line | None:
    """What a delegation owes by the price frozen on it; None when nothing was agreed or it is free."""
    if not delegation.price_amount:
        return None
    picture = current_picture(delegation.programme_id)
    seats = delegation.seats_max if delegation.price_unit == "seat" else 1
    return Line(
        description=picture.title.pick(delegation.organisation.language) if picture else "",
        quantity=Decimal(seats),
        unit_price=delegation.price_amount,
        vat_category=delegation.price_vat_category,
        vat_rate=delegation.price_vat_rate,
        vat_ground=delegation.price_vat_ground,
    )


def invoice_of(delegation: Delegation) -> Invoice | None:
    """The invoice that was made for this delegation."""
    return db.session.scalar(select(Invoice).where(Invoice.delegation_id == delegation.id))


def lines_of(invoice: Invoice, seller: Party) -> list[Line]:
    """The lines as the rules want them; of a draft with the
    seller's VAT treatment where the price left that open.
    """
    lines = [_line(line) for line in invoice.lines]
    return lines if invoice.number else [treated(line, seller) for line in lines]


def _line(line: InvoiceLine) -> Line:
    return Line(
        line.description, line.quantity, line.unit_price, line.vat_category, line.vat_rate, line.vat_ground
    )


def seller_of(organiser: Organiser) -> Party:
    """The organiser as seller."""
    return Party(
        legal_name=organiser.legal_name,
        street=organiser.street,
        postcode=organiser.postcode,
        city=organiser.city,
        country=organiser.country,
        kvk=organiser.kvk,
        oin=organiser.oin,
        vat_id=organiser.vat_id,
        iban=organiser.iban,
        mail=organiser.mail,
        vat_category=organiser.vat_category,
        vat_ground=organiser.vat_ground,
    )


def missing_identity(organiser: Organiser) -> list[Gap]:
    """What this organiser must still say about itself before
    it can issue an invoice; empty when it is ready.
    """
    return gaps(seller_of(organiser))


def buyer_of(organisation: Organisation) -> Party:
    """The organisation as buyer."""
    return Party(
        legal_name=organisation.legal_name,
        street=organisation.street,
        postcode=organisation.postcode,
        city=organisation.city,
        country=organisation.country,
        kvk=organisation.kvk,
        oin=organisation.oin,
        mail=organisation.finance_mail,
    )


@dataclass(frozen=True)
class InvoicePage:
    """An invoice with its sums and, for a draft, what is still missing."""

    invoice: Invoice
    buyer: Party
    lines: list[Line]
    totals: Totals
    wrong: list[Refusal]
    gaps: list[Gap]
    setback: Setback | None = None  # the PDF could not be made yet


def invoice_page(invoice: Invoice, organiser: Organiser) -> InvoicePage:
    """Everything on the page of an invoice."""
    seller = seller_of(organiser)
    lines = lines_of(invoice, seller)
    delegation = invoice.delegation
    buyer = buyer_of(delegation.organisation) if delegation else Party("", "", "", "")
    reference = (delegation.order_ref or delegation.buyer_ref) if delegation else ""
    if invoice.number:
        waiting = setback_of("invoice", invoice.id) if invoice.pdf_file_id is None else None
        return InvoicePage(invoice, buyer, lines, totals(lines), [], [], waiting)
    return InvoicePage(
        invoice, buyer, lines, totals(lines), complaints(seller, buyer, lines, reference), gaps(seller)
    )
