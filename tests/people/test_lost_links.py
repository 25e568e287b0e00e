"""Who lost a link gets all links of the address by mail; who has none reads the same."""

import re

from flask import Flask
from sqlalchemy import func, select

from learning.attendance.feeds import renew_feed
from learning.attendance.models import Registration
from learning.kit import clock
from learning.kit.db import db
from learning.mail.delivery import compose
from learning.mail.models import Message
from tests.browse import form_of, send, words_of
from tests.secret_pages import make_secret_pages


def mailed(address: str) -> list[str]:
    """The paths of the links in the mail to this address."""
    db.session.rollback()
    mine = select(Message).where(Message.template == "people/own_links", Message.address == address)
    message = db.session.scalars(mine).one()
    return re.findall(r"http://127\.0\.0\.1:8000(\S+)", compose(message)[1])


def test_every_kind_of_link_is_mailed_to_its_own_address(app: Flask):
    pages = make_secret_pages()
    for name in ("dee", "eve", "ada"):
        send(app.test_client(), "/nl/links", having="mail", mail=f"{name.upper()}@x.example")

    assert mailed("dee@x.example") == [pages["schedules.mine"], pages["schedules.feed"], "/nl/sign-in"]
    assert pages["delegations.invitations"] in mailed("eve@x.example")
    assert mailed("ADA@x.example")[0] == pages["speakers.hand_in"]


def test_what_is_not_confirmed_or_ended_is_not_mailed(app: Flask):
    make_secret_pages()
    for name in ("ann", "new", "nobody"):  # withdrew; not confirmed; unknown
        send(app.test_client(), "/nl/links", having="mail", mail=f"{name}@x.example")

    assert db.session.scalars(select(Message).where(Message.template == "people/own_links")).all() == []


def test_the_answer_is_the_same_with_and_without_links(app: Flask):
    make_secret_pages()
    asked = ("dee@x.example", "nobody@x.example")
    answers = [
        words_of(send(app.test_client(), "/nl/links", having="mail", mail=mail).text) for mail in asked
    ]

    assert answers[0] == answers[1]
    assert "onderweg in één e-mail" in answers[0]


def test_the_page_of_a_renewed_link_leads_there_and_is_that_of_an_unknown_one(app: Flask):
    pages = make_secret_pages()
    with_feed = select(Registration).where(Registration.feed_hash.is_not(None)).order_by(Registration.id)
    registration = db.session.scalars(with_feed).all()[3]
    assert registration.person.name == "Dee"
    renew_feed(registration, now=clock.now())
    client = app.test_client()
    looking = {"Accept": "text/html"}
    renewed = client.get(pages["schedules.feed"], headers=looking)
    unknown = client.get("/calendars/unknown.ics", headers=looking)

    assert (renewed.status_code, words_of(renewed.text)) == (404, words_of(unknown.text))
    form = form_of(renewed.text, having="mail")
    sent = client.post(form["action"], data=form["values"] | {"mail": "dee@x.example"}, follow_redirects=True)
    assert "Kijk in je e-mail" in sent.text
    [feed] = [path for path in mailed("dee@x.example") if path.startswith("/calendars/")]
    assert client.get(feed).status_code == 200


def test_who_asks_all_the_time_keeps_nobody_from_their_links(app: Flask):
    make_secret_pages()
    attacker, owner = app.test_client(), app.test_client()
    owner.environ_base |= {"REMOTE_ADDR": "198.51.100.7"}
    codes = [attacker.post("/nl/links", data={"mail": "dee@x.example"}).status_code for _ in range(12)]
    mails = select(func.count()).where(Message.template == "people/own_links")
    flood = db.session.scalar(mails)

    assert (codes, flood) == ([302] * 10 + [429] * 2, 10)
    assert owner.post("/nl/links", data={"mail": "dee@x.example"}).status_code == 302
    db.session.rollback()
    assert db.session.scalar(mails) == flood + 1
    assert owner.post("/nl/links", data={"mail": "no address"}).status_code == 422
