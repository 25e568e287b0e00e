"""What was asked of speakers and what they handed in, for the desk and for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from learning.desk.reading import mark, shown
from learning.kit.access import not_found
from learning.kit.codes import token_hash
from learning.kit.db import db
from learning.people.queries import OwnLink
from learning.programmes.models import (
    Absence,
    AgendaItem,
    Meeting,
    Part,
    Programme,
    Round,
    Session,
    Speaker,
    Workshop,
)
from learning.speakers import emails
from learning.speakers.models import HandIn, Slides

PROFILE = ("affiliation", "function_nl", "function_en", "biography_nl", "biography_en")
ABSTRACT = ("abstract_nl", "abstract_en")


@dataclass(frozen=True)
class Line:
    """A speaker of a programme: what was asked and handed in, and the rounds in which the speaker cannot."""

    speaker: Speaker
    row: HandIn | None
    away: frozenset[int]

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.row.state if self.row else "new"


def lines_of(programme: Programme) -> list[Line]:
    """Everybody who takes part in the programme, in order of name."""
    in_session = select(Part.speaker_id).join(Session, Session.id == Part.session_id)
    in_block = select(Part.speaker_id).join(AgendaItem, AgendaItem.id == Part.agenda_item_id)
    in_block = in_block.join(Meeting, Meeting.id == AgendaItem.meeting_id)
    here = or_(
        Speaker.id.in_(in_session.where(Session.programme_id == programme.id, Part.speaker_id.is_not(None))),
        Speaker.id.in_(in_block.where(Meeting.programme_id == programme.id, Part.speaker_id.is_not(None))),
    )
    speakers = db.session.scalars(select(Speaker).where(here).order_by(Speaker.sort_key, Speaker.id))
    found = {s.id: s for s in speakers}
    query = select(HandIn).where(HandIn.programme_id == programme.id).options(selectinload(HandIn.slides))
    rows = {row.speaker_id: row for row in db.session.scalars(query)}
    absent = select(Absence.speaker_id, Absence.round_id).join(Round, Round.id == Absence.round_id)
    away: dict[int, set[int]] = {}
    for speaker_id, round_id in db.session.execute(absent.where(Round.programme_id == programme.id)):
        away.setdefault(speaker_id, set()).add(round_id)
    return [Line(s, rows.get(s.id), frozenset(away.get(s.id, ()))) for s in found.values()]


def own_links(mail_key: str) -> list[OwnLink]:
    """Where a speaker with this address hands in."""
    asked = (
        select(HandIn)
        .where(HandIn.token_hash.is_not(None), func.lower(HandIn.mail) == mail_key)
        .order_by(HandIn.id)
    )
    links = []
    for row in db.session.scalars(asked):
        programme, speaker = (
            db.session.get_one(Programme, row.programme_id),
            db.session.get_one(Speaker, row.speaker_id),
        )
        words = gettext(
            "%(programme)s, what %(name)s hands in", programme=programme.title.pick(g.lang), name=speaker.name
        )
        links.append(OwnLink(words, emails.hand_in_url(row)))
    return links


def line_of(programme: Programme, speaker_id: int) -> Line:
    """One of them; 404 when this speaker takes no part."""
    return next((line for line in lines_of(programme) if line.speaker.id == speaker_id), None) or not_found()


def by_token(token: str) -> HandIn:
    """What belongs to a speaker's own link; 404 when nothing does."""
    options = (
        joinedload(HandIn.speaker),
        joinedload(HandIn.photo),
        selectinload(HandIn.slides).joinedload(Slides.file),
    )
    query = select(HandIn).where(HandIn.token_hash == token_hash(token)).options(*options)
    row = db.session.scalar(query)
    if row is None:
        not_found()
    return row


def workshops_of(programme_id: int, speaker_id: int) -> Sequence[Workshop]:
    """What the speaker gives in this programme."""
    given = select(Session.workshop_id).join(Part, Part.session_id == Session.id)
    query = select(Workshop).where(
        Workshop.id.in_(given.where(Session.programme_id == programme_id, Part.speaker_id == speaker_id))
    )
    return db.session.scalars(query.order_by(Workshop.id)).all()


def public_texts(row: HandIn) -> dict[str, Any]:
    """What stands at the desk now, by the names of the form."""
    texts: dict[str, Any] = shown(row.speaker, PROFILE)
    for workshop in workshops_of(row.programme_id, row.speaker_id):
        texts |= {f"{name}_{workshop.id}": value for name, value in shown(workshop, ABSTRACT).items()}
    return texts


def texts_of(row: HandIn) -> dict[str, Any]:
    """What was handed in; where nothing was, what stands at the desk."""
    now = public_texts(row)
    return now | {name: value for name, value in row.texts.items() if name in now}


def seen_of(row: HandIn) -> str:
    """A mark of what was handed in and of what it would
    replace, so that nobody accepts what they did not see.
    """
    alt = [row.photo_alt.nl, row.photo_alt.en]
    return mark(
        {
            "texts": row.texts,
            "photo": row.photo_id,
            "alt": alt,
            "now": [public_texts(row), row.speaker.photo_id],
        }
    )
