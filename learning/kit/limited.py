"""Work on what strangers sent, and making documents: in a
process with limits on time and memory, never in our own.

A file of some kilobytes can ask for seconds and gigabytes.
The process that gets it may be killed; the app goes on.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app

from learning.kit.db import let_go
from learning.kit.errors import Refusal
from learning.kit.wording import N_

ROOT = Path(__file__).parent.parent.parent
WAIT = 8.0  # seconds that an upload waits for its turn
BUSY = N_("Another file is being read just now. Nothing was changed. Try again in a minute.")


class Died(Exception):
    """The process was killed by a limit, or ended by itself without an answer."""


@dataclass(frozen=True)
class Limits:
    """Seconds of the processor, bytes of memory and seconds on the clock."""

    cpu: int
    memory: int
    wall: float


def ask_child(
    module: str, function: str, content: bytes, words: dict[str, Any], limits: Limits
) -> tuple[Any, list[bytes]]:
    """What `function(content, **words)` of this module gives in
    a process of its own: an answer (JSON) and parts (bytes).

    A Refusal of the function is raised here too; Died when there is no answer. The process knows no
    setting of ours. What was read from the database is let go first; inside an action this is an error.
    """
    let_go()
    question = json.dumps(words).encode() + b"\n" + content
    env = {key: value for key, value in os.environ.items() if not key.startswith("LEERKRING_")}
    env |= {
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    command = [
        sys.executable,
        "-m",
        "learning.kit.child",
        module,
        function,
        str(limits.cpu),
        str(limits.memory),
    ]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=out, stderr=said)
        try:
            process.communicate(question, timeout=limits.wall)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if process.returncode != 0:
            said.seek(max(said.tell() - 300, 0))
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise Died(f"{function} ended with {process.returncode}: {last}")
        out.seek(0)
        answer = json.loads(out.readline())
        parts = [out.read(size) for size in answer["sizes"]]
    if isinstance(answer["answer"], dict) and "refused" in answer["answer"]:
        code, message, values = answer["answer"]["refused"]
        raise Refusal(code, message, **values)
    return answer["answer"], parts


@contextmanager
def turn(field: str | None = None, *, wait: float = WAIT) -> Iterator[None]:
    """One upload at a time on this machine; refused in words when others take longer than `wait` seconds.

    The kernel gives the turn back when a process dies.
    """
    until = time.monotonic() + wait
    with (Path(current_app.config["INSTANCE"]) / "uploads.turn").open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Refusal("busy", BUSY, field) from None
                time.sleep(0.05)
        yield
