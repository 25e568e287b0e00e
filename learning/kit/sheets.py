"""Tables as files for a spreadsheet, and read from them. What people wrote never becomes a formula."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from learning.kit.errors import Refusal
from learning.kit.wording import N_

ROWS = 5000  # rows of a spreadsheet
LONGEST = 200_000  # rows of a file, empty ones too
TOO_LONG = N_("This file is too long. Keep one table with at most %(most)d lines.")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | None


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return (
        f"'{cell}"
        if cell.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") and cell.strip(" ")
        else cell
    )


def plain(cell: str) -> str:
    """A cell without the mark that `safe` put before it."""
    return cell[1:] if cell[:1] == "'" and safe(cell[1:]) == cell else cell


def csv_file(rows: Iterable[Sequence[Cell]], *, delimiter: str = ";") -> bytes:
    """A table as CSV, UTF-8 with a mark at its begin so that spreadsheets read it as such."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    for row in rows:
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_file(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]]) -> bytes:
    """Sheets as XLSX; every cell is text or a number."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title[:31])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:32_767])
    cell.data_type = "s"  # also what begins with = is text
    return cell


def decoded(content: bytes) -> str:
    """The text of a file, whatever program wrote it, with plain line ends."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return plain_text(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise Refusal("no_text", N_("This is not a text, a table or a schedule that we can read."))


def plain_text(text: str) -> str:
    """Text with plain line ends and without what a database cannot hold."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def csv_rows(text: str, is_heads: Callable[[list[str]], bool], *, most: int) -> list[list[str]] | None:
    """The rows of a table whose first line has headings
    between ; or tabs or , or |; None when it has none.
    """
    first = next((line for line in text.split("\n") if line.strip()), "")
    for mark in (";", "\t", ",", "|"):
        try:
            if mark in first and is_heads(next(csv.reader([first], delimiter=mark))):
                return within(csv.reader(io.StringIO(text), delimiter=mark), most)
        except csv.Error:
            raise Refusal(
                "no_table", N_("This table cannot be read. Is a quotation mark missing somewhere?")
            ) from None
    return None


def is_spreadsheet(content: bytes) -> bool:
    """The file begins as an XLSX does."""
    return content[:4] == b"PK\x03\x04"


def within(rows: Iterable[list[str]], most: int, *, empty_at_most: int = LONGEST) -> list[list[str]]:
    """The rows up to the last that says something; refused
    when there are too many, headings and remarks aside.
    """
    kept: list[list[str]] = []
    empty = said = 0
    for row in rows:
        if not any(cell.strip() for cell in row):
            empty += 1
        else:
            said += 1
            kept += [[] for _ in range(empty)]
            kept.append(row)
            empty = 0
        if said > most + 20 or len(kept) > LONGEST:
            raise Refusal("too_big", TOO_LONG, most=most)
        if empty > empty_at_most:
            break  # a sheet says that it goes on below its last line
    return kept
