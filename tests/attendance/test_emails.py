"""Every mail about a registration has its three parts, the link, and the names as people wrote them."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from learning.attendance import actions
from learning.kit.db import db
from learning.mail.delivery import compose
from learning.mail.models import Message
from tests.attendance.event import NOON, make_event, newest

NAME = "Ann <b>van</b> Dijk"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_mail_is_complete(app: Flask, language: str) -> None:
    event = make_event()
    ann: dict[str, Any] = {
        "name": NAME,
        "mail": "ann@x.example",
        "language": language,
        "price": None,
        "now": NOON,
    }
    actions.register(event.picture, **ann, verified=False)
    actions.confirm(newest(), now=NOON)
    actions.register(event.picture, **ann, verified=False)
    actions.withdraw(newest(), now=NOON)

    messages = list(db.session.scalars(select(Message).order_by(Message.id)))
    templates = [message.template.rpartition("/")[2] for message in messages]
    assert templates == ["confirm", "confirmed", "registered_already", "withdrawn"]
    for message in messages:
        mail, text = compose(message)
        html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        links = [value for key, value in message.values.items() if key.endswith("_url") and value]
        assert event.picture.title.pick(language) in mail["Subject"]
        assert links
        assert all(f"/{language}/" in link and link in text and link in html for link in links)
        # not before the address is confirmed
        assert (NAME in text) == (message.template != "attendance/confirm")
        assert "<b>van</b>" not in html
