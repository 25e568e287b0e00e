"""What a contact person types: the city and its price, and names for a meeting."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from learning.delegations.models import CAPACITIES
from learning.delegations.rules import PastedLine, read_lines
from learning.kit.errors import Refusal
from learning.kit.forms import Form, Line, Lines, Mail, PersonName, is_mail_address
from learning.kit.names import check_reference, name_problem

LONGEST = 120  # letters of on whose behalf somebody comes
WORDS = {
    "policy_officer": _l("Policy officer"),
    "housing_corporation": _l("Housing corporation"),
    "institution": _l("Institution"),
    "resident": _l("Resident"),
    "other_partner": _l("Other partner"),
}


class Reference(Line):
    """By what an organisation recognises its invoice: see kit/names.py."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, max=60, required=False, more=[self._check], **kw)

    def _check(self, _form: Any, field: Any) -> None:
        try:
            check_reference(field.data or "")
        except Refusal as refusal:
            raise StopValidation(_(refusal.message)) from None


class CityForm(Form):
    """Which city it is, who asks, and that its price is agreed."""

    city = Line(_l("City or organisation"), max=160, render_kw={"autocomplete": "organization"})
    name = PersonName(_l("Your name"), render_kw={"autocomplete": "name"})
    mail = Mail(_l("Your e-mail address at the organisation"), render_kw={"autocomplete": "email"})
    order_ref = Reference(_l("Purchase-order number or your own reference"))
    seats = SelectField(_l("Seats at each meeting"))
    code = Line(
        _l("Code for a discount or an invitation"), max=60, required=False, render_kw={"autocomplete": "off"}
    )
    accept = BooleanField(_l("I agree with this price"))
    agree = BooleanField(_l("I agree with the conditions"))
    shown = HiddenField()  # the city, the price and the version of the conditions that were on the page

    def fit(self, *, seats_min: int, seats_max: int, code: bool, conditions: bool, known: bool) -> None:
        """Ask for what this programme has: nothing is chosen where there is one possibility.

        Of who is known the address is.
        """
        if known:
            del self.mail
        self.seats.choices = [
            SelectChoice(str(n), str(n)) for n in range(seats_max, max(seats_min, 1) - 1, -1)
        ]
        if len(self.seats.choices) < 2:
            del self.seats
        if not code:
            del self.code
        if not conditions:
            del self.agree

    def most(self, seats_max: int) -> int:
        """How many seats at each meeting are asked for."""
        return int(self.seats.data) if self.seats is not None else seats_max

    def accepted(self, words: str, *, priced: bool) -> bool:
        """The page showed these words, and what they say was agreed with; says so at the field when not."""
        if not priced:
            del self.accept
        asked = [field for field in (self.accept, self.agree) if field is not None]
        if self.shown.data != words:
            if self.shown.data:
                self.shown.errors = [_("The price has changed. Look at it and agree again.")]
                self.status = 409
            for field in asked:
                field.data = False
            self.shown.data, self.shown.raw_data = words, None
            return False
        sentences = {
            "accept": _("Tick that you agree with the price."),
            "agree": _("Tick that you agree with the conditions."),
        }
        for field in asked:
            if not field.data:
                field.errors, self.status = [sentences[field.name]], 422
        return all(field.data for field in asked)


class NominationForm(Form):
    """Who comes, and in which capacity."""

    name = PersonName(_l("Name"), render_kw={"autocomplete": "off"})
    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "off"})
    capacity = SelectField(_l("On behalf of"))
    own_words = Line(_l("Or in your own words"), max=80, required=False)

    @property
    def meant(self) -> str:
        """On whose behalf: what was typed goes before what was chosen."""
        return self.own_words.data or self.capacity.data or CAPACITIES[0]

    def show(self, capacity: str) -> None:
        """Say on whose behalf somebody came before."""
        field = self.capacity if capacity in CAPACITIES else self.own_words
        field.data = capacity

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

    def validate_lines(self, field: Any) -> None:
        """Nothing that the form for one person would refuse."""
        for line in read_lines(field.data or ""):
            if line.mail and not is_mail_address(line.mail):
                raise StopValidation(_("%(mail)s is no mail address.", mail=line.mail))
            problem = name_problem(line.name) if line.name else None
            if problem is not None:
                raise StopValidation(f"{line.name[:60]}: {_(problem)}")
            if len(line.capacity) > LONGEST:
                raise StopValidation(
                    _("A name or capacity is too long: %(line)s…", line=(line.name + line.capacity)[:60])
                )

    def people(self) -> list[PastedLine]:
        """What was read; a capacity that says one of ours is that one, other words stay."""
        known = {str(words).casefold(): key for key, words in WORDS.items()}
        read = read_lines(self.lines.data or "")
        meant = [known.get(line.capacity.casefold(), line.capacity) or self.capacity.data for line in read]
        return [replace(line, capacity=capacity) for line, capacity in zip(read, meant, strict=True)]


class ReferenceForm(Form):
    """By what the organisation recognises its invoice (PEPPOL-EN16931-R003 asks for one of both)."""

    order_ref = Reference(_l("Purchase-order number"))
    buyer_ref = Reference(_l("Your own reference: a cost centre, or who ordered it"))


class EndForm(Form):
    """What staff say when an organisation takes no part any more."""

    words = Lines(_l("What you say to the contact person"), max=2000, required=False)


class LetterForm(Form):
    """What staff write to contact persons; sent a second time as `sure` when it reads right."""

    subject = Line(_l("Subject"), max=120)
    text = Lines(_l("Text"), max=10_000, required=True)


class GoForm(Form):
    """A button and nothing else."""
