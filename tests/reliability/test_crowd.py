"""Two hundred people switch, wait, give up and withdraw at once, through HTTP against several workers."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.models import Seat, SeatHistory, WaitlistEntry
from learning.kit.db import db
from learning.mail.models import Message
from learning.releases.models import OfferedSession
from tests.browse import form_of
from tests.choices.event import check_counts
from tests.conftest import KEY
from tests.make import make_meeting, make_programme, make_registration, make_round, make_session, release
from tests.reliability.browser import Reader
from tests.servers import start_gunicorn

PEOPLE, STEPS, AT_ONCE = 200, 3, 40
CAPACITIES = (4, 3, 3)


@pytest.mark.parametrize("moving_up", ["at_once", "offer"])
def test_two_hundred_on_the_last_ten_seats(app: Flask, tmp_path: Path, database_url: str, moving_up: str):
    programme = make_programme(moving_up=moving_up)
    round = make_round(make_meeting(programme))
    ids = [str(make_session(round, capacity=capacity).id) for capacity in CAPACITIES]
    release(programme)
    people = [
        f"/nl/registrations/{own_token(make_registration(programme, f'Person {n}'))}" for n in range(PEOPLE)
    ]
    db.session.rollback()
    env = {"LEERKRING_INSTANCE": str(tmp_path), "LEERKRING_DATABASE_URL": database_url}
    server = start_gunicorn(env | {"LEERKRING_SECRET_KEY": KEY, "LEERKRING_NUDGE": "0"})

    def walk(number: int) -> Counter[int]:
        luck, reader, page = random.Random(number), Reader(server.url), people[number]
        seen: Counter[int] = Counter()
        for _ in range(STEPS):
            if luck.random() < 0.12:
                status, _text, _to = reader.ask(f"{page}/withdrawal", reader.form(f"{page}/withdrawal"))
                seen[status] += 1
                break
            status, text, _to = reader.ask(f"{page}/choices")
            assert status == 200
            if f'name="round_{round.id}"' not in text:  # there is an offer to answer
                offer = f"{page}/offers/{round.id}"
                answer = {"answer": luck.choice(("yes", "no"))}
                seen[reader.ask(offer, {**reader.form(offer), **answer})[0]] += 1
                continue
            form = form_of(text)["values"]
            values = {k: v for k, v in form.items() if not k.startswith(("round_", "wait_"))}
            pick = luck.choice((*ids, ""))
            values[f"round_{round.id}"] = pick
            if pick and luck.random() < 0.8:
                values[f"wait_{round.id}"] = pick
            seen[reader.ask(f"{page}/choices", values)[0]] += 1
        return seen

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = sum(pool.map(walk, range(PEOPLE)), Counter())
    finally:
        server.stop()

    assert set(answers) <= {302, 409}
    assert answers[302] > PEOPLE
    check_counts()
    _check_end()
    _check_story()


def _check_end() -> None:
    """No session is over its capacity, nobody has two seats or is in line where a seat is free."""
    twice = (
        select(Seat.registration_id).group_by(Seat.registration_id, Seat.round_id).having(func.count() > 1)
    )
    assert db.session.scalars(twice).all() == []
    gone = select(Registration.id).where(Registration.ended_at.is_not(None))
    for model in (Seat, WaitlistEntry):
        assert db.session.scalars(select(model.id).where(model.registration_id.in_(gone))).all() == []
    for session in db.session.scalars(select(OfferedSession)):
        assert session.capacity is not None
        assert session.taken <= session.capacity
        assert session.waiting == 0 or session.taken == session.capacity


def _check_story() -> None:
    """Told again from the start: at each moment the seats were few enough, each freed one
    went to exactly the next in line, and who moved up or got an offer has one mail for it.
    """
    room = {row.id: row.capacity or 0 for row in db.session.scalars(select(OfferedSession))}
    seats: dict[int, int] = {}
    line: dict[int, tuple[int, object, int]] = {}  # session, moment of joining, order
    kept: dict[int, int] = {}
    promoted: Counter[int] = Counter()
    offered: Counter[int] = Counter()

    def next_of(session: int) -> int:
        waiting = [
            (at, order, id) for id, (where, at, order) in line.items() if where == session and id not in kept
        ]
        return min(waiting)[2]  # type: ignore[type-var]

    def taken(session: int) -> int:
        return list(seats.values()).count(session) + list(kept.values()).count(session)

    for row in db.session.scalars(select(SeatHistory).order_by(SeatHistory.id)):
        id, session = row.registration_id, row.session_id
        match row.what:
            case "waiting":
                kept.pop(id, None)
                line[id] = (session, row.at, row.id)
            case "left_line" | "declined":
                kept.pop(id, None)
                line.pop(id)
            case "offered":
                assert id == next_of(session)
                kept[id] = session
                offered[id] += 1
            case "accepted":
                assert kept.pop(id) == session
                line.pop(id)
            case "promoted" if id in line:
                assert id == next_of(session)
                line.pop(id)
                seats[id] = session
                promoted[id] += 1
            case "given" | "moved" | "promoted":
                line.pop(id, None)
                kept.pop(id, None)
                seats[id] = session
            case "left":
                assert seats.pop(id) == session
            case other:
                raise AssertionError(other)
        assert taken(session) <= room[session], row.id
    assert seats == {row.registration_id: row.session_id for row in db.session.scalars(select(Seat))}
    assert promoted or offered
    for template, counted in (("seat_given", promoted), ("offered", offered)):
        mails = Counter(
            db.session.scalars(select(Message.address).where(Message.template == f"choices/{template}"))
        )
        who = db.session.scalars(select(Registration).where(Registration.id.in_(counted)))
        known = {row.id: row.person.mail for row in who}
        assert mails == Counter({known[id]: count for id, count in counted.items()}), template
