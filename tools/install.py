"""Installs the packages of a lock file and says how far
it is; what pip has to say is shown only when it fails.

`python -m tools.install LOCK` runs pip of this same Python.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from learning.demo.progress import Progress

SHOWN = 25  # lines of pip when it fails


def main(lock: Path) -> int:
    """Install; gives the status with which to end."""
    total = sum(1 for line in lock.read_text("utf8").splitlines() if re.match(r"[A-Za-z0-9]", line))
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "-r",
        str(lock),
    ]
    command += ["--progress-bar", "off", "--root-user-action", "ignore"]
    with tempfile.TemporaryFile("w+", encoding="utf8") as said, Progress() as progress:
        pip = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        assert pip.stdout is not None
        try:
            follow(pip.stdout, said, progress, total)
            status = pip.wait()
        except BaseException:
            pip.terminate()
            pip.wait(10)
            raise
        if status:
            said.seek(0)
            progress.now("", line=True)
            print("".join(said.readlines()[-SHOWN:]), file=sys.stderr)
            print(
                f"The packages of {lock} could not be installed; what pip said stands above.", file=sys.stderr
            )
    return status


def follow(lines: Iterable[str], said: TextIO, progress: Progress, total: int) -> None:
    """Keep what pip says and tell of it in short: how many
    packages are there, and that they are being unpacked.
    """
    found = 0
    for line in lines:
        said.write(line)
        name = re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", line)
        if name:
            found += 1
            progress.now(f"{min(found, total)} of {total} packages: {name[1]}")
        elif line.startswith("Installing collected packages"):
            progress.now(f"unpacking {total} packages")


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1])))
    except KeyboardInterrupt:
        sys.exit(130)
