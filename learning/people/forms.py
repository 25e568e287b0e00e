"""What people type when they sign in and change their profile."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length

from learning.kit.forms import Form, Line, Mail, PersonName
from learning.people.passwords import LONGEST, SHORTEST
from learning.people.roles import ROLES


class LinkForm(Form):
    """Ask for a link by mail."""

    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "email"})
    next = HiddenField()


class PasswordForm(Form):
    """Sign in with a password."""

    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("Password"),
        [
            DataRequired(_l("Fill in this field.")),
            Length(max=LONGEST, message=_l("Use at most %(max)d characters.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class LostLinksForm(Form):
    """Ask for the links of an address."""

    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "email"})


class GoForm(Form):
    """A button and nothing else."""


class ProfileForm(Form):
    """Name and language of an account."""

    name = PersonName(_l("Name"), required=False, render_kw={"autocomplete": "name"})
    language = SelectField(
        _l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
    )


class WhichForm(Form):
    """A button beside one of several things: `which` is its id."""

    which = Line(required=False, max=9)


class NewPasswordForm(Form):
    """A new password, typed twice."""

    old = PasswordField(
        _l("Your present password"),
        [
            DataRequired(_l("Fill in this field.")),
            Length(max=LONGEST, message=_l("Use at most %(max)d characters.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _l("New password"),
        [
            DataRequired(_l("Fill in this field.")),
            Length(min=SHORTEST, message=_l("Use at least %(min)d characters.")),
            Length(max=LONGEST, message=_l("Use at most %(max)d characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("New password again"),
        [EqualTo("password", _l("Type the same password twice."))],
        render_kw={"autocomplete": "new-password"},
    )


class RoleForm(Form):
    """The role of a colleague, and the programmes to which it is limited."""

    role = RadioField(
        _l("Role"),
        [DataRequired(_l("Choose a role."))],
        choices=[SelectChoice(key, _l(words)) for key, words in ROLES.items()],
    )
    limited = BooleanField(_l("Only for the programmes that are ticked here"))
    programmes = SelectMultipleField(_l("Programmes"), coerce=int)

    @property
    def limits(self) -> set[int] | None:
        """The ids of the programmes; None is all of them."""
        return set(self.programmes.data or ()) if self.limited.data else None


class InviteForm(RoleForm):
    """Somebody to invite as a colleague."""

    mail = Mail(_l("E-mail address"))
    name = PersonName(_l("Name"), required=False)
    language = SelectField(
        _l("Language of the mail"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
    )
