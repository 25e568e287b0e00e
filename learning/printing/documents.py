"""The printed side of a programme: booklet, room signs and
list of hosts, as PDF, made by the worker of a release.
"""

import re
from collections import defaultdict
from datetime import datetime
from typing import Any

from flask import g, render_template
from flask_babel import force_locale
from sqlalchemy import select

from learning.kit import clock
from learning.kit.db import after_commit, db, hold, transaction
from learning.kit.files import keep
from learning.kit.jobs import each_due, nudge
from learning.kit.pdf import write_pdf
from learning.kit.setbacks import clear
from learning.kit.wording import LANGUAGES, N_
from learning.organisations.models import Organiser
from learning.printing.models import ProgrammeDocument
from learning.releases.happenings import Released
from learning.releases.models import OfferedProgramme, OfferedSession, Release
from learning.releases.picture import ProgrammePicture, SessionPicture
from learning.releases.queries import picture_of_release

JOB = "document"
FAILED = N_("The document could not be made. We try again later; ask for it again to try at once.")
KINDS = {"booklet": N_("Programme booklet"), "room_signs": N_("Room signs"), "hosts": N_("List of hosts")}


@transaction()
def ask(programme_id: int, kind: str, lang: str, *, now: datetime) -> ProgrammeDocument:
    """Ask for a document of the latest release; asked twice it is made once.

    The list of hosts counts, so it is made anew.
    """
    offered = db.session.get_one(OfferedProgramme, programme_id)
    wanted = {"release_id": offered.release_id, "kind": kind, "lang": lang, "cleaned": offered.cleaned}
    found = db.session.scalar(select(ProgrammeDocument).filter_by(**wanted))
    if found is None:
        found = ProgrammeDocument(programme_id=programme_id, asked_at=now, **wanted)
        db.session.add(found)
    elif kind == "hosts" or found.failed:
        found.file_id, found.failed, found.asked_at = None, "", now
        clear(JOB, found.id)
    db.session.flush()
    after_commit(nudge)
    return found


@transaction()
def ask_booklets(happening: Released) -> None:
    """A release wants its booklets, in each language."""
    for lang in LANGUAGES:
        ask(happening.programme_id, "booklet", lang, now=happening.now)


def newest(programme_id: int, kind: str, lang: str) -> ProgrammeDocument | None:
    """The document of the release that holds now; None when nobody asked for it."""
    query = select(ProgrammeDocument).join(
        OfferedProgramme, OfferedProgramme.id == ProgrammeDocument.programme_id
    )
    same = (
        ProgrammeDocument.release_id == OfferedProgramme.release_id,
        ProgrammeDocument.cleaned == OfferedProgramme.cleaned,
    )
    mine = (
        ProgrammeDocument.programme_id == programme_id,
        ProgrammeDocument.kind == kind,
        ProgrammeDocument.lang == lang,
    )
    return db.session.scalar(query.where(*same, *mine))


def make_due() -> None:
    """What the worker does each sweep: every document that was asked for and is not there yet."""
    query = (
        select(ProgrammeDocument.id).where(ProgrammeDocument.file_id.is_(None)).order_by(ProgrammeDocument.id)
    )
    each_due(JOB, db.session.scalars(query).all(), make)


def make(id: int) -> None:
    """Read what the document says, let go, make the PDF, and keep it; or that it failed."""
    try:
        html = html_of(db.session.get_one(ProgrammeDocument, id))
        db.session.rollback()
        content = write_pdf(html)
    except Exception:
        db.session.rollback()
        fail(id)
        raise
    keep_document(id, content)


@transaction()
def keep_document(id: int, content: bytes) -> None:
    """Store the PDF; when another worker was first, nothing."""
    [document] = hold(select(ProgrammeDocument).where(ProgrammeDocument.id == id))
    if document.file_id is not None:
        return
    picture = picture_of_release(document.release_id, document.cleaned)
    now = clock.now()
    file = keep(
        content,
        name=f"{picture.slug}-{document.kind.replace('_', '-')}-{document.lang}.pdf",
        media_type="application/pdf",
        purpose=document.kind,
        organiser_id=db.session.get_one(OfferedProgramme, document.programme_id).organiser_id,
        now=now,
    )
    document.file_id, document.made_at, document.failed = file.id, now, ""
    db.session.flush()


@transaction()
def fail(id: int) -> None:
    """Say that a document could not be made; it is tried again later, or at once when somebody asks."""
    db.session.get_one(ProgrammeDocument, id).failed = FAILED


def html_of(document: ProgrammeDocument) -> str:
    """The document as HTML."""
    release = db.session.get_one(Release, document.release_id)
    picture = picture_of_release(document.release_id, document.cleaned)
    offered = db.session.get_one(OfferedProgramme, document.programme_id)
    organiser = db.session.get_one(Organiser, offered.organiser_id)
    taken = select(OfferedSession.id, OfferedSession.taken).where(OfferedSession.programme_id == picture.id)
    values: dict[str, Any] = {
        "picture": picture,
        "organiser": organiser,
        "number": release.number,
        "rooms": by_room(picture),
        "taken": dict(db.session.execute(taken).all()),  # type: ignore[arg-type]
        "now": clock.local(clock.now()),
    }
    with force_locale(document.lang):
        g.lang = document.lang
        return render_template(f"documents/{document.kind}.html", **values)


def by_room(picture: ProgrammePicture) -> dict[str, list[tuple[str, SessionPicture]]]:
    """The sessions of each room in order of time, with the time; those without a room under an empty name."""
    rooms: dict[str, list[tuple[str, SessionPicture]]] = defaultdict(list)
    for round in picture.rounds:
        for session in round.sessions:
            if not session.cancelled:
                rooms[session.room].append(("–".join(t for t in (round.start, round.end) if t), session))
    return dict(sorted(rooms.items(), key=lambda item: (item[0] == "", _natural(item[0]))))


def _natural(name: str) -> tuple[Any, ...]:
    """Zaal 2 before Zaal 10."""

    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part
    )
