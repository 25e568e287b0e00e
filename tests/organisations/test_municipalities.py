"""The list of municipalities is renewed from a newer file, as a whole or not at all."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from learning.organisations import municipalities

GOES = "GM0664,Goes,Zeeland,1970-01-01,"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the list, in use instead of the real one."""
    copy = tmp_path / "municipalities.csv"
    shutil.copy(municipalities.SOURCE, copy)
    monkeypatch.setattr(municipalities, "SOURCE", copy)
    yield copy
    monkeypatch.undo()
    municipalities.forget()


@pytest.fixture
def bare() -> Flask:
    """The command alone: it asks no database."""
    from learning.cli import renew_municipalities

    app = Flask("bare")
    app.cli.add_command(renew_municipalities)
    return app


def renew(app: Flask, source: Path, *changes: tuple[str, str]) -> tuple[int, str]:
    """Renew from the list with this replaced by that: the exit code and what was said."""
    text = source.read_bytes().decode()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    newer = source.parent / "newer.csv"
    newer.write_bytes(text.encode())
    said = app.test_cli_runner().invoke(args=["renew-municipalities", str(newer)])
    return said.exit_code, said.output


def test_a_newer_list_takes_the_place_of_the_old_one(bare: Flask, source: Path):
    assert municipalities.municipality_named("Zeestad", date(2026, 1, 2)) is None
    merged = GOES + "2026-01-01\r\nGM9001,Zeestad (Z.),Zeeland,2026-01-01,"

    code, said = renew(bare, source, (GOES, merged))

    assert (code, said) == (0, "Renewed: 1 municipalities began, 1 ended. Restart the app to use the list.\n")
    found = municipalities.municipality_named("Zeestad", date(2026, 1, 2))
    assert found is not None
    assert found.code == "GM9001"
    assert municipalities.ended_municipality("Goes", date(2026, 1, 2)) is not None
    assert [file.name for file in source.parent.iterdir() if file.name.startswith(".")] == []
    assert renew(bare, source)[1].startswith("Renewed: 0 municipalities began, 0 ended.")


def test_the_same_list_is_written_as_it_was(bare: Flask, source: Path):
    before = source.read_bytes()

    assert renew(bare, source)[0] == 0
    assert sorted(source.read_bytes().splitlines()) == sorted(before.splitlines())


def test_a_first_day_that_was_wrong_by_an_overlap_can_be_set_right(bare: Flask, source: Path):
    line = "GM0888,Beek (L.),Limburg,{day},"

    assert renew(bare, source, (line.format(day="1970-01-01"), line.format(day="2025-01-01")))[0] == 0
    assert renew(bare, source, (line.format(day="2025-01-01"), line.format(day="1970-01-01")))[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "code,name,province",
            "code;name;province",
            "line 1: the columns must be code,name,province,valid_from,valid_until",
        ),
        ("GM0664,Goes", "GM664,Goes", "'GM664' is no code such as GM0518"),
        (GOES, GOES + "1-1-2026", "'1-1-2026' is no day such as 2026-01-01"),
        (GOES, GOES + "2026-02-30", "'2026-02-30' is no day"),
        (GOES, GOES + "1960-01-01", "it ends before it begins"),
        (GOES, GOES + ",x", "it must have 5 columns"),
        (GOES, GOES + "\r\nGM0664,Goes,Zeeland,2020-01-01,", "GM0664 exists on 2020-01-01 already"),
        (GOES + "\r\n", "", "missing: GM0664 Goes (Zeeland), from 1970-01-01"),
        ("GM0664,Goes,", "GM0664,Ter Goes,", "missing: GM0664 Goes (Zeeland)"),
        (GOES, 'GM0664,"Goes,Zeeland', "no CSV file"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(bare: Flask, source: Path, old: str, new: str, said: str):
    before = source.read_bytes()

    code, words = renew(bare, source, (old, new))

    assert code == 1
    assert said in words
    assert "Nothing was changed" in words
    assert source.read_bytes() == before
