"""Totals to the cent, and what an invoice needs before it can be issued."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
        VatGroup(category, rate, ground, net, vat_of(net, rate))
        for (category, rate, ground), net in sorted(sums.items())
    )
    net = sum((group.net for group in groups), Decimal(0))
    vat = sum((group.vat for group in groups), Decimal(0))
    return Totals(groups, net, vat, net + vat)


@dataclass(frozen=True)
class Party:
    """Seller or buyer as the law wants them named; of a
    seller also its VAT treatment (S, E or O) and the ground.
    """

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
    vat_category: str | None = None
    vat_ground: str = ""


@dataclass(frozen=True)
class Gap:
    """Something that an identity lacks: the field where it belongs, and what to do in words."""

    field: str
    words: str


def gaps(seller: Party) -> list[Gap]:
    """What a seller must still say before it can issue any
    invoice (Wet OB art. 35a), in the order of the form.
    """
    charges = seller.vat_category == "S"
    wanted = (
        ("legal_name", seller.legal_name, N_("Enter the legal name, as it stands in the trade register.")),
        ("street", seller.street, N_("Enter the street and number. A post-office box alone is not enough.")),
        ("postcode", seller.postcode, N_("Enter the postcode.")),
        ("city", seller.city, N_("Enter the city.")),
        ("kvk", seller.kvk or seller.oin, N_("Enter the KvK number, or the OIN of a public body.")),
        ("vat_category", seller.vat_category, N_("Say whether you charge VAT.")),
        ("vat_id", seller.vat_id or not charges, N_("Enter the VAT number: who charges VAT has one.")),
        (
            "vat_ground",
            seller.vat_ground or charges or not seller.vat_category,
            N_("Say on what ground you charge no VAT."),
        ),
        ("iban", seller.iban, N_("Enter the IBAN on which you are paid.")),
    )
    return [Gap(field, words) for field, known, words in wanted if not known]


def treated(line: Line, seller: Party) -> Line:
    """The line with the VAT treatment of a seller that charges none, where its price left that open."""
    if line.vat_category is None and seller.vat_category in ("E", "O"):
        return replace(line, vat_category=seller.vat_category, vat_ground=seller.vat_ground)
    return line


def complaints(seller: Party, buyer: Party, lines: Iterable[Line], reference: str) -> list[Refusal]:
    """Everything that is missing before this can be an invoice (Wet OB art. 35a; PEPPOL-EN16931-R003)."""
    found = []
    if gaps(seller):
        found.append(Refusal("seller_incomplete", N_("Your own identity for invoices is not complete.")))
    if not all((buyer.legal_name, buyer.street, buyer.postcode, buyer.city)):
        found.append(
            Refusal(
                "buyer_incomplete", N_("The legal name and the whole address of the buyer must be known.")
            )
        )
    lines = list(lines)
    if not lines:
        found.append(Refusal("no_lines", N_("There is nothing to charge.")))
    if any(line.vat_category is None or (line.vat_category == "S" and not line.vat_rate) for line in lines):
        found.append(
            Refusal("vat_unknown", N_("The VAT treatment is not known yet. Set it in the price list first."))
        )
    if seller.vat_category in ("E", "O") and any(line.vat_category == "S" for line in lines):
        words = N_("Your identity says that you charge no VAT, and this price has VAT. Change one of them.")
        found.append(Refusal("vat_against_seller", words))
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
