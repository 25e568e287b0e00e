"""Organisers, organisations and partnerships."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Model, Moment, wording
from learning.kit.files import StoredFile
from learning.kit.wording import Wording

PROVEN = text("domain_seen_at IS NOT NULL")


class Organiser(Model):
    """The body that runs programmes: its brand, its network and who it is on an invoice.

    `domain` is its own host name for public pages; it counts from `domain_seen_at`, when the worker found the
    proof there. Until then the worker looks at `domain_due_at`; `domain_found` says what it found last, at
    `domain_looked_at`. Since `closed_at` nothing new begins here; `closing` is what visitors read then.
    `settled_at` is when the list of things to begin with was put away, by hand or because all was done.
    `vat_category` is how it stands to VAT: S charges it, E is exempt, O is outside its scope (EN 16931), None
    when nobody said; `vat_ground` says why there is none.
    """

    __table_args__ = (
        CheckConstraint("payment_days BETWEEN 1 AND 120", name="payment_days"),
        CheckConstraint("vat_category IN ('S', 'E', 'O')", name="vat_category"),
        Index("uq_organiser_domain", "domain", unique=True, sqlite_where=PROVEN, postgresql_where=PROVEN),
    )
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    plate: Mapped[str] = mapped_column(Text)
    brand_colour: Mapped[str] = mapped_column(Text)
    accent_colour: Mapped[str] = mapped_column(Text)
    logo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    domain: Mapped[str | None] = mapped_column(Text)
    domain_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    domain_looked_at: Mapped[datetime | None] = mapped_column(Moment)
    domain_due_at: Mapped[datetime | None] = mapped_column(Moment)
    domain_found: Mapped[str] = mapped_column(Text, default="")
    network: Mapped[Wording] = wording("network")
    mail: Mapped[str] = mapped_column(Text, default="")
    legal_name: Mapped[str] = mapped_column(Text, default="")
    street: Mapped[str] = mapped_column(Text, default="")
    postcode: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(Text, default="NL")
    kvk: Mapped[str] = mapped_column(Text, default="")
    oin: Mapped[str] = mapped_column(Text, default="")
    vat_id: Mapped[str] = mapped_column(Text, default="")
    iban: Mapped[str] = mapped_column(Text, default="")
    payment_days: Mapped[int] = mapped_column(default=30)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closing: Mapped[Wording] = wording("closing")
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    vat_category: Mapped[str | None] = mapped_column(Text)
    vat_ground: Mapped[str] = mapped_column(Text, default="")
    invoice_foot: Mapped[Wording] = wording("invoice_foot")
    logo: Mapped[StoredFile | None] = relationship()


class Organisation(Model):
    """A city, housing corporation, institution or company, as one organiser knows it."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("organiser_id", "search_key"),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="city")
    municipality_code: Mapped[str] = mapped_column(Text, default="")
    sort_key: Mapped[str] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, default="nl")
    kvk: Mapped[str] = mapped_column(Text, default="")
    oin: Mapped[str] = mapped_column(Text, default="")
    vat_id: Mapped[str] = mapped_column(Text, default="")
    # where e-invoices go: scheme:number, 0190:OIN or 0106:KvK
    endpoint: Mapped[str] = mapped_column(Text, default="")
    # who has such an address is offered this one
    mail_domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    legal_name: Mapped[str] = mapped_column(Text, default="")
    street: Mapped[str] = mapped_column(Text, default="")
    postcode: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(Text, default="NL")
    finance_mail: Mapped[str] = mapped_column(Text, default="")
    aliases: Mapped[list["OrganisationAlias"]] = relationship(
        order_by="OrganisationAlias.name", cascade="all, delete-orphan", overlaps="organisation"
    )

    @property
    def also(self) -> list[str]:
        """Other names by which people look for it."""
        return [alias.name for alias in self.aliases]


class OrganisationAlias(Model):
    """Another name by which people look for an organisation: "Den Haag"."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "search_key"),
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
    )
    organiser_id: Mapped[int]
    organisation_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    search_key: Mapped[str] = mapped_column(Text)


class Partnership(Model):
    """An organisation is partner of the organiser's network from one day until another, both included."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="order"),
        UniqueConstraint("organisation_id", "from_on"),
    )
    organiser_id: Mapped[int]
    organisation_id: Mapped[int]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    # of the network, as the organiser calls it; a price may be for one
    level: Mapped[str] = mapped_column(Text, default="")
    organisation: Mapped[Organisation] = relationship()


class Merge(Model):
    """Two organisations became one, kept so that it can be undone.

    `gone` holds the rows that went ([table, {column: value}], parents first), `moved` which rows name
    the one that stays now ([table, column, ids, value before, value written], in order), `before`
    what that one said: `was`, `is` since the merge, and `made`, the keys of other names that it got.
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
    )
    organiser_id: Mapped[int]
    organisation_id: Mapped[int]
    account_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text)
    gone: Mapped[list[Any]] = mapped_column(JSON)
    moved: Mapped[list[Any]] = mapped_column(JSON)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    organisation: Mapped[Organisation] = relationship()
