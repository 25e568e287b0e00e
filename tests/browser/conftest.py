"""The demo under a real server with a worker, and a browser."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import chromium
from tests.conftest import KEY
from tests.servers import (
    ROOT,
    Postgres,
    Running,
    Smtp,
    TlsDoor,
    free_port,
    postgres_programs,
    start_gunicorn,
    start_smtp,
    start_tls_door,
    start_worker,
)


class Demo:
    """A running demo with the ways in."""

    def __init__(self, folder: Path, url: str) -> None:
        self.smtp: Smtp = start_smtp()
        self.port = free_port()
        self.env = {
            "LEERKRING_INSTANCE": str(folder),
            "LEERKRING_DATABASE_URL": url,
            "LEERKRING_SMTP": f"127.0.0.1:{self.smtp.port}",
            "LEERKRING_DEMO": "1",
        }
        command = [
            sys.executable,
            "-m",
            "learning.demo.serve",
            "--port",
            str(self.port),
            "--instance",
            str(folder),
        ]
        command += ["--today", "2026-11-24", "--prepare-only"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **self.env}, check=True, capture_output=True)
        self.env["LEERKRING_SECRET_KEY"] = (folder / "secret").read_text()
        self.env["LEERKRING_BASE_URL"] = f"http://127.0.0.1:{self.port}"
        self.about: dict[str, Any] = json.loads((folder / "demo.json").read_text())
        self.server: Running = start_gunicorn(self.env, port=self.port)
        self.worker: Running = start_worker(self.env)
        self.address: str = self.server.url

    def sign_in(self, role: str, organisation: str | None = None) -> str:
        """The address that signs somebody in."""
        fits = (
            p for p in self.about["people"] if p["role"] == role and organisation in (None, p["organisation"])
        )
        return str(next(fits)["sign_in"])

    def stop(self) -> None:
        """Stop everything."""
        self.server.stop()
        self.worker.stop()
        self.smtp.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The walks of one file stay together: they share an
    installation, and one looks at what the others left in its log.
    """
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    running = Demo(folder, f"sqlite:///{folder / 'leerkring.db'}")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def demo_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Demo]:
    """The demo on PostgreSQL."""
    folder = tmp_path_factory.mktemp("demo")
    running = Demo(folder, postgres.create(f"demo_{folder.name.replace('-', '_')}"))
    yield running
    running.stop()


class Production:
    """An installation as it runs for real: https at a
    proxy, PostgreSQL, gunicorn, a worker and a mail server.

    Not a demo.

    Made, it is a machine with settings alone; `start` prepares its database and starts it.
    """

    def __init__(
        self, folder: Path, url: str, *, key: str = KEY, door_port: int = 0, smtp: Smtp | None = None
    ) -> None:
        self.smtp: Smtp = smtp or start_smtp()
        self.folder, self.log, self.prepared = folder, folder / "log", ""
        self.door_port = door_port or free_port()
        self.address = f"https://localhost:{self.door_port}"
        self.env = {
            "LEERKRING_INSTANCE": str(folder),
            "LEERKRING_DATABASE_URL": url,
            "LEERKRING_SECRET_KEY": key,
            "LEERKRING_BASE_URL": self.address,
            "LEERKRING_PROXIES": "1",
            "LEERKRING_SMTP": f"127.0.0.1:{self.smtp.port}",
            "LEERKRING_PG_BIN": str(postgres_programs()),
        }

    def start(self) -> None:
        """Prepare the database and start everything."""
        self.prepared = self.flask("prepare")
        app_port = free_port()
        self.server: Running = start_gunicorn(self.env, port=app_port, log=self.log)
        self.door: TlsDoor = start_tls_door(self.folder, app_port, self.door_port)
        self.worker: Running = start_worker(self.env, log=self.log)

    def flask(self, *words: str) -> str:
        """What a command of the installation prints."""
        command = [sys.executable, "-m", "flask", "--app", "app", *words]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **self.env}, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def stop(self) -> None:
        """Stop everything but the mail server."""
        self.door.stop()
        self.server.stop()
        self.worker.stop()


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Production]:
    """An empty installation behind https, on PostgreSQL."""
    folder = tmp_path_factory.mktemp("production")
    running = Production(folder, postgres.create(f"production_{folder.name.replace('-', '_')}"))
    running.start()
    yield running
    running.stop()
    running.smtp.stop()
