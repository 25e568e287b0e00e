"""Uploaded images, made anew in our own sizes by a process with limits.

Called before a transaction, never in one.
"""

from flask import current_app

from learning.kit.errors import Refusal
from learning.kit.limited import Died, Limits, ask_child, turn
from learning.kit.wording import N_

MOST_BYTES = 12_000_000
LIMITS = Limits(cpu=15, memory=800_000_000, wall=30)
TOO_MUCH = N_("This picture asks too much to be read. Choose a smaller one, or save it anew as JPG.")


def portraits(content: bytes, keep: str = "middle", *, field: str = "photo") -> dict[str, bytes]:
    """A photo as squares of 96, 240 and 640 pixels, each a JPEG.

    Refuses what is no photo, too large or too small.
    """
    names, parts = _made("portraits", content, {"keep": keep}, field)
    return dict(zip(names, parts, strict=True))


def logo(content: bytes, *, field: str = "logo") -> bytes:
    """A logo as PNG of at most 480 × 160 pixels; what was transparent stays so."""
    _none, [made] = _made("logo", content, {}, field)
    return made


def _made(function: str, content: bytes, words: dict[str, str], field: str) -> tuple[list[str], list[bytes]]:
    if len(content) > MOST_BYTES:
        large = N_("This picture is larger than %(most)d MB. Choose a smaller one.")
        raise Refusal("picture_large", large, field, most=MOST_BYTES // 1_000_000)
    try:
        with turn(field):
            return ask_child("learning.kit.pixels", function, content, words, LIMITS)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.message, field, **refusal.values) from None
    except Died as death:
        current_app.logger.warning("an image could not be read: %s", death)
        raise Refusal("picture_unreadable", TOO_MUCH, field) from None
