"""Reading lists of organisations, contacts and partnerships from a table, and writing them as one.

Plain values in and out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from learning.kit.errors import Refusal
from learning.kit.sheets import LONGEST, TOO_LONG, csv_rows, decoded, plain, plain_text
from learning.kit.wording import N_
from learning.organisations.rules import country_code
from learning.people.rules import fold
from learning.programmes.days import read_days

MOST = 10_000  # lines in one go
SEVERAL = ("also", "mail_domains")  # columns with more than one value, between ; or on lines of their own
KINDS = {
    "city": ("gemeente", "municipality", "stad"),
    "housing_corporation": ("woningcorporatie", "corporatie", "housing corporation", "housing association"),
    "institution": ("instelling", "institution", "kennisinstelling"),
    "company": ("bedrijf", "company", "onderneming"),
    "other": ("anders", "overig", "overige"),
}
LANGUAGES = {"nl": ("nederlands", "dutch"), "en": ("engels", "english")}


@dataclass(frozen=True)
class Column:
    """A column: its head, by which other words that head is known
    (in small letters, a comma between them), what it means.
    """

    key: str
    head: str
    words: str
    meaning: str
    example: str = ""
    required: bool = False


ORGANISATION = "organisatie, organisation, organization, gemeente, municipality"
LANGUAGE = "taal, language"
ORGANISATION_MEANS = N_("The name or another name of an organisation in your list.")
COLUMNS: dict[str, tuple[Column, ...]] = {
    "organisations": (
        Column(
            "name", N_("Name"), f"naam, name, {ORGANISATION}",
            N_("By this name people find it. Needed on each line."),
            "Gemeente Voorbeeldstad", required=True,
        ),
        Column(
            "kind", N_("Kind"), "soort, kind, type",
            N_("Municipality, housing corporation, institution, company or other, in Dutch or in English."),
            "gemeente",
        ),
        Column(
            "also", N_("Other names"),
            "andere namen, other names, ook bekend als, also known as, aliassen, aliases",
            N_("Other names by which people look for it, with ; between them. They "
               "replace those that we know."),
            "Voorbeeldstad; VBS",
        ),
        Column(
            "legal_name", N_("Name on an invoice"),
            "naam op een factuur, name on an invoice, juridische naam, statutaire "
            "naam, legal name, factuurnaam",
            N_("The name as it stands on an invoice."), "Gemeente Voorbeeldstad",
        ),
        Column(
            "kvk", N_("KvK"), "kvk, kvk nummer, kvknummer, coc, coc number, kvk number", N_("Eight digits."),
            "12345678",
        ),
        Column(
            "oin", N_("OIN"), "oin, oin nummer",
            N_("Twenty digits. Give this column the format “text”, or a spreadsheet forgets the zeros."),
            "00000003123456780000",
        ),
        Column(
            "vat_id", N_("VAT number"), "btw nummer, vat number, btw, btw id, btwnummer, vat id, vat",
            N_("Like NL000099998B57."), "NL123456782B90",
        ),
        Column(
            "street", N_("Street and number"),
            "straat en nummer, street and number, straat, street, adres, address",
            N_("The address for invoices."), "Markt 1",
        ),
        Column("postcode", N_("Postcode"), "postcode, postal code, zip, zip code", N_("The postcode."),
        "1234 AB"),
        Column(
            "city", N_("City"), "plaats, city, woonplaats, town, stad", N_("The place of that address."),
            "Voorbeeldstad",
        ),
        Column(
            "country", N_("Country"), "land, country",
            N_("NL, or a name such as België. Empty: Netherlands when it is new."), "NL",
        ),
        Column(
            "finance_mail", N_("Mail address for invoices"),
            "e mailadres voor facturen, mailadres voor facturen, mail address for "
            "invoices, factuurmail, factuur e mail, "
            "finance mail, invoice mail",
            N_("Where invoices are sent."), "facturen@voorbeeldstad.example",
        ),
        Column(
            "endpoint", N_("Address for e-invoices"),
            "adres voor e facturen, address for e invoices, e factuuradres, e "
            "invoice address, peppol, peppol id",
            N_("0190: and the OIN, 0106: and the KvK number, or 9944: and the VAT number."),
            "0190:00000003123456780000",
        ),
        Column(
            "mail_domains", N_("Mail domains"),
            "maildomeinen, mail domains, maildomein, mail domain, domeinen, domains",
            N_("Domains of its people's addresses, with ; between them. They replace those that we know."),
            "voorbeeldstad.example",
        ),
        Column(
            "language", N_("Language"), LANGUAGE,
            N_("The language of mail to them: nl or en. Empty: Dutch when it is new."), "nl",
        ),
    ),
    "contacts": (
        Column(
            "organisation", N_("Organisation"), ORGANISATION, ORGANISATION_MEANS, "Gemeente Voorbeeldstad",
            required=True,
        ),
        Column("name", N_("Name"), "naam, name, contactpersoon, contact", N_("Who it is."), "Jo Voorbeeld",
        required=True),
        Column(
            "mail", N_("E-mail address"),
            "e mailadres, e mail address, mail, e mail, email, mailadres, mail "
            "address, emailadres, email address",
            N_("By organisation and address we know whom we have already."), "jo@voorbeeldstad.example",
            required=True,
        ),
        Column(
            "language", N_("Language"), LANGUAGE,
            N_("The language of mail to them: nl or en. Empty: that of the organisation when it is new."),
            "nl",
        ),
    ),
    "partnerships": (
        Column(
            "organisation", N_("Organisation"), f"{ORGANISATION}, partner", ORGANISATION_MEANS,
            "Gemeente Voorbeeldstad",
            required=True,
        ),
        Column(
            "from_on", N_("Partner from"), "partner vanaf, partner from, vanaf, van, from, begin, start",
            N_("The first day, like 2026-01-31 or 31-1-2026. By organisation and first "
               "day we know which we have already."),
            "2026-01-01", required=True,
        ),
        Column(
            "until_on", N_("Until"), "tot en met, until, tot, t m, einde, end, to",
            N_("The last day, itself included. Empty: without end when it is new."), "2026-12-31",
        ),
        Column("level", N_("Level"), "niveau, level", N_("When your network has levels of partners."),
        "basis"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Wrong:
    """Something on a line that is not right: in which column
    (a key, or a head that we do not know), and why.
    """

    line: int
    column: str
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """A line as it was read: what is filled in, by the keys of the columns, lists of values on lines."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """What was read, and what is wrong with it; a line with something wrong is not among the lines."""

    lines: tuple[Read, ...]
    wrong: tuple[Wrong, ...] = ()


def read_file(kind: str, content: bytes | list[list[str]]) -> Table:
    """The lines of a CSV file or of the rows of a spreadsheet.

    Refuses, in a sentence, what is none and what is too long.
    """
    if isinstance(content, list):
        return _table(kind, content)
    return read_pasted(kind, decoded(content))


def read_pasted(kind: str, text: str) -> Table:
    """The lines of a table that was pasted."""
    text = plain_text(text)
    rows = csv_rows(text, lambda row: bool(_heads(kind, row)[0]), most=MOST)
    if rows is None and text.count("\n") > LONGEST:
        raise Refusal("too_big", TOO_LONG, most=MOST)
    return _table(kind, rows if rows is not None else [[line] for line in text.split("\n")])


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def _heads(kind: str, row: list[str]) -> tuple[dict[str, int], list[str]]:
    """Which column is what, and the heads that mean nothing to us."""
    found: dict[str, int] = {}
    unknown = []
    for number, head in enumerate(row[:200]):
        words = _words(head)
        columns = (c.key for c in COLUMNS[kind] if words in (*c.words.split(", "), c.key.replace("_", " ")))
        key = next((key for key in columns if key not in found), None)
        if key is not None:
            found[key] = number
        elif words:
            unknown.append(head.strip()[:80])
    return found, unknown


def _table(kind: str, rows: list[list[str]]) -> Table:
    start = next((number for number, row in enumerate(rows[:20]) if _heads(kind, row)[0]), None)
    if start is None:
        words = N_("No column is known in this table. Give its first row the heads of the template.")
        raise Refusal("no_heads", words)
    heads, unknown = _heads(kind, rows[start])
    missing = next((column for column in COLUMNS[kind] if column.required and column.key not in heads), None)
    if missing is not None:
        sentence = N_("The column “%(column)s” is missing. It is needed on each line.")
        raise Refusal("column_missing", sentence, column=missing.head)
    wrong = [Wrong(start + 1, name, N_("This column is not known and is not used.")) for name in unknown]
    lines = []
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        cells = {key: plain(row[at]) for key, at in heads.items() if at < len(row) and row[at].strip()}
        if cells:
            values, mistakes = _line(kind, number, cells)
            wrong += mistakes
            lines += [] if mistakes else [Read(number, values)]
    if len(lines) > MOST:
        raise Refusal("too_big", TOO_LONG, most=MOST)
    if not lines and not any(found.line > start + 1 for found in wrong):
        raise Refusal("no_lines", N_("There are no lines below the heads."))
    return Table(tuple(lines), tuple(wrong))


def _line(kind: str, number: int, cells: Mapping[str, str]) -> tuple[dict[str, str], list[Wrong]]:
    """The cells in the form that our own forms have, and what cannot be read."""
    values: dict[str, str] = {}
    wrong = [
        Wrong(number, column.key, N_("Fill in this field."))
        for column in COLUMNS[kind]
        if column.required and column.key not in cells
    ]
    for key, cell in cells.items():
        text = cell.strip()
        value = READERS[key](cell) if key in READERS else text
        values[key] = value
        if not value:
            wrong.append(Wrong(number, key, UNREAD[key], {"typed": text[:60]}))
    return values, wrong


def _known(names: Mapping[str, tuple[str, ...]], text: str) -> str:
    words = _words(text)
    return next((key for key, known in names.items() if words in (*known, key.replace("_", " "))), "")


def day_of(text: str) -> str:
    """A day as people and spreadsheets write it (31-1-2026,
    31 januari 2026) as 2026-01-31; empty when it is none.
    """
    bare = re.sub(r"[ T]00:00(:00)?(\.0+)?$", "", text.strip())
    try:
        days = read_days(bare, after=date.min)
    except (Refusal, ValueError, OverflowError):
        return ""
    return days[0].isoformat() if len(days) == 1 else ""


def several(text: str) -> str:
    """Values between ; on lines of their own; when they stand on lines already, a ; belongs to a value."""
    parts = text.split("\n") if "\n" in text else text.split(";")
    return "\n".join(part.strip() for part in parts if part.strip())


UNREAD = {
    "kind": N_(
        "“%(typed)s” is no kind. Write municipality, housing corporation, institution, company or other."
    ),
    "language": N_("“%(typed)s” is no language that we write in. Write nl or en."),
    "country": N_("“%(typed)s” is no country that we know. Write its code, such as NL or BE."),
    "from_on": N_("“%(typed)s” is not a day. Write it like 2026-01-31 or 31-1-2026."),
    "until_on": N_("“%(typed)s” is not a day. Write it like 2026-01-31 or 31-1-2026."),
    "also": N_("“%(typed)s” holds no name."),
    "mail_domains": N_("“%(typed)s” holds no domain."),
}
READERS = {
    "kind": lambda text: _known(KINDS, text),
    "language": lambda text: _known(LANGUAGES, text),
    "country": country_code,
    "from_on": day_of,
    "until_on": day_of,
    "also": several,
    "mail_domains": several,
}


def cells(kind: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """A line of a table that reads back as these values."""
    return tuple(
        _joined(values.get(c.key, "")) if c.key in SEVERAL else values.get(c.key, "") for c in COLUMNS[kind]
    )


def _joined(lines: str) -> str:
    return lines + "\n" if ";" in lines else "; ".join(lines.split("\n"))


def keys(kind: str) -> Iterable[str]:
    """The keys of the columns of a list."""
    return (column.key for column in COLUMNS[kind])
