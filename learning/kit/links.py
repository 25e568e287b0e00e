"""Whole addresses, built from the configured base and never from the request; paths that stay with us."""

from typing import Any

from flask import current_app, g


def absolute(endpoint: str, *, domain: str = "", **values: Any) -> str:
    """The whole address of an endpoint, at this domain
    when given; `lang` is that of the page unless given.
    """
    adapter = current_app.url_map.bind("localhost")
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values.setdefault("lang", g.get("lang", "nl"))
    return base_of(domain) + adapter.build(endpoint, values)


def base_of(domain: str = "") -> str:
    """Where addresses begin: the configured base, or an
    organiser's own domain with the same scheme and port.
    """
    base: str = current_app.config["BASE_URL"]
    if not domain:
        return base
    scheme, _, host = base.partition("://")
    port = host.rpartition("]")[2].partition(":")[2]
    return f"{scheme}://{domain}" + (f":{port}" if port else "")


def safe_path(url: str | None) -> str:
    """The path when it leads to a page of ours, else nothing."""
    path = url or ""
    if not path.startswith("/") or path[1:2] in ("/", "\\") or len(path) > 500:
        return ""
    return "" if any(ord(c) < 33 or c == "\\" or ord(c) == 127 for c in path) else path
