"""Which files are formatted, and how."""

from collections.abc import Callable
from pathlib import Path

import jsbeautifier

from tools.markup.gaps import mark_gaps, tree
from tools.markup.layout import write
from tools.markup.reading import LIMIT, Piece, read
from tools.markup.sheets import formatted_sheet
from tools.markup.writing import attributes_of, text_of

ROOT = Path(__file__).parent.parent.parent


def formatted(source: str) -> str:
    """A template in other lines; an error when a reader would see a difference. XML stays as it is."""
    if source.startswith("<?xml"):
        return source
    pieces = _analysed(source)
    text = write(tree(pieces[:-1]))
    for before, after in zip(seen(source), seen(text), strict=True):
        if before != after:
            raise ValueError(f"{before} would become {after}")
    return text


def seen(source: str) -> list[tuple[str, str]]:
    """What Jinja does and a reader sees: the pieces, and where white space counts, whether there is some."""
    return [
        ("" if piece.gap == "free" else str(piece.space), " ".join(attributes_of(piece)) or text_of(piece))
        for piece in _analysed(source)
    ]


def _analysed(source: str) -> list[Piece]:
    pieces = read(source)
    mark_gaps(pieces, tree(pieces[:-1]))
    return pieces


def script(source: str) -> str:
    """A script, by jsbeautifier."""
    options = jsbeautifier.default_options()
    options.indent_size, options.wrap_line_length, options.max_preserve_newlines = 2, LIMIT, 2
    options.end_with_newline = True
    return str(jsbeautifier.beautify(source, options))


def as_it_is(source: str) -> str:
    """Text whose line breaks somebody reads, such as a mail; only the length of its lines is looked at."""
    return source


def too_long(text: str) -> list[int]:
    """The numbers of lines with more than 140 characters."""
    return [number for number, line in enumerate(text.split("\n"), 1) if len(line) > LIMIT]


FILES: dict[str, Callable[[str], str]] = {
    "templates/**/*.html": formatted,
    "templates/**/*.css": as_it_is,
    "templates/**/*.txt": as_it_is,
    "static/css/*.css": formatted_sheet,
    "static/js/*.js": script,
}
