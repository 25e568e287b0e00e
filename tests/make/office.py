"""Owners of the installation."""

from learning.kit.db import transaction
from learning.office.models import Owner
from learning.people.actions import account_for
from tests.make.rows import NOON, added


@transaction()
def make_owner(mail: str = "owner@x.example") -> Owner:
    """The account owns the installation."""
    return added(Owner(account_id=account_for(mail, now=NOON).id, made_at=NOON))
