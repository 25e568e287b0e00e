"""Seats at the desk: the draw, tried, looked at and published; and a seat that staff give to somebody."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from learning.attendance.models import Registration
from learning.choices import actions, queries
from learning.choices.forms import PlaceForm
from learning.desk.reading import AtDesk, at_desk
from learning.kit import clock
from learning.kit.access import not_found, require, require_account
from learning.kit.db import db
from learning.kit.trail import AuditEvent
from learning.people.models import Account
from learning.people.permissions import can_edit, can_see_people, organiser_for
from learning.releases.queries import current_picture

bp = Blueprint("choices_desk", __name__, url_prefix="/manage/<organiser>/programmes/<slug>")


@bp.route("/registrations/<int:registration_id>/seats", methods=["GET", "POST"])
def person_seats(organiser: str, slug: str, registration_id: int) -> ResponseReturnValue:
    """What somebody has in each round, to give another place or none, with a reason."""
    programme, account_id = enter(organiser, slug)
    registration = db.session.get(Registration, registration_id) if registration_id < 2**31 else None
    if registration is None or registration.programme_id != programme.id:
        not_found()
    here = url_for(
        "choices_desk.person_seats", organiser=organiser, slug=slug, registration_id=registration_id
    )
    form = _place_form(registration)
    sent = request.form.get("round", type=int)
    if form.submitted():
        with form.refusals(here):
            session_id = int(form.session.data) if form.session.data else None
            reason = form.reason.data or ""
            actions.place_by_staff(
                registration, sent or 0, session_id, reason=reason, by=account_id, now=clock.now()
            )
            flash(_("Done. %(name)s gets a mail.", name=registration.person.name), "ok")
            return redirect(here)
    board = queries.choice_board(registration) if registration.live else None
    page: dict[str, Any] = {
        "registration": registration,
        "board": board,
        "form": form,
        "sent": sent,
        "log": _log(registration),
    }
    page |= {"organiser": organiser, "programme": programme, "local": clock.local}
    return render_template("choices/person_seats.html", **page), form.status


def _place_form(registration: Registration) -> PlaceForm:
    """The form for one round; every session of the programme has the right shape, the action decides."""
    form = PlaceForm()
    picture = current_picture(registration.programme_id)
    ids = [str(id) for id in picture.sessions] if picture else []
    form.session.choices = [SelectChoice(value, value) for value in ("", *ids)]
    return form


def _log(registration: Registration) -> list[tuple[AuditEvent, str]]:
    """What staff did about the seats of this registration, newest first."""
    query = select(AuditEvent, Account.name, Account.mail).outerjoin(
        Account, Account.id == AuditEvent.account_id
    )
    mine = (AuditEvent.organiser_id == registration.organiser_id, AuditEvent.thing == "registration")
    query = query.where(*mine, AuditEvent.thing_id == registration.id, AuditEvent.verb == "placed")
    rows = db.session.execute(query.order_by(AuditEvent.id.desc()).limit(50))
    return [(line, name or mail or "") for line, name, mail in rows]


def enter(organiser: str, slug: str) -> tuple[AtDesk, int]:
    """The programme at this desk and who looks; 404 and 403 for who may not."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    g.programme = programme = at_desk(account, owner, slug)
    g.edits = can_edit(account, owner.id)
    require(g.edits if request.method == "POST" else can_see_people(account, owner.id))
    return programme, account.id
