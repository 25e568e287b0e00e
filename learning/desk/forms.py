"""What staff fill in about a programme: one form for each thing. Shape and type only."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, HiddenField, RadioField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import StopValidation

from learning.kit.forms import Count, Form, Pick, clean, worded
from learning.kit.wording import N_

LONG = 20_000
ROLES = {
    "session_host": N_("host"),
    "day_host": N_("day host"),
    "keynote": N_("speaker"),
    "table_guest": N_("table guest"),
    "interviewer": N_("interviewer"),
    "guest": N_("guest"),
    "opener": N_("opens the day"),
}


class DeskForm(Form):
    """A form at the desk.

    `seen` marks what the row held when the form was made, so that nobody overwrites unseen.
    """

    seen = HiddenField()


class TitledForm(DeskForm):
    """A form that needs a title in one of the two languages."""

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Everything has the right shape, and there is a title."""
        right = bool(super().validate(*args, **kwargs))
        title = self["title_nl"]
        if not title.data and not self["title_en"].data:
            title.errors = [*title.errors, gettext("Fill in a title in Dutch or in English.")]
            return False
        return right


class PartForm(PlainForm):
    """Somebody who takes part: a name, or an organisation alone."""

    name = StringField(_l("Name"), filters=[clean])
    affiliation = StringField(_l("Organisation"), filters=[clean])
    role = SelectField(_l("Role"), choices=worded(ROLES))

    def validate_name(self, field: Any) -> None:
        """Not too long."""
        if (
            len(field.data) > 120
            or len(self.affiliation.data) > 160
            or "\0" in field.data + self.affiliation.data
        ):
            raise StopValidation(gettext("Use at most %(max)d characters.", max=120))


class Parts(FieldList):  # type: ignore[misc]
    """The people of a session or a block, with empty lines for more."""

    def __init__(self, label: Any, **kw: Any) -> None:
        from wtforms import FormField

        super().__init__(FormField(PartForm), label, min_entries=0, max_entries=40, **kw)

    @property
    def value(self) -> list[dict[str, str]]:
        """Who takes part, without the empty lines."""
        return [line for line in self.data if line["name"] or line["affiliation"]]


MANY_WORDS = {
    "round_id": N_("Put them in a round"),
    "room_id": N_("Put them in a room"),
    "theme_id": N_("Give them a theme"),
    "capacity": N_("Give them so many places"),
    "minimum": N_("Give them a minimum"),
    "away": N_("Take them away"),
}


def many_form(names: Iterable[str]) -> type[DeskForm]:
    """The form for many rows at once: which of these to change, or to take the rows away."""
    kinds = {
        "round_id": lambda: Pick(_l("Round")),
        "room_id": lambda: Pick(_l("Room")),
        "theme_id": lambda: Pick(_l("Theme")),
        "capacity": lambda: Count(_l("How many places, empty is not known or no limit")),
        "minimum": lambda: Count(_l("Least people to go on")),
    }
    todo = {name: MANY_WORDS[name] for name in (*names, "away")}
    do = RadioField(_l("What should happen?"), choices=worded(todo), default=None if names else "away")
    return type("ManyForm", (DeskForm,), {"do": do, **{name: kinds[name]() for name in names}})


class RowForm(DeskForm):
    """A button on one row."""
