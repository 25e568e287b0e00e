"""Signing in and out through the pages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.kit.db import db
from learning.mail.models import Message
from learning.people import actions, passwords
from learning.people.models import Account
from tests.browse import one_line
from tests.make import make_account

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "  a Sentence of my own  "


def known_account(mail: str = "ann@x.example", password: str = "") -> Account:
    account = actions.account_for(mail, now=NOON)
    if password:
        actions.set_password(account, password_hash=passwords.hash_password(password), now=NOON)
    return account


def mailed_link() -> str:
    message = db.session.scalars(select(Message).where(Message.template == "people/sign_in_link")).one()
    url: str = message.values["sign_in_url"]
    return url.removeprefix("http://127.0.0.1:8000")


def without_keys(page: str) -> str:
    return re.sub(r'value="[^"]{20,}"', "", page)


def test_opening_the_link_uses_nothing_up_and_the_button_signs_in_once(
    app: Flask, client: FlaskClient
) -> None:
    make_account("ann@x.example", language="nl")
    client.post("/nl/sign-in", data={"mail": "Ann@x.example", "next": "/nl/me/profile"})
    url = mailed_link()
    for _ in range(2):  # as a mail scanner does
        assert client.get(url).status_code == 200
    assert client.get("/nl/me").status_code == 302

    entered = client.post(url)
    assert (entered.status_code, entered.location) == (302, "/nl/me/profile")
    assert "ann@x.example" in client.get("/nl/me/profile").text

    other = app.test_client()
    assert other.post(url).status_code == 409
    assert other.get(url).status_code == 409
    assert other.get("/nl/me").location.startswith("/nl/sign-in")


def test_the_answer_is_the_same_for_a_known_and_an_unknown_address(app: Flask) -> None:
    known_account()
    answers = []
    for mail in ("ann@x.example", "bob@x.example"):
        client = app.test_client()
        answer = client.post("/nl/sign-in", data={"mail": mail}, follow_redirects=True)
        answers.append((answer.status_code, answer.request.path, without_keys(answer.text)))
    assert answers[0] == answers[1]
    assert db.session.query(Message).count() == 1

    for mail in ("ann@x.example", "bob@x.example"):
        answer = app.test_client().post("/nl/sign-in/password", data={"mail": mail, "password": PASSWORD})
        answers.append((answer.status_code, answer.request.path, without_keys(answer.text).replace(mail, "")))
    assert answers[2] == answers[3]
    assert answers[2][0] == 422


def test_a_password_is_taken_as_typed_and_the_copied_cookie_of_before_is_worth_nothing(app: Flask) -> None:
    known_account(password=PASSWORD)
    client = app.test_client()
    stripped = client.post(
        "/nl/sign-in/password", data={"mail": "ann@x.example", "password": PASSWORD.strip()}
    )
    assert stripped.status_code == 422

    entered = client.post("/nl/sign-in/password", data={"mail": "ANN@x.example", "password": PASSWORD})
    assert (entered.status_code, entered.location) == (302, "/nl/me")
    copy = client.get_cookie("session")
    assert copy is not None

    other = app.test_client()
    other.set_cookie("session", copy.value)
    assert other.get("/nl/me").status_code == 200
    new = "another sentence of mine"
    data = {"old": PASSWORD, "password": new, "again": new}
    assert client.post("/nl/me/password", data=data).status_code == 302
    assert client.get("/nl/me").status_code == 200
    assert other.get("/nl/me").status_code == 302


def test_signing_in_starts_a_new_session(app: Flask, client: FlaskClient) -> None:
    known_account(password=PASSWORD)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    client.post("/nl/sign-in/password", data={"mail": "ann@x.example", "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session
        assert len(session["_user_id"]) == 43


def test_signing_out_is_a_post(app: Flask, client: FlaskClient) -> None:
    known_account(password=PASSWORD)
    client.post("/nl/sign-in/password", data={"mail": "ann@x.example", "password": PASSWORD})
    assert client.get("/nl/sign-out").status_code == 405
    assert client.get("/nl/me").status_code == 200
    assert client.post("/nl/sign-out").status_code == 302
    assert client.get("/nl/me").status_code == 302


def test_a_foreign_address_to_go_on_to_is_forgotten(app: Flask, client: FlaskClient) -> None:
    known_account(password=PASSWORD)
    data = {"mail": "ann@x.example", "password": PASSWORD, "next": "//evil.example"}
    assert client.post("/nl/sign-in/password", data=data).location == "/nl/me"


def test_bad_input_is_named_and_kept(app: Flask, client: FlaskClient) -> None:
    for mail in ("", "nobody", "a\x00b@x.example", "a" * 300 + "@x.example"):
        answer = client.post("/nl/sign-in", data={"mail": mail})
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text
    assert 'value="nobody"' in client.post("/nl/sign-in", data={"mail": "nobody"}).text
    assert db.session.query(Message).count() == 0


def test_a_short_password_or_two_different_ones_change_nothing(
    app: Flask, client: FlaskClient, sign_in
) -> None:  # type: ignore[no-untyped-def]
    account = known_account()
    sign_in(account)
    for first, second in (
        ("short", "short"),
        ("a long enough one", "another long one"),
        ("x" * 1001, "x" * 1001),
    ):
        assert client.post("/nl/me/password", data={"password": first, "again": second}).status_code == 422
    db.session.refresh(account)
    assert account.password_hash is None


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("aaaaaaaaaaaa", "Dit herhaalt iets korts"),
        ("wachtwoord2026", "wordt als een van de eerste geprobeerd"),
        ("ann@x.example", "Je naam of e-mailadres"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_at_its_field(
    app: Flask, client: FlaskClient, new: str, words: str
) -> None:
    account = known_account(password=PASSWORD)
    before = account.password_hash
    client.post("/nl/sign-in/password", data={"mail": "ann@x.example", "password": PASSWORD})
    answer = client.post("/nl/me/password", data={"old": PASSWORD, "password": new, "again": new})

    assert answer.status_code == 409
    assert re.search(f'id="password-error">.*{words}', one_line(answer.text))
    assert new not in answer.text.replace("ann@x.example</", "")
    db.session.refresh(account)
    assert account.password_hash == before
    assert client.get("/nl/me").status_code == 200


def test_the_old_password_is_asked_for_unless_the_mailbox_was_opened_a_moment_ago(app: Flask) -> None:
    account, new = known_account(password=PASSWORD), "another sentence of mine"
    client = app.test_client()
    client.post("/nl/sign-in/password", data={"mail": "ann@x.example", "password": PASSWORD})
    for old in ("", "not my password"):
        answer = client.post("/nl/me/password", data={"old": old, "password": new, "again": new})
        assert answer.status_code == 422
        assert 'id="old-error"' in answer.text

    with time_machine.travel(datetime.now(UTC), tick=False) as travel:
        for minutes, status in ((14, 302), (16, 422)):
            app.test_client().post("/nl/sign-in", data={"mail": "ann@x.example"})
            db.session.rollback()
            mails = (
                select(Message).where(Message.template == "people/sign_in_link").order_by(Message.id.desc())
            )
            last = db.session.scalars(mails).first()
            assert last is not None
            mailed = app.test_client()
            mailed.post(last.values["sign_in_url"].removeprefix("http://127.0.0.1:8000"))
            travel.shift(timedelta(minutes=minutes))
            assert mailed.post("/nl/me/password", data={"password": new, "again": new}).status_code == status
    db.session.refresh(account)
    assert passwords.matches(account.password_hash, new)


def test_the_profile_is_saved(app: Flask, client: FlaskClient, sign_in) -> None:  # type: ignore[no-untyped-def]
    account = known_account()
    sign_in(account)
    saved = client.post("/nl/me/profile", data={"name": "Ann", "language": "en"})
    assert (saved.status_code, saved.location) == (302, "/en/me/profile")
    assert client.post("/nl/me/profile", data={"name": "Ann", "language": "xx"}).status_code == 422
    db.session.refresh(account)
    assert (account.name, account.language) == ("Ann", "en")


def test_an_unknown_link_is_not_found(app: Flask, client: FlaskClient) -> None:
    assert client.get("/nl/sign-in/no-such-token").status_code == 404
    assert client.post("/nl/sign-in/no-such-token").status_code == 404
