"""What is known of backups: when and where each was made, and whether it failed."""

from datetime import datetime

from sqlalchemy import BigInteger, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit.db import Model, Moment, db, transaction

KEPT = 100  # rows; the folders are not touched


class Backup(Model):
    """One try to make a backup. `failed` is the sentence why it is not there, empty when it is."""

    at: Mapped[datetime] = mapped_column(Moment)
    place: Mapped[str] = mapped_column(Text)
    encrypted: Mapped[bool]
    size: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[str] = mapped_column(Text, default="")


@transaction()
def note(*, at: datetime, place: str, encrypted: bool, size: int, failed: str = "") -> Backup:
    """Remember a backup, or that it failed."""
    row = Backup(at=at, place=place, encrypted=encrypted, size=size, failed=failed)
    db.session.add(row)
    db.session.flush()
    for old in db.session.scalars(select(Backup).order_by(Backup.id.desc()).offset(KEPT)):
        db.session.delete(old)
    return row


def last_good() -> Backup | None:
    """The newest backup that was made."""
    query = select(Backup).where(Backup.failed == "").order_by(Backup.at.desc(), Backup.id.desc())
    return db.session.scalar(query.limit(1))


def last() -> Backup | None:
    """The newest try."""
    return db.session.scalar(select(Backup).order_by(Backup.at.desc(), Backup.id.desc()).limit(1))
