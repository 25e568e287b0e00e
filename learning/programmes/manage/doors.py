"""What all pages of the desk share: who may come in, and forms that keep what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g

from learning.kit.access import require, require_account
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.people.permissions import can_edit, organiser_for
from learning.programmes.desk import SKIPPED
from learning.programmes.forms import DeskForm
from learning.programmes.models import Programme
from learning.programmes.things import programme_of

bp = Blueprint("planning_desk", __name__, url_prefix="/manage/<organiser>")


@dataclass(frozen=True)
class Desk:
    """Who is at the desk of which organiser, and with which programme."""

    account: Account
    organiser: Organiser
    programme: Programme | None

    @property
    def at(self) -> dict[str, Any]:
        """What the addresses of this desk need."""
        return {"organiser": self.organiser.slug, **({"slug": self.programme.slug} if self.programme else {})}


def enter(organiser: str, slug: str | None = None) -> Desk:
    """Let editors and admins of the organiser in; 404 for strangers, 403 for other staff."""
    account = require_account()
    owner = organiser_for(account, organiser)
    require(can_edit(account, owner.id))
    g.organiser = owner
    g.programme = programme = programme_of(owner.id, slug) if slug is not None else None
    return Desk(account, owner, programme)


def enter_programme(organiser: str, slug: str) -> tuple[Desk, Programme]:
    """The same, for a page about one programme."""
    desk = enter(organiser, slug)
    assert desk.programme is not None
    return desk, desk.programme


def values_of(form: DeskForm) -> dict[str, Any]:
    """What was filled in, by the names of the rows."""
    return {field.name: getattr(field, "value", field.data) for field in form if field.name not in SKIPPED}


def differing(form: DeskForm, now: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the row now, for fields where the form says otherwise."""
    return {field.name: now[field.name] for field in form if field.name in now and field.data != now[field.name]}
