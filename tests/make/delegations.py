"""Delegations."""

from decimal import Decimal
from typing import Any

from learning.delegations.models import Delegation
from learning.kit.db import transaction
from learning.organisations.models import Organisation
from learning.people.models import Person
from learning.programmes.models import (
    Programme,
)
from tests.make.rows import NOON, added, numbers


@transaction()
def make_delegation(
    programme: Programme,
    organisation: Organisation,
    contact: Person,
    *,
    price: Decimal | None = None,
    **columns: Any,
) -> Delegation:
    """A confirmed delegation, with a price of its own in which 21 % VAT is still to be added."""
    n = next(numbers)
    sane: dict[str, Any] = {
        "code": f"DEL-{n}",
        "seats_min": 2,
        "seats_max": 3,
        "requested_at": NOON,
        "confirmed_at": NOON,
    }
    sane |= {"order_ref": "4500-1", "held_at": NOON}
    if price is not None:
        sane |= {"price_amount": price, "price_unit": "organisation", "price_vat_category": "S"}
        sane |= {"price_vat_rate": Decimal(21), "price_reason": "the price for everybody"}
    ids = {"organiser_id": programme.organiser_id, "programme_id": programme.id}
    ids |= {"organisation_id": organisation.id, "contact_id": contact.id}
    return added(Delegation(**ids, **{**sane, **columns}))
