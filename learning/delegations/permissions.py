"""Whose delegations an account sees, and who may act for one."""

from sqlalchemy import Select, or_, select

from learning.delegations.models import Delegation
from learning.people.models import Account, Contact
from learning.people.permissions import persons_of


def delegations_visible_to(account: Account) -> Select[Delegation]:
    """The delegations for which this account is contact person, or a confirmed contact of their organisation."""
    mine = persons_of(account)
    confirmed = (Contact.confirmed_at.is_not(None), Contact.ended_at.is_(None), Contact.person_id.in_(mine))
    organisations = select(Contact.organisation_id).where(*confirmed)
    seen = or_(Delegation.contact_id.in_(mine), Delegation.organisation_id.in_(organisations))
    return select(Delegation).where(seen, Delegation.ended_at.is_(None))


def can_nominate(delegation: Delegation) -> bool:
    """Staff confirmed the delegation; until then it sends nobody."""
    return delegation.confirmed_at is not None and delegation.ended_at is None
