"""A page asked for after the answer to a change shows the change, on every worker."""

from pathlib import Path

from flask import Flask

from learning.attendance.tokens import feed_token, own_token
from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.programmes.models import Programme
from tests.conftest import KEY
from tests.make import make_meeting, make_programme, make_registration, make_round, make_session, release
from tests.reliability.browser import Reader
from tests.servers import start_gunicorn


def test_two_workers_and_two_changes(app: Flask, tmp_path: Path, database_url: str):
    programme = make_programme(slug="the-day")
    round = make_round(make_meeting(programme))
    session = make_session(round, capacity=3, title="Samen bouwen")
    release(programme)
    registration = make_registration(programme)
    page, feed = (
        f"/nl/registrations/{own_token(registration)}/choices",
        f"/calendars/{feed_token(registration)}.ics",
    )
    env = {
        "LEERKRING_INSTANCE": str(tmp_path),
        "LEERKRING_DATABASE_URL": database_url,
        "LEERKRING_SECRET_KEY": KEY,
        "LEERKRING_NUDGE": "0",
    }
    server = start_gunicorn(env)
    try:

        def all_say(address: str, words: str) -> None:
            for _ in range(24):  # both workers answer some of these
                assert words in Reader(server.url).ask(address)[1]

        all_say("/nl/programmes/the-day", "nog 3 plekken")
        for _ in range(24):
            assert "SUMMARY:Samen bouwen" not in Reader(server.url).ask(feed)[1]
        reader = Reader(server.url)
        assert reader.ask(page, {**reader.form(page), f"round_{round.id}": str(session.id)})[0] == 302
        all_say("/nl/programmes/the-day", "nog 2 plekken")
        all_say("/nl/programmes/the-day/sessions/1.01", "nog 2 plekken")
        all_say(feed, "SUMMARY:Samen bouwen")
        rename(programme.id)
        all_say("/nl/programmes/the-day", "Een nieuwe naam")
        all_say("/nl/programmes", "Een nieuwe naam")
        all_say(feed, "NAME:Een nieuwe naam")
    finally:
        server.stop()


@transaction()
def rename(programme_id: int) -> None:
    """The title changes and is released."""
    programme = db.session.get_one(Programme, programme_id)
    programme.title = Wording("Een nieuwe naam", "A new name")
    release(programme)
