"""Chairs, the line, the deadline, and what does not go together."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.choices.rules import (
    Place,
    check_choices_open,
    check_goes_with,
    deadline,
    decide,
    free_seat,
    goes_with,
    next_in_line,
    overlaps,
)
from learning.kit.errors import Refusal

T = datetime(2027, 1, 28, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Waiting:
    id: int
    joined_at: datetime


@pytest.mark.parametrize(
    ("taken", "capacity", "number"),
    [((), 1, 1), ((1,), 1, None), ((1, 3), 3, 2), ((2, 3), 3, 1), ((), 0, None), ((1, 2, 5), 3, 3)],
)
def test_the_lowest_free_chair(taken: tuple[int, ...], capacity: int, number: int | None) -> None:
    assert free_seat(taken, capacity) == number


@given(st.sets(st.integers(1, 12)), st.integers(0, 10))
def test_a_chair_is_free_within_the_capacity_or_there_is_none(taken: set[int], capacity: int) -> None:
    number = free_seat(taken, capacity)
    if number is None:
        assert set(range(1, capacity + 1)) <= taken
    else:
        assert 1 <= number <= capacity
        assert number not in taken


def test_first_come_first_served_but_for_who_may_not() -> None:
    first, second, third = Waiting(7, T), Waiting(8, T), Waiting(3, T + HOUR)
    assert next_in_line([third, second, first], lambda _: True) == first
    assert next_in_line([third, second, first], lambda entry: entry != first) == second
    assert next_in_line([third], lambda _: False) is None
    assert next_in_line([], lambda _: True) is None


@pytest.mark.parametrize(
    ("opens", "closes", "code", "values"),
    [
        (None, None, None, {}),
        (T, T + HOUR, None, {}),
        (T + HOUR, None, "choices_not_open", {"opens": T + HOUR}),
        (None, T, "choices_closed", {"deadline": T}),
    ],
)
def test_choices_open(
    opens: datetime | None, closes: datetime | None, code: str | None, values: dict
) -> None:
    if code is None:
        check_choices_open(opens, closes, T)
        return
    with pytest.raises(Refusal) as refused:
        check_choices_open(opens, closes, T)
    assert (refused.value.code, refused.value.values) == (code, values)


def test_a_round_closes_when_it_starts_at_the_latest() -> None:
    assert deadline(T, T + HOUR) == T
    assert deadline(T + HOUR, T) == T
    assert deadline(None, T) == T
    assert deadline(None, None) is None


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ((0, 1), (1, 2), False),
        ((0, 1), (0, 1), True),
        ((0, 2), (1, 3), True),
        ((0, 3), (1, 2), True),
        ((None, None), (0, 1), False),
        ((0, None), (0, 1), True),
        ((0, None), (0, None), True),
        ((0, 0), (0, 0), True),
        ((1, None), (0, 1), False),
        ((0, None), (1, 2), False),
    ],
)
def test_overlaps(one: tuple, other: tuple, together: bool) -> None:
    def place(span: tuple, workshop: int) -> Place:
        start, end = (None if hour is None else T + hour * HOUR for hour in span)
        return Place(workshop, start, end)

    assert overlaps(place(one, 1), place(other, 2)) is together
    assert overlaps(place(other, 2), place(one, 1)) is together
    assert goes_with(place(one, 1), [place(other, 2)], repeats_allowed=False) is not together


def test_the_same_workshop_twice_only_where_it_is_allowed() -> None:
    one, other = Place(5, T, T + HOUR), Place(5, T + HOUR, None)
    assert not goes_with(one, [other], repeats_allowed=False)
    assert goes_with(one, [other], repeats_allowed=True)
    check_goes_with(one, [("2.01", other)], code="1.01", field="round_1", repeats_allowed=True)
    with pytest.raises(Refusal) as refused:
        check_goes_with(one, [("2.01", other)], code="1.01", field="round_1", repeats_allowed=False)
    assert (refused.value.code, refused.value.field) == ("workshop_twice", "round_1")
    assert str(refused.value) == "1.01 and 2.01 are the same workshop."


@pytest.mark.parametrize(
    ("picked", "held", "free", "wait", "verb"),
    [
        (None, 1, True, True, "leave"),
        (1, 1, False, True, "keep"),
        (2, 1, True, False, "take"),
        (2, None, True, True, "take"),
        (2, 1, False, True, "wait"),
        (2, 1, False, False, "full"),
    ],
)
def test_what_becomes_of_a_wish(
    picked: int | None, held: int | None, free: bool, wait: bool, verb: str
) -> None:
    assert decide(picked, held=held, free=free, wait=wait) == verb
