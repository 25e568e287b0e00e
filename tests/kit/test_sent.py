"""A form that is sent twice does its work once, whoever is first, and both get the same answer."""

import secrets
import threading
import time as stopwatch
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, get_flashed_messages, redirect
from sqlalchemy import func, select

from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.models import Seat
from learning.kit import clock, sent
from learning.kit.access import allow_anyone
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.forms import Form
from learning.kit.sent import KEPT, FormKey
from learning.mail.models import Message
from learning.organisations.models import Organisation
from learning.programmes.models import Session
from tests.browse import form_of, send
from tests.make import enter, make_account, make_event, make_organiser, make_registration, make_staff


@pytest.fixture(autouse=True)
def answers_instead_of_tracebacks(app: Flask) -> None:
    """What a person would read."""
    app.config["PROPAGATE_EXCEPTIONS"] = False


def at_once(app: Flask, url: str, sent: list[dict[str, str]]) -> list[tuple[int, str]]:
    """Send these at the same moment; what each got, and where it leads."""
    answers: list[tuple[int, str]] = []
    barrier = threading.Barrier(len(sent))

    def go(data: dict[str, str]) -> None:
        client = app.test_client()
        barrier.wait()
        with app.app_context():
            answer = client.post(url, data=data)
            answers.append((answer.status_code, answer.location))
            db.session.remove()

    threads = [threading.Thread(target=go, args=(data,)) for data in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def seats(programme: Any) -> dict[int, Session]:
    """The sessions by id of their round."""
    found = select(Session).where(Session.programme_id == programme.id).order_by(Session.id)
    return {session.round_id: session for session in db.session.scalars(found)}


def count(model: Any) -> int:
    """How many rows there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_two_clicks_at_the_same_moment_do_one_thing_and_answer_alike(app: Flask):
    programme = make_event(slug="the-day", capacities=((1, 2),))
    for n in range(6):
        person = make_registration(programme, f"P{n}", f"p{n}@x.example")
        url = f"/nl/registrations/{own_token(person)}/withdrawal"
        values = form_of(app.test_client().get(url).text)["values"]
        mails = count(Message)

        answers = at_once(app, url, [values, values, values])

        assert answers == [(302, "/nl/programmes/the-day/registration/withdrawn")] * 3
        assert count(Message) == mails + 1


def test_two_clicks_on_a_choice_lead_both_to_the_own_page(app: Flask):
    programme = make_event(capacities=((5, 5),))
    [(round_id, session)] = seats(programme).items()
    for n in range(4):
        ann = make_registration(programme, f"P{n}", f"p{n}@x.example")
        page = f"/nl/registrations/{own_token(ann)}"
        values = form_of(app.test_client().get(f"{page}/choices").text)["values"] | {
            f"round_{round_id}": str(session.id)
        }

        answers = at_once(app, f"{page}/choices", [values, values])

        assert answers == [(302, page)] * 2
    assert count(Seat) == 4


def test_a_second_click_gets_the_first_answer_though_the_page_would_say_otherwise(app: Flask):
    """Who withdrew has no page any more: the second click does not hear that its address is unknown."""
    programme = make_event(slug="the-day", capacities=((1, 2),))
    url = f"/nl/registrations/{own_token(make_registration(programme, 'Ann'))}/withdrawal"
    client = app.test_client()
    values = form_of(client.get(url).text)["values"]

    first, second = client.post(url, data=values), client.post(url, data=values)

    assert first.location == second.location == "/nl/programmes/the-day/registration/withdrawn"
    assert client.get(url).status_code == 404


def test_the_answer_is_where_the_first_one_really_led(app: Flask, sign_in: Any):
    """Rows of the desk name no answer beforehand: it is that of the first."""
    organiser = make_organiser("desk")
    account = make_account("staff@x.example")
    make_staff(organiser, account, "admin")
    client = sign_in(account)
    at = "/manage/desk/organisations/new"
    values = form_of(client.get(at).text)["values"] | {"name": "Zutphen"}

    first, second = client.post(at, data=values), client.post(at, data=values)

    assert (first.status_code, second.status_code) == (302, 302)
    assert second.location == first.location != at
    assert count(Organisation) == 1


def test_other_content_with_a_used_key_is_a_sending_of_its_own(app: Flask):
    make_event(slug="the-day")
    url = "/nl/programmes/the-day/registration"
    client = app.test_client()
    page = form_of(client.get(url).text)["values"]
    for name, mail in (("Ann", "ann@x.example"), ("Bo", "bo@x.example"), ("Bo", "bo@x.example")):
        answer = client.post(url, data=page | {"name": name, "mail": mail, "affiliation": "", "agree": "y"})
        assert answer.status_code == 302

    names = sorted(row.person.name for row in db.session.scalars(select(Registration)))
    assert names == ["Ann", "Bo"]


def test_back_and_forth_with_one_key_ends_at_what_was_sent_last(app: Flask):
    account = make_account("ann@x.example")
    client = enter(app.test_client(), account)
    values = form_of(client.get("/nl/me/profile").text, having="name")["values"]
    for name in ("One", "Two", "One"):
        client.post("/nl/me/profile", data=values | {"name": name})
    db.session.rollback()
    db.session.refresh(account)

    assert account.name == "One"


def trying(app: Flask, act: Any) -> None:
    """A page at /try whose form does `act`, which is no action by itself."""

    def view() -> Any:
        allow_anyone()
        form = Form()
        if form.submitted():
            with form.refusals("/done"):
                act()
                return redirect("/done")
        return "page", form.status

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/try", "try", view, methods=["GET", "POST"])


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("http://127.0.0.1:8000/nl/me?x=1", "/nl/me"),
        ("http://127.0.0.1:8000//evil.example/x", "/"),
        ("http://127.0.0.1:8000/\\evil.example/x", "/"),
        ("http://evil.example/nl/me", "/"),
        ("", "/"),
    ],
)
def test_what_was_sent_before_leads_to_no_other_site(own_app: Flask, referer: str, page: str):
    """Of an address that only takes forms, the page of the form is known by the Referer alone."""

    def view() -> Any:
        allow_anyone()
        write()
        raise RuntimeError("stored, and not answered")

    own_app.add_url_rule("/try", "try", view, methods=["POST"])
    own_app.config["PROPAGATE_EXCEPTIONS"] = False
    client = own_app.test_client()

    answers = [client.post("/try", data={"form_key": "k"}, headers={"Referer": referer}) for _n in range(2)]

    assert [answer.status_code for answer in answers] == [500, 302]
    assert answers[1].location == page


@transaction()
def write() -> None:
    """One more mail, whoever asks."""
    once = secrets.token_hex(8)
    common = {
        "template": "x",
        "language": "nl",
        "address": "a@x.example",
        "values": {},
        "made_at": clock.now(),
    }
    db.session.add(Message(**common, once=once, message_id=once, due_at=clock.now()))


@pytest.mark.parametrize("steps", [1, 2])
def test_many_clicks_do_the_work_once_however_often_it_could_be_done(own_app: Flask, steps: int):
    def act() -> None:
        for _ in range(steps):
            write()

    trying(own_app, act)
    for n in range(4):
        assert at_once(own_app, "/try", [{"form_key": f"k{n}"}] * 4) == [(302, "/done")] * 4
        assert count(Message) == (n + 1) * steps


@pytest.mark.parametrize("first", [False, True], ids=["at once", "after a first action"])
def test_a_refusal_frees_the_key(own_app: Flask, first: bool):
    """Full today is not full for ever: the same form can be sent again, and then it does something."""
    full, done = [True], []

    @transaction()
    def take() -> None:
        if full[0]:
            raise Refusal("full", "All places are taken.")
        done.append(1)

    def act() -> None:
        if first:
            write()
        take()

    trying(own_app, act)
    codes = []
    for full[0] in (True, False, False):
        codes.append(own_app.test_client().post("/try", data={"form_key": "k"}).status_code)

    assert (codes, done) == ([409, 302, 302], [1])


@pytest.mark.parametrize("stored", [True, False])
def test_what_was_stored_and_went_wrong_is_said_and_what_was_not_is_done_anew(own_app: Flask, stored: bool):
    wrong = [True]

    @transaction()
    def stop() -> None:
        if wrong[0]:
            raise RuntimeError("something broke")

    def view() -> Any:
        allow_anyone()
        if Form().submitted():
            for step in (write, stop) if stored else (stop, write):
                step()
            return redirect("/done")
        return " ".join(get_flashed_messages())

    own_app.config["PROPAGATE_EXCEPTIONS"] = False
    own_app.add_url_rule("/try", "try", view, methods=["GET", "POST"])
    client = own_app.test_client()
    began = stopwatch.monotonic()
    assert client.post("/try", data={"form_key": "k"}).status_code == 500
    wrong[0] = False
    second = client.post("/try", data={"form_key": "k"})

    assert count(Message) == 1
    assert second.location == ("/try" if stored else "/done")
    assert ("al ontvangen" in client.get("/try").text) is stored
    assert stopwatch.monotonic() - began < sent.PATIENCE


def test_keys_keep_no_secret_of_an_address(app: Flask):
    programme = make_event(capacities=((5,),))
    ann = make_registration(programme, "Ann")
    token = own_token(ann)
    send(app.test_client(), f"/nl/registrations/{token}", having="form_key")

    rows = db.session.scalars(select(FormKey)).all()
    assert [row.answer for row in rows] == ["/nl/registrations/<token>#calendar"]
    assert token not in repr([vars(row) for row in rows])


def test_keys_keep_no_secret_to_which_a_form_leads(app: Flask, sign_in: Any):
    """Who is signed in comes from the form to their own page;
    the second click finds it on the page of all that is theirs.
    """
    make_event(slug="the-day")
    client = sign_in(make_account("ann@x.example"))
    url = "/nl/programmes/the-day/registration"
    values = form_of(client.get(url).text, having="form_key")["values"]
    values |= {"name": "Ann", "mail": "ann@x.example", "affiliation": "", "agree": "y"}

    first, second = client.post(url, data=values), client.post(url, data=values)

    token = own_token(db.session.scalars(select(Registration)).one())
    assert token in first.location
    assert second.location == "/nl/me"
    assert token not in repr([vars(row) for row in db.session.scalars(select(FormKey))])


def test_two_clicks_on_the_link_that_signs_in(app: Flask):
    from learning.people.actions import ask_link

    make_account("ann@x.example")
    ask_link("ann@x.example", next_url=None, language="nl", now=clock.now())
    url = db.session.scalars(select(Message)).one().values["sign_in_url"].partition("8000")[2]
    client = app.test_client()
    values = form_of(client.get(url).text)["values"]

    first, second = client.post(url, data=values), app.test_client().post(url, data=values)

    assert (first.status_code, second.status_code) == (302, 302)
    assert second.location == first.location


def test_a_password_signs_in_again_from_the_same_page(app: Flask):
    from learning.people.actions import set_password

    account = make_account("ann@x.example")
    weak = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("a long enough password")
    # so that signing in writes: it keeps a stronger one
    set_password(account, password_hash=weak, now=clock.now())
    client = app.test_client()
    values = form_of(client.get("/nl/sign-in/password").text)["values"]
    values |= {"mail": "ann@x.example", "password": "a long enough password"}
    for _ in range(2):
        client.post("/nl/sign-in/password", data=values)
        assert client.get("/nl/me").status_code == 200
        client.post("/nl/sign-out")


def test_a_password_sent_twice_at_once_signs_in_by_each_answer(app: Flask):
    """A browser keeps the answer to the second click alone."""
    from learning.people.actions import set_password
    from learning.people.passwords import hash_password

    account = make_account("ann@x.example")
    set_password(account, password_hash=hash_password("a long enough password"), now=clock.now())
    db.session.rollback()
    values = form_of(app.test_client().get("/nl/sign-in/password").text)["values"]
    values |= {"mail": "ann@x.example", "password": "a long enough password"}
    clients = [app.test_client() for _ in range(2)]

    answers = [client.post("/nl/sign-in/password", data=values) for client in clients]

    assert [answer.location for answer in answers] == ["/nl/me"] * 2
    assert [client.get("/nl/me").status_code for client in clients] == [200] * 2
    assert at_once(app, "/nl/sign-in/password", [values] * 4) == [(302, "/nl/me")] * 4
    assert count(FormKey) == 0


def test_keys_are_forgotten_after_some_days(app: Flask):
    now = clock.now()

    @transaction()
    def add(key: str, at: Any) -> None:
        db.session.add(FormKey(key=key, sent="x", answer="/", at=at))

    add("old", now - KEPT - timedelta(minutes=1))
    add("new", now - timedelta(days=1))

    sent.tidy_due()

    assert list(db.session.scalars(select(FormKey.key))) == ["new"]
