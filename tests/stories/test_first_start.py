"""From nothing to a desk: an empty database, the printed
address, the first start, and a list that ticks itself.
"""

import re

from flask import Flask
from sqlalchemy import select

from learning.kit import clock
from learning.kit.db import db
from learning.mail.delivery import claim, mark_sent, postpone
from learning.mail.models import Message
from learning.people.models import Account
from tests.browse import links, send, words_of

WHO = {
    "name": "Noor Bakker",
    "mail": "noor@buurtkring.example",
    "organiser": "Buurtkring Oost",
    "slug": "",
    "plate": "",
}
PASSWORD = {"password": "een lange zin van mij", "again": "een lange zin van mij"}


def printed(app: Flask) -> str:
    """The path of the address that `flask prepare` prints; empty when it prints none."""
    result = app.test_cli_runner().invoke(args=["prepare"])
    assert result.exit_code == 0, result.output
    found = re.search(r"http://127\.0\.0\.1:8000(/nl/first-start/\S+)", result.output)
    return found[1] if found else ""


def deliver(error: str = "") -> None:
    """What the worker does with one mail: the server takes it, or says no."""
    message = claim(now=clock.now())
    assert message is not None
    if error:
        postpone(message.id, error=error, now=clock.now())
    else:
        mark_sent(message.id, text="sent", now=clock.now())


def test_from_an_empty_database_to_a_desk_that_says_what_comes_next(app: Flask):
    visitor = app.test_client()
    empty = words_of(visitor.get("/nl/programmes").text)
    assert "Nog geen programma’s gepubliceerd" in empty
    assert "nog leeg: er is nog geen organisator" in empty
    assert "flask --app app prepare" in empty

    address = printed(app)
    noor = app.test_client()
    done = send(noor, address, **WHO, **PASSWORD)

    words = words_of(done.text)
    assert done.request.path == "/manage/buurtkring-oost/beginning"
    assert "Je straat in aanbouw 1 van 7 stappen klaar" in words
    assert "Buurtkring Oost" in words
    assert "Stuur jezelf een proefbericht" in words
    assert "/manage/buurtkring-oost/beginning" in links(noor.get("/manage/buurtkring-oost/").text)
    assert "De installatie" in words_of(noor.get("/nl/me").text)
    assert "Noor Bakker" in words_of(noor.get("/installation/owners").text)

    assert printed(app) == ""  # somebody has begun
    published = words_of(visitor.get("/nl/programmes").text)
    assert "Zodra een organisator een programma publiceert" in published
    assert "nog leeg" not in published


def test_a_mail_to_oneself_ticks_once_it_is_sent_and_says_in_words_why_not(app: Flask):
    noor = app.test_client()
    send(noor, printed(app), **WHO, **PASSWORD)
    here = "/manage/buurtkring-oost/beginning?step=mail"

    send(noor, here)
    assert "Onderweg naar noor@buurtkring.example" in words_of(noor.get(here).text)

    deliver(error="ConnectionRefusedError: [Errno 111] Connection refused")
    words = words_of(noor.get(here).text)
    assert "is niet verstuurd. Het wordt vanzelf opnieuw geprobeerd." in words
    assert "De mailserver antwoordt niet op de naam en poort uit de instellingen." in words
    assert "1 van 7" in words

    send(noor, here)
    deliver()
    words = words_of(noor.get(here).text)
    assert "2 van 7 stappen klaar" in words
    assert "Verstuurd naar noor@buurtkring.example om" in words
    addresses = set(db.session.scalars(select(Message.address)))
    assert addresses == {"noor@buurtkring.example"}


def test_the_password_of_the_first_start_signs_in(app: Flask):
    send(app.test_client(), printed(app), **WHO, **PASSWORD)
    other = app.test_client()

    answer = send(other, "/nl/sign-in/password", mail=WHO["mail"], password=PASSWORD["password"])

    assert answer.request.path == "/nl/me"
    assert "Buurtkring Oost" in words_of(answer.text)


def test_without_a_password_links_by_mail_are_the_way_in(app: Flask):
    done = send(app.test_client(), printed(app), **WHO)

    assert done.request.path == "/manage/buurtkring-oost/beginning"
    assert db.session.scalars(select(Account.password_hash)).all() == [None]
