"""Finished bytes in the memory of a worker: the least recently used go first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

LIMIT = 32 * 1024 * 1024  # bytes


class Kept:
    """Things made once and handed out many times, up to LIMIT bytes together."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.size = 0
        self._things: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """What was kept under this key, or None."""
        with self._lock:
            found = self._things.get(key)
            if found is None:
                return None
            self._things.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, thing: Any, size: int) -> None:
        """Keep a thing of `size` bytes; what was used longest ago makes room."""
        with self._lock:
            old = self._things.pop(key, None)
            self.size += size - (old[1] if old else 0)
            self._things[key] = (thing, size)
            while self.size > self.limit and self._things:
                _key, (_thing, gone) = self._things.popitem(last=False)
                self.size -= gone
