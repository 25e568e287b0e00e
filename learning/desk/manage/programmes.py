"""New programmes, copies, what a programme says of itself, cancelling and archiving."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk import reading, saving
from learning.desk.doors import bp, differing, enter, enter_programme, values_of
from learning.desk.forms_new import CancelForm, CancelSessionForm, CopyForm, StartForm
from learning.desk.kind import KINDS, row_of, words_of
from learning.desk.kinds.programme import PROGRAMME, ProgrammeForm
from learning.desk.starting import Start, copy_programme, start_programme
from learning.kit import clock
from learning.kit.access import require
from learning.kit.wording import N_
from learning.people.permissions import can_make
from learning.programmes.days import read_days
from learning.programmes.models import Meeting, Programme, Session
from learning.releases import actions

GROUPS = (  # the settings of a programme, by their names without the language
    (
        N_("What visitors read"),
        {"title", "kind_words", "summary", "text", "note", "target_groups", "questions", "language"},
    ),
    (
        N_("Registering and price"),
        {"registration_opens_at", "registration_closes_at", "by_invitation", "reference", "conditions"},
    ),
    (
        N_("Choosing sessions"),
        {"choosing_opens_at", "choosing_closes_at", "partners_choose_at", "repeats_allowed"},
    ),
    (N_("Waiting lists"), {"moving_up", "offer_hours", "offer_lapsed", "moving_up_stops"}),
    (
        N_("Organisations with a delegation"),
        {
            "by_delegation",
            "seats_min",
            "seats_max",
            "delegations_max",
            "delegations_approved",
            "wished_mix",
            "reminder_days",
        }
        | {"late_substitutes", "substitutes_approved", "seats_go_on"},
    ),
)


@bp.route("/programmes/new", methods=["GET", "POST"])
def new(organiser: str) -> ResponseReturnValue:
    """Make a programme: kind, title, and a start that fits."""
    desk = enter(organiser, changing=True)
    require(can_make(desk.account, desk.organiser.id))
    form = StartForm()
    if form.submitted():
        with form.refusals():
            now = clock.now()
            start = Start(
                kind=form.kind.data,
                title=form.title_nl.data,
                days=tuple(read_days(form.days.data, after=clock.local(now).date())),
                start=form.start.value,
                end=form.end.value,
                rounds=form.rounds.value or 0,
                rooms=form.rooms.value or 0,
                first_round=form.first_round.value,
                minutes=form.minutes.value or 60,
                parts=tuple(line.strip() for line in form.parts.data.splitlines() if line.strip()),
            )
            if request.form.get("look"):
                return render_template("desk/new.html", desk=desk, form=form, start=start)
            programme = start_programme(desk.organiser, start, by=desk.account.id, now=now)
            flash(
                _("“%(name)s” is made. Nobody outside sees it until you release it.", name=start.title), "ok"
            )
            return redirect(url_for("programmes_desk.programme", organiser=organiser, slug=programme.slug))
    return render_template("desk/new.html", desk=desk, form=form, start=None), form.status


@bp.route("/programmes/<slug>/settings", methods=["GET", "POST"])
def settings(organiser: str, slug: str) -> ResponseReturnValue:
    """What a programme says of itself, and who may do what when."""
    desk, programme = enter_programme(organiser, slug)
    names = [name for name in ProgrammeForm(formdata=None)._fields if name not in reading.SKIPPED]
    now = reading.shown(programme, names)
    form = ProgrammeForm(data=now)
    if not form.is_submitted():
        form.seen.data = reading.mark(now)
    if form.submitted():
        here = url_for("desk.settings", **desk.at)
        with form.refusals(here):
            values = values_of(form)
            saving.save(
                PROGRAMME,
                desk.organiser.id,
                programme,
                programme.id,
                values,
                seen=form.seen.data or "",
                by=desk.account.id,
                now=clock.now(),
            )
            flash(_("Saved. Visitors see it after the next release."), "ok")
            return redirect(here)
        now = reading.shown(programme, names)
        form.seen.data = reading.mark(now)
    differs = differing(form, now) if form.status == 409 else {}
    page = {"desk": desk, "programme": programme, "form": form, "differs": differs, "groups": _groups(names)}
    page["makes"] = can_make(desk.account, desk.organiser.id)
    return render_template("desk/settings.html", **page), form.status


def _groups(names: list[str]) -> list[tuple[str, list[str]]]:
    """The settings under their heads; what no group names comes last."""
    bare = {name: name.removesuffix("_nl").removesuffix("_en") for name in names}
    groups = [(words, [name for name in names if bare[name] in group]) for words, group in GROUPS]
    grouped = {name for _words, group in groups for name in group}
    rest = [name for name in names if name not in grouped]
    return [*groups, *([(N_("Other"), rest)] if rest else [])]


@bp.route("/programmes/<slug>/copy", methods=["GET", "POST"])
def copy(organiser: str, slug: str) -> ResponseReturnValue:
    """Make a copy to begin a new edition with."""
    desk, programme = enter_programme(organiser, slug, changing=True)
    require(can_make(desk.account, desk.organiser.id))
    form = CopyForm(title_nl=programme.title.pick("nl"))
    if form.submitted():
        with form.refusals():
            sessions, people = form.sessions.data, form.people.data
            made = copy_programme(
                programme,
                title=form.title_nl.data,
                sessions=sessions,
                people=people,
                by=desk.account.id,
                now=clock.now(),
            )
            flash(_("The copy is made. It has no days yet."), "ok")
            return redirect(url_for("programmes_desk.programme", organiser=organiser, slug=made.slug))
    return render_template("desk/copy.html", desk=desk, programme=programme, form=form), form.status


@bp.post("/programmes/<slug>/archive")
def archive(organiser: str, slug: str) -> ResponseReturnValue:
    """Put a programme away, or bring it back."""
    desk, programme = enter_programme(organiser, slug)
    on = programme.archived_at is None
    actions.archive(programme, on=on, now=clock.now(), by=desk.account.id)
    flash(
        _("The programme is archived: it is out of the catalogue.") if on else _("The programme is back."),
        "ok",
    )
    return redirect(url_for("desk.settings", **desk.at))


@bp.route("/programmes/<slug>/cancellation", methods=["GET", "POST"])
def cancel(organiser: str, slug: str) -> ResponseReturnValue:
    """Cancel the whole programme, after a look at who is touched."""
    desk, programme = enter_programme(organiser, slug, changing=True)

    def do(**values: Any) -> None:
        actions.cancel_programme(programme, **values)

    return _cancel(desk, programme, programme, programme.title.pick("nl"), do)


@bp.route("/programmes/<slug>/<any(meetings, sessions):key>/<int:id>/cancellation", methods=["GET", "POST"])
def cancel_row(organiser: str, slug: str, key: str, id: int) -> ResponseReturnValue:
    """Cancel a session or a meeting, after a look at who is touched."""
    desk, programme = enter_programme(organiser, slug, changing=True)
    row = row_of(KINDS[key], desk.organiser.id, programme, id, desk.account)

    def do(**values: Any) -> None:
        if isinstance(row, Session):
            actions.cancel_session(row, **values)
        else:
            actions.cancel_meeting(row, **values)

    return _cancel(desk, programme, row, words_of(row), do)


def _cancel(
    desk: Any, programme: Programme, row: Programme | Meeting | Session, words: str, do: Any
) -> ResponseReturnValue:
    form = CancelSessionForm() if isinstance(row, Session) else CancelForm()
    if form.submitted():
        back = url_for("planning_desk.releases", **desk.at)
        with form.refusals(back):
            do(
                **values_of(form),
                name=_("Cancelled: %(name)s", name=words),
                now=clock.now(),
                by=desk.account.id,
            )
            flash(_("“%(name)s” is cancelled. Everybody who is touched gets a mail.", name=words), "ok")
            return redirect(back)
    touched = reading.people_of(row)
    return render_template(
        "desk/cancel.html", desk=desk, programme=programme, row=row, words=words, touched=touched, form=form
    ), form.status
