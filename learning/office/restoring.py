"""Putting a backup back in an empty place: looked at whole
before anything is touched, compared number by number afterwards.
"""

import hashlib
import os
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyrage
from sqlalchemy import make_url

from learning import VERSION
from learning.config import PREFIX, Settings
from learning.migrate import known
from learning.office.dumps import load, look
from learning.office.manifest import (
    CHUNK,
    DATABASES,
    MANIFEST,
    SEALED,
    SETTINGS,
    BackupFailed,
    Manifest,
    Part,
    manifest_from,
    part_of,
)

RESTORED = "settings-of-backup.env"
CHANGED = "The backup was changed or damaged: {name} is not what was put in. Nothing was restored."


@dataclass(frozen=True)
class Restored:
    """What was put back.

    `same_key`: the secret key of these settings is that of the backup, so its secret links work.
    """

    manifest: Manifest
    settings: Path
    same_key: bool


def restore(settings: Settings, folder: Path, *, identity: str = "") -> Restored:
    """Put the backup of `folder` in the place that these settings
    name; `identity` is the text of an age identity file.

    Raises BackupFailed when it is no whole backup, was changed, is of a newer version or another kind
    of database, the identity does not open it, or the place is in use; then the place is as it was.
    """
    check_empty(settings)
    kind = _kind(settings)
    try:
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.instance) as aside:
            stage = Path(aside)
            if (folder / SEALED).exists():
                manifest = _unseal(folder / SEALED, identity, stage, kind)
            elif (folder / MANIFEST).exists():
                manifest = _fetch(folder, stage, kind)
            else:
                raise BackupFailed(f"There is no backup in {folder}.")
            check_empty(settings)
            _put(settings, stage, manifest)
    except OSError as error:
        raise BackupFailed(
            f"{error.filename or folder}: {error.strerror or error}. Nothing was restored."
        ) from None
    _compare(settings, manifest)
    restored = settings.instance / RESTORED
    return Restored(manifest, restored, secret_key_of(restored.read_text("utf8")) == settings.secret_key)


def check_empty(settings: Settings) -> None:
    """Refuse a place in which something stands."""
    if look(make_url(settings.database_url)).tables:
        raise BackupFailed(
            f"The database of {PREFIX}DATABASE_URL has tables "
            "already. A backup is restored into an empty one."
        )
    files = settings.instance / "files"
    if files.exists() and any(files.iterdir()):
        raise BackupFailed(f"There are files in {files} already. A backup is restored into an empty place.")


def secret_key_of(text: str) -> str:
    """The secret key in a file of settings."""
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == PREFIX + "SECRET_KEY":
            return (
                value[1:-1].replace(r"\$", "$").replace(r"\`", "`").replace(r"\"", '"').replace("\\\\", "\\")
            )
    return ""


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"


def _check(manifest: Manifest, kind: str) -> None:
    newer = _numbers(manifest.version) > _numbers(VERSION)
    if newer or (manifest.revision and not known(manifest.revision)):
        raise BackupFailed(
            f"The backup was made by a newer version of Leerkring ({manifest.version}); this is {VERSION}. "
            "Install that version first."
        )
    if manifest.database != kind:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupFailed(
            f"The backup is of {names[manifest.database]} and {PREFIX}DATABASE_URL names {names[kind]}: "
            "restore it into the kind of database it was made from."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split(".") if number.isdigit())


def _fetch(folder: Path, stage: Path, kind: str) -> Manifest:
    manifest = manifest_from((folder / MANIFEST).read_text("utf8"))
    _check(manifest, kind)
    for name, part in manifest.parts.items():
        try:
            with (folder / name).open("rb") as source:
                _keep(source, stage, name, part)
        except FileNotFoundError:
            raise BackupFailed(CHANGED.format(name=name)) from None
    return manifest


def _unseal(sealed: Path, identity: str, stage: Path, kind: str) -> Manifest:
    """Its manifest comes first, so that a wrong one costs no time."""
    with _opened(sealed, _identities(identity)) as pipe:
        try:
            with tarfile.open(fileobj=pipe, mode="r|") as archive:
                manifest = _unpack(archive, stage, kind)
        except tarfile.TarError:
            raise BackupFailed(CHANGED.format(name=SEALED)) from None
        while pipe.read(CHUNK):
            pass
    return manifest


def _unpack(archive: tarfile.TarFile, stage: Path, kind: str) -> Manifest:
    first = archive.next()
    source = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
    if source is None:
        raise BackupFailed(CHANGED.format(name=SEALED))
    manifest = manifest_from(source.read().decode("utf8", "replace"))
    _check(manifest, kind)
    missing = dict(manifest.parts)
    while (member := archive.next()) is not None:
        source = archive.extractfile(member) if member.isfile() else None
        if source is None or member.name not in missing:
            raise BackupFailed(CHANGED.format(name=SEALED))
        _keep(source, stage, member.name, missing.pop(member.name))
    if missing:
        raise BackupFailed(CHANGED.format(name=min(missing)))
    return manifest


def _identities(text: str) -> list[pyrage.x25519.Identity]:
    if not text.strip():
        raise BackupFailed("The backup is encrypted: give the file with its identity (--identity FILE).")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError:
        raise BackupFailed("That file holds no identity of age; one begins with AGE-SECRET-KEY-1.") from None


@contextmanager
def _opened(sealed: Path, identities: list[pyrage.x25519.Identity]) -> Iterator[IO[bytes]]:
    """What is in the archive, as it is decrypted.

    Raises BackupFailed for a wrong key and for changed bytes.
    """
    outlet, inlet = os.pipe()
    wrong: list[Exception] = []

    def decrypt() -> None:
        try:
            with os.fdopen(inlet, "wb") as pipe, sealed.open("rb") as file:
                pyrage.decrypt_io(file, pipe, identities)
        except Exception as error:
            wrong.append(error)

    thread = threading.Thread(target=decrypt)
    thread.start()
    failed: BackupFailed | None = None
    try:
        with os.fdopen(outlet, "rb") as pipe:
            yield pipe
    except BackupFailed as error:
        failed = error
    finally:
        thread.join()
    if any(isinstance(error, pyrage.DecryptError) and "key" in str(error).lower() for error in wrong):
        raise BackupFailed("This identity does not open the backup: it was encrypted for another key.")
    if failed is not None:
        raise failed
    if wrong:
        raise BackupFailed(CHANGED.format(name=SEALED))


def _keep(source: IO[bytes], stage: Path, name: str, part: Part) -> None:
    """Write a part aside, and refuse it when it is not what the manifest says."""
    target = stage / name
    target.parent.mkdir(mode=0o750, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with open(target, "wb", opener=lambda path, flags: os.open(path, flags, 0o640)) as file:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if Part(digest.hexdigest(), size) != part:
        raise BackupFailed(CHANGED.format(name=name))


def _put(settings: Settings, stage: Path, manifest: Manifest) -> None:
    """Files first, as when they are made; they go again when the database cannot be put in place."""
    files, staged = settings.instance / "files", stage / "files"
    staged.mkdir(mode=0o750, exist_ok=True)
    if files.exists():
        files.rmdir()
    staged.rename(files)
    try:
        load(make_url(settings.database_url), stage / DATABASES[manifest.database], pg_bin=settings.pg_bin)
    except BaseException:
        shutil.rmtree(files)
        raise
    (stage / SETTINGS).chmod(0o600)
    (stage / SETTINGS).replace(settings.instance / RESTORED)


def _compare(settings: Settings, manifest: Manifest) -> None:
    """Count and hash everything once more where it stands now."""
    now = look(make_url(settings.database_url))
    names = now.tables.keys() | manifest.tables.keys()
    other = sorted(name for name in names if now.tables.get(name) != manifest.tables.get(name))
    if now.revision != manifest.revision:
        other.append("alembic_version")
    folder = settings.instance
    for name, part in manifest.parts.items():
        if name.startswith("files/") and (not (folder / name).exists() or part_of(folder / name) != part):
            other.append(name)
    if other:
        raise BackupFailed(f"It was restored, but is not what the backup says: {', '.join(other[:10])}.")
