"""The demo is loaded once for each kind of database; a story that asks for `demo` gets a copy of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from learning.demo.load import load
from learning.factory import create_app
from learning.kit.db import db
from tests.conftest import settings
from tests.servers import Postgres
from tests.stories.world import TODAY


def load_demo(folder: Path, url: str) -> Path:
    """Fill this database as `make demo` does; the files stand in the folder."""
    app = create_app(settings(folder, url))
    with app.app_context():
        load(TODAY, out=lambda _words: None)
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def demo_on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "leerkring.db")
    return load_demo(folder, f"sqlite:///{folder / 'leerkring.db'}")


@pytest.fixture(scope="session")
def demo_on_postgres(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the database of a demo on PostgreSQL."""
    url = postgres.copy_of("template")
    return load_demo(tmp_path_factory.mktemp("demo"), url), str(make_url(url).database)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database: with the demo in it for who asks for that, else empty."""
    wants_demo = "demo" in request.fixturenames
    server: Postgres | None = None
    if request.param == "postgres" and not wants_demo:
        folder, url = None, request.getfixturevalue("pooled")()
    elif request.param == "postgres":
        server = request.getfixturevalue("postgres")
        folder, name = request.getfixturevalue("demo_on_postgres")
        url = server.copy_of(name)
    else:
        folder = request.getfixturevalue("demo_on_sqlite") if wants_demo else None
        template = folder / "leerkring.db" if folder else request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "leerkring.db")
        url = f"sqlite:///{tmp_path / 'leerkring.db'}"
    if folder is not None and (folder / "files").exists():
        shutil.copytree(folder / "files", tmp_path / "files")
    yield url
    if server is not None:
        server.drop(url)


@pytest.fixture
def demo(app: Flask) -> Flask:
    """The app with the demo in it."""
    return app
