"""Releases: what would change, making one, looking at earlier ones, and taking back."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk.doors import enter_programme
from learning.desk.forms import RowForm
from learning.kit import clock
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.planning.forms import ReleaseForm
from learning.planning.grid import grid_of
from learning.planning.manage.door import bp
from learning.planning.warnings import warnings_of
from learning.releases import actions
from learning.releases.changes import changes
from learning.releases.news import news_of, release_numbered, releases_of, sentence
from learning.releases.picture import picture_from
from learning.releases.queries import current_picture


@bp.route("/programmes/<slug>/releases", methods=["GET", "POST"])
def releases(organiser: str, slug: str) -> ResponseReturnValue:
    """What waits to be released, the form to do so, and what was released."""
    desk, programme = enter_programme(organiser, slug)
    news = news_of(programme)
    serious = [warning for warning in warnings_of(grid_of(programme)) if warning.severity == "serious"]
    form = ReleaseForm()
    if not form.is_submitted():
        form.seen.data = news.mark
        form.name.data = _("First release") if news.first else _("Release %(number)d", number=news.number + 1)
    if form.submitted():
        here = url_for("planning_desk.releases", **desk.at)
        with form.refusals(here):
            if serious and not form.sure.data:
                raise Refusal(
                    "serious",
                    N_("There are serious warnings. Look at them, and tick the box to release anyway."),
                    "sure",
                )
            values: dict[str, Any] = {
                "note": form.note.data,
                "again_until": form.again_until.value,
                "by": desk.account.id,
            }
            values["seen"] = form.seen.data or ""
            values["leave_placed"] = bool(form.leave_placed.data)
            try:
                made = actions.release_programme(programme, name=form.name.data, now=clock.now(), **values)
            except Refusal as refusal:
                if refusal.code == "changed_meanwhile":  # shown anew, beside what was typed
                    news = news_of(programme)
                    form.seen.data = news.mark
                raise
            flash(_("Release %(number)d is public.", number=made.number), "ok")
            return redirect(here)
    page = {
        "desk": desk,
        "programme": programme,
        "news": news,
        "serious": serious,
        "form": form,
        "sentence": sentence,
    }
    page |= {"lines": releases_of(programme, for_staff=True), "local": clock.local, "button": RowForm()}
    return render_template("planning/releases.html", **page), form.status


@bp.get("/programmes/<slug>/releases/<int:number>")
def release(organiser: str, slug: str, number: int) -> ResponseReturnValue:
    """One earlier release, beside what is public now."""
    desk, programme = enter_programme(organiser, slug)
    found = release_numbered(programme, number)
    picture, current = picture_from(found.public), current_picture(programme.id)
    since = changes(picture, current) if current is not None else ()
    page = {"desk": desk, "programme": programme, "release": found, "picture": picture, "since": since}
    return render_template(
        "planning/release.html", sentence=sentence, local=clock.local, form=RowForm(), **page
    )


@bp.post("/programmes/<slug>/releases/<int:number>/return")
def take_back(organiser: str, slug: str, number: int) -> ResponseReturnValue:
    """Show an earlier release again, as a new one."""
    desk, programme = enter_programme(organiser, slug)
    release_numbered(programme, number)
    form = RowForm()
    if form.submitted():
        here = url_for("planning_desk.releases", **desk.at)
        with form.refusals(here):
            name = _("Back to release %(number)d", number=number)
            made = actions.take_back(programme, number, name=name, now=clock.now(), by=desk.account.id)
            flash(_("Release %(number)d is public.", number=made.number), "ok")
            return redirect(here)
    for words in form.form_errors:
        flash(words, "warn")
    return redirect(url_for("planning_desk.release", number=number, **desk.at))
