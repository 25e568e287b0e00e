"""What is released of programmes; everybody but the desk reads only this."""

from collections.abc import Hashable, Iterable
from typing import Any

from flask import current_app
from sqlalchemy import select

from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.installation import of
from learning.kit.kept import Kept
from learning.kit.markdown import render
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.programmes.models import Conditions, Meeting, Programme
from learning.releases.models import OfferedProgramme, OfferedSession, Release
from learning.releases.picture import PlacedPicture, ProgrammePicture, picture_from, placed_from


def current_picture(programme_id: int) -> ProgrammePicture | None:
    """The latest release of a programme; None while it has none."""
    query = select(OfferedProgramme.release_id, OfferedProgramme.cleaned).where(
        OfferedProgramme.id == programme_id
    )
    row = db.session.execute(query).first()
    return picture_of_release(row.release_id, row.cleaned) if row else None


def picture_by_slug(slug: str) -> ProgrammePicture:
    """The latest release of the programme with this address; 404 when there is none."""
    query = select(OfferedProgramme.release_id, OfferedProgramme.cleaned).where(OfferedProgramme.slug == slug)
    row = db.session.execute(query).first()
    if row is None:
        not_found()
    return picture_of_release(row.release_id, row.cleaned)


def all_pictures() -> list[ProgrammePicture]:
    """The latest release of every programme that is not archived, in the order in which they were made."""
    query = (
        select(OfferedProgramme.release_id, OfferedProgramme.cleaned)
        .join(Programme, Programme.id == OfferedProgramme.id)
        .where(Programme.archived_at.is_(None))
        .order_by(OfferedProgramme.id)
    )
    rows = db.session.execute(query).all()
    unknown = [
        row.release_id for row in rows if _parsed().get(("public", row.release_id, row.cleaned)) is None
    ]
    if unknown:
        found = db.session.execute(
            select(Release.id, Release.cleaned, Release.public).where(Release.id.in_(unknown))
        )
        for release in found:
            _keep(("public", release.id, release.cleaned), picture_from(release.public))
    return [picture_of_release(row.release_id, row.cleaned) for row in rows]


def titles_of(programme_ids: Iterable[int]) -> dict[int, Wording]:
    """The titles of these programmes as released, by id; none for one that was never released."""
    query = select(OfferedProgramme.id, OfferedProgramme.release_id, OfferedProgramme.cleaned)
    rows = db.session.execute(query.where(OfferedProgramme.id.in_(set(programme_ids))))
    return {row.id: picture_of_release(row.release_id, row.cleaned).title for row in rows.all()}


def picture_of_release(release_id: int, cleaned: int) -> ProgrammePicture:
    """The picture that a release holds, parsed once in each worker."""
    key = ("public", release_id, cleaned)
    picture = _parsed().get(key)
    if picture is None:
        plain = db.session.scalars(select(Release.public).where(Release.id == release_id)).one()
        picture = _keep(key, picture_from(plain))
    return picture  # type: ignore[no-any-return]


def placed_of(programme_id: int) -> PlacedPicture:
    """What only placed people see of the latest release; nothing when there is none."""
    query = select(OfferedProgramme.release_id, OfferedProgramme.cleaned).where(
        OfferedProgramme.id == programme_id
    )
    row = db.session.execute(query).first()
    if row is None:
        return PlacedPicture()
    key = ("placed", row.release_id, row.cleaned)
    placed = _parsed().get(key)
    if placed is None:
        plain = db.session.scalars(select(Release.placed).where(Release.id == row.release_id)).one()
        placed = _keep(key, placed_from(plain))
    return placed  # type: ignore[no-any-return]


def offered(programme_id: int) -> dict[int, OfferedSession]:
    """The sessions on offer with what is taken, by id."""
    query = (
        select(OfferedSession).where(OfferedSession.programme_id == programme_id).order_by(OfferedSession.id)
    )
    return {row.id: row for row in db.session.scalars(query)}


def organiser_id_of(programme_id: int) -> int:
    """The id of the organiser of a programme."""
    return db.session.scalars(select(Programme.organiser_id).where(Programme.id == programme_id)).one()


def programme_of(meeting_id: int) -> int:
    """The id of the programme of a meeting."""
    return db.session.scalars(select(Meeting.programme_id).where(Meeting.id == meeting_id)).one()


def conditions_in(programme_id: int, version: int | None) -> Wording:
    """The conditions as they read in this version, as HTML; empty when there were none."""
    mine = (Conditions.programme_id == programme_id, Conditions.version == version)
    row = db.session.scalar(select(Conditions).where(*mine)) if version else None
    return Wording(render(row.text.nl), render(row.text.en)) if row is not None else Wording()


def organiser_by_slug(slug: str) -> Organiser:
    """The organiser with this name in addresses; 404 when there is none."""
    organiser = db.session.scalar(select(Organiser).where(Organiser.slug == slug))
    if organiser is None:
        not_found()
    return organiser


class Parsed(Kept):
    """Parsed releases in the memory of a worker."""

    def __init__(self) -> None:
        super().__init__(limit=200)


def _parsed() -> Kept:
    return of(current_app).memory.one(Parsed)


def _keep(key: Hashable, picture: Any) -> Any:
    _parsed().put(key, picture)
    return picture
