"""What time it is, and the step between local time and UTC."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from learning.kit.errors import Refusal
from learning.kit.wording import N_

AMSTERDAM = "Europe/Amsterdam"


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def to_utc(on: date, at: time, zone: str = AMSTERDAM) -> datetime:
    """The moment of a local day and time; refuses a time that the clock change skips.

    Of a time that happens twice in autumn the first is meant (PEP 495, fold=0).
    """
    local = datetime.combine(on, at, ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(fold=0) != local:
        raise Refusal("no_such_time", N_("That time does not exist on the day the clock changes."), "time")
    return moment


def local(moment: datetime, zone: str = AMSTERDAM) -> datetime:
    """The moment as the clock on the wall shows it."""
    return moment.astimezone(ZoneInfo(zone))


def midnight_after(moment: datetime, zone: str = AMSTERDAM) -> datetime:
    """The next local midnight, in UTC."""
    day = local(moment, zone).date() + timedelta(days=1)
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
