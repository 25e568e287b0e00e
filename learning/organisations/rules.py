"""Under which key an organisation is found, however its
name is typed; and the numbers by which the state knows it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache

from stdnum import iban
from stdnum.nl import btw, postcode

from learning.kit.errors import Refusal
from learning.kit.wording import N_


def search_key(name: str) -> str:
    """The name without case, accents, punctuation and words such as
    "gemeente": "Gemeente 's-Hertogenbosch" and "s Hertogenbosch" are one.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    words = re.sub(r"[^a-z0-9]+", " ", bare).split()
    kept = [word for word in words if word not in ("gemeente", "municipality", "of", "stad", "city")]
    return " ".join(kept or words)


def sorted_under(name: str) -> str:
    """How an organisation's name sorts: 's-Hertogenbosch under H."""
    return search_key(name).removeprefix("s ")


def slug_of(name: str) -> str:
    """A name as part of an address: lower case letters, digits
    and hyphens, at most 40; empty when nothing is left.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return re.sub(r"[^a-z0-9]+", "-", bare.replace("'", "").replace("’", "")).strip("-")[:40].rstrip("-")


def is_slug(text: str) -> bool:
    """It can stand in addresses: 2 to 40 lower case letters,
    digits and hyphens, none of these at either end.
    """
    return re.fullmatch(r"[a-z0-9](-?[a-z0-9])+", text, re.ASCII) is not None and len(text) <= 40


def plate_of(name: str) -> str:
    """Letters for the sign of an organiser: of its first two words, or the first two of its only one."""
    words = re.findall(r"[^\W_]+", name)
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else "".join(words)[:2]
    return letters.upper()[:4] or "LK"


def check_not_closed(closed_at: datetime | None) -> None:
    """Refuse what would begin something new at an organiser that is closed."""
    if closed_at is not None:
        raise Refusal(
            "organiser_closed", N_("This organiser is closed: nothing can be changed or begun here any more.")
        )


def is_kvk(number: str) -> bool:
    """A number of the trade register: eight digits."""
    return re.fullmatch(r"\d{8}", number, re.ASCII) is not None


def is_oin(number: str) -> bool:
    """An organisation identification number (Logius): twenty digits.

    Behind 00000001 stands an RSIN that passes the check of eleven, then
    000; behind 00000003 a number of the trade register, then 0000.
    """
    if re.fullmatch(r"\d{20}", number, re.ASCII) is None:
        return False
    if number.startswith("00000001"):
        return number.endswith("000") and is_rsin(number[8:17])
    return number.endswith("0000") if number.startswith("00000003") else True


NO_VAT_ID = N_(
    "The digits of this VAT number do not add up: look whether one "
    "is missing or wrong. A right one looks like NL000099998B57."
)


def is_vat_id(number: str) -> bool:
    """A VAT identification number of a body in the Netherlands:
    NL, nine digits, B, two digits, with a right check.
    """
    return btw.is_valid(number) and re.fullmatch(r"NL\d{9}B\d{2}", number, re.ASCII) is not None


def is_endpoint(address: str) -> bool:
    """Where e-invoices are delivered (EAS code list): 0190 with
    an OIN, 0106 with a KvK number, 9944 with a VAT number.
    """
    scheme, _colon, number = address.partition(":")
    checks = {"0190": is_oin, "0106": is_kvk, "9944": is_vat_id}
    return scheme in checks and checks[scheme](number)


def bare(typed: str) -> str:
    """A number as people write it (NL 1234.56.782 B90, KvK 12
    34 56 78) without spaces, dots, dashes and small letters.
    """
    return (
        re.sub(r"[\s.\-\u00a0\u2011]", "", typed).upper().removeprefix("KVK").removeprefix("OIN").lstrip(":")
    )


def postcode_of(typed: str) -> str:
    """A Dutch postcode as people write it (1234ab) in its form 1234 AB; empty when it is none."""
    number = bare(typed)
    return f"{number[:4]} {number[4:]}" if postcode.is_valid(number) else ""


def iban_of(typed: str) -> str:
    """An account number (ISO 13616) without spaces, of which
    the check digits are right; empty when they are not.
    """
    number = bare(typed)
    return number if iban.is_valid(number) else ""


def iban_shown(number: str) -> str:
    """An account number in groups of four, as it stands on paper."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


SHARED_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.nl", "outlook.com", "live.com", "live.nl",
    "msn.com", "yahoo.com",
    "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.net", "gmx.com", "ziggo.nl", "kpnmail.nl",
    "planet.nl",
    "xs4all.nl", "hetnet.nl", "home.nl", "casema.nl",
})  # fmt: skip


def mail_domain(text: str) -> str:
    """The domain of an address or of what people type for one
    (@zutphen.nl, https://www.zutphen.nl); empty when it is none.
    """
    bare = text.strip().casefold().rpartition("@")[2]
    bare = re.sub(r"^https?://(www\.)?|/.*$", "", bare).rstrip(".")
    part = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return bare if re.fullmatch(rf"({part}\.)+[a-z][a-z0-9-]*[a-z0-9]", bare) and len(bare) < 254 else ""


def is_rsin(number: str) -> bool:
    """Nine digits of which nine times the first, eight times
    the second ... minus the last is a multiple of eleven.
    """
    digits = [int(digit) for digit in number]
    return (
        any(digits)
        and sum(n * digit for n, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True)) % 11 == 0
    )


NO_COUNTRIES = ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ")  # have a code too


@cache
def _countries() -> dict[str, str]:
    """The codes of countries (ISO 3166) by their names in Dutch and English, and by themselves."""
    from babel import Locale

    known = [(code, name) for lang in ("nl", "en") for code, name in Locale(lang).territories.items()]
    real = [
        (code, name) for code, name in known if re.fullmatch("[A-Z]{2}", code) and code not in NO_COUNTRIES
    ]
    return {search_key(words): code for code, name in real for words in (code, name)}


def country_code(typed: str) -> str:
    """The code of a country (NL) that people wrote as a code or by its name; empty when there is none."""
    return _countries().get(search_key(typed), "")


def names_like(names: Mapping[str, str], typed: str, *, most: int = 5) -> list[str]:
    """Of names by their search key, those like what was typed:
    that begin with it first, then those with a slip of the keys.
    """
    key = search_key(typed)[:100]
    if len(key) < 2:
        return []
    begin = [found for found in names if found.startswith(key)]
    near = [found for found in get_close_matches(key, names, n=most, cutoff=0.7) if found not in begin]
    return [names[found] for found in [*begin, *near][:most]]


def other_names(
    name: str, typed: Iterable[str], official: Iterable[str], taken: Mapping[str, str]
) -> dict[str, str]:
    """The other names of an organisation by search key:
    those that were typed, and official ones that are free.

    `taken` are other names of other organisations; refused when one that was typed is among them.
    """
    asked = {search_key(other): other for other in typed if search_key(other)}
    clash = next((taken[other] for other in asked if other in taken), None)
    if clash is not None:
        words = N_("Another organisation is known as %(name)s already. Take it away there first.")
        raise Refusal("alias_taken", words, "also", name=clash)
    free = {search_key(other): other for other in official if search_key(other) not in taken}
    return {key: other for key, other in {**free, **asked}.items() if key != search_key(name)}


def check_period(from_on: date, until_on: date | None, others: Iterable[tuple[date, date | None]]) -> None:
    """Refuse a partnership that ends before it begins, or
    that runs while another one of the same organisation does.
    """
    if until_on and until_on < from_on:
        raise Refusal("period", N_("Enter a last day after the first."), "until_on")
    for begin, end in sorted(others, key=lambda other: other[0]):
        if (end is None or end >= from_on) and (until_on is None or begin <= until_on):
            words = N_(
                "It is a partner in that period already, from %(day)s. Change that one, or end it first."
            )
            raise Refusal("partner_already", words, "from_on", day=begin.isoformat())
