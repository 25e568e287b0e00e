"""A programme as it was read somewhere, before anything is saved."""

from dataclasses import dataclass, field
from typing import Any

MOST = 5000  # sessions in one go
LONG = 20_000  # characters of one text


@dataclass(frozen=True)
class Host:
    """Somebody, or an organisation alone."""

    name: str = ""
    affiliation: str = ""


@dataclass(frozen=True)
class Found:
    """A session that was read. `round` 0 is none; empty numbers are not known; `line` is where it stands."""

    line: int
    title: str
    round: int = 0
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    hosts: tuple[Host, ...] = ()
    room: str = ""
    capacity: int | None = None
    minimum: int | None = None
    theme: str = ""


@dataclass(frozen=True)
class Problem:
    """Something that could not be read: the line, a sentence, and its values."""

    line: int
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """What was read, to look at before anything is saved."""

    sessions: tuple[Found, ...]
    problems: tuple[Problem, ...] = ()
