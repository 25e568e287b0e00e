"""Bare apps that hand out as many bytes: what the machine and gunicorn cost without us."""

import os
import sqlite3
import threading

from flask import Flask, Response

SIZES = {f"/{n}": b"x" * int(n) for n in os.environ.get("BENCH_SIZES", "1000").split(",")}
_local = threading.local()


def bare(environ, start_response):  # type: ignore[no-untyped-def]
    """WSGI without anything; POST writes one row durably."""
    if environ["REQUEST_METHOD"] == "POST":
        if not hasattr(_local, "db"):
            _local.db = sqlite3.connect(os.environ["BENCH_DB"], isolation_level=None, timeout=30)
            _local.db.execute("PRAGMA synchronous=FULL")
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        _local.db.execute("BEGIN IMMEDIATE")
        _local.db.execute("INSERT INTO row DEFAULT VALUES")
        _local.db.execute("COMMIT")
        start_response("302 Found", [("Location", "/"), ("Content-Length", "0")])
        return [b""]
    body = SIZES[environ["PATH_INFO"]]
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
    return [body]


flask = Flask(__name__)


@flask.get("/<size>")
def view(size: str) -> Response:
    """A view that hands out bytes."""
    return Response(SIZES["/" + size], mimetype="text/html")
