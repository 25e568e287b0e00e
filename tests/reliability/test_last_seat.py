"""Many want the same thing at the same moment, through HTTP against real workers."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from learning.attendance.tokens import own_token
from learning.choices.models import Seat
from learning.kit.db import db
from learning.releases.models import OfferedSession
from tests.conftest import KEY
from tests.make import (
    make_meeting,
    make_programme,
    make_registration,
    make_round,
    make_session,
    make_workshop,
    release,
)
from tests.reliability.browser import Reader
from tests.servers import start_gunicorn

PEOPLE = 50


@pytest.fixture
def env(app: Flask, tmp_path: Path, database_url: str) -> dict[str, str]:
    """How a server finds the database of this test."""
    return {
        "LEERKRING_INSTANCE": str(tmp_path),
        "LEERKRING_DATABASE_URL": database_url,
        "LEERKRING_SECRET_KEY": KEY,
        "LEERKRING_NUDGE": "0",
    }


def test_fifty_for_the_last_seat(app: Flask, env: dict[str, str]):
    programme = make_programme()
    round = make_round(make_meeting(programme))
    session = make_session(round, capacity=1)
    release(programme)
    people = [make_registration(programme, f"Person {n}") for n in range(PEOPLE)]
    pages = [f"/nl/registrations/{own_token(person)}/choices" for person in people]
    field, wanted = f"round_{round.id}", session.id
    server = start_gunicorn(env)
    try:
        readers = [Reader(server.url) for _ in pages]
        with ThreadPoolExecutor(PEOPLE) as pool:
            forms = list(pool.map(lambda pair: pair[0].form(pair[1]), zip(readers, pages, strict=True)))
            start = Barrier(PEOPLE)

            def choose(number: int) -> tuple[int, str]:
                start.wait()
                values = {**forms[number], field: str(wanted)}
                status, text, leads_to = readers[number].ask(pages[number], values)
                return status, "full" if 'name="wait_' in text else leads_to.split("/")[
                    -2
                ] if leads_to else ""

            answers = Counter(pool.map(choose, range(PEOPLE)))
    finally:
        server.stop()

    assert answers == {(302, "registrations"): 1, (409, "full"): PEOPLE - 1}
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Seat)) == 1
    assert db.session.get_one(OfferedSession, wanted).taken == 1


def test_two_tabs_take_one_workshop_in_two_rounds(app: Flask, env: dict[str, str]):
    programme = make_programme()
    meeting = make_meeting(programme)
    rounds = [make_round(meeting), make_round(meeting)]
    workshop = make_workshop(programme.id)
    sessions = [make_session(round, capacity=5, workshop=workshop) for round in rounds]
    release(programme)
    people = [make_registration(programme, f"Person {n}") for n in range(8)]
    wanted = [{f"round_{round.id}": str(session.id)} for round, session in zip(rounds, sessions, strict=True)]
    server = start_gunicorn(env)
    try:
        tabs = [
            (Reader(server.url), f"/nl/registrations/{own_token(p)}/choices", tab)
            for p in people
            for tab in (0, 1)
        ]
        with ThreadPoolExecutor(len(tabs)) as pool:
            forms = list(pool.map(lambda tab: tab[0].form(tab[1]), tabs))
            start = Barrier(len(tabs))

            def choose(number: int) -> int:
                reader, page, tab = tabs[number]
                kept = {key: value for key, value in forms[number].items() if not key.startswith("round_")}
                start.wait()
                return reader.ask(page, {**kept, **wanted[tab]})[0]

            answers = Counter(pool.map(choose, range(len(tabs))))
    finally:
        server.stop()

    assert answers == {302: len(people), 409: len(people)}
    db.session.rollback()
    held = db.session.execute(select(Seat.registration_id, func.count()).group_by(Seat.registration_id)).all()
    assert sorted(count for _id, count in held) == [1] * len(people)
