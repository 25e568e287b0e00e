"""A person's day in order: what is for everybody, the own sessions, and where they wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from learning.releases.picture import (
    AgendaPicture,
    MeetingPicture,
    ProgrammePicture,
    RoundPicture,
    SessionPicture,
)

FOR_ALL = ("plenary", "welcome", "discussion")


@dataclass(frozen=True)
class Slot:
    """One block of a person's day."""

    meeting: MeetingPicture
    item: AgendaPicture | None
    round: RoundPicture | None = None
    session: SessionPicture | None = None
    hosting: bool = False
    waiting: SessionPicture | None = None
    place: int = 0  # on the waiting list, from 1

    @property
    def start(self) -> str:
        """Local time as said; empty when unknown."""
        return self.item.start if self.item else self.meeting.start


@dataclass(frozen=True)
class Day:
    """A meeting with its blocks in order."""

    meeting: MeetingPicture
    slots: tuple[Slot, ...]


def days(
    picture: ProgrammePicture,
    *,
    expected: Collection[int],
    held: Mapping[int, tuple[int, bool]],
    waiting: Mapping[int, tuple[int, int]],
) -> list[Day]:
    """The days of somebody who is expected at these meetings.

    `held` gives for a round the session and whether the person hosts it; `waiting` the session and the
    place on its list.
    """
    return [
        Day(meeting, tuple(_slots(picture, meeting, held, waiting)))
        for meeting in picture.meetings
        if meeting.id in expected
    ]


def _slots(
    picture: ProgrammePicture,
    meeting: MeetingPicture,
    held: Mapping[int, tuple[int, bool]],
    waiting: Mapping[int, tuple[int, int]],
) -> list[Slot]:
    rounds = {round.id: round for round in picture.rounds}
    slots = []
    for item in meeting.agenda:
        round = rounds.get(item.round_id) if item.round_id else None
        if round is None:
            slots.append(Slot(meeting, item))
            continue
        session_id, hosting = held.get(round.id, (0, False))
        waits_for, place = waiting.get(round.id, (0, 0))
        sessions = picture.sessions
        slots.append(
            Slot(meeting, item, round, sessions.get(session_id), hosting, sessions.get(waits_for), place)
        )
    return slots
