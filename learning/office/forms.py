"""What is typed at the first start and on the owners' pages."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Optional, StopValidation

from learning.kit.errors import Refusal
from learning.kit.forms import Colour, Form, Line, Lines, Mail, OrganisationName, PersonName
from learning.office.organisers import ACCENT, BRAND, NewOrganiser
from learning.organisations.rules import is_slug, plate_of, slug_of
from learning.people.guessable import check_password
from learning.people.passwords import LONGEST, SHORTEST
from learning.people.rules import mail_key

LANGUAGES = [SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]


class StarterFields(Form):
    """Who begins, and how they sign in."""

    name = PersonName(_l("Your name"), render_kw={"autocomplete": "name"})
    mail = Mail(_l("Your e-mail address"), render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("Password"),
        [
            Optional(strip_whitespace=False),
            Length(min=SHORTEST, message=_l("Use at least %(min)d characters.")),
            Length(max=LONGEST, message=_l("Use at most %(max)d characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Password again"),
        [EqualTo("password", _l("Type the same password twice."))],
        render_kw={"autocomplete": "new-password"},
    )


class OrganiserFields(Form):
    """An organiser that is new: its name, and how it looks."""

    organiser = OrganisationName(_l("Name of the organisation"), render_kw={"autocomplete": "organization"})
    slug = Line(_l("Its name in addresses"), max=40, required=False, render_kw={"autocapitalize": "none"})
    plate = Line(_l("Letters on the sign"), max=4, required=False)
    brand_colour = Colour(_l("First colour: buttons, signs and links"), default=BRAND)
    accent_colour = Colour(_l("Second colour: accents"), default=ACCENT)

    def validate_slug(self, field: Line) -> None:
        """Refuse what cannot stand in an address."""
        if not is_slug(field.data or ""):
            raise StopValidation(
                gettext("Use 2 to 40 small letters, digits and hyphens, for example buurtkring-oost.")
            )

    def new(self, mail: str = "") -> NewOrganiser:
        """The organiser that was described; people reply to `mail`."""
        return NewOrganiser(
            name=self.organiser.data,
            slug=self.slug.data or slug_of(self.organiser.data),
            plate=self.plate.data or plate_of(self.organiser.data),
            mail=mail,
            brand_colour=self.brand_colour.value,
            accent_colour=self.accent_colour.value,
        )


class FirstStartForm(StarterFields, OrganiserFields):
    """Who begins, and for which organisation; in the order of the page, in which errors are listed."""

    def validate_password(self, field: PasswordField) -> None:
        """Refuse one that is guessed soon, beside whatever else is wrong."""
        try:
            check_password(field.data or "", mail=self.mail.data or "", name=self.name.data or "")
        except Refusal as refusal:
            raise StopValidation(gettext(refusal.message, **refusal.values)) from None


class AddOrganiserForm(OrganiserFields):
    """An organiser with its first administrator."""

    admin_name = PersonName(_l("Name of the first administrator"))
    admin_mail = Mail(_l("E-mail address of the first administrator"))
    language = SelectField(_l("Language of the invitation"), choices=LANGUAGES)


class CloseForm(Form):
    """Closing an organiser: the notice, and a yes."""

    closing_nl = Lines(_l("Notice in Dutch"), max=1000)
    closing_en = Lines(_l("Notice in English"), max=1000)
    sure = BooleanField(_l("Yes, close it"), [DataRequired(_l("Tick the box when you are sure."))])


class AddOwnerForm(Form):
    """Somebody who will own the installation."""

    name = PersonName(_l("Name"))
    mail = Mail(_l("E-mail address"))
    mail_again = Mail(_l("E-mail address again"))
    language = SelectField(_l("Language of the invitation"), choices=LANGUAGES)

    def validate_mail_again(self, field: Mail) -> None:
        """A slip of the keyboard makes no stranger an owner."""
        if mail_key(field.data or "") != mail_key(self.mail.data or ""):
            raise StopValidation(gettext("Type the same address twice."))


class ButtonForm(Form):
    """A button and nothing else."""


class RetryForm(Form):
    """A mail that is to be tried again, or all of them when `id` is empty."""

    id = HiddenField()
