"""An empty server becomes an office and survives the loss of
its machine: over https, on PostgreSQL, in a real browser.
"""

import re
import shutil
import time
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyrage
import pytest

from learning.office.restoring import secret_key_of
from tests.browser import chromium
from tests.browser.conftest import Production
from tests.opening import Person, tell
from tests.servers import Postgres

WAIT = 40.0  # seconds for a mail, on a machine that is busy
FIRST_FORM = "form[method=post]:has([name='{}'])"


class Visitor:
    """Somebody in Chromium. Each page they come to is looked at."""

    def __init__(self, browser: Any, base: str) -> None:
        self.page, self.base = chromium.new_page(browser), base

    def open(self, address: str, status: int = 200) -> str:
        """Go to a path."""
        answer = self.page.goto(self.base + address)
        assert answer is not None
        assert answer.status == status, (address, answer.status, self._words())
        return self._words()

    def send(self, having: str, **typed: str) -> str:
        """Fill in by the names of fields; `programmes` and `answer` are ticked by their words or value."""
        form = self.page.locator(FIRST_FORM.format(having)).first
        for name, value in typed.items():
            self._fill(form, name, value)
        form.locator("button.btn-primary").first.click()
        return self._words()

    def press(self, button: str) -> str:
        """Press a button."""
        self.page.get_by_role("main").get_by_role("button", name=button).first.click()
        return self._words()

    def link(self, piece: str) -> str:
        """The path of a link."""
        found = self.page.locator(f"a[href*='{piece}']").first.get_attribute("href")
        assert found
        parts = urlsplit(found)
        return parts.path

    def fetch(self, path: str) -> bytes:
        """A file, with the cookies of this browser."""
        answer = self.page.request.get(self.base + path)
        assert answer.status == 200, (path, answer.status)
        body: bytes = answer.body()
        return body

    def _fill(self, form: Any, name: str, value: str) -> None:
        if name == "programmes":
            form.get_by_label(value).check()
            return
        fields = form.locator(f"[name^='{name}_']" if name == "answer" else f"[name='{name}']")
        kind = fields.first.evaluate("field => field.type")
        if kind == "radio":
            form.locator(f"[name='{fields.first.get_attribute('name')}'][value='{value}']").check()
        elif kind == "checkbox":
            fields.first.check()
        elif kind.startswith("select"):
            fields.first.select_option(value)
        else:
            fields.first.fill(value)

    def _words(self) -> str:
        chromium.look(self.page)
        return " ".join(self.page.locator("body").inner_text().split())


class Machines:
    """One machine after another, with the same address and mail server."""

    def __init__(self, browser: Any, postgres: Postgres, folders: Callable[[], Path]) -> None:
        self.browser, self.postgres, self.folders = browser, postgres, folders
        self.safe = folders()
        self.now = Production(folders(), self._database())
        self.now.start()
        self.printed = self.now.prepared

    def person(self) -> Person:
        """A fresh browser."""
        return Visitor(self.browser, self.now.address)

    def work(self) -> None:
        """Wait a moment for the worker."""
        time.sleep(0.5)

    def mailed(self, to: str, piece: str) -> str:
        """What the mail server got."""
        text = _until(lambda: self._found(to, piece))
        assert text, f"no mail to {to} with {piece}"
        return text

    def attached(self, to: str) -> bytes:
        """The newest file."""
        content = _until(lambda: next((f for m in self._mails(to) if (f := _file(m))), None))
        assert content, f"no file mailed to {to}"
        return content

    def backup(self) -> None:
        """`flask backup` for a key of age, while all runs."""
        safe, identity = self.safe, pyrage.x25519.Identity.generate()
        (safe / "identity").write_text(f"{identity}\n")
        self.now.flask("backup", str(safe / "monday"), "--key", str(identity.to_public()))

    def move(self) -> None:
        """Nothing is left but what is safe; `flask restore` on
        another machine, with another key until it has the old one.
        """
        safe, lost = self.safe, self.now
        lost.stop()
        self.postgres.drop(lost.env["LEERKRING_DATABASE_URL"])
        shutil.rmtree(lost.folder)

        other = {"door_port": lost.door_port, "smtp": lost.smtp}
        new = Production(
            self.folders(), self._database(), key="a key of another machine, long enough 012345", **other
        )
        new.flask("restore", str(safe / "monday"), "--identity", str(safe / "identity"))
        new.env["LEERKRING_SECRET_KEY"] = secret_key_of((new.folder / "settings-of-backup.env").read_text())
        new.start()
        assert "first-start" not in new.prepared
        self.now = new

    def stop(self) -> None:
        """Stop everything."""
        self.now.stop()
        self.now.smtp.stop()

    def _database(self) -> str:
        return self.postgres.create(f"opening_{next(self.postgres.numbers)}")

    def _mails(self, to: str) -> list[Any]:
        return [mail for mail in reversed(self.now.smtp.messages) if to in str(mail["To"])]

    def _found(self, to: str, piece: str) -> str | None:
        texts = (_text(mail) for mail in self._mails(to))
        found = (re.search(rf"{re.escape(self.now.address)}(/\S*{piece}\S*)", text) for text in texts)
        return next((match[1] for match in found if match), None)


def _text(mail: Message) -> str:
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    return part.get_payload(decode=True).decode()  # type: ignore[union-attr, return-value]


def _file(mail: Message) -> bytes | None:
    part = next((part for part in mail.walk() if part.get_content_type() == "application/pdf"), None)
    return part.get_payload(decode=True) if part else None  # type: ignore[return-value]


def _until(look: Callable[[], Any]) -> Any:
    """What is found, once it is there; None when it does not come."""
    until = time.monotonic() + WAIT
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_from_an_empty_server_to_an_invoice_and_all_of_it_back_after_a_loss(
    browser: Any, postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
):
    machines = Machines(browser, postgres, lambda: tmp_path_factory.mktemp("machine"))
    try:
        tell(machines)
    finally:
        machines.stop()
