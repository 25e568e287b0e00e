"""An empty installation becomes an office and survives the
loss of its machine: without a browser, on both databases.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyrage
import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.billing.documents import make_due
from learning.kit import clock
from learning.kit.db import db
from learning.mail.delivery import claim, compose, mark_sent
from learning.office.heart import beat
from learning.office.restoring import secret_key_of
from tests.browse import Forms, links, words_of
from tests.conftest import OwnContext
from tests.office.place import lose, place_in, started
from tests.opening import Person, tell
from tests.servers import Postgres


class Visitor:
    """Somebody with a browser without JavaScript."""

    def __init__(self, place: "Installation") -> None:
        self.place, self.cookies = place, place.app.test_client()
        self.path, self.text = "", ""

    def open(self, address: str, status: int = 200) -> str:
        """Go to a path."""
        return self._came(self._client().get(address, follow_redirects=True), status)

    def send(self, having: str, **typed: str) -> str:
        """Fill in by the names of fields; `programmes` and `answer` are found on the page."""
        form = next(
            f
            for f in Forms(self.text).forms
            if f["method"] == "post" and having in {*f["values"], *_ticks(self.text)}
        )
        return self._post(
            form, {name: value for pair in typed.items() for name, value in [self._field(*pair)]}
        )

    def press(self, button: str) -> str:
        """Press a button."""
        before = re.search(rf"<button[^>]*>(?:(?!</button>).)*{re.escape(button)}", self.text, re.S)
        assert before, (button, words_of(self.text))
        number = len(Forms(self.text[: before.start()]).forms) - 1
        return self._post(Forms(self.text).forms[number], {})

    def link(self, piece: str) -> str:
        """The path of a link."""
        return next(urlsplit(address).path for address in links(self.text) if piece in address)

    def fetch(self, path: str) -> bytes:
        """A file."""
        answer = self._client().get(path)
        assert answer.status_code == 200, path
        return answer.data

    def _client(self) -> FlaskClient:
        self.cookies.application = self.place.app
        return self.cookies

    def _post(self, form: dict[str, Any], typed: dict[str, Any]) -> str:
        target = form["action"] or self.path
        return self._came(
            self._client().post(target, data={**form["values"], **typed}, follow_redirects=True), 200
        )

    def _came(self, answer: Any, status: int) -> str:
        self.path, self.text = answer.request.path, answer.text
        assert answer.status_code == status, (self.path, answer.status_code, words_of(self.text)[:800])
        return words_of(self.text)

    def _field(self, name: str, value: Any) -> tuple[str, Any]:
        if name == "answer":
            return re.search(r'name="(answer_\d+)"', self.text)[1], value  # type: ignore[index]
        if name == "programmes":
            return name, re.search(rf'name="programmes" value="(\d+)"[^>]*>\s*<span>{value}', self.text)[1]  # type: ignore[index]
        return name, value


def _ticks(text: str) -> set[str]:
    return set(re.findall(r'<input\s+type="(?:radio|checkbox)"[^>]* name="([^"]+)"', text))


class Installation:
    """One app after another, each on a machine of its own;
    what the worker does is done when somebody waits for it.
    """

    def __init__(self, app: Flask, folder: Path, postgres: Postgres | None) -> None:
        self.app, self.folder, self.postgres = app, folder, postgres
        self.box: list[Any] = []
        self.urls: list[str] = []
        self.printed = self._flask("prepare")
        self.work()

    def person(self) -> Person:
        """A fresh browser."""
        return Visitor(self)

    def work(self) -> None:
        """One round of the worker."""
        with self.app.app_context():
            now = clock.now()
            beat(now=now, started_at=now, swept_at=now)
            make_due()
            while (message := claim(now=clock.now())) is not None:
                mail, text = compose(message)
                self.box.insert(0, (mail, text))
                mark_sent(message.id, text=text, now=clock.now())
            db.session.remove()

    def mailed(self, to: str, piece: str) -> str:
        """What the worker sent."""
        self.work()
        texts = (text for mail, text in self.box if to in mail["To"])
        found = (re.search(rf"https?://[^\s/]+(/\S*{piece}\S*)", text) for text in texts)
        return next(match[1] for match in found if match)

    def attached(self, to: str) -> bytes:
        """The newest file."""
        self.work()
        files = (list(mail.iter_attachments()) for mail, _text in self.box if to in mail["To"])
        return next(bytes(file.get_content()) for mail in files for file in mail)

    def backup(self) -> None:
        """A backup for a key of age."""
        identity = pyrage.x25519.Identity.generate()
        (self.folder / "identity").write_text(f"{identity}\n")
        self._flask("backup", str(self.folder / "monday"), "--key", str(identity.to_public()))

    def move(self) -> None:
        """Loss, and restore on another machine, with another key until it has the old one."""
        lose(self.app)
        new = self.folder / "new"
        new.mkdir(mode=0o750)
        url = f"sqlite:///{new / 'leerkring.db'}"
        if self.postgres is not None:
            url = self.postgres.create(f"opening_{next(self.postgres.numbers)}")
            self.urls.append(url)
        given = place_in(new, url)
        self.app = started(given)
        self._flask("restore", str(self.folder / "monday"), "--identity", str(self.folder / "identity"))
        key = secret_key_of((new / "settings-of-backup.env").read_text())
        self.app = started(replace(given, secret_key=key))
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.app.test_client_class = OwnContext
        assert "first-start" not in self._flask("prepare")

    def _flask(self, *words: str) -> str:
        with self.app.app_context():
            result = self.app.test_cli_runner().invoke(args=list(words))
            db.session.remove()
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """A database that nobody else uses, for this story loses it."""
    if request.param == "postgres":
        own: Callable[[], str] = request.getfixturevalue("own_database")
        return own()
    shutil.copy(sqlite_template, tmp_path / "leerkring.db")
    return f"sqlite:///{tmp_path / 'leerkring.db'}"


@pytest.fixture
def installation(app: Flask, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    """An empty installation."""
    postgres = request.getfixturevalue("postgres") if db.engine.dialect.name == "postgresql" else None
    made = Installation(app, tmp_path, postgres)
    yield made
    with made.app.app_context():
        db.engine.dispose()
    for url in made.urls:
        postgres.drop(url)


def test_from_nothing_to_an_invoice_and_all_of_it_back_after_a_loss(installation: Installation):
    tell(installation)
