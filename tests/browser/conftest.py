"""The demo under a real server with a worker, and a browser."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
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


def demo_port(start: int) -> int:
    """A port for the demos of this worker, out of the way of ports that the system hands out."""
    start += 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in range(start, start + 50):
        with socket.socket() as tried, suppress(OSError):
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free for the demo")


class Prepared:
    """A demo that is loaded once; its links name its port. Each file of tests runs a copy of it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.port = demo_port(21000 if url.startswith("sqlite") else 21050)
        env = {"LEERKRING_DATABASE_URL": url, "LEERKRING_DEMO": "1"}
        command = [
            *(sys.executable, "-m", "learning.demo.serve", "--port", str(self.port)),
            *("--instance", str(folder), "--today", "2026-11-24", "--prepare-only"),
        ]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, check=True, capture_output=True)


class Demo:
    """A running demo with the ways in."""

    def __init__(self, folder: Path, url: str, port: int) -> None:
        self.smtp: Smtp = start_smtp()
        self.env = {
            "LEERKRING_INSTANCE": str(folder),
            "LEERKRING_DATABASE_URL": url,
            "LEERKRING_SMTP": f"127.0.0.1:{self.smtp.port}",
            "LEERKRING_DEMO": "1",
            "LEERKRING_SECRET_KEY": (folder / "secret").read_text(),
            "LEERKRING_BASE_URL": f"http://127.0.0.1:{port}",
        }
        self.about: dict[str, Any] = json.loads((folder / "demo.json").read_text())
        self.server: Running = start_gunicorn(self.env, port=port)
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


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The demo on SQLite, not running."""
    folder = tmp_path_factory.mktemp("demo")
    return Prepared(folder, f"sqlite:///{folder / 'leerkring.db'}")


@pytest.fixture(scope="session")
def prepared_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Prepared:
    """The demo on PostgreSQL, not running."""
    return Prepared(tmp_path_factory.mktemp("demo"), postgres.create("browser_demo"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, prepared: Prepared) -> Iterator[Demo]:
    """A copy of the demo on SQLite, for one file of tests."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(prepared.folder, folder, dirs_exist_ok=True)
    running = Demo(folder, f"sqlite:///{folder / 'leerkring.db'}", prepared.port)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def demo_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, prepared_on_postgres: Prepared
) -> Iterator[Demo]:
    """A copy of the demo on PostgreSQL, for one file of tests."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(prepared_on_postgres.folder, folder, dirs_exist_ok=True)
    running = Demo(folder, postgres.copy_of("browser_demo"), prepared_on_postgres.port)
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
