"""Blocks and rounds of a day at the desk."""

from typing import Any
from uuid import uuid4

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import SelectField
from wtforms.validators import StopValidation

from learning.desk.forms import DeskForm, Parts
from learning.desk.kind import Kind, Leaning, Values, count_where
from learning.desk.lines import ListLine, line, people_in, who
from learning.desk.placing import order_blocks
from learning.desk.saving import set_values
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.forms import Clock, Line, Lines, Pick, worded
from learning.kit.wording import N_, Wording
from learning.programmes.models import Absence, AgendaItem, Meeting, Part, Programme, Round, Session
from learning.programmes.parts import set_parts
from learning.releases.models import OfferedRound

BLOCK_KINDS = {
    "plenary": N_("Plenary"),
    "welcome": N_("Welcome"),
    "break": N_("Break"),
    "discussion": N_("Discussion"),
    "round": N_("Round of sessions"),
}


class BlockForm(DeskForm):
    """A block of a meeting, or a round of sessions."""

    meeting_id = Pick(_l("Meeting"))
    kind = SelectField(_l("What is it?"), choices=worded(BLOCK_KINDS))
    start = Clock(_l("Starts at"))
    end = Clock(_l("Ends at"))
    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    text_nl = Lines(_l("Text in Dutch"), max=4000)
    text_en = Lines(_l("Text in English"), max=4000)
    filling = SelectField(
        _l("How a round is filled"),
        choices=worded({"first_come": N_("first come, first served"), "draw": N_("by draw")}),
    )
    parts = Parts(_l("Who takes part"))

    def validate_end(self, field: Any) -> None:
        """After the start."""
        if self.start.value and field.value <= self.start.value:
            raise StopValidation(gettext("Enter an end after the start."))


def _save_block(row: AgendaItem, values: Values, organiser_id: int, programme: Programme) -> None:
    is_round = values["kind"] == "round"
    if row.round_id and not is_round:
        if db.session.scalar(select(func.count()).where(Session.round_id == row.round_id)):
            raise Refusal("round_in_use", N_("This round holds sessions. Put those elsewhere first."), "kind")
        if db.session.get(OfferedRound, row.round_id):
            raise Refusal("round_released", N_("This round was released and stays one."), "kind")
    before = row.meeting_id
    if row.id is None or before != values["meeting_id"]:
        last = select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == values["meeting_id"])
        with db.session.no_autoflush:
            row.position = (db.session.scalar(last) or 0) + 1
    set_values(row, values, "parts", "filling")
    row.uid = row.uid or str(uuid4())
    if is_round:
        row.round_id = _save_round(row, values, programme).id
    elif row.round_id:
        old, row.round_id = row.round_id, None
        db.session.flush()
        db.session.execute(delete(Absence).where(Absence.round_id == old))
        db.session.execute(delete(Round).where(Round.id == old))
    db.session.add(row)
    db.session.flush()
    set_parts(row, values["parts"], organiser_id)
    for meeting_id in {before, row.meeting_id} - {None}:
        order_blocks(meeting_id or 0)


def _save_round(row: AgendaItem, values: Values, programme: Programme) -> Round:
    with db.session.no_autoflush:
        round = db.session.get(Round, row.round_id) if row.round_id else None
        if round is None:
            last = (
                db.session.scalar(select(func.max(Round.number)).where(Round.programme_id == programme.id))
                or 0
            )
            round = Round(programme_id=programme.id, number=last + 1)
    round.meeting_id, round.filling = row.meeting_id, values["filling"]
    round.title = row.title = row.title or Wording(f"Ronde {round.number}", f"Round {round.number}")
    db.session.add(round)
    db.session.flush()
    return round


def _block_cells(row: Any) -> ListLine:
    time = "–".join(t for t in (row.start, row.end) if t)
    kind = gettext(BLOCK_KINDS.get(row.kind, row.kind))
    return line(row, time, row.title.pick(g.lang), kind, who(row), row.meeting.title.pick(g.lang))


def _find(_model: type[Any], _organiser_id: int, programme: Programme | None, _account: Any) -> Select[Any]:
    query = select(AgendaItem).join(Meeting, Meeting.id == AgendaItem.meeting_id)
    within = Meeting.programme_id == (programme.id if programme else None)
    return query.where(within).order_by(Meeting.position, AgendaItem.position)


def _holder(row: AgendaItem, name: str) -> Any:
    """How a round is filled is said by the round; a block that is none would be filled as most are."""
    return (row.round or Round(filling="first_come")) if name == "filling" else row


def _with_it(row: AgendaItem) -> tuple[Any, ...]:
    return (db.session.get(Round, row.round_id) if row.round_id else None,)


def _leaning(row: AgendaItem) -> Leaning:
    if not row.round_id:
        return []
    released = N_("This round was released. Give it another time, or cancel its sessions.")
    return [
        (released, count_where(OfferedRound.id == row.round_id)),
        (
            N_("It holds %(count)d sessions. Put those elsewhere first."),
            count_where(Session.round_id == row.round_id),
        ),
    ]


def own_of_block(row: AgendaItem) -> list[Any]:
    """A block with what is its alone: its round, who takes part, and who is absent then."""
    absent = select(Absence).where(Absence.round_id == row.round_id).order_by(Absence.id)
    absences = list(db.session.scalars(absent)) if row.round else []
    return [*([row.round] if row.round else []), row, *row.parts, *absences]


BLOCKS = Kind(
    key="blocks",
    model=AgendaItem,
    one=N_("Block"),
    many=N_("Blocks and rounds"),
    new=N_("New block or round"),
    none=N_("No blocks yet."),
    form=BlockForm,
    save=_save_block,
    find=_find,
    heads=(N_("Time"), N_("Block"), N_("What is it?"), N_("Who takes part"), N_("Meeting")),
    cells=_block_cells,
    named=1,
    facets={"kind": 2, "meeting": 4},
    loads=(
        selectinload(AgendaItem.parts).joinedload(Part.speaker),
        joinedload(AgendaItem.round),
        joinedload(AgendaItem.meeting),
    ),
    holder=_holder,
    with_it=_with_it,
    lists=people_in,
    leaning=_leaning,
    own=own_of_block,
)
