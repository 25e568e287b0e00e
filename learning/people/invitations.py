"""Inviting colleagues: a mailed link that works for two weeks, and coming by it."""

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

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
from learning.people.actions import account_for
from learning.people.colleagues import (
    Limits,
    as_words,
    check_limits,
    end_invitation,
    hold_organiser,
    programmes_of,
    put_to_work,
    staff_with,
)
from learning.people.models import Account, Invitation, InvitationProgramme
from learning.people.queries import Card, account_by_mail
from learning.people.rules import mail_key
from learning.people.tries import take_written

LIVES = timedelta(days=14)  # an invitation
PAUSE = timedelta(hours=1)  # between two mails of one invitation


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
    hold_organiser(organiser_id, by)
    key = mail_key(mail)
    check_limits(organiser_id, role, programmes)
    if db.session.scalar(staff_with(organiser_id, key)) is not None:
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
    hold_organiser(invitation.organiser_id, by)
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
    hold_organiser(invitation.organiser_id, by)
    end_invitation(_open(invitation.id), by=by, now=now)


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
    if db.session.scalar(staff_with(row.organiser_id, row.mail_key)) is None:
        put_to_work(row.organiser_id, account, row.role, programmes_of(row))
    words = f"{account.name or account.mail}: {as_words(row.role, programmes_of(row))}"
    record("came", row, organiser_id=row.organiser_id, by=account.id, at=now, words=words)
    return account


def _open(id: int) -> Invitation:
    row = db.session.get_one(Invitation, id, populate_existing=True)
    if row.ended_at is not None:
        raise Refusal("invitation_over", N_("This invitation was used or withdrawn meanwhile."))
    return row
