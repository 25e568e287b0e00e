"""Meetings at the desk."""

from typing import Any
from uuid import uuid4

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField
from wtforms.validators import StopValidation

from learning.desk.forms import DeskForm
from learning.desk.kind import Kind, Leaning, Values, count_where
from learning.desk.kinds.blocks import own_of_block
from learning.desk.lines import ListLine, line
from learning.desk.saving import set_values
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.forms import Clock, Count, Day, Line, Lines, LocalMoment, Pick, WebAddress
from learning.kit.wording import N_
from learning.programmes.models import Meeting, Programme, Round, Session
from learning.programmes.parts import set_moments
from learning.releases.models import OfferedMeeting


class MeetingForm(DeskForm):
    """One gathering."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    on = Day(_l("Day"))
    start = Clock(_l("Starts at"))
    end = Clock(_l("Ends at"))
    venue_id = Pick(_l("Venue"))
    online = BooleanField(_l("Online"))
    join_url = WebAddress(_l("Join link, for those who take part only"))
    capacity = Count(_l("Places, empty is no limit"))
    nominations_close_at = LocalMoment(_l("Naming people closes"))
    text_nl = Lines(_l("Text in Dutch"), max=4000)
    text_en = Lines(_l("Text in English"), max=4000)

    def validate_end(self, field: Any) -> None:
        """After the start."""
        if self.start.value and field.value <= self.start.value:
            raise StopValidation(gettext("Enter an end after the start."))


def _save_meeting(row: Meeting, values: Values, organiser_id: int, programme: Programme) -> None:
    set_values(row, values)
    if row.id is None:
        last = select(func.max(Meeting.position)).where(Meeting.programme_id == programme.id)
        row.position = (db.session.scalar(last) or 0) + 1
        row.organiser_id, row.uid = organiser_id, str(uuid4())
        row.zone = row.zone or "Europe/Amsterdam"
    if row.capacity is not None and row.capacity < (row.taken or 0):
        raise Refusal(
            "below_taken",
            N_("%(taken)d people come already. Enter at least that many."),
            "capacity",
            taken=row.taken,
        )
    set_moments(row)
    db.session.add(row)


def _meeting_cells(row: Any) -> ListLine:
    time = "–".join(t for t in (row.start, row.end) if t)
    day = row.on.isoformat() if row.on else ""
    return line(
        row,
        row.title.pick(g.lang),
        day,
        time,
        row.venue.name if row.venue else "",
        cancelled=bool(row.cancelled_at),
    )


def _leaning(row: Meeting) -> Leaning:
    held = (
        select(func.count(Session.id))
        .join(Round, Round.id == Session.round_id)
        .where(Round.meeting_id == row.id)
    )
    return [
        (
            N_("It was released. Cancel it instead: then everybody is told."),
            count_where(OfferedMeeting.id == row.id),
        ),
        (N_("Its rounds hold %(count)d sessions. Put those elsewhere first."), held),
    ]


def _own(row: Meeting) -> list[Any]:
    blocks = [one for item in row.agenda for one in own_of_block(item)]
    return [row, *sorted(blocks, key=lambda one: not isinstance(one, Round))]


MEETINGS = Kind(
    key="meetings",
    model=Meeting,
    one=N_("Meeting"),
    many=N_("Meetings"),
    new=N_("New meeting"),
    none=N_("No meetings yet."),
    form=MeetingForm,
    save=_save_meeting,
    heads=(N_("Meeting"), N_("Day"), N_("Time"), N_("Venue")),
    cells=_meeting_cells,
    facets={"venue": 3},
    loads=(joinedload(Meeting.venue),),
    leaning=_leaning,
    own=_own,
    cancels=True,
)
