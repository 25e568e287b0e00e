"""The baseline of trust: forged forms, cookies, headers, and databases that cannot be written by looking."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from learning.factory import create_app
from learning.kit.db import db
from tests.conftest import settings
from tests.make import make_account, make_event


def test_a_form_without_its_token_is_refused_and_says_what_to_do(app: Flask):
    app.config["WTF_CSRF_ENABLED"] = True
    make_event(slug="the-day")

    answer = app.test_client().post(
        "/nl/programmes/the-day/registration", data={"name": "Ann", "mail": "a@x.example"}
    )

    assert answer.status_code == 400
    assert "Ga terug, laad de pagina opnieuw" in answer.text


def test_pages_carry_the_headers_that_protect_them(app: Flask):
    make_event(slug="the-day")

    headers = app.test_client().get("/nl/programmes/the-day").headers

    assert headers["Content-Security-Policy"].startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'"
    )
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


def test_the_cookie_of_a_real_address_is_locked_to_it(tmp_path: Path, sqlite_template: Path):
    url = f"sqlite:///{sqlite_template}"
    app = create_app(settings(tmp_path, url, base_url="https://leerkring.example.org"))

    answer = app.test_client().get("/nl/sign-in", base_url="https://leerkring.example.org")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_looking_cannot_write(app: Flask):
    make_account()

    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        db.session.execute(text("UPDATE account SET name = 'changed'"))
    db.session.rollback()


def test_sqlite_keeps_what_it_acknowledged(app: Flask):
    if db.engine.dialect.name != "sqlite":
        assert db.session.execute(text("SHOW synchronous_commit")).scalar() == "on"
        return
    for _ in range(3):  # on every connection of the pool
        with db.engine.connect() as connection:
            values = [
                connection.execute(text(f"PRAGMA {p}")).scalar()
                for p in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert values == ["wal", 2, 1]


def test_demo_doors_exist_in_a_demo_only(app: Flask):
    client = app.test_client()

    assert [client.get(path).status_code for path in ("/demo/mail", "/demo/sign-in/x")] == [404, 404]


def test_health(app: Flask):
    client = app.test_client()

    assert (client.get("/healthz").json, client.get("/readyz").json) == ({"ok": True}, {"ready": True})


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?endpoint=x", 200),
        ("?_method=POST", 200),
        ("?_external=1&_anchor=x&_scheme=y", 200),
        ("?slug=other&lang=xx", 200),
        ("?q=%00", 200),
    ],
)
def test_strange_queries_break_nothing_and_lead_nowhere(app: Flask, query: str, status: int):
    make_event(slug="the-day")

    answer = app.test_client().get("/nl/programmes/the-day" + query)

    assert answer.status_code == status
    assert "x-other" not in answer.text
    assert 'hreflang="en" href="http://127.0.0.1:8000/en/programmes/the-day' in answer.text


@pytest.mark.parametrize(
    "path",
    ["/nl/programmes/a%00b", "/nl/programmes/a%00b/registration", "/calendars/a%00b.ics", "/nl/sign-in/%00"],
)
def test_a_zero_in_an_address_is_not_found(app: Flask, path: str):
    assert app.test_client().get(path).status_code == 404


def test_a_zero_in_a_hidden_field_is_no_error(app: Flask):
    make_event(slug="the-day")

    sent = {"form_key": "a\0b", "name": "A\0", "mail": "x"}
    answer = app.test_client().post("/nl/programmes/the-day/registration", data=sent)

    assert answer.status_code == 422
    assert "onzichtbare tekens" in answer.text
