"""Files in a folder beside the database, named by their content."""

import hashlib
import os
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, mapped_column

from learning.kit import clock
from learning.kit.db import Model, Moment, db
from learning.kit.installation import of


class StoredFile(Model):
    """One kept document: its bytes lie in the file store under their SHA-256."""

    organiser_id: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(Text, index=True)
    size: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)


def write_bytes(content: bytes) -> str:
    """Put bytes in the store, durably, and give their SHA-256. Done before the row is committed."""
    name = hashlib.sha256(content).hexdigest()
    folder = _folder()
    target = folder / name
    if not _touched(target):
        part = folder / f"{name}.{os.getpid()}.part"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    return name


def _touched(target: Path) -> bool:
    """The bytes are there already, and are as new as if
    they had been written now: `tidy` leaves them alone.
    """
    try:
        os.utime(target)
    except FileNotFoundError:
        return False
    return True


def tidy(now: datetime) -> int:
    """Take away bytes of which no row speaks and that nobody wrote for a day; gives how many files went.

    A file is set aside before one looks once more, so that somebody who writes the same bytes
    meanwhile either made it new in time, and it comes back, or finds nothing and writes it again.
    """
    oldest = (now - timedelta(days=1)).timestamp()
    gone = 0
    for path in sorted(_folder().iterdir()):
        try:
            gone += _tidied(path, oldest)
        except FileNotFoundError:  # whoever wrote this part has finished it meanwhile
            continue
        except OSError as error:
            current_app.logger.warning("file %s could not be tidied: %s", path.name, error)
    return gone


def _tidied(path: Path, oldest: float) -> bool:
    name = path.name.partition(".")[0]
    if path.stat().st_mtime > oldest or _known(name):
        return False
    aside = path.with_name(f"{name}.gone")
    path.rename(aside)
    if (aside.stat().st_mtime > oldest or _known(name)) and not path.exists():
        aside.rename(path)
        return False
    aside.unlink()
    return True


def tidy_due() -> None:
    """What the worker does each sweep: `tidy`, once an hour."""
    now = clock.now()
    with of(current_app).memory.turn(tidy, timedelta(hours=1), now=now) as due:
        if due:
            tidy(now)


def _known(sha256: str) -> bool:
    db.session.rollback()
    return db.session.scalar(select(StoredFile.id).where(StoredFile.sha256 == sha256).limit(1)) is not None


def keep(
    content: bytes, *, name: str, media_type: str, purpose: str, organiser_id: int | None, now: datetime
) -> StoredFile:
    """Store a document and add its row to the transaction under way."""
    sha256 = write_bytes(content)
    file = StoredFile(
        organiser_id=organiser_id,
        sha256=sha256,
        size=len(content),
        name=name,
        media_type=media_type,
        purpose=purpose,
        made_at=now,
    )
    db.session.add(file)
    db.session.flush()
    return file


def path_of(file: StoredFile) -> Path:
    """Where the bytes lie."""
    return _folder() / file.sha256


def _folder() -> Path:
    folder = Path(current_app.config["INSTANCE"]) / "files"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
