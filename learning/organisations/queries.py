"""Finding an organisation as people type it, and whether it is partner on a day."""

from datetime import date

from sqlalchemy import Text, cast, or_, select

from learning.kit.clock import local, now
from learning.kit.db import db
from learning.organisations.models import Organisation, OrganisationAlias, Organiser, Partnership
from learning.organisations.municipalities import municipality_names
from learning.organisations.rules import check_not_closed, mail_domain, names_like, search_key


def check_open_organiser(organiser_id: int) -> None:
    """Refuse what would begin or change something at an organiser that is closed, as it is now.

    What ends something goes on.
    """
    check_not_closed(db.session.scalar(select(Organiser.closed_at).where(Organiser.id == organiser_id)))


def domain_owner(domain: str) -> int | None:
    """The organiser that has proven this domain, by id."""
    return db.session.scalar(
        select(Organiser.id).where(Organiser.domain == domain, Organiser.domain_seen_at.is_not(None))
    )


def find_city(organiser_id: int, typed: str) -> Organisation | None:
    """The organisation with this name or other name, whatever the case, accents or "gemeente" before it.

    A name goes before another organisation's other name.
    """
    key = search_key(typed)
    if not key:
        return None
    alias = select(OrganisationAlias.organisation_id).where(
        OrganisationAlias.organiser_id == organiser_id, OrganisationAlias.search_key == key
    )
    named = or_(Organisation.search_key == key, Organisation.id.in_(alias))
    found = select(Organisation).where(Organisation.organiser_id == organiser_id, named)
    return db.session.scalar(found.order_by((Organisation.search_key == key).desc()).limit(1))


def organisation_offered(organiser_id: int, mail: str) -> Organisation | None:
    """The organisation to which the domain of this address belongs,
    to be offered; None when there is none or more than one.
    """
    domain = mail_domain(mail)
    mine = select(Organisation.id, Organisation.mail_domains).where(Organisation.organiser_id == organiser_id)
    mine = mine.where(cast(Organisation.mail_domains, Text).contains(f'"{domain}"', autoescape=True))
    found = [id for id, domains in db.session.execute(mine) if domain in (domains or [])] if domain else []
    return db.session.get(Organisation, found[0]) if len(found) == 1 else None


def partnership_on(organisation_id: int, day: date) -> Partnership | None:
    """The partnership that holds on this day, first and last day included."""
    holds = (Partnership.from_on <= day, or_(Partnership.until_on.is_(None), Partnership.until_on >= day))
    query = select(Partnership).where(Partnership.organisation_id == organisation_id, *holds)
    return db.session.scalar(query.order_by(Partnership.from_on).limit(1))


def suggestions(organiser_id: int, typed: str, *, most: int = 5) -> list[str]:
    """Names like what was typed: those that begin with it
    first, then those that differ by a slip of the keys.
    """
    if len(search_key(typed)) < 2:
        return []
    query = select(Organisation.search_key, Organisation.name).where(
        Organisation.organiser_id == organiser_id
    )
    names = {
        row.search_key: row.name
        for row in db.session.execute(query.order_by(Organisation.sort_key, Organisation.id))
    }
    return names_like({**municipality_names(local(now()).date()), **names}, typed, most=most)
