"""Which price holds for whom on a day, from the release."""

from datetime import date, datetime
from decimal import Decimal

from flask_babel import gettext as _

from learning.kit.money import euro, vat_of
from learning.organisations.models import Organisation
from learning.organisations.queries import partnership_on
from learning.prices.rules import Agreed, Discount, Partner, agree, discounted, reference_day
from learning.releases.picture import ProgrammePicture


def price_for(
    picture: ProgrammePicture,
    organisation: Organisation | None,
    code: Discount | None = None,
    *,
    now: datetime,
) -> Agreed | None:
    """What somebody pays now: of this organisation (which may
    be partner on the reference day) or of none, with this code.
    """
    partner = partner_on(organisation.id, reference_day(picture, now)) if organisation is not None else None
    price = agree(picture, partner=partner, now=now)
    return discounted(price, code) if price is not None and code is not None else price


def price_words(price: Agreed | None, lang: str, *, seats: int = 1) -> str:
    """The price as people read it, with its reason; empty without a price.

    `seats` count when one pays for each seat.
    """
    if price is None:
        return ""
    total = price.total(seats)
    if not total:
        words = _("Free: %(reason)s", reason=_(price.reason))
    elif price.unit == "seat":
        each = {
            "amount": euro(total, lang),
            "seats": seats,
            "each": euro(price.amount, lang),
            "reason": _(price.reason),
        }
        words = _("%(amount)s excluding VAT, %(seats)d seats at %(each)s: %(reason)s", **each)
    else:
        words = _("%(amount)s excluding VAT: %(reason)s", amount=euro(total, lang), reason=_(price.reason))
    if total and price.vat_category == "S":
        gross = total + vat_of(total, price.vat_rate or Decimal(0))
        words += ". " + _("With VAT it is %(gross)s.", gross=euro(gross, lang))
    if price.full is not None:
        full = price.full * seats if price.unit == "seat" else price.full
        words = words.rstrip(".") + ". " + _("Without your code it is %(full)s.", full=euro(full, lang))
    return words


def partner_on(organisation_id: int, day: date) -> Partner | None:
    """The organisation as partner on this day, as prices ask for it; None when it is none."""
    found = partnership_on(organisation_id, day)
    return Partner(found.id, found.level) if found is not None else None
