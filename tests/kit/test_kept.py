import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from learning.kit.installation import Memory
from learning.kit.kept import Kept
from tests.make import NOON


def test_what_was_used_longest_ago_makes_room():
    kept = Kept(limit=10)
    kept.put("a", 1, 4)
    kept.put("b", 2, 4)
    assert kept.get("a") == 1

    kept.put("c", 3, 4)

    assert [kept.get(key) for key in "abc"] == [1, None, 3]
    assert kept.size == 8


def test_a_thing_put_again_counts_once_and_one_too_large_is_not_kept():
    kept = Kept(limit=10)
    kept.put("a", 1, 4)
    kept.put("a", 2, 6)
    assert (kept.get("a"), kept.size) == (2, 6)

    kept.put("b", 3, 4)
    kept.put("a", 4, 11)

    assert (kept.get("a"), kept.get("b"), kept.size) == (None, 3, 4)


def test_many_threads_keep_the_limit():
    kept, wrong = Kept(limit=100), []

    def work(number: int) -> None:
        try:
            for step in range(2000):
                kept.put((number * step) % 37, step, step % 13)
                kept.get(step % 37)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert kept.size <= 100


def test_a_worker_makes_one_of_each():
    memory, made = Memory(), []

    def make(name: str) -> list[Any]:
        made.append(name)
        return made

    first = memory.one(make, "first")
    assert memory.one(make, "second") is first
    assert made == ["first"]

    memory.forget(make)
    memory.one(make, "third")
    memory.put(make, ["given"])

    assert made == ["first", "third"]
    assert memory.one(make, "fourth") == ["given"]


def test_a_turn_comes_once_in_its_time():
    memory, hour = Memory(), timedelta(hours=1)
    moments = [NOON, NOON, NOON + hour - timedelta(seconds=1), NOON + hour, NOON + hour]

    def turn(now: datetime) -> bool:
        with memory.turn(datetime.now, hour, now=now) as due:
            return due

    assert [turn(now) for now in moments] == [True, False, False, True, False]


def test_what_failed_is_due_again():
    memory, hour = Memory(), timedelta(hours=1)
    with pytest.raises(ZeroDivisionError), memory.turn(datetime.now, hour, now=NOON):
        raise ZeroDivisionError

    with memory.turn(datetime.now, hour, now=NOON) as due:
        assert due
