"""Who works for which organiser and what they may there, and for whom an account acts."""

from dataclasses import dataclass
from datetime import datetime

from flask import g, has_request_context, request
from sqlalchemy import Select, select

from learning.kit.access import not_found
from learning.kit.db import db
from learning.organisations.models import Organiser
from learning.organisations.rules import check_not_closed
from learning.people import roles
from learning.people.models import Account, Person, Staff, StaffProgramme


@dataclass(frozen=True)
class Standing:
    """As what an account works for an organiser: its role,
    and the ids of its programmes; None is all of them.
    """

    staff_id: int
    role: str
    programmes: frozenset[int] | None
    seen_at: datetime | None


def standing(account: Account | None, organiser_id: int) -> Standing | None:
    """As what the account works for this organiser now; None when it does not. Asked once in a request."""
    if account is None:
        return None
    known: dict[tuple[int, int], Standing | None] = (
        g.setdefault("standings", {}) if has_request_context() else {}
    )
    key = (account.id, organiser_id)
    if key not in known:
        known[key] = _standing(*key)
    return known[key]


def _standing(account_id: int, organiser_id: int) -> Standing | None:
    mine = (Staff.account_id == account_id, Staff.organiser_id == organiser_id, Staff.ended_at.is_(None))
    query = select(Staff.id, Staff.role, Staff.limited, Staff.seen_at, StaffProgramme.programme_id)
    rows = db.session.execute(
        query.outerjoin(StaffProgramme, StaffProgramme.staff_id == Staff.id).where(*mine)
    ).all()
    if not rows:
        return None
    first = rows[0]
    ids = frozenset(row.programme_id for row in rows if row.programme_id is not None)
    return Standing(first.id, first.role, ids if first.limited else None, first.seen_at)


def may(account: Account | None, organiser_id: int, key: str) -> bool:
    """Whether the account may this at this organiser, by the table of roles.

    What is about one programme must be found through `programmes_visible_to` as well.
    """
    found = standing(account, organiser_id)
    return found is not None and roles.may(found.role, key, limited=found.programmes is not None)


def limits_of(account: Account | None, organiser_id: int) -> frozenset[int] | None:
    """The ids of the programmes that the account sees at this desk: None is all, empty is none."""
    found = standing(account, organiser_id)
    return frozenset() if found is None else found.programmes


def staff_role(account: Account | None, organiser_id: int) -> str | None:
    """The role of the account at this organiser, one of `roles.ROLES`, or None."""
    found = standing(account, organiser_id)
    return found.role if found is not None else None


def can_set_identity(account: Account | None, organiser_id: int) -> bool:
    """May say who the organiser is on its invoices."""
    return may(account, organiser_id, "identify")


def can_see_desk(account: Account | None, organiser_id: int) -> bool:
    """May open the organiser's desk."""
    return may(account, organiser_id, "see_desk")


def can_see_plans(account: Account | None, organiser_id: int) -> bool:
    """May see what staff plan, and what all programmes share."""
    return may(account, organiser_id, "see_plans")


def can_edit(account: Account | None, organiser_id: int) -> bool:
    """May change programmes and what is in them."""
    return may(account, organiser_id, "edit")


def can_make(account: Account | None, organiser_id: int) -> bool:
    """May make a programme."""
    return may(account, organiser_id, "make")


def can_share(account: Account | None, organiser_id: int) -> bool:
    """May change what all programmes share: venues, speakers, organisations and so on."""
    return may(account, organiser_id, "share")


def can_see_people(account: Account | None, organiser_id: int) -> bool:
    """May see who takes part and what they chose."""
    return may(account, organiser_id, "see_people")


def can_see_needs(account: Account | None, organiser_id: int) -> bool:
    """May see diet and access needs."""
    return may(account, organiser_id, "see_needs")


def can_see_delegations(account: Account | None, organiser_id: int) -> bool:
    """May see which organisations take part, through whom, and at what price."""
    return may(account, organiser_id, "see_delegations")


def can_decide(account: Account | None, organiser_id: int) -> bool:
    """May confirm and end delegations, and act for them."""
    return may(account, organiser_id, "decide")


def can_see_organisations(account: Account | None, organiser_id: int) -> bool:
    """May see an organisation with its billing address."""
    return may(account, organiser_id, "see_organisations")


def can_correct_billing(account: Account | None, organiser_id: int) -> bool:
    """May correct to whom and where invoices go."""
    return may(account, organiser_id, "correct_billing")


def can_set_reference(account: Account | None, organiser_id: int) -> bool:
    """May correct the words by which an organisation recognises its invoice."""
    return may(account, organiser_id, "set_reference")


def can_see_invoices(account: Account | None, organiser_id: int) -> bool:
    """May see invoices."""
    return may(account, organiser_id, "see_invoices")


def can_bill(account: Account | None, organiser_id: int) -> bool:
    """May make invoices."""
    return may(account, organiser_id, "bill")


def can_manage(account: Account | None, organiser_id: int) -> bool:
    """May change the organiser itself: its name, colours, logo, domain and colleagues."""
    return may(account, organiser_id, "manage")


def organiser_for(account: Account | None, slug: str) -> Organiser:
    """The organiser for which this account works; 404 for everybody else.

    The desk of a closed organiser can be looked at; whatever would change something is refused.
    """
    organiser = (
        db.session.scalar(select(Organiser).where(Organiser.slug == slug)) if "\0" not in slug else None
    )
    if organiser is None or not can_see_desk(account, organiser.id):
        not_found()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        check_not_closed(organiser.closed_at)
    return organiser


def persons_of(account: Account) -> Select[int]:
    """The ids of every person for whom the account acts: those with its verified address."""
    return select(Person.id).where(Person.mail_key == account.mail_key)
