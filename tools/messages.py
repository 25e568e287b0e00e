"""Builds the Dutch catalogue from the sentences in code and templates and the parts written beside them.

`python -m tools.messages` writes it; with `--check` it lists every sentence
that has no Dutch, or another one in another part, and ends with 1.
"""

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo

ROOT = Path(__file__).parent.parent
PARTS = ROOT / "learning" / "translations" / "parts"
TARGET = ROOT / "learning" / "translations" / "nl" / "LC_MESSAGES" / "messages.mo"
KEYWORDS: dict[str, Any] = {
    "_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2),
}  # fmt: skip
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true"}}
Key = str | tuple[str, str]


def parts() -> dict[str, dict[Key, Any]]:
    """The pairs of each part, by its name; a plural has a pair as its key."""
    sys.path.insert(0, str(ROOT))
    names = [file.stem for file in sorted(PARTS.glob("[a-z]*.py"))]
    return {name: import_module(f"learning.translations.parts.{name}").NL for name in names}


def dutch() -> dict[Key, Any]:
    """All pairs of the parts together."""
    together: dict[Key, Any] = {}
    for pairs in parts().values():
        together |= pairs
    return together


def contradictions(of: dict[str, dict[Key, Any]]) -> list[str]:
    """Sentences that two parts put in other words: the reader
    would get those of the last part, whatever the page.
    """
    first: dict[Key, str] = {}
    lines = []
    for name, pairs in of.items():
        for key, words in pairs.items():
            other = first.setdefault(key, name)
            if of[other][key] != words:
                lines.append(
                    f"{other} and {name} have other Dutch for {key!r}: {of[other][key]!r} and {words!r}"
                )
    return lines


def sentences() -> dict[Key, str]:
    """Every sentence that the interface can show, with where it stands."""
    found: dict[Key, str] = {}
    for folder in ("learning", "templates"):
        for name, line, message, _comments, _context in extract_from_dir(
            ROOT / folder, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=()
        ):
            key: Key = (message[0], message[1]) if isinstance(message, tuple) else message
            found.setdefault(key, f"{folder}/{name}:{line}")
    return found


def build(pairs: dict[Key, Any]) -> None:
    """Write the catalogue that the app reads."""
    catalogue = Catalog(locale="nl")
    for key, words in pairs.items():
        catalogue.add(key, words, flags=["python-format"] if "%(" in str(key) else [])
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with TARGET.open("wb") as file:
        write_mo(file, catalogue)


def complaints(pairs: dict[Key, Any]) -> list[str]:
    """What is wrong: a sentence without Dutch, or with other placeholders in it."""
    known = set(pairs)
    lines = [f"{place}: no Dutch for {key!r}" for key, place in sentences().items() if key not in known]
    for key, words in pairs.items():
        for english, translated in zip(_several(key), _several(words), strict=False):
            if _holes(translated) - _holes(english):
                lines.append(f"other placeholders in the Dutch of {english!r}")
    return sorted(lines)


def _several(words: Any) -> list[str]:
    return list(words) if isinstance(words, tuple) else [words]


def _holes(words: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)", words))


if __name__ == "__main__":
    pairs = dutch()
    build(pairs)
    wrong = [*complaints(pairs), *contradictions(parts())] if "--check" in sys.argv else []
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)
