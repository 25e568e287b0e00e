"""Tariffs and codes at the desk."""

from decimal import Decimal
from typing import Any

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Optional, StopValidation

from learning.desk.forms import DeskForm
from learning.desk.kind import Kind, Leaning, Values
from learning.desk.lines import ListLine, line, yes
from learning.desk.saving import check_free, set_values
from learning.kit.amounts import Amount
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.forms import Count, Day, Line, clean, worded
from learning.kit.money import euro
from learning.kit.wording import N_
from learning.prices.models import PriceCode, Tariff
from learning.prices.rules import code_key, gross_of
from learning.programmes.models import Programme

UNITS = {"organisation": N_("organisation"), "seat": N_("seat"), "person": N_("person")}
AUDIENCES = {
    "everybody": N_("everybody"),
    "partner": N_("partners of the network"),
    "other": N_("who is no partner"),
}
VAT = {"": N_("not known yet"), "S": N_("with VAT"), "E": N_("exempt"), "O": N_("outside the scope of VAT")}


class TariffForm(DeskForm):
    """A price excluding VAT."""

    amount = Amount(_l("Amount in euros, excluding VAT"))
    unit = SelectField(_l("For each"), choices=worded(UNITS))
    audience = SelectField(_l("For whom"), choices=worded(AUDIENCES))
    level = Line(_l("Only for partners of this level"), required=False, max=60)
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"))
    vat_category = SelectField(_l("VAT"), choices=worded(VAT))
    vat_rate = StringField(_l("Rate in percent"), [Optional()], filters=[clean])
    vat_ground = Line(_l("Ground for no VAT"), required=False)

    def validate_level(self, field: Any) -> None:
        """Partners have a level, others have none."""
        if field.data and self.audience.data != "partner":
            raise StopValidation(
                gettext("Only partners have a level. Choose partners of the network, or leave this empty.")
            )

    def validate_vat_rate(self, field: Any) -> None:
        """9 or 21, when there is VAT."""
        if self.vat_category.data == "S" and field.data.replace(",", ".") not in ("9", "21", "9.00", "21.00"):
            raise StopValidation(gettext("Enter 9 or 21."))

    def validate_vat_category(self, field: Any) -> None:
        """VAT needs its rate; without VAT the ground stands on the invoice (Wet OB art. 35a)."""
        if field.data in ("E", "O") and not self.vat_ground.data:
            raise StopValidation(gettext("Say on what ground there is no VAT. It stands on the invoice."))
        if field.data == "S" and not self.vat_rate.data:
            raise StopValidation(gettext("Enter the rate too: 9 or 21."))


class CodeForm(DeskForm):
    """A code for a discount or an invitation."""

    code = Line(_l("Code that people type"), max=40)
    note = Line(_l("For whom it is, for staff only"), required=False)
    percent = Count(_l("Discount in percent"))
    off = Amount(_l("Or an amount off, in euros excluding VAT"), required=False)
    invites = BooleanField(_l("It invites: with it one can register where that is by invitation only"))
    most = Count(_l("How many times it can be used, empty is no limit"))
    from_on = Day(_l("From"))
    until_on = Day(_l("Until"))

    def validate_code(self, field: Any) -> None:
        """Letters and digits, so that it can be said and typed."""
        field.data = code_key(field.data or "")
        if not field.data.replace("-", "").isalnum():
            raise StopValidation(gettext("Use letters, digits and hyphens."))

    def validate_percent(self, field: Any) -> None:
        """One to a hundred."""
        if field.value is not None and not 1 <= field.value <= 100:
            raise StopValidation(gettext("Enter 1 to 100 percent."))

    def validate_off(self, field: Any) -> None:
        """An amount, or a percentage, or none of them when it invites."""
        if self.percent.errors:
            return
        if field.value is not None and self.percent.value is not None:
            raise StopValidation(gettext("Enter a percentage or an amount, not both."))
        if field.value is not None and not field.value:
            raise StopValidation(gettext("Enter an amount above zero, or leave this empty."))
        if field.value is None and self.percent.value is None and not self.invites.data:
            raise StopValidation(gettext("Enter a discount, or say that the code invites."))


def _save_tariff(row: Tariff, values: Values, _organiser_id: int, _programme: Programme) -> None:
    category = values["vat_category"] or None
    rate = Decimal(values["vat_rate"].replace(",", ".")) if category == "S" else None
    if values["from_on"] and values["until_on"] and values["until_on"] < values["from_on"]:
        raise Refusal("period", N_("Enter a last day after the first."), "until_on")
    set_values(row, {**values, "vat_category": category, "vat_rate": rate})
    db.session.add(row)


def _save_code(row: PriceCode, values: Values, _organiser_id: int, programme: Programme) -> None:
    check_free(
        PriceCode, row, "code", PriceCode.programme_id == programme.id, PriceCode.code == values["code"]
    )
    if values["from_on"] and values["until_on"] and values["until_on"] < values["from_on"]:
        raise Refusal("period", N_("Enter a last day after the first."), "until_on")
    if values["most"] is not None and values["most"] < (row.used or 0):
        words = N_("It was used %(used)d times already. Enter at least that many.")
        raise Refusal("below_used", words, "most", used=row.used)
    set_values(row, values)
    db.session.add(row)


def _vat(tariff: Any) -> str:
    if tariff.vat_category == "S" and tariff.vat_rate is not None:
        return f"{tariff.vat_rate.normalize():f}%"
    category = tariff.vat_category or ""
    return gettext(VAT[category])


def _when(row: Any) -> str:
    days = [day.isoformat() if day else "…" for day in (row.from_on, row.until_on)]
    return " – ".join(days) if row.from_on or row.until_on else ""


def _tariff_cells(row: Any) -> ListLine:
    whom = gettext(AUDIENCES[row.audience]) + (f" ({row.level})" if row.level else "")
    gross = euro(gross_of(row), g.lang) if row.vat_category is not None else "–"
    cells = (euro(row.amount, g.lang), gettext(UNITS[row.unit]), whom, _vat(row), gross, _when(row))
    return line(row, *cells, sort={0: row.amount, 4: gross_of(row)})


def _code_cells(row: Any) -> ListLine:
    discount = (
        f"{row.percent}%" if row.percent is not None else euro(row.off, g.lang) if row.off is not None else ""
    )
    used = (
        str(row.used) if row.most is None else gettext("%(used)d of %(most)d", used=row.used, most=row.most)
    )
    return line(row, row.code, discount, yes(row.invites), used, _when(row), row.note, sort={3: row.used})


def _priced(tariff: Tariff) -> str:
    """The price as it was read, and what is still needed before it can be invoiced."""
    net, gross = (euro(amount, g.lang) for amount in (tariff.amount, gross_of(tariff)))
    if tariff.vat_category is None:
        return gettext(
            "%(net)s excluding VAT. VAT is not known yet: one can register, and no invoice can be made.",
            net=net,
        )
    words = gettext("%(net)s excluding VAT, %(gross)s including VAT.", net=net, gross=gross)
    return f"{words} {gettext('Visitors see it after the next release.')}"


def _leaning_on_code(row: PriceCode) -> Leaning:
    words = N_("It was used %(count)d times. Give it a last day instead.")
    return [(words, select(PriceCode.used).where(PriceCode.id == row.id))]


TARIFFS = Kind(
    key="tariffs",
    model=Tariff,
    one=N_("Price"),
    many=N_("Prices"),
    new=N_("New price"),
    none=N_("No prices yet."),
    form=TariffForm,
    save=_save_tariff,
    said=_priced,
    heads=(N_("Excluding VAT"), N_("For each"), N_("For whom"), N_("VAT"), N_("Including VAT"), N_("When")),
    cells=_tariff_cells,
    facets={"unit": 1, "for": 2},
    words=lambda row: f"{row.amount:.2f}",
)
CODES = Kind(
    key="codes",
    model=PriceCode,
    one=N_("Code"),
    many=N_("Codes"),
    new=N_("New code"),
    none=N_("No codes yet."),
    form=CodeForm,
    save=_save_code,
    released=False,
    heads=(N_("Code"), N_("Discount"), N_("Invites"), N_("Used"), N_("When"), N_("For whom")),
    cells=_code_cells,
    words=lambda row: str(row.code),
    leaning=_leaning_on_code,
)
