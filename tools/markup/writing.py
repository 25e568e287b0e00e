"""Writes a template anew: blocks below each other, what stands in a line together where it fits."""

from tools.markup.expressions import flat, fold
from tools.markup.gaps import BLOCKS
from tools.markup.reading import LIMIT, Piece


def text_of(piece: Piece) -> str:
    """A piece on one line, without the marks that take white space."""
    match piece.kind:
        case "expression":
            return "{{ " + flat(piece.words) + " }}"
        case "statement":
            return "{% " + flat(piece.words) + " %}"
        case "comment":
            return "{# " + piece.text + " #}"
        case "tag":
            first, *rest = attributes_of(piece)
            blanks = [" " if each.space else "" for each in piece.attributes[1:]]
            return first + "".join(blank + text for blank, text in zip(blanks, rest, strict=True)) + ">"
    return piece.text


def blank_before(last: Piece | None, piece: Piece) -> str:
    """The blank before a piece on the same line; one that nobody sees stays, but not at a block."""
    tags = [each for each in (last, piece) if each is not None and each.kind == "tag"]
    edge = any(each.name in BLOCKS or each.closes == (each is piece) for each in tags)
    return " " if piece.gap == "space" or (piece.gap == "free" and piece.space and not edge) else ""


def attributes_of(piece: Piece) -> list[str]:
    """The attributes of a tag, after what it begins with."""
    return ["".join(_part(part) for part in each.parts) for each in piece.attributes]


def _part(part: str | Piece) -> str:
    return part if isinstance(part, str) else text_of(part)


class Writer:
    """Puts one piece after the other, and knows in which column it is."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.last: Piece | None = None

    def text(self) -> str:
        """All that was written."""
        return "\n".join([*self.lines, self.line]).rstrip("\n") + "\n"

    def may_break(self, piece: Piece, *, forced: bool = False) -> bool:
        """A new line may begin before this piece, without a reader seeing it."""
        last = self.last
        if last is None or piece.gap == "kept":
            return False
        if piece.gap == "none":
            soft = ("statement", "comment", "expression") if forced else ("statement", "comment")
            return last.kind in soft or piece.kind in soft
        return piece.gap == "free" or not (last.trims and piece.trims)

    def put(self, piece: Piece, indent: int | None) -> None:
        """Write a piece, on a new line when an indent is given."""
        strip = ""
        if indent is not None:
            strip = self._new_line(piece, indent)
        else:
            self.line += blank_before(self.last, piece)
        lines = self._lines(piece)
        if strip:
            lines[0] = lines[0][:2] + strip + lines[0][2:]
        self.line += lines[0]
        for line in lines[1:]:
            self.lines.append(self.line)
            self.line = line
        self.last = piece

    def _new_line(self, piece: Piece, indent: int) -> str:
        """Go to the next line; gives the mark that the piece needs to take the white space before it."""
        last, strip = self.last, ""
        if piece.gap == "none" and last and not (last.trims and piece.trims):
            if piece.trims:
                strip = "-"
            elif last.trims or (last.kind == "expression" and piece.kind != "expression"):
                self.line = self.line[:-2] + "-" + self.line[-2:]
            else:
                strip = "-"
        self.lines.append(self.line.rstrip())
        ends_macro = last is not None and last.kind == "statement" and last.name == "endmacro"
        empty_line = (piece.blank or (ends_macro and not indent)) and piece.gap != "none"
        if empty_line or (piece.gap == "space" and last and last.trims and not indent):
            self.lines.append("")
        self.line = " " * indent
        return strip

    def _lines(self, piece: Piece) -> list[str]:
        """The piece as it fits here."""
        whole = text_of(piece)
        column = len(self.line)
        if column + len(whole) <= LIMIT - 1 or piece.kind in ("word", "verbatim"):
            return [whole]
        indent = len(self.line) - len(self.line.lstrip())
        margin = " " * indent
        if piece.kind == "tag":
            return self._tag(piece, indent)
        if piece.kind == "comment":
            return _wrapped("{# " + piece.text + " #}", indent)
        head, tail = ("{{ ", " }}") if piece.kind == "expression" else ("{% ", " %}")
        lines = fold(piece.words, column + 3, indent + 2, 4)
        lines = [head + lines[0], *(margin + "  " + line for line in lines[1:])]
        if len(lines) > 1 and lines[-1].strip()[0] in ")]}":  # below the line that opened the bracket
            lines[-1] = margin + lines[-1].strip()
        lines[-1] += tail
        return lines

    def _tag(self, piece: Piece, indent: int) -> list[str]:
        """An attribute on each line."""
        margin = " " * (indent + 4)
        lines = [_part(piece.attributes[0].parts[0])]
        previous = piece.attributes[0]
        for each in piece.attributes[1:]:
            text = "".join(_part(part) for part in each.parts)
            meet = _trims(previous.parts[-1]) and _trims(each.parts[0]) and each.space
            if meet:
                lines[-1] += " " + text
            else:
                lines.append(margin + text)
            if len(lines[-1]) > LIMIT - 1:
                lines[-1:] = _attribute(each.parts, margin)
            previous = each
        lines[-1] += ">"
        return lines


def _trims(part: str | Piece) -> bool:
    return isinstance(part, Piece) and part.trims


def _attribute(parts: list[str | Piece], margin: str) -> list[str]:
    """An attribute that is too long: what is Jinja's in it folded."""
    lines = [margin]
    for part in parts:
        long = len(lines[-1]) + len(_part(part)) > LIMIT - 1
        if long and isinstance(part, Piece) and part.kind == "expression":
            folded = fold(part.words, len(lines[-1]) + 3, len(margin) + 2, 6)
            lines[-1] += "{{ " + folded[0]
            lines += [margin + "  " + line for line in folded[1:]]
            lines[-1] += " }}"
        else:
            lines[-1] += _part(part)
    return lines


def _wrapped(text: str, indent: int) -> list[str]:
    """A comment on several lines."""
    lines = [""]
    margin = ""
    for word in text.split(" "):
        if len(lines[-1]) + len(word) + 1 > LIMIT - (indent if len(lines) == 1 else 0):
            margin = " " * (indent + 3)
            lines.append(margin + word)
        else:
            lines[-1] += (" " if lines[-1] else "") + word
    return lines
