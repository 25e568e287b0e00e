"""What staff change about their organiser: how it shows
itself, who it is on invoices; and a new municipality.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, select

from learning.kit.db import after_commit, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.files import StoredFile, keep
from learning.kit.jobs import nudge
from learning.kit.names import LONGEST_ORGANISATION, check_name
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.models import Organisation, OrganisationAlias, Organiser
from learning.organisations.municipalities import Municipality
from learning.organisations.queries import domain_owner
from learning.organisations.rules import search_key, sorted_under

BRAND = ("name", "plate", "brand_colour", "accent_colour", "mail", "domain")
IDENTITY = (
    "legal_name", "street", "postcode", "city", "kvk", "oin", "vat_id", "iban", "payment_days",
    "vat_category",
    "vat_ground", "invoice_foot",
)  # fmt: skip


@transaction()
def save_brand(
    organiser_id: int, values: Mapping[str, Any], *, was: Mapping[str, Any] | None, by: int, now: datetime
) -> Organiser:
    """Give the organiser these values of BRAND; `was` is what the sender saw, None when that is over.

    Another domain must be proven before it is used (`proving.py`).
    """
    if values["domain"] and values["domain"] == urlsplit(current_app.config["BASE_URL"]).hostname:
        words = N_("This is the address of the installation itself. Choose a domain of your own.")
        raise Refusal("own_address", words, "domain")
    organiser = _held(organiser_id)
    _check_as_seen(organiser, BRAND, was)
    if organiser.name != values["name"]:
        check_name(values["name"], longest=LONGEST_ORGANISATION)
    if organiser.domain != values["domain"]:
        _check_free(values["domain"], organiser.id)
        organiser.domain_seen_at = organiser.domain_looked_at = None
        organiser.domain_found, organiser.domain_due_at = "", now if values["domain"] else None
        after_commit(nudge)
    for name in BRAND:
        setattr(organiser, name, values[name])
    db.session.flush()
    record("changed", organiser, organiser_id=organiser.id, by=by, at=now, words=organiser.name)
    return organiser


@transaction()
def save_identity(
    organiser_id: int, values: Mapping[str, Any], *, was: Mapping[str, Any] | None, by: int, now: datetime
) -> Organiser:
    """Let the organiser be this on invoices from now on, by the names of IDENTITY.

    `was` is what the sender saw, None when that is over. Invoices that were issued keep what they say.
    """
    organiser = _held(organiser_id)
    _check_as_seen(organiser, IDENTITY, was)
    for name in IDENTITY:
        setattr(organiser, name, values[name])
    db.session.flush()
    record("identity of", organiser, organiser_id=organiser.id, by=by, at=now, words=organiser.name)
    return organiser


@transaction()
def set_logo(organiser_id: int, png: bytes | None, *, by: int, now: datetime) -> None:
    """Show this picture as logo, as `kit.photos.logo` made it anew; None takes the logo away."""
    organiser = _held(organiser_id)
    before = organiser.logo_id
    if png is None:
        organiser.logo_id = None
    else:
        file = keep(
            png, name="logo.png", media_type="image/png", purpose="logo", organiser_id=organiser.id, now=now
        )
        organiser.logo_id = file.id
    db.session.flush()
    if before is not None:
        db.session.execute(delete(StoredFile).where(StoredFile.id == before))
    db.session.expire(organiser, ["logo"])
    record("logo of", organiser, organiser_id=organiser.id, by=by, at=now, words=organiser.name)


def _check_free(domain: str | None, organiser_id: int) -> None:
    """Refuse a domain that another organiser has proven; one that is only claimed there is free."""
    if domain and domain_owner(domain) not in (None, organiser_id):
        raise Refusal("domain_taken", N_("Another organiser uses this domain."), "domain")


def _check_as_seen(organiser: Organiser, names: tuple[str, ...], was: Mapping[str, Any] | None) -> None:
    """Refuse when the organiser says something else than what was seen."""
    if was is None or any(getattr(organiser, name) != was[name] for name in names):
        raise Refusal(
            "changed_meanwhile",
            N_(
                "Somebody changed this while you were busy. Look "
                "at what is new below; save again to keep yours."
            ),
        )


def _held(organiser_id: int) -> Organiser:
    lock(Organiser, [organiser_id])
    return db.session.get_one(Organiser, organiser_id, populate_existing=True)


@transaction()
def city_of(organiser_id: int, municipality: Municipality) -> Organisation:
    """The organisation of this municipality at this organiser,
    made with its other names when there is none.
    """
    key = search_key(municipality.name)
    mine = (Organisation.organiser_id == organiser_id, Organisation.search_key == key)
    _held(organiser_id)
    found = db.session.scalar(select(Organisation).where(*mine))
    if found is not None:
        return found
    city = Organisation(
        organiser_id=organiser_id, name=municipality.name, kind="city", municipality_code=municipality.code,
        search_key=key, sort_key=sorted_under(municipality.name),
    )  # fmt: skip
    taken = set(
        db.session.scalars(
            select(OrganisationAlias.search_key).where(OrganisationAlias.organiser_id == organiser_id)
        )
    )
    others = {search_key(name): name for name in municipality.also}
    city.aliases = [
        OrganisationAlias(organiser_id=organiser_id, name=name, search_key=other)
        for other, name in others.items()
        if other != key and other not in taken
    ]
    db.session.add(city)
    db.session.flush()
    return city
