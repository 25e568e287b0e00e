"""What strangers send is read in a process with limits:
it may die, the app goes on and says so in a sentence.
"""

import fcntl
import io
import os
import struct
import time
import zipfile
import zlib
from pathlib import Path

import psutil
import pytest
from flask import Flask
from openpyxl import Workbook
from PIL import Image

from learning.kit import limited, photos
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.limited import Died, Limits, ask_child
from learning.kit.pdf import write_pdf
from learning.kit.uploads import opened
from tests.make import make_account

LIMITS = Limits(cpu=20, memory=800_000_000, wall=30)


def flat_png(width: int, height: int) -> bytes:
    """A PNG of one colour, some kilobytes however large it is."""
    rows = zlib.compress(b"".join(b"\0" + b"\x80" * (width * 4) for _ in range(height)), 9)

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


def echo(content: bytes, **words: object) -> tuple[object, list[bytes]]:
    """What a process was given, and which settings of ours it knows."""
    return [words, [name for name in os.environ if name.startswith("LEERKRING_")]], [content, content[::-1]]


def eat_memory(_content: bytes) -> tuple[None, list[bytes]]:
    """More memory than anybody has."""
    return None, [b"x" * 4_000_000_000]


def spin(_content: bytes) -> tuple[None, list[bytes]]:
    """Work without end."""
    while True:
        pass


def wait(_content: bytes) -> tuple[None, list[bytes]]:
    """Wait without end."""
    time.sleep(600)
    return None, []


@pytest.mark.one_database
def test_a_process_gets_a_question_and_gives_an_answer_and_knows_no_secret(
    app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LEERKRING_SECRET_KEY", "x" * 40)
    answer, parts = ask_child("tests.kit.test_limited", "echo", b"ab\n\0c", {"keep": "é"}, LIMITS)

    assert (answer, parts) == ([{"keep": "é"}, []], [b"ab\n\0c", b"c\0\nba"])


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("job", "limits"),
    [
        ("eat_memory", Limits(20, 500_000_000, 30)),
        ("spin", Limits(1, 500_000_000, 60)),
        ("wait", Limits(20, 500_000_000, 2)),
        ("no_such_function", LIMITS),
    ],
)
def test_a_process_that_asks_too_much_dies_alone(app: Flask, job: str, limits: Limits):
    began = time.monotonic()
    with pytest.raises(Died):
        ask_child("tests.kit.test_limited", job, b"", {}, limits)
    assert time.monotonic() - began < 40
    assert not [
        p for p in psutil.Process().children(recursive=True) if "learning.kit.child" in " ".join(p.cmdline())
    ]


def test_no_action_can_wait_for_a_process(app: Flask):
    @transaction()
    def slow() -> None:
        ask_child("tests.kit.test_limited", "echo", b"", {}, LIMITS)

    with pytest.raises(RuntimeError, match="too long for an action"):
        slow()


def test_what_was_read_is_let_go_before_a_process_begins(app: Flask):
    make_account("a@x.example")
    assert db.session.execute(db.text("SELECT count(*) FROM account")).scalar() == 1
    assert db.session().in_transaction()
    ask_child("tests.kit.test_limited", "echo", b"", {}, LIMITS)
    assert not db.session().in_transaction()


def test_one_upload_at_a_time_and_who_waits_too_long_is_told(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with (tmp_path / "uploads.turn").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Refusal) as refused, limited.turn("photo", wait=0.3):
            pass
    assert (refused.value.code, refused.value.field) == ("busy", "photo")
    with limited.turn():
        pass


@pytest.mark.one_database
def test_forty_megapixels_cost_this_process_nothing(app: Flask):
    bomb = flat_png(6300, 6300)
    assert len(bomb) < 200_000
    before = psutil.Process().memory_info().rss
    made = photos.portraits(bomb)
    assert {name: Image.open(io.BytesIO(body)).size for name, body in made.items()} == {
        "s": (96, 96), "m": (240, 240), "l": (640, 640),
    }  # fmt: skip
    assert psutil.Process().memory_info().rss - before < 30_000_000


def packed(members: dict[str, bytes]) -> bytes:
    """A ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in members.items():
            file.writestr(name, body)
    return out.getvalue()


def workbook(rows: int, columns: int, words: str = "woord") -> bytes:
    """A spreadsheet of words, each another one."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in range(rows):
        sheet.append([f"{words} {row} {column}" for column in range(columns)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: packed({"xl/worksheets/sheet1.xml": b" " * 21_000_000}), "too_big"),
        (lambda: packed({"xl/worksheets/sheet1.xml": b" " * 19_000_000}), "packed_oddly"),
        (lambda: packed({f"{n}.xml": b"x" for n in range(501)}), "too_big"),
        (lambda: packed({"a": b"x"}), "no_spreadsheet"),
        (lambda: workbook(5_100, 2), "too_big"),
        (lambda: workbook(3, 51), "too_wide"),
        (lambda: b"PK\x03\x04kapot", "no_spreadsheet"),
    ],
)
def test_a_spreadsheet_that_is_a_trap_is_refused_in_a_sentence(app: Flask, make, code: str):
    content = make()
    began = time.monotonic()
    with pytest.raises(Refusal) as refused:
        opened(content)
    assert refused.value.code == code
    assert time.monotonic() - began < 30


@pytest.mark.one_database
def test_a_spreadsheet_within_the_limits_is_read(app: Flask):
    rows = opened(workbook(5_000, 4))
    assert isinstance(rows, list)
    assert (len(rows), rows[4_999][3]) == (5_000, "woord 4999 3")
    assert opened(b"titel;ronde\n") == b"titel;ronde\n"


@pytest.mark.one_database
def test_a_document_without_end_is_given_up(app: Flask):
    endless = "<table>" * 3_000 + "x" * 2_000_000
    with pytest.raises(Died):
        write_pdf(f"<html><body>{endless}", limits=Limits(cpu=1, memory=1_500_000_000, wall=60))
    assert write_pdf("<p>hello").startswith(b"%PDF-")
