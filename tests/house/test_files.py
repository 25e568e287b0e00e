"""The file store keeps what rows speak of, and nothing else for long."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, current_app

from learning.kit import files
from learning.kit.db import db, transaction
from learning.kit.files import StoredFile, keep, path_of, tidy, write_bytes
from tests.make import NOON


@transaction()
def kept(content: bytes) -> StoredFile:
    """A document with its row."""
    return keep(content, name="x.txt", media_type="text/plain", purpose="test", organiser_id=None, now=NOON)


def folder() -> Path:
    """Where the bytes lie."""
    return Path(current_app.config["INSTANCE"]) / "files"


def grow_old(*paths: Path) -> None:
    """Nobody touched these for two days."""
    for path in paths:
        two_days_ago = (NOON - timedelta(days=2)).timestamp()
        os.utime(path, (two_days_ago, two_days_ago))


def test_bytes_without_a_row_go_after_a_day(app: Flask):
    row = kept(b"stays")
    orphan, young = (folder() / write_bytes(content) for content in (b"goes", b"young"))
    half = folder() / "abc.1.part"
    half.write_bytes(b"the power went")
    grow_old(path_of(row), orphan, half)
    os.utime(young, (NOON.timestamp(), NOON.timestamp()))

    assert tidy(NOON) == 2
    assert sorted(folder().iterdir()) == sorted([path_of(row), young])
    assert tidy(NOON) == 0


def test_a_part_that_is_finished_meanwhile_keeps_no_other_file(app: Flask, monkeypatch: pytest.MonkeyPatch):
    folder().mkdir(exist_ok=True)
    first, half, last = (folder() / name for name in ("a" * 64, "b.1.part", "c" * 64))
    for path in (first, half, last):
        path.write_bytes(b"x")
    grow_old(first, half, last)
    rename = Path.rename

    def meanwhile(self: Path, target: Path) -> Path:
        half.unlink(missing_ok=True)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", meanwhile)

    assert tidy(NOON) == 2
    assert list(folder().iterdir()) == []


def test_bytes_that_are_written_again_are_new(app: Flask):
    orphan = folder() / write_bytes(b"twice")
    grow_old(orphan)
    write_bytes(b"twice")

    assert tidy(NOON) == 0
    assert orphan.read_bytes() == b"twice"


@pytest.mark.parametrize("how", ["touched", "written", "row"])
def test_who_keeps_the_same_bytes_at_that_moment_loses_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, how: str
):
    orphan = folder() / write_bytes(b"same")
    grow_old(orphan)
    rename, known, looked = Path.rename, files._known, []

    def before(self: Path, target: Path) -> Path:
        if how == "touched" and target.suffix == ".gone":
            write_bytes(b"same")
        return rename(self, target)

    def between(name: str) -> bool:
        looked.append(name)
        if len(looked) == 2 and how != "touched":
            kept(b"same") if how == "row" else write_bytes(b"same")
        return known(name)

    monkeypatch.setattr(Path, "rename", before)
    monkeypatch.setattr(files, "_known", between)
    tidy(NOON)

    assert orphan.read_bytes() == b"same"
    assert [path for path in folder().iterdir() if path.suffix == ".gone"] == []
    assert db.session.query(StoredFile).count() == (1 if how == "row" else 0)
