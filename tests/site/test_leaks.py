"""Work that is not released leaks nowhere: a marker word is
planted in every text of the desk and looked for everywhere.
"""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Text

from learning.attendance.tokens import feed_token, own_token
from learning.choices.actions import choose_sessions
from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.printing import documents
from learning.programmes.models import (
    AgendaItem,
    Meeting,
    Module,
    Part,
    Programme,
    ProgrammeParty,
    Room,
    Round,
    Session,
    Speaker,
    Theme,
    Venue,
    Workshop,
)
from learning.releases.actions import cancel_session
from tests.make import NOON, make_registration, make_round, make_session, make_speaker, release
from tests.site.world import make_day

MARK = "Kwartelkoning"
DESK = (
    Programme,
    Meeting,
    AgendaItem,
    Round,
    Workshop,
    Session,
    Speaker,
    Part,
    Venue,
    Room,
    Theme,
    ProgrammeParty,
    Module,
)
KEPT = {
    "slug",
    "uid",
    "key",
    "kind",
    "zone",
    "start",
    "end",
    "end_time",
    "role",
    "language",
    "reference",
    "filling",
    "glyph",
}
PUBLIC = (
    "/nl/programmes",
    f"/nl/programmes?q={MARK}",
    "/nl/programmes/dag",
    "/en/programmes/dag",
    f"/nl/programmes/dag?q={MARK}",
    "/nl/programmes/dag/sessions/1.01",
    "/nl/programmes/dag/speakers/renee-van-der-plas",
    "/nl/programmes/dag?view=grid",
    "/nl/programmes/dag/embed?view=list",
    "/nl/programmes/dag/embed?view=grid",
    "/nl/programmes/dag/picture.png",
    "/nl/programmes/dag/changes",
    "/nl/programmes/dag/registration",
    "/nl/programmes/dag/partner-check?city=Ede",
    "/programmes/dag.ics",
    "/programmes/dag.xml",
    "/programmes/dag.json",
    "/programmes/dag.xlsx",
    "/programmes/dag/changes.atom",
    "/sitemap.xml",
)


@transaction()
def plant() -> int:
    """Write the marker into every text that staff can write; gives how many texts that were."""
    count = 0
    for model in DESK:
        for row in db.session.query(model):
            for column in model.__table__.columns:
                name = column.key
                if not isinstance(column.type, Text) or name in KEPT:
                    continue
                base, _, lang = name.rpartition("_")
                if lang in ("nl", "en") and isinstance(getattr(row, base, None), Wording):
                    setattr(row, base, Wording(f"{MARK} {row.id}", f"{MARK} {row.id}"))
                else:
                    setattr(
                        row,
                        name,
                        f"https://{MARK}.example/{row.id}" if name.endswith("url") else f"{MARK} {row.id}",
                    )
                count += 1
    return count


@pytest.fixture
def day(app: Flask) -> Programme:
    """A released day."""
    return make_day()


def addresses(programme: Programme) -> tuple[str, ...]:
    """Everything that somebody outside the desk can open."""
    registration = make_registration(programme, "Ann")
    session = db.session.query(Session).filter_by(programme_id=programme.id).order_by(Session.id).first()
    assert session is not None
    choose_sessions(registration, {session.round_id or 0: session.id}, now=NOON)
    own = f"/nl/registrations/{own_token(registration)}"
    return (
        *PUBLIC,
        own,
        f"{own}/choices",
        f"{own}/sessions/1.01.ics",
        f"/calendars/{feed_token(registration)}.ics",
    )


def leaks(client: FlaskClient, paths: tuple[str, ...]) -> list[str]:
    """Where the marker stands; the word that was searched for is shown again, and does not count."""
    found = []
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        body = answer.data.replace(f"q={MARK}".encode(), b"").replace(f'value="{MARK}"'.encode(), b"")
        if MARK.encode() in body or MARK.lower().encode() in body:
            found.append(path)
    return found


def unreleased(programme: Programme) -> None:
    """Work at the desk: new things, and the marker in all that is there."""
    round = make_round(programme.meetings[0], start="17:00")
    make_session(round, title=MARK)
    make_speaker(programme.organiser, MARK)
    assert plant() > 60


def test_nothing_of_the_desk_is_anywhere_before_its_release(client: FlaskClient, day: Programme):
    paths = addresses(day)
    unreleased(day)

    assert leaks(client, paths) == []
    documents.make_due()
    assert all(MARK not in str(part) for part in client.get("/programmes/dag.pdf").headers.values())


def test_nor_by_cancelling_a_session_meanwhile(client: FlaskClient, day: Programme):
    paths = tuple(path for path in addresses(day) if not path.endswith("1.01.ics"))
    unreleased(day)
    first = db.session.query(Session).filter_by(programme_id=day.id).order_by(Session.id).first()
    assert first is not None
    cancel_session(first, name="afgezegd", now=NOON)

    assert leaks(client, paths) == []
    mails: list[Any] = [compose(message)[1] for message in db.session.query(Message)]
    assert mails
    assert not any(MARK in text for text in mails)


def test_the_marker_would_be_found(client: FlaskClient, day: Programme):
    paths = addresses(day)
    unreleased(day)
    release(day)

    assert len(leaks(client, paths)) > 10
