"""gunicorn's worker with threads, which answers whatever reached it before it stops."""

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

DRAINING = 2.0  # seconds in which a stopping worker still takes what waits at the door


class Worker(ThreadWorker):  # type: ignore[misc]
    """Told to stop, it takes every connection that the kernel
    has accepted for it already, closes its door and answers all.

    gunicorn's own leaves the door open until the last answer is given: what knocks meanwhile
    waits in the kernel and is thrown away at the end, which a proxy tells its visitor as 502.
    """

    def set_accept_enabled(self, enabled: bool) -> None:
        """As gunicorn's; the last time it is told no, the door is emptied and closed."""
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            self._drain()

    def _drain(self) -> None:
        until = time.monotonic() + DRAINING
        for listener in self.sockets:
            listener.setblocking(False)
            before: Any = None
            while before != self.nr_conns and time.monotonic() < until:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
