"""The inside of a process with limits: `python -m
learning.kit.child MODULE FUNCTION CPU MEMORY` answers one question.

On its input: a line of JSON with the named arguments, then the bytes. On its output: a line of JSON with the
answer and the sizes of the parts, then the parts. The limits hold before anything of the question is read.
"""

import json
import os
import resource
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from learning.kit.errors import Refusal

LARGEST_FILE = 200_000_000  # bytes, the answer included


def main() -> None:
    """Take the limits, do the job, write the answer."""
    module, function, cpu, memory = sys.argv[1:]
    limit(int(cpu), int(memory))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    words = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    answer: Any
    parts: Iterable[bytes]
    try:
        answer, parts = getattr(import_module(module), function)(content, **words)
    except Refusal as no:
        answer, parts = {"refused": [no.code, no.message, no.values]}, ()
    parts = list(parts)
    answers.write(json.dumps({"answer": answer, "sizes": [len(part) for part in parts]}).encode() + b"\n")
    for part in parts:
        answers.write(part)
    answers.close()


def limit(cpu: int, memory: int) -> None:
    """At most so many seconds of the processor and bytes of
    memory, after everybody else, and without a core file.
    """
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
