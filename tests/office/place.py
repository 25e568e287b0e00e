"""An installation with something in it, and the empty places in which a backup of it is put back."""

import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from learning.attendance.tokens import own_token
from learning.config import Settings
from learning.factory import create_app
from learning.kit.db import db, migrating, transaction
from learning.kit.files import StoredFile, keep
from learning.kit.installation import of
from tests.conftest import settings
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_delegation,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_registration,
    make_round,
    make_session,
    make_staff,
    release,
)

MakePlace = Callable[..., Settings]


@transaction()
def stored(content: bytes) -> StoredFile:
    """A document with its row."""
    return keep(
        content, name="x.pdf", media_type="application/pdf", purpose="test", organiser_id=None, now=NOON
    )


def furnish() -> str:
    """An event with people, a community with cities, and files; gives the path of somebody's secret page."""
    organiser = make_organiser("town")
    make_staff(organiser, make_account("admin@town.example"))
    event = make_programme(organiser, slug="the-day")
    round = make_round(make_meeting(event))
    for _ in range(3):
        make_session(round, capacity=5)
    release(event)
    people = [make_registration(event, f"Person {n}") for n in range(12)]
    community = make_programme(organiser, kind="learning_community", by_delegation=True, slug="the-community")
    make_meeting(community)
    release(community)
    contact = make_person(organiser, "Con", "contact@town.example")
    for n in range(3):
        city = make_organisation(organiser, f"Stad {n}")
        make_contact(city, contact)
        make_delegation(community, city, contact, price=Decimal(100))
    for n in range(5):
        stored(b"%PDF-1.7 " + bytes([n]) * 3000)
    return f"/nl/registrations/{own_token(people[3])}"


def lose(app: Flask) -> None:
    """The machine is gone: its folder, its database."""
    given: Settings = of(app).settings
    db.session.remove()
    db.engine.dispose()
    shutil.rmtree(given.instance / "files")
    if db.engine.dialect.name == "sqlite":
        for path in given.instance.glob("leerkring.db*"):
            path.unlink()
    else:
        with migrating(), db.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
        db.engine.dispose()


def place_in(folder: Path, url: str, **more: str) -> Settings:
    """Settings of another machine, on which nothing was made yet."""
    return settings(folder, url, **{"secret_key": "another key, of another machine, 0123456789", **more})


def started(given: Settings) -> Flask:
    """The app with these settings."""
    app = create_app(given)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app
