"""Fixtures: an app on a fresh database of each kind, a client, signing in, the outbox."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from learning.config import Settings
from learning.factory import create_app
from learning.kit.db import db
from learning.migrate import upgrade
from learning.people.models import Account
from tests.servers import Postgres, start_postgres

KEY = "a key for tests that is long enough 0123456789"


def settings(folder: Path, url: str, **more: Any) -> Settings:
    """Settings for a test's app."""
    return Settings(instance=folder, database_url=url, secret_key=KEY, nudge=False, huey_url="memory:", **more)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(settings(folder, f"sqlite:///{folder / 'leerkring.db'}"))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return folder / "leerkring.db"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real PostgreSQL server with a migrated template database."""
    folder = Path(tempfile.mkdtemp(prefix="leerkring-postgres-"))  # pytest closes its own folders to other users
    server = start_postgres(folder)
    app = create_app(settings(tmp_path_factory.mktemp("pg"), server.create("template")))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database; tests that use it run on both kinds."""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.copy_of("template")
        yield url
        server.drop(url)
    else:
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "leerkring.db")
        yield f"sqlite:///{tmp_path / 'leerkring.db'}"


class OwnContext(FlaskClient):
    """A client whose requests have an app context of their own, as under a server: `g` never leaks."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask for a page."""
        db.session.rollback()
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app on a fresh database, within its context."""
    app = create_app(settings(tmp_path, database_url))
    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = OwnContext
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript."""
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[[Account], FlaskClient]:
    """Sign an account in, as its session cookie does."""

    def sign_in(account: Account) -> FlaskClient:
        with client.session_transaction() as session:
            session["_user_id"] = account.get_id()
            session["_fresh"] = True
        return client

    return sign_in
