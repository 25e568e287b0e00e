"""What is typed about contacts: a colleague, and who takes over. Shape and type only."""

from collections.abc import Sequence
from typing import Any

from flask import flash
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from learning.kit import clock
from learning.kit.forms import Form, Mail, PersonName, Pick
from learning.network import contacts
from learning.people.contacts import contacts_of
from learning.people.models import Account, Contact


class ColleagueForm(Form):
    """Somebody who speaks for the organisation too."""

    name = PersonName(_l("Name"), render_kw={"autocomplete": "off"})
    mail = Mail(_l("E-mail address"), render_kw={"autocomplete": "off"})
    language = SelectField(
        _l("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
    )


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
                field.errors = [
                    chosen if self.to.data else gettext("Fill in this field, or choose somebody above.")
                ]
                right = False
        return right


def hand_over_form(olds: Sequence[Contact]) -> tuple[HandOverForm, list[Contact]]:
    """The form, and the contacts of the same organisation that one can choose."""
    ids = {old.id for old in olds}
    others = [row for row in contacts_of(olds[0].organisation_id) if row.id not in ids]
    form = HandOverForm()
    form.to.offer(
        [(row.id, f"{row.person.name} ({row.person.mail})") for row in others], empty=gettext("somebody new")
    )
    return form, others


def carry_out(form: HandOverForm, olds: Sequence[Contact], others: list[Contact], account: Account) -> None:
    """Carry out what the form says, and say so."""
    to = next((row for row in others if row.id == form.to.value), None)
    who = {"name": form.name.data or "", "mail": form.mail.data or ""} if to is None else {}
    new = contacts.hand_over(olds, to, **who, by=account, now=clock.now())
    flash(gettext("%(name)s is contact person now. Both get a mail.", name=new.person.name), "ok")
