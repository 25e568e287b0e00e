"""Registering a delegation, and who goes to which meeting."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from learning.attendance.actions import hand_over, leave, register_for
from learning.attendance.happenings import RegistrationEnded
from learning.attendance.models import Registration
from learning.delegations import emails
from learning.delegations.models import Delegation, Nomination, SubstituteRequest
from learning.delegations.passing_on import got_since, seats_at
from learning.delegations.rules import check_nominations_open, free_chair, reminder_of
from learning.kit import clock
from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.jobs import each_due
from learning.kit.names import check_name, check_reference
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.queries import check_open_organiser
from learning.people.actions import confirm_person, person_for
from learning.people.models import Account, Person
from learning.people.tries import note_written, take_written
from learning.releases.picture import ProgrammePicture
from learning.releases.places import hold as hold_meetings
from learning.releases.queries import current_picture


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
    _check_counts(delegation)
    seats, sent = seats_at(delegation, meeting_id), _sent(delegation.id, meeting_id)
    passed_on = len(sent) < seats and _came_late(delegation, meeting_id)
    _check_meeting(delegation, meeting_id, now=now, late=late or passed_on)
    chair = free_chair(list(sent), seats, [sent[chair] for chair in sorted(sent)])
    person = _person(delegation, name, mail)
    _check_not_sent(delegation, meeting_id, person)
    registration = register_for(
        delegation.programme_id,
        person,
        organisation_id=delegation.organisation_id,
        price=None,
        confirmed=True,
        now=now,
        meeting_ids=[meeting_id],
    )
    nomination = _nominated(delegation, meeting_id, person, registration.id, capacity, chair, seats, now)
    record("nominated", nomination, organiser_id=delegation.organiser_id, by=by.id, at=now, words=name)
    take_written(person.mail, by=by, now=now)
    emails.nominated(nomination, now=now)
    return nomination


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
    _check_counts(delegation)
    old = _still_running(nomination)
    _check_substitute(delegation, old.meeting_id, now=now, late=late)
    person = _person(delegation, name, mail)
    if person.id == old.person_id:
        raise Refusal("same_person", N_("This person is sent already. Name somebody else."), "name")
    _check_not_sent(delegation, old.meeting_id, person)
    old.ended_at, old.end_reason = now, "substituted"
    db.session.flush()
    registration = hand_over(
        old.registration, person, old.meeting_id, organisation_id=delegation.organisation_id, now=now
    )
    new = _nominated(
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
    _check_counts(delegation)
    old = _still_running(nomination)
    _check_meeting(delegation, old.meeting_id, now=now, late=True)
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
    old = _still_running(nomination)
    _check_meeting(delegation, old.meeting_id, now=now, late=late)
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
        if made and len(_sent(delegation.id, meeting_id)) >= seats_at(delegation, meeting_id):
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
    mine = _still_running(nomination)
    _check_meeting(delegation, mine.meeting_id, now=now, late=True)
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


def remind_due() -> None:
    """What the worker does each sweep, once an hour: mails
    contact persons about places that are open before a deadline.
    """
    now = clock.now()
    if of(current_app).memory.turn(remind, timedelta(hours=1), now=now):
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
    live = (Delegation.confirmed_at.is_not(None), Delegation.ended_at.is_(None))
    picture = current_picture(programme_id)
    if picture is None or picture.cancelled:
        return
    for meeting in picture.meetings:
        days = reminder_of(now, meeting.nominations_close_at, [int(day) for day in picture.reminder_days])
        if days is None or meeting.cancelled:
            continue
        here = (Nomination.meeting_id == meeting.id, Nomination.ended_at.is_(None))
        sent = select(Nomination.delegation_id, func.count()).where(*here).group_by(Nomination.delegation_id)
        counts = {row[0]: row[1] for row in db.session.execute(sent)}
        mine = (
            select(Delegation).where(*live, Delegation.programme_id == programme_id).order_by(Delegation.id)
        )
        for delegation in db.session.scalars(mine):
            places = seats_at(delegation, meeting.id) - counts.get(delegation.id, 0)
            if places > 0:
                emails.reminder(delegation, meeting, places, days, now=now)


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


def _check_counts(delegation: Delegation) -> None:
    check_open_organiser(delegation.organiser_id)
    if delegation.ended_at is not None:
        raise Refusal("delegation_ended", N_("This delegation has ended."))
    if delegation.confirmed_at is None:
        raise Refusal("not_confirmed", N_("The organiser has to confirm this delegation first."))


def _came_late(delegation: Delegation, meeting_id: int) -> bool:
    """A seat came after the deadline for names, and nobody was named for it yet."""
    picture = current_picture(delegation.programme_id)
    meeting = picture.meeting.get(meeting_id) if picture else None
    closes = meeting.nominations_close_at if meeting else None
    came = got_since(delegation.id, meeting_id, closes) if closes is not None else 0
    if not came:
        return False
    here = (
        Nomination.delegation_id == delegation.id,
        Nomination.meeting_id == meeting_id,
        Nomination.ended_at.is_(None),
    )
    late = (Nomination.made_at >= closes, Nomination.substitute_for_id.is_(None))
    return (db.session.scalar(select(func.count()).where(*here, *late)) or 0) < came


def _check_meeting(delegation: Delegation, meeting_id: int, *, now: datetime, late: bool) -> None:
    picture = current_picture(delegation.programme_id)
    meeting = picture.meeting.get(meeting_id) if picture else None
    if meeting is None:
        raise Refusal("unknown_meeting", N_("This programme has no such meeting."))
    check_nominations_open(
        closes_at=meeting.nominations_close_at,
        starts_at=meeting.starts_at,
        cancelled=meeting.cancelled,
        now=now,
        late=late,
    )


def _check_substitute(delegation: Delegation, meeting_id: int, *, now: datetime, late: bool) -> None:
    """Whether somebody else may come still, by what was
    released; `late` is for staff, and for what they said yes to.
    """
    picture = current_picture(delegation.programme_id)
    if not late and picture is not None and staff_decide(picture, meeting_id, now=now):
        words = N_("The deadline has passed: the organiser says yes to each substitute now. Ask for one.")
        raise Refusal("staff_decide", words)
    allowed = picture is not None and bool(picture.late_substitutes)
    _check_meeting(delegation, meeting_id, now=now, late=late or allowed)


def staff_decide(picture: ProgrammePicture, meeting_id: int, *, now: datetime) -> bool:
    """The deadline for names of this meeting is over, and staff say yes to each substitute."""
    meeting = picture.meeting.get(meeting_id)
    closes = meeting.nominations_close_at if meeting else None
    return picture.substitutes_approved and closes is not None and closes <= now


def _person(delegation: Delegation, name: str, mail: str) -> Person:
    organisation = delegation.organisation
    return person_for(
        delegation.organiser_id,
        name,
        mail,
        language=organisation.language,
        organisation_id=organisation.id,
        affiliation=organisation.name,
    )


def _check_not_sent(delegation: Delegation, meeting_id: int, person: Person) -> None:
    sent = (
        Nomination.meeting_id == meeting_id,
        Nomination.person_id == person.id,
        Nomination.ended_at.is_(None),
    )
    by = db.session.scalar(select(Nomination.delegation_id).where(*sent))
    if by == delegation.id:
        raise Refusal(
            "sent_already", N_("%(name)s is sent to this meeting already."), "name", name=person.name
        )
    if by is not None:
        words = N_(
            "%(name)s comes to this meeting for another organisation "
            "already. Nobody has two seats: name somebody else."
        )
        raise Refusal("sent_already", words, "name", name=person.name)


def _sent(delegation_id: int, meeting_id: int) -> dict[int, str]:
    """Who is sent to a meeting, by chair."""
    here = (
        Nomination.delegation_id == delegation_id,
        Nomination.meeting_id == meeting_id,
        Nomination.ended_at.is_(None),
    )
    query = select(Nomination.chair, Person.name).join(Person, Person.id == Nomination.person_id).where(*here)
    return {row[0]: row[1] for row in db.session.execute(query)}


def _still_running(nomination: Nomination) -> Nomination:
    db.session.refresh(nomination)
    if nomination.ended_at is not None:
        raise Refusal("ended_already", N_("Somebody changed this a moment ago. Look at the list again."))
    return nomination


def _nominated(
    delegation: Delegation,
    meeting_id: int,
    person: Person,
    registration_id: int,
    capacity: str,
    chair: int,
    chairs: int,
    now: datetime,
    substitute_for_id: int | None = None,
) -> Nomination:
    nomination = Nomination(
        programme_id=delegation.programme_id,
        delegation_id=delegation.id,
        meeting_id=meeting_id,
        person_id=person.id,
        registration_id=registration_id,
        capacity=capacity,
        chair=chair,
        chairs=chairs,
        made_at=now,
        substitute_for_id=substitute_for_id,
    )
    try:
        with attempt():
            db.session.add(nomination)
            db.session.flush()
    except IntegrityError:
        raise Refusal(
            "sent_already", N_("%(name)s is sent to this meeting already."), "name", name=person.name
        ) from None
    return nomination
