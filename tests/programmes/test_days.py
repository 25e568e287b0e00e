"""Days as people write them. No database."""

from datetime import date

import pytest

from learning.kit.errors import Refusal
from learning.programmes.days import read_days

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("11 december, 22 januari en 5 maart", ["2026-12-11", "2027-01-22", "2027-03-05"]),
        ("donderdag 28 januari 2027", ["2027-01-28"]),
        ("28-1-2027\n2027-02-03", ["2027-01-28", "2027-02-03"]),
        ("Thursday 28 January 2027; 1 feb.", ["2027-01-28", "2027-02-01"]),
        ("24 november", ["2027-11-24"]),
        ("23 november 2025", ["2025-11-23"]),
        ("", []),
    ],
)
def test_days_as_people_write_them(text: str, days: list[str]):
    assert [day.isoformat() for day in read_days(text, after=TODAY)] == days


@pytest.mark.parametrize(
    "text", ["30 februari", "vrijdag 28 januari 2027", "1 mei, 1 mei 2027", "morgen", "12", "1 januari 9999"]
)
def test_what_is_no_day_is_refused_with_the_piece(text: str):
    with pytest.raises(Refusal) as refusal:
        read_days(text, after=TODAY)
    assert refusal.value.values["piece"]
