"""Speakers hand in their own text, photo, needs and slides; staff accept it or send it back.

Until then the old text stands.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from learning.desk.saving import hold, set_texts
from learning.kit import files
from learning.kit.codes import token_hash
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.files import StoredFile
from learning.kit.names import LONGEST_ORGANISATION, check_name
from learning.kit.trail import record
from learning.kit.wording import N_, Wording
from learning.organisations.models import Organiser
from learning.organisations.queries import check_open_organiser
from learning.programmes.models import Absence, Programme, Round, Speaker
from learning.speakers import emails
from learning.speakers.hand_ins import ABSTRACT, PROFILE, public_texts, seen_of, texts_of, workshops_of
from learning.speakers.models import HandIn, Slides
from learning.speakers.photos import forget, keep_photo

MOST_SLIDES = 10
MOST_BYTES = 20_000_000
SLIDE_KINDS = {
    ".pdf": (b"%PDF-", "application/pdf"),
    ".pptx": (b"PK", ""),
    ".odp": (b"PK", ""),
    ".docx": (b"PK", ""),
}


@transaction()
def ask(
    programme: Programme, speaker: Speaker, mail: str, language: str, *, by: int, now: datetime
) -> HandIn:
    """Make the speaker's own link and mail it; asked again, the same link is mailed again."""
    hold(programme.organiser_id, programme)
    row = _row(programme.id, speaker.id)
    row.mail, row.language, row.asked_at = mail, language, now
    organiser = db.session.get_one(Organiser, programme.organiser_id)
    if mail:
        emails.asked(row, programme, organiser, now=now)
    record("asked to hand in", speaker, organiser_id=organiser.id, by=by, at=now, words=speaker.name)
    db.session.flush()
    return row


@transaction()
def renew(row: HandIn, *, by: int, now: datetime) -> None:
    """Give the speaker another link; the old one works no more."""
    row = _held(row)
    row.epoch += 1
    row.token_hash = token_hash(emails.hand_in_token(row))
    organiser_id = row.speaker.organiser_id
    record(
        "renewed the link of", row.speaker, organiser_id=organiser_id, by=by, at=now, words=row.speaker.name
    )
    db.session.flush()


@transaction()
def hand_in(
    row: HandIn,
    texts: dict[str, Any],
    *,
    needs: str,
    away: Collection[int],
    alt: Wording,
    done: bool,
    now: datetime,
) -> None:
    """Keep what the speaker filled in; `done` hands it to the organiser. Needs and absences hold at once."""
    row = _held(row)
    programme = db.session.get_one(Programme, row.programme_id)
    affiliation = texts.get("affiliation") or ""
    if affiliation not in ("", row.speaker.affiliation, (row.texts or {}).get("affiliation")):
        check_name(affiliation, "affiliation", longest=LONGEST_ORGANISATION)
    row.texts = {name: value for name, value in texts.items() if name in public_texts(row)}
    row.needs, row.photo_alt = needs, alt
    _set_away(programme, row.speaker_id, away)
    if done:
        if row.state != "handed_in":  # the organiser has a mail already
            emails.handed_in(row, programme, db.session.get_one(Organiser, programme.organiser_id), now=now)
        row.decision, row.decided_at, row.decided_by, row.handed_in_at = "", None, None, now
        _by_link("handed in", row, now)
    db.session.flush()


@transaction()
def accept(row: HandIn, *, seen: str, by: int, now: datetime) -> None:
    """Take what was handed in to the desk. The public sees it after the next release."""
    row = _held(row)
    if seen != seen_of(row):
        raise Refusal(
            "changed_meanwhile", N_("Somebody changed this while you were looking. Look again below.")
        )
    if row.handed_in_at is None:
        raise Refusal("not_handed_in", N_("Nothing was handed in yet."))
    programme = db.session.get_one(Programme, row.programme_id)
    texts = texts_of(row)
    set_texts(row.speaker, {name: texts[name] for name in PROFILE})
    for workshop in workshops_of(row.programme_id, row.speaker_id):
        set_texts(workshop, {name: texts[f"{name}_{workshop.id}"] for name in ABSTRACT})
    if row.photo_id is not None:
        row.speaker.photo_id, row.speaker.photo_alt = row.photo_id, row.photo_alt
    _decide(row, programme, "accepted", "", by, now)


@transaction()
def send_back(row: HandIn, remark: str, *, by: int, now: datetime) -> None:
    """Ask the speaker for something else. What is public stays as it is."""
    row = _held(row)
    if row.handed_in_at is None:
        raise Refusal("not_handed_in", N_("Nothing was handed in yet."))
    _decide(row, db.session.get_one(Programme, row.programme_id), "sent_back", remark, by, now)


@transaction()
def set_absences(
    programme: Programme, speaker: Speaker, rounds: Collection[int], *, by: int, now: datetime
) -> None:
    """Say in which rounds a speaker cannot."""
    hold(programme.organiser_id, programme)
    _set_away(programme, speaker.id, rounds)
    record("absences of", speaker, organiser_id=programme.organiser_id, by=by, at=now, words=speaker.name)
    db.session.flush()


@transaction()
def put_photo(row: HandIn, made: Mapping[str, bytes], *, now: datetime) -> None:
    """Keep the speaker's photo, as `kit.photos.portraits` made it anew."""
    row = _held(row)
    before, row.photo_id = row.photo_id, keep_photo(row.speaker.organiser_id, made, now=now).id
    row.decision = ""
    db.session.flush()
    forget(before)
    _by_link("handed in a photo", row, now)


@transaction()
def drop_photo(row: HandIn, *, now: datetime) -> None:
    """Take the photo out of what is handed in."""
    row = _held(row)
    before, row.photo_id = row.photo_id, None
    db.session.flush()
    forget(before)
    if before is not None:
        _by_link("took back a photo", row, now)


@transaction()
def add_slides(row: HandIn, content: bytes, name: str, *, now: datetime) -> None:
    """Keep a file for the organiser: PDF, PowerPoint, OpenDocument or Word, at most 20 MB and ten of them."""
    row = _held(row)
    ending = name[name.rfind(".") :].lower()
    begins, kind = SLIDE_KINDS.get(ending, (b"\0no", ""))
    if len(content) > MOST_BYTES:
        raise Refusal(
            "slides_large",
            N_("This file is larger than %(most)d MB."),
            "slides",
            most=MOST_BYTES // 1_000_000,
        )
    if not content.startswith(begins):
        raise Refusal(
            "slides_kind",
            N_("Choose a PDF, PowerPoint (pptx), OpenDocument (odp) or Word (docx) file."),
            "slides",
        )
    if len(row.slides) >= MOST_SLIDES:
        raise Refusal(
            "slides_many",
            N_("There are %(most)d files already. Take one away first."),
            "slides",
            most=MOST_SLIDES,
        )
    safe = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())[-120:]
    file = files.keep(
        content,
        name=safe,
        media_type=kind or "application/octet-stream",
        purpose="slides",
        organiser_id=row.speaker.organiser_id,
        now=now,
    )
    db.session.add(Slides(hand_in_id=row.id, file_id=file.id, at=now))
    db.session.flush()
    _by_link("handed in a file", row, now, name=safe)


@transaction()
def remove_slides(row: HandIn, id: int, *, now: datetime) -> None:
    """Take a file away again."""
    row = _held(row)
    found = next((slides for slides in row.slides if slides.id == id), None)
    if found is None:
        raise Refusal("no_such_file", N_("This file is not here any more."))
    db.session.delete(found)
    db.session.flush()
    file = db.session.get_one(StoredFile, found.file_id)
    db.session.delete(file)
    db.session.flush()
    _by_link("took back a file", row, now, name=file.name)


def _set_away(programme: Programme, speaker_id: int, rounds: Collection[int]) -> None:
    known = set(db.session.scalars(select(Round.id).where(Round.programme_id == programme.id)))
    old = delete(Absence).where(Absence.speaker_id == speaker_id, Absence.round_id.in_(known))
    db.session.execute(old.execution_options(synchronize_session=False))
    db.session.add_all(Absence(speaker_id=speaker_id, round_id=id) for id in sorted(set(rounds) & known))


def _decide(row: HandIn, programme: Programme, decision: str, remark: str, by: int, now: datetime) -> None:
    row.decision, row.remark, row.decided_by, row.decided_at = decision, remark, by, now
    organiser = db.session.get_one(Organiser, programme.organiser_id)
    emails.answered(row, programme, organiser, now=now)
    record(decision, row.speaker, organiser_id=organiser.id, by=by, at=now, words=row.speaker.name)
    db.session.flush()


def _row(programme_id: int, speaker_id: int) -> HandIn:
    mine = (HandIn.programme_id == programme_id, HandIn.speaker_id == speaker_id)
    row = db.session.scalar(select(HandIn).where(*mine))
    if row is None:
        row = HandIn(programme_id=programme_id, speaker_id=speaker_id, epoch=0)
        db.session.add(row)
        db.session.flush()
        row.token_hash = token_hash(emails.hand_in_token(row))
        db.session.flush()
    return row


def _by_link(verb: str, row: HandIn, now: datetime, *, name: str = "") -> None:
    """A line in the log: the speaker did this by their own link, with a file of this name."""
    speaker = row.speaker
    file = {"file": name} if name else None
    record(verb, speaker, organiser_id=speaker.organiser_id, by=None, at=now, words=speaker.name, after=file)


def _held(row: HandIn) -> HandIn:
    """The row as it is now, while nobody else edits."""
    organiser_id = db.session.scalars(select(Speaker.organiser_id).where(Speaker.id == row.speaker_id)).one()
    check_open_organiser(organiser_id)
    hold(organiser_id, db.session.get_one(Programme, row.programme_id))
    return db.session.get_one(HandIn, row.id, populate_existing=True)
