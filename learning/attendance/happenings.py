"""What attendance announces to the areas above."""

from dataclasses import dataclass
from datetime import datetime

from learning.attendance.models import Registration


@dataclass(frozen=True)
class RegistrationConfirmed:
    """A registration counts from now on."""

    registration: Registration
    now: datetime


@dataclass(frozen=True)
class RegistrationEnded:
    """A registration ended: what it held is free."""

    registration: Registration
    now: datetime


@dataclass(frozen=True)
class ParticipationHandedOver:
    """Somebody else comes to this meeting, and takes over what was held there."""

    old_registration: Registration
    new_registration: Registration
    meeting_id: int
    now: datetime


@dataclass(frozen=True)
class ParticipationEnded:
    """Somebody is no longer expected at this meeting: what was held there is free."""

    registration: Registration
    meeting_id: int
    now: datetime
