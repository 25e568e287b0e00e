"""Totals to the cent, and what an invoice needs before it can be issued."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from learning.kit.errors import Refusal
from learning.kit.money import round_cents, vat_of
from learning.kit.wording import N_


@dataclass(frozen=True)
class Line:
    """What is charged: amounts in euros, excluding VAT."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    vat_category: str | None
    vat_rate: Decimal | None
    vat_ground: str = ""

    @property
    def net(self) -> Decimal:
        """The amount of the line, in whole cents."""
        return round_cents(self.quantity * self.unit_price)


@dataclass(frozen=True)
class VatGroup:
    """All lines with one VAT treatment; the VAT is computed once on their sum."""

    category: str
    rate: Decimal
    ground: str
    net: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """Sums in euros."""

    groups: tuple[VatGroup, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal


def totals(lines: Iterable[Line]) -> Totals:
    """The sums of an invoice; VAT once for each rate on the group total, half up (EN 16931 BG-23)."""
    sums: dict[tuple[str, Decimal, str], Decimal] = {}
    for line in lines:
        key = (line.vat_category or "", line.vat_rate or Decimal(0), line.vat_ground)
        sums[key] = sums.get(key, Decimal(0)) + line.net
    groups = tuple(
        VatGroup(category, rate, ground, net, vat_of(net, rate)) for (category, rate, ground), net in sorted(sums.items())
    )
    net = sum((group.net for group in groups), Decimal(0))
    vat = sum((group.vat for group in groups), Decimal(0))
    return Totals(groups, net, vat, net + vat)


@dataclass(frozen=True)
class Party:
    """Seller or buyer as the law wants them named."""

    legal_name: str
    street: str
    postcode: str
    city: str
    country: str = "NL"
    kvk: str = ""
    oin: str = ""
    vat_id: str = ""
    iban: str = ""
    mail: str = ""


def complaints(seller: Party, buyer: Party, lines: Iterable[Line], reference: str) -> list[Refusal]:
    """Everything that is missing before this can be an invoice (Wet OB art. 35a; PEPPOL-EN16931-R003)."""
    found = []
    if not all((seller.legal_name, seller.street, seller.postcode, seller.city, seller.kvk, seller.vat_id, seller.iban)):
        words = N_("Your own legal name, address, KvK number, VAT number and IBAN must be complete.")
        found.append(Refusal("seller_incomplete", words))
    if not all((buyer.legal_name, buyer.street, buyer.postcode, buyer.city)):
        found.append(Refusal("buyer_incomplete", N_("The legal name and the whole address of the buyer must be known.")))
    lines = list(lines)
    if not lines:
        found.append(Refusal("no_lines", N_("There is nothing to charge.")))
    if any(line.vat_category is None or (line.vat_category == "S" and not line.vat_rate) for line in lines):
        found.append(Refusal("vat_unknown", N_("The VAT treatment is not known yet. Set it in the price list first.")))
    if any(line.vat_category in ("E", "O") and not line.vat_ground for line in lines):
        found.append(Refusal("no_ground", N_("An invoice without VAT must say on what ground.")))
    if not reference:
        words = N_("A purchase-order number or the buyer's own reference is needed. Ask the contact person.")
        found.append(Refusal("no_reference", words))
    return found


def check_issuable(seller: Party, buyer: Party, lines: Iterable[Line], reference: str) -> None:
    """Refuse with the first thing that is missing."""
    for refusal in complaints(seller, buyer, lines, reference):
        raise refusal
