"""Seats at the desk: the draw, tried, looked at and published; and a seat that staff give to somebody."""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from learning.attendance.emails import moment_words
from learning.attendance.models import Registration
from learning.choices import actions, drawn, queries, results
from learning.choices import draws as drawing_up
from learning.choices.allocation import commitment
from learning.choices.forms import PlaceForm
from learning.choices.models import DrawRun, Wish
from learning.choices.rules import deadline
from learning.kit import clock
from learning.kit.access import not_found, require, require_account
from learning.kit.db import db
from learning.kit.forms import Form, Lines
from learning.kit.trail import AuditEvent
from learning.kit.wording import N_
from learning.people.models import Account
from learning.people.permissions import can_edit, can_see_people, organiser_for
from learning.programmes.forms import worded
from learning.programmes.models import Programme
from learning.programmes.permissions import programme_for
from learning.programmes.picture import ProgrammePicture
from learning.programmes.queries import current_picture

bp = Blueprint("choices_desk", __name__, url_prefix="/manage/<organiser>/programmes/<slug>")
POLICIES = {
    "balanced": N_("Balanced: the worst-off as well off as possible, then as few low choices as possible for everybody"),
    "leximin": N_("The worst-off first: also the second worst-off, and so on"),
    "first_choices": N_("As many first choices as possible"),
}
STAGES = {
    "unseated": N_("giving everybody a seat"),
    "cancelled": N_("keeping sessions going"),
    "max": N_("helping the worst-off"),
    "squares": N_("as few low choices as possible"),
    "unlisted": N_("as few seats outside the lists as possible"),
    "together": N_("spreading colleagues"),
    "lottery": N_("drawing lots between equals"),
    "tie": N_("settling what is left"),
}
MOST_COLUMNS = 4


class DrawForm(Form):
    """How the draw decides; in a draw after a published one also whose seats may become others."""

    policy = RadioField("", choices=worded(POLICIES), default="balanced")
    spread = BooleanField("")
    people = Lines(_l("Or these people: a name or mail address on each line"), required=False, max=5000)


class RunForm(Form):
    """A button on a draw."""


@bp.route("/draws", methods=["GET", "POST"])
def draws(organiser: str, slug: str) -> ResponseReturnValue:
    """The meetings with rounds that are filled by draw, and the draws so far; ask for one."""
    programme, account_id = _enter(organiser, slug)
    picture, now = current_picture(programme.id), clock.now()
    form = DrawForm()
    meeting_id = request.form.get("meeting", type=int) or 0
    if form.submitted():
        with form.refusals():
            asked: dict[str, Any] = {"spread": bool(form.spread.data), "early": bool(request.form.get("early"))}
            if request.form.get("again"):
                unpinned = drawing_up.unpinned(programme.id, _sessions_sent(), form.people.data or "")
                asked |= {"again": True, "unpinned": unpinned}
            policies = list(POLICIES) if request.form.get("all") else [form.policy.data]
            ids = [run.id for run in drawing_up.ask_all(programme, meeting_id, policies, by=account_id, now=now, **asked)]
            if len(ids) > 1:
                return redirect(url_for("choices_desk.compare", organiser=organiser, slug=slug, run=ids))
            return redirect(url_for("choices_desk.run", organiser=organiser, slug=slug, id=ids[0]))
    runs = select(DrawRun).where(DrawRun.programme_id == programme.id).order_by(DrawRun.id.desc()).limit(30)
    page: dict[str, Any] = {"form": form, "runs": db.session.scalars(runs).all(), "local": clock.local, "policies": POLICIES}
    page |= {"meetings": _meetings(picture) if picture else [], "picture": picture, "now": now}
    page |= {"sent": meeting_id, "unpin": _sessions_sent()}
    return render_template("choices/draws.html", organiser=organiser, programme=programme, **page), form.status


@bp.get("/draws/compare")
def compare(organiser: str, slug: str) -> ResponseReturnValue:
    """Draws side by side, one column each."""
    programme, _account_id = _enter(organiser, slug)
    ids = [id for id in request.args.getlist("run", type=int) if 0 < id < 2**31][:MOST_COLUMNS]
    asked = DrawRun.id.in_(ids), DrawRun.programme_id == programme.id
    runs = db.session.scalars(select(DrawRun).where(*asked).order_by(DrawRun.id)).all()
    runs = [run for run in runs if run.meeting_id == runs[0].meeting_id]  # other people and seats are no comparison
    found = [run for run in runs if run.ending == "found"]
    busy = any(run.ended_at is None for run in runs)
    page: dict[str, Any] = {"runs": runs, "found": found, "busy": busy, "policies": POLICIES, "local": clock.local}
    page["rows"] = results.side_by_side(found) if found else []
    response = Response(render_template("choices/compare.html", organiser=organiser, programme=programme, **page))
    if busy:
        response.headers["Refresh"] = "2"
    return response


@bp.route("/draws/<int:id>", methods=["GET", "POST"])
def run(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """How far a draw is; then what it gives, to publish or not."""
    programme, account_id = _enter(organiser, slug)
    found = _found(programme, id)
    form = RunForm()
    here = url_for("choices_desk.run", organiser=organiser, slug=slug, id=id)
    if form.submitted():
        with form.refusals(here):
            drawing_up.ask_publish(found, by=account_id, now=clock.now())
            return redirect(here)
    busy = found.ended_at is None or (found.publish_asked_at is not None and found.published_at is None)
    picture = current_picture(programme.id)
    page: dict[str, Any] = {"found": found, "form": form, "busy": busy, "stages": STAGES, "policies": POLICIES}
    page["picture"] = picture
    if found.ending == "found" and picture is not None:
        page |= results.outcome_page(found, picture)
    response = Response(render_template("choices/run.html", organiser=organiser, programme=programme, **page), form.status)
    if busy:
        response.headers["Refresh"] = "2"
    return response


@bp.post("/draws/<int:id>/stop")
def stop(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Stop drawing."""
    programme, account_id = _enter(organiser, slug)
    found = _found(programme, id)
    if RunForm().submitted():
        drawing_up.stop(found, by=account_id, now=clock.now())
    return redirect(url_for("choices_desk.run", organiser=organiser, slug=slug, id=id))


@bp.route("/registrations/<int:registration_id>/seats", methods=["GET", "POST"])
def person_seats(organiser: str, slug: str, registration_id: int) -> ResponseReturnValue:
    """What somebody has in each round, to give another place or none, with a reason."""
    programme, account_id = _enter(organiser, slug)
    registration = db.session.get(Registration, registration_id) if registration_id < 2**31 else None
    if registration is None or registration.programme_id != programme.id:
        not_found()
    here = url_for("choices_desk.person_seats", organiser=organiser, slug=slug, registration_id=registration_id)
    form = _place_form(registration)
    sent = request.form.get("round", type=int)
    if form.submitted():
        with form.refusals(here):
            session_id = int(form.session.data) if form.session.data else None
            reason = form.reason.data or ""
            actions.place_by_staff(registration, sent or 0, session_id, reason=reason, by=account_id, now=clock.now())
            flash(_("Done. %(name)s gets a mail.", name=registration.person.name), "ok")
            return redirect(here)
    board = queries.choice_board(registration) if registration.live else None
    page: dict[str, Any] = {"registration": registration, "board": board, "form": form, "sent": sent, "log": _log(registration)}
    page |= {"organiser": organiser, "programme": programme, "local": clock.local}
    return render_template("choices/person_seats.html", **page), form.status


def _sessions_sent() -> set[int]:
    """The sessions whose people may move, as they were ticked."""
    return {id for id in request.form.getlist("unpin", type=int) if 0 < id < 2**31}


def _place_form(registration: Registration) -> PlaceForm:
    """The form for one round; every session of the programme has the right shape, the action decides."""
    form = PlaceForm()
    picture = current_picture(registration.programme_id)
    ids = [str(id) for id in picture.sessions] if picture else []
    form.session.choices = [SelectChoice(value, value) for value in ("", *ids)]
    return form


def _log(registration: Registration) -> list[tuple[AuditEvent, str]]:
    """What staff did about the seats of this registration, newest first."""
    query = select(AuditEvent, Account.name, Account.mail).outerjoin(Account, Account.id == AuditEvent.account_id)
    mine = (AuditEvent.organiser_id == registration.organiser_id, AuditEvent.thing == "registration")
    query = query.where(*mine, AuditEvent.thing_id == registration.id, AuditEvent.verb == "placed")
    rows = db.session.execute(query.order_by(AuditEvent.id.desc()).limit(50))
    return [(line, name or mail or "") for line, name, mail in rows]


def _enter(organiser: str, slug: str) -> tuple[Programme, int]:
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    g.programme = programme = programme_for(account, owner, slug)
    g.edits = can_edit(account, owner.id)
    require(g.edits if request.method == "POST" else can_see_people(account, owner.id))
    return programme, account.id


def _found(programme: Programme, id: int) -> DrawRun:
    found = db.session.get(DrawRun, id) if 0 < id < 2**31 else None
    if found is None or found.programme_id != programme.id:
        not_found()
    return found


def _meetings(picture: ProgrammePicture) -> list[dict[str, Any]]:
    """Each meeting with rounds by draw: its deadline, how many named wishes, the hash of its seed."""
    done, found = drawn.drawn_meetings(picture.id), []
    for meeting_id, rounds in sorted(drawn.rounds_by_draw(picture).items()):
        moments = [moment for r in rounds if (moment := deadline(r.closes_at, r.starts_at)) is not None]
        seed = drawn.seed_of(meeting_id, drawn.next_number(meeting_id))
        people = func.count(func.distinct(Wish.registration_id))
        wished = db.session.scalar(select(people).where(Wish.round_id.in_([r.id for r in rounds])))
        closes = max(moments, default=None)
        found.append(
            {
                "meeting": picture.meeting[meeting_id],
                "rounds": [r for r in picture.rounds if r.id in {row.id for row in rounds}],
                "closes": closes,
                "closes_words": moment_words(closes, g.lang) if closes else "",
                "wished": wished or 0,
                "coming": len(drawing_up.coming_to(picture.id, meeting_id)),
                "hash": commitment(seed.seed) if seed else "",
                "done": meeting_id in done,
            }
        )
    return found
