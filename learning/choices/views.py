"""The attendee picks one workshop per round."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.attendance.emails import moment_words
from learning.attendance.queries import registration_by_token
from learning.choices import actions, queries
from learning.choices.forms import ChooseForm
from learning.choices.models import Seat, WaitlistEntry
from learning.choices.permissions import can_choose
from learning.choices.rules import Full, check_choices_open, later_of
from learning.kit import clock
from learning.kit.access import require
from learning.kit.errors import Refusal
from learning.programmes.picture import ProgrammePicture

bp = Blueprint("choices", __name__)


@bp.route("/<any(nl, en):lang>/registrations/<token>/choices", methods=["GET", "POST"])
def choose(token: str) -> ResponseReturnValue:
    """One page for all rounds; what was got is kept, what was full can be waited for."""
    registration = registration_by_token(token)
    require(can_choose(registration))
    g.organiser = registration.programme.organiser
    board = queries.choice_board(registration)
    form = ChooseForm.for_board(board)
    now = clock.now()
    closed = _closed(board.picture, queries.again_until(registration), now)
    if closed:
        form.status = 409
    elif form.submitted():
        mine = url_for("schedules.mine", token=token)
        with form.refusals(mine):
            try:
                outcomes = actions.choose_sessions(registration, form.picked(), wait=form.waits(), now=now)
            except Refusal as refusal:
                words = _(refusal.message, **_in_words(refusal.values))
                form.wrong = {refusal.field or "": words}
                raise Refusal(refusal.code, refusal.message, refusal.field, **_in_words(refusal.values)) from refusal
            _tell(outcomes, board.picture)
            if not any(isinstance(outcome, Full) for outcome in outcomes.values()):
                return redirect(mine)
            form.again(queries.choice_board(registration))
        board = queries.choice_board(registration) if form.wrong else form.board
    page = {"board": board, "form": form, "token": token, "closed": closed, "sent": _sent(form, board)}
    page["deadline"] = moment_words(board.picture.choosing_closes_at, g.lang) if board.picture.choosing_closes_at else ""
    return render_template("choices/choose.html", **page), form.status


def _closed(picture: ProgrammePicture, again_until: datetime | None, now: datetime) -> str:
    """Why one cannot choose now; empty when one can."""
    try:
        check_choices_open(picture.choosing_opens_at, later_of(picture.choosing_closes_at, again_until), now)
    except Refusal as refusal:
        return str(_(refusal.message, **_in_words(refusal.values)))
    return ""


def _in_words(values: Mapping[str, Any]) -> dict[str, Any]:
    """Moments as people say them."""
    return {key: moment_words(value, g.lang) if isinstance(value, datetime) else value for key, value in values.items()}


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
                words = _("%(round)s: %(code)s is full. Choose another, or tick the box to wait.", round=name, code=code)
                flash(words, "warn")
            case None:
                flash(_("%(round)s: no workshop.", round=name), "ok")
