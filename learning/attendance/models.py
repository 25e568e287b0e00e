"""Registrations, participations and interest."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Euro, Model, Moment, Scaled
from learning.people.models import Person
from learning.programmes.models import Programme
from learning.programmes.pricing import Agreed

LIVE = text("ended_at IS NULL")


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

    def take_price(self, other: "AgreedPrice") -> None:
        """Freeze what was agreed there, with its evidence."""
        for name in AgreedPrice.__annotations__:
            setattr(self, name, getattr(other, name))


class Registration(AgreedPrice, Model):
    """One person takes part in one programme. Unconfirmed it holds no place and lapses after a day."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("programme_id", "id"),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
        ForeignKeyConstraint(["organiser_id", "person_id"], ["person.organiser_id", "person.id"]),
        ForeignKeyConstraint(["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]),
        Index("uq_registration_live", "programme_id", "person_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_registration_person_id", "person_id"),
        CheckConstraint("confirmed_at IS NOT NULL OR lapses_at IS NOT NULL", name="lapses"),
    )
    organiser_id: Mapped[int]
    programme_id: Mapped[int]
    person_id: Mapped[int]
    organisation_id: Mapped[int | None]
    code: Mapped[str] = mapped_column(Text, unique=True)
    epoch: Mapped[int] = mapped_column(default=0)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    feed_epoch: Mapped[int] = mapped_column(default=0)
    feed_hash: Mapped[str] = mapped_column(Text, unique=True)
    feed_changed_at: Mapped[datetime] = mapped_column(Moment)
    feed_revision: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    lapses_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str] = mapped_column(Text, default="")  # withdrawn, lapsed, replaced
    diet: Mapped[str] = mapped_column(Text, default="")  # what the person says, for the organiser only
    access_needs: Mapped[str] = mapped_column(Text, default="")
    person: Mapped[Person] = relationship(overlaps="programme")
    programme: Mapped[Programme] = relationship(overlaps="person")
    participations: Mapped[list["Participation"]] = relationship(order_by="Participation.id")

    @property
    def live(self) -> bool:
        """It counts: confirmed and not ended."""
        return self.confirmed_at is not None and self.ended_at is None


class Participation(Model):
    """This registration is expected at this meeting, until it ends."""

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]),
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        Index("uq_participation_live", "registration_id", "meeting_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_participation_meeting_id", "meeting_id"),
    )
    programme_id: Mapped[int]
    registration_id: Mapped[int]
    meeting_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Interest(Model):
    """Somebody asks to be told when a programme has dates."""

    __table_args__ = (
        UniqueConstraint("programme_id", "mail_key"),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    programme_id: Mapped[int]
    mail: Mapped[str] = mapped_column(Text)
    mail_key: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
