"""Knowing persons, signing in, and keeping the number of tries within bounds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from learning.kit import clock
from learning.kit.codes import random_token, token_hash
from learning.kit.db import attempt, db, transaction
from learning.kit.errors import Refusal
from learning.kit.links import safe_path
from learning.kit.names import check_name
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.people import emails, queries
from learning.people.models import Account, Person, SignIn, SignInLink, Staff, Throttle
from learning.people.rules import SIGN_IN_LIVES, mail_key, name_key, network_of, sort_key

LINK_LIVES = timedelta(minutes=15)
HOUR = timedelta(hours=1)
PER_ADDRESS = 10  # tries in an hour
PER_NETWORK = 200  # a city hall shares one address
PREVIEWS = 1500  # looks at a text while it is typed, in an hour
UPLOADS = 60  # pictures and spreadsheets that one account or secret link sends in an hour


@transaction()
def person_for(
    organiser_id: int,
    name: str,
    mail: str,
    *,
    language: str,
    organisation_id: int | None = None,
    affiliation: str = "",
) -> Person:
    """The person of this organiser with this address and name, made when new. A known one is not changed."""
    key, named = mail_key(mail), name_key(name)
    found = select(Person).where(
        Person.organiser_id == organiser_id, Person.mail_key == key, Person.name_key == named
    )
    person = db.session.scalar(found)
    if person is not None:
        return person
    check_name(name)
    try:
        with attempt():
            person = Person(
                organiser_id=organiser_id,
                name=name,
                name_key=named,
                sort_key=sort_key(name),
                mail=mail,
                mail_key=key,
                language=language,
                affiliation=affiliation,
                organisation_id=organisation_id,
            )
            db.session.add(person)
            db.session.flush()
    except IntegrityError:  # somebody made the same person a moment ago
        person = db.session.scalars(found).one()
    return person


@transaction()
def confirm_person(person: Person, *, now: datetime) -> None:
    """Who reads mail at this address did what only they can
    do: the person is who it says, and mails may call the name.
    """
    if person.confirmed_at is None:
        person.confirmed_at = now
        db.session.flush()


@transaction(aside=True)
def throttle(key: str, limit: int, window: timedelta, now: datetime) -> None:
    """Count one try; refuses with `too_often` (429) once there were `limit` in the window.

    Call it as a transaction of its own, so that a later no does not take the count back.
    """
    if not counted(key, limit, window, now):
        raise Refusal("too_often", N_("That was tried too often. Wait an hour and try again."))


@transaction(aside=True)
def counted(key: str, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one; False when there were `limit` in the window already."""
    row = update(Throttle).where(Throttle.key == key).execution_options(synchronize_session=False)
    running, over = Throttle.window_at > now - window, Throttle.window_at <= now - window
    if _changed(row.where(running, Throttle.count < limit).values(count=Throttle.count + 1)):
        return True
    if _changed(row.where(over).values(window_at=now, count=1)):
        return True
    if db.session.scalar(select(Throttle.id).where(Throttle.key == key)) is None:
        try:
            with attempt():
                db.session.add(Throttle(key=key, window_at=now, count=1))
                db.session.flush()
            return True
        except IntegrityError:
            return _changed(row.where(Throttle.count < limit).values(count=Throttle.count + 1))
    return False


@transaction(aside=True)
def throttle_mail(purpose: str, mail: str, network: str | None, now: datetime) -> None:
    """Count a try of something done with a mail address, per address and per network."""
    throttle(f"{purpose}|network|{network_of(network)}", PER_NETWORK, HOUR, now)
    throttle(f"{purpose}|address|{mail_key(mail)[:254]}", PER_ADDRESS, HOUR, now)


@transaction(aside=True)
def throttle_uploads(whose: str, *, now: datetime) -> None:
    """Count a file that takes work to read; `whose` names the account or the secret link that sends it."""
    throttle(f"upload|{whose}", UPLOADS, HOUR, now)


@transaction(aside=True)
def throttle_previews(whose: str, *, now: datetime) -> None:
    """Count a look at how a text will be, as people type it; `whose` as in `throttle_uploads`."""
    throttle(f"preview|{whose}", PREVIEWS, HOUR, now)


@transaction()
def ask_link(mail: str, *, next_url: str | None, language: str, now: datetime) -> None:
    """Mail a link that signs in once, when the address is known; the same is done and said when it is not."""
    token = random_token()
    known = queries.known_mail(mail)
    link = SignInLink(
        mail=known or mail,
        mail_key=mail_key(mail),
        token_hash=token_hash(token),
        next_url=safe_path(next_url),
        expires_at=now + LINK_LIVES,
    )
    db.session.add(link)
    db.session.flush()
    if known:
        emails.sign_in_link(link, token, language=language, now=now)


@transaction()
def issue_link(account: Account, *, next_url: str | None, now: datetime) -> str:
    """A token that signs this account in once, to hand over or
    to whose address was confirmed just now; nothing is mailed.
    """
    token = random_token()
    hashed, path = token_hash(token), safe_path(next_url)
    whose = {"mail": account.mail, "mail_key": account.mail_key}
    db.session.add(SignInLink(**whose, token_hash=hashed, next_url=path, expires_at=now + LINK_LIVES))
    return token


@transaction()
def mail_links(mail: str, *, language: str, now: datetime) -> None:
    """Mail the secret links of this address to it; nothing
    is mailed when it has none, and the same is said.
    """
    links = queries.own_links(mail)
    if links:
        emails.own_links(queries.known_mail(mail) or mail, links, language=language, now=now)


@transaction()
def use_link(link: SignInLink, *, now: datetime) -> Account:
    """Use up the link; gives the account it signs in, made when the address is that of a person."""
    claim = (
        update(SignInLink)
        .where(SignInLink.id == link.id, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if not _changed(claim):
        raise Refusal(
            "link_used", N_("This link was used before or is older than 15 minutes. Ask for a new one.")
        )
    return account_for(link.mail, now=now)


@transaction()
def account_for(mail: str, *, now: datetime) -> Account:
    """The account of a verified address, made when new with the name of its person.

    Its persons are confirmed by this.
    """
    unsure = (Person.mail_key == mail_key(mail), Person.confirmed_at.is_(None))
    db.session.execute(update(Person).where(*unsure).values(confirmed_at=now))
    found = select(Account).where(Account.mail_key == mail_key(mail))
    account = db.session.scalar(found)
    if account is not None:
        return account
    person = db.session.scalar(
        select(Person).where(Person.mail_key == mail_key(mail)).order_by(Person.id).limit(1)
    )
    try:
        with attempt():
            account = Account(
                mail=mail,
                mail_key=mail_key(mail),
                name=person.name if person else "",
                language=person.language if person else "nl",
                made_at=now,
            )
            db.session.add(account)
            db.session.flush()
    except IntegrityError:
        account = db.session.scalars(found).one()
    return account


@transaction()
def change_profile(account: Account, *, name: str, language: str, now: datetime) -> None:
    """Change the name and the language of an account."""
    if name and name != account.name:
        check_name(name)
    was = {"name": account.name, "language": account.language}
    account.name, account.language = name, language
    db.session.flush()
    became = {"name": name, "language": language}
    changed = [key for key in was if was[key] != became[key]]
    if changed:
        before, after = ({key: values[key] for key in changed} for values in (was, became))
        _record("changed the profile of", account, now=now, before=before, after=after)


@transaction()
def set_password(account: Account, *, password_hash: str, now: datetime) -> None:
    """Set the password, end every session and every link, and
    forget the known devices; the account is told by mail.
    """
    account.password_hash = password_hash
    forget_devices(account)
    end_sessions(account)
    end_links(account)
    _record("set the password of", account, now=now)
    emails.password_set(account, now=now)


def _record(verb: str, account: Account, *, now: datetime, **values: Any) -> None:
    """A line in the log of the installation, and in that of each organiser for which this account works."""
    record(verb, account, organiser_id=None, by=account.id, at=now, words=account.mail, **values)
    works = (Staff.account_id == account.id, Staff.ended_at.is_(None))
    for staff in db.session.scalars(select(Staff).where(*works).order_by(Staff.id)):
        record(
            verb, staff, organiser_id=staff.organiser_id, by=account.id, at=now, words=account.mail, **values
        )


@transaction()
def end_sessions(account: Account, *, but: int | None = None) -> None:
    """Sign the account out on every device, at once; `but` is the id of the one sign-in that stays."""
    mine = update(SignIn).where(SignIn.account_id == account.id, SignIn.ended_at.is_(None))
    if but is not None:
        mine = mine.where(SignIn.id != but)
    db.session.execute(mine.values(ended_at=clock.now()).execution_options(synchronize_session=False))


@transaction()
def end_links(account: Account) -> None:
    """Mailed links of this account that nobody used yet sign nobody in any more."""
    open = update(SignInLink).where(SignInLink.mail_key == account.mail_key, SignInLink.used_at.is_(None))
    db.session.execute(open.values(used_at=clock.now()).execution_options(synchronize_session=False))


@transaction()
def forget_devices(account: Account) -> None:
    """Every browser is an unknown one for this account again."""
    account.epoch = Account.epoch + 1
    db.session.flush()
    db.session.refresh(account)


@transaction(aside=True)
def keep_stronger_hash(account: Account, *, password_hash: str) -> None:
    """Keep the same password under the present strength of hashing."""
    account.password_hash = password_hash


@transaction()
def tidy(*, now: datetime) -> None:
    """Remove links, counts and ended sign-ins that are of no use any more."""
    old = now - timedelta(days=1)
    db.session.execute(
        delete(SignIn).where(or_(SignIn.ended_at < old, SignIn.last_seen_at < now - SIGN_IN_LIVES))
    )
    db.session.execute(delete(SignInLink).where(SignInLink.expires_at < old))
    db.session.execute(delete(Throttle).where(Throttle.window_at < old))


def tidy_due() -> None:
    """What the worker does each sweep: tidy when there is something to tidy."""
    now = clock.now()
    old = now - timedelta(days=1)
    links = select(SignInLink.id).where(SignInLink.expires_at < old).limit(1)
    counts = select(Throttle.id).where(Throttle.window_at < old).limit(1)
    gone = (
        select(SignIn.id)
        .where(or_(SignIn.ended_at < old, SignIn.last_seen_at < now - SIGN_IN_LIVES))
        .limit(1)
    )
    if db.session.scalar(links) or db.session.scalar(counts) or db.session.scalar(gone):
        tidy(now=now)


def _changed(statement: Update) -> bool:
    result: Any = db.session.execute(statement)
    return bool(result.rowcount == 1)
