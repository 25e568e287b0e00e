"""Reminders of places that are open before a deadline."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from learning.delegations import emails
from learning.delegations.models import Delegation, Nomination
from learning.delegations.passing_on import seats_moved
from learning.delegations.rules import reminder_of
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.kit.installation import of
from learning.kit.jobs import each_due
from learning.mail.actions import all_at_once
from learning.releases.queries import current_picture


def remind_due() -> None:
    """What the worker does each sweep, once an hour: mails
    contact persons about places that are open before a deadline.
    """
    now = clock.now()
    with of(current_app).memory.turn(remind, timedelta(hours=1), now=now) as due:
        if due:
            remind(now=now)


def remind(*, now: datetime) -> None:
    """Mail each contact person once for each reminder and
    meeting where places are open; the released deadline decides.
    """
    live = (Delegation.confirmed_at.is_not(None), Delegation.ended_at.is_(None))
    ids = sorted(db.session.scalars(select(Delegation.programme_id).where(*live).distinct()))
    each_due("reminders of programme", ids, lambda id: _remind(id, now=now))


@transaction()
def _remind(programme_id: int, *, now: datetime) -> None:
    picture = current_picture(programme_id)
    if picture is None or picture.cancelled:
        return
    wanted = [int(day) for day in picture.reminder_days]
    due = [
        (meeting, days)
        for meeting in picture.meetings
        if not meeting.cancelled
        and (days := reminder_of(now, meeting.nominations_close_at, wanted)) is not None
    ]
    if not due:
        return
    live = (Delegation.confirmed_at.is_not(None), Delegation.ended_at.is_(None))
    mine = select(Delegation).where(*live, Delegation.programme_id == programme_id).order_by(Delegation.id)
    delegations = list(db.session.scalars(mine.options(*emails.LOADS)))
    key = (Nomination.delegation_id, Nomination.meeting_id)
    here = (Nomination.programme_id == programme_id, Nomination.ended_at.is_(None))
    sent = {
        (row[0], row[1]): row[2]
        for row in db.session.execute(select(*key, func.count()).where(*here).group_by(*key))
    }
    moved = seats_moved(programme_id)
    with all_at_once():
        for meeting, days in due:
            for delegation in delegations:
                at = (delegation.id, meeting.id)
                places = delegation.seats_max + moved[at] - sent.get(at, 0)
                if places > 0:
                    emails.reminder(delegation, picture, meeting, places, days, now=now)
