"""A hundred people open the page to choose at once and send
what they picked, beside a bare app asked in the same way.

`python -m bench.crowd [--postgres] [--people 100] [--times 5]`; gunicorn stands as deploy/ configures it.
"""

import argparse
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from threading import Barrier
from urllib.parse import urlencode, urlsplit

from bench.run import KEY, cpu_of, start_floor
from tests.servers import Running, start_gunicorn, start_postgres

ROUNDS, SESSIONS = 2, 6
FIELD = re.compile(r'name="(csrf_token|form_key)"[^>]* value="([^"]*)"')


@dataclass
class Waits:
    """How long people waited for a kind of answer, and what the answers were."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def add(self, answers: Sequence[tuple[int, float]]) -> None:
        """Count these answers too."""
        self.statuses.update(status for status, _took in answers)
        self.seconds += [took for _status, took in answers]

    def percentile(self, percent: int) -> float:
        """So many of a hundred answers came within this many seconds."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


class Person:
    """One browser: it keeps its cookie, and reads no more of a page than what it must send back."""

    def __init__(self, base: str, page: str, picks: Sequence[dict[str, str]]) -> None:
        self.host, self.base, self.page, self.picks, self.cookie = (
            urlsplit(base).netloc,
            base,
            page,
            picks,
            "",
        )

    def look_and_choose(self, time_of_day: int) -> tuple[tuple[int, float], tuple[int, float]]:
        """Status and seconds of the page, then of the choice."""
        status, text, looked = self._ask("GET", self.page, "")
        fields = dict(FIELD.findall(text))
        picked = urlencode({**fields, **self.picks[time_of_day % len(self.picks)]})
        answer, _text, chose = self._ask("POST", self.page, picked)
        return (status, looked), (answer, chose)

    def _ask(self, method: str, path: str, body: str) -> tuple[int, str, float]:
        headers = {
            "Cookie": self.cookie,
            "Origin": self.base,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        connection = HTTPConnection(self.host, timeout=60)
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        took = time.perf_counter() - began
        connection.close()
        cookies = answer.headers.get_all("Set-Cookie") or [self.cookie]
        self.cookie = "; ".join(cookie.partition(";")[0] for cookie in cookies)
        return answer.status, text, took


def prepare(folder: Path, url: str, people: int) -> tuple[list[str], list[dict[str, str]]]:
    """A day with rounds and sessions: the page of each person, and what one may pick."""
    from learning.attendance.tokens import own_token
    from learning.config import Settings
    from learning.factory import create_app
    from learning.kit.db import db
    from learning.migrate import upgrade
    from tests.make import make_meeting, make_programme, make_registration, make_round, make_session, release

    app = create_app(
        Settings(instance=folder, database_url=url, secret_key=KEY, nudge=False, huey_url="memory:")
    )
    with app.app_context():
        upgrade()
        programme = make_programme()
        meeting = make_meeting(programme)
        places = people // (SESSIONS - 1)
        rounds = [make_round(meeting) for _ in range(ROUNDS)]
        sessions = [
            (round, [make_session(round, capacity=places) for _ in range(SESSIONS)]) for round in rounds
        ]
        release(programme)
        pages = [
            f"/nl/registrations/{own_token(make_registration(programme, f'Person {n}'))}/choices"
            for n in range(people)
        ]
        picks = [
            {
                f"{word}_{round.id}": str(offered[(number + at) % SESSIONS].id)
                for at, (round, offered) in enumerate(sessions)
                for word in ("round", "wait")  # whoever finds it full waits
            }
            for number in range(SESSIONS)
        ]
        db.session.remove()
        db.engine.dispose()
    return pages, picks


def all_at_once(people: Sequence[Person], times: int) -> tuple[Waits, Waits]:
    """Everybody looks and chooses, so many times; all begin at the same moment each time."""
    pages, choices = Waits(), Waits()
    with ThreadPoolExecutor(len(people)) as pool:
        for number in range(times):
            start = Barrier(len(people))

            def one(person: Person, start: Barrier = start, number: int = number):  # type: ignore[no-untyped-def]
                start.wait()
                return person.look_and_choose(number)

            answers = list(pool.map(one, people))
            pages.add([page for page, _choice in answers])
            choices.add([choice for _page, choice in answers])
    return pages, choices


def line(name: str, ours: Waits, floor: Waits) -> str:
    """A row of the table."""
    figures = [f"{ours.percentile(50):.2f}", f"{ours.percentile(95):.2f}", f"{max(ours.seconds):.2f}"]
    ratios = [f"{ours.percentile(p) / floor.percentile(p):.1f} ×" for p in (50, 95)]
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(ours.statuses.items()))
    return "| " + " | ".join([name, *figures, *ratios, answers, str(ours.statuses[503])]) + " |"


def measure(
    server: Running, floor: Running, pages: list[str], picks: list[dict[str, str]], times: int
) -> None:
    """Ask both and print."""
    people = [
        Person(server.url, page, picks[n % len(picks) :] + picks[: n % len(picks)])
        for n, page in enumerate(pages)
    ]
    strangers = [Person(floor.url, "/20000", [{"x": "1"}]) for _ in pages]
    for crowd in (people, strangers):
        all_at_once(crowd, 1)  # workers that are warm, as on any day
    before = cpu_of(server)
    page, choice = all_at_once(people, times)
    used = (cpu_of(server) - before) / len(page.seconds) * 1000
    bare_page, bare_choice = all_at_once(strangers, times)
    print(
        f"| {len(pages)} at once | p50, s | p95, s | last, s | "
        "p50 of bare WSGI | p95 of bare WSGI | answers | 503 |"
    )
    print("| --- " * 8 + "|")
    print(line("page", page, bare_page))
    print(line("choice", choice, bare_choice))
    print(f"\nProcessor of the workers for a page and a choice together: {used:.0f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="leerkring-crowd-"))
    (folder / "postgres").mkdir()
    folder.chmod(0o755)  # PostgreSQL runs as another user
    before = os.getloadavg()[0]
    postgres = start_postgres(folder / "postgres", durable=True) if given.postgres else None
    url = postgres.create("crowd") if postgres else f"sqlite:///{folder / 'leerkring.db'}"
    pages, picks = prepare(folder, url, given.people)
    rows = str(folder / "floor.db")
    with sqlite3.connect(rows) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY)")
    env = {"LEERKRING_INSTANCE": str(folder), "LEERKRING_DATABASE_URL": url, "LEERKRING_SECRET_KEY": KEY}
    server = start_gunicorn({**env, "LEERKRING_NUDGE": "0"}, log=folder / "log")
    print(f"{'PostgreSQL' if postgres else 'SQLite'}; load of the machine before it began: {before:.1f}\n")
    floor = None
    try:
        floor = start_floor("bare", {20000}, rows)
        measure(server, floor, pages, picks, given.times)
    finally:
        server.stop()
        if floor:
            floor.stop()
        if postgres:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
