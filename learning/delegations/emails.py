"""The mails about delegations."""

from datetime import datetime
from typing import Any

from learning.attendance.emails import meeting_words, moment_words
from learning.attendance.tokens import own_token
from learning.delegations.models import Delegation, DelegationRequest, Nomination, SeatMove, SubstituteRequest
from learning.desk.reading import at_desk_by_id
from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.people.models import Person
from learning.releases.picture import MeetingPicture
from learning.releases.queries import current_picture


def registered(delegation: Delegation, *, now: datetime) -> None:
    """The delegation was registered, or asked for when staff have to confirm it."""
    state = "waiting" if delegation.waiting_at else "registered" if delegation.confirmed_at else "requested"
    _to_contact(state, delegation, now)
    if state == "requested":
        values = {"contact": delegation.contact.name}
        _to_staff("to_confirm", delegation, now, values, once=f"delegation-to-confirm-{delegation.id}")


def confirm_request(request: DelegationRequest, token: str, *, now: datetime) -> None:
    """The link by which somebody confirms the address.

    Nothing of what was typed stands in it: it may be somebody else's.
    """
    organiser = request.organiser
    queue(
        "delegations/confirm_request",
        to=request.mail,
        name="",
        language=request.language,
        values={
            "programme": _title(request.programme_id, request.language),
            "organisation": request.city,
            "until": moment_words(request.lapses_at, request.language),
            "confirm_url": absolute("delegations.confirm", token=token, lang=request.language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
        },
        once=f"delegation-request-{request.id}",
        organiser_id=request.organiser_id,
        now=now,
    )


def other_chosen(delegation: Delegation, *, now: datetime) -> None:
    """Staff said yes to another request for the same organisation; not whose."""
    _to_contact("other_chosen", delegation, now)


def place(delegation: Delegation, *, now: datetime) -> None:
    """A place came free for a delegation that waited."""
    _to_contact("place", delegation, now, {"confirmed": delegation.confirmed_at is not None})


def seat(delegation: Delegation, move: SeatMove, *, now: datetime) -> None:
    """One more seat at a meeting: another organisation gave it back."""
    picture = current_picture(delegation.programme_id)
    meeting = picture.meeting.get(move.meeting_id) if picture else None
    words = _words(meeting, delegation.contact.language) if meeting else ""
    _to_contact(
        "seat", delegation, now, {"meeting": words}, once=f"delegation-seat-{move.id}-{delegation.id}"
    )


def substitute_asked(asked: SubstituteRequest, *, now: datetime) -> None:
    """Staff have to say yes or no to a substitute."""
    nomination = asked.nomination
    values = {"meeting": _meeting(nomination, "nl"), "old": nomination.person.name, "new": asked.name}
    _to_staff("substitute_asked", nomination.delegation, now, values, once=f"substitute-asked-{asked.id}")


def substitute_decided(asked: SubstituteRequest, *, now: datetime) -> None:
    """What staff said of a substitute."""
    nomination = asked.nomination
    delegation = nomination.delegation
    old, new = _said(delegation, nomination.person.name), _said(delegation, asked.name)
    values = {"old": old, "new": new, "yes": asked.decision == "accepted"}
    values |= {"meeting": _meeting(nomination, delegation.contact.language)}
    _to_contact("substitute_decided", delegation, now, values, once=f"substitute-decided-{asked.id}")


def letter(delegation: Delegation, subject: str, text: str, key: str, *, now: datetime) -> None:
    """What staff write to the contact persons of delegations that they chose; once for each `key`."""
    values = {"subject": subject, "paragraphs": [part for part in text.split("\n\n") if part.strip()]}
    _to_contact("letter", delegation, now, values, once=f"delegation-letter-{key}-{delegation.id}")


def ended(delegation: Delegation, words: str, *, now: datetime) -> None:
    """The organisation takes no part; with what the organiser says about it."""
    _to_contact("ended", delegation, now, {"reason": delegation.end_reason, "words": words})


def confirmed(delegation: Delegation, *, now: datetime) -> None:
    """Staff confirmed the delegation."""
    _to_contact("registered", delegation, now)


def nominated(nomination: Nomination, *, now: datetime) -> None:
    """Somebody is sent to a meeting: when, where and the own page."""
    language = nomination.person.language
    at = {"token": own_token(nomination.registration), "lang": language}
    values = {
        "own_url": absolute("schedules.mine", **at),
        "answer_url": absolute("delegations.invitations", **at),
    }
    _to_person("nominated", nomination, nomination.person, values, now)


def not_needed(nomination: Nomination, *, now: datetime) -> None:
    """Somebody need not come to a meeting any more."""
    _to_person("not_needed", nomination, nomination.person, {}, now)


def dropped_out(nomination: Nomination, *, now: datetime) -> None:
    """Somebody who was sent withdrew: the contact person can name another."""
    language = nomination.delegation.contact.language
    person = _said(nomination.delegation, nomination.person.name)
    values = {"person": person, "meeting": _meeting(nomination, language)}
    once = f"dropped-out-{nomination.id}"
    _to_contact("dropped_out", nomination.delegation, now, values, once=once)


def reminder(
    delegation: Delegation, meeting: MeetingPicture, places: int, days: int, *, now: datetime
) -> None:
    """Places are open at a meeting whose deadline for names comes near."""
    language = delegation.contact.language
    closes = meeting.nominations_close_at
    deadline = moment_words(closes, language) if closes else ""
    values = {"meeting": _words(meeting, language), "places": places, "deadline": deadline}
    _to_contact(
        "reminder", delegation, now, values, once=f"reminder-{delegation.id}-{meeting.id}-{closes}-{days}"
    )


def _said(delegation: Delegation, name: str) -> str:
    """A name that a contact person typed, for a mail to
    one; empty when nobody said that the address is theirs.
    """
    return name if delegation.contact.confirmed_at is not None else ""


def _to_staff(
    template: str, delegation: Delegation, now: datetime, values: dict[str, Any], *, once: str
) -> None:
    """Mail the organiser's own address, if it has one."""
    organiser = delegation.organiser
    if not organiser.mail:
        return
    at = {"organiser": organiser.slug, "slug": at_desk_by_id(delegation.programme_id).slug}
    queue(
        f"delegations/{template}",
        to=organiser.mail,
        name=organiser.name,
        language="nl",
        values={
            "programme": _title(delegation.programme_id, "nl"),
            "organisation": delegation.title,
            "page_url": absolute("delegations_desk.delegations", **at),
            "sender": organiser.name,
            **values,
        },
        once=once,
        organiser_id=organiser.id,
        now=now,
    )


def _to_contact(
    template: str,
    delegation: Delegation,
    now: datetime,
    values: dict[str, Any] | None = None,
    *,
    once: str = "",
) -> None:
    contact = delegation.contact
    organiser = delegation.organiser
    queue(
        f"delegations/{template}",
        to=contact.mail,
        name=contact.called,
        language=contact.language,
        values={
            "programme": _title(delegation.programme_id, contact.language),
            "organisation": delegation.title,
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


def _to_person(
    template: str, nomination: Nomination, person: Person, values: dict[str, Any], now: datetime
) -> None:
    delegation = nomination.delegation
    organiser = delegation.organiser
    queue(
        f"delegations/{template}",
        to=person.mail,
        name=person.called,
        language=person.language,
        values={
            "programme": _title(delegation.programme_id, person.language),
            "organisation": delegation.title,
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
    return ", ".join(
        words for words in (meeting.title.pick(language), meeting_words(meeting, language)) if words
    )
