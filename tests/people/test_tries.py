"""Nobody can lock anybody out: tries wait for their turn,
half a minute at most, and the owner always gets in.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from learning.factory import create_app
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.mail.models import Message
from learning.people import actions, passwords, tries
from learning.people.models import Account, Throttle
from learning.people.rules import MAIL_PAUSE, OF_STRANGERS, mail_wait, seconds_left, wait_after
from tests.attendance.event import make_event
from tests.conftest import OwnContext, settings
from tests.make import make_account

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "a sentence of my own"
ATTACKER, OWNER = "192.0.2.66", "198.51.100.7"


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(app: Flask, noon: time_machine.Traveller) -> Account:
    account = make_account("ann@x.example", language="en")
    actions.set_password(account, password_hash=passwords.hash_password(PASSWORD), now=NOON)
    return account


def browser(app: Flask, network: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base |= {"REMOTE_ADDR": network}
    return client


def type_password(client: FlaskClient, password: str, mail: str = "ann@x.example") -> TestResponse:
    return client.post("/nl/sign-in/password", data={"mail": mail, "password": password})


def hammer(app: Flask, times: int, network: str = ATTACKER, mail: str = "ann@x.example") -> list[int]:
    client = browser(app, network)
    return [type_password(client, "wrong password", mail).status_code for _ in range(times)]


def told() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.template == "people/many_tries")))


def sent_links() -> int:
    db.session.rollback()
    return db.session.query(Message).filter_by(template="people/sign_in_link").count()


def mails() -> int:
    db.session.rollback()
    return db.session.query(Message).filter_by(address="ann@x.example").count() - len(told())


def test_a_wait_grows_to_half_a_minute_and_no_further() -> None:
    assert [wait_after(count, 10) for count in (0, 9, 10, 11, 12, 13, 14, 15, 10_000)] == [
        0,
        0,
        2,
        4,
        8,
        16,
        30,
        30,
        30,
    ]


@pytest.mark.parametrize(
    ("count", "next_in", "seconds"),
    [
        (9, None, 0),  # few were wrong
        (9, 20, 0),  # told to wait in an hour that is over
        (10, None, 2),  # the first from here after that
        (99, None, 30),
        (99, 30, 30),
        (99, 11.2, 12),  # whole seconds, never too few
        (99, 0.3, 2),
        (99, 0, 0),  # waited long enough, right or wrong
        (99, -3000, 0),
        (99, 500, 30),  # whatever the clock did
    ],
)
def test_who_waits_how_long(count: int, next_in: float | None, seconds: int) -> None:
    next_at = None if next_in is None else NOON + timedelta(seconds=next_in)
    assert seconds_left(count, 10, next_at, NOON) == seconds


@pytest.mark.parametrize(
    ("sent", "mine", "minutes", "known", "wait"),
    [
        (0, 0, None, False, 0),
        (9, 9, 0, False, 0),
        (10, 10, 5, False, 60),  # a flood
        (10, 10, 6, False, 0),
        (19, 1, 0, False, 0),  # somebody who asked once before
        (20, 1, 0, False, 180),
        (20, 1, 2.5, False, 30),
        (20, 1, 3, False, 0),
        (1000, 0, 3, False, 0),
        (20, 9, 0, True, 0),  # the owner on a known device
        (20, 10, 0, True, 360),
    ],
)
def test_when_an_address_gets_another_mail(
    sent: int, mine: int, minutes: float | None, known: bool, wait: int
) -> None:
    next_at = None if minutes is None else NOON - timedelta(minutes=minutes) + MAIL_PAUSE
    assert mail_wait(OF_STRANGERS, sent, mine, next_at, NOON, known_device=known) == wait


@pytest.mark.parametrize("times", [10, 11, 50])
def test_the_owner_gets_in_while_somebody_hammers(
    app: Flask, ann: Account, noon: time_machine.Traveller, times: int
) -> None:
    known = browser(app, OWNER)
    assert type_password(known, PASSWORD).status_code == 302
    known.post("/nl/sign-out")
    assert hammer(app, times) == [422] * min(times, 10) + [429] * max(times - 10, 0)

    assert type_password(known, PASSWORD).status_code == 302  # a known device does not wait

    elsewhere = browser(app, "203.0.113.9")
    first = type_password(elsewhere, PASSWORD)
    assert first.status_code == 429
    wait = int(first.headers["Retry-After"])
    assert 0 < wait <= 30
    for _ in range(wait):
        noon.shift(timedelta(seconds=1))
        hammer(app, 3)
    assert type_password(elsewhere, PASSWORD).status_code == 302


def test_the_wait_never_grows_beyond_half_a_minute_and_tells_nothing(
    app: Flask, ann: Account, noon: time_machine.Traveller
):
    waits = []
    for _ in range(20):
        answer = type_password(browser(app, ATTACKER), "wrong password")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            right = type_password(browser(app, ATTACKER), PASSWORD)
            assert (right.status_code, right.headers["Retry-After"]) == (429, str(waits[-1]))
            noon.shift(timedelta(seconds=waits[-1]))
    assert waits == sorted(waits)
    assert waits[-1] == 30


def test_the_page_says_how_long_and_keeps_what_was_typed_but_the_password(app: Flask, ann: Account) -> None:
    hammer(app, 10)
    page = type_password(browser(app, OWNER), PASSWORD).text
    assert "Wacht nog 2 seconden" in page
    assert 'value="ann@x.example"' in page
    assert PASSWORD not in page


def test_an_unknown_address_waits_as_a_known_one(app: Flask, ann: Account) -> None:
    answers = hammer(app, 14, mail="nobody@x.example")
    assert answers == hammer(app, 14)
    assert len(told()) == 1


def test_the_owner_is_told_once_a_day(app: Flask, ann: Account, noon: time_machine.Traveller) -> None:
    hammer(app, 10)
    assert told() == []
    for network in (ATTACKER, "192.0.2.67"):
        hammer(app, 20, network)
    (message,) = told()
    assert (message.address, message.language) == ("ann@x.example", "en")
    noon.shift(timedelta(hours=23))
    hammer(app, 20)
    assert len(told()) == 1
    noon.shift(timedelta(hours=2))
    hammer(app, 20)
    assert len(told()) == 2


def test_a_known_device_has_a_count_of_its_own_and_a_copy_for_another_account_none(
    app: Flask, ann: Account
) -> None:
    known = browser(app, OWNER)
    type_password(known, PASSWORD)
    known.delete_cookie("session")
    assert [type_password(known, "wrong password").status_code for _ in range(11)] == [422] * 10 + [429]
    assert type_password(browser(app, OWNER), PASSWORD).status_code == 302  # those were no tries of others

    make_account("bob@x.example")
    hammer(app, 10, mail="bob@x.example")
    assert type_password(known, "wrong password", "bob@x.example").status_code == 429


def test_a_forged_device_is_no_known_one(app: Flask, ann: Account) -> None:
    hammer(app, 11)
    client = browser(app, ATTACKER)
    client.set_cookie("device", "WyJhIix7IjEiOjF9XQ.aSBz8A.forged")
    assert type_password(client, PASSWORD).status_code == 429


def test_a_new_password_forgets_the_devices(app: Flask, ann: Account) -> None:
    known = browser(app, OWNER)
    type_password(known, PASSWORD)
    actions.set_password(ann, password_hash=passwords.hash_password(PASSWORD), now=NOON)
    hammer(app, 11)
    assert type_password(known, PASSWORD).status_code == 429


def test_right_passwords_do_not_count(app: Flask, ann: Account) -> None:
    for _ in range(15):
        assert type_password(browser(app, OWNER), PASSWORD).status_code == 302
    db.session.rollback()
    assert {count for (count,) in db.session.execute(select(Throttle.count))} == {0}


def test_a_network_waits_too_whatever_the_address(
    app: Flask, ann: Account, noon: time_machine.Traveller
) -> None:
    for n in range(200):
        tries.take_turn(*tries.gates_of("password", tries.Asker(f"p{n}@x.example", ATTACKER)), now=NOON)
    refused = type_password(browser(app, ATTACKER), PASSWORD)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert type_password(browser(app, OWNER), PASSWORD).status_code == 302
    noon.shift(timedelta(seconds=2))
    assert type_password(browser(app, ATTACKER), PASSWORD).status_code == 302


def test_wrong_passwords_do_not_stop_links_and_links_not_passwords(app: Flask, ann: Account) -> None:
    hammer(app, 30)
    asked = browser(app, ATTACKER).post("/nl/sign-in", data={"mail": "ann@x.example"})
    assert (asked.status_code, sent_links()) == (302, 1)

    make_account("bob@x.example")
    for _ in range(30):
        browser(app, ATTACKER).post("/nl/sign-in", data={"mail": "bob@x.example"})
    assert type_password(browser(app, ATTACKER), "wrong password", "bob@x.example").status_code == 422


def test_a_flood_of_asked_links_answers_alike_and_the_owner_gets_one(
    app: Flask, ann: Account, noon: time_machine.Traveller
) -> None:
    for minute in range(60):
        data = [{"mail": "ann@x.example"}, {"mail": "nobody@x.example"}]
        answers = [browser(app, ATTACKER).post("/nl/sign-in", data=each) for each in data]
        alike = {
            (answer.status_code, answer.location, answer.headers.get("Retry-After")) for answer in answers
        }
        assert len(alike) == 1
        if minute % 7 == 3:
            message = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
            assert message is not None
            assert NOON + timedelta(minutes=minute) - message.made_at < timedelta(minutes=7)
        noon.shift(timedelta(minutes=1))
    assert sent_links() <= 20

    before = sent_links()
    browser(app, OWNER).post("/nl/sign-in", data={"mail": "ann@x.example"})
    assert sent_links() == before + 1  # the owner gets one at once
    newest = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert newest is not None
    path = newest.values["sign_in_url"].removeprefix("http://127.0.0.1:8000")
    assert browser(app, OWNER).post(path).status_code == 302


def test_all_forms_for_everybody_count_together(
    app: Flask, ann: Account, noon: time_machine.Traveller
) -> None:
    """Whatever the forms and the networks, an address gets a
    handful of mails, and the page never says more than was done.
    """
    slug = make_event().programme.slug
    forms = [
        ("/nl/sign-in", {"mail": "ann@x.example"}),
        ("/nl/links", {"mail": "ann@x.example"}),
        (
            f"/nl/programmes/{slug}/registration",
            {"name": "Ann de Boer", "mail": "ann@x.example", "affiliation": ""},
        ),
    ]
    for _ in range(3):
        for n in range(30):
            for page, data in forms:
                browser(app, f"192.0.2.{n}").post(page, data=data)
    assert mails() <= 20

    owner = browser(app, OWNER)
    before = mails()
    assert owner.post(forms[2][0], data=forms[2][1]).headers["Retry-After"] == "2"
    noon.shift(timedelta(seconds=2))
    refused = owner.post(forms[2][0], data=forms[2][1])
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "178")
    assert (
        "Er gingen zo veel mails naar ann@x.example dat we er nu geen sturen. Wacht nog 3 minuten"
        in refused.text
    )
    assert mails() == before
    for _ in range(6):
        noon.shift(timedelta(seconds=30))
        # who asked much waits longer
        browser(app, "192.0.2.1").post("/nl/sign-in", data={"mail": "ann@x.example"})
    sent = owner.post(forms[2][0], data=forms[2][1])
    assert (sent.status_code, mails()) == (302, before + 1)


def test_who_was_only_typed_in_a_form_is_mailed_no_links(app: Flask, noon: time_machine.Traveller) -> None:
    page = f"/nl/programmes/{make_event().programme.slug}/registration"
    browser(app, ATTACKER).post(
        page, data={"name": "Ann de Boer", "mail": "ann@x.example", "affiliation": ""}
    )
    answer = browser(app, ATTACKER).post("/nl/sign-in", data={"mail": "ann@x.example"})
    assert (answer.status_code, mails(), sent_links()) == (302, 1, 0)


def test_who_is_signed_in_floods_no_address_and_work_goes_on(
    app: Flask, ann: Account, noon: time_machine.Traveller
) -> None:
    eva = make_account("eva@x.example")
    for n in range(60):
        tries.take_written(f"p{n}@x.example", by=eva, now=NOON)
    for _ in range(5):
        tries.take_written("bob@x.example", by=eva, now=NOON)
        tries.note_written("bob@x.example", now=NOON)
    with pytest.raises(Refusal) as refused:
        tries.take_written("BOB@x.example", by=eva, now=NOON)
    assert str(refused.value).endswith("Wait another 6 minutes and send it again.")
    tries.take_written("bob@x.example", by=ann, now=NOON)  # who wrote little to it
    tries.take_written("bob@x.example", by=eva, now=NOON + timedelta(minutes=6))
    for n in range(300 - 66):
        tries.take_written(f"q{n}@x.example", by=eva, now=NOON)
    with pytest.raises(Refusal) as many:
        tries.take_written("carl@x.example", by=eva, now=NOON)
    assert (many.value.code, many.value.values["minutes"]) == ("too_often", 60)


def test_two_processes_count_together(app: Flask, ann: Account, database_url: str, tmp_path: Path) -> None:
    other = create_app(settings(tmp_path, database_url))
    other.config["WTF_CSRF_ENABLED"] = False
    other.test_client_class = OwnContext
    with other.app_context():
        assert hammer(other, 6) == [422] * 6
        db.session.remove()
        db.engine.dispose()
    assert hammer(app, 6) == [422] * 4 + [429] * 2


def test_guessing_the_old_password_waits_too(app: Flask, ann: Account) -> None:
    client = browser(app, OWNER)
    type_password(client, PASSWORD)
    new = "another sentence of mine"
    answers = [
        client.post("/nl/me/password", data={"old": "wrong", "password": new, "again": new}).status_code
        for _ in range(11)
    ]
    right = client.post("/nl/me/password", data={"old": PASSWORD, "password": new, "again": new})
    assert answers == [422] * 10 + [429]
    assert (right.status_code, right.headers["Retry-After"]) == (429, "2")
