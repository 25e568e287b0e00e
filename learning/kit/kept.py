"""Things in the memory of a worker, up to a limit: the least recently used go first."""

import threading
from collections.abc import Hashable
from operator import itemgetter
from typing import Any

from cachetools import LRUCache

LIMIT = 32 * 1024 * 1024  # bytes


class Kept:
    """Things made once and handed out many times; their sizes together are at most the limit.

    The cache knows no threads, so each step is taken under a lock.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._things: LRUCache[Hashable, tuple[Any, int]] = LRUCache(limit, getsizeof=itemgetter(1))
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """What is kept, all sizes together."""
        return int(self._things.currsize)

    def get(self, key: Hashable) -> Any:
        """What was kept under this key, or None."""
        with self._lock:
            found = self._things.get(key)
            return found[0] if found is not None else None

    def put(self, key: Hashable, thing: Any, size: int = 1) -> None:
        """Keep a thing of this size; what was used longest ago makes room. One too large is not kept."""
        with self._lock:
            self._things.pop(key, None)
            if size <= self.limit:
                self._things[key] = (thing, size)
