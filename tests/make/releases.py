"""Releases, and events that are released."""

from datetime import datetime
from typing import Any

from learning.kit.db import transaction
from learning.organisations.models import Organiser
from learning.programmes.models import (
    Programme,
)
from learning.releases.actions import release_programme
from learning.releases.models import Release
from tests.make.programmes import make_meeting, make_programme, make_round, make_session
from tests.make.rows import NOON


@transaction()
def release(programme: Programme, *, now: datetime = NOON, name: str = "1") -> Release:
    """Show the programme as it stands to everybody."""
    return release_programme(programme, name=name, now=now)


@transaction()
def make_event(
    organiser: Organiser | None = None,
    *,
    capacities: tuple[tuple[int | None, ...], ...] = ((1, 2), (1, 2)),
    **columns: Any,
) -> Programme:
    """A released event of one meeting with a round for each group of capacities."""
    programme = make_programme(organiser, **columns)
    meeting = make_meeting(programme)
    for group in capacities:
        round = make_round(meeting)
        for capacity in group:
            make_session(round, capacity=capacity)
    release(programme)
    return programme
