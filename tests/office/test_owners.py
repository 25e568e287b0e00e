"""Owners: who is one, that there is always one, and what they do with organisers and mails."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from learning.kit import clock
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent
from learning.kit.wording import Wording
from learning.mail.actions import queue
from learning.mail.delivery import claim, compose, postpone
from learning.mail.models import Message
from learning.office import actions, organisers, queries
from learning.organisations.models import Organiser
from learning.people.models import Account, SignInLink, Staff
from tests.browse import send, words_of
from tests.choices.test_races import at_once
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_event,
    make_organisation,
    make_organiser,
    make_owner,
    make_person,
)
from tests.make import make_staff as works_for


def mailed() -> list[tuple[str, str]]:
    """Template and address of every mail, in order."""
    return [(row.template, row.address) for row in db.session.scalars(select(Message).order_by(Message.id))]


def run(app: Flask, *words: str) -> tuple[int, str]:
    """Exit status and words of a command."""
    result = app.test_cli_runner().invoke(args=list(words))
    db.session.rollback()
    return result.exit_code, result.output


def test_an_owner_is_added_told_and_removed(app: Flask):
    first = make_owner("first@x.example")
    second = actions.add_owner("Bo", "bo@x.example", language="en", by=first.account, now=NOON)

    assert [owner.account.mail for owner in queries.owners()] == ["first@x.example", "bo@x.example"]
    assert (second.account.name, second.account.language) == ("Bo", "en")
    with pytest.raises(Refusal) as again:
        actions.add_owner("Bo", "BO@x.example", language="en", by=first.account, now=NOON)
    assert again.value.code == "owner_already"
    actions.remove_owner(second.id, by=first.account, now=NOON)
    with pytest.raises(Refusal) as over:
        actions.remove_owner(second.id, by=first.account, now=NOON)
    assert over.value.code == "owner_ended"
    with pytest.raises(Refusal) as last:
        actions.remove_owner(first.id, by=first.account, now=NOON)
    assert last.value.code == "last_owner"
    assert mailed() == [("office/owner_invited", "bo@x.example"), ("office/owner_removed", "bo@x.example")]
    assert [owner.account.mail for owner in queries.owners()] == ["first@x.example"]
    once_more = actions.add_owner("", "bo@x.example", language="nl", by=None, now=NOON)
    # a known account stays as it is
    assert (once_more.account.name, once_more.account.language) == (
        "Bo",
        "en",
    )


def test_of_two_owners_who_remove_each_other_one_stays(app: Flask):
    ids = [make_owner(f"nr{n}@x.example").id for n in range(3)]

    came = at_once(app, [lambda id=id: actions.remove_owner(id, by=None, now=NOON) for id in ids])  # type: ignore[misc]

    assert [code for code in came if isinstance(code, str)] == ["last_owner"]
    db.session.rollback()
    assert len(queries.owners()) == 1


def test_the_same_owner_added_twice_at_once_is_one(app: Flask):
    def add() -> object:
        return actions.add_owner("Bo", "bo@x.example", language="nl", by=None, now=NOON)

    came = at_once(app, [add, add, add])

    assert [code for code in came if isinstance(code, str)] == ["owner_already"] * 2
    db.session.rollback()
    assert len(queries.owners()) == 1


PAGES = ("/installation/", "/installation/organisers", "/installation/organisers/new",
"/installation/organisers/kring/closing",
         "/installation/owners", "/installation/mails")  # fmt: skip


def test_for_everybody_else_these_pages_do_not_exist(app: Flask, sign_in: Any):
    kring = make_organiser("kring")
    owner = make_owner()
    paths = (*PAGES, f"/installation/owners/{owner.id}/removal")
    admin = make_account("admin@x.example")
    works_for(kring, admin)
    contact = make_account("con@x.example")
    make_contact(make_organisation(kring), make_person(kring, "Con", "con@x.example"))
    gone = make_owner("gone@x.example")
    actions.remove_owner(gone.id, by=None, now=NOON)

    for account in (admin, contact, make_account("stranger@x.example"), gone.account):
        client = sign_in(account)
        assert {client.get(path).status_code for path in paths} == {404}, account.mail
        assert {client.post(path).status_code for path in paths if path != "/installation/"} <= {404, 405}, (
            account.mail
        )
    nobody = app.test_client()
    assert {nobody.get(path).status_code for path in paths} == {302}
    assert {sign_in(owner.account).get(path).status_code for path in paths} == {200}
    assert sign_in(owner.account).get("/manage/kring/").status_code == 404  # owning makes nobody staff


def test_an_organiser_with_its_first_administrator(app: Flask, sign_in: Any):
    client = sign_in(make_owner().account)
    typed = {
        "organiser": "Kring West",
        "admin_name": "Ada",
        "admin_mail": "ada@west.example",
        "language": "en",
    }

    done = send(client, "/installation/organisers/new", **typed)

    assert "Kring West is toegevoegd; ada@west.example krijgt een e-mail." in words_of(done.text)
    assert "kring-west open 1 0" in words_of(done.text)
    staff = db.session.scalars(select(Staff)).one()
    account = staff.account
    assert (staff.role, account.name, account.language, staff.organiser.slug) == (
        "admin",
        "Ada",
        "en",
        "kring-west",
    )
    mail, text = compose(db.session.scalars(select(Message)).one())
    assert mail["Subject"] == "You are administrator of Kring West"
    assert "http://127.0.0.1:8000/en/sign-in?next=/manage/kring-west/" in text
    again = send(client, "/installation/organisers/new", **typed)
    assert again.status_code == 409
    assert "Een andere organisator heeft het adres kring-west al." in words_of(again.text)


def test_a_slip_of_the_keyboard_makes_nobody_an_owner(app: Flask, sign_in: Any):
    client = sign_in(make_owner("owner@x.example").account)
    who = {"name": "Bo", "mail": "bo@x.example", "language": "nl"}

    refused = send(client, "/installation/owners", having="mail", **who, mail_again="bob@x.example")
    assert (refused.status_code, "Typ twee keer hetzelfde adres." in words_of(refused.text)) == (422, True)
    assert [owner.account.mail for owner in queries.owners()] == ["owner@x.example"]

    done = send(client, "/installation/owners", having="mail", **who, mail_again="Bo@x.example")
    assert "bo@x.example is nu eigenaar" in words_of(done.text)


def test_the_same_address_at_once_is_one_organiser(app: Flask):
    def add() -> object:
        who: dict[str, Any] = {
            "admin_name": "",
            "admin_mail": "a@x.example",
            "language": "nl",
            "by": None,
            "now": NOON,
        }
        return organisers.add_organiser(organisers.NewOrganiser("Kring"), **who)

    came = at_once(app, [add, add, add])

    assert [code for code in came if isinstance(code, str)] == ["slug_taken"] * 2
    db.session.rollback()
    assert len(db.session.scalars(select(Organiser)).all()) == 1


def test_a_closed_organiser_says_so_everywhere_and_comes_back_as_it_was(app: Flask, sign_in: Any):
    kring = make_organiser("kring", name="Kring")
    make_event(kring, slug="the-day")
    admin = make_account("admin@x.example")
    works_for(kring, admin)
    owner = make_owner()
    nobody = app.test_client()
    assert "the-day" in nobody.get("/nl/programmes").text

    unsure = send(sign_in(owner.account), "/installation/organisers/kring/closing", closing_nl="Tot ziens.")
    assert unsure.status_code == 422
    assert "Tot ziens." in unsure.text
    send(sign_in(owner.account), "/installation/organisers/kring/closing", closing_nl="Tot ziens.", sure="y")

    assert "the-day" not in nobody.get("/nl/programmes").text
    for path in ("", "/registration", "/interest"):
        page = nobody.get(f"/nl/programmes/the-day{path}")
        assert page.status_code == (409 if path else 200), path
        if path != "/interest":
            assert "Kring is hier gestopt." in words_of(page.text), path
            assert "Tot ziens." in words_of(page.text), path
    refused = nobody.post(
        "/nl/programmes/the-day/registration", data={"name": "Ann", "mail": "ann@x.example"}
    )
    assert refused.status_code == 409
    assert sign_in(admin).get("/nl/programmes/the-day/delegation").status_code == 409
    desk = sign_in(admin).get("/manage/kring/")
    assert "Kring is gesloten. Je kunt alles bekijken en meenemen" in words_of(desk.text)
    assert sign_in(admin).get("/manage/kring/programmes/new").status_code == 200
    denied = sign_in(admin).post("/manage/kring/programmes/new", data={"title_nl": "x"})
    assert denied.status_code == 409
    assert "Deze organisator is gesloten" in words_of(denied.text)
    message = db.session.scalars(select(Message).where(Message.template == "office/closed")).one()
    assert message.address == "admin@x.example"
    assert "Tot ziens." in compose(message)[1]

    sign_in(owner.account).post("/installation/organisers/kring/opening", data={"form_key": "x"})

    assert "the-day" in nobody.get("/nl/programmes").text
    assert "Tot ziens." not in nobody.get("/nl/programmes/the-day").text
    assert nobody.get("/nl/programmes/the-day/registration").status_code == 200
    assert mailed()[-1] == ("office/reopened", "admin@x.example")
    done = [
        event.verb for event in db.session.scalars(select(AuditEvent).where(AuditEvent.thing == "organiser"))
    ]
    assert done == ["closed", "reopened"]


def test_closing_twice_is_told(app: Flask):
    kring = make_organiser("kring")
    organisers.close_organiser(kring.id, Wording(), by=None, now=NOON)

    with pytest.raises(Refusal) as no:
        organisers.close_organiser(kring.id, Wording(), by=None, now=NOON)
    assert no.value.code == "closed_already"


def failing(n: int) -> Message:
    """A mail that was tried once and not taken."""
    at = clock.now() - timedelta(hours=1)
    sane: dict[str, Any] = {"name": "", "language": "nl", "values": {}, "organiser_id": None, "now": at}
    queue("office/owner_removed", to=f"x{n}@x.example", once=f"x{n}", **sane)
    message = claim(now=at)
    assert message is not None
    postpone(message.id, error="ConnectionRefusedError: no", now=clock.now())
    return message


def test_mails_that_did_not_go_out_are_tried_again_one_or_all(app: Flask, sign_in: Any):
    one, two = failing(1), failing(2)
    client = sign_in(make_owner().account)

    page = client.get("/installation/mails").text
    assert "De mailserver antwoordt niet op de naam en poort uit de instellingen." in words_of(page)
    assert "x1@x.example" in page
    client.post("/installation/mails", data={"form_key": "k1", "id": str(one.id)})

    db.session.rollback()
    waiting = {row.id: row.tries for row in db.session.scalars(select(Message))}
    assert waiting == {one.id: 0, two.id: 1}
    for nobody in ("9" * 30, "9" * 5000, "²", "x"):
        assert client.post("/installation/mails", data={"form_key": "k3", "id": nobody}).status_code == 404
    client.post("/installation/mails", data={"form_key": "k2", "id": ""})
    db.session.rollback()
    assert [row.tries for row in db.session.scalars(select(Message))] == [0, 0]
    assert "Alle e-mail is verstuurd" in words_of(client.get("/installation/mails").text)
    told = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    assert [event.words for event in told] == ["x1@x.example", "x2@x.example"]


def test_a_mail_that_is_being_sent_is_left_alone(app: Flask):
    message = failing(1)
    busy = claim(now=clock.now() + timedelta(hours=1))
    assert busy is not None

    assert actions.retry_mails([message.id], by=make_owner().account, now=clock.now()) == 0


def test_the_commands_say_what_they_did_and_end_with_1_on_a_no(app: Flask):
    assert run(app, "owner", "add", "bo@x.example", "--name", "Bo") == (
        0,
        "bo@x.example is an owner now and gets a mail.\n",
    )
    status, words = run(app, "owner", "remove", "bo@x.example")
    assert (status, "This is the last owner." in words) == (1, True)
    assert run(app, "owner", "add", "no address")[0] == 2
    status, words = run(app, "organiser", "add", "Kring Zuid", "--admin", "ada@x.example", "--colour", "abc")
    assert (status, words) == (
        0,
        "Kring Zuid is made, with the address kring-zuid. ada@x.example gets a mail.\n",
    )
    assert db.session.scalars(select(Organiser.brand_colour)).all() == ["#aabbcc"]
    status, words = run(app, "organiser", "add", "Kring Zuid", "--admin", "ada@x.example")
    assert (status, "Another organiser has the address kring-zuid" in words) == (1, True)
    status, words = run(app, "organiser", "add", "Zuid\nX", "--admin", "ada@x.example")
    assert (status, "without line ends" in words) == (1, True)
    phishing = "Sign in at https://evil.example"
    for command in (
        ("owner", "add", "bea@x.example", "--name", phishing),
        ("organiser", "add", phishing, "--admin", "ada@x.example"),
        ("organiser", "add", "Kring West", "--admin", "new@x.example", "--name", phishing),
        ("staff", "add", "kring-zuid", "bea@x.example", "--role", "reader", "--name", phishing),
    ):
        status, words = run(app, *command)
        assert (status, "Write a name without a web or mail address" in words) == (1, True), command
    assert run(app, "organiser", "close", "kring-zuid", "--notice", "Dag")[0] == 0
    assert "kring-zuid\tKring Zuid\tclosed since" in run(app, "organiser", "list")[1]
    assert run(app, "organiser", "close", "kring-zuid")[0] == 1
    assert run(app, "organiser", "reopen", "kring-zuid")[0] == 0
    status, words = run(app, "organiser", "close", "nowhere")
    assert (status, "There is no organiser" in words) == (1, True)
    assert run(app, "owner", "list")[1].startswith("bo@x.example\tBo\tsince ")


def test_a_printed_link_signs_in_once_and_makes_nobody(app: Flask):
    make_account("ann@x.example")

    status, words = run(app, "sign-in-link", "ANN@x.example")
    assert status == 0
    path = re.search(r"http://127\.0\.0\.1:8000(/nl/sign-in/\S+)", words)
    assert path is not None
    client = app.test_client()
    assert send(client, path[1]).request.path == "/nl/me"
    assert app.test_client().get(path[1]).status_code == 409
    status, words = run(app, "sign-in-link", "nobody@x.example")
    assert (status, "No account was made." in words) == (1, True)
    assert (
        len(db.session.scalars(select(Account)).all())
        == len(db.session.scalars(select(SignInLink)).all())
        == 1
    )
