"""Fixtures: an app on a fresh database of each kind, a client, signing in, the outbox."""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as profiles
from sqlalchemy import event, make_url
from werkzeug.test import Cookie, TestResponse

from learning.config import Settings
from learning.factory import create_app
from learning.kit.db import db
from learning.kit.installation import Installation, install, of
from learning.migrate import head, upgrade
from learning.people.models import Account
from tests.make import enter
from tests.servers import Postgres, empty, postgres_programs, start_postgres

pytest.register_assert_rewrite("tests.opening")  # what its asserts compared is shown

profiles.register_profile("ci", max_examples=60, derandomize=True, deadline=None)
profiles.register_profile("long", max_examples=2000, deadline=None)
profiles.load_profile("ci")  # `make test-long` takes the other one

KEY = "a key for tests that is long enough 0123456789"


def settings(folder: Path, url: str, **more: Any) -> Settings:
    """Settings for a test's app."""
    given = {
        "secret_key": KEY,
        "nudge": False,
        "huey_url": "memory:",
        "pg_bin": str(postgres_programs()),
        **more,
    }
    return Settings(instance=folder, database_url=url, **given)


# what stands in these files tests pages: on SQLite, with walks over all pages on PostgreSQL
# (`house/test_access.py`, `stories`). What else needs one kind alone is marked `one_database`.
PAGES = {"test_views", "test_manage", "test_forms", "test_pages", "test_metadata", "test_sharing"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """One kind of database alone, for who wants an answer soon."""
    parser.addoption("--only", choices=("sqlite", "postgres"), help="tests on this kind of database alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pages are tested on SQLite; actions, queries, stories and races on both kinds of database."""
    only = config.getoption("only")
    left = [item for item in items if _left_out(item, only)]
    config.hook.pytest_deselected(items=left)
    gone = set(left)
    items[:] = [item for item in items if item not in gone]


def _left_out(item: pytest.Item, only: str | None) -> bool:
    kind = item.callspec.params.get("database_url") if hasattr(item, "callspec") else None
    needs = "postgres" if kind == "postgres" or "postgres" in getattr(item, "fixturenames", ()) else "sqlite"
    if kind == "sqlite":
        needs = "sqlite"
    pages = item.path.stem in PAGES or item.get_closest_marker("one_database") is not None
    return (pages and kind == "postgres") or (only is not None and needs != only)


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
    # pytest closes its own folders to other users
    folder = Path(tempfile.mkdtemp(prefix="leerkring-postgres-"))
    server = start_postgres(folder)
    app = create_app(settings(tmp_path_factory.mktemp("pg"), server.create("template")))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pooled(postgres: Postgres) -> Callable[[], str]:
    """Gives the address of the one database on PostgreSQL that test after test finds empty.

    One whose tables a test changed is made anew.
    """
    url, revision = postgres.copy_of("template"), head()

    def give() -> str:
        if not empty(url, revision):
            postgres.drop(url)
            postgres.copy_of("template", str(make_url(url).database))
        return url

    return give


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty, migrated database; tests that use it run on both kinds."""
    if request.param == "postgres":
        give: Callable[[], str] = request.getfixturevalue("pooled")
        return give()
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "leerkring.db")
    return f"sqlite:///{tmp_path / 'leerkring.db'}"


@pytest.fixture
def own_database(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes a database on PostgreSQL for one test alone, for who loses it; gives its address."""
    made: list[str] = []
    server: Postgres = request.getfixturevalue("postgres")

    def make() -> str:
        made.append(server.copy_of("template"))
        return made[-1]

    yield make
    for url in made:
        server.drop(url)


class OwnContext(FlaskClient):
    """A client whose requests have an app context of their own, as under a server: `g` never leaks."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Ask for a page, at the address of the installation unless the test says another."""
        db.session.rollback()
        kwargs.setdefault("base_url", self.application.config["BASE_URL"])
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def session_transaction(self, *args: Any, **kwargs: Any) -> Any:
        """The cookie of the session, at the same address."""
        kwargs.setdefault("base_url", self.application.config["BASE_URL"])
        return super().session_transaction(*args, **kwargs)

    def get_cookie(self, key: str, domain: str = "", path: str = "/") -> Cookie | None:
        """A cookie that this browser holds, of the same address."""
        return super().get_cookie(key, domain or self._host(), path)

    def delete_cookie(self, key: str, *, domain: str = "", path: str = "/", **kwargs: Any) -> None:
        """Forget a cookie of the same address."""
        super().delete_cookie(key, domain=domain or self._host(), path=path, **kwargs)

    def set_cookie(self, key: str, value: str = "", *, domain: str = "", **kwargs: Any) -> None:
        """Hold a cookie of the same address."""
        super().set_cookie(key, value, domain=domain or self._host(), **kwargs)

    def _host(self) -> str:
        return urlsplit(self.application.config["BASE_URL"]).hostname or ""


@dataclass
class Kept:
    """An app that serves test after test, and what it was like when it was new."""

    app: Flask
    config: dict[str, Any]
    extensions: dict[str, Any]

    def renew(self, folder: Path, url: str) -> Flask:
        """As new, on this database and with its files in this folder."""
        self.app.config.clear()
        self.app.config.update(self.config, INSTANCE=str(folder), SQLALCHEMY_DATABASE_URI=url)
        self.app.extensions.clear()
        self.app.extensions.update(self.extensions)
        new = of(self.app)
        given = replace(new.settings, instance=folder, database_url=url)
        install(self.app, Installation(given, new.queue, new.hooks))  # with a memory of nothing
        # one logger for all apps of a process, and that of a demo is quiet
        self.app.logger.setLevel(logging.INFO)
        with self.app.app_context():
            db.engine.dispose()
            db.engine.url = make_url(url)  # the engine stays, and with it every statement that it knows
        return self.app


def go_where_the_engine_points(dialect: Any, _record: Any, cargs: list[Any], cparams: dict[str, Any]) -> None:
    """Connect to the database that the engine's address names now, not to that of the day it was made."""
    cargs[:], address = dialect.create_connect_args(db.engine.url)
    cparams.update({name: value for name, value in address.items() if name != "options"})


def make_kept(folder: Path, url: str) -> Kept:
    """An app for tests."""
    app = create_app(settings(folder, url))
    app.config["TESTING"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = OwnContext
    with app.app_context():
        event.listen(db.engine, "do_connect", go_where_the_engine_points)
    return Kept(app, dict(app.config), dict(app.extensions))


@pytest.fixture(scope="session")
def kept_apps() -> dict[str, Kept]:
    """One app for each kind of database: making one takes longer than most tests."""
    return {}


@pytest.fixture
def app(database_url: str, tmp_path: Path, kept_apps: dict[str, Kept]) -> Iterator[Flask]:
    """The app on an empty database, within its context. Who adds routes makes an app of its own."""
    kind = make_url(database_url).drivername
    if kind not in kept_apps:
        kept_apps[kind] = make_kept(tmp_path, database_url)
    app = kept_apps[kind].renew(tmp_path, database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def own_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app that serves this test alone, for who adds routes."""
    kept = make_kept(tmp_path, database_url)
    with kept.app.app_context():
        yield kept.app
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
        return enter(client, account)

    return sign_in
