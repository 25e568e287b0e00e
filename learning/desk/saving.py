"""What staff do to the rows of a programme: make and change. Nothing is public by this."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from learning.desk.kind import Kind, Values, holder_of, kind_of, words_of
from learning.desk.reading import PAIRS, mark, shown
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.markdown import render
from learning.kit.trail import record
from learning.kit.wording import N_, Wording
from learning.organisations.models import Organiser
from learning.programmes.models import Programme


@transaction()
def save(
    kind: Kind,
    organiser_id: int,
    programme: Programme | None,
    id: int | None,
    values: Values,
    *,
    seen: str,
    by: int,
    now: datetime,
) -> Any:
    """Make a row (`id` is None) or change it.

    `values` as a form has them, `seen` the mark of what the form showed.

    Refuses with `changed_meanwhile` when somebody else changed the row since.
    """
    hold(organiser_id, programme)
    row = _row(kind.model, programme, id)
    if id is not None and seen != mark(shown(row, list(values))):
        raise Refusal(
            "changed_meanwhile",
            N_(
                "Somebody changed this while you were busy. Look "
                "at what is new below; save again to keep yours."
            ),
        )
    return write(row, values, organiser_id, programme, by=by, now=now)


def write(
    row: Any, values: Values, organiser_id: int, programme: Programme | None, *, by: int, now: datetime
) -> Any:
    """Give a row, new or known, these values by the rules of
    its kind, and note who did; gives the row that has them.
    """
    kind = kind_of(row)
    verb, before = ("changed", kind.lists(row)) if row.id is not None else ("made", {})
    row = kind.save(row, _worded(values), organiser_id, programme) or row
    db.session.flush()
    after = kind.lists(row)
    changed = [name for name in after if before.get(name, "") != after[name]]
    about: dict[str, Any] = {"words": kind.words(row), "also": kind.with_it(row)}
    about |= {
        "before": {n: before[n] for n in changed if n in before},
        "after": {n: after[n] for n in changed},
    }
    record(verb, row, organiser_id=organiser_id, by=by, at=now, **about)
    return row


@transaction()
def change_many(
    kind: Kind,
    organiser_id: int,
    programme: Programme | None,
    ids: list[int],
    name: str,
    value: int | None,
    *,
    by: int,
    now: datetime,
) -> int:
    """Give all these rows this value under this name, one of `kind.at_once`; gives how many had another one.

    All or none.
    """
    if name not in kind.at_once:
        raise Refusal("nothing_chosen", N_("Choose what should happen."), "do")
    hold(organiser_id, programme)
    placed = kind.place_many(programme, ids, name, value, by=by, now=now) if kind.place_many else None
    if placed is not None:
        return placed
    changed = 0
    for id in ids:
        row = _row(kind.model, programme, id)
        holder = holder_of(row, name)
        if getattr(holder, name) != value:
            setattr(holder, name, value)
            changed += 1
            also = (holder,) if holder is not row else ()
            record("changed", row, organiser_id=organiser_id, by=by, at=now, words=words_of(row), also=also)
    return changed


def hold(organiser_id: int, programme: Programme | None) -> None:
    """Let nobody else edit meanwhile: the programme's rows, or what all programmes of the organiser share."""
    lock(Organiser, [organiser_id])
    if programme is not None:
        lock(Programme, [programme.id])


def _row(model: type[Any], programme: Programme | None, id: int | None) -> Any:
    if id is not None:
        query = select(model).where(model.id == id).execution_options(populate_existing=True)
        row = db.session.scalars(query).one_or_none()
        if row is None:
            words = N_(
                "Somebody took this away while you were busy. "
                "Bring it back under “Taken away”, or make it anew."
            )
            raise Refusal("gone_meanwhile", words)
        return row
    return model(**({"programme_id": programme.id} if programme and hasattr(model, "programme_id") else {}))


def _worded(values: Values) -> Values:
    """The values with pairs of languages as one Wording."""
    out: Values = {}
    for name, value in values.items():
        if name[-3:] in PAIRS and {name[:-3] + end for end in PAIRS} <= values.keys():
            out[name[:-3]] = Wording(*(values[name[:-3] + end] for end in PAIRS))
        else:
            out[name] = value
    return out


def set_texts(row: Any, texts: Values) -> None:
    """Give a row these texts, by the names that forms have; what is Markdown is rendered with it."""
    set_values(row, _worded(texts))


def set_values(row: Any, values: Values, *but: str) -> None:
    """Put what was typed in the row, and texts as HTML beside them."""
    for name, value in values.items():
        if name not in but:
            setattr(row, name, value)
    for name in ("text", "abstract", "biography"):
        if name in values and hasattr(row, f"{name}_html"):
            wording: Wording = values[name]
            setattr(row, f"{name}_html", Wording(render(wording.nl), render(wording.en)))


def check_free(model: type[Any], row: Any, field: str, *where: Any) -> None:
    """Refuse a second row with this name."""
    others = select(model.id).where(*where, model.id != (row.id or 0)).limit(1)
    with db.session.no_autoflush:
        if db.session.scalar(others) is not None:
            raise Refusal(
                "name_taken", N_("There is one with this name already. Choose another name."), field
            )


def lines_in(text: str) -> list[str]:
    """What was typed on each line, without marks of a list."""
    return [line.strip("-•* \t") for line in text.splitlines() if line.strip("-•* \t")]


def save_shared(row: Any, values: Values, organiser_id: int) -> None:
    """Save a row that belongs to the organiser."""
    row.organiser_id = organiser_id
    set_values(row, values)
    db.session.add(row)


def put_last(row: Any, model: type[Any], programme: Programme) -> None:
    """A new row comes after those that the programme has."""
    if row.id is None:
        last = db.session.scalar(select(func.max(model.position)).where(model.programme_id == programme.id))
        row.position = (last or 0) + 1
