"""The mails between organisers and speakers."""

from datetime import datetime
from typing import Any

from flask import current_app

from learning.kit.codes import secret_token
from learning.kit.links import absolute
from learning.mail.actions import queue
from learning.organisations.models import Organiser
from learning.programmes.models import Programme
from learning.speakers.models import HandIn


def hand_in_token(row: HandIn) -> str:
    """The token of a speaker's own link."""
    return secret_token(current_app.config["SECRET_KEY"], "hand-in", row.id, row.epoch)


def hand_in_url(row: HandIn) -> str:
    """A speaker's own link, in the speaker's language."""
    return absolute("speakers.hand_in", token=hand_in_token(row), lang=row.language)


def asked(row: HandIn, programme: Programme, organiser: Organiser, *, now: datetime) -> None:
    """Please fill in your text and photo."""
    _to_speaker("hand_in_asked", row, programme, organiser, {}, now)


def answered(row: HandIn, programme: Programme, organiser: Organiser, *, now: datetime) -> None:
    """What staff say of what was handed in."""
    values = {"accepted": row.decision == "accepted", "remark": row.remark}
    _to_speaker("hand_in_answered", row, programme, organiser, values, now)


def handed_in(row: HandIn, programme: Programme, organiser: Organiser, *, now: datetime) -> None:
    """To the organiser: there is something to look at."""
    if not organiser.mail:
        return
    at: dict[str, Any] = {"organiser": organiser.slug, "slug": programme.slug, "id": row.speaker_id}
    values = {
        "speaker": row.speaker.name,
        "programme": programme.title.pick("nl"),
        "sender": organiser.name,
        "page_url": absolute("speakers_desk.hand_in", **at),
    }
    queue(
        "speakers/handed_in",
        to=organiser.mail,
        name=organiser.name,
        language="nl",
        values=values,
        once=f"handed-in-{row.id}-{now.isoformat()}",
        organiser_id=organiser.id,
        now=now,
    )


def _to_speaker(
    template: str,
    row: HandIn,
    programme: Programme,
    organiser: Organiser,
    values: dict[str, Any],
    now: datetime,
) -> None:
    if not row.mail:
        return
    values = values | {
        "programme": programme.title.pick(row.language),
        "sender": organiser.name,
        "reply_to": organiser.mail,
        "own_url": hand_in_url(row),
    }
    queue(
        f"speakers/{template}",
        to=row.mail,
        name=row.speaker.name,
        language=row.language,
        values=values,
        once=f"{template}-{row.id}-{now.isoformat()}",
        organiser_id=organiser.id,
        now=now,
    )
