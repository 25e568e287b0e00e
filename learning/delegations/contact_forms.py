"""What is typed about contacts: a colleague, and who takes over. Shape and type only."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from learning.kit.forms import Form, Mail, PersonName, Pick


class ColleagueForm(Form):
    """Somebody who speaks for the organisation too."""

    name = PersonName(_l("Name"), render_kw={"autocomplete": "off"})
    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "off"})
    language = SelectField(_l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")])


class HandOverForm(Form):
    """Who takes over: one of the contacts, or somebody new with a name and an address."""

    to = Pick(_l("Who takes over?"))
    name = PersonName(_l("Name of somebody new"), required=False, render_kw={"autocomplete": "off"})
    mail = Mail(_l("E-mail address of somebody new"), required=False, render_kw={"autocomplete": "off"})

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Somebody was chosen, or named with an address; not both."""
        right = bool(super().validate(*args, **kwargs))
        for field in (self.name, self.mail):
            if bool(self.to.data) == bool(field.data) and not field.errors:
                chosen = gettext("Choose somebody, or name somebody new; not both.")
                field.errors = [chosen if self.to.data else gettext("Fill in this field, or choose somebody above.")]
                right = False
        return right
