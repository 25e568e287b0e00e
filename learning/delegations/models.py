"""Delegations and their nominations."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.attendance.models import LIVE, Registration
from learning.kit.db import Model, Moment
from learning.kit.files import StoredFile
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Person
from learning.prices.models import AgreedPrice

OPEN = text("decided_at IS NULL")
HOLDS = text("ended_at IS NULL AND held_at IS NOT NULL")
CAPACITIES = ("policy_officer", "housing_corporation", "institution", "resident", "other_partner")


class SeatsPrice(AgreedPrice):
    """A price for so many seats at each meeting."""

    seats_max: Mapped[int]

    @property
    def price_total(self) -> Decimal:
        """What was agreed for all seats together, excluding VAT; zero when nothing was."""
        return (self.price_amount or Decimal(0)) * (self.seats_max if self.price_unit == "seat" else 1)


class Delegation(SeatsPrice, Model):
    """One organisation takes part in one programme.

    A stranger's is a request: it holds no place and stands in nobody's way
    until staff say yes. Who has an address of the organisation, or speaks for
    it, holds its one place from the beginning (`held_at`), counting or not.
    """

    __table_args__ = (
        UniqueConstraint("programme_id", "id"),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
        ForeignKeyConstraint(["organiser_id", "contact_id"], ["person.organiser_id", "person.id"]),
        Index(
            "uq_delegation_live",
            "programme_id",
            "organisation_id",
            "came_from",
            unique=True,
            sqlite_where=HOLDS,
            postgresql_where=HOLDS,
        ),
        Index("ix_delegation_contact_id", "contact_id"),
        CheckConstraint("held_at IS NOT NULL OR (confirmed_at IS NULL AND waiting_at IS NULL)", name="held"),
        CheckConstraint("seats_min >= 0 AND seats_max >= seats_min", name="seats"),
    )
    organiser_id: Mapped[int]
    programme_id: Mapped[int]
    organisation_id: Mapped[int]
    contact_id: Mapped[int]
    code: Mapped[str] = mapped_column(Text, unique=True)
    seats_min: Mapped[int]
    order_ref: Mapped[str] = mapped_column(Text, default="")
    buyer_ref: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[datetime] = mapped_column(Moment)
    held_at: Mapped[datetime | None] = mapped_column(Moment)  # since when it holds a place, or waits for one
    approved_at: Mapped[datetime | None] = mapped_column(Moment)  # staff said yes to a request
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    # since when it waits for a place in the programme
    waiting_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    # withdrawn, refused, other: staff said yes to another request
    end_reason: Mapped[str] = mapped_column(Text, default="")
    came_from: Mapped[str] = mapped_column(Text, default="")  # the organisation that became part of this one
    organiser: Mapped[Organiser] = relationship(
        primaryjoin="foreign(Delegation.organiser_id) == Organiser.id", viewonly=True
    )
    organisation: Mapped[Organisation] = relationship(overlaps="contact")
    contact: Mapped[Person] = relationship(overlaps="organisation")
    nominations: Mapped[list["Nomination"]] = relationship(order_by="Nomination.id")

    @property
    def title(self) -> str:
        """Whose delegation it is: "Groningen", or "Groningen (Haren)" when Haren became part of it."""
        return self.organisation.name + (f" ({self.came_from})" if self.came_from else "")


class DelegationRequest(SeatsPrice, Model):
    """Somebody who is not signed in asks for a delegation; it
    becomes one when the address is confirmed within a day.
    """

    __table_args__ = (
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
        Index("ix_delegation_request_programme_id", "programme_id"),
        CheckConstraint("delegation_id IS NULL OR confirmed_at IS NOT NULL", name="confirmed"),
    )
    organiser_id: Mapped[int]
    programme_id: Mapped[int]
    organisation_id: Mapped[int | None]  # None for a municipality that is new to the organiser
    city: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    mail: Mapped[str] = mapped_column(Text)
    mail_key: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    order_ref: Mapped[str] = mapped_column(Text, default="")
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    lapses_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    delegation_id: Mapped[int | None] = mapped_column(ForeignKey("delegation.id"))
    organiser: Mapped[Organiser] = relationship(
        primaryjoin="foreign(DelegationRequest.organiser_id) == Organiser.id", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship()


class DelegationReport(Model):
    """The report of a delegation as PDF that somebody asked for; the worker makes it.

    `failed` is a sentence.
    """

    __table_args__ = (UniqueConstraint("delegation_id", "lang"),)
    delegation_id: Mapped[int] = mapped_column(ForeignKey("delegation.id"))
    lang: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    failed: Mapped[str] = mapped_column(Text, default="")
    delegation: Mapped[Delegation] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class Nomination(Model):
    """A delegation sends this person to this meeting, on chair 1..max, until it ends."""

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "delegation_id"], ["delegation.programme_id", "delegation.id"]),
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        ForeignKeyConstraint(
            ["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]
        ),
        Index(
            "uq_nomination_chair",
            "delegation_id",
            "meeting_id",
            "chair",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index(
            "uq_nomination_person",
            "meeting_id",
            "person_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        CheckConstraint("chair >= 1 AND chair <= chairs", name="chair"),
    )
    programme_id: Mapped[int]
    delegation_id: Mapped[int]
    meeting_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    registration_id: Mapped[int]
    capacity: Mapped[str] = mapped_column(Text)  # in which capacity: one of CAPACITIES or free text
    chair: Mapped[int]
    chairs: Mapped[int]  # the delegation's maximum when it was made
    made_at: Mapped[datetime] = mapped_column(Moment)
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)  # the person said to come
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str] = mapped_column(Text, default="")  # withdrawn, substituted, declined
    substitute_for_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))
    person: Mapped[Person] = relationship()
    delegation: Mapped[Delegation] = relationship(overlaps="nominations")
    registration: Mapped[Registration] = relationship(overlaps="delegation,nominations")


class SeatMove(Model):
    """One seat of a delegation at one meeting that it gave back; `to_id` once the next in line has it."""

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        ForeignKeyConstraint(["programme_id", "from_id"], ["delegation.programme_id", "delegation.id"]),
        ForeignKeyConstraint(["programme_id", "to_id"], ["delegation.programme_id", "delegation.id"]),
        Index("ix_seat_move_meeting_id", "meeting_id"),
        CheckConstraint("to_id IS NULL OR to_id <> from_id", name="other"),
    )
    programme_id: Mapped[int]
    meeting_id: Mapped[int]
    from_id: Mapped[int]
    to_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Moment)
    given_at: Mapped[datetime | None] = mapped_column(Moment)
    back_at: Mapped[datetime | None] = mapped_column(Moment)  # it was taken back before anybody got it


class SeatRequest(Model):
    """A delegation asks for one more seat at a meeting, in the order of asking."""

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        ForeignKeyConstraint(["programme_id", "delegation_id"], ["delegation.programme_id", "delegation.id"]),
        Index(
            "uq_seat_request_live",
            "delegation_id",
            "meeting_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index("ix_seat_request_meeting_id", "meeting_id"),
    )
    programme_id: Mapped[int]
    meeting_id: Mapped[int]
    delegation_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SubstituteRequest(Model):
    """After the deadline somebody else should come; staff say yes or no."""

    __table_args__ = (
        Index(
            "uq_substitute_request_open",
            "nomination_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )
    nomination_id: Mapped[int] = mapped_column(ForeignKey("nomination.id"))
    name: Mapped[str] = mapped_column(Text)
    mail: Mapped[str] = mapped_column(Text)
    capacity: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decision: Mapped[str] = mapped_column(Text, default="")  # accepted, refused, lapsed
    nomination: Mapped[Nomination] = relationship()
