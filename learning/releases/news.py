"""What a release would change, and the releases that there were: for the desk."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.people.models import Account
from learning.programmes.models import Programme
from learning.releases.changes import Change, changes, unnamed
from learning.releases.models import OfferedProgramme, Release
from learning.releases.picture import ProgrammePicture, picture_from
from learning.releases.queries import current_picture
from learning.releases.snapshot import desk_programme, draw, mark_of, placed_of_desk

SENTENCES = {
    "new": N_("new"),
    "gone": N_("no longer in the programme"),
    "cancelled": N_("cancelled"),
    "restored": N_("goes on after all"),
    "time": N_("moved from %(was)s to %(now)s"),
    "round": N_("moved from %(was)s to %(now)s"),
    "room": N_("from room %(was)s to %(now)s"),
    "place": N_("from %(was)s to %(now)s"),
    "hosts": N_("who leads it: %(now)s (was %(was)s)"),
    "capacity": N_("places: %(now)s (was %(was)s)"),
    "title": N_("new title: %(now)s (was %(was)s)"),
    "text": N_("new text"),
    "prices": N_("other prices"),
    "settings": N_("other settings"),
}


@dataclass(frozen=True)
class News:
    """What is at the desk and not public: the changes; `first` while nothing was ever released."""

    first: bool
    number: int
    changes: tuple[Change, ...]
    mark: str = ""  # of what a release would hold
    problem: str = ""
    values: tuple[tuple[str, object], ...] = ()


def released_number(programme: Programme) -> int | None:
    """The number of the last release; None when there is none."""
    return db.session.scalar(
        select(OfferedProgramme.release_number).where(OfferedProgramme.id == programme.id)
    )


def news_of(programme: Programme) -> News:
    """What a release now would change."""
    number = released_number(programme)
    try:
        desk = desk_programme(programme.id)
        after, placed = draw(desk), placed_of_desk(desk)
    except Refusal as refusal:
        return News(number is None, number or 0, (), "", refusal.message, tuple(refusal.values.items()))
    before = current_picture(programme.id)
    return News(
        number is None,
        number or 0,
        (*changes(before, after), *unnamed(before, after)),
        mark_of(after, placed, number),
    )


def sentence(change: Change) -> str:
    """What a change says, in the reader's language."""
    unknown = _("not known")
    return str(_(SENTENCES[change.kind], was=change.was or unknown, now=change.now or unknown))


@dataclass(frozen=True)
class Line:
    """A release in a list."""

    release: Release
    by: str
    changes: tuple[Change, ...]


def releases_of(programme: Programme, *, last: int = 20, for_staff: bool = False) -> list[Line]:
    """The latest releases with what each changed, newest first; for staff also what visitors are not told."""
    mine = Release.programme_id == programme.id
    rows = list(
        db.session.scalars(select(Release).where(mine).order_by(Release.number.desc()).limit(last + 1))
    )
    names = {account.id: account.name or account.mail for account in db.session.scalars(_makers(rows))}
    pictures = [picture_from(row.public) for row in rows]
    before: list[ProgrammePicture | None] = [*pictures[1:], None]
    lines = [
        Line(
            row,
            names.get(row.made_by or 0, ""),
            (*changes(old, new), *(unnamed(old, new) if for_staff else ())),
        )
        for row, new, old in zip(rows, pictures, before, strict=False)
    ]
    return lines[:last]


def _makers(rows: list[Release]):  # type: ignore[no-untyped-def]
    return select(Account).where(Account.id.in_({row.made_by for row in rows if row.made_by}))


def release_numbered(programme: Programme, number: int) -> Release:
    """One release; 404 when there is none with this number."""
    mine = (Release.programme_id == programme.id, Release.number == number)
    found = db.session.scalar(select(Release).where(*mine)) if 0 < number < 2**31 else None
    if found is None:
        not_found()
    return found


__all__ = ["Line", "News", "news_of", "release_numbered", "releases_of", "sentence"]
