"""What stands above and below the form of one row: merges, a contact's own buttons and trail, one more year."""

from collections.abc import Callable
from typing import Any

from learning.kit import clock
from learning.kit.db import db
from learning.kit.wording import N_
from learning.people import contacts
from learning.people.models import Contact
from learning.people.permissions import can_see_plans
from learning.programmes import merging
from learning.programmes.forms import RowForm
from learning.programmes.manage.doors import Desk
from learning.programmes.permissions import contacts_visible_to
from learning.programmes.things import Thing

VERBS = {
    "made": N_("became contact"),
    "confirmed": N_("confirmed"),
    "brought back": N_("contact again"),
    "changed": N_("changed"),
    "invited": N_("invited by mail"),
    "ended": N_("ended"),
    "handed over": N_("handed over"),
}


def besides(desk: Desk, thing: Thing, row: Any) -> dict[str, Any]:
    """The templates above and below the form of this row, with what they show to who is at the desk."""
    page: dict[str, Any] = {"above": "", "below": ""}
    if row is not None and thing.key in MORE:
        page |= MORE[thing.key](desk, row)
    return page


def _organisation(desk: Desk, row: Any) -> dict[str, Any]:
    if not can_see_plans(desk.account, desk.organiser.id):
        return {}
    seen = set(db.session.scalars(contacts_visible_to(desk.account, desk.organiser.id).with_only_columns(Contact.id)))
    page = {"below": "programmes/_organisation.html", "merges": merging.merges_of(row.id) if desk.edits else []}
    return page | {"speaking": [one for one in contacts.contacts_of(row.id) if one.id in seen], "local": clock.local}


def _contact(_desk: Desk, row: Any) -> dict[str, Any]:
    page = {"above": "programmes/_contact.html", "below": "programmes/_trail.html", "button": RowForm(formdata=None)}
    return page | {"trail": contacts.trail_of(row), "verbs": VERBS, "local": clock.local}


def _partnership(_desk: Desk, row: Any) -> dict[str, Any]:
    return {"above": "programmes/_partnership.html"}


MORE: dict[str, Callable[[Desk, Any], dict[str, Any]]] = {
    "organisations": _organisation,
    "contacts": _contact,
    "partnerships": _partnership,
}
