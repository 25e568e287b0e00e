"""Whose delegations an account sees, and who may act for one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, or_, select

from learning.delegations.models import Delegation
from learning.kit.db import db
from learning.people.models import Account, Contact
from learning.people.permissions import can_decide, can_see_people, can_set_reference, persons_of
from learning.programmes.permissions import within


def delegations_visible_to(account: Account) -> Select[Delegation]:
    """The delegations for which this account is contact
    person, or a confirmed contact of their organisation.
    """
    mine = persons_of(account)
    confirmed = (Contact.confirmed_at.is_not(None), Contact.ended_at.is_(None), Contact.person_id.in_(mine))
    organisations = select(Contact.organisation_id).where(*confirmed)
    seen = or_(Delegation.contact_id.in_(mine), Delegation.organisation_id.in_(organisations))
    return select(Delegation).where(seen, Delegation.ended_at.is_(None))


def delegations_at_desk(account: Account, organiser_id: int) -> Select[Delegation]:
    """The delegations of this organiser, ended or not, in
    the programmes that the account sees at the desk.
    """
    mine = Delegation.organiser_id == organiser_id
    return select(Delegation).where(mine, within(account, organiser_id, Delegation.programme_id))


def is_theirs(account: Account, delegation: Delegation) -> bool:
    """The account is a contact of this delegation, and not only staff."""
    mine = (
        delegations_visible_to(account).with_only_columns(Delegation.id).where(Delegation.id == delegation.id)
    )
    return db.session.scalar(mine) is not None


def can_look(account: Account, delegation: Delegation) -> bool:
    """May see whom the delegation sends: its contacts, and staff who see the people of its programme."""
    return _staff(can_see_people, account, delegation) or is_theirs(account, delegation)


def can_act(account: Account, delegation: Delegation) -> bool:
    """May act for the delegation: its contacts, and staff who decide on it."""
    return _staff(can_decide, account, delegation) or is_theirs(account, delegation)


def can_refer(account: Account, delegation: Delegation) -> bool:
    """May say by which words the organisation recognises its
    invoice: its contacts, and staff who see to invoices.
    """
    return _staff(can_set_reference, account, delegation) or is_theirs(account, delegation)


def is_staff(account: Account, delegation: Delegation) -> bool:
    """Decides on the delegation for the organiser: deadlines for names do not bind them."""
    return _staff(can_decide, account, delegation)


def _staff(can: Callable[[Account, int], bool], account: Account, delegation: Delegation) -> bool:
    if not can(account, delegation.organiser_id):
        return False
    seen = delegations_at_desk(account, delegation.organiser_id).with_only_columns(Delegation.id)
    return db.session.scalar(seen.where(Delegation.id == delegation.id)) is not None


def organisations_of(programme_ids: Any) -> Select[int]:
    """The ids of the organisations that take or took part in these programmes."""
    return select(Delegation.organisation_id).where(Delegation.programme_id.in_(programme_ids))


def can_nominate(delegation: Delegation) -> bool:
    """Staff confirmed the delegation; until then it sends nobody."""
    return delegation.confirmed_at is not None and delegation.ended_at is None
