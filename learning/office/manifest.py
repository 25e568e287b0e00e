"""What a backup says of itself, and how its parts are named: the same for making and for restoring."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "leerkring-backup/1"
MANIFEST = "manifest.json"
SEALED = "backup.tar.age"
SETTINGS = "settings.env"
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
STORED = re.compile(r"files/[0-9a-f]{64}")
CHUNK = 1 << 20


class BackupFailed(Exception):
    """No backup was made, or none was restored; the message is a sentence that says why."""


@dataclass(frozen=True)
class Part:
    """One file of a backup: its SHA-256 and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    `parts` are its files by name, `tables` the number of rows of each table;
    `missing` are files of which rows spoke and that were not there when the
    backup was made, `damaged` those with other bytes than their name says.
    """

    version: str
    revision: str
    made_at: str
    database: str
    tables: dict[str, int]
    parts: dict[str, Part]
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def text(self) -> str:
        """As it is written."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, sort_keys=True) + "\n"

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return sum(part.size for part in self.parts.values())


def manifest_from(text: str) -> Manifest:
    """Read a manifest; raises BackupFailed for what is none, and for names that a backup never has."""
    try:
        plain: dict[str, Any] = json.loads(text)
        if plain.pop("format") != FORMAT:
            raise ValueError
        parts = {
            name: Part(str(part["sha256"]), int(part["size"])) for name, part in plain.pop("parts").items()
        }
        manifest = Manifest(parts=parts, **plain)
        _check_shape(manifest)
        names = {DATABASES[manifest.database], SETTINGS}
        if not names <= parts.keys() or any(not STORED.fullmatch(name) for name in parts.keys() - names):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BackupFailed(
            "Its manifest cannot be read; it is no backup, or of a newer version of Leerkring."
        ) from None
    return manifest


def _check_shape(manifest: Manifest) -> None:
    """Raises ValueError for values of another kind than a manifest has."""
    texts = (manifest.version, manifest.revision, manifest.made_at, *manifest.missing, *manifest.damaged)
    counts = (*manifest.tables.values(), *(part.size for part in manifest.parts.values()))
    if not all(isinstance(text, str) for text in texts) or not all(
        isinstance(count, int) for count in counts
    ):
        raise ValueError


def part_of(path: Path) -> Part:
    """Hash and size of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return Part(digest.hexdigest(), path.stat().st_size)
