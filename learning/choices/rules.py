"""What may be chosen: chairs, the line, the deadline, and what does not go together."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from learning.kit.errors import Refusal
from learning.kit.wording import N_

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Full:
    """There was no chair, and waiting was not asked for; `waiting` is how many wait already."""

    session_id: int
    waiting: int


@dataclass(frozen=True)
class Place:
    """What a seat means for a person's day."""

    workshop_id: int
    starts_at: datetime | None
    ends_at: datetime | None


class InLine(Protocol):
    """Somebody who waits."""

    @property
    def joined_at(self) -> datetime: ...

    @property
    def id(self) -> int: ...


W = TypeVar("W", bound=InLine)


def free_seat(taken: Collection[int], capacity: int) -> int | None:
    """The lowest free chair number, or None when the session is full."""
    return next((number for number in range(1, capacity + 1) if number not in taken), None)


def next_in_line(waiting: Iterable[W], may_have: Callable[[W], bool]) -> W | None:
    """Who joined first of those who may have the chair; the others keep their turn."""
    ordered = sorted(waiting, key=lambda entry: (entry.joined_at, entry.id))
    return next((entry for entry in ordered if may_have(entry)), None)


def check_choices_open(opens_at: datetime | None, closes_at: datetime | None, now: datetime) -> None:
    """Refuse when one cannot choose now; the Refusal names the moment that decides."""
    if opens_at is not None and now < opens_at:
        raise Refusal("choices_not_open", N_("Choosing opens on %(opens)s."), opens=opens_at)
    if closes_at is not None and now >= closes_at:
        raise Refusal("choices_closed", N_("Choosing closed on %(deadline)s."), deadline=closes_at)


def opening(opens_at: datetime | None, partners_at: datetime | None, *, partner: bool) -> datetime | None:
    """From when somebody can choose: partners of the network
    may be let in earlier, never later, than everybody.
    """
    if opens_at is None or partners_at is None or not partner:
        return opens_at
    return min(opens_at, partners_at)


def deadline(closes_at: datetime | None, starts_at: datetime | None) -> datetime | None:
    """Until when one can choose in a round: its deadline, and its start at the latest."""
    return min((moment for moment in (closes_at, starts_at) if moment is not None), default=None)


def later_of(closes_at: datetime | None, until: datetime | None) -> datetime | None:
    """The deadline of a round for somebody who may choose again until a moment; None is no deadline."""
    return max(closes_at, until) if closes_at is not None and until is not None else closes_at


def overlaps(one: Place, other: Place) -> bool:
    """Both take place at one moment. Ends are open: 14:00–15:00 and 15:00–16:00 do not overlap.

    Without a start nothing is known; without an end only the start counts.
    """
    if one.starts_at is None or other.starts_at is None:
        return False
    one_until = max(one.ends_at or one.starts_at, one.starts_at + INSTANT)
    other_until = max(other.ends_at or other.starts_at, other.starts_at + INSTANT)
    return one.starts_at < other_until and other.starts_at < one_until


def goes_with(place: Place, others: Iterable[Place], *, repeats_allowed: bool) -> bool:
    """Nobody is at two places at once, nor at the same workshop twice unless that is allowed."""
    return not any(
        overlaps(place, other) or (place.workshop_id == other.workshop_id and not repeats_allowed)
        for other in others
    )


def check_goes_with(
    place: Place, others: Iterable[tuple[str, Place]], *, code: str, field: str, repeats_allowed: bool
) -> None:
    """Refuse a place that does not go with the others, each given with the code by which people know it."""
    for other_code, other in others:
        codes = {"session": code, "other": other_code}
        if place.workshop_id == other.workshop_id and not repeats_allowed:
            raise Refusal(
                "workshop_twice", N_("%(session)s and %(other)s are the same workshop."), field, **codes
            )
        if overlaps(place, other):
            raise Refusal("overlap", N_("%(session)s and %(other)s are at the same time."), field, **codes)


def decide(picked: int | None, *, held: int | None, free: bool, wait: bool) -> str:
    """What becomes of a wish in a round: leave, keep, take, wait, or full."""
    if picked is None:
        return "leave"
    if picked == held:
        return "keep"
    if free:
        return "take"
    return "wait" if wait else "full"
