"""Registrations, participations and interest."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Model, Moment
from learning.organisations.models import Organiser
from learning.people.models import Person
from learning.prices.models import AgreedPrice

LIVE = text("ended_at IS NULL")
COUNTS = text("ended_at IS NULL AND confirmed_at IS NOT NULL")


class Registration(AgreedPrice, Model):
    """One person takes part in one programme.

    Unconfirmed it holds no place and no use of a code, and lapses after a day.

    What somebody sent who did not show that the address is theirs is a row of its own, with
    the link that was mailed for it: one person may have several of those, and one that counts.
    """

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("programme_id", "id"),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
        ForeignKeyConstraint(["organiser_id", "person_id"], ["person.organiser_id", "person.id"]),
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
        Index(
            "uq_registration_live",
            "programme_id",
            "person_id",
            unique=True,
            sqlite_where=COUNTS,
            postgresql_where=COUNTS,
        ),
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
    person: Mapped[Person] = relationship()
    organiser: Mapped[Organiser] = relationship(
        primaryjoin="foreign(Registration.organiser_id) == Organiser.id", viewonly=True
    )
    participations: Mapped[list["Participation"]] = relationship(order_by="Participation.id")

    @property
    def live(self) -> bool:
        """It counts: confirmed and not ended."""
        return self.confirmed_at is not None and self.ended_at is None

    def asks_like(self, other: "Registration") -> bool:
        """The other one asks for the same: for this organisation, at this price and by these conditions."""
        names = ("organisation_id", *AgreedPrice.__annotations__)
        return all(getattr(self, name) == getattr(other, name) for name in names)


class Participation(Model):
    """This registration is expected at this meeting, until it ends."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_id", "registration_id"], ["registration.programme_id", "registration.id"]
        ),
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        Index(
            "uq_participation_live",
            "registration_id",
            "meeting_id",
            unique=True,
            sqlite_where=LIVE,
            postgresql_where=LIVE,
        ),
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
