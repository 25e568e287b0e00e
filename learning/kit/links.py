"""Whole addresses, built from the configured base and never from the request."""

from typing import Any

from flask import current_app, g


def absolute(endpoint: str, *, domain: str = "", **values: Any) -> str:
    """The whole address of an endpoint, at this domain when given; `lang` is that of the page unless given."""
    adapter = current_app.url_map.bind("localhost")
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values.setdefault("lang", g.get("lang", "nl"))
    return base_of(domain) + adapter.build(endpoint, values)


def base_of(domain: str = "") -> str:
    """Where addresses begin: the configured base, or an organiser's own domain with the same scheme and port."""
    base: str = current_app.config["BASE_URL"]
    if not domain:
        return base
    scheme, _, host = base.partition("://")
    port = host.rpartition("]")[2].partition(":")[2]
    return f"{scheme}://{domain}" + (f":{port}" if port else "")
