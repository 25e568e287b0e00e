"""How many a delegation may send, until when, and lines with names as people paste them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from learning.kit.errors import Refusal
from learning.kit.wording import N_


def free_chair(taken: Collection[int], seats_max: int, names: Sequence[str] = ()) -> int:
    """The lowest free chair of a delegation at a meeting; refuses when all are taken, by these people."""
    free = [chair for chair in range(1, seats_max + 1) if chair not in taken]
    if free and len(taken) < seats_max:
        return free[0]
    words = N_("%(taken)d of %(places)d places are filled: %(names)s. Whom do you replace?")
    if not names:
        words = N_("All %(places)d places at this meeting are taken. Replace or withdraw somebody first.")
    raise Refusal("no_places", words, taken=len(taken), places=seats_max, names=", ".join(names))


@dataclass(frozen=True)
class PastedLine:
    """Somebody in a line that was pasted; `capacity` as written, perhaps empty."""

    name: str
    mail: str
    capacity: str


_MAIL = re.compile(r"[^\s<>;,\t\"']+@[^\s<>;,\t\"']+\.[^\s<>;,\t\"'.]{2,}")


def read_lines(text: str) -> list[PastedLine]:
    """Names with mail addresses, one on each line, as copied from a spreadsheet or a mail.

    `Jo Vis\tjo@x.example\tbewoner`, `Jo Vis; jo@x.example`,
    `Jo Vis <jo@x.example>`. What is missing stays empty.
    """
    found = []
    for line in (line.rstrip(" .,;") for line in text.splitlines()):
        mail = _MAIL.search(line)
        rest = line[: mail.start()] + "\t" + line[mail.end() :] if mail else line
        parts = [part.strip(" \"'<>()") for part in re.split(r"[\t;]|,(?=\s*$)|,\s*(?=\t)", rest)]
        parts = [part for part in parts if part.strip(" ,")]
        if mail or parts:
            name, capacity = [*parts, "", ""][:2]
            found.append(
                PastedLine(name.strip(" ,"), mail[0].rstrip(".") if mail else "", capacity.strip(" ,"))
            )
    return found


def still_wished(wished: Sequence[str], there: Collection[str]) -> list[str]:
    """Of what is wished, what nobody brings: "corporatie" is there when a "woningcorporatie" is.

    Case does not count.
    """
    present = [words.casefold() for words in there if words]

    def brought(wish: str) -> bool:
        return any(wish in words or words in wish for words in present)

    return [wish for wish in wished if not brought(wish.casefold())]


def reminder_of(now: datetime, closes_at: datetime | None, days: Collection[int]) -> int | None:
    """Which reminder is due before this deadline: the smallest
    number of days that is reached; None outside of them.
    """
    if closes_at is None or now >= closes_at:
        return None
    left = (closes_at - now).total_seconds() / 86_400
    return min((day for day in days if left <= day), default=None)


MOST_OPEN = 3  # requests of one person that nobody answered yet, in one programme
MOST_A_DAY = 5  # requests of one person


@dataclass(frozen=True)
class Asked:
    """A request that somebody made for an organisation whose
    people they are not known to be; `open` until it is answered.
    """

    programme_id: int
    organisation_id: int
    open: bool
    at: datetime


def check_requests(
    asked: Collection[Asked], programme_id: int, organisation_id: int, name: str, *, now: datetime
) -> None:
    """Refuse a second request for the same organisation, and more of them than one person needs."""
    here = [row for row in asked if row.open and row.programme_id == programme_id]
    if any(row.organisation_id == organisation_id for row in here):
        words = N_(
            "You asked for %(organisation)s already. You get a mail as soon as the organiser has answered."
        )
        raise Refusal("asked_already", words, "city", organisation=name)
    if len(here) >= MOST_OPEN:
        words = N_(
            "You asked for %(count)d organisations already. Wait "
            "until the organiser has answered, or take one back."
        )
        raise Refusal("asked_enough", words, "city", count=len(here))
    if sum(row.at > now - timedelta(days=1) for row in asked) >= MOST_A_DAY:
        words = N_("You asked for %(count)d organisations within a day. Try again tomorrow.")
        raise Refusal("too_often", words, "city", count=MOST_A_DAY)


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
