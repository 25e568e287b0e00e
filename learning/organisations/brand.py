"""An organiser's name, logo, colours and own domain, as pages show them."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from learning.kit.db import db, fast_rows
from learning.kit.files import StoredFile
from learning.kit.theme import theme_css
from learning.kit.wording import Wording
from learning.organisations.models import Organiser

NOTHING = Wording()


@dataclass(frozen=True)
class Brand:
    """What the frame of a page shows of an organiser; `logo_url`
    is empty without a logo, `closing` says why it is closed.
    """

    slug: str
    name: str
    plate: str
    theme_url: str
    logo_url: str = ""
    home_url: str = "/"
    closed: bool = False
    closing: Wording = NOTHING


_brands: dict[tuple[object, ...], Brand] = {}


def brand_of(organiser: Organiser | None) -> Brand | None:
    """The brand of this organiser, or None on pages that belong to nobody."""
    if organiser is None:
        return None
    logo = organiser.logo.sha256 if organiser.logo_id and organiser.logo else ""
    ended = (organiser.closed_at is not None, organiser.closing)
    key = (
        organiser.slug,
        organiser.name,
        organiser.plate,
        organiser.brand_colour,
        organiser.accent_colour,
        logo,
        *ended,
    )
    if key not in _brands:
        css = theme_css(organiser.brand_colour, organiser.accent_colour)
        version = hashlib.sha256(css.encode()).hexdigest()[:10]
        theme_url = f"/theme/{organiser.slug}-{version}.css"
        logo_url = f"/logos/{logo[:32]}.png" if logo else ""
        _brands[key] = Brand(
            organiser.slug, organiser.name, organiser.plate, theme_url, logo_url, "/", *ended
        )
    return _brands[key]


def stylesheet(slug: str) -> str | None:
    """The stylesheet with an organiser's colours, None when there is no such organiser."""
    organiser = db.session.scalar(select(Organiser).where(Organiser.slug == slug))
    return None if organiser is None else theme_css(organiser.brand_colour, organiser.accent_colour)


def logo_file(name: str) -> StoredFile | None:
    """The logo in use whose bytes have this name (32
    characters of their SHA-256); None when there is none.
    """
    query = select(StoredFile).join(Organiser, Organiser.logo_id == StoredFile.id)
    return db.session.scalar(query.where(StoredFile.sha256.startswith(name, autoescape=True)).limit(1))


def organiser_at(host: str) -> int | None:
    """The id of the organiser whose own, proven domain this is; None when it is nobody's."""
    rows = fast_rows("SELECT id FROM organiser WHERE domain = ? AND domain_seen_at IS NOT NULL", (host,))
    return rows[0][0] if rows else None
