"""Reading days as people write them: "11 december, 22 januari en vrijdag 5 maart 2027"."""

import re
from datetime import date

from learning.kit.errors import Refusal
from learning.kit.wording import N_

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari jan january",
            "februari feb february",
            "maart mrt march mar",
            "april apr",
            "mei may",
            "juni jun june",
            "juli jul july",
            "augustus aug august",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "maandag monday",
            "dinsdag tuesday",
            "woensdag wednesday",
            "donderdag thursday",
            "vrijdag friday",
            "zaterdag saturday",
            "zondag sunday",
        )
    )
    for name in names.split()
}
_written = re.compile(
    r"(?:(?P<weekday>[a-z]+)\s+)?(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]+)\.?(?:[\s-]+(?P<year>\d{4}))?"
)
_digits = re.compile(r"(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})(?:[-/.](?P<year>\d{4}))?")
_iso = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")


def read_days(text: str, *, after: date) -> list[date]:
    """The days in a text, one on each line or between commas, in the order in which they stand.

    Without a year the next such day is meant: after `after`, and after the
    day before it in the list. Refuses, with the piece in question, what is
    no day, a weekday that disagrees, and a day that is named twice.
    """
    days: list[date] = []
    for piece in re.split(r"[,;\n]|\s(?:en|and|&)\s", text.lower()):
        if piece := piece.strip(" .\t"):
            day = _read(piece, max([after, *days[-1:]]))
            if day in days:
                raise Refusal("day_twice", N_("“%(piece)s” is named twice."), "days", piece=piece)
            days.append(day)
    return days


def wrong_weekday(text: str, on: date) -> str | None:
    """The first piece of a text that names this day with
    another weekday: "vrijdag 28 januari" on a Thursday.
    """
    for found in _written.finditer(text.lower()):
        weekday = WEEKDAYS.get(found["weekday"] or "")
        same = int(found["day"]) == on.day and MONTHS.get(found["month"]) == on.month
        if (
            weekday is not None
            and same
            and int(found["year"] or on.year) == on.year
            and weekday != on.weekday()
        ):
            return found.group().strip()
    return None


def _read(piece: str, after: date) -> date:
    found = _written.fullmatch(piece) or _digits.fullmatch(piece) or _iso.fullmatch(piece)
    parts = found.groupdict() if found else {}
    month = parts.get("month") or ""
    number = MONTHS.get(month, 0) if not month.isdigit() else int(month)
    day = _next(int(parts["day"]), number, parts["year"], after) if number else None
    if day is None:
        words = N_("“%(piece)s” is not a day. Write it like 22 januari 2027.")
        raise Refusal("no_day", words, "days", piece=piece)
    weekday = parts.get("weekday") or ""
    if weekday and WEEKDAYS.get(weekday, day.weekday()) != day.weekday():
        words = N_("“%(piece)s”: the weekday is wrong. Correct the weekday or the date.")
        raise Refusal("weekday_disagrees", words, "days", piece=piece)
    return day


def _next(day: int, month: int, year: str | None, after: date) -> date | None:
    """The day in its year, or the next one after a day."""
    for candidate in [int(year)] if year else [after.year, after.year + 1]:
        try:
            found = date(candidate, month, day)
        except ValueError:
            continue
        if year or found > after:
            return found if 1990 <= found.year <= 2100 else None
    return None
