"""Keeping a list that was read to look at, and saving its
lines once somebody confirmed it; repeatable without doubles.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from learning.desk.saving import write
from learning.kit import clock
from learning.kit.db import after_commit, attempt, db, hold_row, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import each_due, nudge, stopping
from learning.kit.sheets import plain_text
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.network.comparing import Book, Step
from learning.network.models import ListImport
from learning.network.tables import Read, Table, Wrong
from learning.organisations.models import Organisation, Organiser, Partnership
from learning.people.actions import person_for
from learning.people.models import Contact
from learning.people.rules import sort_key

AT_ONCE = 100  # lines in one transaction: about a second
BETWEEN = 0.05  # seconds between two of them, for others who wait to write
CHANGED = N_("Somebody changed this after you looked. Import the file again to see what it is now.")


@transaction()
def keep(organiser_id: int, kind: str, table: Table, *, name: str, by: int, now: datetime) -> ListImport:
    """Keep the lines with what each would do, to look at. Nothing of what is known changes."""
    book = Book(organiser_id, kind)
    lines, wrong = [], list(table.wrong)
    for read in table.lines:
        try:
            step = book.step(read.line, read.values)
        except Refusal as refusal:
            wrong.append(_wrong(read, refusal))
        else:
            lines.append(
                {**asdict(read), "state": step.state, "changes": [list(change) for change in step.changes]}
            )
    kept = ListImport(
        organiser_id=organiser_id, account_id=by, at=now, kind=kind, name=plain_text(name)[:200], lines=lines
    )
    kept.problems = [asdict(found) for found in sorted(wrong, key=lambda found: found.line)]
    kept.done = kept.made = kept.changed = 0
    db.session.add(kept)
    db.session.flush()
    return kept


def _wrong(read: Read, refusal: Refusal) -> Wrong:
    return Wrong(read.line, refusal.field or "", refusal.message, refusal.values)


def counts(kept: ListImport) -> Counter[str]:
    """How many lines are new, changed and the same."""
    return Counter(line["state"] for line in kept.lines)


@transaction()
def confirm(kept: ListImport, *, by: int, now: datetime) -> None:
    """Let the lines be saved. The worker does it."""
    hold_row(kept)
    if kept.confirmed_at is not None:
        raise Refusal("confirmed_before", N_("This was imported already."))
    if not counts(kept).keys() - {"same"}:
        raise Refusal("nothing_left", N_("There is nothing in it to save."))
    kept.confirmed_at = now
    record("imported", kept, organiser_id=kept.organiser_id, by=by, at=now, words=kept.name)
    db.session.flush()
    after_commit(nudge)


def import_due() -> None:
    """What the worker does each sweep: save confirmed lines, some at a time."""
    due = select(ListImport.id).where(ListImport.confirmed_at.is_not(None), ListImport.finished_at.is_(None))
    each_due("import", db.session.scalars(due.order_by(ListImport.id)).all(), import_all)


def import_all(id: int) -> None:
    """Save all of its lines."""
    while not stopping() and import_some(id, now=clock.now()):
        time.sleep(BETWEEN)


@transaction()
def import_some(id: int, *, now: datetime) -> bool:
    """Save the next lines; gives whether there are more. Done twice, it makes nothing twice.

    What changed since somebody looked is left, and said so.
    """
    kept = db.session.get_one(ListImport, id, populate_existing=True)
    lock(Organiser, [kept.organiser_id])
    db.session.refresh(kept)
    if kept.finished_at is not None:
        return False
    book = Book(kept.organiser_id, kept.kind)
    wrong = []
    for line in kept.lines[kept.done : kept.done + AT_ONCE]:
        read = Read(line["line"], line["values"])
        try:
            with attempt():
                state = _save(kept, book, read, line, now) if line["state"] != "same" else "same"
        except Refusal as refusal:
            wrong.append(asdict(_wrong(read, refusal)))
            continue
        kept.made += state == "new"
        kept.changed += state == "changed"
    kept.problems = [*kept.problems, *wrong] if wrong else kept.problems
    kept.done = min(kept.done + AT_ONCE, len(kept.lines))
    kept.finished_at = now if kept.done >= len(kept.lines) else None
    db.session.flush()
    return kept.finished_at is None


def _save(kept: ListImport, book: Book, read: Read, line: dict[str, Any], now: datetime) -> str:
    """Do what the line does; refused when that is not what was shown."""
    step = book.step(read.line, read.values)
    if step.state != "same" and not (step.state == line["state"] and _among(step.changes, line["changes"])):
        raise Refusal("changed_meanwhile", CHANGED)
    if step.state != "same":
        {"organisations": _organisation, "contacts": _contact, "partnerships": _partnership}[kept.kind](
            kept, step, read, now
        )
    return step.state


def _among(changes: Iterable[tuple[str, str, str]], shown: list[list[str]]) -> bool:
    return all(list(change) in shown for change in changes)


def _row(model: type[Any], step: Step) -> Any:
    return model() if step.id is None else db.session.get_one(model, step.id, populate_existing=True)


def _organisation(kept: ListImport, step: Step, _read: Read, now: datetime) -> None:
    write(_row(Organisation, step), dict(step.values), kept.organiser_id, None, by=kept.account_id, now=now)


def _partnership(kept: ListImport, step: Step, _read: Read, now: datetime) -> None:
    values: dict[str, Any] = {"organisation_id": step.organisation_id, "level": step.values["level"]}
    for name in ("from_on", "until_on"):
        values[name] = date.fromisoformat(step.values[name]) if step.values[name] else None
    write(_row(Partnership, step), values, kept.organiser_id, None, by=kept.account_id, now=now)


def _contact(kept: ListImport, step: Step, read: Read, now: datetime) -> None:
    """The person speaks for the organisation; another name at
    an address that we know is another person, who takes over.
    """
    values = step.values
    person = person_for(
        kept.organiser_id,
        values["name"],
        values["mail"],
        language=values["language"],
        organisation_id=step.organisation_id,
    )
    person.name, person.sort_key = values["name"], sort_key(values["name"])
    person.language = read.values.get("language", person.language)
    contact = _row(Contact, step)
    contact.organiser_id, contact.organisation_id, contact.person_id = (
        kept.organiser_id,
        step.organisation_id,
        person.id,
    )
    contact.confirmed_at = (
        now if contact.ended_at is not None or contact.confirmed_at is None else contact.confirmed_at
    )
    contact.ended_at = None
    verb = "made" if step.id is None else "changed"
    db.session.add(contact)
    db.session.flush()
    record(verb, contact, organiser_id=kept.organiser_id, by=kept.account_id, at=now, words=person.name)
