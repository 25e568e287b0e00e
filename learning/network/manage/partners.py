"""Buttons of the network at the desk: one more year for a partner, and a contact confirmed or invited."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from learning.desk.doors import Desk, enter
from learning.desk.forms import RowForm
from learning.desk.kind import Kind, row_of
from learning.desk.manage.lists import address
from learning.kit import clock
from learning.kit.errors import Refusal
from learning.network import partners
from learning.network.kinds import CONTACTS, PARTNERSHIPS
from learning.network.manage.door import bp
from learning.people import contacts


@bp.post("/partnerships/<int:id>/extension")
def extend_partnership(organiser: str, id: int) -> ResponseReturnValue:
    """One more year."""
    desk = enter(organiser)
    row_of(PARTNERSHIPS, desk.organiser.id, None, id, desk.account)

    def do() -> str:
        by, seen = desk.account.id, request.form.get("until", "")[:10]
        row = partners.extend(desk.organiser.id, id, seen, by=by, now=clock.now())
        days = {"from": format_date(row.from_on, "long"), "until": format_date(row.until_on, "long")}
        return _("%(name)s is partner from %(from)s until %(until)s.", name=row.organisation.name, **days)

    return _pressed(desk, PARTNERSHIPS, None, do)


@bp.post("/contacts/<int:id>/confirmation")
def confirm_contact(organiser: str, id: int) -> ResponseReturnValue:
    """Somebody who was asked for, or who ended, speaks for the organisation."""
    desk = enter(organiser)
    row = row_of(CONTACTS, desk.organiser.id, None, id, desk.account)

    def do() -> str:
        contacts.confirm(row, by=desk.account, now=clock.now())
        words = {"name": row.person.name, "organisation": row.organisation.name}
        return _("%(name)s is a contact of %(organisation)s now.", **words)

    return _pressed(desk, CONTACTS, id, do)


@bp.post("/contacts/<int:id>/invitation")
def invite_contact(organiser: str, id: int) -> ResponseReturnValue:
    """Mail a contact what they can do and where."""
    desk = enter(organiser)
    row = row_of(CONTACTS, desk.organiser.id, None, id, desk.account)

    def do() -> str:
        contacts.invite(row, by=desk.account, now=clock.now())
        return _("%(name)s gets an invitation by mail.", name=row.person.name)

    return _pressed(desk, CONTACTS, id, do)


def _pressed(desk: Desk, kind: Kind, id: int | None, do: Callable[[], str]) -> ResponseReturnValue:
    """Do what a button asks and say so, or why not; then back to the row or the list."""
    back = address(desk, kind, id)
    form: Any = RowForm()
    if form.submitted():
        try:
            flash(do(), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    for words in form.form_errors:
        flash(words, "warn")
    return redirect(back)
