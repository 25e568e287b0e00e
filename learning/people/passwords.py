"""Hashing passwords: strong, and never more than two at
once, so that nobody can keep the machine busy with it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from learning.kit.db import Busy

SHORTEST, LONGEST = 12, 1000
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_room = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The argon2id hash of a password. Called outside transactions: it takes long on purpose."""
    with _turn():
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when there is no hash to compare with."""
    with _turn():
        try:
            _hasher.verify(password_hash or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def too_weak(password_hash: str) -> bool:
    """It was hashed with less strength than we use now."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")


@contextmanager
def _turn() -> Iterator[None]:
    if not _room.acquire(timeout=5):
        raise Busy
    try:
        yield
    finally:
        _room.release()
