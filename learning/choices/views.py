"""The attendee picks one workshop per round."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.attendance.emails import moment_words
from learning.attendance.models import Registration
from learning.attendance.queries import registration_by_token
from learning.choices import actions, queries, waiting
from learning.choices.draw.queries import MOST_WISHES
from learning.choices.forms import ChooseForm, LeaveForm, OfferForm
from learning.choices.models import Seat, WaitlistEntry
from learning.choices.permissions import can_choose
from learning.choices.rules import Full, check_choices_open, later_of
from learning.kit import clock
from learning.kit.access import require
from learning.kit.errors import Refusal
from learning.releases.picture import ProgrammePicture

bp = Blueprint("choices", __name__)


@bp.route("/<any(nl, en):lang>/registrations/<token>/choices", methods=["GET", "POST"])
def choose(token: str) -> ResponseReturnValue:
    """One page for all rounds; what was got is kept, what was full can be waited for."""
    registration = registration_by_token(token)
    require(can_choose(registration))
    g.organiser = registration.organiser
    board = queries.choice_board(registration)
    form = ChooseForm.for_board(board)
    now = clock.now()
    after_draw = any(row.round.filling == "draw" and not row.by_draw for row in board.rounds)
    opens_at = queries.opens_for(registration, board.picture, now)
    closed = "" if after_draw else _closed(registration, board.picture, opens_at, now)
    if closed:
        form.status = 409
    elif form.submitted():
        mine = url_for("schedules.mine", token=token)
        with form.refusals(mine):
            try:
                outcomes = actions.save_choices(
                    registration,
                    form.picked(),
                    wait=form.waits(),
                    wishes=form.wishes(),
                    vetoes=form.vetoes(),
                    skipped=form.skipped(),
                    now=now,
                )
            except Refusal as refusal:
                words = _(refusal.message, **_in_words(refusal.values))
                form.wrong = {refusal.field or "": words}
                raise Refusal(
                    refusal.code, refusal.message, refusal.field, **_in_words(refusal.values)
                ) from refusal
            _tell(outcomes, board.picture)
            if form.wishes():
                flash(_("Your wishes are saved. You get a mail when the draw is done."), "ok")
            if not any(isinstance(outcome, Full) for outcome in outcomes.values()):
                return redirect(mine)
            form.again(queries.choice_board(registration))
        board = queries.choice_board(registration) if form.wrong else form.board
    page = {"board": board, "form": form, "token": token, "closed": closed, "sent": _sent(form, board)}
    page |= {"wished": form.wishes() if form.is_submitted() else {}, "ranks": range(1, MOST_WISHES + 1)}
    page |= {"moment": partial(moment_words, language=g.lang), "offering": board.picture.moving_up == "offer"}
    closes = board.picture.choosing_closes_at
    page["deadline"] = moment_words(closes, g.lang) if closes and closes > now else ""
    return render_template("choices/choose.html", **page), form.status


@bp.route("/<any(nl, en):lang>/registrations/<token>/waiting/<int:round_id>", methods=["GET", "POST"])
def stop_waiting(token: str, round_id: int) -> ResponseReturnValue:
    """Off the waiting list of a round: one click from the mail, one to be sure."""
    registration = registration_by_token(token)
    require(can_choose(registration))
    g.organiser = registration.organiser
    board = queries.choice_board(registration)
    row = next((row for row in board.rounds if row.round.id == round_id), None)
    session = board.picture.sessions.get(row.waits) if row is not None and row.waits else None
    mine = url_for("schedules.mine", token=token)
    if session is None:
        flash(_("You are not on a waiting list in this round."), "ok")
        return redirect(mine)
    form = LeaveForm()
    if form.submitted():
        with form.refusals(mine):
            waiting.stop_waiting(registration, round_id, now=clock.now())
            flash(_("You are off the waiting list of %(code)s.", code=session.code), "ok")
            return redirect(mine)
    page = {"row": row, "session": session, "form": form, "token": token}
    return render_template("choices/stop_waiting.html", **page), form.status


@bp.route("/<any(nl, en):lang>/registrations/<token>/offers/<int:round_id>", methods=["GET", "POST"])
def offer(token: str, round_id: int) -> ResponseReturnValue:
    """A place is kept for somebody who waits: take it, or let it go to the next."""
    registration = registration_by_token(token)
    require(can_choose(registration))
    g.organiser = registration.organiser
    now, mine = clock.now(), url_for("schedules.mine", token=token)
    board = queries.choice_board(registration)
    row = next((row for row in board.rounds if row.round.id == round_id and row.offered_until), None)
    if row is None or row.offered_until is None or row.offered_until <= now:
        flash(_("There is no offer for you in this round, or not any more."), "warn")
        return redirect(mine)
    option = next(option for option in row.options if option.waits)
    form = OfferForm()
    if form.submitted():
        with form.refusals(mine):
            accept = form.answer.data == "yes"
            waiting.answer_offer(registration, round_id, accept=accept, now=now)
            code = option.session.code
            flash(
                _("Your place in %(code)s is certain.", code=code)
                if accept
                else _("The place went to the next."),
                "ok",
            )
            return redirect(mine)
    held = board.picture.sessions.get(row.held) if row.held else None
    page = {"row": row, "option": option, "held": held, "form": form, "token": token}
    page["until"] = moment_words(row.offered_until, g.lang)
    return render_template("choices/offer.html", **page), form.status


def _closed(
    registration: Registration, picture: ProgrammePicture, opens_at: datetime | None, now: datetime
) -> str:
    """Why one cannot choose now; empty when one can."""
    closes_at = picture.choosing_closes_at
    if closes_at is not None and closes_at <= now:
        closes_at = later_of(closes_at, queries.again_until(registration))
    try:
        check_choices_open(opens_at, closes_at, now)
    except Refusal as refusal:
        return str(_(refusal.message, **_in_words(refusal.values)))
    return ""


def _in_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Moments as people say them."""
    return {
        key: moment_words(value, g.lang) if isinstance(value, datetime) else value
        for key, value in values.items()
    }


def _sent(form: ChooseForm, board: queries.ChoiceBoard) -> dict[int, int | None]:
    """Which radio of each round is on: what was sent, else what is waited for or held."""
    known = {row.round.id: row.waits or row.held for row in board.rounds}
    return known | form.picked() if form.is_submitted() else known


def _tell(outcomes: Mapping[int, actions.Outcome], picture: ProgrammePicture) -> None:
    """Say for each round what became of the choice."""
    rounds = {round.id: round for round in picture.rounds}
    for round_id, outcome in outcomes.items():
        name = rounds[round_id].title.pick(g.lang) or str(rounds[round_id].number)
        code = picture.sessions[outcome.session_id].code if outcome else ""
        match outcome:
            case Seat():
                flash(_("%(round)s: your place in %(code)s is certain.", round=name, code=code), "ok")
            case WaitlistEntry():
                flash(_("%(round)s: you wait for %(code)s.", round=name, code=code), "warn")
            case Full():
                words = _(
                    "%(round)s: %(code)s is full. Choose another, or tick the box to wait.",
                    round=name,
                    code=code,
                )
                flash(words, "warn")
            case None:
                flash(_("%(round)s: no workshop.", round=name), "ok")
