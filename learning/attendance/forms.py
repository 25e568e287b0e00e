"""What people type when they register, ask to be told, confirm and withdraw."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from learning.kit.forms import Form, Line, Mail


class RegisterForm(Form):
    """Register a person for a programme."""

    name = Line(_l("Your name"), max=120, render_kw={"autocomplete": "name"})
    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "email"})
    affiliation = Line(_l("Organisation"), max=160, required=False, render_kw={"autocomplete": "organization"})
    accept = BooleanField(_l("I agree with this price"))
    shown = HiddenField()  # the price that was on the page

    def expect_price(self, words: str) -> None:
        """Ask to accept the price said in these words; without a price there is nothing to accept."""
        self.priced = bool(words)
        if not words:
            del self.accept
            del self.shown
            return
        self.words = words
        if not self.is_submitted():
            self.shown.data = words

    def validate(self, extra_validators: Any = None) -> bool:
        """Right shape, and the price on the page was accepted."""
        good = bool(super().validate(extra_validators))
        if not self.priced:
            return good
        if not self.accept.data:
            self.accept.errors = [_("Tick that you agree with the price.")]
            return False
        if self.shown.data != self.words:
            self.accept.data, self.shown.data, self.shown.raw_data = False, self.words, None
            self.accept.errors = [_("The price has changed. Look at it and agree again.")]
            return False
        return good


class InterestForm(Form):
    """Ask to be told when there are dates."""

    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "email"})


class GoForm(Form):
    """A button and nothing else."""
