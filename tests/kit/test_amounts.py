"""Times and amounts as people write them. No database."""

from decimal import Decimal

import pytest

from learning.kit.amounts import amount_of
from learning.kit.forms import clock_of


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("13.00 uur", "13:00"),
        ("9:05", "09:05"),
        ("9 uur", "09:00"),
        ("14u", "14:00"),
        ("24:00", None),
        ("13.75", None),
        ("x", None),
    ],
)
def test_times_as_people_write_them(text: str, time: str | None):
    assert clock_of(text) == time


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("2.500 euro", "2500.00"),
        ("€ 395,-", "395.00"),
        ("2.500,00", "2500.00"),
        ("2500.5", "2500.50"),
        ("1.234.567,89", "1234567.89"),
        ("0", "0.00"),
        ("12,345", None),
        ("-3", None),
        ("99999999", None),
        ("gratis", None),
    ],
)
def test_amounts_as_people_write_them(text: str, amount: str | None):
    assert amount_of(text) == (None if amount is None else Decimal(amount))
