"""What staff fill in about the network: contacts, and how two organisations become one.

Shape and type only.
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FileField, RadioField
from wtforms.fields.choices import SelectChoice

from learning.desk.forms import DeskForm
from learning.kit.forms import Lines, Mail, PersonName

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


def merge_form(choices: dict[str, tuple[str, str]]) -> Any:
    """A form with a choice for each of these keys: what the one that stays says, or what the other says."""
    fields = {
        key: RadioField(MERGED[key], choices=[SelectChoice("stays", ours), SelectChoice("goes", theirs)])
        for key, (ours, theirs) in choices.items()
    }
    return type("MergeForm", (DeskForm,), {"__doc__": "Which value stays, for each that differs.", **fields})


class ImportForm(DeskForm):
    """A list from a spreadsheet: a file, or what was copied from it."""

    file = FileField(_l("Choose a file"))
    text = Lines(_l("Or paste the table here, with its heads"), max=400_000)


class ContactLineForm(DeskForm):
    """What a list says of a contact."""

    name = PersonName(_l("Name"))
    mail = Mail(_l("E-mail address"))
