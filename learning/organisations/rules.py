"""Under which key an organisation is found, however its name is typed; and the numbers by which the state knows it."""

import re
import unicodedata

from stdnum.nl import btw


def search_key(name: str) -> str:
    """The name without case, accents, punctuation and words such as "gemeente": "Gemeente 's-Hertogenbosch" and
    "s Hertogenbosch" are one."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    words = re.sub(r"[^a-z0-9]+", " ", bare).split()
    kept = [word for word in words if word not in ("gemeente", "municipality", "of", "stad", "city")]
    return " ".join(kept or words)


def sorted_under(name: str) -> str:
    """How an organisation's name sorts: 's-Hertogenbosch under H."""
    return search_key(name).removeprefix("s ")


def is_kvk(number: str) -> bool:
    """A number of the trade register: eight digits."""
    return re.fullmatch(r"\d{8}", number, re.ASCII) is not None


def is_oin(number: str) -> bool:
    """An organisation identification number (Logius): twenty digits. Behind 00000001 stands an RSIN that passes the check of
    eleven, then 000; behind 00000003 a number of the trade register, then 0000."""
    if re.fullmatch(r"\d{20}", number, re.ASCII) is None:
        return False
    if number.startswith("00000001"):
        return number.endswith("000") and is_rsin(number[8:17])
    return number.endswith("0000") if number.startswith("00000003") else True


def is_vat_id(number: str) -> bool:
    """A VAT identification number of a body in the Netherlands: NL, nine digits, B, two digits, with a right check."""
    return btw.is_valid(number) and re.fullmatch(r"NL\d{9}B\d{2}", number, re.ASCII) is not None


def is_endpoint(address: str) -> bool:
    """Where e-invoices are delivered (EAS code list): 0190 with an OIN, 0106 with a KvK number, 9944 with a VAT number."""
    scheme, _colon, number = address.partition(":")
    checks = {"0190": is_oin, "0106": is_kvk, "9944": is_vat_id}
    return scheme in checks and checks[scheme](number)


SHARED_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.nl", "outlook.com", "live.com", "live.nl", "msn.com", "yahoo.com",
    "icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.net", "gmx.com", "ziggo.nl", "kpnmail.nl", "planet.nl",
    "xs4all.nl", "hetnet.nl", "home.nl", "casema.nl",
})  # fmt: skip


def mail_domain(text: str) -> str:
    """The domain of an address or of what people type for one (@zutphen.nl, https://www.zutphen.nl); empty when it is none."""
    bare = text.strip().casefold().rpartition("@")[2]
    bare = re.sub(r"^https?://(www\.)?|/.*$", "", bare).rstrip(".")
    part = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    return bare if re.fullmatch(rf"({part}\.)+[a-z][a-z0-9-]*[a-z0-9]", bare) and len(bare) < 254 else ""


def is_rsin(number: str) -> bool:
    """Nine digits of which nine times the first, eight times the second ... minus the last is a multiple of eleven."""
    digits = [int(digit) for digit in number]
    return any(digits) and sum(n * digit for n, digit in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True)) % 11 == 0
