"""The personal calendars of registrations: when they changed, and a new secret address."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from learning.attendance.models import Registration
from learning.attendance.tokens import keep_hashes
from learning.kit.db import db, hold, in_portions, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_


@transaction()
def touch_feed(registration: Registration, *, now: datetime) -> None:
    """Note that what this person's calendar shows has changed."""
    statement = (
        update(Registration)
        .where(Registration.id == registration.id)
        .values(feed_revision=Registration.feed_revision + 1, feed_changed_at=now)
        .returning(Registration.feed_revision)
    )
    revision = db.session.scalars(statement.execution_options(synchronize_session=False)).one()
    set_committed_value(registration, "feed_revision", revision)
    set_committed_value(registration, "feed_changed_at", now)


@transaction()
def touch_feeds(registrations: Iterable[Registration], *, now: datetime) -> None:
    """The same for many: they are held in the order of their ids, and changed together."""
    rows = {registration.id: registration for registration in registrations}
    for ids in in_portions(sorted(rows)):
        hold(select(Registration.id).where(Registration.id.in_(ids)).order_by(Registration.id))
        changed = (
            update(Registration)
            .where(Registration.id.in_(ids))
            .values(feed_revision=Registration.feed_revision + 1, feed_changed_at=now)
            .returning(Registration.id, Registration.feed_revision)
        )
        done = db.session.execute(changed.execution_options(synchronize_session=False))
        for id, revision in done.all():
            set_committed_value(rows[id], "feed_revision", revision)
            set_committed_value(rows[id], "feed_changed_at", now)


@transaction()
def renew_feed(registration: Registration, *, now: datetime) -> None:
    """Give the calendar feed a new secret address; the old one stops working."""
    hold_registration(registration)
    registration.feed_epoch += 1
    keep_hashes(registration)
    registration.feed_changed_at = now
    note("renewed the calendar of", registration, now)


def note(verb: str, registration: Registration, now: datetime) -> None:
    """A line in the log: the person did this by their own link."""
    record(
        verb,
        registration,
        organiser_id=registration.organiser_id,
        by=None,
        at=now,
        words=registration.person.name,
    )


def hold_registration(registration: Registration) -> None:
    """Keep the registration from ending while we change what it is expected at."""
    live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
    query = select(Registration.id).where(Registration.id == registration.id, *live)
    if not hold(query):
        raise Refusal("registration_ended", N_("This registration has ended."))
