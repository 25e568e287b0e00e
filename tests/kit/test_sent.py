"""A form that is sent twice does its work once, whoever is first, and both get the same answer."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.models import Seat
from learning.kit import clock, sent
from learning.kit.db import db, transaction
from learning.kit.sent import KEPT, FormKey
from learning.mail.models import Message
from learning.organisations.models import Organisation
from learning.programmes.models import Session
from tests.browse import form_of, send
from tests.make import make_account, make_event, make_organiser, make_registration, make_speaker, make_staff

TEMPLATES = Path(__file__).parent.parent.parent / "templates"


@pytest.fixture(autouse=True)
def answers_instead_of_tracebacks(app: Flask) -> None:
    """What a person would read."""
    app.config["PROPAGATE_EXCEPTIONS"] = False


def at_once(app: Flask, url: str, sent: list[dict[str, str]], cookies: str = "") -> list[tuple[int, str]]:
    """Send these at the same moment; what each got, and where it leads."""
    answers: list[tuple[int, str]] = []
    barrier = threading.Barrier(len(sent))

    def go(data: dict[str, str]) -> None:
        client = app.test_client()
        if cookies:
            client.set_cookie("session", cookies)
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
    programme = make_event(capacities=((1, 2),))
    for n in range(6):
        url = f"/nl/registrations/{own_token(make_registration(programme, f'P{n}', f'p{n}@x.example'))}/withdrawal"
        values = form_of(app.test_client().get(url).text)["values"]
        mails = count(Message)

        answers = at_once(app, url, [values, values, values])

        assert answers == [(302, "/nl/programmes/event/registration/withdrawn")] * 3
        assert count(Message) == mails + 1


def test_two_clicks_on_a_choice_lead_both_to_the_own_page(app: Flask):
    programme = make_event(capacities=((5, 5),))
    [(round_id, session)] = seats(programme).items()
    for n in range(4):
        ann = make_registration(programme, f"P{n}", f"p{n}@x.example")
        page = f"/nl/registrations/{own_token(ann)}"
        values = form_of(app.test_client().get(f"{page}/choices").text)["values"] | {f"round_{round_id}": str(session.id)}

        answers = at_once(app, f"{page}/choices", [values, values])

        assert answers == [(302, page)] * 2
    assert count(Seat) == 4


def test_a_second_click_gets_the_first_answer_though_the_page_would_say_otherwise(app: Flask):
    """An offer that was taken is no offer any more: who clicked twice hears of the place, not of that."""

    programme = make_event(capacities=((1, 2),))
    url = f"/nl/registrations/{own_token(make_registration(programme, 'Ann'))}/withdrawal"
    client = app.test_client()
    values = form_of(client.get(url).text)["values"]

    first, second = client.post(url, data=values), client.post(url, data=values)

    assert (second.status_code, second.location) == (first.status_code, first.location)


def test_the_answer_is_where_the_first_one_really_led(app: Flask, sign_in: Any):
    """Taking an organisation's row away and the like name no answer beforehand: it is that of the first."""
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
    programme = make_event(capacities=((5, 5),))
    ann = make_registration(programme, "Ann")
    url = f"/nl/registrations/{own_token(ann)}/invitations"
    organiser = programme.organiser
    account = make_account("ann@x.example")
    make_staff(organiser, account, "admin")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = account.get_id()
    at = "/nl/me/profile"
    values = form_of(client.get(at).text, having="name")["values"]
    for name in ("One", "Two", "One"):
        client.post(at, data=values | {"name": name})
    db.session.rollback()
    db.session.refresh(account)

    assert account.name == "One"
    assert url


def test_a_refusal_frees_the_key(app: Flask):
    programme = make_event(capacities=((1,),))
    [(round_id, session)] = seats(programme).items()
    ann = make_registration(programme, "Ann")
    url = f"/nl/registrations/{own_token(ann)}/choices"
    values = form_of(app.test_client().get(url).text)["values"] | {f"round_{round_id}": "999999"}

    refused = app.test_client().post(url, data=values)
    again = app.test_client().post(url, data=values)

    assert (refused.status_code, again.status_code) == (again.status_code, 422)
    assert count(FormKey) == 0
    assert session


def test_keys_keep_no_secret_of_an_address(app: Flask):
    programme = make_event(capacities=((5,),))
    ann = make_registration(programme, "Ann")
    token = own_token(ann)
    send(app.test_client(), f"/nl/registrations/{token}", having="form_key")

    rows = db.session.scalars(select(FormKey)).all()
    assert [row.answer for row in rows] == ["/nl/registrations/<token>#calendar"]
    assert token not in repr([vars(row) for row in rows])


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
    from learning.people.passwords import hash_password

    account = make_account("ann@x.example")
    set_password(account, password_hash=hash_password("a long enough password"), now=clock.now())
    client = app.test_client()
    values = form_of(client.get("/nl/sign-in/password").text)["values"]
    values |= {"mail": "ann@x.example", "password": "a long enough password"}
    for _ in range(2):
        client.post("/nl/sign-in/password", data=values)
        assert client.get("/nl/me").status_code == 200
        client.post("/nl/sign-out")


def test_keys_are_forgotten_after_some_days(app: Flask):
    now = clock.now()

    @transaction()
    def add(key: str, at: Any) -> None:
        db.session.add(FormKey(key=key, sent="x", answer="/", at=at))

    add("old", now - KEPT - timedelta(minutes=1))
    add("new", now - timedelta(days=1))

    sent.tidy_due()

    assert list(db.session.scalars(select(FormKey.key))) == ["new"]


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda t: str(t.relative_to(TEMPLATES)))
def test_every_form_that_posts_carries_a_key(template: Path):
    """`hidden(form)` or `sealed()`: a button that is pressed twice does its work once."""
    text = template.read_text()
    for form in text.split('<form method="post"')[1:]:
        assert "sealed()" in form.partition("</form>")[0] or "hidden(" in form.partition("</form>")[0]


def test_speakers_may_press_twice(app: Flask):
    assert make_speaker
