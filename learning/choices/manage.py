"""Seats at the desk: the draw, tried, looked at and published; and a seat that staff give to somebody."""

from collections import Counter
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice

from learning.attendance.emails import moment_words
from learning.attendance.models import Registration
from learning.choices import actions, drawn, queries
from learning.choices import draws as drawing_up
from learning.choices.allocation import (
    Outcome,
    Problem,
    by_order,
    commitment,
    effect_of_cancelling,
    profile,
    seats,
    total,
    worth,
)
from learning.choices.forms import PlaceForm
from learning.choices.models import DrawRun, Wish
from learning.choices.rules import deadline
from learning.kit import clock
from learning.kit.access import not_found, require, require_account
from learning.kit.db import db
from learning.kit.forms import Form
from learning.kit.trail import AuditEvent
from learning.kit.wording import N_
from learning.people.models import Account, Person
from learning.people.permissions import can_edit, organiser_for
from learning.programmes.forms import worded
from learning.programmes.models import Programme, Session
from learning.programmes.picture import ProgrammePicture
from learning.programmes.queries import current_picture
from learning.programmes.things import programme_of

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
WORST = 20


class DrawForm(Form):
    """How the draw decides."""

    policy = RadioField("", choices=worded(POLICIES), default="balanced")
    spread = BooleanField("")


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
            spread, early = bool(form.spread.data), bool(request.form.get("early"))
            run = drawing_up.ask(programme, meeting_id, form.policy.data, spread=spread, early=early, by=account_id, now=now)
            return redirect(url_for("choices_desk.run", organiser=organiser, slug=slug, id=run.id))
    runs = select(DrawRun).where(DrawRun.programme_id == programme.id).order_by(DrawRun.id.desc()).limit(30)
    page: dict[str, Any] = {"form": form, "runs": db.session.scalars(runs).all(), "local": clock.local, "policies": POLICIES}
    page |= {"meetings": _meetings(picture) if picture else [], "picture": picture, "now": now}
    return render_template("choices/draws.html", organiser=organiser, programme=programme, **page), form.status


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
        page |= _outcome(found, picture)
    response = Response(render_template("choices/run.html", organiser=organiser, programme=programme, **page), form.status)
    if busy:
        response.headers["Refresh"] = "2"
    return response


@bp.post("/draws/<int:id>/stop")
def stop(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Stop drawing."""
    programme, _account_id = _enter(organiser, slug)
    found = _found(programme, id)
    if RunForm().submitted():
        drawing_up.stop(found, now=clock.now())
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
    require(can_edit(account, owner.id))
    g.programme = programme = programme_of(owner.id, slug)
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
        seed = drawn.seed_of(meeting_id)
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


def _outcome(run: DrawRun, picture: ProgrammePicture) -> dict[str, Any]:
    """What a draw gives: wishes per round, beside coming first; sessions; who has no seat; who has the least luck."""
    problem, outcome = drawn.parsed(run.id)
    names = _names(run)
    first = by_order(problem, sorted((a.id for a in problem.attendees), key=lambda id: run.people[id]))
    titles = {str(r.id): r.title.pick(g.lang) for r in picture.rounds}
    totals = {a.id: total(problem, a, outcome.assignment[a.id]) for a in problem.attendees}
    worst = sorted((id for id in totals if totals[id]), key=lambda id: (-totals[id], names[id]))[:WORST]
    unseated = [
        (names[a.id], titles.get(round, round))
        for a in problem.attendees
        for round in problem.present(a)
        if outcome.assignment[a.id].get(round) is None
    ]
    return {
        "luck": [(titles.get(round, round), _luck(problem, outcome, first, round)) for round in problem.rounds],
        "figures": _figures(problem, outcome, first),
        "sessions": _sessions(problem, outcome, picture),
        "unseated": sorted(unseated)[:200],
        "unseated_count": len(unseated),
        "worst": [(names[id], totals[id], _seats_words(outcome, id, picture)) for id in worst],
        "proven": outcome.proven,
    }


def _luck(problem: Problem, outcome: Outcome, first: Any, round: str) -> list[dict[str, Any]]:
    """For each rank how many people got it by the draw, and how many by coming first; with shares in percent."""
    ours, theirs = profile(problem, outcome.assignment).get(round, {}), profile(problem, first).get(round, {})
    most = max((rank for rank in (*ours, *theirs) if rank is not None), default=0)
    people = max(sum(ours.values()), 1)
    rows = []
    for rank in [*range(most + 1), None]:
        words = _("choice %(rank)d", rank=rank + 1) if rank is not None else _("outside the list, or no seat")
        count = ours.get(rank, 0)
        rows.append({"words": words, "ours": count, "share": 5 * int(20 * count / people + 0.5), "theirs": theirs.get(rank, 0)})
    return rows


def _figures(problem: Problem, outcome: Outcome, first: Any) -> list[tuple[str, int, int]]:
    """Figures of the draw beside those of coming first."""
    ours, theirs = worth(problem, outcome.assignment), worth(problem, first)
    rows = {"unseated": _("without a seat"), "max": _("points of the worst-off"), "unlisted": _("seats outside the lists")}
    found = [(words, ours[name], theirs[name]) for name, words in rows.items()]
    squares = [sum(total(problem, a, given[a.id]) ** 2 for a in problem.attendees) for given in (outcome.assignment, first)]
    return [*found, (_("squares of the points"), squares[0], squares[1])]


def _sessions(problem: Problem, outcome: Outcome, picture: ProgrammePicture) -> list[dict[str, Any]]:
    load = seats(problem, outcome.assignment)
    wanted = Counter(id for a in problem.attendees for wishes in a.choices.values() for id in wishes[:1])
    ids = [int(s.id) for s in problem.sessions]
    query = select(Session.id, Session.minimum).where(Session.id.in_(ids))
    least = {row.id: row.minimum or 0 for row in db.session.execute(query)}
    rows: list[dict[str, Any]] = []
    for session in problem.sessions:
        shown = picture.sessions.get(int(session.id))
        if shown is not None:
            count = len(load[session.id])
            needed = least.get(int(session.id), 0)
            row = {"session": shown, "count": count, "first": wanted[session.id], "few": needed > count, "least": needed}
            row["effect"] = effect_of_cancelling(problem, outcome.assignment, session.id) if needed > count else None
            rows.append(row)
    return sorted(rows, key=lambda row: row["session"].code)


def _names(run: DrawRun) -> dict[str, str]:
    query = select(Registration.id, Person.name).join(Person, Person.id == Registration.person_id)
    found = {row.id: row.name for row in db.session.execute(query.where(Registration.programme_id == run.programme_id))}
    return {name: found.get(id, "") for name, id in run.people.items()}


def _seats_words(outcome: Outcome, id: str, picture: ProgrammePicture) -> str:
    given = [int(s) for s in outcome.assignment[id].values() if s is not None]
    return ", ".join(picture.sessions[s].code for s in given if s in picture.sessions) or _("no seat")
