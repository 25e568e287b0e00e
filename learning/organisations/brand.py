"""An organiser's name and colours, as pages show them."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select

from learning.kit.db import db
from learning.kit.theme import theme_css
from learning.organisations.models import Organiser


@dataclass(frozen=True)
class Brand:
    """What the frame of a page shows of an organiser."""

    slug: str
    name: str
    plate: str
    theme_url: str
    home_url: str = "/"


_brands: dict[tuple[str, ...], Brand] = {}


def brand_of(organiser: Organiser | None) -> Brand | None:
    """The brand of this organiser, or None on pages that belong to nobody."""
    if organiser is None:
        return None
    key = (organiser.slug, organiser.name, organiser.plate, organiser.brand_colour, organiser.accent_colour)
    if key not in _brands:
        css = theme_css(organiser.brand_colour, organiser.accent_colour)
        version = hashlib.sha256(css.encode()).hexdigest()[:10]
        _brands[key] = Brand(organiser.slug, organiser.name, organiser.plate, f"/theme/{organiser.slug}-{version}.css")
    return _brands[key]


def stylesheet(slug: str) -> str | None:
    """The stylesheet with an organiser's colours, None when there is no such organiser."""
    organiser = db.session.scalar(select(Organiser).where(Organiser.slug == slug))
    return None if organiser is None else theme_css(organiser.brand_colour, organiser.accent_colour)
