"""What stands above and below the form of one row of the
network: merges, a contact's buttons and trail, one more year.
"""

from typing import Any

from learning.desk.forms import RowForm
from learning.kit import clock
from learning.kit.db import db
from learning.kit.wording import N_
from learning.network import merging
from learning.people import contacts
from learning.people.models import Contact
from learning.people.permissions import can_see_plans
from learning.programmes.permissions import contacts_visible_to

VERBS = {
    "made": N_("became contact"),
    "confirmed": N_("confirmed"),
    "brought back": N_("contact again"),
    "changed": N_("changed"),
    "invited": N_("invited by mail"),
    "ended": N_("ended"),
    "handed over": N_("handed over"),
}


def beside_organisation(desk: Any, row: Any) -> dict[str, Any]:
    """Its merges, and who speaks for it."""
    if row is None or not can_see_plans(desk.account, desk.organiser.id):
        return {}
    seen = set(
        db.session.scalars(contacts_visible_to(desk.account, desk.organiser.id).with_only_columns(Contact.id))
    )
    page = {"below": "network/_organisation.html", "merges": merging.merges_of(row.id) if desk.edits else []}
    return page | {
        "speaking": [one for one in contacts.contacts_of(row.id) if one.id in seen],
        "local": clock.local,
    }


def beside_contact(_desk: Any, row: Any) -> dict[str, Any]:
    """Buttons to confirm, invite and end, and what happened with it."""
    if row is None:
        return {}
    page = {
        "above": "network/_contact.html",
        "below": "network/_trail.html",
        "button": RowForm(formdata=None),
    }
    return page | {"trail": contacts.trail_of(row), "verbs": VERBS, "local": clock.local}


def beside_partnership(_desk: Any, row: Any) -> dict[str, Any]:
    """One more year."""
    return {"above": "network/_partnership.html"} if row is not None else {}
