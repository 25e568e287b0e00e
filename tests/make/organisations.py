"""Organisers and organisations."""

from datetime import date
from typing import Any

from learning.kit.db import transaction
from learning.kit.wording import Wording
from learning.organisations.models import Organisation, Organiser, Partnership
from learning.organisations.rules import search_key
from learning.people.rules import fold
from tests.make.rows import added, numbers


@transaction()
def make_organiser(slug: str = "", **columns: Any) -> Organiser:
    """An organiser that can send an invoice."""
    n = next(numbers)
    sane = {
        "slug": slug or f"organiser-{n}",
        "name": f"Kring {n}",
        "plate": "KR",
        "brand_colour": "#174a7c",
        "accent_colour": "#f28c00",
        "network": Wording("het netwerk", "the network"),
        "mail": f"kring{n}@organiser.example",
        "legal_name": f"Stichting Kring {n}",
        "street": "Kringweg 1",
        "postcode": "1234 AB",
        "city": "Utrecht",
        "kvk": "12345678",
        "vat_id": "NL123456782B90",
        "iban": "NL91ABNA0417164300",
        "vat_category": "S",
    }
    return added(Organiser(**{**sane, **columns}))


@transaction()
def make_organisation(
    organiser: Organiser,
    name: str = "Zutphen",
    *,
    partner_from: date | None = None,
    partner_level: str = "",
    **columns: Any,
) -> Organisation:
    """A city with a billing address; partner of the network from a day on when given."""
    sane = {
        "sort_key": fold(name),
        "search_key": search_key(name),
        "legal_name": f"Gemeente {name}",
        "street": "Markt 1",
        "postcode": "1234 AB",
        "city": name,
        "finance_mail": f"facturen@{fold(name).replace(' ', '-')}.example",
    }
    city = added(Organisation(organiser_id=organiser.id, name=name, **{**sane, **columns}))
    if partner_from is not None:
        added(
            Partnership(
                organiser_id=organiser.id, organisation_id=city.id, from_on=partner_from, level=partner_level
            )
        )
    return city
