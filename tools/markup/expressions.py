"""Writes what stands in an expression or a statement of Jinja, on one line or folded."""

from tools.markup.reading import LIMIT, Words

BRACKETS = {"(": ")", "[": "]", "{": "}"}
_KEYWORDS = "if else elif and or not in is for set include import from recursive"
KEYWORDS = set(_KEYWORDS.split())
LOOSE = (("if", "else"), ("or",), ("and",), ("~",), ("|",))  # where it is folded, what binds least first


def flat(words: Words, inside: str = "") -> str:
    """On one line; `inside` is the bracket that it stands in."""
    text, brackets = "", [inside]
    for at, word in enumerate(words):
        earlier, before = (words[at - back] if at >= back else ("", "") for back in (2, 1))
        text += _blank(earlier, before, word, brackets[-1]) + word[1]
        if word[0] == "operator" and word[1] in BRACKETS:
            brackets.append(word[1])
        elif word[0] == "operator" and word[1] in BRACKETS.values() and len(brackets) > 1:
            brackets.pop()
    return text


def _blank(earlier: tuple[str, str], before: tuple[str, str], word: tuple[str, str], inside: str) -> str:
    """What stands between two tokens."""
    (kind, value), (last_kind, last) = word, before
    operator, after_operator = kind == "operator", last_kind == "operator"
    if not last or (after_operator and last in "([{.|") or (operator and value in ")]}.,|:"):
        return ""
    if inside and "=" in (value if operator else "", last if after_operator else ""):
        return ""
    if inside == "[" and after_operator and last == ":":
        return ""
    is_value = last_kind == "name" and last not in KEYWORDS
    if operator and value in "([" and (is_value or last in (")", "]", "}")):
        return ""
    if after_operator and last in ("-", "*", "**"):
        is_value = earlier[0] not in ("", "operator") and earlier[1] not in KEYWORDS
        return " " if is_value or earlier[1] in (")", "]") else ""
    return " "


def fold(words: Words, column: int, indent: int, tail: int, inside: str = "") -> list[str]:
    """On as many lines as it needs.

    The first goes on at a column, the others begin at the indent; `tail` letters follow the last.
    """
    whole = flat(words, inside)
    if column + len(whole) + tail <= LIMIT:
        return [whole]
    for operators in LOOSE:
        parts = _parts(words, operators)
        if len(parts) > 1:
            return _stacked(parts, column, indent, tail, inside)
    start, end = _widest(words)
    if start < end:
        return _opened(words, start, end, indent)
    if len(words) == 1 and words[0][0] == "string":
        return _strings(words[0][1], column, indent, tail)
    if (len(words) > 2 and words[1] == ("operator", "=")) or words[0][1] in KEYWORDS:
        at = 2 if words[1] == ("operator", "=") else 1
        head = flat(words[:at], inside) + ("" if inside else " ")
        return _after(head, fold(words[at:], column + len(head), indent, tail))
    return [whole]


def _after(head: str, lines: list[str]) -> list[str]:
    return [head + lines[0], *lines[1:]]


def _stacked(parts: list[Words], column: int, indent: int, tail: int, inside: str) -> list[str]:
    """One part on each line, with its operator in front."""
    lines = fold(parts[0], column, indent, 0, inside)
    for part in parts[1:]:
        head = part[0][1] + ("" if part[0][1] == "|" else " ")
        more = fold(part[1:], indent + len(head), indent + 2, tail if part is parts[-1] else 0)
        lines += [head + more[0], *("  " + line for line in more[1:])]
    return lines


def _opened(words: Words, start: int, end: int, indent: int) -> list[str]:
    """What stands in the widest brackets on lines of its own."""
    inside = words[start][1]
    inner = flat(words[start + 1 : end], inside)
    lines = [inner]
    if indent + 2 + len(inner) > LIMIT:
        lines = []
        arguments = _parts(words[start + 1 : end], (",",))
        for number, argument in enumerate(arguments):
            argument = argument[1:] if number else argument
            if not argument:
                continue
            folded = fold(argument, indent + 2, indent + 4, 1, inside)
            lines += [folded[0], *("  " + line for line in folded[1:])]
            lines[-1] += "," if number < len(arguments) - 1 else ""
    return [flat(words[: start + 1]), *("  " + line for line in lines), flat(words[end:])]


def _strings(text: str, column: int, indent: int, tail: int) -> list[str]:
    """A long string as several that stand below each other."""
    quote, rest = text[0], text[1:-1]
    lines: list[str] = []
    room = LIMIT - column - 2
    while len(rest) > room - (tail if len(rest) <= room else 0):
        cut = rest.rfind(" ", 0, room) + 1
        if not cut:
            break
        lines.append(quote + rest[:cut] + quote)
        rest = rest[cut:]
        room = LIMIT - indent - 2
    return [*lines, quote + rest + quote]


def _parts(words: Words, operators: tuple[str, ...]) -> list[Words]:
    """Cut before these operators, where no bracket is open; those of a statement itself do not count."""
    found: list[Words] = [[]]
    depth = 0
    for at, (kind, value) in enumerate(words):
        depth += (kind == "operator") * ((value in BRACKETS) - (value in BRACKETS.values()))
        if not depth and at and kind in ("operator", "name") and value in operators:
            found.append([])
        found[-1].append((kind, value))
    return found


def _widest(words: Words) -> tuple[int, int]:
    """The longest pair of brackets that stand in no other."""
    best, start, depth = (0, 0), 0, 0
    for at, (kind, value) in enumerate(words):
        if kind != "operator":
            continue
        if value in BRACKETS:
            start = start if depth else at
            depth += 1
        elif value in BRACKETS.values():
            depth -= 1
            if not depth and len(flat(words[start:at])) > len(flat(words[best[0] : best[1]])):
                best = (start, at)
    return best
