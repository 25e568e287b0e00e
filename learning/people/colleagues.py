"""Colleagues of an organiser: inviting, coming, other roles and limits, leaving.

Whoever acts holds the organiser's row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from learning.kit.access import not_found
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.names import check_name
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.models import Organiser
from learning.people.actions import account_for, end_sessions
from learning.people.models import Account, Invitation, InvitationProgramme, Staff, StaffProgramme
from learning.people.roles import ADMIN, ROLES
from learning.people.rules import mail_key

SEEN = timedelta(hours=1)  # how exactly we keep when somebody was last at the desk
Limits = Collection[int] | None  # ids of programmes; None is all of them


def staff_of(organiser_id: int) -> list[Staff]:
    """The colleagues of an organiser, by name."""
    live = (Staff.organiser_id == organiser_id, Staff.ended_at.is_(None))
    rows = db.session.scalars(select(Staff).where(*live).options(joinedload(Staff.account)))
    return sorted(rows, key=lambda row: (row.account.name.casefold() or row.account.mail_key, row.id))


def programmes_of(row: Staff | Invitation) -> frozenset[int] | None:
    """The ids of the programmes to which somebody is limited; None when not limited."""
    if not row.limited:
        return None
    table: Any = StaffProgramme if isinstance(row, Staff) else InvitationProgramme
    owner = table.staff_id if isinstance(row, Staff) else table.invitation_id
    return frozenset(db.session.scalars(select(table.programme_id).where(owner == row.id)))


def colleague_at_desk(organiser_id: int, id: int) -> Staff:
    """A colleague of this organiser who has not left; else 404."""
    mine = (Staff.id == id, Staff.organiser_id == organiser_id, Staff.ended_at.is_(None))
    found = (
        db.session.scalar(select(Staff).where(*mine).options(joinedload(Staff.account)))
        if 0 < id < 2**31
        else None
    )
    return found or not_found()


@transaction()
def employ(
    organiser_id: int,
    mail: str,
    name: str,
    role: str,
    programmes: Limits = None,
    *,
    by: Account | None = None,
    now: datetime,
) -> Staff:
    """Make the owner of this address a colleague at once:
    for who vouches for it, such as who runs the machine.
    """
    if name:
        check_name(name)
    hold_organiser(organiser_id, by)
    check_limits(organiser_id, role, programmes)
    if db.session.scalar(staff_with(organiser_id, mail_key(mail))) is not None:
        raise Refusal("colleague_already", N_("%(mail)s is a colleague already."), "mail", mail=mail)
    account = account_for(mail, now=now)
    account.name = account.name or name
    open_ = (
        Invitation.organiser_id == organiser_id,
        Invitation.mail_key == account.mail_key,
        Invitation.ended_at.is_(None),
    )
    db.session.execute(update(Invitation).where(*open_).values(ended_at=now, end_reason="came"))
    staff = put_to_work(organiser_id, account, role, programmes)
    words = f"{account.name or account.mail}: {as_words(role, programmes)}"
    record("added", staff, organiser_id=organiser_id, by=by.id if by else None, at=now, words=words)
    return staff


@transaction()
def change(
    staff: Staff, role: str, programmes: Limits = None, *, by: Account | None = None, now: datetime
) -> None:
    """Give a colleague another role or other limits; sessions end, so that nothing of before is left open.

    What an administrator who is one no more invited and nobody answered yet is withdrawn.
    """
    row = _held(staff, by)
    check_limits(row.organiser_id, role, programmes)
    was = (row.role, programmes_of(row))
    if was == (role, None if programmes is None else frozenset(programmes)):
        return
    _check_admin_stays(row, role)
    _limit(row, role, programmes)
    words = f"{row.account.name or row.account.mail}: {as_words(*was)} → {as_words(role, programmes)}"
    record("changed", row, organiser_id=row.organiser_id, by=by.id if by else None, at=now, words=words)
    if role != ADMIN:
        _withdraw_all_of(row, by=by, now=now)
    end_sessions(row.account)


@transaction()
def remove(staff: Staff, *, by: Account | None = None, now: datetime) -> None:
    """Somebody is no colleague any more, and every session of theirs ends at once.

    Their open invitations are withdrawn.
    """
    row = _held(staff, by)
    _check_admin_stays(row, "")
    was = as_words(row.role, programmes_of(row))
    row.ended_at = now
    words = f"{row.account.name or row.account.mail}: {was} →"
    record("removed", row, organiser_id=row.organiser_id, by=by.id if by else None, at=now, words=words)
    _withdraw_all_of(row, by=by, now=now)
    end_sessions(row.account)


@transaction(aside=True)
def seen(staff_id: int, *, now: datetime) -> None:
    """Somebody is at the desk; kept once an hour."""
    late = (Staff.id == staff_id, (Staff.seen_at.is_(None)) | (Staff.seen_at <= now - SEEN))
    db.session.execute(
        update(Staff).where(*late).values(seen_at=now).execution_options(synchronize_session=False)
    )


def as_words(role: str, programmes: Limits) -> str:
    """A role with its limits, for the log."""
    if programmes is None:
        return role
    return f"{role} ({', '.join(_slugs(programmes)) or '–'})"


def _slugs(ids: Collection[int]) -> Sequence[str]:
    table = StaffProgramme.metadata.tables["programme"]
    return db.session.scalars(select(table.c.slug).where(table.c.id.in_(ids)).order_by(table.c.id)).all()


def staff_with(organiser_id: int, key: str) -> Any:
    """Who works for the organiser with this address, as a query."""
    query = select(Staff).join(Account, Account.id == Staff.account_id)
    return query.where(Staff.organiser_id == organiser_id, Account.mail_key == key, Staff.ended_at.is_(None))


def hold_organiser(organiser_id: int, by: Account | None) -> None:
    """Nobody else changes colleagues meanwhile; who acts
    is still an administrator, also after waiting for it.
    """
    lock(Organiser, [organiser_id])
    if by is None:
        return
    mine = (
        Staff.organiser_id == organiser_id,
        Staff.account_id == by.id,
        Staff.ended_at.is_(None),
        Staff.role == ADMIN,
    )
    if db.session.scalar(select(Staff.id).where(*mine)) is None:
        raise Refusal("no_administrator", N_("You are no administrator any more. Nothing was changed."))


def _held(staff: Staff, by: Account | None) -> Staff:
    """The colleague, read afresh; refused for who has left, and for oneself."""
    hold_organiser(staff.organiser_id, by)
    row = db.session.get_one(Staff, staff.id, populate_existing=True)
    if row.ended_at is not None:
        raise Refusal(
            "left_already",
            N_("%(name)s is no colleague any more."),
            name=row.account.name or row.account.mail,
        )
    if by is not None and row.account_id == by.id:
        words = N_("Nobody changes their own role or removes themselves. Ask another administrator.")
        raise Refusal("own_role", words)
    return row


def end_invitation(row: Invitation, *, by: Account | None, now: datetime) -> None:
    """Withdraw an invitation, with its line in the log."""
    row.ended_at, row.end_reason = now, "withdrawn"
    record(
        "withdrawn",
        row,
        organiser_id=row.organiser_id,
        by=by.id if by else None,
        at=now,
        words=row.name or row.mail,
    )


def _withdraw_all_of(staff: Staff, *, by: Account | None, now: datetime) -> None:
    """Nobody comes by an invitation of who may not invite
    any more, such as one to another address of their own.
    """
    for row in invitations_of(staff.organiser_id):
        if row.account_id == staff.account_id:
            end_invitation(row, by=by, now=now)


def check_limits(organiser_id: int, role: str, programmes: Limits) -> None:
    """Refuse a role that is none, and programmes that are none of this organiser's."""
    if role not in ROLES:
        raise Refusal("no_role", N_("Choose a role."), "role")
    if programmes is None:
        return
    if role == ADMIN:
        raise Refusal("admin_of_all", N_("An administrator is never limited to some programmes."), "limited")
    if not programmes:
        raise Refusal("no_programme", N_("Choose at least one programme."), "programmes")
    table = StaffProgramme.metadata.tables["programme"]
    ours = (table.c.id.in_(programmes), table.c.organiser_id == organiser_id)
    if db.session.scalar(select(func.count()).select_from(table).where(*ours)) != len(set(programmes)):
        raise Refusal("no_programme", N_("Choose programmes of this organiser."), "programmes")


def _check_admin_stays(row: Staff, role: str) -> None:
    if row.role != ADMIN or role == ADMIN:
        return
    others = (
        Staff.organiser_id == row.organiser_id,
        Staff.role == ADMIN,
        Staff.ended_at.is_(None),
        Staff.id != row.id,
    )
    if db.session.scalar(select(Staff.id).where(*others).limit(1)) is None:
        words = N_("%(name)s is the last administrator. Make somebody else administrator first.")
        raise Refusal("last_admin", words, "role", name=row.account.name or row.account.mail)


def put_to_work(organiser_id: int, account: Account, role: str, programmes: Limits) -> Staff:
    """The row of a colleague; who was one before gets it back, with this role alone."""
    mine = (Staff.organiser_id == organiser_id, Staff.account_id == account.id)
    row = db.session.scalar(select(Staff).where(*mine).execution_options(populate_existing=True))
    if row is None:
        row = Staff(organiser_id=organiser_id, account_id=account.id, role=role, limited=False)
        db.session.add(row)
        db.session.flush()
    row.ended_at = row.seen_at = None
    _limit(row, role, programmes)
    return row


def _limit(row: Staff, role: str, programmes: Limits) -> None:
    row.role, row.limited = role, programmes is not None
    db.session.flush()
    db.session.execute(delete(StaffProgramme).where(StaffProgramme.staff_id == row.id))
    for id in sorted(programmes or ()):
        db.session.add(StaffProgramme(organiser_id=row.organiser_id, staff_id=row.id, programme_id=id))
    db.session.flush()


def invitations_of(organiser_id: int) -> list[Invitation]:
    """Who was invited and did not come yet, the latest first."""
    open_ = (Invitation.organiser_id == organiser_id, Invitation.ended_at.is_(None))
    return list(
        db.session.scalars(
            select(Invitation).where(*open_).order_by(Invitation.invited_at.desc(), Invitation.id)
        )
    )
