"""What taking part costs: tariffs, codes, and the price that was agreed."""

from dataclasses import fields
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Euro, Model, Scaled
from learning.prices.rules import Agreed


class AgreedPrice:
    """The price as agreed: amount excluding VAT, unit, VAT treatment or unknown, and its evidence."""

    price_amount: Mapped[Decimal | None] = mapped_column(Euro)
    price_unit: Mapped[str] = mapped_column(Text, default="")
    price_vat_category: Mapped[str | None] = mapped_column(Text)
    price_vat_rate: Mapped[Decimal | None] = mapped_column(Scaled(2))
    price_vat_ground: Mapped[str] = mapped_column(Text, default="")
    price_reason: Mapped[str] = mapped_column(Text, default="")
    price_reference_on: Mapped[date | None]
    price_tariff_id: Mapped[int | None]
    price_partnership_id: Mapped[int | None]
    price_full: Mapped[Decimal | None] = mapped_column(Euro)  # before the discount of a code
    price_code_id: Mapped[int | None]
    conditions_version: Mapped[int | None]  # of the programme's conditions, as accepted

    def keep_price(self, price: Agreed | None, conditions_version: int | None = None) -> None:
        """Freeze what was agreed, with its evidence."""
        self.price_amount = price.amount if price else None
        self.price_unit = price.unit if price else ""
        self.price_vat_category = price.vat_category if price else None
        self.price_vat_rate = price.vat_rate if price else None
        self.price_vat_ground = price.vat_ground if price else ""
        self.price_reason = price.reason if price else ""
        self.price_reference_on = price.reference_on if price else None
        self.price_tariff_id = price.tariff_id if price else None
        self.price_partnership_id = price.partnership_id if price else None
        self.price_full = price.full if price else None
        self.price_code_id = price.code_id if price else None
        self.conditions_version = conditions_version

    @property
    def agreed(self) -> Agreed | None:
        """What was agreed, with its evidence; None without a price."""
        if self.price_amount is None:
            return None
        return Agreed(**{field.name: getattr(self, f"price_{field.name}") for field in fields(Agreed)})

    def take_price(self, other: "AgreedPrice") -> None:
        """Freeze what was agreed there, with its evidence."""
        for name in AgreedPrice.__annotations__:
            setattr(self, name, getattr(other, name))


class PriceCode(Model):
    """A code for a discount (a percentage or an amount off),
    an invitation, or both; for so many and so long.
    """

    __table_args__ = (
        UniqueConstraint("programme_id", "id"),
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("used >= 0 AND (most IS NULL OR used <= most)", name="used"),
        CheckConstraint("percent IS NULL OR (percent > 0 AND percent <= 100)", name="percent"),
        CheckConstraint("off IS NULL OR off > 0", name="off"),
        CheckConstraint("percent IS NULL OR off IS NULL", name="one_discount"),
        CheckConstraint("until_on IS NULL OR from_on IS NULL OR until_on >= from_on", name="order"),
    )
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    code: Mapped[str] = mapped_column(Text)  # in capitals, without spaces
    note: Mapped[str] = mapped_column(Text, default="")
    percent: Mapped[int | None]
    off: Mapped[Decimal | None] = mapped_column(Euro)
    invites: Mapped[bool] = mapped_column(default=False)
    most: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]


class Tariff(Model):
    """An amount excluding VAT. An empty VAT category is unknown: bookable, not invoiceable."""

    __table_args__ = (
        CheckConstraint("unit IN ('organisation', 'seat', 'person')", name="unit"),
        CheckConstraint("audience IN ('everybody', 'partner', 'other')", name="audience"),
        CheckConstraint("vat_category IN ('S', 'E', 'O')", name="vat"),
        CheckConstraint("amount >= 0", name="amount"),
    )
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    unit: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text, default="")  # for partners of this level only
    amount: Mapped[Decimal] = mapped_column(Euro)
    from_on: Mapped[date | None]
    until_on: Mapped[date | None]
    vat_category: Mapped[str | None] = mapped_column(Text)
    vat_rate: Mapped[Decimal | None] = mapped_column(Scaled(2))
    vat_ground: Mapped[str] = mapped_column(Text, default="")
