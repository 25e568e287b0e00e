"""Reading a programme that was made elsewhere: a pasted page, a table, or a schedule file.

Plain values in and out.

Nothing is saved here: the result is a proposal to look
at, with a problem for each line that could not be read.
"""

import re

from learning.intake.frab import frab_json, frab_xml
from learning.intake.proposals import LONG, MOST, Found, Problem, Proposal
from learning.intake.prose import hosts_of, page
from learning.kit.errors import Refusal
from learning.kit.sheets import csv_rows, decoded, plain_text
from learning.kit.wording import N_
from learning.people.rules import fold

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
        return _checked(frab_xml(text))
    if start == "{":
        return _checked(frab_json(text))
    return read_text(text)


def read_text(text: str) -> Proposal:
    """A proposal from text: a table with a row of headings, or a page as it was pasted."""
    text = plain_text(text)
    rows = csv_rows(text, lambda row: bool(_heads(row)[0]), most=MOST)
    return _checked(_table(rows) if rows is not None else page(text))


def _checked(proposal: Proposal) -> Proposal:
    if not proposal.sessions and not proposal.problems:
        raise Refusal("nothing_found", N_("No sessions were found in it. Look at the example of a table."))
    if len(proposal.sessions) > MOST:
        raise Refusal(
            "too_many", N_("There are more than %(most)d sessions in it. Bring them in in parts."), most=MOST
        )
    return proposal


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
