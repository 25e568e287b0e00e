"""Renewing the list of municipalities from a newer file:
checked as a whole, then put in place at once or not at all.
"""

import csv
import io
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from learning.organisations import municipalities as known

HEADS = ["code", "name", "province", "valid_from", "valid_until"]


@dataclass(frozen=True)
class Row:
    """A line of the file: a municipality from its first day until the day on which it was no more."""

    line: int
    code: str
    name: str
    province: str
    from_on: date
    until_on: date | None


class NotRenewed(Exception):
    """The file is not right: what is wrong, each with its line."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("\n".join(wrong))
        self.wrong = wrong


def renew(file: Path) -> tuple[int, int]:
    """Put this file in the place of the list in use; gives how many municipalities began and how many ended.

    Nothing changes when a line is wrong, or when something that was known is not in it.
    """
    before, _wrong = _rows(known.SOURCE.read_bytes())
    rows, wrong = _rows(file.read_bytes())
    double = {_key(row) for pair in _overlaps(before) for row in pair}
    if not wrong:
        new = [(row, other) for row, other in _overlaps(rows) if not {_key(row), _key(other)} <= double]
        wrong = [
            f"line {row.line}: {row.code} exists on {row.from_on} already, by line {other.line}"
            for row, other in new
        ]
        wrong += _lost(before, rows, {code for code, *_rest in double})
    if wrong:
        raise NotRenewed(wrong)
    began = {row.code for row in rows} - {row.code for row in before}
    ended = (began | _there(before)) - _there(rows)
    _replace(known.SOURCE, rows)
    known.forget()
    return len(began), len(ended)


def _rows(content: bytes) -> tuple[list[Row], list[str]]:
    """The lines of a file, and what is wrong with them."""
    try:
        text = content.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if reader.fieldnames != HEADS:
            return [], [f"line 1: the columns must be {','.join(HEADS)}"]
        rows: list[Row] = []
        wrong: list[str] = []
        for cells in reader:
            line = reader.line_num
            if None in cells or None in cells.values():
                wrong.append(f"line {line}: it must have {len(HEADS)} columns")
                continue
            first, last = _day(cells["valid_from"]), _day(cells["valid_until"])
            mistakes = [
                f"line {line}: {words}"
                for words, right in (
                    (
                        f"{cells['code']!r} is no code such as GM0518",
                        re.fullmatch(r"GM\d{4}", cells["code"], re.ASCII),
                    ),
                    ("it has no name", cells["name"].strip()),
                    ("it has no province", cells["province"].strip()),
                    (f"{cells['valid_from']!r} is no day such as 2026-01-01", first),
                    (
                        f"{cells['valid_until']!r} is no day such as 2026-01-01",
                        last or not cells["valid_until"],
                    ),
                    ("it ends before it begins", not (first and last) or first < last),
                )
                if not right
            ]
            wrong += mistakes
            if not mistakes and first is not None:
                rows.append(
                    Row(line, cells["code"], cells["name"].strip(), cells["province"].strip(), first, last)
                )
    except (UnicodeDecodeError, csv.Error) as error:
        return [], [f"this is no CSV file in UTF-8: {error}"]
    return rows, wrong if rows or wrong else ["line 2: there are no municipalities in it"]


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _key(row: Row) -> tuple[str, str, date]:
    return row.code, row.name, row.from_on


def _there(rows: list[Row]) -> set[str]:
    """The codes of the municipalities that exist."""
    return {row.code for row in rows if row.until_on is None}


def _overlaps(rows: list[Row]) -> list[tuple[Row, Row]]:
    """Pairs of lines by which one code is twice there; the
    list has some, of a name that changed, since it was made.
    """
    pairs, last = [], None
    for row in sorted(rows, key=lambda row: (row.code, row.from_on, row.line)):
        if (
            last is not None
            and last.code == row.code
            and (last.until_on is None or row.from_on < last.until_on)
        ):
            pairs.append((row, last))
        last = row
    return pairs


def _lost(before: list[Row], rows: list[Row], double: set[str]) -> list[str]:
    """What was known stays: the same code, name, province and first day.

    Only the day of its end may be another; and the first day too of
    codes that were twice there, so that a newer list can set that right.
    """
    there = {(row.code, row.name, row.province, row.from_on) for row in rows}
    named = {(row.code, row.name, row.province) for row in rows if row.code in double}
    return [
        f"missing: {row.code} {row.name} ({row.province}), from {row.from_on}"
        for row in before
        if (row.code, row.name, row.province, row.from_on) not in there
        and (row.code, row.name, row.province) not in named
    ]


def _replace(target: Path, rows: list[Row]) -> None:
    """Write beside the file and put it in place in one step, so that nobody ever reads half of it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for row in sorted(rows, key=lambda row: (row.name, row.code, row.from_on)):
        writer.writerow([row.code, row.name, row.province, row.from_on, row.until_on or ""])
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(out.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, target.stat().st_mode & 0o777)
        os.replace(beside, target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
