"""Somebody else comes in the place of who was named, at once or when staff say yes."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from learning.attendance.actions import hand_over
from learning.delegations import emails
from learning.delegations.models import Delegation, Nomination, SubstituteRequest
from learning.delegations.naming import (
    check_counts,
    check_meeting,
    check_not_sent,
    nominated,
    person_named,
    still_running,
)
from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.names import check_name
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.people.models import Account
from learning.people.tries import note_written, take_written
from learning.releases.picture import ProgrammePicture
from learning.releases.places import hold as hold_meetings
from learning.releases.queries import current_picture


@transaction()
def substitute(
    nomination: Nomination,
    *,
    name: str,
    mail: str,
    capacity: str,
    by: Account,
    now: datetime,
    late: bool = False,
) -> Nomination:
    """Somebody else comes, on the same chair and with the same seats; both nominations stay on record."""
    [delegation] = lock(Delegation, [nomination.delegation_id])
    hold_meetings([nomination.meeting_id])
    check_counts(delegation)
    old = still_running(nomination)
    _check_substitute(delegation, old.meeting_id, now=now, late=late)
    person = person_named(delegation, name, mail)
    if person.id == old.person_id:
        raise Refusal("same_person", N_("This person is sent already. Name somebody else."), "name")
    check_not_sent(delegation, old.meeting_id, person)
    old.ended_at, old.end_reason = now, "substituted"
    db.session.flush()
    registration = hand_over(
        old.registration, person, old.meeting_id, organisation_id=delegation.organisation_id, now=now
    )
    new = nominated(
        delegation, old.meeting_id, person, registration.id, capacity, old.chair, old.chairs, now, old.id
    )
    words = f"{old.person.name} → {name}"
    record("substituted", new, organiser_id=delegation.organiser_id, by=by.id, at=now, words=words)
    note_written(old.person.mail, now=now)
    emails.not_needed(old, now=now)
    take_written(person.mail, by=by, now=now)
    emails.nominated(new, now=now)
    return new


@transaction()
def ask_substitute(
    nomination: Nomination, *, name: str, mail: str, capacity: str, by: Account, now: datetime
) -> SubstituteRequest:
    """After the deadline somebody else should come: staff say yes or no. Until then who is sent comes."""
    [delegation] = lock(Delegation, [nomination.delegation_id])
    hold_meetings([nomination.meeting_id])
    check_counts(delegation)
    old = still_running(nomination)
    check_meeting(delegation, old.meeting_id, now=now, late=True)
    check_name(name)
    asked = SubstituteRequest(
        nomination_id=old.id, name=name, mail=mail, capacity=capacity, account_id=by.id, at=now
    )
    try:
        with attempt():
            db.session.add(asked)
            db.session.flush()
    except IntegrityError:
        words = N_("A substitute for %(name)s is asked for already. The organiser still has to say yes.")
        raise Refusal("asked_already", words, name=old.person.name) from None
    words = f"{old.person.name} → {name}"
    record(
        "asked for a substitute", asked, organiser_id=delegation.organiser_id, by=by.id, at=now, words=words
    )
    emails.substitute_asked(asked, now=now)
    return asked


@transaction()
def decide_substitute(asked: SubstituteRequest, *, yes: bool, by: Account, now: datetime) -> None:
    """Staff let the substitute come, or not; the contact person is told."""
    nomination = asked.nomination
    [delegation] = lock(Delegation, [nomination.delegation_id])
    hold_meetings([nomination.meeting_id])
    db.session.refresh(asked)
    if asked.decided_at is not None:
        raise Refusal("decided_already", N_("Somebody decided this a moment ago."))
    asked.decided_at, asked.decision = now, "accepted" if yes else "refused"
    if yes:
        who = {"name": asked.name, "mail": asked.mail, "capacity": asked.capacity}
        substitute(nomination, **who, by=by, now=now, late=True)
    db.session.flush()
    record(asked.decision, asked, organiser_id=delegation.organiser_id, by=by.id, at=now, words=asked.name)
    emails.substitute_decided(asked, now=now)


def _check_substitute(delegation: Delegation, meeting_id: int, *, now: datetime, late: bool) -> None:
    """Whether somebody else may come still, by what was
    released; `late` is for staff, and for what they said yes to.
    """
    picture = current_picture(delegation.programme_id)
    if not late and picture is not None and staff_decide(picture, meeting_id, now=now):
        words = N_("The deadline has passed: the organiser says yes to each substitute now. Ask for one.")
        raise Refusal("staff_decide", words)
    allowed = picture is not None and bool(picture.late_substitutes)
    check_meeting(delegation, meeting_id, now=now, late=late or allowed)


def staff_decide(picture: ProgrammePicture, meeting_id: int, *, now: datetime) -> bool:
    """The deadline for names of this meeting is over, and staff say yes to each substitute."""
    meeting = picture.meeting.get(meeting_id)
    closes = meeting.nominations_close_at if meeting else None
    return picture.substitutes_approved and closes is not None and closes <= now
