"""The mails about seats: what somebody has chosen, moving up, and a session that is cancelled."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from learning.attendance.emails import moment_words
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.models import Seat, WaitlistEntry
from learning.kit.links import absolute
from learning.lottery.explaining import Reason
from learning.mail.actions import queue
from learning.releases.picture import ProgrammePicture, RoundPicture


def chosen(
    registration: Registration,
    picture: ProgrammePicture,
    seats: Mapping[int, int],
    waits: Mapping[int, int],
    *,
    now: datetime,
) -> None:
    """What somebody has now: the session ids held and waited for, by round."""
    language = registration.person.language
    at = {"token": own_token(registration), "lang": language}
    waiting = [
        {"words": words, "url": absolute("choices.stop_waiting", round_id=round.id, **at)}
        for round in picture.rounds
        if round.id in waits
        for words in _lines(picture, {round.id: waits[round.id]}, language)
    ]
    values = {"lines": _lines(picture, seats, language), "waiting": waiting}
    _queue(
        "chosen", registration, picture, values, f"chosen-{registration.id}-{registration.feed_revision}", now
    )


def seat_given(registration: Registration, picture: ProgrammePicture, seat: Seat, *, now: datetime) -> None:
    """Somebody moved up from the waiting list."""
    values = {"session": session_words(picture, seat.session_id, registration.person.language)}
    once = f"seat-given-{registration.id}-{seat.session_id}-{registration.feed_revision}"
    _queue("seat_given", registration, picture, values, once, now)


def offered(
    registration: Registration, picture: ProgrammePicture, entry: WaitlistEntry, *, now: datetime
) -> None:
    """A place is kept for somebody who waits, until a moment."""
    language, at = (
        registration.person.language,
        {"token": own_token(registration), "lang": registration.person.language},
    )
    values = {
        "session": session_words(picture, entry.session_id, language),
        "until": moment_words(entry.offered_until, language) if entry.offered_until else "",
        "answer_url": absolute("choices.offer", round_id=entry.round_id, **at),
    }
    _queue("offered", registration, picture, values, f"offered-{entry.id}-{now.isoformat()}", now)


def offer_lapsed(
    registration: Registration, picture: ProgrammePicture, session_id: int, *, waits: bool, now: datetime
) -> None:
    """The place that was kept went to the next in line."""
    values = {"session": session_words(picture, session_id, registration.person.language), "waits": waits}
    once = f"offer-lapsed-{registration.id}-{session_id}-{now.isoformat()}"
    _queue("offer_lapsed", registration, picture, values, once, now)


def drawn_words(picture: ProgrammePicture, reasons: Iterable[Reason], language: str) -> dict[str, Any]:
    """What a mail says of a draw: what it gave somebody in each round, and which wish that was."""
    rounds = {str(round.id): round for round in picture.rounds}
    with force_locale(language):
        lines = [_drawn_line(picture, rounds[r.round], r, language) for r in reasons if r.round in rounds]
        closing = (
            _("This programme has no workshop for you in the rounds that were drawn.") if not lines else ""
        )
    return {"lines": lines, "closing": closing}


def drawn(
    registration: Registration,
    picture: ProgrammePicture,
    words: dict[str, Any],
    *,
    run_id: int,
    now: datetime,
) -> None:
    """What a draw gave somebody, in these words."""
    _queue("drawn", registration, picture, words, f"drawn-{registration.id}-{run_id}", now)


def _drawn_line(picture: ProgrammePicture, round: RoundPicture, reason: Reason, language: str) -> str:
    words = session_words(picture, int(reason.session), language) if reason.session else _("no session")
    if reason.session and reason.rank is not None:
        words += " (" + _("your choice number %(rank)d", rank=reason.rank + 1) + ")"
    return f"{_round_words(picture, round, language)}: {words}"


def session_words(picture: ProgrammePicture, session_id: int, language: str) -> str:
    """By what people know a session: "1.07 Zo doen wij het"; empty when it is not in the picture."""
    session = picture.sessions.get(session_id)
    return f"{session.code} {session.title.pick(language)}" if session else ""


def _lines(picture: ProgrammePicture, sessions: Mapping[int, int], language: str) -> list[str]:
    return [
        f"{_round_words(picture, round, language)}: {words}"
        for round in picture.rounds
        if round.id in sessions and (words := session_words(picture, sessions[round.id], language))
    ]


def _round_words(picture: ProgrammePicture, round: RoundPicture, language: str) -> str:
    meeting = picture.meeting[round.meeting_id]
    day = format_date(meeting.on, "EEEE d MMMM", locale=language) if meeting.on else ""
    return ", ".join(part for part in (round.title.pick(language), day, round.start) if part)


def _queue(
    template: str,
    registration: Registration,
    picture: ProgrammePicture,
    values: dict[str, Any],
    once: str,
    now: datetime,
) -> None:
    person, organiser, token = registration.person, registration.organiser, own_token(registration)
    queue(
        f"choices/{template}",
        to=person.mail,
        name=person.called,
        language=person.language,
        values={
            "programme": picture.title.pick(person.language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
            "own_url": absolute("schedules.mine", token=token, lang=person.language),
            "choices_url": absolute("choices.choose", token=token, lang=person.language),
            **values,
        },
        once=once,
        organiser_id=registration.organiser_id,
        now=now,
    )
