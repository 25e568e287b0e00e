"""Reading a programme as people write it: rounds, titles, and who gives what."""

import re

from learning.intake.proposals import LONG, Found, Host, Proposal
from learning.people.rules import fold

ORDINALS = (
    "een eerste one first",
    "twee tweede two second",
    "drie derde three third",
    "vier vierde four fourth",
    "vijf vijfde five fifth",
    "zes zesde six sixth",
)
NUMBERS = {name: number for number, names in enumerate(ORDINALS, start=1) for name in names.split()}
STARTERS = {
    "de",
    "het",
    "een",
    "in",
    "hoe",
    "wat",
    "waarom",
    "wie",
    "waar",
    "wanneer",
    "welke",
    "met",
    "op",
    "van",
    "voor",
    "aan",
    "bij",
    "door",
    "om",
    "als",
    "na",
    "naar",
    "over",
    "tijdens",
    "sinds",
    "uit",
    "binnen",
    "deze",
    "dit",
    "er",
    "je",
    "we",
    "wij",
    "hebben",
    "hebt",
    "is",
    "zijn",
    "kun",
    "kan",
    "deelnemers",
    "samen",
    "tegenwoordig",
    "steeds",
    "veel",
    "vanaf",
    "vanuit",
    "the",
    "a",
    "an",
    "how",
    "what",
    "why",
    "who",
    "where",
    "when",
    "which",
    "with",
    "on",
    "from",
    "for",
    "at",
    "by",
    "as",
    "after",
    "during",
    "since",
    "this",
    "these",
    "there",
    "you",
    "our",
}
_round = re.compile(
    r"^(?:workshops?|sessies?|sessions?|parallelsessies?)?\s*(?:(?:ronde|round|sessieronde)\s+(?P<after>\w+)|(?P<before>\w+)\s+ronde)\b",
    re.IGNORECASE,
)
_more = re.compile(r"^\s*(?:lees meer|read more)?\s*(?:klik om te sluiten)?\s*$", re.IGNORECASE)
_end = re.compile(r"^(?:powered by|cookies?$|©|copyright|privacy)", re.IGNORECASE)
_by = re.compile(
    r"(?:^|(?<=[.!?] ))(?:Door|By|Met dank aan|Begeleiding|Sprekers?|Hosts?):?\s+(?=[A-Z0-9'‘’])"
)
_person = re.compile(
    r"(?P<name>[A-ZÀ-Ý][\w'’\-]+(?:\s+(?:van|de|der|den|het|'t|ten|ter|la|el|von|[A-ZÀ-Ý][\w'’\-]+)){1,5})\s*\((?P<of>[^()]{2,120})\)"
)
_contact = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|\b0\d[\d\s-]{7,11}\d\b")


def page(text: str) -> Proposal:
    """Headings that name a round, and under each the sessions: a title with its text, set apart by lines."""
    entries: list[tuple[int, int, list[str]]] = []  # round, line, lines
    round, fresh = 0, True
    # else an empty line sets sessions apart
    marked = any(_more.match(raw) and raw.strip() for raw in text.split("\n"))
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip().lstrip("•*·–- ").strip()
        if _end.match(line):
            break
        heading = _round_of(line)
        if heading:
            round, fresh = heading, True
        elif _more.match(raw):
            fresh = fresh or bool(raw.strip()) or not marked
        elif round and fresh:
            entries.append((round, number, [line]))
            fresh = False
        elif round:
            entries[-1][2].append(line)
    return Proposal(tuple(_entry(*entry) for entry in entries if len(entry[2][0]) > 3))


def _round_of(line: str) -> int:
    """The number of the round that a heading names, or 0."""
    found = _round.match(line) if len(line) < 60 else None
    word = fold((found["after"] or found["before"]) if found else "")
    return int(word) if word.isdigit() and len(word) < 3 else NUMBERS.get(word, 0)


def _entry(round: int, line: int, lines: list[str]) -> Found:
    title, rest = split_title(lines[0])
    text = "\n\n".join(part for part in (rest, *lines[1:]) if part)
    hosts, text = _hosts_in(text)
    text = _contact.sub("", text)
    return Found(line=line, round=round, title=title[:200], text=text.strip()[:LONG], hosts=hosts)


def split_title(line: str) -> tuple[str, str]:
    """Where a title ends and its text begins, when both stand on one line: at the first new sentence."""
    if len(line) <= 90 and not re.search(r"[.](\s|$)", line):
        return line, ""
    words = line.split(" ")
    at = 0
    for n, word in enumerate(words[1:], start=1):
        at += len(words[n - 1]) + 1
        before = words[n - 1]
        if not word[:1].isupper() and word[:1] not in "‘'“\"":
            continue
        if before.endswith(("?", "!")):
            if re.match(r"\S+(?: \S+){0,4}[!?](?: |$)", line[at:]):
                continue  # a second short question belongs to the title
            return line[:at].strip(), line[at:]
        repeated = fold(word).strip("‘’'") in (fold(before).strip("‘’'"), fold(words[0]).strip("‘’'"))
        starts = fold(word) in STARTERS and not before.endswith((":", "-", "–"))
        if repeated or (n >= 2 and (starts or (before.endswith(")") and word[:1].isupper()))):
            return line[:at].strip(), line[at:]
    cut = line.find(". ")
    if 0 < cut < 200:
        return line[:cut], line[cut + 2 :]
    return (line, "") if len(line) <= 200 else (line[:120], line)


def _hosts_in(text: str) -> tuple[tuple[Host, ...], str]:
    """Who leads it, of "Door: A (B) en C (D)" at the end, else of names with an organisation in brackets."""
    found = list(_by.finditer(text))
    if found and len(text) - found[-1].end() < 600:
        return hosts_of(text[found[-1].end() :].split("\n")[0]), text[: found[-1].start()].strip()
    sure = (m for m in _person.finditer(text) if m["of"][:1].isalpha() and not _acronym(m["name"], m["of"]))
    named = (Host(m["name"], m["of"].strip()) for m in sure)
    return tuple(dict.fromkeys(named)), text


def _acronym(words: str, short: str) -> bool:
    return "".join(word[0] for word in words.split()).upper().endswith(short.strip().upper())


def hosts_of(text: str) -> tuple[Host, ...]:
    """People as they are written: "A (B), C; D en E (F)"."""
    pieces = re.split(r";|,(?![^(]*\))|\)\.|\s(?:en|and|&)\s(?![^(]*\))", text.strip().rstrip("."))
    hosts = []
    for piece in pieces:
        name, _bracket, of = piece.strip().partition("(")
        name, of = name.strip(" .:"), of.strip(" ).")
        if name or of:
            hosts.append(Host(name[:120], of[:160]))
    return tuple(dict.fromkeys(hosts))
