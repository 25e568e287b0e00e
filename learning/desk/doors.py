"""What all pages of the desk share: who may come in, and forms that keep what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, request
from flask_babel import gettext as _
from werkzeug.routing import AnyConverter, Map
from wtforms.fields.choices import SelectChoice

from learning.desk.forms import DeskForm
from learning.desk.kind import KINDS, rows_of
from learning.desk.reading import SKIPPED
from learning.kit.access import require, require_account
from learning.kit.pictures import GLYPHS
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Account
from learning.people.permissions import (
    can_correct_billing,
    can_edit,
    can_see_organisations,
    can_see_plans,
    can_share,
    organiser_for,
)
from learning.programmes import rows as programmes_rows
from learning.programmes.models import Programme, Room, Theme, Venue
from learning.programmes.permissions import programme_for

bp = Blueprint("desk", __name__, url_prefix="/manage/<organiser>")


class KindInProgramme(AnyConverter):
    """In an address: a kind of row that a programme has."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, *(kind.key for kind in KINDS.values() if kind.of_programme))


class KindInOrganiser(AnyConverter):
    """In an address: a kind of row that all programmes of an organiser share."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, *(kind.key for kind in KINDS.values() if not kind.of_programme))


@dataclass(frozen=True)
class Desk:
    """Who is at the desk of which organiser, with which
    programme, and whether they may change what they look at.
    """

    account: Account
    organiser: Organiser
    programme: Programme | None
    edits: bool

    @property
    def at(self) -> dict[str, Any]:
        """What the addresses of this desk need."""
        return {"organiser": self.organiser.slug, **({"slug": self.programme.slug} if self.programme else {})}


def enter(organiser: str, slug: str | None = None, *, changing: bool = False) -> Desk:
    """Let staff in who see the plans; to send a form, or to see
    a page that is only for `changing`, who may change them.

    404 for strangers and for a programme that one does not see, 403 for what the role has not.
    """
    account = require_account()
    owner = organiser_for(account, organiser)
    programme = programme_for(account, owner, slug) if slug is not None else None
    edits = (can_share if programme is None else can_edit)(account, owner.id)
    require(edits if changing or sent() else can_see_plans(account, owner.id))
    return _at(account, owner, programme, edits=edits)


def enter_programme(organiser: str, slug: str, *, changing: bool = False) -> tuple[Desk, Programme]:
    """The same, for a page about one programme."""
    desk = enter(organiser, slug, changing=changing)
    assert desk.programme is not None
    return desk, desk.programme


def enter_organisation(organiser: str) -> Desk:
    """The same for one organisation, which who makes invoices
    sees too, and whose billing address they correct.
    """
    account = require_account()
    owner = organiser_for(account, organiser)
    edits = can_share(account, owner.id)
    corrects = edits or can_correct_billing(account, owner.id)
    require(corrects if sent() else can_see_organisations(account, owner.id))
    return _at(account, owner, None, edits=edits)


def sent() -> bool:
    """Something is sent that would change something."""
    return request.method not in ("GET", "HEAD", "OPTIONS")


def _at(account: Account, owner: Organiser, programme: Programme | None, *, edits: bool) -> Desk:
    g.organiser, g.programme, g.edits = owner, programme, edits
    return Desk(account, owner, programme, edits)


def values_of(form: DeskForm) -> dict[str, Any]:
    """What was filled in, by the names of the rows."""
    return {field.name: getattr(field, "value", field.data) for field in form if field.name not in SKIPPED}


def differing(form: DeskForm, now: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the row now, for fields where the form says otherwise."""
    return {
        field.name: now[field.name] for field in form if field.name in now and field.data != now[field.name]
    }


def offer(desk: Desk, form: DeskForm) -> None:
    """Fill the lists that one picks from."""
    lang = g.lang
    owner = desk.organiser.id
    if "venue_id" in form:
        venues = [(v.id, v.name) for v in programmes_rows.of_organiser(Venue, owner)]
        form["venue_id"].offer(venues, empty=_("not known yet"))
    if "room_id" in form:
        rooms = [(r.id, _room_words(r)) for r in rows_of(KINDS["rooms"], owner, None)]
        form["room_id"].offer(rooms, empty=_("no room yet"))
    if "theme_id" in form:
        themes = [(t.id, t.name.pick(lang)) for t in programmes_rows.of_organiser(Theme, owner)]
        form["theme_id"].offer(themes, empty=_("no theme"))
    if desk.programme is not None and "round_id" in form:
        rounds = [
            (r.id, r.title.pick(lang) or str(r.number)) for r in programmes_rows.rounds_of(desk.programme)
        ]
        form["round_id"].offer(rounds, empty=_("not placed yet"))
    if desk.programme is not None and "meeting_id" in form:
        meetings = [
            (m.id, m.title.pick(lang) or str(m.position)) for m in programmes_rows.meetings_of(desk.programme)
        ]
        form["meeting_id"].offer(meetings, empty=None)
    if "organisation_id" in form:
        rows = sorted(
            programmes_rows.of_organiser(Organisation, owner), key=lambda row: (row.sort_key, row.id)
        )
        form["organisation_id"].offer([(row.id, row.name) for row in rows], empty="–")
    if "glyph" in form:
        form["glyph"].choices = [SelectChoice(key, key) for key in GLYPHS]


def _room_words(room: Room) -> str:
    size = " (" + _("%(count)d people", count=room.capacity) + ")" if room.capacity is not None else ""
    return f"{room.venue.name}: {room.name}{size}"
