"""`make demo`: prepares the demo, starts the app and the
worker, shows the way in, and stops everything together.
"""

import argparse
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from flask import Flask  # read when it is needed: first of all we listen to signals

from learning.config import BadSettings

ROOT = Path(__file__).parent.parent.parent
OURS = (
    "leerkring.db",
    "leerkring.db-wal",
    "leerkring.db-shm",
    "leerkring.db.writelock",
    "jobs.db",
    "files",
    "demo.json",
)


def main() -> None:
    """Start the demo and stay until told to stop."""
    _listen_to_signals()
    given = _arguments()
    instance = Path(given.instance).resolve()
    address = f"http://127.0.0.1:{given.port}"
    _check_port(given.port)
    _check_folder(instance)
    if given.reset:
        _forget(instance)
    smtp = _mailbox()
    try:
        code = _run(given, instance, address, smtp.port)
    finally:
        smtp.stop()
    sys.exit(code)


def _run(given: argparse.Namespace, instance: Path, address: str, smtp_port: int) -> int:
    """Prepare everything, start the children and stay with them; gives the status with which to end."""
    env = {
        **os.environ,
        "LEERKRING_INSTANCE": str(instance),
        "LEERKRING_SECRET_KEY": _secret(instance),
        "LEERKRING_BASE_URL": address,
        "LEERKRING_DEMO": "1",
        "LEERKRING_SMTP": f"127.0.0.1:{smtp_port}",
    }
    os.environ.update(env)
    try:
        demo = prepare(address, given.today)
    except BadSettings as wrong:
        _fail(str(wrong))
    (instance / "demo.json").write_text(json.dumps(demo, indent=2, ensure_ascii=False) + "\n")
    if given.prepare_only:
        return 0
    children = _start(env, given.port)
    try:
        _wait_until_ready(address, children)
        _show(demo)
        return _stay(children)
    finally:
        _stop(children)


def prepare(address: str, today: date) -> dict[str, Any]:
    """Bring the database up to date, load the demo when it is empty, and describe the way in."""
    from learning.config import Settings
    from learning.demo.load import load, people
    from learning.demo.progress import Progress
    from learning.factory import create_app
    from learning.kit.db import db
    from learning.migrate import upgrade

    print("Preparing the database", flush=True)
    app = create_app(Settings.from_env())
    with app.app_context():
        upgrade()
        if not people():
            print("Loading the demo", flush=True)
            with Progress() as progress:
                load(today, out=lambda words: progress.now(f"  {words}", line=True), far=progress.now)
        demo = describe(app, address)
        db.session.remove()
        db.engine.dispose()
    return demo


def describe(app: "Flask", address: str) -> dict[str, Any]:
    """Whole addresses of everybody and everything in the demo, for people and scripts."""
    from flask import url_for

    from learning.attendance.models import Registration
    from learning.attendance.tokens import feed_token
    from learning.demo.load import people, programmes
    from learning.demo.views import secret_of
    from learning.kit.db import db

    with app.test_request_context():
        persons = []
        for person in people():
            registration = (
                db.session.get(Registration, person.registration_id) if person.registration_id else None
            )
            feed = url_for("schedules.feed", token=feed_token(registration)) if registration else None
            persons.append(
                {
                    "role": person.role,
                    "name": person.name,
                    "organiser": person.organiser,
                    "organisation": person.organisation,
                    "sign_in": address + url_for("demo.sign_in", secret=secret_of(person)),
                    "feed": address + feed if feed else None,
                }
            )
        shown = [
            {
                "kind": kind,
                "title": title,
                "organiser": organiser,
                "page": address + url_for("site.programme", slug=slug, lang="nl"),
                "feed": address + url_for("schedules.programme_feed", slug=slug),
            }
            for kind, title, organiser, slug in programmes()
        ]
    return {"address": address, "people": persons, "programmes": shown}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Start Leerkring with demo data.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--instance", default="instance")
    parser.add_argument("--reset", action="store_true")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today())
    parser.add_argument("--prepare-only", action="store_true")
    return parser.parse_args()


def _listen_to_signals() -> None:
    """End when told to, from the first moment, also where the shell that started us had SIGINT ignored."""

    def end(number: int, _frame: Any) -> NoReturn:
        print("\nStopping", flush=True)
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def _fail(words: str) -> NoReturn:
    print(words, file=sys.stderr)
    sys.exit(1)


def _check_port(port: int) -> None:
    if not 0 < port < 65536:
        _fail(f"Port {port} does not exist; choose another with PORT=8080.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            _fail(
                f"Port {port} is in use or not allowed; stop what uses "
                f"it or choose another with PORT={port % 60000 + 1}."
            )


def _check_folder(instance: Path) -> None:
    try:
        instance.mkdir(parents=True, exist_ok=True)
        probe = instance / ".probe"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        _fail(
            f"The folder {instance} cannot be written ({error.strerror}); "
            "choose another with INSTANCE=/some/folder."
        )


def _forget(instance: Path) -> None:
    """Remove what earlier demos left, and nothing else."""
    for name in OURS:
        path = instance / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _secret(instance: Path) -> str:
    """The key of this demo, made once and readable by its owner alone."""
    path = instance / "secret"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()


def _mailbox() -> Any:
    """A mail server on loopback that takes everything and
    forgets it; the page /demo/mail shows what was sent.
    """
    from aiosmtpd.controller import Controller

    class Forget:
        async def handle_DATA(self, *_all: Any) -> str:
            return "250 taken"

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Forget(), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


def _start(env: dict[str, str], port: int) -> list[subprocess.Popen[bytes]]:
    print("Starting the app and the worker", flush=True)
    gunicorn = [
        sys.executable, "-m", "gunicorn", "app:app", "--config", "deploy/gunicorn.conf.py", "--bind",
        f"127.0.0.1:{port}",
        "--log-level", "warning",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "flask", "--app", "app", "work"]
    quiet = {**env, "PYTHONWARNINGS": "ignore"}
    return [
        subprocess.Popen(command, cwd=ROOT, env=quiet, start_new_session=True, preexec_fn=_die_with_parent)
        for command in (gunicorn, worker)
    ]


def _die_with_parent() -> None:
    """Linux: a child ends when the launcher is killed, so that nothing stays behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _wait_until_ready(address: str, children: list[subprocess.Popen[bytes]]) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address + "/readyz", timeout=2):
                return
        except OSError:
            if any(child.poll() is not None for child in children):
                break
            time.sleep(0.1)
    _stop(children)
    _fail("The app did not start; what stands above says why.")


def _show(demo: dict[str, Any]) -> None:
    print(f"\nLeerkring is ready: {demo['address']}\nThe mailbox: {demo['address']}/demo/mail\n")
    for person in demo["people"]:
        where = person["organisation"] or person["organiser"] or "the installation"
        print(f"  {person['role']:<9} {person['name']} ({where})\n            {person['sign_in']}")
    print("\nStop with Ctrl-C.", flush=True)


def _stay(children: list[subprocess.Popen[bytes]]) -> int:
    """Wait until told to stop, or until a child ends by itself; gives the exit status."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: told.set())
    while not told.wait(0.5):
        if any(child.poll() is not None for child in children):
            print("A part of the demo ended by itself; stopping the rest.", file=sys.stderr)
            return 1
    print("Stopping", flush=True)
    return 0


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        for child in children:
            try:
                os.killpg(child.pid, number)
            except ProcessLookupError:
                continue
        for child in children:
            try:
                child.wait(patience)
            except subprocess.TimeoutExpired:
                continue


if __name__ == "__main__":
    main()
