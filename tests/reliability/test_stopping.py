"""Told to stop, the app answers every request that reached it, and the worker ends what it has in hand."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from learning.kit.db import db
from learning.kit.installation import of
from learning.kit.jobs import LAST
from learning.kit.setbacks import Setback
from learning.mail.actions import queue
from learning.mail.models import Message
from learning.office.heart import Heartbeat, newest
from learning.printing.models import ProgrammeDocument
from tests.conftest import KEY
from tests.make import NOON, make_event, release
from tests.servers import ROOT, free_port, start_gunicorn, start_worker

STOPS = 2


def environment(app: Flask, **more: str) -> dict[str, str]:
    """Settings for processes that use the database of this test."""
    given = of(app).settings
    return {
        "LEERKRING_INSTANCE": str(given.instance),
        "LEERKRING_DATABASE_URL": given.database_url,
        "LEERKRING_SECRET_KEY": KEY,
        **more,
    }


class Crowd:
    """Visitors as a proxy lets them in: each request on a
    connection of its own, or all of one on the same.
    """

    def __init__(self, address: tuple[str, int], *, keep: bool, paths: tuple[str, ...]) -> None:
        self.address, self.keep, self.paths = address, keep, paths
        self.statuses: list[int] = []
        self.lost: list[str] = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._visit, args=(n,)) for n in range(4)]
        for thread in self.threads:
            thread.start()

    def _visit(self, n: int) -> None:
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        while not self.over.is_set():
            path = self.paths[(n + len(self.statuses)) % len(self.paths)]
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                self.statuses.append(answer.status)
                if not self.keep or answer.will_close:
                    connection.close()
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(f"{path}: {error!r}")
                connection.close()

    def go(self) -> None:
        """Let everybody finish."""
        self.over.set()
        for thread in self.threads:
            thread.join()


def serve(env: dict[str, str], door: socket.socket) -> subprocess.Popen[bytes]:
    """gunicorn on a socket that somebody else holds, as
    systemd does: between two of them nobody is refused.
    """
    child = (
        "import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); "
        "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); "
        "os.execv(sys.executable, [sys.executable, '-m', "
        "'gunicorn', '-c', 'deploy/gunicorn.conf.py', '--log-level', "
        "'warning', 'app:app'])"
    )
    command = [sys.executable, "-c", child, str(door.fileno())]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **env}, pass_fds=[door.fileno()], start_new_session=True
    )


@pytest.mark.parametrize("keep", [False, True], ids=["each its own", "kept open"])
def test_nobody_loses_a_request_while_the_app_is_restarted(app: Flask, keep: bool):
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(512)
        env = environment(app, LEERKRING_BASE_URL=f"http://127.0.0.1:{door.getsockname()[1]}")
        process = serve(env, door)
        crowd = Crowd(door.getsockname(), keep=keep, paths=("/nl/", "/readyz", "/nl/nobody-lives-here"))
        try:
            for _ in range(STOPS):
                seen = len(crowd.statuses)
                until = time.monotonic() + 60
                while len(crowd.statuses) < seen + 15 and time.monotonic() < until:
                    time.sleep(0.05)
                process.send_signal(signal.SIGTERM)
                assert process.wait(40) == 0
                process = serve(env, door)
        finally:
            crowd.go()
            process.terminate()
            process.wait(40)

    assert crowd.lost == []
    assert set(crowd.statuses) == {200, 302, 404}
    assert len(crowd.statuses) > 15 * STOPS


def test_what_waits_at_the_door_is_answered_before_it_closes(app: Flask):
    """Without anybody who holds the door: all who are in are
    answered, who comes later is refused and not left waiting.
    """
    running = start_gunicorn(environment(app), workers=1, threads=1)
    host, port = urlsplit(running.url).hostname or "", urlsplit(running.url).port or 0
    connections = [socket.create_connection((host, port)) for _ in range(20)]
    for connection in connections:
        connection.sendall(b"GET /nl/ HTTP/1.0\r\nHost: " + host.encode() + b"\r\n\r\n")
    running.process.send_signal(signal.SIGTERM)

    answers = [connection.makefile("rb").read() for connection in connections]

    assert running.process.wait(40) == 0
    assert {answer.split(b"\r\n")[0].split()[1] for answer in answers} == {b"302"}
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port))


def heard(app: Flask, patience: float = 30) -> Heartbeat:
    """The worker's row, once it is there."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        db.session.rollback()
        if (row := newest()) is not None:
            return row
        time.sleep(0.1)
    raise AssertionError("no heartbeat")


class SlowServer:
    """A mail server that takes a while for each mail."""

    def __init__(self, seconds: float) -> None:
        from aiosmtpd.controller import Controller

        self.began, self.taken = threading.Event(), 0

        async def handle(_self: object, _server: object, _session: object, _envelope: object) -> str:
            import asyncio

            self.began.set()
            await asyncio.sleep(seconds)
            self.taken += 1
            return "250 taken"

        self.controller = Controller(
            type("Slow", (), {"handle_DATA": handle})(), hostname="127.0.0.1", port=free_port()
        )
        self.controller.start()


@pytest.mark.parametrize(("seconds", "sent"), [(2.0, 1), (LAST + 15, 0)], ids=["ends it", "gives it back"])
def test_the_worker_ends_the_mail_in_hand_or_gives_it_back(app: Flask, seconds: float, sent: int):
    for n in range(3):
        queue(
            "people/sign_in_link", to=f"a{n}@x.example", name="A", language="nl", once=f"a{n}",
            organiser_id=None, now=NOON,
            values={"sign_in_url": "https://x.example/1", "expires": "12:00"},
        )  # fmt: skip
    server = SlowServer(seconds)
    worker = start_worker(environment(app, LEERKRING_SMTP=f"127.0.0.1:{server.controller.port}"))
    try:
        assert server.began.wait(60)
        assert heard(app).stopped_at is None
        began = time.monotonic()
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(LAST + 12) == 0
        took = time.monotonic() - began
    finally:
        worker.kill()
        server.controller.stop()

    db.session.rollback()
    rows = list(db.session.scalars(select(Message).order_by(Message.id)))
    assert [row.sent_at is not None for row in rows] == [n < sent for n in range(3)]
    assert all(row.failed_at is None for row in rows)
    assert took < LAST + 10
    assert heard(app).stopped_at is not None
    assert Path(app.config["INSTANCE"]).exists()


def test_the_worker_makes_no_other_document_once_it_is_told_to_stop(app: Flask):
    """Each takes a while; the ones that were not begun wait
    for the next worker, and nothing is noted against them.
    """
    programme = make_event(slug="the-day")
    many = 25
    for _ in range(many):
        release(programme)
    assert len(made()) == 0
    worker = start_worker(environment(app))
    try:
        until = time.monotonic() + 60
        while not made() and time.monotonic() < until:
            time.sleep(0.1)
        at_once = len(made())
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(LAST + 12) == 0
    finally:
        worker.kill()

    assert 0 < at_once <= len(made()) <= at_once + 2
    assert len(made()) < many
    assert db.session.scalar(select(func.count()).select_from(Setback)) == 0


def made() -> list[int]:
    """The documents that are there."""
    db.session.rollback()
    return list(
        db.session.scalars(select(ProgrammeDocument.id).where(ProgrammeDocument.file_id.is_not(None)))
    )
