"""Making one organisation of two without losing anything, and taking that back."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from learning.desk.kind import Values
from learning.desk.reading import mark
from learning.desk.removing import dumped, loaded
from learning.kit.access import not_found
from learning.kit.db import Model, db, hold, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.models import Merge, Organisation, OrganisationAlias, Organiser, Partnership
from learning.organisations.municipalities import municipality_named
from learning.organisations.rules import search_key, sorted_under
from learning.people.models import Contact
from learning.people.rules import fold

FIELDS: dict[str, tuple[str, ...]] = {  # what staff choose between, with the columns of it
    "name": ("name",),
    "kind": ("kind",),
    "legal_name": ("legal_name",),
    "kvk": ("kvk",),
    "oin": ("oin",),
    "vat_id": ("vat_id",),
    "address": ("street", "postcode", "city", "country"),
    "finance_mail": ("finance_mail",),
    "endpoint": ("endpoint",),
    "language": ("language",),
}
BY_NAME = ("search_key", "sort_key", "municipality_code")  # columns that follow from name and kind
ALONG = {  # what names an organisation, in the words of the desk
    "person": N_("People"),
    "contact": N_("Contacts"),
    "delegation": N_("Delegations"),
    "partnership": N_("Partnerships"),
    "registration": N_("Registrations"),
}
ALIASES = OrganisationAlias.__tablename__
Moved = list[Any]  # [table, column, ids, value before, value written]


@dataclass(frozen=True)
class Plan:
    """What merging would do: where the two differ, and how much goes along."""

    stays: Organisation
    goes: Organisation
    fields: list[str]
    counts: list[tuple[str, int]]
    twice: int  # programmes in which both have a live delegation

    @property
    def seen(self) -> str:
        """A mark of what both say; another mark means that somebody changed one of them."""
        return seen_of(self.stays, self.goes)


def plan(stays: Organisation, goes: Organisation) -> Plan:
    """How these two would become one."""
    differ = [key for key in FIELDS if value_of(stays, key) != value_of(goes, key)]
    tables = {table.name: table for table in _naming("organisation_id")}
    counts = [(words, _count(tables[name], goes.id)) for name, words in ALONG.items()]
    delegation, invoice = tables["delegation"], Model.metadata.tables["invoice"]
    of = select(func.count()).select_from(
        invoice.join(delegation, invoice.c.delegation_id == delegation.c.id)
    )
    counts.append((N_("Invoices"), db.session.scalar(of.where(delegation.c.organisation_id == goes.id)) or 0))
    live = (delegation.c.ended_at.is_(None), delegation.c.held_at.is_not(None))
    ours = select(delegation.c.programme_id).where(delegation.c.organisation_id == stays.id, *live)
    theirs = (delegation.c.organisation_id == goes.id, *live)
    both = select(func.count(delegation.c.programme_id.distinct())).where(
        *theirs, delegation.c.programme_id.in_(ours)
    )
    return Plan(stays, goes, differ, counts, db.session.scalar(both) or 0)


def value_of(row: Organisation, key: str) -> tuple[str, ...]:
    """What an organisation says under a key of FIELDS."""
    return tuple(getattr(row, name) for name in FIELDS[key])


def seen_of(*rows: Organisation) -> str:
    """A mark of everything that these organisations say."""
    return mark({str(row.id): [_said(row), sorted(row.also)] for row in rows})


def others_like(organiser_id: int, but: int, words: str) -> list[Organisation]:
    """Organisations whose name or other name holds every word, at most 30."""
    wanted = fold(words).split()
    query = select(Organisation).where(Organisation.organiser_id == organiser_id, Organisation.id != but)
    rows = db.session.scalars(query.order_by(Organisation.sort_key, Organisation.id))
    return (
        [row for row in rows if all(word in fold(" ".join((row.name, *row.also))) for word in wanted)][:30]
        if wanted
        else []
    )


def merges_of(organisation_id: int) -> list[Merge]:
    """What became part of this organisation, the latest first."""
    mine = Merge.organisation_id == organisation_id
    return list(db.session.scalars(select(Merge).where(mine).order_by(Merge.id.desc()).limit(20)))


def merge_for(organiser_id: int, id: int) -> Merge:
    """A merge at this organiser, undone or not; else 404."""
    merged = db.session.get(Merge, id) if 0 < id < 2**31 else None
    if merged is None or merged.organiser_id != organiser_id:
        not_found()
    return merged


@transaction()
def merge(
    organiser_id: int,
    stays_id: int,
    goes_id: int,
    take: Collection[str],
    *,
    seen: str,
    by: int,
    now: datetime,
) -> Merge:
    """One organisation becomes part of another; `take` are the
    keys of FIELDS whose value comes from the one that goes.
    """
    stays, goes = _held(organiser_id, stays_id, goes_id)
    if seen != seen_of(stays, goes):
        words = N_("Somebody changed one of these two while you were busy. Look at them again.")
        raise Refusal("changed_meanwhile", words)
    was, said = _said(stays), _joined(stays, goes, take)
    rows, made = _names(stays, goes, said["search_key"])
    moved = _apart(stays.id, goes.id, goes.name)
    for row, steps in (*_contacts(stays.id, goes.id), *_partnerships(stays.id, goes.id)):
        rows.append(row)
        moved += steps
    for table in _naming("organisation_id"):
        kept = {row.id for row in rows if row.__tablename__ == table.name}
        query = select(table.c.id).where(table.c.organisation_id == goes.id).order_by(table.c.id)
        ids = [id for id in db.session.scalars(query) if id not in kept]
        moved += [[table.name, "organisation_id", ids, goes.id, stays.id]] if ids else []
    gone = [[row.__tablename__, dumped(row)] for row in (goes, *rows)]
    words = f"{goes.name} → {stays.name}"
    for row in rows:
        db.session.execute(
            delete(type(row)).where(type(row).id == row.id).execution_options(synchronize_session=False)
        )
    for table, column, ids, _before, written in moved:
        _set(table, column, ids, written)
    db.session.execute(
        delete(Organisation).where(Organisation.id == goes.id).execution_options(synchronize_session=False)
    )
    for row in (goes, *rows):
        if row in db.session:
            db.session.expunge(row)
    db.session.expire_all()
    _say(stays_id, said)
    for key, name in made.items():
        of = {"organiser_id": organiser_id, "organisation_id": stays_id}
        db.session.add(OrganisationAlias(**of, name=name, search_key=key))
    merged = Merge(
        organiser_id=organiser_id, organisation_id=stays_id, account_id=by, at=now, words=words,
        gone=gone, moved=moved, before={"was": was, "is": said, "made": list(made)},
    )  # fmt: skip
    db.session.add(merged)
    db.session.flush()
    record("merged", merged.organisation, organiser_id=organiser_id, by=by, at=now, words=words)
    return merged


@transaction()
def undo(organiser_id: int, id: int, *, by: int, now: datetime) -> Merge:
    """Two organisations again; what was added since stays with the one that stayed."""
    lock(Organiser, [organiser_id])
    merged = db.session.get(Merge, id, populate_existing=True) if 0 < id < 2**31 else None
    if merged is None or merged.organiser_id != organiser_id:
        raise Refusal("no_such_merge", N_("There is nothing to undo."))
    if merged.undone_at is not None:
        raise Refusal("undone_before", N_("This was undone already."))
    later = (Merge.organisation_id == merged.organisation_id, Merge.undone_at.is_(None), Merge.id > merged.id)
    newer = db.session.scalar(select(Merge.words).where(*later).order_by(Merge.id.desc()).limit(1))
    if newer is not None:
        raise Refusal("merged_since", N_("Undo the later merge first: %(words)s."), words=newer)
    try:
        _apart_again(merged)
    except IntegrityError:
        words = N_(
            "This cannot be undone: something that belonged to "
            "it is gone, or stands there a second time by now."
        )
        raise Refusal("no_place", words) from None
    merged.undone_at = now
    record("merge undone", merged.organisation, organiser_id=organiser_id, by=by, at=now, words=merged.words)
    db.session.flush()
    db.session.expire_all()
    return merged


def _apart_again(merged: Merge) -> None:
    """Put back what went and what was moved; refuses where a name is taken."""
    tables, before = Model.metadata.tables, merged.before
    stays_id, (table, goes), rows = merged.organisation_id, merged.gone[0], merged.gone[1:]
    now = _said(db.session.get_one(Organisation, stays_id, populate_existing=True))
    back = {name: value for name, value in before["was"].items() if now[name] == before["is"][name]}
    keys = set(before["made"]) - ({before["was"]["search_key"]} if "search_key" not in back else set())
    here = (OrganisationAlias.organisation_id == stays_id, OrganisationAlias.search_key.in_(keys))
    db.session.execute(delete(OrganisationAlias).where(*here).execution_options(synchronize_session=False))
    _check_free(merged, goes, {**now, **back})
    _say(stays_id, back)
    db.session.flush()
    db.session.execute(insert(tables[table]).values(loaded(tables[table], goes)))
    for name, column, ids, value, written in reversed(merged.moved):
        _set(name, column, ids, value, only=written)
    for name, columns in rows:
        db.session.execute(insert(tables[name]).values(loaded(tables[name], columns)))


def _check_free(merged: Merge, goes: Values, stays: Values) -> None:
    """Refuse when a name or other name that comes back is that of another organisation by now."""
    words = N_("Another organisation is known as %(name)s by now. Give that one another name first.")
    if stays["search_key"] == goes["search_key"]:
        raise Refusal("name_taken", words, name=stays["name"])
    named = (
        Organisation.search_key.in_((goes["search_key"], stays["search_key"])),
        Organisation.id != merged.organisation_id,
    )
    other = select(Organisation.name).where(Organisation.organiser_id == merged.organiser_id, *named).limit(1)
    keys = [columns["search_key"] for name, columns in merged.gone if name == ALIASES]
    of = (OrganisationAlias.organiser_id == merged.organiser_id, OrganisationAlias.search_key.in_(keys))
    taken = db.session.scalar(other) or db.session.scalar(select(OrganisationAlias.name).where(*of).limit(1))
    if taken is not None:
        raise Refusal("name_taken", words, name=taken)


def _held(organiser_id: int, stays_id: int, goes_id: int) -> tuple[Organisation, Organisation]:
    """Both organisations with their delegations, held so that nothing new can name them meanwhile."""
    if stays_id == goes_id:
        raise Refusal("same_organisation", N_("This is one organisation. Choose another one."))
    lock(Organiser, [organiser_id])
    delegation = Model.metadata.tables["delegation"]
    theirs = select(delegation.c.id).where(delegation.c.organisation_id.in_((stays_id, goes_id)))
    hold(theirs.order_by(delegation.c.id))
    both = (Organisation.organiser_id == organiser_id, Organisation.id.in_((stays_id, goes_id)))
    rows = {row.id: row for row in hold(select(Organisation).where(*both).order_by(Organisation.id), "end")}
    if len(rows) < 2:
        words = N_(
            "One of these two is not there any more: somebody "
            "merged it or took it away. Look at the list again."
        )
        raise Refusal("gone_meanwhile", words)
    return rows[stays_id], rows[goes_id]


def _said(row: Organisation) -> Values:
    """What an organisation says of itself, as JSON."""
    columns = [name for names in FIELDS.values() for name in names]
    return {name: getattr(row, name) for name in (*columns, *BY_NAME)} | {
        "mail_domains": list(row.mail_domains)
    }


def _joined(stays: Organisation, goes: Organisation, take: Collection[str]) -> Values:
    """What the two say together."""
    said, theirs = _said(stays), _said(goes)
    said |= {name: theirs[name] for key in take for name in FIELDS.get(key, ())}
    said["mail_domains"] = list(dict.fromkeys(said["mail_domains"] + theirs["mail_domains"]))
    if said["name"] != stays.name or said["kind"] != stays.kind:
        found = municipality_named(said["name"], date.max) if said["kind"] == "city" else None
        said |= {"search_key": search_key(said["name"]), "sort_key": sorted_under(said["name"])}
        said["municipality_code"] = found.code if found else ""
    return said


def _names(stays: Organisation, goes: Organisation, key: str) -> tuple[list[Any], dict[str, str]]:
    """The rows of other names that go, and the other names that
    are made, by key; `key` is that of the name from now on.
    """
    rows = [*goes.aliases, *(alias for alias in stays.aliases if alias.search_key == key)]
    names = {row.search_key: row.name for row in (stays, goes)}
    kept = {alias.search_key for alias in stays.aliases}
    ours, theirs = OrganisationAlias.organiser_id == stays.organiser_id, OrganisationAlias.organisation_id
    taken = (ours, theirs.not_in((stays.id, goes.id)), OrganisationAlias.search_key.in_(set(names) - {key}))
    clash = db.session.scalar(select(OrganisationAlias.name).where(*taken).limit(1))
    if clash is not None:
        words = N_("Another organisation is known as %(name)s already. Take it away there first.")
        raise Refusal("alias_taken", words, name=clash)
    names |= {alias.search_key: alias.name for alias in goes.aliases}
    return rows, {other: name for other, name in names.items() if other != key and other not in kept}


def _apart(stays_id: int, goes_id: int, name: str) -> list[Moved]:
    """Delegations that stand beside one of the other organisation
    in the same programme get to say where they came from.
    """
    table = Model.metadata.tables["delegation"]
    query = select(table.c.id, table.c.programme_id, table.c.organisation_id, table.c.came_from)
    holding = (table.c.ended_at.is_(None), table.c.held_at.is_not(None))  # there may be many requests for one
    live = query.where(table.c.organisation_id.in_((stays_id, goes_id)), *holding).order_by(table.c.id)
    rows = db.session.execute(live).all()
    used = {(row.programme_id, row.came_from) for row in rows}
    ours = {(row.programme_id, row.came_from) for row in rows if row.organisation_id == stays_id}
    moved: list[Moved] = []
    for row in rows:
        if row.organisation_id == goes_id and (row.programme_id, row.came_from) in ours:
            new = next(
                words for words in _candidates(row.came_from, name) if (row.programme_id, words) not in used
            )
            used.add((row.programme_id, new))
            moved.append(["delegation", "came_from", [row.id], row.came_from, new])
    return moved


def _candidates(before: str, name: str) -> Iterator[str]:
    """Words for where a delegation came from, the best first."""
    words = ", ".join(part for part in (before, name) if part)
    yield words
    yield from (f"{words} {n}" for n in count(2))


def _contacts(stays_id: int, goes_id: int) -> Iterator[tuple[Contact, list[Moved]]]:
    """People who are contact of both: the row that goes, and what the row that stays takes over from it."""
    query = select(Contact).where(Contact.organisation_id.in_((stays_id, goes_id))).order_by(Contact.id)
    rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
    ours = {row.person_id: row for row in rows if row.organisation_id == stays_id}
    for row in rows:
        mine = ours.get(row.person_id)
        if row.organisation_id == goes_id and mine is not None:
            better = _worth(row) > _worth(mine)
            old, new = dumped(mine), dumped(row)
            names = [
                name
                for name in ("confirmed_at", "invited_at", "ended_at")
                if better and old[name] != new[name]
            ]
            yield row, [["contact", name, [mine.id], old[name], new[name]] for name in names]


def _worth(contact: Contact) -> int:
    """A confirmed contact goes before one that was asked for, and that before one that ended."""
    return 0 if contact.ended_at is not None else 1 + (contact.confirmed_at is not None)


def _partnerships(stays_id: int, goes_id: int) -> Iterator[tuple[Partnership, list[Moved]]]:
    """Partnerships that begin on the same day: the shorter one
    goes, and the prices that lean on it lean on the other.
    """
    query = (
        select(Partnership)
        .where(Partnership.organisation_id.in_((stays_id, goes_id)))
        .order_by(Partnership.id)
    )
    rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
    ours = {row.from_on: row for row in rows if row.organisation_id == stays_id}
    for row in rows:
        mine = ours.get(row.from_on)
        if row.organisation_id == goes_id and mine is not None:
            longer = (row.until_on or date.max) > (mine.until_on or date.max)
            gone, kept = (mine, row) if longer else (row, mine)
            steps: list[Moved] = []
            for table in _naming("price_partnership_id"):
                leaning = (
                    select(table.c.id).where(table.c.price_partnership_id == gone.id).order_by(table.c.id)
                )
                ids = list(db.session.scalars(leaning))
                steps += [[table.name, "price_partnership_id", ids, gone.id, kept.id]] if ids else []
            yield gone, steps


def _naming(column: str) -> list[Any]:
    """The tables with this column; other names of organisations have their own way."""
    return [table for table in Model.metadata.sorted_tables if column in table.c and table.name != ALIASES]


def _count(table: Any, organisation_id: int) -> int:
    return db.session.scalar(select(func.count()).where(table.c.organisation_id == organisation_id)) or 0


ANY = object()


def _set(name: str, column: str, ids: list[int], value: Any, *, only: Any = ANY) -> None:
    """Write a value in a column of these rows; with `only` where that is what stands there."""
    table = Model.metadata.tables[name]
    change = update(table).where(table.c.id.in_(ids))
    if only is not ANY:
        there = loaded(table, {column: only})[column]
        change = change.where(table.c[column].is_(None) if there is None else table.c[column] == there)
    db.session.execute(change.values(loaded(table, {column: value})))


def _say(organisation_id: int, said: Values) -> None:
    """Let the organisation say this."""
    row = db.session.get_one(Organisation, organisation_id, populate_existing=True)
    for name, value in said.items():
        setattr(row, name, value)
