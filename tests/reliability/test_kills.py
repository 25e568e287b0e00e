"""The power goes at any moment: what was acknowledged is there, and no mail is lost or made twice."""

import http.client
import random
import threading
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from learning.attendance.tokens import own_token
from learning.billing.models import Invoice
from learning.choices.models import Seat
from learning.delegations.models import Nomination
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.people.models import Account, Person
from learning.releases.models import OfferedSession
from tests.conftest import KEY
from tests.make import (
    enter,
    make_account,
    make_contact,
    make_delegation,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_registration,
    make_round,
    make_session,
    make_staff,
    release,
)
from tests.reliability.browser import Reader
from tests.servers import start_gunicorn, start_smtp, start_worker

KILLS = {"sqlite": 20, "postgresql": 5}


class Town:
    """Everything that people do while the power goes, with what was acknowledged to them.

    Threads get plain values.
    """

    def __init__(self) -> None:
        organiser = make_organiser("town")
        event = make_programme(organiser, slug="the-day")
        round = make_round(make_meeting(event))
        self.round = round.id
        self.sessions = [make_session(round, capacity=500).id for _ in range(2)]
        release(event)
        self.pages = [
            f"/nl/registrations/{own_token(make_registration(event, f'Person {n}'))}" for n in range(60)
        ]
        community = make_programme(
            organiser, kind="learning_community", by_delegation=True, slug="the-community"
        )
        self.meeting = make_meeting(community).id
        release(community)
        contact = make_person(organiser, "Con", "contact@town.example")
        cities = [make_organisation(organiser, f"Stad {n}") for n in range(2)]
        for city in cities:
            make_contact(city, contact)
        self.delegations = [make_delegation(community, city, contact, seats_max=500).id for city in cities]
        payers = [make_organisation(organiser, f"Betaler {n}") for n in range(60)]
        self.payers = [make_delegation(community, city, contact, price=Decimal(100)).id for city in payers]
        make_staff(organiser, make_account("finance@town.example"), "finance")
        kinds = ("seat", "registration", "nomination", "invoice")
        self.acknowledged: dict[str, set[str]] = {kind: set() for kind in kinds}
        self.kills = 0
        self.number = 0
        self.lock = threading.Lock()

    def next(self) -> int:
        """A number that nobody had."""
        with self.lock:
            self.number += 1
            return self.number


def choose(town: Town, base: str) -> None:
    """Somebody picks a session."""
    n = town.next()
    page = town.pages[n % len(town.pages)]
    reader = Reader(base)
    values = reader.form(page + "/choices")
    wanted = random.choice(town.sessions)
    status, _text, _to = reader.ask(page + "/choices", {**values, f"round_{town.round}": str(wanted)})
    if status == 302:
        town.acknowledged["seat"].add(page)


def register(town: Town, base: str) -> None:
    """A stranger registers."""
    mail = f"stranger{town.next()}@x.example"
    reader = Reader(base)
    values = reader.form("/nl/programmes/the-day/registration")
    if (
        reader.ask("/nl/programmes/the-day/registration", {**values, "name": "Stranger", "mail": mail})[0]
        == 302
    ):
        town.acknowledged["registration"].add(mail)


def nominate(town: Town, base: str, cookie: str) -> None:
    """A contact person names somebody."""
    mail = f"colleague{town.next()}@x.example"
    reader = Reader(base, cookie)
    page = f"/nl/delegations/{random.choice(town.delegations)}/meetings/{town.meeting}/nominations"
    values = reader.form(page)
    if reader.ask(page, {**values, "name": "Colleague", "mail": mail, "capacity": "resident"})[0] == 302:
        town.acknowledged["nomination"].add(mail)


def bill(town: Town, base: str, cookie: str) -> None:
    """Finance makes an invoice and issues it."""
    reader = Reader(base, cookie)
    values = reader.form("/manage/town/programmes/the-community/delegations")
    with town.lock:
        payer = town.payers.pop() if town.payers else None
    if payer is None:
        return
    _status, _text, invoice = reader.ask(f"/manage/town/delegations/{payer}/invoices", values)
    values = reader.form(invoice)
    if reader.ask(f"{invoice}/issue", values)[0] == 302:
        town.acknowledged["invoice"].add(invoice.rpartition("/")[2])


def busy(town: Town, base: str, contact: str, finance: str, until: threading.Event) -> None:
    """Do one thing after the other until told to stop; a dead server is no answer."""
    while not until.is_set():
        try:
            match random.choice(("choose", "choose", "register", "nominate", "bill")):
                case "choose":
                    choose(town, base)
                case "register":
                    register(town, base)
                case "nominate":
                    nominate(town, base, contact)
                case _:
                    bill(town, base, finance)
        except (OSError, AssertionError, http.client.HTTPException):
            time.sleep(0.01)


def cookie_of(app: Flask, account: Account) -> str:
    """The session cookie of somebody who signed in."""
    cookie = enter(app.test_client(), account).get_cookie("session")
    assert cookie is not None
    return str(cookie.value)


def check_kept(town: Town) -> None:
    """All that was acknowledged is in the database."""
    db.session.rollback()
    people = {mail for (mail,) in db.session.execute(select(Person.mail))}
    assert town.acknowledged["registration"] <= people
    sent = select(Person.mail).join(Nomination, Nomination.person_id == Person.id)
    assert town.acknowledged["nomination"] <= {mail for (mail,) in db.session.execute(sent)}
    issued = db.session.execute(
        select(Invoice.id, Invoice.number, Invoice.sequence).where(Invoice.number.is_not(None))
    ).all()
    assert town.acknowledged["invoice"] <= {str(id) for id, _number, _sequence in issued}
    assert sorted(sequence for _id, _number, sequence in issued) == list(range(1, len(issued) + 1))
    seated = {
        f"/nl/registrations/{own_token(seat.registration)}" for seat in db.session.scalars(select(Seat))
    }
    assert town.acknowledged["seat"] <= seated
    taken = Counter(seat.session_id for seat in db.session.scalars(select(Seat)))
    assert {s.id: s.taken for s in db.session.scalars(select(OfferedSession)) if s.taken} == dict(taken)


def some_work(town: Town, luck: random.Random) -> None:
    """Wait until a few things were acknowledged, however slow the machine, and then some moment."""
    done = sum(map(len, town.acknowledged.values())) + luck.randint(0, 6)
    until = time.monotonic() + 10
    while sum(map(len, town.acknowledged.values())) < done and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(luck.uniform(0, 1))


@pytest.fixture
def kind(app: Flask) -> str:
    """Which database this is."""
    return db.engine.dialect.name


def test_killed_at_any_moment(app: Flask, kind: str, tmp_path: Path, database_url: str):
    smtp = start_smtp()
    town = Town()
    contact, finance = (cookie_of(app, make_account(f"{who}@town.example")) for who in ("contact", "finance"))
    env = {
        "LEERKRING_INSTANCE": str(tmp_path),
        "LEERKRING_DATABASE_URL": database_url,
        "LEERKRING_SECRET_KEY": KEY,
        "LEERKRING_SMTP": f"127.0.0.1:{smtp.port}",
    }
    luck, times = random.Random(7), KILLS[kind]
    try:
        while town.kills < times or (town.kills < 10 * times and not all(town.acknowledged.values())):
            server, worker = start_gunicorn(env), start_worker(env)
            stop = threading.Event()
            crowd = [
                threading.Thread(target=busy, args=(town, server.url, contact, finance, stop))
                for _ in range(6)
            ]
            for person in crowd:
                person.start()
            some_work(town, luck)
            server.kill()
            worker.kill()
            town.kills += 1
            stop.set()
            for person in crowd:
                person.join(90)
            check_kept(town)
        assert min(len(done) for done in town.acknowledged.values()) > 0, town.acknowledged
        deliver_the_rest(env)
    finally:
        smtp.stop()
    check_mail(smtp.messages, town.kills)


def deliver_the_rest(env: dict[str, str]) -> None:
    """A worker that lives sends all that is left; leases of the killed ones run out first."""
    free_leases()
    worker = start_worker(env)
    until = time.monotonic() + 60
    while db.session.scalar(select(Message.id).where(Message.sent_at.is_(None)).limit(1)) is not None:
        assert time.monotonic() < until, "mail is left"
        db.session.rollback()
        time.sleep(0.3)
    worker.kill()


@transaction()
def free_leases() -> None:
    """The two minutes of a killed worker are over."""
    db.session.execute(update(Message).values(lease_until=None))


def check_mail(arrived: list[Any], kills: int) -> None:
    """Every row arrived; a copy has the same Message-ID, and there are at most as many copies as kills."""
    db.session.rollback()
    rows = {row for (row,) in db.session.execute(select(Message.message_id))}
    ids = [str(mail["Message-ID"]) for mail in arrived]
    assert set(ids) == rows
    assert len(ids) - len(rows) <= kills
    once = [row for (row,) in db.session.execute(select(Message.once))]
    assert len(once) == len(set(once))
