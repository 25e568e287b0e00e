"""A small world outside on loopback: a DNS server, a website
over TLS, and an authority that signs its certificates.
"""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rrset


@dataclass
class Authority:
    """Signs certificates that only who knows `ca` trusts."""

    folder: Path

    @property
    def ca(self) -> Path:
        """Its own certificate."""
        return self.folder / "ca.pem"

    def make(self) -> "Authority":
        """Make its key and certificate."""
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=test authority", "-keyout", self.folder / "ca.key", "-out", self.ca,
        )  # fmt: skip
        return self

    def context(self, host: str) -> ssl.SSLContext:
        """What a server at this host (a name or an address) shows."""
        key, request, signed = (self.folder / f"{host}.{end}" for end in ("key", "csr", "pem"))
        names = self.folder / f"{host}.ext"
        names.write_text(f"subjectAltName={'IP' if host.replace('.', '').isdigit() else 'DNS'}:{host}\n")
        _openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=server", "-keyout", key, "-out", request,
        )  # fmt: skip
        _openssl(
            "x509", "-req", "-days", "2", "-in", request, "-CA", self.ca, "-CAkey", self.folder / "ca.key",
            "-CAcreateserial", "-extfile", names, "-out", signed,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed, key)
        return context


def _openssl(*words: Any) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


@dataclass
class Names:
    """A DNS server: `records` holds lines such as ("a.example.", "TXT"): ['"words"']."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    port: int = 0
    asked: list[str] = field(default_factory=list)

    def start(self) -> "Names":
        """Answer on loopback."""
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind(("127.0.0.1", 0))
        self.port = link.getsockname()[1]
        threading.Thread(target=self._serve, args=(link,), daemon=True).start()
        return self

    def _serve(self, link: socket.socket) -> None:
        while True:
            wire, who = link.recvfrom(4096)
            query = dns.message.from_wire(wire)
            [question] = query.question
            name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
            self.asked.append(f"{kind} {name}")
            answer = dns.message.make_response(query)
            answer.flags |= dns.flags.AA | dns.flags.RA
            found = self.records.get((name, kind), [])
            if found:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
            link.sendto(answer.to_wire(), who)


@dataclass
class Site:
    """A website over TLS that gives what `answer` gives for the first line of a request."""

    context: ssl.SSLContext
    answer: Callable[[str], bytes]
    port: int = 0
    asked: list[str] = field(default_factory=list)

    def start(self) -> "Site":
        """Answer on loopback."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        threading.Thread(target=self._serve, args=(listening,), daemon=True).start()
        return self

    def _serve(self, listening: socket.socket) -> None:
        while True:
            plain, _who = listening.accept()
            self.asked.append("connected")
            try:
                with self.context.wrap_socket(plain, server_side=True) as link:
                    line = link.recv(4096).decode().split("\r\n")[0]
                    self.asked.append(line)
                    link.sendall(self.answer(line))
            except OSError:
                pass


def page(text: str, status: str = "200 OK", more: str = "") -> bytes:
    """An answer in HTTP."""
    return f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n{more}\r\n{text}".encode()
