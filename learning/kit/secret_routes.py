"""Addresses that are secrets: one list of them, for headers, for logs, and for the proxy in front."""

import re
from collections.abc import Iterable

from flask import Flask, Response, current_app, request
from werkzeug.routing import Rule

from learning.kit.installation import of

SECRET_VALUES = frozenset({"token", "secret"})  # who knows this part of an address may do what it is for
HIDDEN = "[secret]"
_value = re.compile(r"<(?:(?P<kind>[a-z]+)(?:\((?P<values>[^)]*)\))?:)?(?P<name>\w+)>")


def is_secret(rule: Rule | None) -> bool:
    """The addresses of this rule hold a secret."""
    return rule is not None and not SECRET_VALUES.isdisjoint(rule.arguments)


def secret_rules(app: Flask) -> list[Rule]:
    """All rules whose addresses hold a secret, in the order of their text."""
    return sorted((rule for rule in app.url_map.iter_rules() if is_secret(rule)), key=lambda rule: rule.rule)


def prefixes(app: Flask) -> list[str]:
    """What stands before the secret in each of them, as a regular expression without groups that catch."""
    return sorted({_before_secret(rule.rule) for rule in secret_rules(app)})


def location(app: Flask) -> str:
    """A regular expression that fits every secret address: for the locations of a proxy in front."""
    return f"^(?:{'|'.join(prefixes(app))})[^/]"


def seems_secret() -> bool:
    """The address that was asked for is a secret one, or the beginning of one."""
    return is_secret(request.url_rule) or re.match(location(current_app), request.path) is not None  # type: ignore[arg-type]


def _before_secret(rule: str) -> str:
    text, at = "", 0
    for part in _value.finditer(rule):
        text += re.escape(rule[at : part.start()]).replace(r"\-", "-")
        at = part.end()
        if part["name"] in SECRET_VALUES:
            return text
        text += (
            f"(?:{'|'.join(v.strip() for v in part['values'].split(','))})"
            if part["kind"] == "any"
            else "[^/]+"
        )
    raise ValueError(f"{rule} holds no secret")


class Redactor:
    """Takes the secrets out of text in which addresses of ours stand."""

    def __init__(self, before: Iterable[str]) -> None:
        slash = "(?:/|%2[Ff])"  # also where the address is a part of another one
        start = "|".join(sorted(before, key=len, reverse=True)).replace("/", slash)  # the longest first
        self._secret = re.compile(rf"({start})(?:(?!%2[Ff])[^/\s?#\"'<>&,;)\]}}\\])+")

    def __call__(self, text: str) -> str:
        return self._secret.sub(rf"\1{HIDDEN}", text)


def redact(text: str) -> str:
    """The text without the secrets of addresses in it."""
    return redactor(current_app)(text)


def redactor(app: Flask) -> Redactor:
    """What takes the secrets of this app out of text."""
    return of(app).memory.one(_redactor, app)


def _redactor(app: Flask) -> Redactor:
    return Redactor(prefixes(app))


def guard(response: Response) -> Response:
    """What a secret address answers is indexed by nobody and tells nobody where it was asked from.

    A page with forms tells our own pages: over https a form is refused that does not say where it comes from.
    """
    if is_secret(request.url_rule):
        page = response.mimetype == "text/html"
        response.headers["Referrer-Policy"] = "same-origin" if page else "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
