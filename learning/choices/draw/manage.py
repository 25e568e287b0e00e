"""Draws at the desk: asking for them, looking at them, comparing, publishing."""

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from wtforms import BooleanField, RadioField

from learning.attendance.emails import moment_words
from learning.choices.draw import actions as drawing_up
from learning.choices.draw import problems, publishing, queries, results
from learning.choices.draw.models import DrawRun, Wish
from learning.choices.manage import enter
from learning.choices.rules import deadline
from learning.desk.reading import AtDesk
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.forms import Form, Lines, worded
from learning.kit.wording import N_
from learning.lottery.rules import commitment
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture

bp = Blueprint("draw_desk", __name__, url_prefix="/manage/<organiser>/programmes/<slug>")

POLICIES = {
    "balanced": N_(
        "Balanced: the worst-off as well off as possible, then as few low choices as possible for everybody"
    ),
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
    programme, account_id = enter(organiser, slug)
    picture, now = current_picture(programme.id), clock.now()
    form = DrawForm()
    meeting_id = request.form.get("meeting", type=int) or 0
    if form.submitted():
        with form.refusals():
            asked: dict[str, Any] = {
                "spread": bool(form.spread.data),
                "early": bool(request.form.get("early")),
            }
            if request.form.get("again"):
                unpinned = drawing_up.unpinned(programme.id, _sessions_sent(), form.people.data or "")
                asked |= {"again": True, "unpinned": unpinned}
            policies = list(POLICIES) if request.form.get("all") else [form.policy.data]
            ids = [
                run.id
                for run in drawing_up.ask_all(
                    programme.id, meeting_id, policies, by=account_id, now=now, **asked
                )
            ]
            if len(ids) > 1:
                return redirect(url_for("draw_desk.compare", organiser=organiser, slug=slug, run=ids))
            return redirect(url_for("draw_desk.run", organiser=organiser, slug=slug, id=ids[0]))
    runs = select(DrawRun).where(DrawRun.programme_id == programme.id).order_by(DrawRun.id.desc()).limit(30)
    page: dict[str, Any] = {
        "form": form,
        "runs": db.session.scalars(runs).all(),
        "local": clock.local,
        "policies": POLICIES,
    }
    page |= {"meetings": _meetings(picture) if picture else [], "picture": picture, "now": now}
    page |= {"sent": meeting_id, "unpin": _sessions_sent()}
    return render_template(
        "choices/draw/draws.html", organiser=organiser, programme=programme, **page
    ), form.status


@bp.get("/draws/compare")
def compare(organiser: str, slug: str) -> ResponseReturnValue:
    """Draws side by side, one column each."""
    programme, _account_id = enter(organiser, slug)
    ids = [id for id in request.args.getlist("run", type=int) if 0 < id < 2**31][:MOST_COLUMNS]
    asked = DrawRun.id.in_(ids), DrawRun.programme_id == programme.id
    runs = db.session.scalars(select(DrawRun).where(*asked).order_by(DrawRun.id)).all()
    # other people and seats are no comparison
    runs = [run for run in runs if run.meeting_id == runs[0].meeting_id]
    found = [run for run in runs if run.ending == "found"]
    busy = any(run.ended_at is None for run in runs)
    page: dict[str, Any] = {
        "runs": runs,
        "found": found,
        "busy": busy,
        "policies": POLICIES,
        "local": clock.local,
    }
    page["rows"] = results.side_by_side(found) if found else []
    response = Response(
        render_template("choices/draw/compare.html", organiser=organiser, programme=programme, **page)
    )
    if busy:
        response.headers["Refresh"] = "2"
    return response


@bp.route("/draws/<int:id>", methods=["GET", "POST"])
def run(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """How far a draw is; then what it gives, to publish or not."""
    programme, account_id = enter(organiser, slug)
    found = _found(programme, id)
    form = RunForm()
    here = url_for("draw_desk.run", organiser=organiser, slug=slug, id=id)
    if form.submitted():
        with form.refusals(here):
            publishing.ask_publish(found, by=account_id, now=clock.now())
            return redirect(here)
    busy = found.ended_at is None or (found.publish_asked_at is not None and found.published_at is None)
    picture = current_picture(programme.id)
    page: dict[str, Any] = {
        "found": found,
        "form": form,
        "busy": busy,
        "stages": STAGES,
        "policies": POLICIES,
    }
    page["picture"] = picture
    if found.ending == "found" and picture is not None:
        page |= results.outcome_page(found, picture)
    response = Response(
        render_template("choices/draw/run.html", organiser=organiser, programme=programme, **page),
        form.status,
    )
    if busy:
        response.headers["Refresh"] = "2"
    return response


@bp.post("/draws/<int:id>/stop")
def stop(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Stop drawing."""
    programme, account_id = enter(organiser, slug)
    found = _found(programme, id)
    if RunForm().submitted():
        drawing_up.stop(found, by=account_id, now=clock.now())
    return redirect(url_for("draw_desk.run", organiser=organiser, slug=slug, id=id))


def _sessions_sent() -> set[int]:
    """The sessions whose people may move, as they were ticked."""
    return {id for id in request.form.getlist("unpin", type=int) if 0 < id < 2**31}


def _found(programme: AtDesk, id: int) -> DrawRun:
    found = db.session.get(DrawRun, id) if 0 < id < 2**31 else None
    if found is None or found.programme_id != programme.id:
        not_found()
    return found


def _meetings(picture: ProgrammePicture) -> list[dict[str, Any]]:
    """Each meeting with rounds by draw: its deadline, how many named wishes, the hash of its seed."""
    done, found = queries.drawn_meetings(picture.id), []
    for meeting_id, rounds in sorted(queries.rounds_by_draw(picture).items()):
        moments = [moment for r in rounds if (moment := deadline(r.closes_at, r.starts_at)) is not None]
        seed = queries.seed_of(meeting_id, queries.next_number(meeting_id))
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
                "coming": len(problems.coming_to(picture.id, meeting_id)),
                "hash": commitment(seed.seed) if seed else "",
                "done": meeting_id in done,
            }
        )
    return found
