"""The mails about handing over delegations."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from learning.delegations.models import Delegation
from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.organisations.models import Organiser
from learning.people.models import Contact
from learning.releases.queries import current_picture


def taken_over(
    old: Contact, new: Contact, rows: Iterable[Delegation], organiser: Organiser, *, now: datetime
) -> None:
    """To who takes over: for what, and the way to it."""
    language = new.person.language
    lines = []
    for row in rows:
        picture = current_picture(row.programme_id)
        if picture is not None:
            url = absolute("delegations.show", id=row.id, lang=language)
            lines.append({"title": picture.title.pick(language), "url": url})
    values = {"lines": lines, "page_url": absolute("people.home", lang=language)}
    _tell("taken_over", old, new, values, organiser, now)


def handed_over(old: Contact, new: Contact, organiser: Organiser, *, now: datetime) -> None:
    """To who hands over: it is done, and who does it now."""
    _tell("handed_over", new, old, {}, organiser, now)


def _tell(
    template: str, other: Contact, to: Contact, values: dict[str, Any], organiser: Organiser, now: datetime
) -> None:
    queue(
        f"delegations/{template}",
        to=to.person.mail,
        name=to.person.called,
        language=to.person.language,
        values={
            "other": other.person.name if to.person.confirmed_at is not None else "",
            "organisation": to.organisation.name,
            "organiser": organiser.name,
            "sender": organiser.name,
            "reply_to": organiser.mail,
            **values,
        },
        once=f"{template}-{to.id}-{other.id}-{now.isoformat()}",
        organiser_id=organiser.id,
        now=now,
    )
