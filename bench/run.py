"""Measures our pages beside bare apps, interleaved, and prints a table of ratios. Needs `wrk`.

`python -m bench.run [--postgres] [--rounds 3] [--seconds 3]`
"""

import argparse
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

from tests.reliability.browser import Reader
from tests.servers import ROOT, Running, free_port, start_gunicorn, start_postgres

KEY = "a key for measuring that is long enough 012345"
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Row:
    """What was measured of one page, one figure for each round."""

    name: str
    ours: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    flask: list[float] = field(default_factory=list)
    flask_cpu: list[float] = field(default_factory=list)


def cpu_of(server: Running) -> float:
    """Seconds of processor that the server and its workers used."""
    pids = subprocess.run(
        ["pgrep", "-g", str(server.process.pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    total = 0
    for pid in pids:
        parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(parts[11]) + int(parts[12])
    return total / TICK


def wrk(server: Running, path: str, seconds: int, headers: dict[str, str]) -> tuple[float, float]:
    """Requests per second, and milliseconds of processor for each."""
    more = [part for key, value in headers.items() for part in ("-H", f"{key}: {value}")]
    before = cpu_of(server)
    out = subprocess.run(
        ["wrk", "-t1", "-c8", f"-d{seconds}s", *more, server.url + path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used = cpu_of(server) - before
    done = re.search(r"(\d+) requests in", out)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if done is None or rate is None or wrong:
        raise SystemExit(f"{path}: {out}")
    return float(rate[1]), used / int(done[1]) * 1000


def start_floor(app: str, sizes: set[int], db: str) -> Running:
    """One of the bare apps under the same gunicorn."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", f"bench.floor:{app}", "--bind", f"127.0.0.1:{port}", "--workers",
        "2",
        "--threads", "8", "--worker-class", "gthread", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    env = {**os.environ, "BENCH_SIZES": ",".join(map(str, sorted(sizes))), "BENCH_DB": db}
    running = Running(
        subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True), f"http://127.0.0.1:{port}"
    )
    time.sleep(2)
    return running


def prepare(folder: Path, url: str) -> tuple[dict[str, str], Any, dict[str, Any]]:
    """A database with the demo, and people who can register and choose."""
    from datetime import date

    from learning.attendance.models import Registration
    from learning.attendance.tokens import feed_token, own_token
    from learning.config import Settings
    from learning.demo.load import load
    from learning.factory import create_app
    from learning.kit.db import db
    from learning.migrate import upgrade
    from learning.releases.models import OfferedSession
    from tests.make import (
        enter,
        make_account,
        make_meeting,
        make_organiser,
        make_programme,
        make_registration,
        make_round,
        make_session,
        release,
    )

    app = create_app(
        Settings(instance=folder, database_url=url, secret_key=KEY, nudge=False, huey_url="memory:")
    )
    with app.app_context():
        upgrade()
        load(date.today(), out=lambda _words: None)
        rush = make_programme(make_organiser("rush"), slug="rush")
        round = make_round(make_meeting(rush))
        last = make_session(round, capacity=10)
        release(rush)
        pages = [
            f"/nl/registrations/{own_token(make_registration(rush, f'Person {n}'))}/choices"
            for n in range(200)
        ]
        one = db.session.query(Registration).filter(Registration.confirmed_at.is_not(None)).first()
        open_sessions = {
            s.id: s.round_id for s in db.session.query(OfferedSession).filter(OfferedSession.capacity > 40)
        }
        accounts = [make_account(f"bench{n}@x.example", name=f"Bench {n}") for n in range(200)]
        cookies = []
        for account in accounts:
            client = enter(app.test_client(), account)
            cookie = client.get_cookie("session")
            assert cookie is not None
            cookies.append(cookie.value)
        assert one is not None
        about = {
            "own": own_token(one),
            "feed": feed_token(one),
            "rush": {"pages": pages, "round": round.id, "session": last.id},
            "cookies": cookies,
            "sessions": open_sessions,
        }
        db.session.remove()
        db.engine.dispose()
    env = {
        "LEERKRING_INSTANCE": str(folder),
        "LEERKRING_DATABASE_URL": url,
        "LEERKRING_SECRET_KEY": KEY,
        "LEERKRING_NUDGE": "0",
    }
    return env, app, about


def reads(
    server: Running, floor: Running, flask: Running, pages: dict[str, Any], given: argparse.Namespace
) -> list[Row]:
    """Every page beside the bare apps, in turn."""
    rows = [Row(name) for name in pages]
    for _ in range(given.rounds):
        for row, (path, headers, size) in zip(rows, pages.values(), strict=True):
            rate, cpu = wrk(server, path, given.seconds, headers)
            row.ours.append(rate)
            row.cpu.append(cpu)
            row.bare.append(wrk(floor, f"/{size}", given.seconds, {})[0])
            rate, cpu = wrk(flask, f"/{size}", given.seconds, {})
            row.flask.append(rate)
            row.flask_cpu.append(cpu)
    return rows


def registering(server: Running, about: dict[str, Any]) -> tuple[float, float, Counter[int]]:
    """Register and pick two workshops, signed in: people
    a second, ms of processor each, and the last answers.
    """
    by_round: dict[int, list[int]] = {}
    for session, round in about["sessions"].items():
        by_round.setdefault(round, []).append(session)
    rounds = sorted(by_round)[:2]

    def prepared(cookie: str) -> tuple[Reader, dict[str, str]]:
        reader = Reader(server.url, cookie)
        return reader, reader.form("/nl/programmes/dag-van-de-buurt/registration")

    def person(pair: tuple[Reader, dict[str, str]]) -> int:
        reader, form = pair
        status, _text, leads_to = reader.ask("/nl/programmes/dag-van-de-buurt/registration", form)
        if status != 302:
            return status
        values = reader.form(leads_to)
        number = id(reader) // 64
        picks = {f"round_{r}": str(by_round[r][(number + r) % len(by_round[r])]) for r in rounds}
        return reader.ask(leads_to, {**values, **picks})[0]

    with ThreadPoolExecutor(8) as pool:
        people = list(pool.map(prepared, about["cookies"]))
        before, start = cpu_of(server), time.perf_counter()
        done = Counter(pool.map(person, people))
        took = time.perf_counter() - start
    return len(people) / took, (cpu_of(server) - before) / len(people) * 1000, done


def rush(
    base: str, pages: list[str], values: Callable[[Reader, str], dict[str, str]]
) -> tuple[float, Counter[int]]:
    """All at once for the same thing: seconds until the last answer, and the answers."""
    readers = [Reader(base) for _ in pages]
    with ThreadPoolExecutor(len(pages)) as pool:
        forms = list(pool.map(values, readers, pages))
        start = Barrier(len(pages) + 1)

        def send(number: int) -> int:
            start.wait()
            return readers[number].ask(pages[number], forms[number])[0]

        answers = [pool.submit(send, number) for number in range(len(pages))]
        start.wait()
        began = time.perf_counter()
        statuses = Counter(answer.result() for answer in answers)
        return time.perf_counter() - began, statuses


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing; please install the package wrk.")
    folder = Path(tempfile.mkdtemp(prefix="leerkring-bench-"))
    (folder / "postgres").mkdir()
    folder.chmod(0o755)  # PostgreSQL runs as another user
    postgres = start_postgres(folder / "postgres") if given.postgres else None
    url = postgres.create("bench") if postgres else f"sqlite:///{folder / 'leerkring.db'}"
    env, _app, about = prepare(folder, url)
    rows_db = str(folder / "floor.db")
    with sqlite3.connect(rows_db) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY)")
    server = start_gunicorn(env)
    reader = Reader(server.url)
    paths = {
        "programme page": "/nl/programmes/dag-van-de-buurt",
        "session page": "/nl/programmes/dag-van-de-buurt/sessions/1.07",
        "personal feed": f"/calendars/{about['feed']}.ics",
        "choose page": f"/nl/registrations/{about['own']}/choices",
    }
    sizes = {name: len(reader.ask(path)[1].encode()) for name, path in paths.items()}
    pages: dict[str, Any] = {name: (path, {}, sizes[name]) for name, path in paths.items()}
    with reader.opener.open(server.url + paths["personal feed"]) as answer:
        pages["personal feed, 304"] = (paths["personal feed"], {"If-None-Match": answer.headers["ETag"]}, 1)
    floor, flask = (start_floor(app, {*sizes.values(), 1}, rows_db) for app in ("bare", "flask"))
    try:
        rows = reads(server, floor, flask, pages, given)
        per_second, cpu, people = registering(server, about)
        last = {f"round_{about['rush']['round']}": str(about["rush"]["session"])}
        took, answers = rush(server.url, about["rush"]["pages"], lambda r, page: {**r.form(page), **last})
        least, _ = rush(floor.url, ["/"] * 200, lambda _r, _page: {"x": "1"})
    finally:
        for running in (server, floor, flask):
            running.stop()
        if postgres:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"Database: {'PostgreSQL' if given.postgres else 'SQLite'}\n")
    print("| page | bytes | ours, per second | of bare WSGI | CPU, ms | of a Flask view |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        m = {key: statistics.median(getattr(row, key)) for key in ("ours", "cpu", "bare", "flask_cpu")}
        size = sizes.get(row.name, 0)
        print(
            f"| {row.name} | {size} | {m['ours']:.0f} | {m['ours'] / m['bare']:.2f} | {m['cpu']:.2f} | "
            f"{m['cpu'] / max(m['flask_cpu'], 0.001):.1f} × |"
        )
    words = f"{per_second:.0f} people a second, {cpu:.1f} ms CPU each"
    print(f"\nRegister and pick two workshops: {words}; answers {json.dumps(people)}")
    print(
        f"200 at once for the last 10 seats: {took:.2f} s, "
        f"{took / least:.1f} × the floor; answers {json.dumps(answers)}"
    )


if __name__ == "__main__":
    main()
