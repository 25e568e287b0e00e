"""Making a backup while the app runs: database, then files,
each with its hash; it gets its name once it is whole.
"""

import hashlib
import os
import re
import shutil
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyrage
from sqlalchemy import make_url

from learning import VERSION
from learning.config import Settings
from learning.office.dumps import dump
from learning.office.manifest import (
    CHUNK,
    DATABASES,
    MANIFEST,
    SEALED,
    SETTINGS,
    BackupFailed,
    Manifest,
    Part,
    part_of,
)

OURS = re.compile(r"leerkring-\d{8}T\d{6}Z(-[a-z]+)?")
HALF = ".part"


@dataclass(frozen=True)
class Made:
    """A backup that is there: its folder, what it holds, and how many bytes it takes."""

    place: Path
    manifest: Manifest
    size: int
    encrypted: bool


def save(settings: Settings, place: Path, *, key: str = "", now: datetime) -> Made:
    """Make a backup in the new folder `place`, readable with the
    identity of the public key `key` alone when one is given.

    Raises BackupFailed; then nothing is left behind.
    """
    place = place.absolute()
    recipient = _recipient(key)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise BackupFailed(f"{place} is there already. A backup is made in a folder that is new or empty.")
    _forget_old(settings.instance, ".backup-*")
    try:
        with (
            _half(place) as half,
            tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.instance) as aside,
        ):
            # what is not encrypted yet stays where it is as safe as the database itself
            stage = Path(aside) if recipient else half
            manifest = _gather(settings, stage, copy=recipient is None, now=now)
            if recipient is None:
                _write(half / MANIFEST, manifest.text())
            else:
                _seal(stage, settings.instance / "files", manifest, recipient, half)
            size = sum(path.stat().st_size for path in half.rglob("*") if path.is_file())
            _sync(half)
            if place.exists():
                place.rmdir()
            half.rename(place)
            _sync_one(place.parent)
    except OSError as error:
        raise BackupFailed(f"{error.filename or place}: {error.strerror or error}.") from None
    return Made(place, manifest, size, recipient is not None)


def save_within(
    settings: Settings, folder: Path, *, keep: int, key: str = "", mark: str = "", now: datetime
) -> Made:
    """Make a backup named after this moment in `folder`, and
    take away all but the newest `keep` of those made so.
    """
    name = now.strftime("leerkring-%Y%m%dT%H%M%SZ") + (f"-{mark}" if mark else "")
    made = save(settings, folder / name, key=key, now=now)
    whole = sorted(path for path in folder.iterdir() if OURS.fullmatch(path.name) and is_backup(path))
    for old in whole[:-keep] if keep else ():
        shutil.rmtree(old)
    return made


def is_backup(folder: Path) -> bool:
    """A whole backup stands in this folder."""
    return (folder / MANIFEST).exists() or (folder / SEALED).exists()


def _recipient(key: str) -> pyrage.x25519.Recipient | None:
    try:
        return pyrage.x25519.Recipient.from_str(key.strip()) if key else None
    except pyrage.RecipientError:
        raise BackupFailed(
            "That is no public key of age; it must begin with age1. No backup was made."
        ) from None


@contextmanager
def _half(place: Path) -> Iterator[Path]:
    """A folder beside the place, under a name that no backup has; it goes when the work fails."""
    place.parent.mkdir(parents=True, exist_ok=True)
    half = place.with_name(f".{place.name}.{os.getpid()}{HALF}")
    _forget_old(place.parent, f".*{HALF}")
    half.mkdir(mode=0o700)
    try:
        yield half
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _forget_old(folder: Path, pattern: str) -> None:
    """Take away what a process that was killed left here more than a day ago."""
    for old in folder.glob(pattern):
        if old.is_dir() and time.time() - old.stat().st_mtime > 86400:
            shutil.rmtree(old, ignore_errors=True)


def _gather(settings: Settings, stage: Path, *, copy: bool, now: datetime) -> Manifest:
    """Database first, then files: a file is written before
    its row, so every row of the copy finds its file.
    """
    url = make_url(settings.database_url)
    database = "sqlite" if url.drivername == "sqlite" else "postgresql"
    looked = dump(url, stage / DATABASES[database], pg_bin=settings.pg_bin)
    (stage / DATABASES[database]).chmod(0o600)
    _write(
        stage / SETTINGS, "".join(f'{name}="{_quoted(value)}"\n' for name, value in settings.as_env().items())
    )
    parts = {name: part_of(stage / name) for name in (DATABASES[database], SETTINGS)}
    files, missing = _files(settings.instance / "files", looked.files, stage / "files" if copy else None)
    return Manifest(
        version=VERSION,
        revision=looked.revision,
        made_at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        database=database,
        tables=looked.tables,
        parts=parts | {f"files/{name}": part for name, part in files.items()},
        missing=missing,
        damaged=sorted(name for name, part in files.items() if part.sha256 != name),
    )


def _files(folder: Path, wanted: frozenset[str], target: Path | None) -> tuple[dict[str, Part], list[str]]:
    """Hash every file of which a row speaks, and copy it when asked.

    One that is set aside this moment is looked for again.
    """
    found: dict[str, Part] = {}
    if target is not None:
        target.mkdir(mode=0o700)
    for pause in (0.0, 0.2, 1.0):
        time.sleep(pause if wanted - found.keys() else 0)
        for name in sorted(wanted - found.keys()):
            try:
                found[name] = _copied(folder / name, target / name) if target else part_of(folder / name)
            except FileNotFoundError:
                continue
    return found, sorted(wanted - found.keys())


def _copied(source: Path, target: Path) -> Part:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as given, open(target, "wb", opener=_private) as taken:
        while chunk := given.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            taken.write(chunk)
    return Part(digest.hexdigest(), size)


def _seal(
    stage: Path, files: Path, manifest: Manifest, recipient: pyrage.x25519.Recipient, half: Path
) -> None:
    """Write everything as one archive that only the identity
    opens; nothing of it is written unencrypted there.
    """
    _write(stage / MANIFEST, manifest.text())
    outlet, inlet = os.pipe()
    wrong: list[BaseException] = []

    def pack() -> None:
        try:
            with os.fdopen(inlet, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as archive:
                for name in (MANIFEST, *sorted(manifest.parts)):
                    source = files.parent / name if name.startswith("files/") else stage / name
                    archive.add(source, name, recursive=False)
        except BaseException as error:
            wrong.append(error)

    packer = threading.Thread(target=pack)
    packer.start()
    try:
        with os.fdopen(outlet, "rb") as pipe, open(half / SEALED, "wb", opener=_private) as sealed:
            pyrage.encrypt_io(pipe, sealed, [recipient])
    except pyrage.EncryptError as error:
        raise BackupFailed(f"The archive could not be written: {error}.") from None
    finally:
        packer.join()
    if wrong:
        raise BackupFailed(f"The archive could not be written: {wrong[0]}.")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf8", opener=_private) as file:
        file.write(text)


def _quoted(value: str) -> str:
    """As systemd and a shell read it between double quotes."""
    return re.sub(r'([\\"$`])', r"\\\1", value)


def _sync(folder: Path) -> None:
    """Make sure that it is on the disk, not just on its way."""
    for path in (*sorted(folder.rglob("*")), folder):
        _sync_one(path)


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
