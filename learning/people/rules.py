"""Names and addresses in their normal forms, safe paths, words for devices, and when a try has to wait."""

import ipaddress
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

FREE = 10  # wrong passwords for an account in an hour before the next one has to wait
FREE_NETWORK = 200  # the same for a network: a city hall shares one address
LONGEST_WAIT = 30  # seconds; a wait never grows beyond it
GUESSES = {  # the same for what can be guessed: of an account, of a network for who is not signed in
    "code": (20, 100),
    "price": (60, 400),
    "partner-check": (600, 600),
}
SIGN_IN_LIVES = timedelta(days=30)  # without being seen
SEEN_EVERY = timedelta(minutes=15)  # how exactly we keep when somebody was seen
FRESH = timedelta(minutes=15)  # how long a mailed link stands for the old password
# after which a mail goes whatever was asked before; a link lives 15 minutes
MAIL_PAUSE = timedelta(minutes=6)


@dataclass(frozen=True)
class Bounds:
    """Mails to one address in an hour: so many without a
    pause, and more for who asked less than `little` times.
    """

    free: int
    little: int
    most: int


OF_STRANGERS = Bounds(10, 2, 20)  # by forms for everybody
OF_PEOPLE = Bounds(10, 3, 30)  # by what somebody does who is signed in

PREFIXES = {
    "van", "de", "der", "den", "het", "'t", "ten", "ter", "te", "in", "op", "aan", "bij", "uit", "von", "la",
    "le",
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
        (i for i, word in enumerate(words[:-1]) if i and word.lower().rpartition("-")[2] in PREFIXES),
        len(words) - 1,
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
    """Seconds between two tries, once `count` of them were
    wrong within the hour and `free` of them cost nothing.
    """
    return 0 if count < free else min(2 ** min(count - free + 1, 5), LONGEST_WAIT)


def seconds_left(count: int, free: int, next_at: datetime | None, now: datetime) -> int:
    """How long this try has to wait; 0 lets it through.

    `next_at` is the moment at which who asks here may try again, None when they
    were not told to wait before. Asking too early never moves it, so that nobody
    can push somebody else's turn away. At least 2, so that words have one number.
    """
    wait = wait_after(count, free)
    if not wait or next_at is None:
        return wait
    left = ceil((next_at - now).total_seconds())
    return max(min(left, LONGEST_WAIT), 2) if left > 0 else 0


def mail_wait(
    bounds: Bounds,
    sent: int,
    mine: int,
    next_at: datetime | None,
    now: datetime,
    *,
    known_device: bool = False,
) -> int:
    """Seconds until this address gets another mail; 0 is now.

    `sent` and `mine` count what was mailed to it within the hour: in all, and
    by who asks now. However many there were, one goes at `next_at`, and half a
    pause before that for who asked little: so nobody is kept from their mail.
    """
    little = mine < bounds.little
    if (
        sent < bounds.free
        or (little and sent < bounds.most)
        or (known_device and mine < FREE)
        or next_at is None
    ):
        return 0
    due_at = next_at - MAIL_PAUSE / 2 if little else next_at
    return max(0, ceil((due_at - now).total_seconds()))


_browsers = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_systems = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> tuple[str, str]:
    """Browser and system as people call them; an empty word for what nobody knows.

    More exact is of no use to anybody.
    """
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
