"""What staff fill in to begin, copy or cancel. Shape and type only."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import StopValidation

from learning.desk.forms import DeskForm
from learning.kit.forms import Clock, Count, Line, Lines, LocalMoment, worded
from learning.kit.wording import N_

KIND_WORDS = {
    "event": N_("Event"),
    "learning_community": N_("Learning community"),
    "training": N_("Training"),
    "network_meeting": N_("Network meeting"),
}


class StartForm(DeskForm):
    """A new programme: its kind, its name, and a sensible start for that kind."""

    kind = RadioField(_l("What are you planning?"), choices=worded(KIND_WORDS), default="event")
    title_nl = Line(_l("Title"), required=True, max=200)
    days = Lines(_l("Days"), max=2000)
    start = Clock(_l("Starts at"))
    end = Clock(_l("Ends at"))
    rounds = Count(_l("How many rounds of parallel sessions?"))
    rooms = Count(_l("How many rooms side by side?"))
    first_round = Clock(_l("First round at"))
    minutes = Count(_l("Minutes for each round"))
    parts = Lines(_l("Modules or slots, one on each line"), max=4000)

    def validate_rounds(self, field: Any) -> None:
        """At most 12 rounds."""
        if field.value and field.value > 12:
            raise StopValidation(gettext("Enter at most %(most)d.", most=12))

    def validate_rooms(self, field: Any) -> None:
        """At most 60 rooms."""
        if field.value and field.value > 60:
            raise StopValidation(gettext("Enter at most %(most)d.", most=60))

    def validate_minutes(self, field: Any) -> None:
        """From 5 minutes to 8 hours."""
        if field.value is not None and not 5 <= field.value <= 480:
            raise StopValidation(gettext("Enter between %(least)d and %(most)d minutes.", least=5, most=480))


class CopyForm(DeskForm):
    """A copy of a programme."""

    title_nl = Line(_l("Title of the copy"), max=200)
    sessions = BooleanField(_l("Copy the sessions"), default=True)
    people = BooleanField(_l("Copy who takes part in them"))


class CancelForm(DeskForm):
    """Something does not go on: what its people read about it."""

    note = Lines(_l("What do you want to say about it?"), max=2000)


class CancelSessionForm(CancelForm):
    """The same for a session, where people lose a seat."""

    again_until = LocalMoment(_l("Who loses a seat may choose again until"))
