"""What all builders share: the moment and the day of tests, numbers, and adding a row."""

import itertools
from datetime import UTC, date, datetime
from typing import Any

from learning.kit.db import db

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2027, 1, 28)
numbers = itertools.count(1)


def added(row: Any) -> Any:
    """The row, in the database."""
    db.session.add(row)
    db.session.flush()
    return row
