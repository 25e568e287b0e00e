"""The rows of an uploaded spreadsheet. Runs in a process with limits (`kit/limited.py`), nowhere else."""

import io
import zipfile
from typing import Any

from openpyxl import load_workbook

from learning.kit.errors import Refusal
from learning.kit.sheets import ROWS, TOO_LONG, within
from learning.kit.wording import N_

UNPACKED = 20_000_000  # bytes that a spreadsheet may unpack to
RATIO = 100  # how many times larger than the file that may be
MEMBERS = 500
EMPTY = 5000  # empty rows one after another: what follows is not looked for
COLUMNS = 50


def rows(content: bytes) -> tuple[list[list[str]], list[bytes]]:
    """The rows of the first sheet as people would write them.

    What unpacks to too much is refused before it is unpacked.
    """
    try:
        _check_size(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        found = book.worksheets[0].iter_rows(max_col=COLUMNS + 1, values_only=True)
        return within(
            ([_written(cell) for cell in _narrow(row)] for row in found), ROWS, empty_at_most=EMPTY
        ), []
    except (Refusal, MemoryError):
        raise
    except Exception:  # whatever a broken file makes the reader say
        words = N_("This spreadsheet cannot be read. Save it as .xlsx or .csv and try again.")
        raise Refusal("no_spreadsheet", words) from None


def _check_size(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members = packed.infolist()
        size = sum(member.file_size for member in members)
    if size > UNPACKED or len(members) > MEMBERS:
        raise Refusal("too_big", TOO_LONG, most=ROWS)
    if size > RATIO * len(content):
        words = N_("This spreadsheet is packed in a way that we do not trust. Save it as CSV and try again.")
        raise Refusal("packed_oddly", words)


def _narrow(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of COLUMNS cells at most; refused when there is something beside them."""
    if len(row) > COLUMNS and row[COLUMNS] is not None:
        raise Refusal(
            "too_wide",
            N_("This table has more than %(most)d columns. Keep those that are needed."),
            most=COLUMNS,
        )
    return row[:COLUMNS]


def _written(cell: Any) -> str:
    """A cell as people would write it: a whole number without a point."""
    whole = isinstance(cell, float) and cell.is_integer()
    return "" if cell is None else str(int(cell)) if whole else str(cell)
