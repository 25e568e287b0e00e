"""The whole database as one file and back, its rows counted:
SQLite by itself, PostgreSQL by the programs that come with it.
"""

import glob
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL

from learning.office.manifest import BackupFailed

HINT = (
    "Install PostgreSQL's client programs (Debian: "
    "postgresql-client), or name their folder in LEERKRING_PG_BIN."
)


@dataclass(frozen=True)
class Looked:
    """What stands in a database at one moment."""

    revision: str
    tables: dict[str, int]
    files: frozenset[str]  # SHA-256 of every file of which a row speaks


def dump(url: URL, target: Path, *, pg_bin: str = "") -> Looked:
    """Write the database to `target` while others use it, and tell what stands in it. Raises BackupFailed."""
    return _dump_sqlite(url, target) if url.drivername == "sqlite" else _dump_postgres(url, target, pg_bin)


def load(url: URL, source: Path, *, pg_bin: str = "") -> None:
    """Put the database of `source` in an empty place, whole or not at all. Raises BackupFailed."""
    if url.drivername == "sqlite":
        _load_sqlite(Path(url.database or ""), source)
    else:
        major = _major_of(url)
        command = [_program("pg_restore", pg_bin, major), "--no-owner", "--no-privileges", "--exit-on-error"]
        _run([*command, "--single-transaction", f"--dbname={_address(url)}", str(source)], url)


def look(url: URL) -> Looked:
    """What stands in the database now; no tables at all for an empty place, which stays untouched."""
    if url.drivername == "sqlite":
        path = Path(url.database or "")
        return _look_sqlite(path) if path.exists() else Looked("", {}, frozenset())
    with _postgres(url) as connection:
        return _look_postgres(connection)


def _dump_sqlite(url: URL, target: Path) -> Looked:
    source = Path(url.database or "")
    if not source.exists():
        raise BackupFailed(f"There is no database at {source}.")
    try:
        with closing(sqlite3.connect(source, timeout=60, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise BackupFailed(f"The database could not be copied: {error}.") from None
    return _look_sqlite(target)


def _look_sqlite(path: Path) -> Looked:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as connection:
        names = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        try:
            tables = [name for (name,) in connection.execute(names)]
            counts = {
                name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables
            }
            return _looked(counts, lambda query: connection.execute(query).fetchall())
        except sqlite3.DatabaseError as error:
            raise BackupFailed(f"The database cannot be read: {error}.") from None


def _load_sqlite(target: Path, source: Path) -> None:
    """The file is put in place by one step, after everything was written."""
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.copyfile(source, part)
        part.chmod(0o600)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        for rest in ("", "-wal", "-shm"):  # of a database without tables
            target.with_name(target.name + rest).unlink(missing_ok=True)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _dump_postgres(url: URL, target: Path, pg_bin: str) -> Looked:
    """The dump and the counts see the same snapshot."""
    with _postgres(url) as connection:
        major = connection.info.server_version // 10000
        command = [_program("pg_dump", pg_bin, major), "--format=custom", "--no-owner", "--no-privileges"]
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        looked = _look_postgres(connection)
        _run([*command, f"--snapshot={row[0]}", f"--file={target}", _address(url)], url)
        return looked


@contextmanager
def _postgres(url: URL) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection of its own, with one unchanging view of the database."""
    whole = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(whole, options="-c default_transaction_read_only=on")
    except psycopg.Error as error:
        raise BackupFailed(f"The database does not answer: {' '.join(str(error).split())}") from None
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with connection:
        yield connection


def _look_postgres(connection: psycopg.Connection[tuple[Any, ...]]) -> Looked:
    names = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    counts = {}
    for (name,) in connection.execute(names).fetchall():
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        counts[name] = row[0] if row else 0
    return _looked(counts, lambda query: connection.execute(query).fetchall())


def _looked(counts: dict[str, int], ask: Any) -> Looked:
    revision = (
        [name for (name,) in ask("SELECT version_num FROM alembic_version")]
        if "alembic_version" in counts
        else []
    )
    files = (
        [sha256 for (sha256,) in ask("SELECT DISTINCT sha256 FROM stored_file")]
        if "stored_file" in counts
        else []
    )
    return Looked(revision[0] if revision else "", counts, frozenset(files))


def _major_of(url: URL) -> int:
    with _postgres(url) as connection:
        return connection.info.server_version // 10000


def _program(name: str, folder: str, least: int) -> str:
    """Where the newest program of this name is; raises BackupFailed
    when there is none, or it is older than the server.
    """
    if folder:
        places = [str(Path(folder) / name)]
    else:
        places = [shutil.which(name) or "", *glob.glob(f"/usr/lib/postgresql/*/bin/{name}")]
    found = {place: _version(place) for place in places if place and os.access(place, os.X_OK)}
    if not found:
        raise BackupFailed(f"The program {name} was not found. {HINT}")
    best = max(found, key=lambda place: found[place])
    if found[best] < least:
        raise BackupFailed(
            f"{name} is of version {found[best]} and too old for the server, which is {least}. {HINT}"
        )
    return best


def _version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+)(?:\.\d+)*", said)
    return int(match[1]) if match else 0


def _address(url: URL) -> str:
    """The address without its password, which never stands in a list of processes."""
    return url.set(drivername="postgresql", password=None).render_as_string()


def _run(command: list[str], url: URL) -> None:
    env = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    done = subprocess.run(
        command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.split())[:500]
        raise BackupFailed(f"{Path(command[0]).name} stopped with {done.returncode}: {said}")
