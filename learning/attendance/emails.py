"""The mails about a registration."""

from datetime import datetime
from typing import Any

from babel.dates import format_date
from flask_babel import force_locale
from flask_babel import gettext as _

from learning.attendance import queries
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.kit.clock import local
from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.releases.picture import MeetingPicture, ProgrammePicture


def confirm(registration: Registration, picture: ProgrammePicture, *, language: str, now: datetime) -> None:
    """A link to confirm the address; until then no place is held."""
    until = registration.lapses_at or now
    values = {
        "confirm_url": absolute("attendance.confirm", token=own_token(registration), lang=language),
        "until": moment_words(until, language),
    }
    _queue(
        "confirm",
        registration,
        picture,
        language,
        values,
        f"confirm-{registration.id}-{now.isoformat()}",
        now,
    )


def registered_already(registration: Registration, picture: ProgrammePicture, *, now: datetime) -> None:
    """Somebody registered who was registered: the way to their own page."""
    language = registration.person.language
    values = {"own_url": absolute("schedules.mine", token=own_token(registration), lang=language)}
    _queue(
        "registered_already",
        registration,
        picture,
        language,
        values,
        f"again-{registration.id}-{now.isoformat()}",
        now,
    )


def confirmed(registration: Registration, picture: ProgrammePicture, *, now: datetime) -> None:
    """The registration counts: what, when and where, the code and the secret link."""
    language, token = registration.person.language, own_token(registration)
    own = absolute("schedules.mine", token=token, lang=language)
    coming = queries.coming_meetings(registration, picture)
    values = {
        "code": registration.code,
        "own_url": own,
        "choices_url": absolute("choices.choose", token=token, lang=language) if picture.rounds else "",
        "meetings": [meeting_words(meeting, language) for meeting in coming],
    }
    _queue("confirmed", registration, picture, language, values, f"confirmed-{registration.id}", now)


def withdrawn(registration: Registration, picture: ProgrammePicture, *, now: datetime) -> None:
    """The person comes no more."""
    language = registration.person.language
    values = {"page_url": absolute("site.programme", slug=picture.slug, lang=language)}
    _queue("withdrawn", registration, picture, language, values, f"withdrawn-{registration.id}", now)


def meeting_words(meeting: MeetingPicture, language: str) -> str:
    """When and where, as far as known: "dinsdag 26 januari 2027, 13:00 – 17:00, De Zaal, Utrecht"."""
    day = format_date(meeting.on, "EEEE d MMMM y", locale=language) if meeting.on else ""
    times = " – ".join(time for time in (meeting.start, meeting.end) if time)
    place = (
        ", ".join(part for part in (meeting.venue.name, meeting.venue.city) if part) if meeting.venue else ""
    )
    online = "online" if meeting.online else ""
    return ", ".join(part for part in (day, times, place or online) if part)


def moment_words(moment: datetime, language: str) -> str:
    """A moment as people say it: "dinsdag 26 januari 2027, 13:00 Nederlandse tijd"."""
    here = local(moment)
    with force_locale(language):
        day = format_date(here.date(), "EEEE d MMMM y", locale=language)
        return f"{day}, " + _("%(time)s Dutch time", time=f"{here:%H:%M}")


def _queue(
    template: str,
    registration: Registration,
    picture: ProgrammePicture,
    language: str,
    values: dict[str, Any],
    once: str,
    now: datetime,
) -> None:
    person = registration.person
    organiser = registration.organiser
    queue(
        f"attendance/{template}",
        to=person.mail,
        name=person.called,
        language=language,
        values={
            "programme": picture.title.pick(language),
            "sender": organiser.name,
            "reply_to": organiser.mail,
            **values,
        },
        once=once,
        organiser_id=registration.organiser_id,
        now=now,
    )
