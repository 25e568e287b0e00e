"""The mails about partnerships that end."""

from collections.abc import Iterable
from datetime import date, datetime

from babel.dates import format_date

from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.organisations.models import Organiser, Partnership
from learning.people.models import Person
from learning.people.rules import mail_key


def ends(row: Partnership, person: Person, organiser: Organiser, days: int, *, now: datetime) -> None:
    """To a contact of the organisation: until when it is a partner, what that gives, and how it goes on."""
    language = person.language
    queue(
        "network/partnership_ends",
        to=person.mail,
        name=person.called,
        language=language,
        values={
            "organisation": row.organisation.name,
            "organiser": organiser.name,
            "network": organiser.network.pick(language),
            "until": _day(row.until_on, language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
        },
        once=f"partner-ends-{row.id}-{row.until_on}-{days}-{mail_key(person.mail)}",
        organiser_id=organiser.id,
        now=now,
    )


def digest(organiser: Organiser, rows: Iterable[Partnership], today: date, *, now: datetime) -> None:
    """To the organiser: all partnerships that end, once a week."""
    if not organiser.mail:
        return
    year, week, _day_of_week = today.isocalendar()
    queue(
        "network/partnerships_end",
        to=organiser.mail,
        name=organiser.name,
        language="nl",
        values={
            "lines": [f"{row.organisation.name}: {_day(row.until_on, 'nl')}" for row in rows],
            "page_url": absolute("desk.shared", organiser=organiser.slug, key="partnerships"),
            "sender": organiser.name,
        },
        once=f"partners-end-{organiser.id}-{year}-{week}",
        organiser_id=organiser.id,
        now=now,
    )


def _day(day: date | None, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language) if day else ""
