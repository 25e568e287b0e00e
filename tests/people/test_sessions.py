"""Sign-ins live on the server: the page of one's devices, and what ends them."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as events
from sqlalchemy import select

from learning.kit import clock
from learning.kit.db import db
from learning.people import actions, passwords, sign_ins
from learning.people.models import Account, SignIn, SignInLink
from tests.make import enter, make_account

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "a sentence of my own"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) "
    "AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"
)


def ann() -> Account:
    account = make_account("ann@x.example")
    actions.set_password(account, password_hash=passwords.hash_password(PASSWORD), now=NOON)
    return account


def browser(app: Flask, agent: str = FIREFOX, network: str = "192.0.2.7") -> FlaskClient:
    """A browser on which Ann signed in with her password."""
    client = app.test_client()
    client.environ_base |= {"HTTP_USER_AGENT": agent, "REMOTE_ADDR": network}
    answer = client.post("/nl/sign-in/password", data={"mail": "ann@x.example", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def signed_in(client: FlaskClient) -> bool:
    return client.get("/nl/me").status_code == 200


def others(page: str) -> list[str]:
    """The ids of the sign-ins on the page, the latest seen first."""
    return re.findall(r'name="which" value="(\d+)"', page)


def test_one_sees_where_one_is_signed_in_and_ends_it_there(app: Flask) -> None:
    ann()
    laptop, phone = browser(app), browser(app, IPHONE, "2001:db8:1:2::9")

    page = laptop.get("/nl/me/sessions").text
    assert "Firefox op Windows" in page
    assert "Safari op iPhone" in page
    assert "192.0.2.…" in page
    assert "2001:db8:1:…" in page
    assert "192.0.2.7" not in page
    assert page.count(">dit apparaat<") == 1

    which = db.session.scalars(select(SignIn.id).where(SignIn.system == "iPhone")).one()
    assert str(which) in others(page)
    assert laptop.post("/nl/me/sessions", data={"which": which}).status_code == 302
    assert not signed_in(phone)
    assert signed_in(laptop)


def test_ending_this_one_is_signing_out(app: Flask) -> None:
    ann()
    laptop = browser(app)
    (mine,) = others(laptop.get("/nl/me/sessions").text)
    assert laptop.post("/nl/me/sessions", data={"which": mine}).location == "/nl/sign-in"
    assert not signed_in(laptop)


def test_out_everywhere_else_ends_links_and_known_devices_too(app: Flask) -> None:
    account = ann()
    laptop, phone, thief = browser(app), browser(app, IPHONE), browser(app)
    actions.ask_link("ann@x.example", next_url="", language="nl", now=clock.now())

    assert laptop.post("/nl/me/sessions", data={"which": ""}).status_code == 302

    assert [signed_in(one) for one in (laptop, phone, thief)] == [True, False, False]
    db.session.rollback()
    assert db.session.scalars(select(SignInLink)).one().used_at is not None
    assert len(sign_ins.live_ones(account, now=clock.now())) == 1
    for _ in range(10):
        app.test_client().post(
            "/nl/sign-in/password", data={"mail": "ann@x.example", "password": "wrong one"}
        )
    data = {"mail": "ann@x.example", "password": PASSWORD}
    assert phone.post("/nl/sign-in/password", data=data).status_code == 429  # forgotten
    assert laptop.post("/nl/sign-in/password", data=data).status_code == 302  # known


def test_nobody_ends_the_sign_in_of_somebody_else(app: Flask, client: FlaskClient) -> None:
    ann()
    laptop = browser(app)
    (hers,) = others(laptop.get("/nl/me/sessions").text)
    enter(client, make_account("bob@x.example"))

    assert client.post("/nl/me/sessions", data={"which": hers}).status_code == 404
    assert client.post("/nl/me/sessions", data={"which": "999999999"}).status_code == 404
    assert client.post("/nl/me/sessions", data={"which": "9" * 12}).status_code == 422
    assert signed_in(laptop)


def test_all_sessions_end_at_once_but_the_one_that_stays(app: Flask) -> None:
    account = ann()
    one, two = browser(app), browser(app)
    last = sign_ins.live_ones(account, now=clock.now())[0]

    actions.end_sessions(account, but=last.id)
    assert [signed_in(one), signed_in(two)] == [False, True]

    actions.end_sessions(account)
    assert not signed_in(two)


def test_a_session_ends_by_itself_when_nobody_is_seen_for_a_month(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        ann()
        laptop = browser(app)
        for days in (29, 29):  # each visit counts
            travel.shift(timedelta(days=days))
            with laptop.get("/nl/me") as answer:
                assert answer.status_code == 200
        travel.shift(timedelta(days=31))
        assert not signed_in(laptop)


def test_a_visit_is_kept_once_in_a_quarter_of_an_hour_and_after_the_answer(app: Flask) -> None:
    def seen() -> datetime:
        db.session.rollback()
        return db.session.scalars(select(SignIn.last_seen_at)).one()

    with time_machine.travel(NOON, tick=False) as travel:
        ann()
        laptop = browser(app)
        for minutes, kept in ((14, 0), (2, 16), (14, 16)):
            travel.shift(timedelta(minutes=minutes))
            answer = laptop.get("/nl/me")
            if kept == 16 and minutes == 2:
                assert seen() == NOON  # the answer does not wait for it
            answer.close()
            assert seen() == NOON + timedelta(minutes=kept)


def test_looking_at_a_page_asks_for_the_account_once(app: Flask, client: FlaskClient) -> None:
    enter(client, make_account())
    asked = []
    note = lambda *args: asked.append(args[2])  # noqa: E731
    events.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get("/nl/me/profile")
    finally:
        events.remove(db.engine, "before_cursor_execute", note)
    assert len([line for line in asked if line.startswith("SELECT")]) == 1


def test_the_cookies_of_a_real_address_are_locked_to_it(app: Flask) -> None:
    ann()
    address = "https://leerkring.example.org"
    app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-session", BASE_URL=address)
    data = {"mail": "ann@x.example", "password": PASSWORD}
    answer = app.test_client().post("/nl/sign-in/password", data=data, base_url=address)
    cookies = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}

    assert set(cookies) == {"__Host-session", "__Host-device"}
    for line in cookies.values():
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in line.split(";")}
        assert "Domain" not in line
