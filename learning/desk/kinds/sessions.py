"""Sessions at the desk, with the workshop that they give."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import BooleanField

from learning.desk.forms import LONG, Parts, TitledForm
from learning.desk.kind import Kind, Leaning, Values, count_where
from learning.desk.lines import ListLine, line, people_in, who
from learning.desk.placing import place_all, put
from learning.desk.reading import taken_in
from learning.desk.saving import set_values
from learning.kit.db import db
from learning.kit.forms import Count, Line, Markdown, Pick, WebAddress
from learning.kit.wording import N_
from learning.programmes.models import Part, Programme, Session, Workshop
from learning.programmes.parts import set_parts
from learning.releases.models import OfferedSession
from learning.releases.snapshot import code

IN_WORKSHOP = ("title", "abstract", "theme_id", "asks_questions")


class SessionForm(TitledForm):
    """A workshop, and one giving of it."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    abstract_nl = Markdown(_l("Text in Dutch"), max=LONG)
    abstract_en = Markdown(_l("Text in English"), max=LONG)
    theme_id = Pick(_l("Theme"))
    parts = Parts(_l("Who takes part"))
    round_id = Pick(_l("Round"))
    room_id = Pick(_l("Room"))
    capacity = Count(_l("Places, empty is no limit, 0 is closed"))
    minimum = Count(_l("Least people to go on"))
    text_nl = Markdown(_l("Only for this giving, in Dutch"), max=LONG)
    text_en = Markdown(_l("Only for this giving, in English"), max=LONG)
    join_url = WebAddress(_l("Join link, for those who take part only"))
    asks_questions = BooleanField(_l("People may send questions beforehand"))


def _save_session(row: Session, values: Values, organiser_id: int, programme: Programme) -> None:
    workshop = row.workshop if row.id is not None else None
    if workshop is None:
        workshop = Workshop(programme_id=programme.id, key=str(uuid4()))
    set_values(workshop, {name: values[name] for name in IN_WORKSHOP})
    db.session.add(workshop)
    db.session.flush()
    if row.id is None:
        row.uid, row.workshop_id = str(uuid4()), workshop.id
    set_values(row, {name: values[name] for name in ("capacity", "minimum", "text", "join_url")})
    db.session.add(row)
    db.session.flush()
    put(row, values["round_id"], values["room_id"])
    set_parts(row, values["parts"], organiser_id)


def _session_cells(row: Any) -> ListLine:
    number = code(row.round.number, row.number) if row.round else ""
    round = row.round.title.pick(g.lang) if row.round else ""
    places = str(row.capacity) if row.capacity is not None else ""
    theme = row.workshop.theme.name.pick(g.lang) if row.workshop.theme else ""
    cells = (
        number,
        row.workshop.title.pick(g.lang),
        who(row),
        round,
        row.room.name if row.room else "",
        places,
        theme,
    )
    return line(
        row, *cells, sort={5: -1 if row.capacity is None else row.capacity}, cancelled=bool(row.cancelled_at)
    )


def _holder(row: Session, name: str) -> Any:
    return row.workshop if name.removesuffix("_nl").removesuffix("_en") in IN_WORKSHOP else row


def _place_many(
    programme: Programme | None, ids: list[int], name: str, value: int | None, *, by: int, now: datetime
) -> int | None:
    """Many sessions go to a round or a room as one step of the grid, which can be undone."""
    if programme is None or name not in ("round_id", "room_id"):
        return None
    query = select(Session.id, Session.round_id, Session.room_id).where(Session.id.in_(ids))
    found = db.session.execute(query).all()
    plan = {id: (value, room) if name == "round_id" else (round, value) for id, round, room in found}
    step = place_all(programme, plan, by=by, now=now)
    return len(step.after) if step else 0


def _leaning(row: Session) -> Leaning:
    words = N_("It was released. Cancel it instead: then everybody with a place is told.")
    return [(words, count_where(OfferedSession.id == row.id))]


def _own(row: Session) -> list[Any]:
    alone = db.session.scalar(count_where(Session.workshop_id == row.workshop_id)) == 1
    return [*([row.workshop] if alone else []), row, *row.parts]


SESSIONS = Kind(
    key="sessions",
    model=Session,
    one=N_("Session"),
    many=N_("Sessions"),
    new=N_("New session"),
    none=N_("No sessions yet."),
    form=SessionForm,
    save=_save_session,
    back="planning_desk.grid",
    heads=(
        N_("Number"),
        N_("Session"),
        N_("Who takes part"),
        N_("Round"),
        N_("Room"),
        N_("Places"),
        N_("Theme"),
    ),
    cells=_session_cells,
    named=1,
    facets={"round": 3, "room": 4, "theme": 6},
    loads=(
        selectinload(Session.parts).joinedload(Part.speaker),
        joinedload(Session.workshop).joinedload(Workshop.theme),
        joinedload(Session.room),
        joinedload(Session.round),
    ),
    at_once=("round_id", "room_id", "theme_id", "capacity", "minimum"),
    place_many=_place_many,
    words=lambda row: str(row.workshop.title.pick("nl")),
    holder=_holder,
    with_it=lambda row: (row.workshop,),
    lists=people_in,
    leaning=_leaning,
    own=_own,
    taken=taken_in,
    cancels=True,
)
