"""Booklet, room signs and list of hosts: made by the worker of a release, never in a request."""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.kit.db import db, transaction
from learning.kit.wording import Wording
from learning.people.models import Account
from learning.printing import documents
from learning.printing.models import ProgrammeDocument
from learning.programmes.models import Programme, Session
from tests.browse import words_of
from tests.make import NOON, make_account, make_staff, release
from tests.site.world import make_day


@pytest.fixture
def day(app: Flask) -> Programme:
    """A released day."""
    return make_day()


def text_of(pdf: bytes, folder: Path) -> str:
    """The words in a PDF."""
    (folder / "a.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", folder / "a.pdf", "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_a_release_makes_its_booklets_by_the_worker(client: FlaskClient, day: Programme, tmp_path: Path):
    waiting = client.get("/programmes/dag.pdf")
    assert (waiting.status_code, waiting.headers["Refresh"]) == (202, "3")
    assert "wordt gemaakt" in words_of(waiting.text)

    documents.make_due()

    dutch, english = (client.get(f"/programmes/dag.pdf?lang={lang}") for lang in ("nl", "en"))
    assert dutch.mimetype == "application/pdf"
    words = text_of(dutch.data, tmp_path)
    assert "Dag van de Straat" in words
    assert "1.01" in words
    assert "Day of the Street" in text_of(english.data, tmp_path)
    again = client.get("/programmes/dag.pdf", headers={"If-None-Match": dutch.headers["ETag"]})
    assert again.status_code == 304


def test_a_booklet_is_of_the_release_and_follows_it(client: FlaskClient, day: Programme, tmp_path: Path):
    @transaction()
    def rename() -> None:
        session = db.session.query(Session).filter_by(programme_id=day.id).order_by(Session.id).first()
        assert session is not None
        session.workshop.title = Wording("Kwartelkoning")

    rename()
    documents.make_due()
    assert "Kwartelkoning" not in text_of(client.get("/programmes/dag.pdf").data, tmp_path)

    release(day)
    assert client.get("/programmes/dag.pdf").status_code == 202
    documents.make_due()
    assert "Kwartelkoning" in text_of(client.get("/programmes/dag.pdf").data, tmp_path)


def test_asked_twice_made_once_and_the_list_of_hosts_anew(day: Programme):
    one = documents.ask(day.id, "room_signs", "nl", now=NOON)
    two = documents.ask(day.id, "room_signs", "nl", now=NOON)
    hosts = documents.ask(day.id, "hosts", "nl", now=NOON)
    documents.make_due()
    first = db.session.get_one(ProgrammeDocument, hosts.id).file_id

    documents.ask(day.id, "hosts", "nl", now=NOON)

    assert one.id == two.id
    assert first is not None
    assert db.session.get_one(ProgrammeDocument, hosts.id).file_id is None


def test_the_desk_asks_and_downloads_and_nobody_else(
    app: Flask, client: FlaskClient, day: Programme, sign_in: Callable[..., FlaskClient], tmp_path: Path
):
    editor, finance = make_account("staf@x.example"), make_account("geld@x.example")
    make_staff(day.organiser, editor, "editor")
    make_staff(day.organiser, finance, "finance")
    at = f"/manage/{day.organiser.slug}/programmes/dag/print"
    desk = sign_in(db.session.get_one(Account, editor.id))

    assert "Wordt gemaakt" in words_of(desk.get(at).text)
    desk.post(f"{at}/room_signs-nl")
    documents.make_due()
    words = text_of(desk.get(f"{at}/room_signs-nl.pdf").data, tmp_path)
    assert "Dag van de Straat" in words
    assert desk.get(f"{at}/hosts-nl.pdf").status_code == 404
    sign_in(finance)
    assert client.get(f"{at}/room_signs-nl.pdf").status_code == 403


def test_what_cannot_be_made_is_said_and_can_be_asked_again(day: Programme, monkeypatch: pytest.MonkeyPatch):
    def broken(_html: str) -> bytes:
        raise io.UnsupportedOperation("broken")

    with monkeypatch.context() as patch:
        patch.setattr(documents, "write_pdf", broken)
        documents.make_due()
    found = documents.newest(day.id, "booklet", "nl")
    assert found is not None
    assert found.failed

    documents.ask(day.id, "booklet", "nl", now=NOON)
    documents.make_due()
    again = documents.newest(day.id, "booklet", "nl")
    assert again is not None
    assert again.file_id is not None
