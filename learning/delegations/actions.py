"""Registering a delegation, and who goes to which meeting."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update

from learning.attendance.actions import leave, register_for
from learning.attendance.happenings import RegistrationEnded
from learning.attendance.models import Registration
from learning.delegations import emails
from learning.delegations.models import Delegation, Nomination
from learning.delegations.naming import (
    came_late,
    check_counts,
    check_meeting,
    check_not_sent,
    nominated,
    person_named,
    sent_to,
    still_running,
)
from learning.delegations.passing_on import seats_at
from learning.delegations.rules import free_chair
from learning.kit.db import db, lock, transaction
from learning.kit.names import check_reference
from learning.kit.trail import record
from learning.organisations.queries import check_open_organiser
from learning.people.actions import confirm_person
from learning.people.models import Account
from learning.people.tries import note_written, take_written
from learning.releases.places import hold as hold_meetings


@transaction()
def nominate(
    delegation: Delegation,
    meeting_id: int,
    *,
    name: str,
    mail: str,
    capacity: str,
    by: Account,
    now: datetime,
    late: bool = False,
) -> Nomination:
    """The delegation sends this person to this meeting. `late` is for staff: after the deadline too."""
    [delegation] = lock(Delegation, [delegation.id])
    hold_meetings([meeting_id])
    check_counts(delegation)
    seats, sent = seats_at(delegation, meeting_id), sent_to(delegation.id, meeting_id)
    passed_on = len(sent) < seats and came_late(delegation, meeting_id)
    check_meeting(delegation, meeting_id, now=now, late=late or passed_on)
    chair = free_chair(list(sent), seats, [sent[chair] for chair in sorted(sent)])
    person = person_named(delegation, name, mail)
    check_not_sent(delegation, meeting_id, person)
    registration = register_for(
        delegation.programme_id,
        person,
        organisation_id=delegation.organisation_id,
        price=None,
        confirmed=True,
        now=now,
        meeting_ids=[meeting_id],
    )
    nomination = nominated(delegation, meeting_id, person, registration.id, capacity, chair, seats, now)
    record("nominated", nomination, organiser_id=delegation.organiser_id, by=by.id, at=now, words=name)
    take_written(person.mail, by=by, now=now)
    emails.nominated(nomination, now=now)
    return nomination


@transaction()
def write_letters(
    to: Iterable[Delegation], subject: str, text: str, key: str, *, by: Account, now: datetime
) -> None:
    """Mail what staff wrote to these contact persons; one with several delegations gets it for each.

    Once for each `key`.
    """
    for delegation in to:
        emails.letter(delegation, subject, text, key, now=now)
        record(
            "written to", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now, words=subject
        )


@transaction()
def set_reference(
    delegation: Delegation, *, order_ref: str, buyer_ref: str, by: Account, now: datetime
) -> None:
    """Under which number or words the organisation recognises its invoice; what is issued stays as it is."""
    check_open_organiser(delegation.organiser_id)
    [delegation] = lock(Delegation, [delegation.id])
    for field, said in (("order_ref", order_ref), ("buyer_ref", buyer_ref)):
        if said != getattr(delegation, field):
            check_reference(said, field)
    delegation.order_ref, delegation.buyer_ref = order_ref, buyer_ref
    db.session.flush()
    record(
        "gave a reference",
        delegation,
        organiser_id=delegation.organiser_id,
        by=by.id,
        at=now,
        words=order_ref or buyer_ref,
    )


@transaction()
def withdraw_nomination(nomination: Nomination, *, by: Account, now: datetime, late: bool = False) -> None:
    """Nobody comes on this chair; the person is told."""
    [delegation] = lock(Delegation, [nomination.delegation_id])
    hold_meetings([nomination.meeting_id])
    old = still_running(nomination)
    check_meeting(delegation, old.meeting_id, now=now, late=late)
    old.ended_at, old.end_reason = now, "withdrawn"
    db.session.flush()
    leave(old.registration, old.meeting_id, now=now)
    record("withdrawn", old, organiser_id=delegation.organiser_id, by=by.id, at=now, words=old.person.name)
    note_written(old.person.mail, now=now)
    emails.not_needed(old, now=now)


@transaction()
def nominate_all(
    delegation: Delegation,
    meeting_id: int,
    people: Iterable[tuple[str, str, str]],
    *,
    by: Account,
    now: datetime,
) -> list[Nomination]:
    """Send all of these to a meeting, as (name, mail,
    capacity), or nobody: a Refusal names who does not fit.
    """
    return [
        nominate(delegation, meeting_id, name=name, mail=mail, capacity=capacity, by=by, now=now)
        for name, mail, capacity in people
    ]


@transaction()
def repeat_team(
    delegation: Delegation, from_meeting_id: int, meeting_id: int, *, by: Account, now: datetime
) -> list[Nomination]:
    """Send who went to an earlier meeting to this one too,
    as far as they are not sent yet and there are places.
    """
    [delegation] = lock(Delegation, [delegation.id])
    then = (Nomination.delegation_id == delegation.id, Nomination.meeting_id == from_meeting_id)
    team = select(Nomination).where(*then, Nomination.ended_at.is_(None)).order_by(Nomination.chair)
    here = (Nomination.meeting_id == meeting_id, Nomination.ended_at.is_(None))
    people = set(db.session.scalars(select(Nomination.person_id).where(*here)))
    made: list[Nomination] = []
    for old in db.session.scalars(team).all():
        if old.person_id in people:
            continue
        if made and len(sent_to(delegation.id, meeting_id)) >= seats_at(delegation, meeting_id):
            break
        person = old.person
        again = nominate(
            delegation, meeting_id, name=person.name, mail=person.mail, capacity=old.capacity, by=by, now=now
        )
        made.append(again)
    return made


@transaction()
def answer(nomination: Nomination, *, comes: bool, now: datetime) -> None:
    """The person who is sent says whether they come.

    Not coming frees the chair, and the contact person is told.

    Only the start of the meeting ends this: somebody can fall ill after the deadline for names.
    """
    [delegation] = lock(Delegation, [nomination.delegation_id])
    hold_meetings([nomination.meeting_id])
    mine = still_running(nomination)
    check_meeting(delegation, mine.meeting_id, now=now, late=True)
    if comes:
        check_open_organiser(delegation.organiser_id)
        if mine.accepted_at is None:
            mine.accepted_at = now
            db.session.flush()
            record(
                "accepted",
                mine,
                organiser_id=delegation.organiser_id,
                by=None,
                at=now,
                words=mine.person.name,
            )
        return
    mine.ended_at, mine.end_reason = now, "declined"
    db.session.flush()
    leave(mine.registration, mine.meeting_id, now=now)
    record("declined", mine, organiser_id=delegation.organiser_id, by=None, at=now, words=mine.person.name)
    emails.dropped_out(mine, now=now)


@transaction()
def answer_all(
    registration: Registration, answers: Mapping[int, bool], *, diet: str, access_needs: str, now: datetime
) -> None:
    """What somebody who is sent says: for each nomination whether they come, and what they need."""
    mine = (
        Nomination.registration_id == registration.id,
        Nomination.id.in_(answers),
        Nomination.ended_at.is_(None),
    )
    nominations = db.session.scalars(select(Nomination).where(*mine).order_by(Nomination.id)).all()
    lock(Delegation, [nomination.delegation_id for nomination in nominations])
    hold_meetings([nomination.meeting_id for nomination in nominations])
    registration.diet, registration.access_needs = diet, access_needs
    confirm_person(registration.person, now=now)
    for nomination in nominations:
        comes = answers[nomination.id]
        if not (comes and nomination.accepted_at):
            answer(nomination, comes=comes, now=now)
    db.session.flush()


@transaction()
def end_nominations(happening: RegistrationEnded) -> None:
    """Who withdrew is not sent any more: the chairs are free for others, and the contact person is told."""
    now = happening.now
    mine = (Nomination.registration_id == happening.registration.id, Nomination.ended_at.is_(None))
    claim = (
        update(Nomination).where(*mine).values(ended_at=now, end_reason="withdrawn").returning(Nomination.id)
    )
    ended = sorted(db.session.scalars(claim.execution_options(synchronize_session=False)))
    rows = select(Nomination).where(Nomination.id.in_(ended)).order_by(Nomination.id)
    for nomination in db.session.scalars(rows.execution_options(populate_existing=True)).all():
        delegation = nomination.delegation
        words = nomination.person.name
        record("withdrawn", nomination, organiser_id=delegation.organiser_id, by=None, at=now, words=words)
        emails.dropped_out(nomination, now=now)
