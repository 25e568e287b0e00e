"""From HTML to PDF by WeasyPrint, which may read our own static files and nothing else.

Runs in a process with limits.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from weasyprint import HTML
from weasyprint.urls import URLFetcher, URLFetcherResponse

SCHEME = "https://static.invalid/"  # an address that nobody can reach, so that relative ones can be joined
STATIC = Path(__file__).parent.parent.parent / "static"
TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png"}


class Forbidden(ValueError):
    """A document asked for something that is not ours."""


def static_file(url: str) -> Path:
    """The file of an address under SCHEME; refuses everything outside the static folder."""
    if not url.startswith(SCHEME):
        raise Forbidden(f"a document may not fetch {url[:60]}")
    root = STATIC.resolve()
    path = (root / unquote(url.removeprefix(SCHEME).lstrip("/"))).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise Forbidden(f"no such static file: {url[:60]}")
    return path


class OwnFiles(URLFetcher):  # type: ignore[misc]
    """Gives static files and refuses every other address."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        """The bytes of one of our files."""
        path = static_file(url)
        return URLFetcherResponse(
            url, path.read_bytes(), {"Content-Type": TYPES.get(path.suffix, "text/plain")}
        )


def pdf(content: bytes) -> tuple[None, list[bytes]]:
    """The document as PDF (PDF/A-3a)."""
    document: Any = HTML(string=content.decode(), base_url=SCHEME, url_fetcher=OwnFiles())
    made: bytes = document.write_pdf(pdf_variant="pdf/a-3a")
    return None, [made]
