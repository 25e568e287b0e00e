"""`make demo` can be stopped, also where the shell that
started it had Ctrl-C ignored; and it says how far it is.
"""

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from learning.demo.progress import Progress
from tests.servers import ROOT, free_port
from tools.install import follow


def deaf() -> None:
    """As a shell without job control starts what runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def until(process: "subprocess.Popen[str]", words: str) -> str:
    """What was said up to and including the line with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"{words} was never said: {said}")


@pytest.mark.parametrize("words", ["Preparing the database", "Organisers, cities and programmes"])
def test_it_ends_on_an_interrupt_while_it_prepares(tmp_path: Path, words: str):
    command = [sys.executable, "-u", "-m", "learning.demo.serve", "--port", str(free_port())]
    command += ["--instance", str(tmp_path / "demo")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=deaf)

    until(process, words)
    process.send_signal(signal.SIGINT)

    assert process.wait(60) == 128 + signal.SIGINT
    assert process.stdout is not None
    assert "Stopping" in process.stdout.read()


def test_a_command_that_is_awake_ends_on_an_interrupt():
    command = [
        sys.executable,
        "tools/awake.py",
        sys.executable,
        "-u",
        "-c",
        "import time; print('on'); time.sleep(60)",
    ]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=deaf
    )

    until(process, "on")
    process.send_signal(signal.SIGINT)

    assert process.wait(30) == -signal.SIGINT


def test_every_line_of_the_demo_in_the_makefile_is_awake():
    recipe = (ROOT / "Makefile").read_text().partition("\ndemo: ")[2].partition("\n\n")[0].splitlines()[1:]

    assert recipe
    assert all(line.startswith("\t@exec $(AWAKE) ") for line in recipe)


class Terminal(io.StringIO):
    """Something to write to that is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


def test_on_a_terminal_the_line_moves_and_elsewhere_lines_stay():
    screen, file = Terminal(), io.StringIO()
    for out in (screen, file):
        with Progress(out) as progress:
            progress.now("Loading", line=True)
            progress.now("50 of 300 attendees")

    assert "\r  50 of 300 attendees (0 s)" in screen.getvalue()
    assert screen.getvalue().endswith("\r")
    assert file.getvalue() == "Loading\n"


def waited(condition: Callable[[], bool]) -> bool:
    """Whether it came true within some seconds."""
    end = time.monotonic() + 10
    while time.monotonic() < end and not condition():
        time.sleep(0.05)
    return condition()


def test_silence_is_broken_now_and_then(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("learning.demo.progress.SPEAKS", 0.5)
    file = io.StringIO()
    with Progress(file) as progress:
        progress.now("still at it")
        assert waited(lambda: "  still at it (" in file.getvalue())


def test_what_pip_warns_of_is_kept_and_not_shown():
    screen, kept = Terminal(), io.StringIO()
    lines = [
        "WARNING: something old\n",
        "Collecting flask==3.1\n",
        "  Downloading x\n",
        "Collecting msgspec\n",
    ]
    with Progress(screen) as progress:
        follow([*lines, "Installing collected packages: a, b\n"], kept, progress, 63)

    assert "WARNING" not in screen.getvalue()
    assert "1 of 63 packages: flask" in screen.getvalue()
    assert "2 of 63 packages: msgspec" in screen.getvalue()
    assert "unpacking 63 packages" in screen.getvalue()
    assert kept.getvalue().startswith("WARNING: something old\n")
