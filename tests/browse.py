"""Reading and filling forms as a browser without JavaScript does."""

import html
import re
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Forms(HTMLParser):
    """Collects every form of a page: its action, method and the values it would send untouched."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None
        self._first: str | None = None
        self._area: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form and what stands in it."""
        a = dict(attrs)
        if tag == "form":
            self.forms.append(
                {"action": a.get("action") or "", "method": (a.get("method") or "get").lower(), "values": {}}
            )
        if not self.forms:
            return
        values = self.forms[-1]["values"]
        name = a.get("name")
        if tag == "input" and name:
            if a.get("type") in ("radio", "checkbox"):
                if "checked" in a:
                    value = a.get("value")
                    values[name] = "on" if value is None else value
            else:
                values[name] = a.get("value") or ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in a or self._select not in values):
            values[self._select] = a.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a select or a text area."""
        if tag == "select":
            self._select = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        """The text in a text area."""
        if self._area:
            values = self.forms[-1]["values"]
            began = values[self._area] == ""  # a browser drops a line break that a text area begins with
            values[self._area] += data.removeprefix("\r").removeprefix("\n") if began else data


def form_of(text: str, *, having: str = "form_key") -> dict[str, Any]:
    """The first posting form of a page that has a field of this name."""
    found = [f for f in Forms(text).forms if f["method"] == "post" and having in f["values"]]
    assert found, f"no form with {having} on this page: {words_of(text)[:400]}"
    return found[0]


def send(client: FlaskClient, address: str, *, having: str = "form_key", **typed: str) -> TestResponse:
    """Open the page, fill its form with what is typed, send it, and follow where it leads."""
    page = client.get(address)
    assert page.status_code == 200, (page.status_code, words_of(page.text)[:400])
    form = form_of(page.text, having=having)
    target = form["action"] or address
    values = {name: value for name, value in {**form["values"], **typed}.items() if value is not None}
    return client.post(target, data=values, follow_redirects=True)


def links(text: str) -> list[str]:
    """Every address that a page or a mail leads to."""
    found = re.findall(r'href="([^"]+)"', text) or re.findall(r"https?://\S+", text)
    return [html.unescape(address) for address in found]


def one_line(text: str) -> str:
    """The source of a page with one blank where there are several, or a new line."""
    return " ".join(text.split())


def words_of(text: str) -> str:
    """What a reader sees of a page."""
    body = re.sub(r"<(script|style|title)[^>]*>.*?</\1>", " ", text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())
