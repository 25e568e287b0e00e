"""Lines of lists: the cells of a row as text, and what they are sorted by."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from learning.people.rules import fold


@dataclass(frozen=True)
class ListLine:
    """One row of a list: its cells as text, by the columns of the list."""

    id: int
    cells: tuple[str, ...]
    sort: tuple[Any, ...]
    cancelled: bool = False


def line(row: Any, *cells: str, sort: dict[int, Any] | None = None, cancelled: bool = False) -> ListLine:
    """A line with these cells; `sort` says by what a column is sorted when not by its words."""
    keys = tuple((sort or {}).get(n, fold(cell)) for n, cell in enumerate(cells))
    return ListLine(row.id, cells, keys, cancelled)


def yes(there: bool) -> str:
    """Yes or no, in words."""
    return _("yes") if there else _("no")


def who(row: Any) -> str:
    """Who takes part, by name."""
    return ", ".join(part.speaker.name if part.speaker else part.affiliation for part in row.parts)


def address_of(row: Any) -> str:
    """Street, postcode and city in one line."""
    return ", ".join(words for words in (row.street, row.postcode, row.city) if words)


def people_in(row: Any) -> dict[str, str]:
    """Who takes part in a session or block, a line for each, as the log keeps it."""
    people = (
        ((part.speaker.name if part.speaker else ""), part.affiliation, part.role) for part in row.parts
    )
    return {"parts": "\n".join(", ".join(filter(None, person)) for person in people)}
