"""A form that came too late is not lost: it is shown as it was sent, and sent again with one button."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from wtforms import PasswordField

from learning.kit import clock
from learning.kit.again import _fields_of, _forms, _passwords
from learning.kit.db import db
from learning.kit.forms import Form
from learning.people.actions import change_profile, set_password
from learning.people.models import Account
from learning.people.passwords import hash_password
from tests.browse import form_of, send, words_of
from tests.make import enter, make_account, make_organiser, make_staff

OURS = {"Origin": "http://127.0.0.1:8000"}
AT = "/nl/me/profile"


@pytest.fixture
def ann(app: Flask) -> Account:
    """Somebody with an account; forms are checked as in earnest."""
    app.config["WTF_CSRF_ENABLED"] = True
    return make_account("ann@x.example", name="Ann")


def signed_in(app: Flask, account: Account) -> FlaskClient:
    """Their browser."""
    client = app.test_client()
    sign_in(client, account)
    return client


def sign_in(client: FlaskClient, account: Account) -> None:
    """As signing in does in another tab: a new session, with a new token."""
    with client.session_transaction() as session:
        session.clear()
    enter(client, account)


def name_of(account: Account) -> str:
    """As it is stored now."""
    db.session.rollback()
    db.session.refresh(account)
    return account.name


def test_a_form_open_while_one_signs_in_elsewhere_is_kept_and_sent_again(app: Flask, ann: Account):
    client = signed_in(app, ann)
    form = form_of(client.get(AT).text, having="name")["values"]
    sign_in(client, ann)

    late = client.post(AT, data=form | {"name": "Ann de <b>Vries</b>"}, headers=OURS)

    assert late.status_code == 400
    assert "Naam Ann de <b>Vries</b>" in words_of(late.text)
    assert "Taal Nederlands" in words_of(late.text)
    assert name_of(ann) == "Ann"
    again = form_of(late.text, having="name")
    assert again["action"] == AT
    assert client.post(again["action"], data=again["values"], headers=OURS).status_code == 302
    assert name_of(ann) == "Ann de <b>Vries</b>"


def test_a_session_that_ended_asks_to_sign_in_beside_the_page(app: Flask, ann: Account):
    client = signed_in(app, ann)
    form = form_of(client.get(AT).text, having="name")["values"]
    with client.session_transaction() as session:
        del session["_user_id"]

    late = client.post(AT, data=form | {"name": "Ann Vries"}, headers=OURS)

    assert late.status_code == 401
    assert "Log eerst in" in late.text
    again = form_of(late.text, having="name")
    sign_in(client, ann)
    once_more = client.post(again["action"], data=again["values"], headers=OURS)
    last = form_of(once_more.text, having="name")
    assert client.post(last["action"], data=last["values"], headers=OURS).status_code == 302
    assert name_of(ann) == "Ann Vries"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/http://localhost/"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_site_sent_is_never_one_click_away(app: Flask, ann: Account, headers: dict[str, str]):
    client = signed_in(app, ann)

    answer = client.post(AT, data={"name": "Evil words", "language": "nl"}, headers=headers)

    assert answer.status_code == 400
    assert "Evil words" not in answer.text
    assert "Verstuur opnieuw" not in answer.text


def test_passwords_are_typed_again_and_never_shown(app: Flask, ann: Account):
    client = signed_in(app, ann)
    sent = {"password": "my secret words", "again": "my secret words"}

    late = client.post("/nl/me/password", data=sent, headers=OURS)

    assert "my secret words" not in late.text
    assert late.text.count('type="password"') == 2
    signing_in = app.test_client().post(
        "/nl/sign-in/password", data={"mail": "ann@x.example", "password": "xyz"}, headers=OURS
    )
    assert "xyz" not in signing_in.text
    assert "ann@x.example" in signing_in.text


def test_every_field_for_a_password_is_known_as_one(app: Flask):
    found = []
    for form in _forms(Form):
        fields: dict[str, Any] = _fields_of(form)
        secret = {name for name, field in fields.items() if issubclass(field.field_class, PasswordField)}
        found += sorted(secret)
        assert secret <= _passwords(set(fields)), form

    assert found


def test_files_are_named_and_chosen_again(app: Flask, ann: Account):
    organiser = make_organiser("desk")
    make_staff(organiser, ann, "admin")
    client = signed_in(app, ann)

    late = client.post(
        "/manage/desk/brand/logo", data={"logo": (io.BytesIO(b"x"), "gezicht.png")}, headers=OURS
    )

    assert late.status_code == 400
    assert "Kies dit bestand opnieuw: gezicht.png" in late.text
    assert 'enctype="multipart/form-data"' in late.text


def test_too_much_is_not_kept_and_nothing_typed_leads_to_sign_in(app: Flask, ann: Account):
    client = signed_in(app, ann)

    assert "Verstuur opnieuw" not in client.post(AT, data={"name": "x" * 300_000}, headers=OURS).text
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post(AT, data={"form_key": "x"}, headers=OURS).location == "/nl/sign-in"
    background = app.test_client().post(AT, data={"name": "x"}, headers=OURS | {"Sec-Fetch-Mode": "cors"})
    assert background.status_code == 302


@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_an_origin_that_is_no_address_is_none(app: Flask, ann: Account, header: str):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    for bad in ("https://[::1", "https://[x]/", "https://localhost:99999999/"):
        assert (
            app.test_client().post("/nl/links", data={"mail": "x"}, headers={header: bad}).status_code == 400
        ), bad


def test_the_desk_keeps_its_language_for_who_was_signed_out(app: Flask, ann: Account):
    set_password(ann, password_hash=hash_password("a Sentence of my own"), now=clock.now())
    change_profile(ann, name="Ann", language="en", now=clock.now())
    make_staff(make_organiser("kring"), ann, "admin")
    client, at = app.test_client(), "/manage/kring/colleagues/new"
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "nl"
    send(client, "/en/sign-in/password", having="password", mail=ann.mail, password="a Sentence of my own")
    form = form_of(client.get(at).text, having="mail")["values"] | {"mail": "new@x.example"}
    out = form_of(client.get("/en/me").text)
    client.post("/en/sign-out", data=out["values"], headers=OURS | {"Referer": "http://127.0.0.1:8000/en/me"})

    late = client.post(at, data=form, headers=OURS)
    assert (late.status_code, '<html lang="en">' in late.text) == (400, True)
    again = client.post(at, data=form_of(late.text, having="mail")["values"], headers=OURS)
    assert (again.status_code, '<html lang="en">' in again.text) == (401, True)
