"""The mails about delegations."""

from datetime import datetime
from typing import Any

from learning.attendance.emails import meeting_words, moment_words
from learning.attendance.tokens import own_token
from learning.delegations.models import Delegation, Nomination
from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.people.models import Person
from learning.programmes.picture import MeetingPicture
from learning.programmes.queries import current_picture


def registered(delegation: Delegation, *, now: datetime) -> None:
    """The delegation was registered, or asked for when staff have to confirm it."""
    _to_contact("registered" if delegation.confirmed_at else "requested", delegation, now)


def confirmed(delegation: Delegation, *, now: datetime) -> None:
    """Staff confirmed the delegation."""
    _to_contact("registered", delegation, now)


def nominated(nomination: Nomination, *, now: datetime) -> None:
    """Somebody is sent to a meeting: when, where and the own page."""
    language = nomination.person.language
    at = {"token": own_token(nomination.registration), "lang": language}
    values = {"own_url": absolute("schedules.mine", **at), "answer_url": absolute("delegations.invitations", **at)}
    _to_person("nominated", nomination, nomination.person, values, now)


def not_needed(nomination: Nomination, *, now: datetime) -> None:
    """Somebody need not come to a meeting any more."""
    _to_person("not_needed", nomination, nomination.person, {}, now)


def dropped_out(nomination: Nomination, *, now: datetime) -> None:
    """Somebody who was sent withdrew: the contact person can name another."""
    language = nomination.delegation.contact.language
    values = {"person": nomination.person.name, "meeting": _meeting(nomination, language)}
    once = f"dropped-out-{nomination.id}"
    _to_contact("dropped_out", nomination.delegation, now, values, once=once)


def reminder(delegation: Delegation, meeting: MeetingPicture, places: int, days: int, *, now: datetime) -> None:
    """Places are open at a meeting whose deadline for names comes near."""
    language = delegation.contact.language
    closes = meeting.nominations_close_at
    deadline = moment_words(closes, language) if closes else ""
    values = {"meeting": _words(meeting, language), "places": places, "deadline": deadline}
    _to_contact("reminder", delegation, now, values, once=f"reminder-{delegation.id}-{meeting.id}-{closes}-{days}")


def _to_contact(
    template: str, delegation: Delegation, now: datetime, values: dict[str, Any] | None = None, *, once: str = ""
) -> None:
    contact = delegation.contact
    organiser = delegation.programme.organiser
    queue(
        f"delegations/{template}",
        to=contact.mail,
        name=contact.name,
        language=contact.language,
        values={
            "programme": _title(delegation.programme_id, contact.language),
            "organisation": delegation.organisation.name,
            "code": delegation.code,
            "page_url": absolute("delegations.show", id=delegation.id, lang=contact.language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
            **(values or {}),
        },
        once=once or f"delegation-{template}-{delegation.id}",
        organiser_id=delegation.organiser_id,
        now=now,
    )


def _to_person(template: str, nomination: Nomination, person: Person, values: dict[str, Any], now: datetime) -> None:
    delegation = nomination.delegation
    organiser = delegation.programme.organiser
    queue(
        f"delegations/{template}",
        to=person.mail,
        name=person.name,
        language=person.language,
        values={
            "programme": _title(delegation.programme_id, person.language),
            "organisation": delegation.organisation.name,
            "meeting": _meeting(nomination, person.language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
            **values,
        },
        once=f"{template}-{nomination.id}",
        organiser_id=delegation.organiser_id,
        now=now,
    )


def _title(programme_id: int, language: str) -> str:
    """The title as released: mails never tell of what is not published."""
    picture = current_picture(programme_id)
    return picture.title.pick(language) if picture else ""


def _meeting(nomination: Nomination, language: str) -> str:
    """The meeting's title, and when and where as far as known."""
    picture = current_picture(nomination.programme_id)
    meeting = picture.meeting.get(nomination.meeting_id) if picture else None
    if meeting is None:
        return ""
    return _words(meeting, language)


def _words(meeting: MeetingPicture, language: str) -> str:
    return ", ".join(words for words in (meeting.title.pick(language), meeting_words(meeting, language)) if words)
