"""Amounts in euros: rounding, VAT and how people read them."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def round_cents(amount: Decimal) -> Decimal:
    """The amount in whole cents, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def vat_of(amount: Decimal, rate: Decimal) -> Decimal:
    """The VAT on a group total at `rate` percent, rounded once."""
    return round_cents(amount * rate / 100)


def euro(amount: Decimal, lang: str) -> str:
    """The amount as people write it: `€ 2.500,00` in Dutch, `€2,500.00` in English."""
    whole, cents = f"{abs(round_cents(amount)):.2f}".split(".")
    dot, comma = (".", ",") if lang == "nl" else (",", ".")
    grouped = f"{int(whole):,}".replace(",", dot)
    sign = "-" if amount < 0 else ""
    return f"{sign}€{chr(0xA0) if lang == 'nl' else ''}{grouped}{comma}{cents}"
