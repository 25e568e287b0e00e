"""Delegations and their nominations."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.attendance.models import LIVE, AgreedPrice, Registration
from learning.kit.db import Model, Moment
from learning.organisations.models import Organisation
from learning.people.models import Person
from learning.programmes.models import Meeting, Programme

CAPACITIES = ("policy_officer", "housing_corporation", "institution", "resident", "other_partner")


class Delegation(AgreedPrice, Model):
    """One organisation takes part in one programme. A stranger's is requested until staff confirm."""

    __table_args__ = (
        UniqueConstraint("programme_id", "id"),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
        ForeignKeyConstraint(["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]),
        ForeignKeyConstraint(["organiser_id", "contact_id"], ["person.organiser_id", "person.id"]),
        Index("uq_delegation_live", "programme_id", "organisation_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("ix_delegation_contact_id", "contact_id"),
        CheckConstraint("seats_min >= 0 AND seats_max >= seats_min", name="seats"),
    )
    organiser_id: Mapped[int]
    programme_id: Mapped[int]
    organisation_id: Mapped[int]
    contact_id: Mapped[int]
    code: Mapped[str] = mapped_column(Text, unique=True)
    seats_min: Mapped[int]
    seats_max: Mapped[int]
    order_ref: Mapped[str] = mapped_column(Text, default="")
    buyer_ref: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    organisation: Mapped[Organisation] = relationship(overlaps="programme,contact")
    programme: Mapped[Programme] = relationship(overlaps="organisation,contact")
    contact: Mapped[Person] = relationship(overlaps="organisation,programme")
    nominations: Mapped[list["Nomination"]] = relationship(order_by="Nomination.id")


class Nomination(Model):
    """A delegation sends this person to this meeting, on chair 1..max, until it ends."""

    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "delegation_id"], ["delegation.programme_id", "delegation.id"]),
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        ForeignKeyConstraint(["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]),
        Index(
            "uq_nomination_chair",
            "delegation_id",
            "meeting_id",
            "chair",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
        Index("uq_nomination_person", "meeting_id", "person_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
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
    meeting: Mapped[Meeting] = relationship(overlaps="nominations")
    delegation: Mapped[Delegation] = relationship(overlaps="nominations,meeting")
    registration: Mapped[Registration] = relationship(overlaps="delegation,meeting,nominations")
