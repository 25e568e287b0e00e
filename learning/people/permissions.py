"""Who works for which organiser, and for whom an account acts."""

from flask import g, has_request_context, request
from sqlalchemy import Select, select

from learning.kit.access import not_found
from learning.kit.db import db
from learning.organisations.models import Organiser
from learning.organisations.rules import check_not_closed
from learning.people.models import Account, Person, Staff


def staff_role(account: Account | None, organiser_id: int) -> str | None:
    """The role of the account at this organiser: admin, editor, finance, or None."""
    if account is None:
        return None
    known: dict[tuple[int, int], str | None] = g.setdefault("staff_roles", {}) if has_request_context() else {}
    key = (account.id, organiser_id)
    if key not in known:  # asked once in a request
        mine = (Staff.account_id == account.id, Staff.organiser_id == organiser_id, Staff.ended_at.is_(None))
        known[key] = db.session.scalar(select(Staff.role).where(*mine))
    return known[key]


def can_edit(account: Account | None, organiser_id: int) -> bool:
    """May change programmes and see participants."""
    return staff_role(account, organiser_id) in ("admin", "editor")


def can_manage(account: Account | None, organiser_id: int) -> bool:
    """May change the organiser itself: its name, colours, logo and domain."""
    return staff_role(account, organiser_id) == "admin"


def can_bill(account: Account | None, organiser_id: int) -> bool:
    """May make invoices."""
    return staff_role(account, organiser_id) in ("admin", "finance")


def can_set_identity(account: Account | None, organiser_id: int) -> bool:
    """May say who the organiser is on its invoices."""
    return staff_role(account, organiser_id) in ("admin", "finance")


def can_see_desk(account: Account | None, organiser_id: int) -> bool:
    """May open the organiser's desk."""
    return staff_role(account, organiser_id) is not None


def organiser_for(account: Account | None, slug: str) -> Organiser:
    """The organiser for which this account works; 404 for everybody else.

    The desk of a closed organiser can be looked at; whatever would change something is refused.
    """
    organiser = db.session.scalar(select(Organiser).where(Organiser.slug == slug))
    if organiser is None or not can_see_desk(account, organiser.id):
        not_found()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        check_not_closed(organiser.closed_at)
    return organiser


def persons_of(account: Account) -> Select[int]:
    """The ids of every person for whom the account acts: those with its verified address."""
    return select(Person.id).where(Person.mail_key == account.mail_key)


def acts_for(account: Account | None, person: Person) -> bool:
    """The account's verified address is that of the person."""
    return account is not None and account.mail_key == person.mail_key
