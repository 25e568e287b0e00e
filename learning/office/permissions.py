"""Who owns the installation."""

from flask import g, has_request_context
from sqlalchemy import select

from learning.kit.access import found, require_account
from learning.kit.db import db
from learning.office.models import Owner
from learning.people.models import Account


def is_owner(account: Account | None) -> bool:
    """May add and close organisers, name owners, and see the state of the machine."""
    if account is None:
        return False
    known: dict[int, bool] = g.setdefault("owners", {}) if has_request_context() else {}
    if account.id not in known:  # asked once in a request
        mine = (Owner.account_id == account.id, Owner.ended_at.is_(None))
        known[account.id] = db.session.scalar(select(Owner.id).where(*mine)) is not None
    return known[account.id]


def require_owner() -> Account:
    """The owner who is signed in; for everybody else these pages do not exist."""
    account = require_account()
    return found(account if is_owner(account) else None)
