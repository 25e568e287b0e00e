"""Measures the desk and what comes out of it, a big programme beside a small one, in one process.

`python -m bench.desk [--postgres] [--times 20]`: 26 sessions
of one day against 260 sessions of five days with 300 speakers.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as events
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from learning.config import Settings
from learning.factory import create_app
from learning.kit.db import db, transaction
from learning.kit.installation import of
from learning.kit.pages import Pages
from learning.kit.pdf import write_pdf
from learning.kit.typesetting import SCHEME, OwnFiles
from learning.migrate import upgrade
from learning.organisations.models import Organiser
from learning.printing import documents
from learning.printing.models import ProgrammeDocument
from learning.programmes.models import Part, Programme, Session
from learning.releases.queries import Parsed
from tests.make import (
    enter,
    make_account,
    make_meeting,
    make_organiser,
    make_programme,
    make_room,
    make_round,
    make_session,
    make_speaker,
    make_staff,
    make_venue,
    release,
)
from tests.servers import start_postgres

WORDS = (
    "Bewoners en gemeenten leren van elkaar hoe je samen aan "
    "een buurt bouwt, met voorbeelden uit de eigen straat. "
)


def build(organiser: Organiser, slug: str, days: int, speakers: int) -> Programme:
    """A released programme: one day of 26 sessions, or several of 52 each; every speaker leads something."""
    programme = make_programme(organiser, slug=slug)
    venue = make_venue(organiser, name=f"Huis {slug}")
    rooms = [make_room(venue, f"Zaal {n}", capacity=40) for n in range(1, 27)]
    sessions: list[Session] = []
    for _day in range(days):
        meeting = make_meeting(programme, venue_id=venue.id)
        for start in ("13:00", "15:00"):
            round = make_round(meeting, start=start)
            count = 13 if days == 1 else 26
            sessions += [make_session(round, capacity=30, room_id=rooms[n].id) for n in range(count)]
    people = [make_speaker(organiser, f"{slug} Spreker {n}") for n in range(speakers)]

    @transaction()
    def fill() -> None:
        for session in sessions:
            row = db.session.get_one(Session, session.id)
            row.workshop.abstract_html = type(row.workshop.abstract)(f"<p>{WORDS * 6}</p>")
        for n, person in enumerate(people):
            part = Part(
                session_id=sessions[n % len(sessions)].id,
                speaker_id=person.id,
                position=1 + n,
                role="session_host",
            )
            db.session.add(part)

    fill()
    release(programme)
    return programme


def timed(times: int, call: Callable[[], Any]) -> float:
    """Milliseconds of processor, the median of so many calls."""
    took = []
    for _ in range(times):
        start = time.process_time()
        call()
        took.append(1000 * (time.process_time() - start))
    return statistics.median(took)


def reads(call: Callable[[], Any]) -> int:
    """How many queries a call takes."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    events.listen(db.engine, "before_cursor_execute", note)
    call()
    events.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement.lstrip().upper().startswith("SELECT")])


def measure(app: Flask, client: FlaskClient, programme: Programme, times: int) -> dict[str, float]:
    """The editor, a move in it, and the public page of this programme."""
    at = f"/manage/ours/programmes/{programme.slug}"
    page = client.get(f"{at}/grid").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    tiles = re.findall(r'data-session="(\d+)" data-seen="([^"]*)" data-round="(\d+)" data-room="(\d+)"', page)
    (one, _seen, round, room), (_other, _seen2, round2, room2) = tiles[0], tiles[1]
    places = [(round, room), (round2, room2)]

    def move() -> None:
        here = places[0]
        places.reverse()
        values = {"session": one, "seen": f"{here[0]}:{here[1]}", "round": places[0][0], "room": places[0][1]}
        answer = client.post(f"{at}/grid/moves", data={**values, "csrf_token": token[1] if token else ""})
        assert answer.status_code == 302, answer.status_code

    anybody = app.test_client()
    path = f"/nl/programmes/{programme.slug}"
    of(app).memory.forget(Pages, Parsed)
    first = reads(lambda: anybody.get(path))
    size = len(anybody.get(path).data)
    return {
        "queries of the editor": reads(lambda: client.get(f"{at}/grid")),
        "editor, ms": timed(times, lambda: client.get(f"{at}/grid")),
        "a move, ms": timed(times, move),
        "ORM queries of a first view (and one past it)": first,
        "public page from memory, ms": timed(times * 10, lambda: anybody.get(path)),
        "its size, kB": size / 1000,
    }


def booklet(programme: Programme) -> tuple[float, float]:
    """Seconds of processor for the booklet, from release
    to bytes, and for WeasyPrint alone on the same HTML.
    """
    document = (
        db.session.query(ProgrammeDocument)
        .filter_by(programme_id=programme.id, kind="booklet", lang="nl")
        .one()
    )
    html = documents.html_of(document)
    fonts = FontConfiguration()
    for _warm in range(2):
        write_pdf(html)
    ours = timed(3, lambda: write_pdf(documents.html_of(document)))

    def alone() -> None:
        source = HTML(string=html, base_url=SCHEME, url_fetcher=OwnFiles())
        source.write_pdf(font_config=fonts, pdf_variant="pdf/a-3a")

    alone()
    return ours / 1000, timed(3, alone) / 1000


def main() -> None:
    """Build both programmes, measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--times", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start_postgres(Path(folder)) if given.postgres else None
        url = server.create("bench") if server else f"sqlite:///{folder}/bench.db"
        key = "a key for measuring that is long enough 012345"
        app = create_app(
            Settings(instance=Path(folder), database_url=url, secret_key=key, nudge=False, huey_url="memory:")
        )
        app.config["WTF_CSRF_ENABLED"] = False
        with app.app_context():
            upgrade()
            organiser = make_organiser("ours")
            account = make_account("staff@x.example")
            make_staff(organiser, account, "editor")
            client = enter(app.test_client(), account)
            small, big = build(organiser, "small", 1, 30), build(organiser, "big", 5, 300)
            few, many = measure(app, client, small, given.times), measure(app, client, big, given.times)
            print(f"| | 26 sessions | 260 sessions | ratio |\n|---|---|---|---|  {db.engine.dialect.name}")
            for name, value in few.items():
                print(f"| {name} | {value:.2f} | {many[name]:.2f} | {many[name] / value:.1f} |")
            name = "public page from memory, ms"
            per_byte = (many[name] / many["its size, kB"]) / (few[name] / few["its size, kB"])
            print(f"| the same for each byte | | | {per_byte:.2f} |")
            ours, alone = booklet(small)
            print(
                f"\nBooklet of 26 sessions: {ours:.2f} s, WeasyPrint "
                f"alone {alone:.2f} s: {ours / alone:.2f} times"
            )
            db.session.remove()
            db.engine.dispose()
        if server:
            server.stop()


if __name__ == "__main__":
    main()
