"""Saying how far long work is: a line that moves on a terminal, plain lines now and then elsewhere.

Needs no packages.
"""

import sys
import threading
import time
from types import TracebackType
from typing import TextIO

MOVES = 0.5  # seconds between two moves of the line
SPEAKS = 15.0  # seconds between two plain lines while nothing else is said
WIDTH = 78


class Progress:
    """Tells of one long thing.

    Use it with `with`; `now()` says what is being done, with a number when there is one.

    On a terminal the line is written over, with the seconds that passed, so that it is seen to live.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.moves = self.out.isatty()
        self.words, self.began, self.said_at = "", time.monotonic(), 0.0
        self._done, self._turn = threading.Event(), threading.Lock()
        self._ticking = threading.Thread(target=self._tick, daemon=True, name="progress")

    def __enter__(self) -> "Progress":
        self._ticking.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._ticking.join()
        with self._turn:
            self._wipe()

    def now(self, words: str, *, line: bool = False) -> None:
        """This is being done now; `line` keeps it as a line of its own."""
        with self._turn:
            self.words = words
            if line:
                self._wipe()
                self._say(words)
            elif self.moves:
                self._move()

    def _tick(self) -> None:
        while not self._done.wait(MOVES if self.moves else 1.0):
            with self._turn:
                if self.moves:
                    self._move()
                elif self.words and time.monotonic() - self.said_at >= SPEAKS:
                    self._say(f"  {self.words}{self._seconds()}")

    def _seconds(self) -> str:
        return f" ({time.monotonic() - self.began:.0f} s)"

    def _move(self) -> None:
        if self.words:
            text = f"  {self.words}{self._seconds()}"
            self.out.write("\r" + text[:WIDTH].ljust(WIDTH))
            self.out.flush()

    def _wipe(self) -> None:
        if self.moves:
            self.out.write("\r" + " " * WIDTH + "\r")
            self.out.flush()

    def _say(self, words: str) -> None:
        self.said_at = time.monotonic()
        print(words, file=self.out, flush=True)
