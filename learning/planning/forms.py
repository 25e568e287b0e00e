"""What staff fill in to move, stretch, ask for a proposal or release. Shape and type only."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import StopValidation

from learning.desk.forms import DeskForm
from learning.kit.forms import Clock, Line, Lines, LocalMoment, Pick, worded
from learning.planning.suggestions import HOW


class ReleaseForm(DeskForm):
    """A release."""

    name = Line(_l("Name of the release"), max=120)
    note = Lines(_l("What is it about?"), max=2000)
    again_until = LocalMoment(_l("Who loses a seat may choose again until"))
    sure = BooleanField(_l("I have seen the serious warnings"))
    leave_placed = BooleanField(
        _l("Leave who is placed, and let nobody in until there are fewer people than places")
    )


class MoveForm(DeskForm):
    """Put a session in another round or room."""

    session = HiddenField()
    round = Pick(_l("Round"))
    room = Pick(_l("Room"))


class StretchForm(DeskForm):
    """When a round begins and ends."""

    round = HiddenField()
    start = Clock(_l("Starts at"), required=True)
    end = Clock(_l("Ends at"))

    def validate_end(self, field: Any) -> None:
        """After the start."""
        if self.start.value and field.value <= self.start.value:
            raise StopValidation(gettext("Enter an end after the start."))


class SuggestForm(DeskForm):
    """How free the computer is in proposing a grid."""

    how = RadioField(_l("How free is it?"), choices=worded(HOW), default="rest")
