"""Buttons of the invoice pages, and who the organiser is on them. Shape and type only."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation

from learning.kit.forms import Form, Line, Lines, clean
from learning.kit.wording import N_
from learning.organisations.rules import (
    NO_VAT_ID,
    bare,
    iban_of,
    iban_shown,
    is_kvk,
    is_oin,
    is_vat_id,
    postcode_of,
)

_l = lazy_gettext
MOST_DAYS = 120
TREATMENTS = {
    "": N_("not known yet"),
    "S": N_("We charge VAT"),
    "E": N_("We are exempt from VAT"),
    "O": N_("What we do is outside the scope of VAT"),
}


class GoForm(Form):
    """A button and nothing else."""


class IdentityForm(Form):
    """Who the organiser is on its invoices. Everything may wait; what is filled in must be right.

    `seen` marks what was shown.
    """

    seen = HiddenField()
    legal_name = Line(_l("Legal name"), required=False, max=200)
    street = Line(_l("Street and number"), required=False)
    postcode = Line(_l("Postcode"), required=False, max=12)
    city = Line(_l("City"), required=False)
    kvk = Line(_l("KvK number"), required=False, max=20)
    oin = Line(_l("OIN"), required=False, max=40)
    vat_category = SelectField(
        _l("Do you charge VAT?"), choices=[SelectChoice(key, _l(words)) for key, words in TREATMENTS.items()]
    )
    vat_id = Line(_l("VAT number"), required=False, max=30)
    vat_ground = Line(_l("Ground on which you charge no VAT"), required=False)
    iban = Line(_l("IBAN"), required=False, max=50)
    payment_days = StringField(
        _l("Days in which one pays"), filters=[clean], render_kw={"inputmode": "numeric"}
    )
    invoice_foot_nl = Lines(_l("Text at the foot, in Dutch"), max=600)
    invoice_foot_en = Lines(_l("Text at the foot, in English"), max=600)

    def validate_postcode(self, field: Any) -> None:
        """Four digits and two letters."""
        if field.data:
            found = postcode_of(field.data)
            if not found:
                raise StopValidation(
                    gettext("A Dutch postcode has four digits and two letters, like 1234 AB.")
                )
            field.data = found

    def validate_street(self, field: Any) -> None:
        """A real address (Wet OB art. 35a)."""
        if "".join((field.data or "").casefold().split()).startswith("postbus"):
            raise StopValidation(
                gettext("An invoice needs the address of the office, not a post-office box.")
            )

    def validate_kvk(self, field: Any) -> None:
        """Eight digits."""
        _read(field, bare, is_kvk, gettext("A KvK number has eight digits."))

    def validate_oin(self, field: Any) -> None:
        """Twenty digits with a right number inside."""
        _read(
            field,
            bare,
            is_oin,
            gettext("This is no OIN: it has twenty digits, and the number inside it must be right."),
        )

    def validate_vat_id(self, field: Any) -> None:
        """NL, nine digits, B and two digits, with a right check."""
        _read(field, bare, is_vat_id, gettext(NO_VAT_ID))

    def validate_iban(self, field: Any) -> None:
        """An account number with the right check digits, shown in groups of four."""
        words = gettext("This IBAN is not right. Look whether a digit is missing or wrong.")
        _read(field, lambda typed: iban_shown(iban_of(typed)), bool, words)

    def validate_payment_days(self, field: Any) -> None:
        """From 1 to 120, also when somebody writes 30 dagen."""
        days = field.data.casefold().removesuffix("dagen").removesuffix("days").strip()
        if not (days.isascii() and days.isdigit() and len(days) < 4 and 1 <= int(days) <= MOST_DAYS):
            raise StopValidation(gettext("Enter a number of days from 1 to 120. Usual is 30."))
        field.data = str(int(days))

    def texts(self) -> dict[str, str]:
        """The fields that hold text, by name; the account number without spaces."""
        kept = {field.name: field.data or "" for field in self if isinstance(field, (Line, Lines))}
        return kept | {"iban": iban_of(self.iban.data or "")}


def _read(field: Any, read: Any, is_right: Any, words: str) -> None:
    """Read a number as people write it and keep it as it is shown back; refuse it with these words."""
    found = read(field.data or "")
    if field.data and not is_right(found):
        raise StopValidation(words)
    field.data = found
