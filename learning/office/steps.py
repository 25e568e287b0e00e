"""The things to begin with at a new organiser, each
ticked by what is there: nobody ticks anything by hand.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import func, or_, select

from learning.billing.queries import missing_identity
from learning.kit import clock
from learning.kit.db import db
from learning.kit.installation import of
from learning.kit.wording import N_
from learning.mail.models import Message
from learning.office.actions import settle
from learning.office.emails import TRIAL
from learning.office.health import Finding, look
from learning.office.rules import trouble_of
from learning.organisations.models import Organiser
from learning.people.models import Account, Staff
from learning.people.roles import ADMIN
from learning.programmes.models import Programme
from learning.releases.models import Release

LOOK_AGAIN = 60.0  # seconds between two looks at the machine for organisers of which all else is done


@dataclass(frozen=True)
class Step:
    """One thing to begin with. `words` is a sentence with `values` that says how it stands.

    `parts` are words that are listed behind it, each a sentence to translate.
    """

    key: str
    title: str
    done: bool
    words: str
    values: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()


def steps(organiser: Organiser, account: Account | None = None) -> list[Step]:
    """All of them in the order in which they are best done, as this person may know them."""
    found = {finding.key: finding for finding in look()}
    return [
        Step("organiser", N_("Organiser"), True, "%(name)s", (("name", organiser.name),)),
        mail(account),
        _of_machine(
            found.get("worker"), "worker", N_("Worker"),
            N_("It runs"), N_("Not seen: nothing is mailed and no document is made"),
        ),
        *own_steps(organiser),
        _of_machine(
            found.get("backup"), "backup", N_("Backup"), N_("There is a recent one"), N_("None was made yet"),
        ),
    ]  # fmt: skip


def own_steps(organiser: Organiser) -> list[Step]:
    """Those that the organiser itself does, in few queries."""
    return [_colleagues(organiser), _identity(organiser), _programme(organiser)]


def last_trial(account: Account) -> Message | None:
    """The newest mail by which this person tried whether
    mail works; that of another is nobody else's business.
    """
    mine = (Message.template == TRIAL, Message.address == account.mail)
    return db.session.scalar(select(Message).where(*mine).order_by(Message.id.desc()).limit(1))


def mail(account: Account | None = None) -> Step:
    """Mail works: the mail server took the newest trial of whatever
    organiser that has an outcome, for there is one server.

    The address and the time are told to whose trial it was.
    """
    known = (Message.template == TRIAL, or_(Message.sent_at.is_not(None), Message.tries > 0))
    newest = db.session.scalar(select(Message).where(*known).order_by(Message.id.desc()).limit(1))
    if newest is not None and newest.sent_at is None:
        return Step("mail", N_("Mail"), False, trouble_of(newest.error))
    if newest is not None and newest.sent_at is not None:
        if account is None or newest.address != account.mail:
            return Step("mail", N_("Mail"), True, N_("Mail works"))
        values = (("address", newest.address), ("time", f"{clock.local(newest.sent_at):%H:%M}"))
        return Step("mail", N_("Mail"), True, N_("Sent to %(address)s at %(time)s"), values)
    if account is not None and last_trial(account) is not None:
        return Step("mail", N_("Mail"), False, N_("Under way to %(address)s"), (("address", account.mail),))
    return Step("mail", N_("Mail"), False, N_("Send one to yourself"))


def _of_machine(finding: Finding | None, key: str, title: str, good: str, bad: str) -> Step:
    done = finding is not None and finding.state == "good"
    words = (good if done else bad) if finding is None or done else finding.words
    return Step(key, title, done, words, finding.values if finding is not None else ())


def _colleagues(organiser: Organiser) -> Step:
    working = (Staff.organiser_id == organiser.id, Staff.ended_at.is_(None), Staff.role == ADMIN)
    count = db.session.scalar(select(func.count()).select_from(Staff).where(*working)) or 0
    enough, alone = (
        N_("%(count)s administrators work here"),
        N_("Invite a second administrator, who can stand in for you"),
    )
    words = enough if count > 1 else alone
    return Step("colleagues", N_("Colleagues"), count > 1, words, (("count", str(count)),))


def _identity(organiser: Organiser) -> Step:
    missing = tuple(gap.words for gap in missing_identity(organiser))
    words = N_("Details that are missing: %(count)s") if missing else N_("Complete: you can send invoices")
    return Step("identity", N_("Invoices"), not missing, words, (("count", str(len(missing))),), missing)


def _programme(organiser: Organiser) -> Step:
    mine = select(Programme.id).where(Programme.organiser_id == organiser.id)
    any_made = db.session.scalar(mine.limit(1)) is not None
    released = (
        any_made
        and db.session.scalar(select(Release.id).where(Release.programme_id.in_(mine)).limit(1)) is not None
    )
    words = (
        N_("Published")
        if released
        else N_("Made, not published yet")
        if any_made
        else N_("Make your first one")
    )
    return Step("programme", N_("Programme"), any_made, words)


def settle_due(now: datetime | None = None, *, all_of: Callable[[Organiser], list[Step]] = steps) -> None:
    """What the worker does each sweep: where everything is done, the list is put away by itself."""
    waiting = select(Organiser).where(Organiser.settled_at.is_(None), Organiser.closed_at.is_(None))
    ready = [
        organiser
        for organiser in db.session.scalars(waiting)
        if all(step.done for step in own_steps(organiser))
    ]
    if ready and _time_to_look():
        for organiser in ready:
            if all(step.done for step in all_of(organiser)):
                settle(organiser.id, by=None, now=now or clock.now())


def _time_to_look(ticking: Callable[[], float] = time.monotonic) -> bool:
    """Whether the machine was not looked at for a while; looking may ask the mail server something."""
    kept, at = of(current_app).memory.one(Looked), ticking()
    if at < kept.at + LOOK_AGAIN:
        return False
    kept.at = at
    return True


@dataclass
class Looked:
    """When this worker looked at the machine last, by its own clock."""

    at: float = float("-inf")
