"""Taking rows away at the desk, and bringing them back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, DateTime, Select, delete, func, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from learning.desk.kind import Kind, Values, kind_of, uses_of, words_of
from learning.desk.models import Removed
from learning.desk.saving import hold
from learning.kit.access import not_found
from learning.kit.changes import said_by
from learning.kit.db import Euro, Model, Moment, Scaled, db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.people.models import Account
from learning.people.permissions import limits_of
from learning.programmes.models import AgendaItem, Meeting, Programme, Round, Session


@transaction()
def remove(organiser_id: int, programme: Programme | None, row: Any, *, by: int, now: datetime) -> Removed:
    """Take a row away with what belongs to it alone; refused with the way out when something leans on it."""
    hold(organiser_id, programme)
    for use in uses_of(row):
        raise Refusal("in_use", use.sentence, count=use.count)
    words, rows = words_of(row), kind_of(row).own(row)
    removed = Removed(
        organiser_id=organiser_id,
        programme_id=programme.id if programme else None,
        account_id=by,
        at=now,
        words=words,
        rows=[[r.__tablename__, dumped(r)] for r in rows],
    )
    db.session.add(removed)
    before = {**said_by(row), **kind_of(row).lists(row)}
    record("taken away", row, organiser_id=organiser_id, by=by, at=now, words=words, before=before)
    db.session.flush()
    for r in reversed(rows):
        db.session.execute(
            delete(type(r)).where(type(r).id == r.id).execution_options(synchronize_session=False)
        )
    db.session.expunge_all()
    return db.session.get_one(Removed, removed.id)


@transaction()
def remove_many(
    kind: Kind, organiser_id: int, programme: Programme | None, ids: list[int], *, by: int, now: datetime
) -> tuple[int, int]:
    """Take away those of these rows on which nothing leans; gives how many are gone and how many stay."""
    hold(organiser_id, programme)
    programme_id = programme.id if programme else None
    gone = stayed = 0
    for id in ids:
        owner = db.session.get(Programme, programme_id) if programme_id is not None else None
        row = db.session.get(kind.model, id)
        if row is None:
            continue
        if uses_of(row):
            stayed += 1
        else:
            remove(organiser_id, owner, row, by=by, now=now)
            gone += 1
    return gone, stayed


@transaction()
def restore(organiser_id: int, id: int, *, by: int, now: datetime) -> Removed:
    """Bring back what was taken away; refused when its place is taken meanwhile."""
    removed = db.session.get(Removed, id) if 0 < id < 2**31 else None
    if removed is None or removed.organiser_id != organiser_id:
        raise Refusal("no_such_removal", N_("There is nothing to bring back."))
    programme = db.session.get(Programme, removed.programme_id) if removed.programme_id else None
    hold(organiser_id, programme)
    if removed.restored_at is not None:
        raise Refusal("restored_before", N_("This was brought back already."))
    tables = Model.metadata.tables
    try:
        for table, columns in removed.rows:
            _check_room(tables[table], columns)
            db.session.execute(insert(tables[table]).values(loaded(tables[table], columns)))
    except IntegrityError:
        words = N_(
            "This cannot come back: what it belonged to is gone, or its name is taken. Bring that back first."
        )
        raise Refusal("no_place", words) from None
    removed.restored_at = now
    for row in _first_of(removed):
        record("brought back", row, organiser_id=organiser_id, by=by, at=now, words=removed.words)
    db.session.flush()
    return removed


def _first_of(removed: Removed) -> list[Model]:
    """The row that was asked for, of those that came back with it."""
    table, columns = removed.rows[0]
    model = next(mapper.class_ for mapper in Model.registry.mappers if mapper.class_.__tablename__ == table)
    return [row for row in (db.session.get(model, columns["id"]),) if row is not None]


def dumped(row: Any) -> Values:
    """The columns of a row as JSON can keep them."""
    table = inspect(type(row)).local_table
    found = db.session.execute(select(table).where(table.c.id == row.id)).mappings().one()
    plain = (type(None), bool, int, list, dict)
    return {name: value if isinstance(value, plain) else str(value) for name, value in found.items()}


def loaded(table: Any, columns: Values) -> Values:
    """Columns that JSON kept, as the table wants them."""

    def typed(column: Any, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(column.type, Moment | DateTime):
            return datetime.fromisoformat(value)
        if isinstance(column.type, Date):
            return date.fromisoformat(value)
        return Decimal(value) if isinstance(column.type, Euro | Scaled) else value

    return {name: typed(table.c[name], value) for name, value in columns.items()}


def _check_room(table: Any, columns: Values) -> None:
    """Refuse to bring a row back where another stands now; a block goes to the end of its meeting."""
    if table.name == "agenda_item":
        last = db.session.scalar(
            select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == columns["meeting_id"])
        )
        columns["position"] = (last or 0) + 1
    if table.name == "meeting":
        last = db.session.scalar(
            select(func.max(Meeting.position)).where(Meeting.programme_id == columns["programme_id"])
        )
        columns["position"] = (last or 0) + 1
    if table.name == "session" and columns["round_id"] is not None:
        taken = select(Session.id).where(
            Session.round_id == columns["round_id"], Session.number == columns["number"]
        )
        if db.session.scalar(taken) is not None or db.session.get(Round, columns["round_id"]) is None:
            columns["round_id"] = columns["number"] = None
    for names in ({"venue_id", "name"}, {"organiser_id", "name"}):
        if (
            table.name in ("room", "venue")
            and names <= columns.keys()
            and (table.name == "room") == ("venue_id" in names)
        ):
            same = [table.c[name] == columns[name] for name in names]
            if db.session.scalar(select(table.c.id).where(*same)) is not None:
                raise Refusal("name_taken", N_("There is one with this name already. Choose another name."))


def recently(account: Account, organiser_id: int) -> list[Removed]:
    """What was taken away last of what the account sees, at most 100 rows, newest first."""
    return list(db.session.scalars(_seen_by(account, organiser_id).order_by(Removed.id.desc()).limit(100)))


def removed_for(account: Account, organiser_id: int, id: int) -> Removed:
    """Something that was taken away, of what the account sees; else 404."""
    found = (
        db.session.scalar(_seen_by(account, organiser_id).where(Removed.id == id)) if 0 < id < 2**31 else None
    )
    return found or not_found()


def _seen_by(account: Account, organiser_id: int) -> Select[Removed]:
    query = select(Removed).where(Removed.organiser_id == organiser_id)
    limits = limits_of(account, organiser_id)
    return query if limits is None else query.where(Removed.programme_id.in_(limits))
