"""Accounts, persons, staff, contacts and what signing in needs."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Model, Moment
from learning.organisations.models import Organisation, Organiser


class Account(Model):
    """One verified mail address that signs in, for the whole installation."""

    mail: Mapped[str] = mapped_column(Text)
    mail_key: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(Text, default="nl")
    password_hash: Mapped[str | None] = mapped_column(Text)
    epoch: Mapped[int] = mapped_column(default=0)  # raised where devices are to be unknown again
    made_at: Mapped[datetime] = mapped_column(Moment)

    # what Flask-Login asks of a user
    is_active = True
    is_authenticated = True
    is_anonymous = False
    token = ""

    def get_id(self) -> str:
        """The value in the session cookie: the token of the sign-in under way, set by `entering.start`."""
        if not self.token:
            raise RuntimeError("an account signs in by learning.people.entering.start")
        return self.token


class SignIn(Model):
    """An account is signed in on one device, until it is ended here: the cookie alone opens nothing."""

    __table_args__ = (Index("ix_sign_in_last_seen_at", "last_seen_at"),)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    by_link: Mapped[bool]  # with a mailed link, so that the mailbox was theirs a moment ago
    browser: Mapped[str] = mapped_column(Text, default="")
    system: Mapped[str] = mapped_column(Text, default="")
    network: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInLink(Model):
    """A mailed link that signs in once, within 15 minutes."""

    mail: Mapped[str] = mapped_column(Text)
    mail_key: Mapped[str] = mapped_column(Text, index=True)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    next_url: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class Throttle(Model):
    """How often something was tried in a window, per account
    or network address; `next_at` is whose turn comes when.
    """

    key: Mapped[str] = mapped_column(Text, unique=True)
    window_at: Mapped[datetime] = mapped_column(Moment)
    count: Mapped[int]
    next_at: Mapped[datetime | None] = mapped_column(Moment)


class Person(Model):
    """Somebody as known to one organiser. People may share an address."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("organiser_id", "mail_key", "name_key"),
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
        Index("ix_person_mail_key", "mail_key"),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(Text)
    mail: Mapped[str] = mapped_column(Text)
    mail_key: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text, default="nl")
    affiliation: Mapped[str] = mapped_column(Text, default="")
    organisation_id: Mapped[int | None]
    # who reads mail at this address said that it is theirs
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    organisation: Mapped[Organisation | None] = relationship(viewonly=True)

    @property
    def called(self) -> str:
        """The name in a mail; empty while nobody said that
        the address is theirs: then others chose the name.
        """
        return self.name if self.confirmed_at is not None else ""


ROLE_CHECK = "role IN ('admin', 'editor', 'finance', 'reader')"
ADMIN_CHECK = "role <> 'admin' OR NOT limited"  # an administrator is never limited


class Staff(Model):
    """An account works for an organiser in a role; who is
    `limited` does so for the programmes of their rows alone.
    """

    __table_args__ = (
        UniqueConstraint("organiser_id", "account_id"),
        UniqueConstraint("organiser_id", "id"),
        CheckConstraint(ROLE_CHECK, name="role"),
        CheckConstraint(ADMIN_CHECK, name="admin_of_all"),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(Text)
    limited: Mapped[bool] = mapped_column(default=False)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)  # when last at the desk, to the hour
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    organiser: Mapped[Organiser] = relationship()
    account: Mapped[Account] = relationship()


class StaffProgramme(Model):
    """A programme for which a limited colleague works."""

    __table_args__ = (
        UniqueConstraint("staff_id", "programme_id"),
        ForeignKeyConstraint(["organiser_id", "staff_id"], ["staff.organiser_id", "staff.id"]),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
    )
    organiser_id: Mapped[int]
    staff_id: Mapped[int]
    programme_id: Mapped[int]


class Invitation(Model):
    """Somebody is asked to become a colleague; the address is
    confirmed by the link of the mail, and only then an account.

    It is open until it has an end: they came, it was withdrawn, or replaced.
    """

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        CheckConstraint(ROLE_CHECK, name="role"),
        CheckConstraint(ADMIN_CHECK, name="admin_of_all"),
        Index(
            "uq_invitation_open", "organiser_id", "mail_key", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    mail: Mapped[str] = mapped_column(Text)
    mail_key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    limited: Mapped[bool] = mapped_column(default=False)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    invited_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # who invited
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    end_reason: Mapped[str] = mapped_column(Text, default="")  # came or withdrawn
    organiser: Mapped[Organiser] = relationship()


class InvitationProgramme(Model):
    """A programme for which somebody is asked to work."""

    __table_args__ = (
        UniqueConstraint("invitation_id", "programme_id"),
        ForeignKeyConstraint(["organiser_id", "invitation_id"], ["invitation.organiser_id", "invitation.id"]),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
    )
    organiser_id: Mapped[int]
    invitation_id: Mapped[int]
    programme_id: Mapped[int]


class Contact(Model):
    """A person speaks for an organisation, once staff confirmed it."""

    __table_args__ = (
        UniqueConstraint("organisation_id", "person_id"),
        ForeignKeyConstraint(
            ["organiser_id", "organisation_id"], ["organisation.organiser_id", "organisation.id"]
        ),
        ForeignKeyConstraint(["organiser_id", "person_id"], ["person.organiser_id", "person.id"]),
    )
    organiser_id: Mapped[int]
    organisation_id: Mapped[int]
    person_id: Mapped[int]
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    invited_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    person: Mapped[Person] = relationship(overlaps="organisation")
    organisation: Mapped[Organisation] = relationship(overlaps="person")
