"""Reads a template into pieces, by Jinja's own lexer, and notes before which there is white space."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from jinja2 import Environment

LIMIT = 140  # characters in a line
JINJA = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
VERBATIM = ("script", "style", "pre", "textarea")  # elements whose text stays as it is
ENDS = {"if": 1, "for": 1, "endif": -1, "endfor": -1}
Words = list[tuple[str, str]]  # the tokens inside of a statement or an expression


@dataclass(eq=False)
class Attribute:
    """What stands in a tag between two blanks, or begins with a condition."""

    space: bool = True
    parts: "list[str | Piece]" = field(default_factory=list)


@dataclass(eq=False)
class Piece:
    """One thing that holds together: a word of text, a tag, or something of Jinja."""

    kind: str  # word, tag, verbatim, expression, statement, comment or end
    text: str = ""
    words: Words = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    space: bool = False  # whether white space is rendered before it
    blank: bool = False  # whether an empty line stood before it
    gap: str = ""  # what that white space means: free, space, none, or kept where nothing may change

    @property
    def name(self) -> str:
        """Of a tag or a statement."""
        if self.kind == "tag":
            return re.match(r"</?([\w:!-]*)", self.start)[1].lower()  # type: ignore[index]
        return self.words[0][1] if self.words else ""

    @property
    def start(self) -> str:
        """What a tag begins with."""
        return str(self.attributes[0].parts[0])

    @property
    def closes(self) -> bool:
        """It is the end of an element."""
        return self.kind == "tag" and self.start.startswith("</")

    @property
    def trims(self) -> bool:
        """Jinja takes the end of the line after it, and the blanks before it at the start of one."""
        return self.kind in ("statement", "comment")


def read(source: str) -> list[Piece]:
    """The pieces of a template, with one at the end that is empty."""
    found: list[Piece] = []
    space = blank = False
    for piece in _whole_tags(_jinja(source)):
        if piece.kind == "blank":
            space = True
            blank = piece.text.count("\n") > (0 if found and found[-1].trims else 1)
            continue
        piece.space, piece.blank = space, blank
        found.append(piece)
        space = blank = False
    return [*found, Piece("end", space=space)]


def _jinja(source: str) -> Iterator[Piece]:
    """Data as it is rendered, and what is Jinja's."""
    words: Words = []
    for _line, token, value in JINJA.lexer.tokeniter(source, None):
        match token:
            case "data":
                yield Piece("data", value)
            case "comment":
                yield Piece("comment", " ".join(value.split()))
            case "block_end" | "variable_end":
                yield Piece("statement" if token == "block_end" else "expression", words=_joined(words))
                words = []
            case "whitespace" | "comment_begin" | "comment_end" | "block_begin" | "variable_begin":
                pass
            case _:
                words.append((token, value))


def _joined(words: Words) -> Words:
    """Strings that stand beside each other are one."""
    found: Words = []
    for kind, value in words:
        if kind == "string" and found and found[-1][0] == "string" and found[-1][1][0] == value[0]:
            found[-1] = (kind, found[-1][1][:-1] + value[1:])
        else:
            found.append((kind, value))
    return found


def _whole_tags(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Text in words and blanks, and tags with what Jinja has inside of them."""
    reader = _Reader()
    for piece in pieces:
        if piece.kind == "data":
            yield from reader.data(piece.text)
        else:
            yield from reader.jinja(piece)


class _Reader:
    """Where the reading is: in text, in a tag, in an attribute's quotes, or in text that stays as it is."""

    def __init__(self) -> None:
        self.tag: list[Attribute] = []
        self.quote, self.depth, self.verbatim = "", 0, ""

    def jinja(self, piece: Piece) -> Iterator[Piece]:
        """What is Jinja's stands by itself, or in the tag."""
        if not self.tag:
            piece.gap = "kept" if self.verbatim else ""
            yield piece
            return
        change = ENDS.get(piece.name, 0) if piece.kind == "statement" else 0
        parts = self.tag[-1].parts
        whole = bool(parts) and (isinstance(parts[-1], Piece) or parts[-1].endswith(('"', "'")))
        if change > 0 and not self.quote and not self.depth and whole:
            self.tag.append(Attribute(space=False))
        self.tag[-1].parts.append(piece)
        self.depth += change

    def data(self, text: str) -> Iterator[Piece]:
        """Data that stands between what is Jinja's."""
        while text:
            if self.verbatim:
                text = yield from self._in_verbatim(text)
            elif self.tag:
                text = yield from self._in_tag(text)
            else:
                text = yield from self._in_text(text)

    def _in_text(self, text: str) -> Generator[Piece, None, str]:
        found = re.match(r"\s+|<!--.*?-->|(?=</?[a-zA-Z!?])|<?[^\s<]+|<", text, re.S)
        assert found
        if not found[0]:
            start = re.match(r"</?[\w:!?-]+", text)
            assert start
            self.tag = [Attribute(parts=[start[0]])]
            return text[start.end() :]
        yield Piece("blank" if found[0].isspace() else "word", found[0])
        return text[found.end() :]

    def _in_tag(self, text: str) -> Generator[Piece, None, str]:
        letter = text[0]
        if self.quote or letter in "\"'":
            self.quote = "" if letter == self.quote else self.quote or letter
            self._add(letter)
        elif letter == ">":
            yield from self._end_of_tag()
        elif letter.isspace() and not self.depth:
            if self.tag[-1].parts:
                self.tag.append(Attribute())
        else:
            self._add(" " if letter.isspace() else letter)
        return text[1:]

    def _add(self, letter: str) -> None:
        parts = self.tag[-1].parts
        if parts and isinstance(parts[-1], str):
            parts[-1] += "" if letter == " " and parts[-1].endswith(" ") and not self.quote else letter
        else:
            parts.append(letter)

    def _end_of_tag(self) -> Iterator[Piece]:
        piece = Piece("tag", attributes=[each for each in self.tag if each.parts])
        piece.gap = "kept" if piece.closes and piece.name in VERBATIM else ""
        self.tag = []
        if piece.name in VERBATIM and not piece.closes:
            self.verbatim = piece.name
        yield piece

    def _in_verbatim(self, text: str) -> Generator[Piece, None, str]:
        before, end, after = text.partition(f"</{self.verbatim}")
        if before:
            yield Piece("verbatim", before, gap="kept")
        if end:
            self.verbatim = ""
        return end + after
