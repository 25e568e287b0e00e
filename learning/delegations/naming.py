"""Who may be named for a meeting, on which chair: what nominating and substituting share."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from learning.delegations.models import Delegation, Nomination
from learning.delegations.passing_on import got_since
from learning.delegations.rules import check_nominations_open
from learning.kit.db import attempt, db
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.organisations.queries import check_open_organiser
from learning.people.actions import person_for
from learning.people.models import Person
from learning.releases.queries import current_picture


def check_counts(delegation: Delegation) -> None:
    """Refuse a delegation that ended, or that the organiser has not confirmed."""
    check_open_organiser(delegation.organiser_id)
    if delegation.ended_at is not None:
        raise Refusal("delegation_ended", N_("This delegation has ended."))
    if delegation.confirmed_at is None:
        raise Refusal("not_confirmed", N_("The organiser has to confirm this delegation first."))


def came_late(delegation: Delegation, meeting_id: int) -> bool:
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


def check_meeting(delegation: Delegation, meeting_id: int, *, now: datetime, late: bool) -> None:
    """Refuse a meeting that is not there, or for which nobody can be named any more."""
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


def person_named(delegation: Delegation, name: str, mail: str) -> Person:
    """The person of this name and address, who comes for the organisation."""
    organisation = delegation.organisation
    return person_for(
        delegation.organiser_id,
        name,
        mail,
        language=organisation.language,
        organisation_id=organisation.id,
        affiliation=organisation.name,
    )


def check_not_sent(delegation: Delegation, meeting_id: int, person: Person) -> None:
    """Refuse somebody who is sent to this meeting already, by this organisation or by another."""
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


def sent_to(delegation_id: int, meeting_id: int) -> dict[int, str]:
    """Who is sent to a meeting, by chair."""
    here = (
        Nomination.delegation_id == delegation_id,
        Nomination.meeting_id == meeting_id,
        Nomination.ended_at.is_(None),
    )
    query = select(Nomination.chair, Person.name).join(Person, Person.id == Nomination.person_id).where(*here)
    return {row[0]: row[1] for row in db.session.execute(query)}


def still_running(nomination: Nomination) -> Nomination:
    """The nomination as it is now; refused when somebody ended it meanwhile."""
    db.session.refresh(nomination)
    if nomination.ended_at is not None:
        raise Refusal("ended_already", N_("Somebody changed this a moment ago. Look at the list again."))
    return nomination


def nominated(
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
    """A nomination on this chair, with its line in the log."""
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
