"""What stands above and below the form of one row: merges, a contact's own buttons and trail, one more year."""

from collections.abc import Callable
from typing import Any

from learning.kit import clock
from learning.kit.wording import N_
from learning.people import contacts
from learning.programmes import merging
from learning.programmes.forms import RowForm
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


def besides(thing: Thing, row: Any) -> dict[str, Any]:
    """The templates above and below the form of this row, with what they show."""
    page: dict[str, Any] = {"above": "", "below": ""}
    if row is not None and thing.key in MORE:
        page |= MORE[thing.key](row)
    return page


def _organisation(row: Any) -> dict[str, Any]:
    page = {"below": "programmes/_organisation.html", "merges": merging.merges_of(row.id)}
    return page | {"speaking": contacts.contacts_of(row.id), "local": clock.local}


def _contact(row: Any) -> dict[str, Any]:
    page = {"above": "programmes/_contact.html", "below": "programmes/_trail.html", "button": RowForm(formdata=None)}
    return page | {"trail": contacts.trail_of(row), "verbs": VERBS, "local": clock.local}


def _partnership(row: Any) -> dict[str, Any]:
    return {"above": "programmes/_partnership.html"}


MORE: dict[str, Callable[[Any], dict[str, Any]]] = {
    "organisations": _organisation,
    "contacts": _contact,
    "partnerships": _partnership,
}
