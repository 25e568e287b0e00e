"""Whose registrations an account may see."""

from sqlalchemy import Select, select

from learning.attendance.models import Registration
from learning.people.models import Account
from learning.people.permissions import persons_of


def registrations_visible_to(account: Account) -> Select[Registration]:
    """The running, confirmed registrations of every person for whom the account acts."""
    return select(Registration).where(
        Registration.person_id.in_(persons_of(account)),
        Registration.confirmed_at.is_not(None),
        Registration.ended_at.is_(None),
    )
