"""How many a delegation may send, and until when."""

from collections.abc import Collection
from datetime import datetime

from learning.kit.errors import Refusal
from learning.kit.wording import N_


def free_chair(taken: Collection[int], seats_max: int) -> int:
    """The lowest free chair of a delegation at a meeting; refuses when all are taken."""
    for chair in range(1, seats_max + 1):
        if chair not in taken:
            return chair
    raise Refusal("no_places", N_("All %(places)d places at this meeting are taken. Replace or withdraw somebody first."),
                  places=seats_max)  # fmt: skip


def check_nominations_open(
    *, closes_at: datetime | None, starts_at: datetime | None, cancelled: bool, now: datetime, late: bool
) -> None:
    """Refuse after the deadline, unless `late` changes are allowed, and always once the meeting has begun."""
    if cancelled:
        raise Refusal("meeting_cancelled", N_("This meeting is cancelled."))
    if starts_at is not None and now >= starts_at:
        raise Refusal("meeting_began", N_("This meeting began on %(moment)s."), moment=starts_at)
    if closes_at is not None and now >= closes_at and not late:
        words = N_("Names could be given until %(deadline)s. Ask the organiser.")
        raise Refusal("nominations_closed", words, deadline=closes_at)


def missing(sent: int, seats_min: int) -> int:
    """How many names are still wanted at a meeting; never refused, only shown."""
    return max(seats_min - sent, 0)
