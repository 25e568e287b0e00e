"""The first start, owners of the installation, and mails that are tried or tried again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from learning.kit.codes import random_token, token_hash
from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.names import check_name
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.mail.actions import try_again
from learning.mail.models import Message
from learning.office import emails, queries
from learning.office.models import FirstStart, Owner
from learning.office.organisers import NewOrganiser, make_organiser
from learning.office.rules import START_LIVES, check_not_last
from learning.organisations.models import Organiser
from learning.people.actions import account_for
from learning.people.models import Account, Staff
from learning.people.queries import account_by_mail


@dataclass(frozen=True)
class Starter:
    """Who begins: without `password_hash` they sign in with links by mail."""

    name: str
    mail: str
    language: str
    password_hash: str | None = None


@transaction()
def offer_start(*, now: datetime) -> str | None:
    """A new token for the address of the first start, and
    the one before it dies; None when somebody has begun.

    Works for 24 hours and once; only its hash is kept.
    """
    if not queries.nobody_began():
        return None
    _replace_starts(now)
    token = random_token()
    try:
        with attempt():
            db.session.add(
                FirstStart(token_hash=token_hash(token), made_at=now, expires_at=now + START_LIVES)
            )
            db.session.flush()
    except IntegrityError:
        raise Refusal(
            "start_offered", N_("An address is being printed at this very moment, by somebody else.")
        ) from None
    return token


@transaction()
def start(token: str, who: Starter, new: NewOrganiser, *, now: datetime) -> tuple[Account, Organiser]:
    """Use the address up: an account that owns the installation,
    and its first organiser with that account as admin.

    Of two at once one begins, the other is refused with `start_used`.
    """
    check_name(who.name)
    claim = update(FirstStart).where(
        FirstStart.token_hash == token_hash(token), FirstStart.open.is_(True), FirstStart.expires_at > now
    )
    result: Any = db.session.execute(
        claim.values(used_at=now, open=None).execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:
        queries.check_token(token, now)
        raise Refusal(
            "start_used", N_("Somebody else began at this very moment. Sign in, or ask an owner to add you.")
        )
    account = account_for(who.mail, now=now)
    account.name, account.language, account.password_hash = who.name, who.language, who.password_hash
    organiser = make_organiser(new, by=account.id, now=now)
    db.session.add_all([
        owner := Owner(account_id=account.id, made_at=now),
        Staff(organiser_id=organiser.id, account_id=account.id, role="admin"),
    ])  # fmt: skip
    row = db.session.scalars(select(FirstStart).where(FirstStart.token_hash == token_hash(token))).one()
    row.account_id = account.id
    db.session.flush()
    record("started", row, organiser_id=None, by=account.id, at=now, words=account.mail)
    record("made", owner, organiser_id=None, by=account.id, at=now, words=account.mail)
    return account, organiser


@transaction()
def add_owner(name: str, mail: str, *, language: str, by: Account | None, now: datetime) -> Owner:
    """Somebody owns the installation from now on, and gets a mail that says so. `by` is None for a command.

    A known account keeps its language, and its name when it has one.
    """
    if name:
        check_name(name)
    _replace_starts(now)
    known = account_by_mail(mail)
    account = account_for(mail, now=now)
    if known is None:
        account.language = language
    account.name = account.name or name
    taken = Refusal("owner_already", N_("%(mail)s is an owner already."), "mail", mail=account.mail)
    if (
        db.session.scalar(select(Owner.id).where(Owner.account_id == account.id, Owner.ended_at.is_(None)))
        is not None
    ):
        raise taken
    owner = Owner(account_id=account.id, made_at=now)
    try:
        with attempt():
            db.session.add(owner)
            db.session.flush()
    except IntegrityError:  # somebody added the same owner a moment ago
        raise taken from None
    record("made", owner, organiser_id=None, by=by.id if by else None, at=now, words=account.mail)
    emails.owner_invited(owner, by=by.name or by.mail if by else "", now=now)
    return owner


@transaction()
def remove_owner(owner_id: int, *, by: Account | None, now: datetime) -> Owner:
    """Somebody does not own the installation any more, and is told; refused for the last one.

    All owners are locked, so that of two removals at once the second counts without who the first removed.
    """
    live = select(Owner.id).where(Owner.ended_at.is_(None))
    held = {row.id: row for row in lock(Owner, db.session.scalars(live).all())}
    still = [row for row in held.values() if row.ended_at is None]
    owner = held.get(owner_id)
    if owner is None or owner.ended_at is not None:
        raise Refusal("owner_ended", N_("This is no owner any more already."))
    check_not_last(len(still))
    owner.ended_at = now
    db.session.flush()
    record("ended", owner, organiser_id=None, by=by.id if by else None, at=now, words=owner.account.mail)
    emails.owner_removed(owner, now=now)
    return owner


@transaction()
def send_trial(account: Account, organiser: Organiser, *, now: datetime) -> Message:
    """Mail something to oneself, to see that mail works."""
    return emails.trial(account, organiser, now=now)


@transaction()
def retry_mails(ids: list[int], *, by: Account, now: datetime) -> int:
    """Try these mails again at once, as if for the first time; gives how many were not sent meanwhile."""
    again = [message for id in ids if (message := try_again(id, now=now)) is not None]
    for message in again:
        record("tried again", message, organiser_id=None, by=by.id, at=now, words=message.address)
    return len(again)


@transaction()
def settle(organiser_id: int, *, by: Account | None, now: datetime) -> None:
    """Put the list of things to begin with away."""
    organiser = lock(Organiser, [organiser_id])[0]
    if organiser.settled_at is None:
        organiser.settled_at = now
        record(
            "settled",
            organiser,
            organiser_id=organiser.id,
            by=by.id if by else None,
            at=now,
            words=organiser.name,
        )


def _replace_starts(now: datetime) -> None:
    still = update(FirstStart).where(FirstStart.open.is_(True)).values(open=None, replaced_at=now)
    db.session.execute(still.execution_options(synchronize_session=False))
