"""What people type when they register, ask to be told, confirm and withdraw."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from learning.kit.forms import Form, Line, Mail, OrganisationName, PersonName


class RegisterForm(Form):
    """Register a person for a programme."""

    name = PersonName(_l("Your name"), render_kw={"autocomplete": "name"})
    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "email"})
    affiliation = OrganisationName(
        _l("Organisation"), required=False, render_kw={"autocomplete": "organization"}
    )
    code = Line(
        _l("Code for a discount or an invitation"), max=60, required=False, render_kw={"autocomplete": "off"}
    )
    accept = BooleanField(_l("I agree with this price"))
    agree = BooleanField(_l("I agree with the conditions"))
    shown = HiddenField()  # the price and the version of the conditions that were on the page

    def leave_out(self, *, code: bool, conditions: bool) -> None:
        """Do not ask for what this programme does not have."""
        if code:
            del self.code
        if conditions:
            del self.agree

    def expect(self, words: str, version: int) -> None:
        """The price in these words (empty: none) and conditions of this version are what one agrees with."""
        self.expected = f"{version}|{words}" if words or version else ""
        if not words:
            del self.accept
        if not self.is_submitted():
            self.shown.data = self.expected

    def agreed(self) -> bool:
        """What was on the page was agreed with; says so at the field when not."""
        asked = [field for field in (self.accept, self.agree) if field is not None]
        if not asked:
            return True
        if self.shown.data != self.expected:
            for field in asked:
                field.data = False
            self.shown.data, self.shown.raw_data = self.expected, None
            asked[0].errors = [_("This is not what was on the page before. Look at it and agree again.")]
            self.status = 409
            return False
        words = {
            "accept": _("Tick that you agree with the price."),
            "agree": _("Tick that you agree with the conditions."),
        }
        for field in asked:
            if not field.data:
                field.errors, self.status = [words[field.name]], 422
        return all(field.data for field in asked)


class InterestForm(Form):
    """Ask to be told when there are dates."""

    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "email"})


class GoForm(Form):
    """A button and nothing else."""
