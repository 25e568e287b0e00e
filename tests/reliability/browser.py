"""A reader with cookies who talks to a real server."""

import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import Cookie, CookieJar
from typing import Any

from tests.browse import form_of


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Do not follow: where it leads is part of the answer."""
        return


class Reader:
    """One person with one browser."""

    def __init__(self, base: str, session: str = "") -> None:
        """`session` is the cookie of somebody who signed in."""
        self.base = base
        jar = CookieJar()
        if session:
            host = str(urllib.parse.urlsplit(base).hostname)
            rest: dict[str, Any] = {"HttpOnly": None}
            jar.set_cookie(
                Cookie(
                    0,
                    "session",
                    session,
                    None,
                    False,
                    host,
                    True,
                    False,
                    "/",
                    True,
                    False,
                    None,
                    True,
                    None,
                    None,
                    rest,
                )
            )
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), _Stay)

    def ask(self, address: str, data: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, text and where it leads."""
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        target = address if "://" in address else self.base + address
        request = urllib.request.Request(target, body, {"Origin": self.base})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode(), ""
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode(), answer.headers.get("Location") or ""

    def form(self, address: str, *, having: str = "form_key") -> dict[str, str]:
        """What the form on this page would send untouched."""
        status, text, _ = self.ask(address)
        assert status == 200, (status, address)
        values: dict[str, str] = form_of(text, having=having)["values"]
        return values
