"""Reading a programme that was made elsewhere: a pasted page, a table, or a schedule file.

Plain values in and out.

Nothing is saved here: the result is a proposal to look
at, with a problem for each line that could not be read.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from learning.kit.errors import Refusal
from learning.kit.sheets import csv_rows, decoded, plain_text
from learning.kit.wording import N_
from learning.people.rules import fold

MOST = 5000  # sessions in one go
LONG = 20_000  # characters of one text
COLUMNS = {
    "round": ("ronde", "round"),
    "title": ("titel", "title", "sessie", "session", "titel nl"),
    "title_en": ("titel en", "title en", "titel engels", "english title"),
    "text": ("tekst", "text", "samenvatting", "abstract", "beschrijving", "omschrijving"),
    "text_en": ("tekst en", "text en", "tekst engels", "abstract en"),
    "hosts": ("begeleiders", "begeleider", "begeleiding", "hosts", "host", "sprekers", "spreker", "speakers"),
    "room": ("zaal", "room", "ruimte"),
    "capacity": ("plekken", "capaciteit", "capacity", "places"),
    "minimum": ("minimum", "least"),
    "theme": ("thema", "theme", "track"),
}
TEMPLATE = (
    "ronde",
    "titel",
    "tekst",
    "begeleiders",
    "zaal",
    "plekken",
    "minimum",
    "thema",
    "titel en",
    "tekst en",
)
EXAMPLE = (
    "1",
    "Bewoners aan zet",
    "Wat werkt?",
    "Jo Voorbeeld (Gemeente X); Movisie",
    "Zaal 1",
    "40",
    "8",
    "",
    "",
    "",
)
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


@dataclass(frozen=True)
class Host:
    """Somebody, or an organisation alone."""

    name: str = ""
    affiliation: str = ""


@dataclass(frozen=True)
class Found:
    """A session that was read. `round` 0 is none; empty numbers are not known; `line` is where it stands."""

    line: int
    title: str
    round: int = 0
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    hosts: tuple[Host, ...] = ()
    room: str = ""
    capacity: int | None = None
    minimum: int | None = None
    theme: str = ""


@dataclass(frozen=True)
class Problem:
    """Something that could not be read: the line, a sentence, and its values."""

    line: int
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    """What was read, to look at before anything is saved."""

    sessions: tuple[Found, ...]
    problems: tuple[Problem, ...] = ()


def read(content: bytes | list[list[str]]) -> Proposal:
    """A proposal from a file: the rows of a spreadsheet, a
    table as CSV, a frab schedule as XML or JSON, or text.

    Refuses, in a sentence, what is none of these.
    """
    if isinstance(content, list):
        return _checked(_table(content))
    text = decoded(content)
    start = text.lstrip()[:1]
    if start == "<":
        return _checked(_frab_xml(text))
    if start == "{":
        return _checked(_frab_json(text))
    return read_text(text)


def read_text(text: str) -> Proposal:
    """A proposal from text: a table with a row of headings, or a page as it was pasted."""
    text = plain_text(text)
    rows = csv_rows(text, lambda row: bool(_heads(row)[0]), most=MOST)
    return _checked(_table(rows) if rows is not None else _page(text))


def _checked(proposal: Proposal) -> Proposal:
    if not proposal.sessions and not proposal.problems:
        raise Refusal("nothing_found", N_("No sessions were found in it. Look at the example of a table."))
    if len(proposal.sessions) > MOST:
        raise Refusal(
            "too_many", N_("There are more than %(most)d sessions in it. Bring them in in parts."), most=MOST
        )
    return proposal


def _page(text: str) -> Proposal:
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


def _heads(row: list[str]) -> tuple[dict[str, int], list[str]]:
    """Which column is what, and the headings that mean nothing to us."""
    found, unknown = {}, []
    for number, head in enumerate(row):
        words = fold(head).replace("_", " ").strip()
        key = next((key for key, names in COLUMNS.items() if words in names), None)
        if key and key not in found:
            found[key] = number
        elif words:
            unknown.append(head)
    return (found if "title" in found else {}), unknown


def _table(rows: list[list[str]]) -> Proposal:
    start = next((n for n, row in enumerate(rows) if _heads(row)[0]), None)
    if start is None:
        raise Refusal(
            "no_heads", N_("The table has no column “titel”. Give the first row the names of the example.")
        )
    heads, unknown = _heads(rows[start])
    problems = [
        Problem(start + 1, N_("The column “%(name)s” is not used."), {"name": name}) for name in unknown
    ]
    sessions = []
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        cells = {key: row[at].strip().lstrip("'") if at < len(row) else "" for key, at in heads.items()}
        if any(cells.values()):
            found, wrong = _line(number, cells)
            problems += wrong
            if found is not None:
                sessions.append(found)
    return Proposal(tuple(sessions), tuple(problems))


def _line(number: int, cells: dict[str, str]) -> tuple[Found | None, list[Problem]]:
    problems: list[Problem] = []
    if not cells["title"]:
        return None, [
            Problem(
                number, N_("Line %(line)d has no title. Give it one, or take the line out."), {"line": number}
            )
        ]
    counts: dict[str, int | None] = {}
    for name in ("round", "capacity", "minimum"):
        text = cells.get(name, "")
        digits = re.sub(r"(?i)^(ronde|round)\s*|\.0+$", "", text).strip()
        counts[name] = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None
        if text and counts[name] is None:
            words = N_("Line %(line)d: “%(typed)s” is not a number. Write only digits.")
            problems.append(Problem(number, words, {"line": number, "typed": text[:60]}))
    return Found(
        line=number,
        title=cells["title"][:200],
        round=counts["round"] or 0,
        title_en=cells.get("title_en", "")[:200],
        text=cells.get("text", "")[:LONG],
        text_en=cells.get("text_en", "")[:LONG],
        hosts=hosts_of(cells.get("hosts", "")),
        room=cells.get("room", "")[:80],
        capacity=counts["capacity"],
        minimum=counts["minimum"],
        theme=cells.get("theme", "")[:60],
    ), problems


def _frab_xml(text: str) -> Proposal:
    """A frab schedule: days, rooms and events; what runs in parallel becomes a round."""
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root = ElementTree.fromstring(text.encode())
    except DefusedXmlException:
        raise Refusal(
            "xml_entities", N_("This XML defines entities. We do not read those; save it without.")
        ) from None
    except ElementTree.ParseError:
        raise Refusal("no_xml", N_("This XML cannot be read. Is it a schedule in the frab format?")) from None
    events = []
    for day in root.iter("day"):
        for event in day.iter("event"):
            hosts = tuple(Host(p.text.strip()) for p in event.iter("person") if p.text and p.text.strip())
            fields = {
                name: (event.findtext(name) or "").strip()
                for name in ("title", "abstract", "room", "start", "track")
            }
            events.append((day.get("date", ""), fields, hosts))
    return _events(events)


def _frab_json(text: str) -> Proposal:
    try:
        days = json.loads(text)["schedule"]["conference"]["days"]
        events = [
            (
                str(day.get("date", "")),
                {
                    name: str(event.get(name) or "")
                    for name in ("title", "abstract", "room", "start", "track")
                },
                tuple(
                    Host(str(p.get("name") or p.get("public_name") or "")) for p in event.get("persons", [])
                ),
            )
            for day in days
            for room in day["rooms"].values()
            for event in room
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refusal(
            "no_json", N_("This JSON cannot be read. Is it a schedule in the frab format?")
        ) from None
    return _events(events)


def _events(events: list[tuple[str, dict[str, str], tuple[Host, ...]]]) -> Proposal:
    """Sessions that begin at one moment, in more than one
    room, are a round; the others are left out, and said so.
    """
    at = sorted({(day, event["start"]) for day, event, _hosts in events})
    many = [when for when in at if sum((day, event["start"]) == when for day, event, _hosts in events) > 1]
    sessions, problems = [], []
    for number, (day, event, hosts) in enumerate(events, start=1):
        title = re.sub(r"^\d+\.\d+\s+", "", event["title"])[:200]
        if (day, event["start"]) not in many or not title:
            words = N_(
                "“%(title)s” has nothing beside it, so it is no session. Make it a block of the meeting."
            )
            problems.append(Problem(number, words, {"title": title[:80]}))
            continue
        rest = {
            "text": event["abstract"][:LONG],
            "hosts": hosts,
            "room": event["room"][:80],
            "theme": event["track"][:60],
        }
        sessions.append(Found(line=number, title=title, round=many.index((day, event["start"])) + 1, **rest))  # type: ignore[arg-type]
    return Proposal(tuple(sessions), tuple(problems))
