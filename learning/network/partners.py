"""Partners of the network: one more year, and a word in time before a partnership ends."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from learning.desk.kind import KINDS
from learning.desk.reading import mark, shown
from learning.desk.saving import hold, save
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.jobs import each_due
from learning.kit.wording import N_
from learning.network import partner_emails as emails
from learning.organisations.models import Organisation, Organiser, Partnership
from learning.people.contacts import contacts_of

REMINDERS = (60, 14)  # days before the last day
NAMES = ("organisation_id", "from_on", "until_on", "level")


@transaction()
def extend(organiser_id: int, id: int, seen: str, *, by: int, now: datetime) -> Partnership:
    """One more year; who was a partner before, is one for a year from today.

    `seen` is the last day that the page showed.
    """
    hold(organiser_id, None)
    row = db.session.get_one(Partnership, id, populate_existing=True)
    if row.until_on is None:
        raise Refusal("no_end", N_("This partnership has no last day. So there is nothing to extend."))
    if row.until_on.isoformat() != seen:
        words = N_("Somebody changed this a moment ago: the last day is %(day)s now.")
        raise Refusal("changed_meanwhile", words, day=row.until_on.isoformat())
    today = clock.local(now).date()
    values: dict[str, Any] = {name: getattr(row, name) for name in NAMES}
    over = row.until_on < today
    values |= (
        {"from_on": today, "until_on": _year_after(today)}
        if over
        else {"until_on": _year_after(row.until_on + ONE_DAY)}
    )
    now_there = mark(shown(row, NAMES)) if not over else ""
    kind = KINDS["partnerships"]
    done: Partnership = save(
        kind, organiser_id, None, None if over else id, values, seen=now_there, by=by, now=now
    )
    return done


ONE_DAY = timedelta(days=1)


def _year_after(day: date) -> date:
    """The last day of the year that begins on this day."""
    try:
        return day.replace(year=day.year + 1) - ONE_DAY
    except ValueError:  # 29 February
        return date(day.year + 1, 2, 28)


def remind_due() -> None:
    """What the worker does each sweep, once a day: mails about partnerships that end."""
    now = clock.now()
    with of(current_app).memory.turn(remind, ONE_DAY, now=now) as due:
        if due:
            remind(now=now)


def remind(*, now: datetime) -> None:
    """Mail contacts once for each reminder of a partnership
    that ends, and each organiser a list of those once a week.
    """
    ids = {row.organiser_id for row in ending_within(clock.local(now).date(), REMINDERS[0])}
    each_due("partnerships of organiser", sorted(ids), lambda id: _remind(id, now=now))


@transaction()
def _remind(organiser_id: int, *, now: datetime) -> None:
    today, organiser = clock.local(now).date(), db.session.get_one(Organiser, organiser_id)
    ending = [row for row in ending_within(today, REMINDERS[0]) if row.organiser_id == organiser_id]
    for row in ending:
        assert row.until_on is not None
        days = min(day for day in REMINDERS if (row.until_on - today).days <= day)
        for contact in contacts_of(row.organisation_id):
            emails.ends(row, contact.person, organiser, days, now=now)
    emails.digest(organiser, ending, today, now=now)


def ending_within(today: date, days: int) -> list[Partnership]:
    """The partnerships whose last day comes within so many
    days and that no other one follows, the first to end first.
    """
    after = aliased(Partnership)
    later = or_(after.until_on.is_(None), after.until_on > Partnership.until_on)
    followed = select(after.id).where(after.organisation_id == Partnership.organisation_id, later).exists()
    soon = (Partnership.until_on >= today, Partnership.until_on <= today + timedelta(days=days))
    query = (
        select(Partnership)
        .join(Organisation, Organisation.id == Partnership.organisation_id)
        .where(*soon, ~followed)
    )
    query = query.options(joinedload(Partnership.organisation))
    return list(
        db.session.scalars(query.order_by(Partnership.until_on, Organisation.sort_key, Partnership.id))
    )
