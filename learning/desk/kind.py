"""Kinds of rows that staff edit at the desk: all that lists,
forms, saving and taking away need to know of one kind.

A kind stands in one file (`desk/kinds/`, `speakers/kinds.py`, `network/kinds.py`); `wiring.py` lists them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select

from learning.desk.lines import ListLine
from learning.kit.access import not_found
from learning.kit.db import Model, db
from learning.kit.forms import Form
from learning.kit.wording import Wording
from learning.people.models import Account
from learning.programmes.models import Programme

Values = dict[str, Any]
Leaning = list[tuple[str, Any]]


def _title(row: Any) -> str:
    wording = getattr(row, "title", None) or getattr(row, "name", "")
    return wording.pick("nl") if isinstance(wording, Wording) else str(wording)


def _by_position(
    model: type[Any], organiser_id: int, programme: Programme | None, _account: Account | None
) -> Select[Any]:
    if programme is None:
        return select(model).where(model.organiser_id == organiser_id).order_by(model.id)
    return (
        select(model).where(model.programme_id == programme.id).order_by(getattr(model, "position", model.id))
    )


@dataclass(frozen=True)
class ByColumn:
    """How the database sorts, filters and cuts a list by itself, so that one page of it is all that is read.

    The order is the natural one of the list, a whole one. A column of the list that sorts or filters is
    here by what the database has for it; `words` says how one of its values is shown in a cell.
    """

    order: tuple[Any, ...]
    sorts: Mapping[int, Any] = field(default_factory=dict)  # by column of the list
    filters: Mapping[str, tuple[Callable[[], Any], Callable[[Any], str]]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of row: its word in addresses, its words,
    how it is listed, filled in, saved and taken away.
    """

    key: str
    model: type[Any]
    one: str
    many: str
    new: str
    none: str  # what an empty list says
    of_programme: bool = True  # else of the organiser, shared by all programmes

    # the form, and saving what it says: save(row, values, organiser id, programme)
    # gives the row when it is another one
    form: type[Form]
    change_form: type[Form] | None = None  # where less can be changed than filled in
    part_form: type[Form] | None = None  # what may be corrected by who makes invoices
    save: Callable[[Any, Values, int, Any], Any]
    said: Callable[[Any], str] | None = None  # what is said once it is saved
    back: str = ""  # the page to go to then; the list when empty
    released: bool = True  # visitors see it after the next release

    # the list: find(model, organiser id, programme, account) selects what somebody sees, in its order
    find: Callable[[type[Any], int, Programme | None, Account | None], Select[Any]] = _by_position
    loads: tuple[Any, ...] = ()  # what a line shows of other rows
    heads: tuple[str, ...]
    cells: Callable[[Any], ListLine]
    named: int = 0  # the column with the name
    facets: Mapping[str, int] = field(default_factory=dict)  # by which columns one filters, under which name
    by_column: ByColumn | None = None  # None: the list is short enough to be read as a whole
    imported: bool = False  # a list of them can be brought in
    at_once: tuple[str, ...] = ()  # what can be changed of many rows at once
    # changing many by a way of its own; None: not for this name
    place_many: Callable[..., int | None] | None = None

    # the row
    words: Callable[[Any], str] = _title  # by what people know it
    holder: Callable[[Any, str], Any] = lambda row, _name: row  # the row that holds a value under this name
    with_it: Callable[[Any], tuple[Any, ...]] = lambda _row: ()  # rows that are edited in its form
    # lists of it that are rows of their own, as text
    lists: Callable[[Any], dict[str, str]] = lambda _row: {}
    leaning: Callable[[Any], Leaning] = lambda _row: []  # sentence and count of what leans on it
    # it with what is its alone, as it can be put back
    own: Callable[[Any], Sequence[Any]] = lambda row: (row,)
    taken: Callable[[list[int]], int] = lambda _ids: 0  # how many people have a place in these
    cancels: bool = False  # it can be cancelled once it was released
    beside: Callable[[Any, Any], dict[str, Any]] = lambda _desk, _row: {}  # what else the page of one shows


KINDS: dict[str, Kind] = {}  # filled by `wiring.py`
_BY_MODEL: dict[type[Any], Kind] = {}


def install(kinds: Iterable[Kind], *more: Kind) -> None:
    """Make these kinds known; `more` have no list and no address of their own."""
    KINDS.update({kind.key: kind for kind in kinds})
    _BY_MODEL.update({kind.model: kind for kind in (*KINDS.values(), *more)})


def kind_of(row: Any) -> Kind:
    """The kind of a row that the desk edits."""
    return _BY_MODEL[type(row)]


def holder_of(row: Any, name: str) -> Any:
    """The row that holds what a form calls so."""
    kind = _BY_MODEL.get(type(row))
    return kind.holder(row, name) if kind else row


def words_of(row: Any) -> str:
    """By what people know a row."""
    return kind_of(row).words(row)


def row_of(
    kind: Kind, organiser_id: int, programme: Programme | None, id: int, account: Account | None = None
) -> Any:
    """One row of those that the account sees in this organiser or programme; else 404."""
    query = kind.find(kind.model, organiser_id, programme, account).where(kind.model.id == id)
    return (db.session.scalar(query.order_by(None)) if 0 < id < 2**31 else None) or not_found()


def rows_of(
    kind: Kind,
    organiser_id: int,
    programme: Programme | None,
    account: Account | None = None,
    *,
    ids: Collection[int] | None = None,
) -> list[Any]:
    """All rows of a kind that the account sees, or those with these ids
    alone, in their natural order, with what a list of them shows.
    """
    query = kind.find(kind.model, organiser_id, programme, account).options(*kind.loads)
    if ids is None:
        return list(db.session.scalars(query))
    return list(db.session.scalars(query.where(kind.model.id.in_(ids))))


@dataclass(frozen=True)
class Use:
    """Something that leans on a row: the sentence names what, `count` how many."""

    sentence: str
    count: int


def uses_of(row: Model) -> list[Use]:
    """What leans on this row, so that it cannot simply be taken away; empty when nothing does."""
    found: dict[str, int] = {}
    for sentence, query in kind_of(row).leaning(row):
        found[sentence] = found.get(sentence, 0) + (db.session.scalar(query) or 0)
    return [Use(sentence, count) for sentence, count in found.items() if count]


def count_where(*where: Any) -> Any:
    """How many rows these conditions find."""
    return select(func.count()).where(*where)
