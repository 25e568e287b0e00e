"""Who owns the installation, and the one-time addresses of its first start."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.db import Model, Moment
from learning.people.models import Account

LIVE = text("ended_at IS NULL")


class Owner(Model):
    """An account that owns the installation: it adds and
    closes organisers, and sees the state of the machine.

    Owning it makes nobody staff of an organiser.
    """

    __table_args__ = (
        Index("uq_owner_live", "account_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    account: Mapped[Account] = relationship()


class FirstStart(Model):
    """A printed address with which one person, once, begins an installation in which nothing is set up."""

    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    # empty when it ended: one works at a time
    open: Mapped[bool | None] = mapped_column(unique=True, default=True)
    # a newer address was printed, or an owner came otherwise
    replaced_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
