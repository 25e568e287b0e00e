"""The demo as the world of the stories: its people, pages and mails."""

import re
from datetime import date

from flask import Flask
from flask.testing import FlaskClient

from learning.demo.people import people
from learning.kit.db import db
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.people.models import Account
from tests.make import enter

TODAY = date(2026, 11, 24)


def browser_of(app: Flask, role: str, organisation: str | None = None) -> FlaskClient:
    """A browser in which somebody of the demo is signed in."""
    person = next(p for p in people() if p.role == role and organisation in (None, p.organisation))
    account = db.session.get_one(Account, person.account_id)
    return enter(app.test_client(), account)


def last_mail(to: str) -> tuple[str, str]:
    """Subject and text of the newest mail to this address."""
    db.session.rollback()
    message = db.session.query(Message).filter_by(address=to).order_by(Message.id.desc()).first()
    assert message is not None, f"no mail to {to}"
    mail, text = compose(message)
    return mail["Subject"], text


def mails(to: str) -> int:
    """How many mails this address got."""
    db.session.rollback()
    return db.session.query(Message).filter_by(address=to).count()


def path_in(text: str, piece: str) -> str:
    """The path of the first address in a text that holds this piece."""
    found = next((a for a in re.findall(r"https?://[^\s/]+(/[^\s\"]*)", text) if piece in a), None)
    assert found is not None, f"no address with {piece} in: {text}"
    return str(found)


def radio(text: str, code: str) -> tuple[str, str]:
    """Name and value of the radio for the session with this code."""
    part = text[text.index(f'aria-hidden="true">{code}</span>') :]
    found = re.search(r'<input\s+type="radio"\s+name="(round_\d+)"\s+value="(\d+)"', part)
    assert found, f"no radio for {code}"
    return found[1], found[2]
