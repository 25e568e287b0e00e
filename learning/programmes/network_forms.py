"""What staff fill in about the network: contacts, and how two organisations become one. Shape and type only."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from learning.kit.forms import Mail, PersonName, Pick
from learning.programmes.forms import DeskForm, OrganisationForm

LANGUAGES = [SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
MERGED = {
    "name": _l("Name"),
    "kind": _l("Kind"),
    "legal_name": _l("Name on an invoice"),
    "kvk": _l("KvK number (8 digits)"),
    "oin": _l("OIN (20 digits)"),
    "vat_id": _l("VAT number"),
    "address": _l("Address"),
    "finance_mail": _l("Mail address for invoices"),
    "endpoint": _l("Address for e-invoices"),
    "language": _l("Language"),
}


class BillingForm(OrganisationForm):
    """To whom and where the invoices of an organisation go, and nothing else of it."""

    name = kind = also = language = mail_domains = None  # type: ignore[assignment]


class ContactForm(DeskForm):
    """Somebody who speaks for an organisation."""

    organisation_id = Pick(_l("Organisation"), validators=[DataRequired(_l("Choose the organisation."))])
    name = PersonName(_l("Name"))
    mail = Mail(_l("E-mail address"))
    language = SelectField(_l("Language"), choices=LANGUAGES)


class ContactLanguageForm(DeskForm):
    """A contact stays the same person: only the language of its mails changes."""

    language = SelectField(_l("Language of the mail"), choices=LANGUAGES)


def merge_form(choices: dict[str, tuple[str, str]]) -> Any:
    """A form with a choice for each of these keys: what the one that stays says, or what the other says."""
    fields = {
        key: RadioField(MERGED[key], choices=[SelectChoice("stays", ours), SelectChoice("goes", theirs)])
        for key, (ours, theirs) in choices.items()
    }
    return type("MergeForm", (DeskForm,), {"__doc__": "Which value stays, for each that differs.", **fields})
