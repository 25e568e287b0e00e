"""Invoices, frozen once issued, and the series that number them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.delegations.models import Delegation
from learning.kit.db import Euro, Model, Moment, Scaled
from learning.kit.files import StoredFile


class InvoiceSeries(Model):
    """The counter of one organiser, series and year; its row lock is the only source of numbers."""

    __table_args__ = (UniqueConstraint("organiser_id", "code", "year"),)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    code: Mapped[str] = mapped_column(Text)
    year: Mapped[int]
    next: Mapped[int] = mapped_column(default=1)
    last_issued_on: Mapped[date | None]


class Invoice(Model):
    """A draft until issued; then the number, the snapshot and the amounts never change (triggers)."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("organiser_id", "number"),
        UniqueConstraint("series_id", "sequence"),
        CheckConstraint(
            "(number IS NULL) = (issued_on IS NULL) AND (number IS NULL) = (sequence IS NULL)"
            " AND (number IS NULL) = (series_id IS NULL) AND (number IS NULL) = (snapshot IS NULL)",
            name="issued_whole",
        ),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_series.id"))
    sequence: Mapped[int | None]
    number: Mapped[str | None] = mapped_column(Text)
    issued_on: Mapped[date | None]
    issued_at: Mapped[datetime | None] = mapped_column(Moment)
    due_on: Mapped[date | None]
    total: Mapped[Decimal] = mapped_column(Euro, default=Decimal(0))
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    pdf_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    mailed_to: Mapped[str] = mapped_column(Text, default="")
    delegation: Mapped[Delegation | None] = relationship()
    lines: Mapped[list["InvoiceLine"]] = relationship(order_by="InvoiceLine.position")
    pdf: Mapped[StoredFile | None] = relationship()


class InvoiceLine(Model):
    """One line of a draft or invoice, amount excluding VAT."""

    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        ForeignKeyConstraint(["organiser_id", "invoice_id"], ["invoice.organiser_id", "invoice.id"]),
    )
    organiser_id: Mapped[int]
    invoice_id: Mapped[int]
    position: Mapped[int]
    description: Mapped[str] = mapped_column(Text)
    quantity: Mapped[Decimal] = mapped_column(Scaled(4))
    unit_price: Mapped[Decimal] = mapped_column(Scaled(4))
    vat_category: Mapped[str | None] = mapped_column(Text)
    vat_rate: Mapped[Decimal | None] = mapped_column(Scaled(2))
    vat_ground: Mapped[str] = mapped_column(Text, default="")
