"""Photos of speakers: kept in three sizes, shown once released, forgotten when nothing shows them."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select

from learning.desk.saving import hold
from learning.kit import files
from learning.kit.db import db, transaction
from learning.kit.files import StoredFile
from learning.kit.trail import record
from learning.kit.wording import Wording
from learning.programmes.models import Photo, Speaker
from learning.speakers.models import HandIn


@transaction()
def set_photo(
    speaker: Speaker, made: Mapping[str, bytes] | None, alt: Wording, *, by: int, now: datetime
) -> None:
    """Give a speaker a photo at the desk, as `kit.photos.portraits`
    made it, or other words for it; with None it stays.
    """
    hold(speaker.organiser_id, None)
    speaker = db.session.get_one(Speaker, speaker.id, populate_existing=True)
    before = speaker.photo_id
    if made is not None:
        speaker.photo_id = keep_photo(speaker.organiser_id, made, now=now).id
    speaker.photo_alt = alt
    record("photo of", speaker, organiser_id=speaker.organiser_id, by=by, at=now, words=speaker.name)
    db.session.flush()
    if made is not None:
        forget(before)


@transaction()
def remove_photo(speaker: Speaker, *, by: int, now: datetime) -> None:
    """Take a speaker's photo away."""
    hold(speaker.organiser_id, None)
    speaker = db.session.get_one(Speaker, speaker.id, populate_existing=True)
    before, speaker.photo_id = speaker.photo_id, None
    record("took the photo of", speaker, organiser_id=speaker.organiser_id, by=by, at=now, words=speaker.name)
    db.session.flush()
    forget(before)


def keep_photo(organiser_id: int, made: Mapping[str, bytes], *, now: datetime) -> Photo:
    """A photo in its three sizes, in the transaction under way."""
    stored = {
        size: files.keep(
            body,
            name=f"{size}.jpg",
            media_type="image/jpeg",
            purpose="photo",
            organiser_id=organiser_id,
            now=now,
        ).id
        for size, body in made.items()
    }
    photo = Photo(organiser_id=organiser_id, key=secrets.token_urlsafe(16), made_at=now)
    photo.small_id, photo.medium_id, photo.large_id = stored["s"], stored["m"], stored["l"]
    db.session.add(photo)
    db.session.flush()
    return photo


def photo_file(key: str, size: str) -> StoredFile | None:
    """The file of a photo in this size: s, m or l."""
    photo = db.session.scalar(select(Photo).where(Photo.key == key))
    if photo is None:
        return None
    return db.session.get(StoredFile, {"s": photo.small_id, "m": photo.medium_id, "l": photo.large_id}[size])


def forget(photo_id: int | None) -> None:
    """A photo that was never released and that nobody holds
    any more goes away; a released one stays with its release.
    """
    photo = db.session.get(Photo, photo_id) if photo_id is not None else None
    if photo is None:
        return
    held = (
        select(Speaker.id)
        .where(Speaker.photo_id == photo.id)
        .union(select(HandIn.id).where(HandIn.photo_id == photo.id))
    )
    if photo.released or db.session.execute(held.limit(1)).first() is not None:
        return
    ids = (photo.small_id, photo.medium_id, photo.large_id)
    db.session.delete(photo)
    db.session.flush()
    db.session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))
