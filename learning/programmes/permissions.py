"""Which programmes, contacts and shared rows somebody at the
desk sees; all pages of the desk find things through this.
"""

from typing import Any

from flask import current_app
from sqlalchemy import Select, false, select

from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.installation import of
from learning.organisations.models import Organiser
from learning.people.models import Account, Contact
from learning.people.permissions import limits_of
from learning.programmes.models import Programme


def programmes_visible_to(account: Account | None, organiser_id: int) -> Select[Programme]:
    """The programmes of this organiser that the account
    sees at the desk: all, or those to which it is limited.
    """
    query = select(Programme).where(Programme.organiser_id == organiser_id)
    limits = limits_of(account, organiser_id)
    if limits is None:
        return query
    return query.where(Programme.id.in_(limits) if limits else false())


def within(account: Account | None, organiser_id: int, column: Any) -> Any:
    """A condition: the programme whose id stands in this column is one that the account sees."""
    return column.in_(programmes_visible_to(account, organiser_id).with_only_columns(Programme.id))


def programme_for(account: Account | None, organiser: Organiser, slug: str, *options: Any) -> Programme:
    """The organiser's programme with this address, as far as the account sees it; else 404."""
    query = programmes_visible_to(account, organiser.id).where(Programme.slug == slug).options(*options)
    found = db.session.scalar(query) if "\0" not in slug else None
    if found is None:
        not_found()
    return found


def contacts_visible_to(account: Account | None, organiser_id: int) -> Select[Contact]:
    """The contacts that the account sees at this desk: all, or those of organisations in its programmes."""
    query = select(Contact).where(Contact.organiser_id == organiser_id)
    if limits_of(account, organiser_id) is None:
        return query
    programmes = programmes_visible_to(account, organiser_id).with_only_columns(Programme.id)
    taking_part = of(current_app).hooks.organisations_of
    return query.where(Contact.organisation_id.in_(taking_part(programmes)))
