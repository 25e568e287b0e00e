"""The mailbox of the demo: the HTML of a mail in a frame in which nothing runs, times, and both languages."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from learning.factory import create_app
from learning.kit.db import db
from learning.mail.actions import queue
from learning.mail.delivery import mark_sent
from learning.mail.models import Message
from tests.browse import words_of
from tests.conftest import OwnContext, settings

AT = datetime(2026, 11, 24, 12, 5, tzinfo=UTC)
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def mailbox(database_url: str, tmp_path: Path):
    """A demo with one mail, sent in Dutch to somebody with a strange name."""
    app = create_app(settings(tmp_path, database_url, demo=True))
    app.test_client_class = OwnContext
    with app.app_context():
        values = {"page_url": "http://127.0.0.1:8000/nl/sign-in", "mail": "x@x.example", "by": EVIL}
        sane = {"to": "x@x.example", "language": "nl", "once": "x", "organiser_id": None, "now": AT}
        message = queue("office/owner_invited", name=EVIL, values=values, **sane)
        mark_sent(message.id, text="sent", now=AT.replace(minute=6), keep_links=True)
        yield app, message.id
        db.session.remove()
        db.engine.dispose()


def test_a_letter_has_times_and_a_frame_in_which_nothing_runs(mailbox: tuple[Flask, int]):
    app, id = mailbox
    client = app.test_client()

    page = client.get(f"/demo/mail/{id}")
    frame = client.get(f"/demo/mail/{id}/html")

    assert "24 november 2026, 13:05:00" in words_of(page.text)
    assert "24 november 2026, 13:06:00" in words_of(page.text)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert f'src="/demo/mail/{id}/html?language=nl"' in page.text
    assert EVIL not in page.text
    assert EVIL not in frame.text
    policies = frame.headers["Content-Security-Policy"]
    assert policies.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert policies.endswith("sandbox allow-popups allow-popups-to-escape-sandbox")
    assert {"script-src", "allow-scripts", "allow-same-origin"} & set(
        policies.replace(";", "").split()
    ) == set()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert '<base target="_blank">' in frame.text


def test_the_same_mail_reads_in_both_languages_and_stays_as_it_was(mailbox: tuple[Flask, int]):
    app, id = mailbox
    client = app.test_client()

    dutch, english = (client.get(f"/demo/mail/{id}?language={one}").text for one in ("nl", "en"))
    html = client.get(f"/demo/mail/{id}/html?language=en").text

    assert "Je bent eigenaar van een installatie van Leerkring" in dutch
    assert "You own an installation of Leerkring" in english
    assert "To the installation" in html
    assert "Taal van de e-mail" in english  # the page around it keeps its language
    assert client.get(f"/demo/mail/{id}?language=fr").status_code == 200
    assert "13:05" in words_of(client.get("/demo/mail").text)
    db.session.rollback()
    assert [row.language for row in db.session.query(Message)] == ["nl"]
