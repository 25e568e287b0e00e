"""What a row said before and says now, noted while it is flushed, without what a log must not show."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import LoaderCallableStatus
from sqlalchemy.orm import Session as DatabaseSession

from learning.kit.db import Model, db
from learning.kit.wording import Wording

Values = dict[str, Any]
LONGEST = 1000  # characters of a value that are kept
SECRET = frozenset({  # columns that open something, or tell of somebody's health
    "password_hash", "token_hash", "feed_hash", "epoch", "feed_epoch", "seed", "join_url", "secret", "token",
    "key",
    "diet", "access_needs", "needs", "answer", "answers", "instance", "people", "values", "error", "settings",
})  # fmt: skip
DULL = frozenset({  # columns that say nothing to a reader
    "id", "organiser_id", "programme_id", "uid", "slug", "sort_key", "search_key", "name_key", "mail_key",
    "position",
    "made_at", "at", "starts_at", "ends_at", "feed_changed_at", "feed_revision", "conditions_version",
    "sequence",
    "series_id", "taken", "last_number", "rows", "gone", "moved", "snapshot", "code",
})  # fmt: skip
NAMED = frozenset(
    {"room", "venue", "theme", "round", "meeting", "organisation", "speaker", "module", "workshop"}
)
MADE: Values = {}  # stands for a row that is new in this transaction
HIDDEN_PARTS = ("token", "hash", "password", "secret", "_html")


def may_show(name: str) -> bool:
    """A column of this name may stand in the log."""
    return name not in SECRET and name not in DULL and not any(part in name for part in HIDDEN_PARTS)


def visible(values: Mapping[str, Any]) -> Values:
    """Of these values by column, what may stand in the log, as JSON keeps it."""
    found = {name: plain(value) for name, value in values.items() if may_show(name)}
    return {name: value for name, value in found.items() if not isinstance(value, _Unreadable)}


def said_by(row: Model) -> Values:
    """Everything that a row says and that may stand in the log."""
    return _worded(
        row, {attr.key: getattr(row, attr.key) for attr in inspect(row).mapper.column_attrs}, empty=False
    )


def changes_of(row: Model) -> tuple[Values, Values]:
    """The values of a row before and after, as far as they changed in this transaction since last asked for.

    A row that is new has no values before, and all of its own after.
    """
    with db.session.no_autoflush:
        _note(db.session())
        noted = _noted(db.session())
        old = noted.get(row, {})
        if old is MADE:
            noted[row] = {}
            return {}, said_by(row)
        new = {name: getattr(row, name) for name in old}
        noted[row] = new  # the next line begins here
        changed = [name for name in old if old[name] != new[name]]
        before = _worded(row, {name: old[name] for name in changed})
        after = _worded(row, {name: new[name] for name in changed})
    for name in before.keys() & after.keys():
        if before[name] == after[name]:  # two rooms of one name
            before[name], after[name] = f"{before[name]} ({old[name]})", f"{after[name]} ({new[name]})"
    return before, after


class _Unreadable:
    """Stands for a value that is no text, number, day or moment."""


def plain(value: Any) -> Any:
    """A value as JSON keeps it: moments in UTC, amounts and days as text, lines of text as one text."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return value if len(value) <= LONGEST else value[:LONGEST] + "…"
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case list() if all(isinstance(line, str) for line in value):
            return plain("\n".join(value))
    return _Unreadable()


def _worded(row: Model, values: Values, *, empty: bool = True) -> Values:
    """These values of a row as the log shows them; without `empty` only those that say something."""
    kept = {name: _named(row, name, value) for name, value in values.items() if may_show(name)}
    shown = visible(kept)
    return shown if empty else {name: value for name, value in shown.items() if value not in (None, "")}


def _named(row: Model, name: str, value: Any) -> Any:
    """The name of the room, theme or other thing to which a number leads; else the value itself."""
    if not name.endswith("_id") or value is None:
        return value
    column = inspect(row).mapper.column_attrs[name].columns[0]
    table = next((key.column.table.name for key in column.foreign_keys if key.column.name == "id"), "")
    if table not in NAMED:
        return value
    model = next(mapper.class_ for mapper in Model.registry.mappers if str(mapper.local_table) == table)
    found = db.session.get(model, value)
    words = getattr(found, "name", None) or getattr(found, "title", None) or value
    return words.pick("nl") if isinstance(words, Wording) else words


def _noted(session: DatabaseSession) -> dict[Model, Values]:
    """For each row that changed in this transaction what it said before, by column."""
    noted: dict[Model, Values] = session.info.setdefault("changes", {})
    return noted


def _note(session: DatabaseSession, *_more: Any) -> None:
    """Note what rows said before this flush."""
    noted = _noted(session)
    for row in session.new:
        if isinstance(row, Model):
            noted[row] = MADE
    for row in session.dirty:
        state: Any = inspect(row)
        if noted.get(row) is MADE or not state.committed_state:
            continue
        columns = state.mapper.column_attrs
        fresh = {
            name: old for name, old in state.committed_state.items() if name in columns and may_show(name)
        }
        before = noted.setdefault(row, {})
        fresh = {name: old for name, old in fresh.items() if name not in before}
        unknown = [name for name, old in fresh.items() if isinstance(old, LoaderCallableStatus)]
        before |= fresh | (_stored(session, row, unknown) if unknown else {})


def _stored(session: DatabaseSession, row: Model, names: list[str]) -> Values:
    """What the database says in columns that were given a value without being read."""
    mapper = inspect(row).mapper
    columns = [mapper.column_attrs[name].columns[0] for name in names]
    found = (
        session.connection().execute(select(*columns).where(mapper.local_table.c.id == row.id)).one_or_none()
    )
    return dict(zip(names, found, strict=True)) if found is not None else {}


def _forget(session: DatabaseSession, ended: Any) -> None:
    """The transaction is over: what was noted in it too."""
    if ended.parent is None:
        session.info.pop("changes", None)


event.listen(db.session, "before_flush", _note)
event.listen(db.session, "after_transaction_end", _forget)
