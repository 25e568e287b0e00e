"""What a contact person types: the city and its price, and names for a meeting."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from learning.delegations.models import CAPACITIES
from learning.delegations.rules import PastedLine, read_lines
from learning.kit.forms import Form, Line, Lines, Mail

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


class AnswerForm(Form):
    """What somebody needs who is sent; whether they come is `answer_<id>`, yes or no, for each nomination."""

    diet = Line(_l("What you do not eat"), max=300, required=False)
    access_needs = Line(_l("What you need to take part"), max=300, required=False)

    def answers(self, ids: Iterable[int]) -> dict[int, bool]:
        """The answers that were given."""
        sent = {id: request.form.get(f"answer_{id}", "") for id in ids}
        return {id: value == "yes" for id, value in sent.items() if value in ("yes", "no")}


class PasteForm(Form):
    """Lines with names; sent a second time as `sure` when what was read is right."""

    lines = Lines(_l("One on each line: name, mail address, and on whose behalf"), max=10_000, required=True)
    capacity = SelectField(_l("On behalf of, where a line does not say"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.capacity.choices = [SelectChoice(key, WORDS[key]) for key in CAPACITIES]

    def people(self) -> list[PastedLine]:
        """What was read; a capacity that says one of ours is that one, other words stay."""
        known = {str(words).casefold(): key for key, words in WORDS.items()}
        read = read_lines(self.lines.data or "")
        meant = [known.get(line.capacity.casefold(), line.capacity) or self.capacity.data for line in read]
        return [replace(line, capacity=capacity) for line, capacity in zip(read, meant, strict=True)]


class GoForm(Form):
    """A button and nothing else."""
