"""Lists that are cut in pages by the database: what is shown is read, and no more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from learning.kit.db import db

PER_PAGE = 50
T = TypeVar("T")


@dataclass(frozen=True)
class ListPage(Generic[T]):
    """A page of a list: its rows, how many were found in all, and where one is."""

    rows: list[T]
    found: int
    page: int
    pages: int


def among(column: Any, ids: Iterable[int]) -> ColumnElement[bool]:
    """The column is one of these ids, however many they are."""
    given: Any = bindparam("ids", sorted(ids), unique=True, expanding=True, literal_execute=True)
    return column.in_(given)  # type: ignore[no-any-return]


def page_of(query: Select[Any], page: int, read: Callable[[Select[Any]], list[T]]) -> ListPage[T]:
    """This page of what the query finds in its order, which `read` makes rows of; a page that is not there
    gives the nearest.

    The order must be a whole one, so that no row stands on two pages.
    """
    counted = query.order_by(None).subquery()
    found = db.session.scalar(select(func.count()).select_from(counted)) or 0
    pages = max(1, -(-found // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = read(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)) if found else []
    return ListPage(rows, found, page, pages)
