"""Names and addresses in their normal forms, and which paths are safe to go back to."""

import ipaddress
import unicodedata

PREFIXES = {
    "van", "de", "der", "den", "het", "'t", "ten", "ter", "te", "in", "op", "aan", "bij", "uit", "von", "la", "le",
    "el", "al", "du", "da", "dos", "di", "d'", "'s",
}  # fmt: skip


def fold(text: str) -> str:
    """The text without case, accents and doubled spaces: for comparing and searching, never for showing."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.replace("’", "'").casefold().split())


def mail_key(mail: str) -> str:
    """The one normal form of a mail address: used for uniqueness and for looking up.

    Only case is levelled, so that no two addresses that a mail server tells apart by their letters meet.
    """
    return unicodedata.normalize("NFC", mail).strip().lower()


def name_key(name: str) -> str:
    """The normal form by which two persons with one address are told apart."""
    return fold(name)


def sort_key(name: str) -> str:
    """How a person's name sorts the Dutch way: Jos van der Lans under L, Simone 't Hooft under H."""
    words = name.replace("’", "'").split()
    if len(words) < 2:
        return fold(name)
    start = end = next(
        (i for i, word in enumerate(words[:-1]) if i and word.lower().rpartition("-")[2] in PREFIXES), len(words) - 1
    )
    while end < len(words) - 1 and words[end].lower() in PREFIXES:
        end += 1
    surname, given, between = words[end:], words[:start], words[start:end]
    return fold(f"{' '.join(surname)}, {' '.join(given)} {' '.join(between)}")


def network_of(address: str | None) -> str:
    """The network a request came from: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def safe_path(url: str | None) -> str:
    """The path when it leads to a page of ours, else nothing."""
    path = url or ""
    if not path.startswith("/") or path[1:2] in ("/", "\\") or len(path) > 500:
        return ""
    return "" if any(ord(c) < 33 or c == "\\" or ord(c) == 127 for c in path) else path
