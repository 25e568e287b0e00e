"""Who may choose for a registration: who has its secret link, while it counts."""

from learning.attendance.models import Registration


def can_choose(registration: Registration) -> bool:
    """The registration counts; its secret link is what lets its person in."""
    return registration.live
