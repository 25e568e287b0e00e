"""A picture that asks for gigabytes is sent while others work:
they are served at once, and the workers stay as they are.
"""

import re
import threading
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener

import psutil
from flask import Flask

from learning.kit.db import db
from learning.speakers import actions
from learning.speakers.emails import hand_in_token
from tests.browse import words_of
from tests.conftest import KEY
from tests.kit.test_limited import flat_png
from tests.make import NOON, make_account, make_event, make_part, make_speaker
from tests.reliability.browser import Reader
from tests.servers import Running, start_gunicorn


def rss(server: Running) -> int:
    """The memory of the largest worker, in bytes."""
    workers = psutil.Process(server.process.pid).children()
    return max(worker.memory_info().rss for worker in workers)


class Speaker:
    """A browser that can send files."""

    def __init__(self, url: str) -> None:
        self.opener, self.url = build_opener(HTTPCookieProcessor(CookieJar())), url

    def get(self, path: str) -> str:
        """A page."""
        with self.opener.open(self.url + path, timeout=60) as answer:
            return answer.read().decode()

    def send(self, path: str, fields: dict[str, str], content: bytes) -> str:
        """Send a photo, and give the page to which that leads."""
        mark = b"--the-border"
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in fields.items()
        ]
        parts.append(b'Content-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n' + content)
        body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=the-border"}
        with self.opener.open(Request(self.url + path, body, headers), timeout=120) as answer:
            return answer.read().decode()


def test_others_are_served_while_a_bomb_is_read(app: Flask, tmp_path: Path, database_url: str):
    programme = make_event(slug="dag")
    staff, ada = make_account("staf@x.example"), make_speaker(programme.organiser, "Ada")
    make_part(programme.rounds[0].sessions[0], ada)
    row = actions.ask(programme, ada, "ada@x.example", "nl", by=staff.id, now=NOON)
    own = f"/nl/hand-in/{hand_in_token(row)}"
    db.session.rollback()
    env = {
        "LEERKRING_INSTANCE": str(tmp_path),
        "LEERKRING_DATABASE_URL": database_url,
        "LEERKRING_SECRET_KEY": KEY,
    }
    server = start_gunicorn(env | {"LEERKRING_NUDGE": "0"}, workers=1)
    try:
        speaker = Speaker(server.url)
        page = speaker.get(own)
        form = page[page.index('name="photo"') - 3000 : page.index('name="photo"')]
        fields = {
            name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', form)[-1]
            for name in ("csrf_token", "form_key")
        }
        fields["keep"] = "middle"
        other = Reader(server.url)
        asked = other.form("/nl/sign-in")
        before, largest, waits = rss(server), 0, []
        answers: list[str] = []
        sending = threading.Thread(
            target=lambda: answers.append(speaker.send(f"{own}/photo", fields, flat_png(6300, 6300)))
        )
        sending.start()
        number = 0
        while sending.is_alive():
            began = time.monotonic()
            values = {**asked, "mail": f"nobody{number}@x.example", "form_key": f"k{number}"}
            status, _text, _leads = other.ask("/nl/sign-in", values)
            waits.append(time.monotonic() - began)
            assert status == 302
            largest = max(largest, rss(server))
            number += 1
        sending.join()
        again = speaker.send(f"{own}/photo", {**fields, "form_key": "another"}, flat_png(6500, 6500))
    finally:
        server.stop()

    assert len(waits) > 2
    assert max(waits) < 3  # a write each, on a busy machine; it was refused after five seconds
    assert largest - before < 60_000_000  # it was 760 MB
    assert "De foto is bewaard." in words_of(answers[0])
    assert "te veel pixels" in words_of(again)
