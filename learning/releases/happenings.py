"""What programmes tell the areas above."""

from dataclasses import dataclass
from datetime import datetime

from learning.releases.difference import Difference
from learning.releases.picture import ProgrammePicture


@dataclass(frozen=True)
class Released:
    """A programme has a new release; `difference` is what changed for people since the one before."""

    programme_id: int
    difference: Difference
    now: datetime
    before: ProgrammePicture | None = None
    after: ProgrammePicture | None = None
    release_id: int = 0
    note: str = ""  # what the organiser says about it
    again_until: datetime | None = None  # until when who loses a seat may choose again


@dataclass(frozen=True)
class SessionsMoving:
    """A release is about to put sessions in another round: who sits there must be lifted first."""

    programme_id: int
    session_ids: tuple[int, ...]
    now: datetime
