"""The Dutch municipalities since 1990, as Statistics
Netherlands (CBS) names them, found as people type them.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from learning.organisations.rules import search_key

SOURCE = Path(__file__).parent / "data" / "municipalities.csv"
KNOWN_AS = {  # what people call them beside the official name
    "'s-Gravenhage": ("Den Haag", "The Hague"),
    "'s-Hertogenbosch": ("Den Bosch",),
    "Bergen (NH.)": ("Bergen Noord-Holland",),
    "Bergen (L.)": ("Bergen Limburg",),
    "Súdwest-Fryslân": ("Zuidwest-Friesland",),
    "Noardeast-Fryslân": ("Noordoost-Friesland",),
    "De Fryske Marren": ("De Friese Meren",),
    "Tytsjerksteradiel": ("Tietjerksteradeel",),
}


@dataclass(frozen=True)
class Municipality:
    """A municipality from its first day until the day on which it was no more; None: it exists."""

    code: str
    official: str
    province: str
    from_on: date
    until_on: date | None

    @property
    def name(self) -> str:
        """The name that people use: without the province behind it."""
        return (
            KNOWN_AS[self.official][0]
            if self.official == "'s-Gravenhage"
            else self.official.partition(" (")[0]
        )

    @property
    def also(self) -> tuple[str, ...]:
        """Other names by which people look for it."""
        return tuple(
            other for other in (self.official, *KNOWN_AS.get(self.official, ())) if other != self.name
        )


@cache
def municipalities() -> tuple[Municipality, ...]:
    """All of them, by code and first day."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        rows = [
            Municipality(
                row["code"], row["name"], row["province"], date.fromisoformat(row["valid_from"]),
                date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.code, row.from_on)))


@cache
def _by_key() -> dict[str, tuple[Municipality, ...]]:
    found: dict[str, list[Municipality]] = {}
    for row in municipalities():
        for key in {search_key(name) for name in (row.name, row.official, *row.also)}:
            found.setdefault(key, []).append(row)
    return {key: tuple(rows) for key, rows in found.items()}


def municipality_named(typed: str, day: date) -> Municipality | None:
    """The municipality that has this name on this day; None when there is none, or more than one has it."""
    rows = [row for row in _by_key().get(search_key(typed), ()) if row.from_on <= day]
    there = [row for row in rows if row.until_on is None or day < row.until_on]
    return there[0] if len({row.code for row in there}) == 1 else None


def ended_municipality(typed: str, day: date) -> Municipality | None:
    """The last municipality with this name that was there before this day and is no more."""
    rows = [
        row
        for row in _by_key().get(search_key(typed), ())
        if row.until_on is not None and row.until_on <= day
    ]
    return max(rows, key=lambda row: row.until_on or day, default=None)


def municipality_names(day: date) -> dict[str, str]:
    """The names of the municipalities of this day, by the key under which one looks for them."""
    return {
        search_key(row.name): row.name
        for row in municipalities()
        if row.from_on <= day and (row.until_on is None or day < row.until_on)
    }


def forget() -> None:
    """Read the list again when it is asked for: the file is another one."""
    municipalities.cache_clear()
    _by_key.cache_clear()
