"""Which passwords are guessed first: known ones, rows of keys,
one thing repeated, and what everybody knows of its owner.
"""

import gzip
import re
from functools import cache
from pathlib import Path

from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.people.rules import fold

LIST = Path(__file__).parent / "data" / "common-passwords.txt.gz"
# what people here think of first
HERE = {
    "wachtwoord",
    "welkom",
    "geheim",
    "inloggen",
    "leerkring",
    "gemeente",
    "vergeten",
}
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
)
LEFT = 6  # letters and digits that must be left of a password besides what is known
_plain = str.maketrans("013457@$!", "oleastasi")


def check_password(password: str, *, mail: str = "", name: str = "") -> None:
    """Refuse a password that is guessed first, at the field `password`.

    It is compared in many forms and never changed.
    """
    typed = fold(password)
    if _is_row(typed):
        words = N_(
            "This repeats something short or follows the keyboard. A sentence that only you know works well."
        )
        raise Refusal("password_row", words, "password")
    if _is_known(typed) or _is_known(re.sub(r"^[^a-z]+|[^a-z]+$", "", typed).translate(_plain)):
        words = N_(
            "This password is on the list of those that are tried "
            "first. A sentence that only you know works well."
        )
        raise Refusal("password_common", words, "password")
    if _is_about(typed, mail, name):
        words = N_(
            "Your name or e-mail address makes up most of this "
            "password. A sentence that only you know works well."
        )
        raise Refusal("password_own", words, "password")


@cache
def known() -> frozenset[str]:
    """The passwords that are tried first, in small letters."""
    return frozenset(gzip.decompress(LIST.read_bytes()).decode().split()) | HERE


def _is_row(typed: str) -> bool:
    bare = re.sub(r"[^a-z0-9]", "", typed) or typed  # and once without what was put before or behind
    return any(
        _repeats(text) or len(set(text)) <= 3 or _follows(text) for text in {typed, bare, bare[1:], bare[:-1]}
    )


def _repeats(text: str) -> bool:
    """The whole is one piece of at most six characters, again and again."""
    return any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, min(6, len(text) // 2) + 1)
    )


def _follows(text: str) -> bool:
    """The whole follows the alphabet, the digits or the
    keyboard, forward or backward, perhaps from the start again.
    """
    return any(text in line * (len(text) // len(row) + 2) for row in ROWS for line in (row, row[::-1]))


def _is_known(typed: str) -> bool:
    """It is on the list, or is one or two words of the list with little around them."""
    letters = re.sub(r"[^a-z]", "", typed)
    little = len(typed) - len(letters) <= LEFT
    bare = re.sub(r"[^a-z0-9]", "", typed)
    if {typed, bare} & known() or (little and letters in known()):
        return True
    return little and any(
        letters[:at] in known() and letters[at:] in known() for at in range(4, len(letters) - 3)
    )


def _is_about(typed: str, mail: str, name: str) -> bool:
    """Little is left of it without the words of the owner's name and mail address."""
    parts = re.split(r"[^a-z0-9]+", fold(f"{name} {mail.replace('@', ' ')}"))
    rest = re.sub(r"[^a-z0-9]", "", typed)
    before = len(rest)
    for part in sorted({part for part in parts if len(part) >= 3}, key=len, reverse=True):
        rest = rest.replace(part, "")
    return len(rest) < min(before, LEFT)
