"""Measures how long publishing a draw keeps everybody else of the programme waiting.

`python -m bench.publish [--postgres] [--people 300 1000]`: two rounds of 13 sessions, three wishes a
round. The draw itself is worked out beforehand by its own process; what is read before the lock and
what is done under it are timed apart.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event as events
from sqlalchemy import func, select

from learning.attendance.models import Participation, Registration
from learning.attendance.tokens import keep_hashes
from learning.choices.draw import actions, publishing
from learning.choices.draw.models import DrawRun, Wish
from learning.choices.models import Seat
from learning.config import Settings
from learning.factory import create_app
from learning.kit.codes import printed_code
from learning.kit.db import db, insert_all, transaction
from learning.mail.models import Message
from learning.migrate import upgrade
from learning.people.models import Person
from learning.programmes.models import Programme
from tests.make import (
    make_account,
    make_meeting,
    make_organiser,
    make_programme,
    make_round,
    make_session,
    make_staff,
    release,
)
from tests.servers import start_postgres

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CLOSES = NOON + timedelta(days=10)
SESSIONS, ROUNDS = 13, 2


def build(people: int) -> tuple[Programme, int]:
    """A released programme by draw in which so many people take part; with the account that draws."""
    organiser = make_organiser(f"bench-{people}")
    programme = make_programme(organiser, slug=f"bench-{people}", choosing_closes_at=CLOSES)
    meeting = make_meeting(programme)
    seats = round(people * 1.1 / SESSIONS)
    for number in range(1, ROUNDS + 1):
        this = make_round(meeting, start=f"{12 + number}:00", end=f"{13 + number}:00")
        for _n in range(SESSIONS):
            make_session(this, capacity=seats)
    by_draw(programme)
    release(programme)
    enrol(programme, meeting.id, people)
    account = make_account(f"bench-{people}@x.example")
    make_staff(organiser, account, "editor")
    return programme, account.id


@transaction()
def by_draw(programme: Programme) -> None:
    """All rounds are filled by draw."""
    for this in db.session.get_one(Programme, programme.id).rounds:
        this.filling = "draw"


@transaction()
def enrol(programme: Programme, meeting_id: int, people: int) -> None:
    """So many people with three wishes a round."""
    lot = random.Random(people)
    registrations = []
    for n in range(people):
        mail = f"p{n}@bench.example"
        who = Person(
            organiser_id=programme.organiser_id, name=f"Mens {n}", sort_key=f"mens {n:05}", mail=mail,
            mail_key=mail, name_key=f"mens {n}", language="nl",
        )  # fmt: skip
        db.session.add(who)
        db.session.flush()
        row = Registration(
            organiser_id=programme.organiser_id, programme_id=programme.id, person_id=who.id,
            code=printed_code(), token_hash=f"t{people}-{n}", feed_hash=f"f{people}-{n}",
            feed_changed_at=NOON, made_at=NOON, confirmed_at=NOON,
        )  # fmt: skip
        registrations.append(row)
    db.session.add_all(registrations)
    db.session.flush()
    for row in registrations:
        keep_hashes(row)
    rounds = {this.id: [session.id for session in this.sessions] for this in programme.rounds}
    of = {"programme_id": programme.id}
    insert_all(Participation, [
        {**of, "registration_id": row.id, "meeting_id": meeting_id, "made_at": NOON} for row in registrations
    ])  # fmt: skip
    insert_all(Wish, [
        {**of, "registration_id": row.id, "round_id": this, "session_id": session, "rank": rank}
        for row in registrations
        for this, sessions in rounds.items()
        for rank, session in enumerate(lot.sample(sessions, 3), start=1)
    ])  # fmt: skip


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    events.listen(db.engine, "before_cursor_execute", note)
    yield sent
    events.remove(db.engine, "before_cursor_execute", note)


def measure(people: int) -> str:
    """One line of the table."""
    programme, by = build(people)
    meeting_id = programme.meetings[0].id
    after = CLOSES + timedelta(hours=1)
    run = actions.ask(programme.id, meeting_id, "balanced", spread=False, by=by, now=after)
    while db.session.get_one(DrawRun, run.id, populate_existing=True).ended_at is None:
        actions.draw_due()
        time.sleep(0.1)
        db.session.rollback()
    begun = time.perf_counter()
    publishing.ask_publish(run, by=by, now=after)
    asked = time.perf_counter() - begun
    begun = time.perf_counter()
    plan = publishing.plan_of(db.session.get_one(DrawRun, run.id))
    db.session.rollback()
    before = time.perf_counter() - begun
    with statements() as sent:
        begun, cpu = time.perf_counter(), time.process_time()
        publishing.publish_plan(run.id, plan, now=after)
        held, cpu = time.perf_counter() - begun, time.process_time() - cpu
    seats = db.session.scalar(select(func.count()).where(Seat.programme_id == programme.id))
    mails = db.session.scalar(select(func.count()).where(Message.organiser_id == programme.organiser_id))
    kind = db.engine.dialect.name
    return (
        f"| {kind} | {people:,} | {seats:,} | {mails:,} | {asked:.2f} | {before:.2f} "
        f"| {held:.2f} | {cpu:.2f} | {len(sent)} |"
    )


def main() -> None:
    """Publish some draws and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    print(
        "| database | people | seats | mails | asking, s | before the lock, s | lock held, s "
        "| processor, s | statements |\n|---|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory(prefix="leerkring-bench-") as name:
        folder = Path(name)
        server = start_postgres(folder) if given.postgres else None
        url = server.create("bench") if server else f"sqlite:///{folder / 'bench.db'}"
        app = create_app(
            Settings(
                secret_key="a key for measuring that is long enough",
                instance=folder,
                database_url=url,
                nudge=False,
                huey_url="memory:",
            )
        )
        app.logger.setLevel("WARNING")
        try:
            with app.app_context():
                upgrade()
                for people in given.people:
                    print(measure(people), flush=True)
                db.session.remove()
                db.engine.dispose()
        finally:
            if server:
                server.stop()


if __name__ == "__main__":
    main()
