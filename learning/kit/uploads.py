"""An uploaded table: of a spreadsheet its rows, which a
process with limits reads; any other file as it is.
"""

from flask import current_app

from learning.kit.errors import Refusal
from learning.kit.limited import Died, Limits, ask_child, turn
from learning.kit.sheets import is_spreadsheet
from learning.kit.wording import N_

LIMITS = Limits(cpu=10, memory=512_000_000, wall=25)


def opened(content: bytes) -> bytes | list[list[str]]:
    """The rows of a spreadsheet, or the bytes of another file. Called before a transaction, never in one."""
    if not is_spreadsheet(content):
        return content
    try:
        with turn():
            rows, _parts = ask_child("learning.kit.workbooks", "rows", content, {}, LIMITS)
    except Died as death:
        current_app.logger.warning("a spreadsheet could not be read: %s", death)
        words = N_(
            "This spreadsheet asks too much to be read. Keep one table, or save it as CSV and try again."
        )
        raise Refusal("too_much", words) from None
    found: list[list[str]] = rows
    return found
