"""Long computations in a process of their own: started,
watched and stopped by the worker, never by a web request.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from flask import current_app

from learning.kit.installation import of

ROOT = Path(__file__).parent.parent.parent


class State(NamedTuple):
    """How far a computation is: its last news, and once it ended the answer, or None when it failed."""

    news: dict[str, Any]
    ended: bool
    answer: Any


class Computation:
    """`python -m module` with a question as JSON on its input, an answer
    as JSON on its output, and news as lines of JSON on its error stream.
    """

    def __init__(self, module: str, question: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="leerkring-")
        folder = Path(self._folder.name)
        (folder / "in").write_text(json.dumps(question))
        self._out, self._news = folder / "out", folder / "news"
        with (folder / "in").open() as source, self._out.open("w") as out, self._news.open("w") as news:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={
                    **os.environ,
                    "PYTHONPATH": str(ROOT),
                    "OMP_NUM_THREADS": "1",
                    "OPENBLAS_NUM_THREADS": "1",
                },
                stdin=source,
                stdout=out,
                stderr=news,
            )

    def look(self) -> State:
        """How far it is now."""
        ended = self._process.poll() is not None
        lines = self._news.read_text(errors="replace").splitlines()
        whole = [line for line in lines if line.startswith("{") and line.endswith("}")]
        news: dict[str, Any] = json.loads(whole[-1]) if whole else {}
        if not ended:
            return State(news, False, None)
        if self._process.returncode == 0:
            return State(news, True, json.loads(self._out.read_text()))
        current_app.logger.error(
            "a computation ended with %s: %s", self._process.returncode, "\n".join(lines[-5:])
        )
        return State(news, True, None)

    def close(self) -> None:
        """End it when it still runs, and clean up."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._folder.cleanup()


def running(kind: str) -> dict[int, Computation]:
    """The computations of this kind that this worker runs, by the id of what they are for."""
    return of(current_app).memory.one(Computations).setdefault(kind, {})


class Computations(dict[str, dict[int, Computation]]):
    """Those of each kind."""
