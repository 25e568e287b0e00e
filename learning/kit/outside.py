"""Looking at the world outside: names in the DNS, and one small file over https from public addresses only.

Who runs an installation is not asked for the names that organisers type, so a name may lead anywhere: to this
machine, to a database beside it, to the machine's own settings in a cloud. Every address is looked at before
it is used, and used as it was looked at (no second look in the DNS); an answer that leads elsewhere is not
followed.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.resolver

SECONDS = 5.0
LARGEST = 16_000  # bytes of an answer, head and all


class NoAnswer(Exception):
    """Nobody answered, or not in time, or not as was asked."""


class BadCertificate(NoAnswer):
    """Who answered could not show that it is the host that was asked."""


def is_public(address: str) -> bool:
    """The address is of a machine in the public internet: not
    of this one, a local network, or a way around to those.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip in NAT64):
        return False  # an IPv4 address in disguise
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Resolver:
    """Asks the DNS: the servers of the machine, or those that are given."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53) -> None:
        self._resolver = dns.resolver.Resolver(configure=not servers)
        self._resolver.lifetime = SECONDS
        if servers:
            self._resolver.nameservers = list(servers)
            self._resolver.port = port

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name; none when there are none or nobody answers."""
        return [b"".join(row.strings).decode("ascii", "replace") for row in self._ask(name, "TXT")]

    def addresses(self, name: str) -> list[str]:
        """The addresses of a name."""
        return [row.address for kind in ("A", "AAAA") for row in self._ask(name, kind)]

    def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            return list(self._resolver.resolve(name + ".", kind, search=False))
        except (dns.exception.DNSException, OSError, UnicodeError):
            return []


@dataclass(frozen=True)
class Answer:
    """What a host answered."""

    status: int
    body: bytes


class Https:
    """Fetches a file from one address, as the host that its certificate must name."""

    def __init__(self, port: int = 443, context: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._context = context or ssl.create_default_context()

    def get(self, host: str, address: str, path: str) -> Answer:
        """The answer, in five seconds and some kilobytes; raises NoAnswer."""
        until = time.monotonic() + SECONDS
        request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\nUser-Agent: Leerkring\r\nConnection: close\r\n\r\n"
        try:
            with (
                socket.create_connection((address, self._port), timeout=SECONDS) as plain,
                self._context.wrap_socket(plain, server_hostname=host) as link,
            ):
                link.sendall(request.encode("ascii"))
                return _answer(_received(link, until))
        except ssl.SSLCertVerificationError as wrong:
            raise BadCertificate(str(wrong)) from None
        except (OSError, ValueError) as wrong:
            raise NoAnswer(str(wrong)) from None


def _received(link: ssl.SSLSocket, until: float) -> bytes:
    got = b""
    while len(got) <= LARGEST:
        left = until - time.monotonic()
        if left <= 0:
            raise NoAnswer("too slow")
        link.settimeout(left)
        more = link.recv(4096)
        if not more:
            return got
        got += more
    raise NoAnswer("too much")


def _answer(got: bytes) -> Answer:
    head, mark, body = got.partition(b"\r\n\r\n")
    words = head.split(b"\r\n")[0].split(b" ")
    if not mark or len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise NoAnswer("no answer in HTTP")
    return Answer(int(words[1]), body)


@dataclass(frozen=True)
class Finding:
    """Whether a name was proven, and what was found: the key of a sentence."""

    proven: bool
    found: str


class Prover:
    """Looks whether somebody who governs a name put our
    token there: in a TXT record, or in a file over https.
    """

    LABEL = "_leerkring"
    PATH = "/.well-known/leerkring.txt"

    def __init__(
        self,
        resolver: Resolver | None = None,
        https: Https | None = None,
        *,
        allowed: Callable[[str], bool] = is_public,
    ) -> None:
        self._resolver, self._https, self._allowed = resolver or Resolver(), https or Https(), allowed

    def look(self, domain: str, token: str) -> Finding:
        """What is found now; takes some seconds."""
        texts = self._resolver.texts(f"{self.LABEL}.{domain}")
        if f"leerkring={token}" in [text.strip() for text in texts]:
            return Finding(True, "text")
        found = self._file(domain, token)
        return (
            Finding(False, "other_text")
            if texts and not found.proven and found.found != "not_public"
            else found
        )

    def _file(self, domain: str, token: str) -> Finding:
        addresses = self._resolver.addresses(domain)
        if not addresses:
            return Finding(False, "no_name")
        if not all(self._allowed(address) for address in addresses):
            return Finding(False, "not_public")
        try:
            answer = self._https.get(domain, addresses[0], self.PATH)
        except BadCertificate:
            return Finding(False, "certificate")
        except NoAnswer:
            return Finding(False, "no_answer")
        if 300 <= answer.status < 400:
            return Finding(False, "elsewhere")
        if answer.status != 200:
            return Finding(False, "no_file")
        right = answer.body.strip() == token.encode()
        return Finding(right, "file" if right else "other_file")
