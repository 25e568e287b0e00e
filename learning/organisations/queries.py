"""Finding an organisation as people type it, and whether it is partner on a day."""

from datetime import date

from sqlalchemy import or_, select

from learning.kit.db import db
from learning.organisations.models import Organisation, OrganisationAlias, Partnership
from learning.organisations.rules import search_key


def find_city(organiser_id: int, typed: str) -> Organisation | None:
    """The organisation with this name or other name, whatever the case, accents or "gemeente" before it."""
    key = search_key(typed)
    if not key:
        return None
    alias = select(OrganisationAlias.organisation_id).where(
        OrganisationAlias.organiser_id == organiser_id, OrganisationAlias.search_key == key
    )
    named = or_(Organisation.search_key == key, Organisation.id.in_(alias))
    return db.session.scalar(select(Organisation).where(Organisation.organiser_id == organiser_id, named))


def partnership_on(organisation_id: int, day: date) -> Partnership | None:
    """The partnership that holds on this day, first and last day included."""
    holds = (Partnership.from_on <= day, or_(Partnership.until_on.is_(None), Partnership.until_on >= day))
    query = select(Partnership).where(Partnership.organisation_id == organisation_id, *holds)
    return db.session.scalar(query.order_by(Partnership.from_on).limit(1))


def suggestions(organiser_id: int, typed: str, *, most: int = 5) -> list[str]:
    """Names that begin like what was typed."""
    key = search_key(typed)
    if len(key) < 2:
        return []
    mine = (Organisation.organiser_id == organiser_id, Organisation.search_key.startswith(key[:3], autoescape=True))
    query = select(Organisation.name).where(*mine).order_by(Organisation.sort_key, Organisation.id).limit(most)
    return list(db.session.scalars(query))
