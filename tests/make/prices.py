"""Prices."""

from decimal import Decimal
from typing import Any

from learning.kit.db import transaction
from learning.prices.models import Tariff
from learning.programmes.models import (
    Programme,
)
from tests.make.rows import added


@transaction()
def make_tariff(programme: Programme, amount: Decimal | int, **columns: Any) -> Tariff:
    """A price for each organisation, for everybody, with 21 % VAT."""
    sane = {"unit": "organisation", "audience": "everybody", "vat_category": "S", "vat_rate": Decimal(21)}
    return added(Tariff(programme_id=programme.id, amount=Decimal(amount), **{**sane, **columns}))
