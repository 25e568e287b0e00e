"""What programmes tell the areas above."""

from dataclasses import dataclass
from datetime import datetime

from learning.programmes.difference import Difference


@dataclass(frozen=True)
class Released:
    """A programme has a new release; `difference` is what changed for people since the one before."""

    programme_id: int
    difference: Difference
    now: datetime
