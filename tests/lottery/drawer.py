"""The drawing program kept running beside the tests, so that
its solver stays out of their process: JSON in, JSON out.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from learning.lottery.exchange import instance_of, outcome_of
from learning.lottery.rules import Outcome, Problem

ROOT = Path(__file__).parents[2]


class Drawer:
    """A process that draws one problem after the other."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.lottery.drawer"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True)

    def draw(self, problem: Problem) -> Outcome:
        """What the program makes of this problem."""
        return outcome_of(self.ask(instance_of(problem)))

    def ask(self, question: Any) -> Any:
        """The answer to an instance as it is."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


def main() -> None:
    """Draw what each line says."""
    from learning.lottery.exchange import problem_of, result_of
    from learning.lottery.solver import draw

    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        limit = question.pop("_time_limit", None)
        outcome = draw(problem_of(question), time_limit=limit)
        out.write(json.dumps(result_of(outcome, stages=list(outcome.stages))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
