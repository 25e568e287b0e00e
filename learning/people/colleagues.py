"""Colleagues of an organiser: inviting, coming, other roles and limits, leaving.

Whoever acts holds the organiser's row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.codes import random_token, token_hash
from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.names import check_name
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.models import Organiser
from learning.organisations.rules import check_not_closed
from learning.people import emails
from learning.people.actions import account_for, end_sessions
from learning.people.models import Account, Invitation, InvitationProgramme, Staff, StaffProgramme
from learning.people.queries import Card, account_by_mail
from learning.people.roles import ADMIN, ROLES
from learning.people.rules import mail_key
from learning.people.tries import take_written

LIVES = timedelta(days=14)  # an invitation
PAUSE = timedelta(hours=1)  # between two mails of one invitation
SEEN = timedelta(hours=1)  # how exactly we keep when somebody was last at the desk
Limits = Collection[int] | None  # ids of programmes; None is all of them


def staff_of(organiser_id: int) -> list[Staff]:
    """The colleagues of an organiser, by name."""
    live = (Staff.organiser_id == organiser_id, Staff.ended_at.is_(None))
    rows = db.session.scalars(select(Staff).where(*live).options(joinedload(Staff.account)))
    return sorted(rows, key=lambda row: (row.account.name.casefold() or row.account.mail_key, row.id))


def invitations_of(organiser_id: int) -> list[Invitation]:
    """Who was invited and did not come yet, the latest first."""
    open_ = (Invitation.organiser_id == organiser_id, Invitation.ended_at.is_(None))
    return list(
        db.session.scalars(
            select(Invitation).where(*open_).order_by(Invitation.invited_at.desc(), Invitation.id)
        )
    )


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


def invitation_at_desk(organiser_id: int, id: int) -> Invitation:
    """An invitation of this organiser that is open; else 404."""
    mine = (Invitation.id == id, Invitation.organiser_id == organiser_id, Invitation.ended_at.is_(None))
    return (db.session.scalar(select(Invitation).where(*mine)) if 0 < id < 2**31 else None) or not_found()


def invitation_by_token(token: str) -> Invitation:
    """The invitation behind the link of a mail, open or not; 404 when there is none."""
    return (
        db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token))) or not_found()
    )


def works(invitation: Invitation, *, now: datetime) -> bool:
    """The link of this invitation still makes somebody a colleague."""
    return invitation.ended_at is None and invitation.expires_at > now


@transaction()
def invite(
    organiser_id: int,
    mail: str,
    name: str,
    role: str,
    programmes: Limits = None,
    *,
    language: str,
    by: Account,
    now: datetime,
) -> Invitation:
    """Ask somebody to become a colleague: a mail with a link that works once, for 14 days."""
    if name:
        check_name(name)
    _hold(organiser_id, by)
    key = mail_key(mail)
    _check(organiser_id, role, programmes)
    if db.session.scalar(_staff_with(organiser_id, key)) is not None:
        raise Refusal("colleague_already", N_("%(mail)s is a colleague already."), "mail", mail=mail)
    asked = (
        Invitation.organiser_id == organiser_id,
        Invitation.mail_key == key,
        Invitation.ended_at.is_(None),
    )
    if db.session.scalar(select(Invitation.id).where(*asked)) is not None:
        words = N_(
            "%(mail)s is invited already. You can send the invitation once more in the list of colleagues."
        )
        raise Refusal("invited_already", words, "mail", mail=mail)
    token = random_token()
    invitation = Invitation(
        organiser_id=organiser_id, mail=mail, mail_key=key, name=name, language=language, role=role
    )
    invitation.limited, invitation.account_id = programmes is not None, by.id
    invitation.token_hash, invitation.invited_at, invitation.expires_at = token_hash(token), now, now + LIVES
    db.session.add(invitation)
    db.session.flush()
    for id in sorted(programmes or ()):
        db.session.add(
            InvitationProgramme(organiser_id=organiser_id, invitation_id=invitation.id, programme_id=id)
        )
    words = f"{name or mail}: {as_words(role, programmes)}"
    record("invited", invitation, organiser_id=organiser_id, by=by.id, at=now, words=words)
    take_written(mail, by=by, now=now)
    emails.colleague_invited(invitation, token, now=now)
    return invitation


@transaction()
def renew(invitation: Invitation, *, by: Account, now: datetime) -> None:
    """Send the invitation once more, with another link; the one before does not work any more.

    Not twice in an hour.

    From now on it is theirs who sends it again.
    """
    _hold(invitation.organiser_id, by)
    row = _open(invitation.id)
    if now < row.invited_at + PAUSE:
        raise Refusal(
            "invited_just_now",
            N_("This was sent less than an hour ago. Wait a while before you send it again."),
        )
    token = random_token()
    row.token_hash, row.invited_at, row.expires_at = token_hash(token), now, now + LIVES
    row.account_id = by.id
    record("renewed", row, organiser_id=row.organiser_id, by=by.id, at=now, words=row.name or row.mail)
    take_written(row.mail, by=by, now=now)
    emails.colleague_invited(row, token, now=now)


@transaction()
def withdraw(invitation: Invitation, *, by: Account, now: datetime) -> None:
    """The link does not work any more."""
    _hold(invitation.organiser_id, by)
    _withdraw(_open(invitation.id), by=by, now=now)


def over() -> Refusal:
    """This invitation makes nobody a colleague any more."""
    return Refusal("invitation_over", N_("This invitation does not work any more. Ask for a new one."))


def needs_sign_in(invitation: Invitation, by: Account | None) -> bool:
    """The link alone does not make this address a colleague:
    there is an account with it, and `by` is not it.
    """
    account = account_by_mail(invitation.mail)
    return account is not None and (by is None or by.id != account.id)


def invitations_for(account: Account, *, now: datetime) -> list[Invitation]:
    """The invitations of the address of this account that
    still make somebody a colleague, the oldest first.
    """
    mine = (
        Invitation.mail_key == account.mail_key,
        Invitation.ended_at.is_(None),
        Invitation.expires_at > now,
    )
    return list(db.session.scalars(select(Invitation).where(*mine).order_by(Invitation.id)))


def home_cards(account: Account) -> list[Card]:
    """The way to these, on the own page."""
    page = url_for("people.invitations")
    return [
        Card(_("Invitation"), _("Work for %(organiser)s.", organiser=row.organiser.name), page)
        for row in invitations_for(account, now=clock.now())
    ]


@transaction()
def come(invitation: Invitation, *, by: Account | None = None, now: datetime) -> Account:
    """Who has the link reads that mail: the address is an account now, and works for the organiser.

    `by` is who is signed in.

    A link of days ago, which may be forwarded, is no way into
    an account that is there already: its owner signs in first.
    """
    check_not_closed(lock(Organiser, [invitation.organiser_id])[0].closed_at)
    row = db.session.get_one(Invitation, invitation.id, populate_existing=True)
    if not works(row, now=now):
        raise over()
    if needs_sign_in(row, by):
        raise Refusal(
            "sign_in_first",
            N_("There is an account with this address. Sign in as %(mail)s first."),
            mail=row.mail,
        )
    row.ended_at, row.end_reason = now, "came"
    known = account_by_mail(row.mail)
    account = account_for(row.mail, now=now)
    if known is None:
        account.language = row.language
    account.name = account.name or row.name
    if db.session.scalar(_staff_with(row.organiser_id, row.mail_key)) is None:
        _employ(row.organiser_id, account, row.role, programmes_of(row))
    words = f"{account.name or account.mail}: {as_words(row.role, programmes_of(row))}"
    record("came", row, organiser_id=row.organiser_id, by=account.id, at=now, words=words)
    return account


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
    _hold(organiser_id, by)
    _check(organiser_id, role, programmes)
    if db.session.scalar(_staff_with(organiser_id, mail_key(mail))) is not None:
        raise Refusal("colleague_already", N_("%(mail)s is a colleague already."), "mail", mail=mail)
    account = account_for(mail, now=now)
    account.name = account.name or name
    open_ = (
        Invitation.organiser_id == organiser_id,
        Invitation.mail_key == account.mail_key,
        Invitation.ended_at.is_(None),
    )
    db.session.execute(update(Invitation).where(*open_).values(ended_at=now, end_reason="came"))
    staff = _employ(organiser_id, account, role, programmes)
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
    _check(row.organiser_id, role, programmes)
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


def _staff_with(organiser_id: int, key: str) -> Any:
    query = select(Staff).join(Account, Account.id == Staff.account_id)
    return query.where(Staff.organiser_id == organiser_id, Account.mail_key == key, Staff.ended_at.is_(None))


def _hold(organiser_id: int, by: Account | None) -> None:
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
    _hold(staff.organiser_id, by)
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


def _open(id: int) -> Invitation:
    row = db.session.get_one(Invitation, id, populate_existing=True)
    if row.ended_at is not None:
        raise Refusal("invitation_over", N_("This invitation was used or withdrawn meanwhile."))
    return row


def _withdraw(row: Invitation, *, by: Account | None, now: datetime) -> None:
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
            _withdraw(row, by=by, now=now)


def _check(organiser_id: int, role: str, programmes: Limits) -> None:
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


def _employ(organiser_id: int, account: Account, role: str, programmes: Limits) -> Staff:
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
