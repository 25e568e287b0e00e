"""What a contact person types: the city and its price, and names for a meeting."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from learning.delegations.models import CAPACITIES
from learning.kit.forms import Form, Line, Mail

WORDS = {
    "policy_officer": _l("Policy officer"),
    "housing_corporation": _l("Housing corporation"),
    "institution": _l("Institution"),
    "resident": _l("Resident"),
    "other_partner": _l("Other partner"),
}


class CityForm(Form):
    """Which city it is, who asks, and that its price is agreed."""

    city = Line(_l("City or organisation"), max=160, render_kw={"autocomplete": "organization"})
    name = Line(_l("Your name"), max=120, render_kw={"autocomplete": "name"})
    order_ref = Line(_l("Purchase-order number"), max=60, required=False)
    accept = BooleanField(_l("I agree with this price"))
    shown = HiddenField()  # the city and price that were on the page

    def accepted(self, words: str, *, priced: bool) -> bool:
        """The page showed these words, and the price was agreed with; says so at the field when not."""
        if not priced:
            del self.accept
        if self.shown.data != words:
            if self.shown.data:
                self.shown.errors = [_("The price has changed. Look at it and agree again.")]
                self.status = 409
            if priced:
                self.accept.data = False
            self.shown.data, self.shown.raw_data = words, None
            return False
        if priced and not self.accept.data:
            self.accept.errors = [_("Tick that you agree with the price.")]
            self.status = 422
            return False
        return True


class NominationForm(Form):
    """Who comes, and in which capacity."""

    name = Line(_l("Name"), max=120, render_kw={"autocomplete": "off"})
    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "off"})
    capacity = SelectField(_l("On behalf of"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.capacity.choices = [SelectChoice(key, WORDS[key]) for key in CAPACITIES]


class GoForm(Form):
    """A button and nothing else."""
