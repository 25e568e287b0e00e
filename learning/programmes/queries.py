"""What is released of programmes; everybody but the desk reads only this."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from learning.kit.access import not_found
from learning.kit.db import db
from learning.organisations.models import Organiser
from learning.organisations.queries import partnership_on
from learning.people.models import Account, Person
from learning.people.queries import Card
from learning.programmes.models import OfferedHost, OfferedProgramme, OfferedSession, Programme, Release
from learning.programmes.picture import PlacedPicture, ProgrammePicture, picture_from, placed_from
from learning.programmes.pricing import Partner

KEPT = 200  # parsed releases in the memory of a worker


def current_picture(programme_id: int) -> ProgrammePicture | None:
    """The latest release of a programme; None while it has none."""
    query = select(OfferedProgramme.release_id, OfferedProgramme.cleaned).where(OfferedProgramme.id == programme_id)
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
    unknown = [row.release_id for row in rows if ("public", row.release_id, row.cleaned) not in _parsed()]
    if unknown:
        found = db.session.execute(select(Release.id, Release.cleaned, Release.public).where(Release.id.in_(unknown)))
        for release in found:
            _keep(("public", release.id, release.cleaned), picture_from(release.public))
    return [picture_of_release(row.release_id, row.cleaned) for row in rows]


def picture_of_release(release_id: int, cleaned: int) -> ProgrammePicture:
    """The picture that a release holds, parsed once in each worker."""
    key = ("public", release_id, cleaned)
    picture = _parsed().get(key)
    if picture is None:
        plain = db.session.scalars(select(Release.public).where(Release.id == release_id)).one()
        picture = _keep(key, picture_from(plain))
    return picture  # type: ignore[no-any-return]


def partner_on(organisation_id: int, day: date) -> Partner | None:
    """The organisation as partner on this day, as prices ask for it; None when it is none."""
    found = partnership_on(organisation_id, day)
    return Partner(found.id, found.level) if found is not None else None


def placed_of(programme_id: int) -> PlacedPicture:
    """What only placed people see of the latest release; nothing when there is none."""
    query = select(OfferedProgramme.release_id, OfferedProgramme.cleaned).where(OfferedProgramme.id == programme_id)
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
    query = select(OfferedSession).where(OfferedSession.programme_id == programme_id).order_by(OfferedSession.id)
    return {row.id: row for row in db.session.scalars(query)}


def organiser_by_slug(slug: str) -> Organiser:
    """The organiser with this name in addresses; 404 when there is none."""
    organiser = db.session.scalar(select(Organiser).where(Organiser.slug == slug))
    if organiser is None:
        not_found()
    return organiser


@dataclass(frozen=True)
class Hosted:
    """A session as its host sees it: where and when it stands in the picture, and how many come."""

    picture: ProgrammePicture
    session_id: int
    person: str
    taken: int
    waiting: int
    capacity: int | None


def hosted_by(account: Account) -> list[Hosted]:
    """The sessions that persons with this account's address host, with counts."""
    query = (
        select(OfferedSession, Person.name)
        .join(OfferedHost, OfferedHost.session_id == OfferedSession.id)
        .join(Person, Person.id == OfferedHost.person_id)
        .where(Person.mail_key == account.mail_key)
        .order_by(OfferedSession.programme_id, OfferedSession.round_id, OfferedSession.number)
    )
    rows = db.session.execute(query).all()
    pictures = {row.OfferedSession.programme_id: current_picture(row.OfferedSession.programme_id) for row in rows}
    return [
        Hosted(picture, session.id, name, session.taken, session.waiting, session.capacity)
        for session, name in rows
        if (picture := pictures[session.programme_id]) and session.id in picture.sessions
    ]


def home_cards(account: Account) -> list[Card]:
    """The sessions that an account hosts, as one card on its own page."""
    count = len(hosted_by(account))
    if not count:
        return []
    text = ngettext("You host %(num)d session", "You host %(num)d sessions", count)
    return [Card(title=_("My sessions"), text=text, url=url_for("programmes.hosting"))]


def _parsed() -> dict[Hashable, Any]:
    parsed: dict[Hashable, Any] = current_app.extensions.setdefault("parsed_releases", {})
    return parsed


def _keep(key: Hashable, picture: Any) -> Any:
    parsed = _parsed()
    if len(parsed) >= KEPT:
        parsed.pop(next(iter(parsed)), None)
    parsed[key] = picture
    return picture
