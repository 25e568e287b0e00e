"""Finished bytes: whole pages made once, handed out to readers without a session, with gaps for numbers."""

import hashlib
import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Response, current_app, request
from markupsafe import Markup

from learning.kit.installation import of
from learning.kit.kept import Kept

OPEN, CLOSE = "\ue000", "\ue001"  # private characters around a gap's id, cut out of the bytes again
_gap = re.compile(f"{OPEN}([0-9]{{1,18}}){CLOSE}")


@dataclass(frozen=True)
class Finished:
    """A page as bytes: pieces of text and, between them, the ids of gaps. True until `valid_until`."""

    pieces: tuple[bytes, ...]
    gaps: tuple[int, ...]
    valid_until: datetime


def gap(id: int) -> Markup:
    """What a template writes where a number comes later."""
    return Markup(f"{OPEN}{id}{CLOSE}")


def has_session() -> bool:
    """The reader sent a session cookie, and so may be somebody."""
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def finish(html: str, valid_until: datetime) -> Finished:
    """Cut a rendered page at its gaps."""
    parts = _gap.split(html)
    return Finished(tuple(p.encode() for p in parts[::2]), tuple(int(p) for p in parts[1::2]), valid_until)


def hand_out(
    key: Hashable,
    numbers: Hashable,
    now: datetime,
    make: Callable[[], Finished],
    fill: Callable[[int], bytes],
) -> Response:
    """The page under this key, made when it is not there or not true any more; 304 when the reader has it."""
    kept = kept_pages()
    page: Finished | None = kept.get(key)
    if page is None or page.valid_until <= now:
        page = make()
        kept.put(key, page, sum(map(len, page.pieces)))
    etag = hashlib.blake2b(
        repr((edition(), key, numbers, page.valid_until)).encode(), digest_size=12
    ).hexdigest()
    if request.if_none_match.contains_weak(etag):
        response = Response(status=304)
    else:
        body = [page.pieces[0]]
        for id, piece in zip(page.gaps, page.pieces[1:], strict=True):
            body += (fill(id), piece)
        response = Response(b"".join(body), mimetype="text/html")
    response.set_etag(etag)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Cookie")
    return response


def edition() -> str:
    """The edition of the app itself: its code, templates,
    translations and static files, read once in each worker.

    Part of every ETag, so that a reader gets the pages of a new edition though no release changed.
    """
    return of(current_app).memory.one(read_edition)


def read_edition() -> str:
    """The hash of everything that the app is made of."""
    digest = hashlib.blake2b(digest_size=8)
    for folder in ("learning", "templates", "static"):
        for file in sorted(Path(current_app.root_path, folder).rglob("*.*")):
            if file.suffix in (".py", ".json", ".mo", ".html", ".css", ".js"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def kept_pages() -> Kept:
    """The pages of this worker."""
    return of(current_app).memory.one(Pages)


class Pages(Kept):
    """Finished pages."""


def kept_files() -> Kept:
    """Files and calendars that this worker made of releases."""
    return of(current_app).memory.one(Files)


class Files(Kept):
    """Finished files."""
