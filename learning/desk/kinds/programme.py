"""A programme itself at the desk: what it says of itself, and who may do what when."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from learning.desk.forms import LONG, TitledForm
from learning.desk.kind import Kind, Values
from learning.desk.lines import line
from learning.desk.saving import lines_in, set_values
from learning.kit import clock
from learning.kit.db import db
from learning.kit.forms import Count, Line, Lines, LocalMoment, Markdown, worded
from learning.kit.wording import N_
from learning.programmes.models import Conditions, Programme

LISTS = ("target_groups", "target_groups_en", "questions", "questions_en", "wished_mix", "reminder_days")
MOST_OFFER_HOURS = 168


class ProgrammeForm(TitledForm):
    """What a programme says of itself, and who may do what when."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    kind_words_nl = Line(_l("What you call it, in Dutch"), required=False, max=60)
    kind_words_en = Line(_l("What you call it, in English"), required=False, max=60)
    summary_nl = Lines(_l("Summary in Dutch"), max=600)
    summary_en = Lines(_l("Summary in English"), max=600)
    text_nl = Markdown(_l("Text in Dutch"), max=LONG)
    text_en = Markdown(_l("Text in English"), max=LONG)
    note_nl = Lines(_l("Note in Dutch"), max=1000)
    note_en = Lines(_l("Note in English"), max=1000)
    target_groups = Lines(_l("For whom, one on each line"), max=2000)
    target_groups_en = Lines(_l("For whom, in English"), max=2000)
    questions = Lines(_l("Questions it answers, one on each line"), max=4000)
    questions_en = Lines(_l("Questions it answers, in English"), max=4000)
    language = SelectField(
        _l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
    )
    registration_opens_at = LocalMoment(_l("Registration opens"))
    registration_closes_at = LocalMoment(_l("Registration closes"))
    choosing_opens_at = LocalMoment(_l("Choosing sessions opens"))
    choosing_closes_at = LocalMoment(_l("Choosing sessions closes"))
    partners_choose_at = LocalMoment(_l("Partners of the network may choose earlier, from"))
    moving_up = SelectField(
        _l("When a place comes free for who waits"),
        choices=worded(
            {"at_once": N_("it is theirs at once"), "offer": N_("they get an offer to accept in time")}
        ),
    )
    offer_hours = Count(_l("An offer holds for so many hours, from 1 to 168"))
    offer_lapsed = SelectField(
        _l("Who lets an offer pass"),
        choices=worded({"last": N_("waits on, as the last"), "off": N_("is off the waiting list")}),
    )
    moving_up_stops = Count(_l("Moving up from waiting lists stops so many hours before a round begins"))
    repeats_allowed = BooleanField(_l("People may attend the same workshop twice"))
    by_delegation = BooleanField(_l("Organisations take part with a delegation"))
    seats_min = Count(_l("Least people of a delegation at each meeting"))
    seats_max = Count(_l("Most people of a delegation at each meeting"))
    delegations_max = Count(_l("Most organisations, empty is no limit; the others wait in order"))
    delegations_approved = BooleanField(_l("Staff say yes to each organisation"))
    wished_mix = Lines(
        _l("On whose behalf people should come to each meeting, one on each line; advice only"), max=1000
    )
    reminder_days = Lines(
        _l("Remind of open seats so many days before names close, one number on each line"), max=60
    )
    late_substitutes = BooleanField(_l("A substitute may come after the deadline"))
    substitutes_approved = BooleanField(_l("After the deadline staff say yes to each substitute"))
    seats_go_on = BooleanField(
        _l("A seat that is given back goes to the next organisation that asked for one")
    )
    by_invitation = BooleanField(_l("One can register only with a code that invites"))
    conditions_nl = Markdown(_l("Conditions that one agrees to, in Dutch"), max=LONG)
    conditions_en = Markdown(_l("Conditions that one agrees to, in English"), max=LONG)
    reference = SelectField(
        _l("Which day decides the price"),
        choices=worded(
            {
                "registration": N_("the day of registering"),
                "first_meeting": N_("the day of the first meeting"),
            }
        ),
    )

    def validate_reminder_days(self, field: Any) -> None:
        """Days from 1 to 60, at most four of them, the earliest reminder first."""
        lines = (field.data or "").split()
        if (
            not all(line.isascii() and line.isdigit() and 1 <= int(line) <= 60 for line in lines)
            or len(lines) > 4
        ):
            raise StopValidation(gettext("Enter at most four numbers from 1 to 60, one on each line."))
        field.data = "\n".join(str(day) for day in sorted({int(line) for line in lines}, reverse=True))

    def validate_offer_hours(self, field: Any) -> None:
        """From an hour to a week."""
        if field.value is not None and not 1 <= field.value <= MOST_OFFER_HOURS:
            raise StopValidation(gettext("Enter 1 to 168 hours: at most a week."))

    def validate_seats_max(self, field: Any) -> None:
        """Not below the least."""
        if (field.value or 0) < (self.seats_min.value or 0):
            raise StopValidation(gettext("Enter at least as many as the least."))


def _save_programme(row: Programme, values: Values, organiser_id: int, _programme: Any) -> None:
    values = {**values, "seats_min": values["seats_min"] or 0, "seats_max": values["seats_max"] or 0}
    values["moving_up_stops"] = values["moving_up_stops"] or 0
    values["offer_hours"] = values["offer_hours"] or 24
    lists = {name: lines_in(values[name]) for name in LISTS}
    if values["conditions"] != row.conditions:
        row.conditions_version += 1
        kept = Conditions(programme_id=row.id, version=row.conditions_version, made_at=clock.now())
        kept.text = values["conditions"]
        db.session.add(kept)
    set_values(row, {**values, **lists})


PROGRAMME = Kind(  # it has a page of its own, and no list
    key="programme",
    model=Programme,
    one=N_("Programme"),
    many=N_("Programmes"),
    new=N_("New programme"),
    none="",
    of_programme=False,
    form=ProgrammeForm,
    save=_save_programme,
    heads=(),
    cells=lambda row: line(row),
)
