"""Which price holds for whom, and why. Pure: days and facts go in, a price with its reason comes out."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from learning.kit.clock import local
from learning.kit.errors import Refusal
from learning.kit.money import round_cents, vat_of
from learning.kit.wording import N_
from learning.releases.picture import ProgrammePicture, TariffPicture

REASONS = {
    "partner": N_("the price for partners of the network"),
    "other": N_("the price for those who are no partner of the network"),
    "everybody": N_("the price for everybody"),
}


@dataclass(frozen=True)
class Partner:
    """A partnership that holds on the reference day."""

    id: int
    level: str = ""


@dataclass(frozen=True)
class Agreed:
    """A price as it is agreed: amount for each unit excluding
    VAT in euros, and everything that explains it later.
    """

    amount: Decimal
    unit: str
    vat_category: str | None
    vat_rate: Decimal | None
    vat_ground: str
    reason: str
    reference_on: date
    tariff_id: int
    partnership_id: int | None
    full: Decimal | None = None  # before the discount of a code
    code_id: int | None = None

    def total(self, seats: int) -> Decimal:
        """What a delegation with so many seats at each meeting pays, excluding VAT."""
        return self.amount * seats if self.unit == "seat" else self.amount


class Priced(Protocol):
    """What has an amount and a VAT treatment."""

    @property
    def amount(self) -> Decimal:
        """Excluding VAT, in euros."""

    @property
    def vat_rate(self) -> Decimal | None:
        """In percent."""


def gross_of(price: Priced) -> Decimal:
    """The amount with VAT, to the cent."""
    return price.amount + vat_of(price.amount, price.vat_rate or Decimal(0))


def reference_day(picture: ProgrammePicture, now: datetime) -> date:
    """The day on which a partnership must hold: that of registering, or of the first meeting."""
    days = [meeting.on for meeting in picture.meetings if meeting.on and not meeting.cancelled]
    if picture.reference == "first_meeting" and days:
        return min(days)
    return local(now).date()


def units_of(picture: ProgrammePicture) -> tuple[str, ...]:
    """By which units one pays in this programme, the usual one
    first: a delegation as a whole or for each seat, or a person.
    """
    return ("organisation", "seat") if picture.by_delegation else ("person",)


def agree(picture: ProgrammePicture, *, partner: Partner | None, now: datetime) -> Agreed | None:
    """The price for a partner, or for somebody else; None when there is none.

    `partner` is the partnership that holds on `reference_day`. The period of a tariff counts on the day of
    registering, so that an early price is for who is early. Of several tariffs that hold, the one for the
    partner's level goes before that for all partners, this before the one for everybody, then the usual unit,
    the lowest amount, and the one made first.
    """
    today, units = local(now).date(), units_of(picture)
    mine = [t for t in picture.tariffs if t.unit in units and holds(t, today) and meant_for(t, partner)]
    if not mine:
        return None
    tariff = min(
        mine, key=lambda t: (not t.level, t.audience == "everybody", units.index(t.unit), t.amount, t.id)
    )
    return Agreed(
        amount=tariff.amount,
        unit=tariff.unit,
        vat_category=tariff.vat_category,
        vat_rate=tariff.vat_rate,
        vat_ground=tariff.vat_ground,
        reason=REASONS[tariff.audience],
        reference_on=reference_day(picture, now),
        tariff_id=tariff.id,
        partnership_id=partner.id if partner is not None and tariff.audience == "partner" else None,
    )


def meant_for(tariff: TariffPicture, partner: Partner | None) -> bool:
    """The tariff is for this partner (of this level), or for somebody who is none."""
    if tariff.audience == "everybody":
        return True
    if partner is None:
        return tariff.audience == "other"
    return tariff.audience == "partner" and tariff.level.casefold() in ("", partner.level.casefold())


def holds(tariff: TariffPicture, on: date) -> bool:
    """The tariff is in force on this day."""
    return (tariff.from_on is None or tariff.from_on <= on) and (
        tariff.until_on is None or on <= tariff.until_on
    )


def code_key(typed: str) -> str:
    """A code as people type it: case and spaces do not count."""
    return "".join(typed.split()).upper()


@dataclass(frozen=True)
class Discount:
    """What a code gives: a percentage or an amount off each
    unit, in a period; `left` uses, None without limit.
    """

    id: int
    percent: int | None = None
    off: Decimal | None = None
    from_on: date | None = None
    until_on: date | None = None
    left: int | None = None


def check_code(code: Discount, on: date) -> None:
    """Refuse a code that is used up, or does not hold on this day."""
    if code.from_on is not None and on < code.from_on:
        raise Refusal("code_early", N_("This code works from %(day)s."), "code", day=code.from_on.isoformat())
    if code.until_on is not None and on > code.until_on:
        raise Refusal(
            "code_late", N_("This code worked until %(day)s."), "code", day=code.until_on.isoformat()
        )
    if code.left is not None and code.left <= 0:
        raise Refusal(
            "code_used_up", N_("This code was used as many times as it can be. Ask the organiser."), "code"
        )


def discounted(price: Agreed, code: Discount) -> Agreed:
    """The price with the discount of a code, never below
    zero; a code that only invites leaves it as it is.
    """
    off = code.off or (round_cents(price.amount * code.percent / 100) if code.percent else Decimal(0))
    if not off:
        return replace(price, code_id=code.id)
    return replace(price, amount=max(price.amount - off, Decimal("0.00")), full=price.amount, code_id=code.id)
