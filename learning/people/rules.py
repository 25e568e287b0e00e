"""Names and addresses in their normal forms, safe paths, words for devices, and when a try has to wait."""

import ipaddress
import unicodedata
from datetime import datetime, timedelta
from math import ceil

FREE = 10  # wrong passwords for an account in an hour before the next one has to wait
FREE_NETWORK = 200  # the same for a network: a city hall shares one address
LONGEST_WAIT = 30  # seconds; a wait never grows beyond it
LINKS_AT_ONCE, LINKS_HOUR, LINKS_MINE = 5, 30, 2  # mails with a link: without pause, in an hour, for who asked little
SIGN_IN_LIVES = timedelta(days=30)  # without being seen
SEEN_EVERY = timedelta(minutes=15)  # how exactly we keep when somebody was seen
FRESH = timedelta(minutes=15)  # how long a mailed link stands for the old password
LINK_PAUSE = timedelta(minutes=6)  # after which a link is mailed whatever was asked before; a link lives 15 minutes

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


def wait_after(count: int, free: int) -> int:
    """Seconds between two tries, once `count` of them were wrong within the hour and `free` of them cost nothing."""
    return 0 if count < free else min(2 ** min(count - free + 1, 5), LONGEST_WAIT)


def seconds_left(count: int, free: int, next_at: datetime | None, now: datetime) -> int:
    """How long this try has to wait; 0 lets it through.

    `next_at` is the moment at which who asks here may try again, None when they were not told to wait before. Asking too
    early never moves it, so that nobody can push somebody else's turn away. At least 2, so that words have one number.
    """
    wait = wait_after(count, free)
    if not wait or next_at is None:
        return wait
    left = ceil((next_at - now).total_seconds())
    return max(min(left, LONGEST_WAIT), 2) if left > 0 else 0


def link_is_due(sent: int, mine: int, last_at: datetime | None, now: datetime, *, known_device: bool = False) -> bool:
    """Whether asking for a link mails one; else the newest mailed one still works for nine minutes at least.

    `sent` and `mine` count what was mailed to the address within the hour: in all, and for who asks now.
    """
    if known_device and mine < FREE:
        return True
    if sent < LINKS_AT_ONCE or (mine < LINKS_MINE and sent < LINKS_HOUR):
        return True
    return last_at is None or now >= last_at + LINK_PAUSE


_browsers = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_systems = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> tuple[str, str]:
    """Browser and system as people call them; an empty word for what nobody knows. More exact is of no use to anybody."""
    browser = next((word for sign, word in _browsers if sign in user_agent), "")
    return browser, next((word for sign, word in _systems if sign in user_agent), "")


def short_network(address: str | None) -> str:
    """The beginning of a network address, enough to recognise one's own: 192.0.2.… or 2001:db8:1:…"""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
        return ":".join(part.lstrip("0") or "0" for part in ip.exploded.split(":")[:3]) + ":…"
    return str(getattr(ip, "ipv4_mapped", None) or ip).rpartition(".")[0] + ".…"
