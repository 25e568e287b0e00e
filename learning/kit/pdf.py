"""From HTML to PDF by WeasyPrint, which may read our own static files and nothing else."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import current_app

SCHEME = "https://static.invalid/"  # an address that nobody can reach, so that relative ones can be joined


class Forbidden(ValueError):
    """A document asked for something that is not ours."""


def static_file(url: str) -> Path:
    """The file of an address under SCHEME; refuses everything outside the static folder."""
    if not url.startswith(SCHEME):
        raise Forbidden(f"a document may not fetch {url[:60]}")
    root = Path(current_app.static_folder or "static").resolve()
    path = (root / unquote(url.removeprefix(SCHEME).lstrip("/"))).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise Forbidden(f"no such static file: {url[:60]}")
    return path


def write_pdf(html: str) -> bytes:
    """The document as PDF (PDF/A-3a). Takes a while: only jobs call it."""
    from weasyprint import HTML

    kept = current_app.extensions
    if "pdf_fonts" not in kept:
        from weasyprint.text.fonts import FontConfiguration

        kept["pdf_fonts"] = FontConfiguration()
    document: Any = HTML(string=html, base_url=SCHEME, url_fetcher=_fetcher())
    pdf: bytes = document.write_pdf(font_config=kept["pdf_fonts"], pdf_variant="pdf/a-3a")
    return pdf


def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    types = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".png": "image/png"}

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        """Gives static files and refuses every other address."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """The bytes of one of our files."""
            path = static_file(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": types.get(path.suffix, "text/plain")})

    return OwnFiles()
