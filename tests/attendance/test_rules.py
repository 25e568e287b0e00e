"""When one can register."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from learning.attendance.rules import check_registration_open
from learning.kit.errors import Refusal

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER, BEFORE = NOON + timedelta(seconds=1), NOON - timedelta(seconds=1)
OPEN: dict[str, Any] = {
    "opens_at": None,
    "closes_at": None,
    "cancelled": False,
    "by_delegation": False,
    "has_dates": True,
    "now": NOON,
}


@pytest.mark.parametrize(
    ("facts", "code", "values"),
    [
        ({"cancelled": True}, "programme_cancelled", {}),
        ({"by_delegation": True}, "by_delegation", {}),
        ({"has_dates": False}, "no_dates", {}),
        ({"opens_at": LATER}, "registration_not_open", {"opens": LATER}),
        ({"closes_at": NOON}, "registration_closed", {"deadline": NOON}),
        ({"opens_at": BEFORE, "closes_at": BEFORE}, "registration_closed", {"deadline": BEFORE}),
    ],
)
def test_a_closed_programme_says_why_and_names_the_moment(
    facts: dict[str, Any], code: str, values: Any
) -> None:
    with pytest.raises(Refusal) as refused:
        check_registration_open(**OPEN | facts)
    assert (refused.value.code, refused.value.values) == (code, values)


@pytest.mark.parametrize(
    "facts", [{}, {"opens_at": NOON}, {"closes_at": LATER}, {"opens_at": BEFORE, "closes_at": LATER}]
)
def test_between_opening_and_closing_one_can_register(facts: dict[str, Any]) -> None:
    check_registration_open(**OPEN | facts)
