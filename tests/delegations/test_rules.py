"""How many a delegation may send, and until when."""

from datetime import UTC, datetime, timedelta

import pytest

from learning.delegations.rules import check_nominations_open, free_chair, missing
from learning.kit.errors import Refusal

CLOSES = datetime(2027, 1, 21, 11, tzinfo=UTC)
STARTS = datetime(2027, 1, 28, 10, tzinfo=UTC)
JUST = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("taken", "seats_max", "chair"),
    [(set(), 1, 1), ({1}, 3, 2), ({1, 3}, 3, 2), ({2, 3}, 3, 1), ({1, 2}, 3, 3), ({4}, 3, 1)],
)
def test_the_lowest_free_chair(taken: set[int], seats_max: int, chair: int):
    assert free_chair(taken, seats_max) == chair


@pytest.mark.parametrize(("taken", "seats_max"), [({1, 2, 3}, 3), ({1, 2, 3, 4}, 3), (set(), 0)])
def test_no_chair_left(taken: set[int], seats_max: int):
    with pytest.raises(Refusal) as refusal:
        free_chair(taken, seats_max)

    assert (refusal.value.code, refusal.value.values) == (
        "no_places",
        {"taken": len(taken), "places": seats_max, "names": ""},
    )


def refused(now: datetime, **more: object) -> tuple[str, dict[str, object]] | None:
    facts = {"closes_at": CLOSES, "starts_at": STARTS, "cancelled": False, "late": False} | more
    try:
        check_nominations_open(**facts, now=now)
    except Refusal as refusal:
        return refusal.code, refusal.values
    return None


CLOSED, BEGUN = ("nominations_closed", {"deadline": CLOSES}), ("meeting_began", {"moment": STARTS})


@pytest.mark.parametrize(
    ("now", "more", "outcome"),
    [
        (CLOSES - JUST, {}, None),
        (CLOSES, {}, CLOSED),
        (CLOSES, {"late": True}, None),
        (STARTS - JUST, {"late": True}, None),
        (STARTS, {"late": True}, BEGUN),
        (STARTS, {}, BEGUN),
        (STARTS - JUST, {"closes_at": None}, None),
        (STARTS, {"closes_at": None}, BEGUN),
        (CLOSES, {"closes_at": None, "starts_at": None}, None),
        (CLOSES, {"starts_at": None}, CLOSED),
        (CLOSES - JUST, {"cancelled": True}, ("meeting_cancelled", {})),
        (CLOSES - JUST, {"cancelled": True, "late": True}, ("meeting_cancelled", {})),
    ],
)
def test_until_when_names_can_be_given(now: datetime, more: dict[str, object], outcome: object):
    assert refused(now, **more) == outcome


@pytest.mark.parametrize(("sent", "least", "wanted"), [(0, 2, 2), (1, 2, 1), (2, 2, 0), (3, 2, 0), (0, 0, 0)])
def test_how_many_names_are_still_wanted(sent: int, least: int, wanted: int):
    assert missing(sent, least) == wanted
