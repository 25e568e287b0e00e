"""Whole addresses, built from the configured base and never from the request."""

from typing import Any

from flask import current_app, g


def absolute(endpoint: str, **values: Any) -> str:
    """The whole address of an endpoint; `lang` is that of the page unless given."""
    adapter = current_app.url_map.bind("localhost")
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values.setdefault("lang", g.get("lang", "nl"))
    base: str = current_app.config["BASE_URL"]
    return base + adapter.build(endpoint, values)
