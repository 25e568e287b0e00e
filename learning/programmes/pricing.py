"""Which price holds for whom, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from learning.kit.clock import local
from learning.kit.wording import N_
from learning.programmes.picture import ProgrammePicture, TariffPicture

REASONS = {
    "partner": N_("the price for partners of the network"),
    "other": N_("the price for those who are no partner of the network"),
    "everybody": N_("the price for everybody"),
}


@dataclass(frozen=True)
class Agreed:
    """A price as it is agreed: amount excluding VAT in euros, and everything that explains it later."""

    amount: Decimal
    unit: str
    vat_category: str | None
    vat_rate: Decimal | None
    vat_ground: str
    reason: str
    reference_on: date
    tariff_id: int
    partnership_id: int | None


def reference_day(picture: ProgrammePicture, now: datetime) -> date:
    """The day on which a partnership must hold: that of registering, or of the first meeting."""
    days = [meeting.on for meeting in picture.meetings if meeting.on and not meeting.cancelled]
    if picture.reference == "first_meeting" and days:
        return min(days)
    return local(now).date()


def agree(picture: ProgrammePicture, *, unit: str, partnership_id: int | None, now: datetime) -> Agreed | None:
    """The price per `unit` for a partner (with its partnership) or somebody else; None when there is none.

    `partnership_id` is the partnership that holds on `reference_day`. Of several tariffs that hold, the one
    for this audience goes before the one for everybody, and then the lowest.
    """
    on = reference_day(picture, now)
    audience = "partner" if partnership_id is not None else "other"
    mine = [
        tariff
        for tariff in picture.tariffs
        if tariff.unit == unit and tariff.audience in (audience, "everybody") and holds(tariff, on)
    ]
    if not mine:
        return None
    tariff = min(mine, key=lambda tariff: (tariff.audience == "everybody", tariff.amount, tariff.id))
    return Agreed(
        amount=tariff.amount,
        unit=unit,
        vat_category=tariff.vat_category,
        vat_rate=tariff.vat_rate,
        vat_ground=tariff.vat_ground,
        reason=REASONS[tariff.audience],
        reference_on=on,
        tariff_id=tariff.id,
        partnership_id=partnership_id if tariff.audience == "partner" else None,
    )


def holds(tariff: TariffPicture, on: date) -> bool:
    """The tariff is in force on this day."""
    return (tariff.from_on is None or tariff.from_on <= on) and (tariff.until_on is None or on <= tariff.until_on)
