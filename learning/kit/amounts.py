"""Amounts in euros as people write them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from wtforms import StringField
from wtforms.validators import StopValidation

from learning.kit.forms import clean


def amount_of(text: str) -> Decimal | None:
    """An amount as people write it (2.500 euro, € 395,-, 2.500,00) in euros; None when it is none."""
    bare = (
        text.lower()
        .replace("euro", "")
        .replace("€", "")
        .replace("eur", "")
        .replace(" ", "")
        .replace("\u00a0", "")
    )
    bare = bare.removesuffix(",-").removesuffix(",--").removesuffix(",—")
    if "," in bare or bare.count(".") > 1 or (bare.count(".") == 1 and len(bare.rpartition(".")[2]) == 3):
        bare = bare.replace(".", "").replace(",", ".")
    try:
        amount = Decimal(bare) if bare.replace(".", "", 1).isdigit() and bare.isascii() else None
    except InvalidOperation:
        return None
    if amount is None or amount != amount.quantize(Decimal("0.01")) or amount >= 10_000_000:
        return None
    return amount.quantize(Decimal("0.01"))


class Amount(StringField):
    """An amount in euros as people write it."""

    def __init__(self, label: Any, *, required: bool = True, **kw: Any) -> None:
        super().__init__(label, [self._check], filters=[clean], **kw)
        self.required = self.flags.required = required

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        if amount_of(field.data or "") is None and (field.required or field.data):
            raise StopValidation(gettext("Enter an amount like 2.500,00."))

    @property
    def value(self) -> Decimal | None:
        """The amount in euros."""
        return amount_of(self.data or "")
