"""Sign-ins on the server: starting, finding, noting that somebody was seen, ending."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from learning.kit.access import not_found
from learning.kit.codes import token_hash
from learning.kit.db import db, transaction
from learning.people.actions import end_links, end_sessions, forget_devices
from learning.people.models import Account, SignIn
from learning.people.rules import SIGN_IN_LIVES, device_of, short_network


@dataclass(frozen=True)
class Door:
    """Through which one comes in: who has the token is the account from now on.

    The sign-in `instead` ends.
    """

    token: str
    by_link: bool
    user_agent: str
    network: str | None
    instead: int | None
    now: datetime


@transaction(aside=True)
def start(account: Account, door: Door) -> SignIn:
    """The account is signed in on this device from now on.

    It is never what a form asked for once only: whoever sends
    the right password twice is in by each of the answers.
    """
    if door.instead is not None:
        end(door.instead, now=door.now)
    browser, system = device_of(door.user_agent)
    row = SignIn(
        account_id=account.id,
        token_hash=token_hash(door.token),
        by_link=door.by_link,
        browser=browser,
        system=system,
        network=short_network(door.network),
        made_at=door.now,
        last_seen_at=door.now,
    )
    db.session.add(row)
    db.session.flush()
    return row


@transaction()
def start_by(claim: Callable[[], Account], door: Door) -> tuple[Account, SignIn]:
    """Sign in the account that `claim` gives: what it uses up is used up by this sign-in, or not at all."""
    account = claim()
    return account, start(account, door)


def by_token(token: str, *, now: datetime) -> tuple[SignIn, Account] | None:
    """The live sign-in with this token and its account, in one query."""
    query = select(SignIn, Account).join(Account, Account.id == SignIn.account_id)
    live = (SignIn.ended_at.is_(None), SignIn.last_seen_at > now - SIGN_IN_LIVES)
    found = db.session.execute(query.where(SignIn.token_hash == token_hash(token), *live)).first()
    return (found[0], found[1]) if found else None


def live_ones(account: Account, *, now: datetime) -> list[SignIn]:
    """Where the account is signed in, the latest seen first."""
    live = (
        SignIn.account_id == account.id,
        SignIn.ended_at.is_(None),
        SignIn.last_seen_at > now - SIGN_IN_LIVES,
    )
    return list(
        db.session.scalars(select(SignIn).where(*live).order_by(SignIn.last_seen_at.desc(), SignIn.id.desc()))
    )


def sign_in_for(account: Account, id: int) -> SignIn:
    """A sign-in of this account, live or ended; 404 for one of somebody else."""
    row = db.session.scalar(select(SignIn).where(SignIn.id == id, SignIn.account_id == account.id))
    if row is None:
        not_found()
    return row


@transaction(aside=True)
def seen(id: int, *, now: datetime) -> None:
    """Note that somebody was here; one that ended meanwhile stays ended."""
    mine = update(SignIn).where(SignIn.id == id, SignIn.ended_at.is_(None), SignIn.last_seen_at < now)
    db.session.execute(mine.values(last_seen_at=now).execution_options(synchronize_session=False))


@transaction()
def end(id: int, *, now: datetime) -> None:
    """End one sign-in; one that ended already stays as it is."""
    mine = update(SignIn).where(SignIn.id == id, SignIn.ended_at.is_(None))
    db.session.execute(mine.values(ended_at=now).execution_options(synchronize_session=False))


@transaction()
def end_elsewhere(account: Account, *, but: int | None) -> None:
    """Only this device stays signed in: others are signed
    out, unused links die, and no other device is known.
    """
    end_sessions(account, but=but)
    end_links(account)
    forget_devices(account)
