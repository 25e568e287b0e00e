"""What is sent when choosing: one session, or none, for each round, and whether to wait for it."""

import secrets

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from learning.choices.draw.queries import MOST_WISHES
from learning.choices.queries import ChoiceBoard, RoundBoard
from learning.kit.forms import Form, Line

UNKNOWN = 0  # no session has this id


class ChooseForm(Form):
    """One radio for each round and a box to wait; the names are `round_<id>` and `wait_<id>`."""

    board: ChoiceBoard
    wrong: dict[str, str]

    @classmethod
    def for_board(cls, board: ChoiceBoard) -> "ChooseForm":
        """A form for these rounds."""
        form = cls()
        form.board, form.wrong = board, {}
        return form

    def picked(self) -> dict[int, int | None]:
        """The session of each round that was sent, None for
        no session; rounds that were not sent are left alone.
        """
        picked: dict[int, int | None] = {}
        for row in self.board.rounds:
            sent = request.form.get(f"round_{row.round.id}")
            if sent is None or row.hosting or row.by_draw or row.offered_until:
                continue
            picked[row.round.id] = _id(sent) if sent else None
        return picked

    def wishes(self) -> dict[int, list[int]]:
        """The wishes of each round that is filled by draw,
        best first; lines that were left empty do not count.
        """
        found: dict[int, list[int]] = {}
        for row in self._by_draw():
            sent = [request.form.get(f"wish_{row.round.id}_{rank}", "") for rank in range(1, MOST_WISHES + 1)]
            found[row.round.id] = [_id(value) for value in sent if value]
        return found

    def vetoes(self) -> dict[int, set[int]]:
        """The sessions of each round that somebody does not want at all."""
        return {
            row.round.id: {_id(v) for v in request.form.getlist(f"veto_{row.round.id}")}
            for row in self._by_draw()
        }

    def skipped(self) -> set[int]:
        """The rounds that somebody passes over."""
        return {row.round.id for row in self._by_draw() if request.form.get(f"skip_{row.round.id}")}

    def _by_draw(self) -> list[RoundBoard]:
        """The rounds by draw that were sent; where one hosts there is nothing to wish."""
        rows = [row for row in self.board.rounds if row.by_draw and not row.hosting]
        return [row for row in rows if f"wish_{row.round.id}_1" in request.form]

    def waits(self) -> set[int]:
        """The rounds in which the person wants to wait for the session that was picked."""
        return {
            row.round.id
            for row in self.board.rounds
            if (sent := request.form.get(f"round_{row.round.id}"))
            and sent in request.form.getlist(f"wait_{row.round.id}")
        }

    def again(self, board: ChoiceBoard) -> None:
        """Show the form once more after it was stored, as a new one that can be sent."""
        self.board, self.form_key.data, self.status = board, secrets.token_urlsafe(18), 409


class LeaveForm(Form):
    """A button."""


class OfferForm(Form):
    """Two buttons: the place, or not."""

    answer = RadioField("", choices=[SelectChoice("yes", ""), SelectChoice("no", "")])


class PlaceForm(Form):
    """Where staff put somebody in a round, and why."""

    session = SelectField(_l("Session"))
    reason = Line(_l("Why? It stands in the log."), max=300)


def _id(sent: str) -> int:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else UNKNOWN
