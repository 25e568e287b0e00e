"""Upward news: an area announces what happened, and the areas above react in the same transaction."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app

from learning.kit.installation import of


def announce(happening: Any) -> None:
    """Tell everybody who reacts to this kind of happening; the table stands in wiring.py."""
    for react in reactions().get(type(happening), ()):
        react(happening)


def reactions() -> Mapping[type, tuple[Callable[[Any], None], ...]]:
    """Who reacts to what in this app."""
    return of(current_app).hooks.reactions
