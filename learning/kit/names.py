"""What a name may hold: it stands in mails that we send, so it leads nowhere and hides nothing."""

import re
import unicodedata

from learning.kit.errors import Refusal
from learning.kit.wording import N_

LONGEST = 100  # letters of the name of a person
LONGEST_ORGANISATION = 160

# what browsers read as a dot (RFC 3490); the wide ones are levelled before
_DOTS = str.maketrans("。｡", "..")
# letters and marks of which nothing is seen
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_LEADS = re.compile(
    r"//|\\\\|\bwww\d*\s*\.|\b(?:https?|ftp|mailto|javascript|data|tel|sms|hxxps?)\s*:", re.IGNORECASE
)
_DOTTED = re.compile(r"[^\W_][\w-]*(?:\.[\w-]+)+", re.UNICODE)
_LONG_ENDINGS = """
    academy agency amsterdam app bank biz blog bot cloud club com dev digital email eus example frl gent
    gov help info int ink link live llc mil mobi monster name net news one online org page pro pub run
    shop site social space store support team tech tel test today top travel vip vlaanderen web wiki
    work world xyz zip zone
"""
# of domains; with a single letter before them they exist too (x.com)
_ENDINGS = frozenset(_LONG_ENDINGS.split())


def name_problem(text: str, *, longest: int = LONGEST) -> str | None:
    """What is wrong with a name, as a sentence for the one who typed it; None when nothing is.

    `J.P. de Vries`, `Anne-Fleur 't Hooft` and `Café De Brug (2)` are names; `evil.example` and `a@b` are not.
    """
    flat = unicodedata.normalize("NFKC", text).translate(_DOTS)
    if len(text) > longest:
        return N_("This name is too long.")
    if any(_hidden(letter) for letter in text):
        return N_("Remove the invisible characters from this name.")
    if (
        "@" in flat
        or _LEADS.search(flat)
        or any(_leads(found[0], flat[found.end() :]) for found in _DOTTED.finditer(flat))
    ):
        return N_("Write a name without a web or mail address. Put a space behind a full stop.")
    if not any(unicodedata.category(letter).startswith("L") for letter in flat):
        return N_("Write a name with letters.")
    return None


def check_name(text: str, field: str | None = "name", *, longest: int = LONGEST) -> None:
    """Refuse what can be no name of a person or an organisation."""
    problem = name_problem(text, longest=longest)
    if problem is not None:
        raise Refusal("no_name", problem, field)


def check_reference(text: str, field: str | None = None) -> None:
    """Refuse a reference on an invoice that leads to a web or mail address, or hides something.

    `afd.inkoop 12/3` is one.
    """
    flat = unicodedata.normalize("NFKC", text).translate(_DOTS)
    ends = (found[0].lower().rpartition(".")[2] for found in _DOTTED.finditer(flat))
    if (
        "@" in flat
        or _LEADS.search(flat)
        or any(end in _ENDINGS or re.fullmatch("[a-z]{2}", end) for end in ends)
    ):
        raise Refusal(
            "no_reference", N_("Write a number or a few words, without a web or mail address."), field
        )
    if any(_hidden(letter) for letter in text):
        raise Refusal("no_reference", N_("Remove the invisible characters from this field."), field)


def _hidden(letter: str) -> bool:
    """Controls, line breaks, what turns the direction of writing, and what has no width."""
    selects = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return (
        unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        or letter in _BLANK
        or selects
    )


def _leads(word: str, rest: str) -> bool:
    """A word with dots in it is read as a web address by
    programs for mail: not initials such as J.P. or J.Vries.
    """
    labels = [label for label in word.lower().split(".") if label]
    last = labels[-1] if len(labels) > 1 else ""
    if last.isdigit():
        return len(labels) == 4 and all(label.isdigit() for label in labels)  # the address of a machine
    if len(last) < 2:
        return rest.startswith("/") and len(labels) > 1
    return (
        any(len(label) > 1 for label in labels[:-1])
        or len(last) == 2
        or last in _ENDINGS
        or rest.startswith(("/", ":"))
    )
