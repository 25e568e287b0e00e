"""The mails of the installation: invitations, news of closing, and the mail that shows that mail works."""

from datetime import datetime
from typing import Any

from learning.kit.links import absolute
from learning.kit.wording import Wording
from learning.mail.actions import queue
from learning.mail.models import Message
from learning.office.models import Owner
from learning.organisations.models import Organiser
from learning.people.models import Account, Staff

TRIAL = "office/trial"


def trial(account: Account, organiser: Organiser, *, now: datetime) -> Message:
    """A mail to oneself: when it arrives, mail works."""
    once = f"trial-{account.id}-{now.isoformat()}"
    return _to(account, TRIAL, once, now, {"organiser": organiser.name}, organiser)


def owner_invited(owner: Owner, *, by: str, now: datetime) -> Message:
    """Somebody owns the installation from now on."""
    page = {"page_url": _page_of(owner.account, "/installation/"), "mail": owner.account.mail, "by": by}
    return _to(owner.account, "office/owner_invited", f"owner-{owner.id}", now, page)


def owner_removed(owner: Owner, *, now: datetime) -> Message:
    """Somebody does not own the installation any more."""
    return _to(owner.account, "office/owner_removed", f"owner-{owner.id}-ended", now, {})


def admin_invited(staff: Staff, organiser: Organiser, *, by: str, now: datetime) -> Message:
    """Somebody is the first administrator of a new organiser."""
    account = staff.account
    page = {"organiser": organiser.name, "mail": account.mail, "by": by}
    page["page_url"] = _page_of(account, f"/manage/{organiser.slug}/")
    return _to(account, "office/admin_invited", f"admin-{staff.id}", now, page, organiser)


def closed(account: Account, organiser: Organiser, *, now: datetime) -> Message:
    """The organiser for which this account works is closed, in the words of who closed it."""
    return _told(account, organiser, "office/closed", organiser.closing, now)


def reopened(account: Account, organiser: Organiser, *, now: datetime) -> Message:
    """The organiser for which this account works is open again."""
    return _told(account, organiser, "office/reopened", Wording(), now)


def _told(account: Account, organiser: Organiser, template: str, note: Wording, now: datetime) -> Message:
    page = {"organiser": organiser.name, "note": note.pick(account.language)}
    page["page_url"] = absolute("programmes_desk.overview", organiser=organiser.slug)
    return _to(
        account, template, f"{template}-{organiser.id}-{account.id}-{now.isoformat()}", now, page, organiser
    )


def _page_of(account: Account, path: str) -> str:
    """Where somebody signs in and goes on to a page."""
    return absolute("people.sign_in", lang=account.language, next=path)


def _to(
    account: Account,
    template: str,
    once: str,
    now: datetime,
    values: dict[str, Any],
    organiser: Organiser | None = None,
) -> Message:
    return queue(
        template,
        to=account.mail,
        name=account.name,
        language=account.language,
        values=values,
        once=once,
        organiser_id=organiser.id if organiser is not None else None,
        now=now,
    )
