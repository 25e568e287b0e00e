"""The state of the machine, one finding for each thing that can be wrong; `flask doctor` and the owners' page say the same."""

from dataclasses import dataclass
from typing import Literal

from learning.kit.wording import N_
from learning.migrate import migrations_match


@dataclass(frozen=True)
class Finding:
    """How one thing stands. `words` and `mend` are sentences with `values`; `mend` says what to do, empty when all is well."""

    key: str
    state: Literal["good", "look", "bad"]
    words: str
    mend: str = ""
    values: tuple[tuple[str, str], ...] = ()


def look() -> list[Finding]:
    """Every finding, in the order in which they are shown."""
    return [_database()]


def _database() -> Finding:
    if migrations_match():
        return Finding("database", "good", N_("The database answers and has the tables of this version."))
    return Finding("database", "bad", N_("The database has other tables than this version needs."), N_("Run flask prepare."))
