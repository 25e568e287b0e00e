"""Writes style sheets: a short rule on one line, else each declaration on a line of its own."""

import re

from tools.markup.reading import LIMIT

SHORT = 110  # a rule on one line
STEP = "  "
PIECE = re.compile(r"""/\*.*?\*/|"[^"]*"|'[^']*'|url\([^)]*\)|[{};,]|[^{};,/"'u]+|.""", re.S)


def formatted_sheet(text: str) -> str:
    """The style sheet; a rule that stands on several lines, none of them too long, stays as it is."""
    return "\n".join(_Sheet(PIECE.findall(text)).lines) + "\n"


class _Sheet:
    """Goes through the pieces and writes lines."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.lines: list[str] = []
        self.group(0, len(pieces), 0)

    def group(self, at: int, end: int, depth: int) -> None:
        """What stands between two brackets: rules, groups, statements and comments."""
        kept = start = at
        while at < end:
            piece = self.pieces[at]
            head = "".join(self.pieces[kept:at])
            is_comment = piece.startswith("/*") and not head.strip()
            if is_comment or piece in (";", "{"):
                blanks = head[: len(head) - len(head.lstrip())]
                if blanks.count("\n") > 1 and kept > start:
                    self.lines.append("")
            if is_comment:
                self.comment(piece, "\n" in head or kept == start, depth)
            elif piece == ";":
                self.lines.append(STEP * depth + head.strip() + ";")
            elif piece == "{":
                close = self.close(at)
                self.rule(head, at, close, depth)
                at = close
            if is_comment or piece in (";", "{"):
                kept = at + 1
            at += 1

    def comment(self, text: str, apart: bool, depth: int) -> None:
        """On a line of its own, or behind what it stood behind."""
        if not apart and len(self.lines[-1]) + len(text) < LIMIT:
            self.lines[-1] += " " + text
        else:
            self.lines.append(STEP * depth + text)

    def close(self, at: int) -> int:
        """Where the bracket ends that opens here."""
        depth = 0
        for number in range(at, len(self.pieces)):
            depth += (self.pieces[number] == "{") - (self.pieces[number] == "}")
            if not depth:
                return number
        raise ValueError("a bracket is open")

    def rule(self, head: str, at: int, end: int, depth: int) -> None:
        """A rule with its declarations, or a group of rules."""
        margin = STEP * depth
        body = "".join(self.pieces[at + 1 : end])
        whole = head.strip() + " {" + body + "}"
        declarations = [] if "{" in self.pieces[at + 1 : end] else self.declarations(at + 1, end)
        short = margin + _selector(head) + " { " + " ".join(declarations) + " }"
        if "\n" in whole.strip() and self.is_good(whole, depth, bool(declarations)):
            self.lines += [margin + whole.split("\n")[0].strip(), *whole.split("\n")[1:]]
        elif declarations and len(short) <= SHORT:
            self.lines.append(short)
        elif "\n" not in whole and len(margin + whole) <= SHORT and whole.count("{") == 2:
            self.lines.append(margin + _spaced(whole))
        else:
            self.lines += [margin + line for line in _folded(_selector(head))]
            self.lines[-1] += " {"
            if declarations:
                self.lines += [line for each in declarations for line in _declaration(each, margin + STEP)]
            else:
                self.group(at + 1, end, depth + 1)
            self.lines.append(margin + "}")

    def is_good(self, whole: str, depth: int, rule: bool) -> bool:
        """It may stay as it stands."""
        rows = whole.split("\n")
        single = all(re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", row).count(";") < 2 for row in rows)
        fits = max(map(len, rows)) <= LIMIT - len(STEP * depth)
        return rule and single and fits and rows[-1].strip() == "}"

    def declarations(self, at: int, end: int) -> list[str]:
        """Each with what ends it; comments by themselves."""
        found: list[str] = []
        kept = ""
        for piece in self.pieces[at:end]:
            if piece.startswith("/*") and not kept.strip():
                if found and "\n" not in kept:
                    found[-1] += " " + piece
                else:
                    found.append(piece)
                kept = ""
            elif piece == ";":
                found.append(_spaced(kept) + ";")
                kept = ""
            else:
                kept += piece
        return [*found, _spaced(kept) + ";"] if kept.strip() else found


def _spaced(text: str) -> str:
    """With one blank where there were several, and one after the name of a property."""
    text = " ".join(text.split())
    return re.sub(r"^([\w-]+)\s*:\s*", r"\1: ", text) if "{" not in text else text


def _selector(text: str) -> str:
    return re.sub(r"\s*>\s*", " > ", re.sub(r",\s*(?![^(]*\))", ", ", " ".join(text.split()))).strip()


def _folded(text: str) -> list[str]:
    """A long list of selectors, some on each line."""
    lines = [""]
    for part in re.split(r"(?<=,) (?![^(]*\))", text):
        if lines[-1] and len(lines[-1]) + len(part) + 6 > SHORT:
            lines.append(part)
        else:
            lines[-1] += (" " if lines[-1] else "") + part
    return lines


def _declaration(text: str, margin: str) -> list[str]:
    """On one line, or a long value at the commas that stand in no brackets."""
    if len(margin + text) <= LIMIT:
        return [margin + text]
    name, _, value = text.partition(": ")
    return [f"{margin}{name}:", *_value(_at_commas(value), margin + STEP)]


def _value(parts: list[str], margin: str) -> list[str]:
    """As many parts on a line as are read at a glance; one that is too long in its brackets."""
    lines = [margin]
    for part in parts:
        if lines[-1].strip() and len(lines[-1]) + len(part) >= SHORT:
            lines.append(margin)
        if len(margin + part) > LIMIT:
            head, _, rest = part.partition("(")
            inner, _, tail = rest.rpartition(")")
            lines[-1:] = [f"{margin}{head}(", *_value(_at_commas(inner), margin + STEP), f"{margin}){tail}"]
        else:
            lines[-1] += (" " if lines[-1].strip() else "") + part
    return lines


def _at_commas(text: str) -> list[str]:
    """Cut after the commas that stand in no brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        parts[-1] += letter
        if letter == "," and not depth:
            parts.append("")
    return [part.strip() for part in parts]
