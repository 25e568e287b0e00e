"""Registering, confirming, withdrawing and asking to be told, through the pages."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.attendance import actions, queries
from learning.attendance.models import Interest, Participation, Registration
from learning.attendance.tokens import own_token
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.kit.installation import of
from learning.mail.models import Message
from learning.people.actions import account_for
from learning.people.models import Account, Throttle
from learning.prices.models import PriceCode
from tests.attendance.event import NOON, count, make_event, newest, register
from tests.browse import form_of, send, words_of
from tests.make import make_account

ANN = {"name": "Ann", "mail": "ann@x.example"}


def without_keys(page: str) -> str:
    return re.sub(r'value="[^"]{20,}"', "", page)


def test_a_stranger_registers_confirms_and_withdraws(app: Flask, client: FlaskClient) -> None:
    event = make_event(capacities=(5,))
    url = f"/nl/programmes/{event.programme.slug}/registration"
    assert client.get(url).status_code == 200
    sent = client.post(url, data=ANN | {"affiliation": "Gemeente X"})
    assert (sent.status_code, sent.location) == (302, url + "/sent")
    ann = newest()
    token = own_token(ann)
    assert (ann.person.affiliation, ann.live) == ("Gemeente X", False)
    assert client.get(f"/nl/registrations/{token}/withdrawal").status_code == 404  # not before it counts

    for _ in range(2):  # as a mail scanner does
        assert client.get(f"/nl/confirmations/{token}").status_code == 200
    db.session.rollback()
    db.session.refresh(ann)
    assert not ann.live
    confirmed = client.post(f"/nl/confirmations/{token}")
    assert (confirmed.status_code, confirmed.location) == (302, f"/nl/registrations/{token}")
    assert client.get(f"/nl/confirmations/{token}").location == f"/nl/registrations/{token}"

    assert client.get(f"/nl/registrations/{token}/withdrawal").status_code == 200
    db.session.rollback()
    db.session.refresh(ann)
    assert ann.live
    gone = client.post(f"/nl/registrations/{token}/withdrawal")
    assert (gone.status_code, gone.location) == (302, url + "/withdrawn")
    assert client.get(url + "/withdrawn").status_code == 200
    for answer in (
        client.get(f"/nl/registrations/{token}/withdrawal"),
        client.post(f"/nl/confirmations/{token}"),
    ):
        assert answer.status_code == 404


def test_the_answer_is_the_same_for_new_and_registered_addresses(app: Flask) -> None:
    event = make_event()
    actions.confirm(register(event, "Ann", now=clock.now()), now=clock.now())
    answers = []
    for name in ("Ann", "Bob"):
        data = {"name": name, "mail": f"{name.lower()}@x.example"}
        url = f"/nl/programmes/{event.programme.slug}/registration"
        answer = app.test_client().post(url, data=data, follow_redirects=True)
        answers.append((answer.status_code, answer.request.path, without_keys(answer.text)))
    assert answers[0] == answers[1]
    last = db.session.execute(
        select(Message.template, Message.address).order_by(Message.id.desc()).limit(2)
    ).all()
    assert [tuple(row) for row in last] == [
        ("attendance/confirm", "bob@x.example"),
        ("attendance/registered_already", "ann@x.example"),
    ]


def test_a_form_sent_twice_registers_once(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    url = f"/nl/programmes/{event.programme.slug}/registration"
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', client.get(url).text)
    assert key is not None
    for _ in range(2):
        assert client.post(url, data=ANN | {"form_key": key[1]}).location == url + "/sent"
    assert (count(Registration), count(Message)) == (1, 1)


def test_the_own_verified_address_counts_at_once(
    app: Flask, client: FlaskClient, sign_in: Callable[[Account], FlaskClient]
) -> None:
    event = make_event()
    sign_in(account_for("ann@x.example", now=clock.now()))
    url = f"/nl/programmes/{event.programme.slug}/registration"
    assert 'value="ann@x.example"' in client.get(url).text
    own = client.post(url, data=ANN)
    assert (own.status_code, own.location) == (302, f"/nl/registrations/{own_token(newest())}")
    other = client.post(url, data={"name": "Bob", "mail": "bob@x.example"})
    assert other.location == url + "/sent"
    assert not newest().live


def test_closed_is_409_with_the_deadline_named(app: Flask, client: FlaskClient) -> None:
    event = make_event(registration_closes_at=datetime(2026, 1, 31, 16, tzinfo=UTC))
    url = f"/nl/programmes/{event.programme.slug}/registration"
    for answer in (client.get(url), client.post(url, data=ANN)):
        assert answer.status_code == 409
        assert "zaterdag 31 januari 2026, 17:00" in answer.text
    assert count(Registration) == 0


def test_full_and_cancelled_are_409(app: Flask, client: FlaskClient) -> None:
    full = make_event(capacities=(0,))
    no_dates = make_event(organiser=full.organiser, capacities=())
    for event in (full, no_dates):
        url = f"/nl/programmes/{event.programme.slug}/registration"
        assert (client.get(url).status_code, client.post(url, data=ANN).status_code) == (409, 409)
    assert "/interest" in client.get(f"/nl/programmes/{no_dates.programme.slug}/registration").text


def test_a_lapsed_link_says_so(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    ann = register(event, "Ann", now=clock.now() - timedelta(hours=25))
    url = f"/nl/confirmations/{own_token(ann)}"
    assert [client.get(url).status_code, client.post(url).status_code] == [409, 409]
    actions.lapse(now=clock.now())
    assert [client.get(url).status_code, client.post(url).status_code] == [409, 409]
    assert count(Participation) == 0


def test_the_price_is_shown_with_its_reason_and_must_be_accepted(app: Flask, client: FlaskClient) -> None:
    event = make_event(tariff=Decimal("395.00"))
    url = f"/nl/programmes/{event.programme.slug}/registration"
    page = client.get(url).text
    assert "395" in page
    shown = re.search(r'name="shown"[^>]*value="([^"]+)"', page)
    assert shown is not None
    assert client.post(url, data=ANN | {"shown": shown[1]}).status_code == 422
    assert client.post(url, data=ANN | {"accept": "y", "shown": "0|€ 1,00"}).status_code == 409
    assert count(Registration) == 0
    assert client.post(url, data=ANN | {"accept": "y", "shown": shown[1]}).status_code == 302
    assert (newest().price_amount, newest().price_unit) == (Decimal("395.00"), "person")


def test_bad_input_is_named_and_kept(app: Flask, client: FlaskClient) -> None:
    event = make_event()
    url = f"/nl/programmes/{event.programme.slug}/registration"
    bad = (
        {"mail": "ann@x.example"},
        {"name": "Ann", "mail": "no address"},
        {"name": "A" * 121, "mail": "ann@x.example"},
        {"name": "A\x00nn", "mail": "ann@x.example"},
        ANN | {"affiliation": "x" * 161},
    )
    for data in bad:
        answer = client.post(url, data=data)
        assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)
    assert 'value="no address"' in client.post(url, data=bad[1]).text
    assert count(Registration) == 0


def test_unknown_things_are_not_found(app: Flask, client: FlaskClient) -> None:
    for path in (
        "programmes/none/registration",
        "programmes/none/interest",
        "confirmations/x",
        "registrations/x/withdrawal",
    ):
        assert client.get(f"/nl/{path}").status_code == 404
        assert client.post(f"/nl/{path}", data=ANN).status_code == 404


@pytest.mark.parametrize("page", ["registration", "interest"])
def test_nobody_keeps_an_address_from_registering(app: Flask, client: FlaskClient, page: str) -> None:
    """Whoever sends an address all the time waits, half a minute
    at most, and its owner elsewhere not longer than that.
    """
    event = make_event()
    url = f"/nl/programmes/{event.programme.slug}/{page}"
    owner = app.test_client()
    owner.environ_base |= {"REMOTE_ADDR": "198.51.100.7"}
    with time_machine.travel(NOON, tick=False) as travel:
        for status in [302] * 10 + [429]:
            travel.shift(timedelta(seconds=1))
            assert client.post(url, data=ANN).status_code == status
        answers = []
        for _ in range(20):  # who waits as told goes on, and mails once in some minutes
            travel.shift(timedelta(seconds=30))
            answers.append(client.post(url, data=ANN).status_code)
        mailed = answers.count(302) if page == "registration" else 0
        assert set(answers) == ({302, 429} if page == "registration" else {302})
        assert mailed <= 2
        before = count(Message)
        assert before == (10 + mailed if page == "registration" else 0)
        first = owner.post(url, data=ANN)
        assert (first.status_code, first.headers["Retry-After"]) == (429, "30")
        travel.shift(timedelta(seconds=30))
        client.post(url, data=ANN)
        assert owner.post(url, data=ANN).status_code == 302
        assert count(Message) == before + (page == "registration")


def test_interest_answers_the_same_the_second_time(app: Flask, client: FlaskClient) -> None:
    event = make_event(capacities=())
    url = f"/nl/programmes/{event.programme.slug}/interest"
    assert client.get(url).status_code == 200
    answers = [client.post(url, data={"mail": "ann@x.example"}, follow_redirects=True) for _ in range(2)]
    assert [(a.status_code, a.request.path) for a in answers] == [(200, url + "/noted")] * 2
    assert client.post(url, data={"mail": "nothing"}).status_code == 422
    assert count(Interest) == 1


def test_my_registrations_stand_on_my_page_and_no_others(
    app: Flask, client: FlaskClient, sign_in: Callable[[Account], FlaskClient]
) -> None:
    event = make_event()
    ann, bob = (actions.confirm(register(event, n, now=clock.now()), now=clock.now()) for n in ("Ann", "Bob"))
    of(app).hooks = replace(of(app).hooks, home_cards=[queries.home_cards])
    sign_in(account_for("ann@x.example", now=clock.now()))
    page = client.get("/nl/me").text
    assert own_token(ann) in page
    assert own_token(bob) not in page


def test_codes_cannot_be_guessed_by_who_is_not_signed_in(
    app: Flask, client: FlaskClient, sign_in: Callable[[Account], FlaskClient]
) -> None:
    event = make_event()

    @transaction()
    def add() -> None:
        db.session.add(PriceCode(programme_id=event.programme.id, code="GOED", percent=10))
        network = Throttle(key="code|network|127.0.0.1", window_at=clock.now(), count=99)
        db.session.add(network)

    add()
    url = f"/nl/programmes/{event.picture.slug}/registration"
    last = send(client, url, name="Ann", mail="ann@x.example", code="FOUT")
    assert last.status_code == 409
    over = send(client, url, name="Ann", mail="ann@x.example", code="GOED")
    assert (over.status_code, over.headers["Retry-After"]) == (429, "2")
    assert form_of(over.text)["values"]["code"] == "GOED"
    assert "te vaak" in words_of(over.text)
    account = make_account("eva@x.example")
    # on the same network
    assert send(sign_in(account), url, name="Eva", mail="eva@x.example", code="GOED").status_code == 200
