"""What is sent when choosing: one session, or none, for each round, and whether to wait for it."""

import secrets

from flask import request

from learning.choices.queries import ChoiceBoard
from learning.kit.forms import Form

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
        """The session of each round that was sent, None for no session; rounds that were not sent are left alone."""
        picked: dict[int, int | None] = {}
        for row in self.board.rounds:
            sent = request.form.get(f"round_{row.round.id}")
            if sent is None or row.hosting:
                continue
            number = sent.isascii() and sent.isdigit() and len(sent) < 10
            picked[row.round.id] = int(sent) if number else UNKNOWN if sent else None
        return picked

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
