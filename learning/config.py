"""Settings of the machine, read from the environment once, with clear complaints."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "LEERKRING_"
KNOWN = {
    "INSTANCE", "DATABASE_URL", "SECRET_KEY", "BASE_URL", "DEMO", "SMTP", "SMTP_USER", "SMTP_PASSWORD",
    "SMTP_TLS", "SMTP_CA", "MAIL_FROM", "HUEY_URL", "NUDGE", "PROXIES", "CALENDAR_DOMAIN",
    "BACKUP_KEY", "PG_BIN",
}  # fmt: skip
PORTS = range(1, 65536)
DATABASES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class BadSettings(Exception):
    """The environment misses something or holds what nobody knows; the message names all of it."""


@dataclass(frozen=True)
class Settings:
    """All that a machine decides."""

    instance: Path
    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    demo: bool = False
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_tls: str = ""  # "", "starttls" or "implicit"
    smtp_ca: str = ""  # a file with the authorities to trust, else those of the machine
    mail_from: str = "leerkring@example.org"
    huey_url: str = ""
    nudge: bool = True
    proxies: int = 0
    calendar_domain: str = "leerkring.example.org"
    backup_key: str = ""
    pg_bin: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read LEERKRING_… variables; raises BadSettings naming everything that is wrong."""
        given = Given({k[len(PREFIX) :]: v for k, v in env.items() if k.startswith(PREFIX)})
        for name in sorted(set(given.values) - KNOWN):
            given.complain(name, "is not a known setting")
        instance = given.folder("INSTANCE", "instance")
        base, host = given.base("BASE_URL", cls.base_url)
        if len(given.text("SECRET_KEY")) < 32:
            given.complain("SECRET_KEY", "must be given: at least 32 random characters")
        smtp_host, smtp_port = given.server("SMTP", "127.0.0.1:25")
        settings = cls(
            instance=instance,
            database_url=given.database("DATABASE_URL", instance),
            secret_key=given.text("SECRET_KEY"),
            base_url=base,
            demo=given.yes("DEMO", "0"),
            smtp_host=smtp_host,
            smtp_port=smtp_port,
            smtp_user=given.text("SMTP_USER"),
            smtp_password=given.text("SMTP_PASSWORD"),
            smtp_tls=given.encryption("SMTP_TLS"),
            smtp_ca=given.file("SMTP_CA"),
            mail_from=given.address("MAIL_FROM", cls.mail_from),
            huey_url=given.queue("HUEY_URL"),
            nudge=given.yes("NUDGE", "1"),
            proxies=given.number("PROXIES", 0, range(11)),
            calendar_domain=given.text("CALENDAR_DOMAIN") or host or cls.calendar_domain,
            backup_key=given.recipient("BACKUP_KEY"),
            pg_bin=given.text("PG_BIN"),
        )
        if given.wrong:
            raise BadSettings(" ".join(given.wrong))
        return settings

    def as_env(self) -> dict[str, str]:
        """The LEERKRING_… variables from which these settings would be read again."""
        values = {field.name.upper(): getattr(self, field.name) for field in fields(self)}
        host, port = values.pop("SMTP_HOST"), values.pop("SMTP_PORT")
        values["SMTP"] = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        plain = {
            name: str(int(value)) if isinstance(value, bool) else str(value) for name, value in values.items()
        }
        return {PREFIX + name: value for name, value in plain.items()}


class Given:
    """What the environment says; each reading gives a value or keeps a sentence of what is wrong."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self.wrong: list[str] = []

    def complain(self, name: str, words: str) -> None:
        """Keep what is wrong with this setting."""
        self.wrong.append(f"{PREFIX}{name} {words}.")

    def text(self, name: str) -> str:
        """Any text, empty when it is not given."""
        return self.values.get(name, "")

    def yes(self, name: str, default: str) -> bool:
        """1 for yes, 0 for no."""
        value = self.values.get(name, "") or default
        if value not in ("0", "1"):
            self.complain(name, "must be 1 or 0")
        return value == "1"

    def encryption(self, name: str) -> str:
        """How the mail server is spoken to: empty, starttls or implicit."""
        value = self.values.get(name, "")
        found = {"": "", "0": "", "1": "starttls", "starttls": "starttls", "implicit": "implicit"}.get(value)
        if found is None:
            self.complain(name, f"must be 0, starttls or implicit, not “{value}”")
        return found or ""

    def file(self, name: str) -> str:
        """A file that is there, or nothing."""
        value = self.values.get(name, "")
        if value and not Path(value).is_file():
            self.complain(name, f"must name a file; there is none at “{value}”")
        return value

    def number(self, name: str, default: int, most: range) -> int:
        """A whole number within bounds."""
        value = self.values.get(name, "") or str(default)
        if not (value.isascii() and value.isdigit() and int(value) in most):
            self.complain(name, f"must be a whole number from {most[0]} to {most[-1]}, not “{value}”")
            return default
        return int(value)

    def server(self, name: str, default: str) -> tuple[str, int]:
        """Host and port."""
        host, _, port = (self.values.get(name, "") or default).rpartition(":")
        if not host or not (port.isascii() and port.isdigit()):
            self.complain(name, "must look like mail.example.org:587")
            return "", 0
        if int(port) not in PORTS:
            self.complain(name, f"names port {port}, which does not exist: ports go from 1 to 65535")
        return host.removeprefix("[").removesuffix("]"), int(port)

    def base(self, name: str, default: str) -> tuple[str, str]:
        """A whole address without a slash at the end, and its host."""
        base = (self.values.get(name, "") or default).rstrip("/")
        try:
            parts = urlsplit(base)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            self.complain(name, f"is no address: “{base}”; ports go from 1 to 65535")
            return base, ""
        if parts.scheme not in ("http", "https") or not host or parts.path or parts.query or parts.fragment:
            self.complain(name, "must be a whole address such as https://leerkring.example.org")
        elif parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
            self.complain(name, "must begin with https:// unless it is this machine itself")
        elif port == 0:
            self.complain(name, "names port 0, which does not exist: ports go from 1 to 65535")
        return base, host

    def folder(self, name: str, default: str) -> Path:
        """A folder whose name can be part of the address of a database."""
        path = Path(self.values.get(name, "") or default).resolve()
        if odd := sorted({c for c in str(path) if c in "?%#" or not c.isprintable()}):
            self.complain(name, f"must be a folder without {' and '.join(odd)} in its name: “{path}”")
        elif path.exists() and not path.is_dir():
            self.complain(name, f"must be a folder; “{path}” is a file")
        return path

    def database(self, name: str, instance: Path) -> str:
        """The address of a database: SQLite in a file of its own, or PostgreSQL."""
        value = self.values.get(name, "")
        if not value:
            return URL.create("sqlite", database=str(instance / "leerkring.db")).render_as_string()
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            self.complain(
                name,
                "is no address of a database; it must look like postgresql+psycopg://user:password@host/name",
            )
            return value
        if url.drivername not in DATABASES:
            self.complain(
                name, f"must begin with postgresql+psycopg:// or sqlite:///, not with {url.drivername}://"
            )
        elif url.drivername == "sqlite" and (
            "?" in value or url.host or not (url.database or "").startswith("/")
        ):
            self.complain(
                name,
                "must name a file by its whole path, with four slashes: sqlite:////srv/leerkring/leerkring.db",
            )
        elif url.drivername != "sqlite" and not url.database:
            self.complain(
                name, "must end with the name of a database: postgresql+psycopg://user@host/leerkring"
            )
        elif url.port is not None and url.port not in PORTS:
            self.complain(name, f"names port {url.port}, which does not exist: ports go from 1 to 65535")
        return url.set(drivername=DATABASES.get(url.drivername, "sqlite")).render_as_string(
            hide_password=False
        )

    def queue(self, name: str) -> str:
        """The address of a queue, or nothing for a file of its own."""
        value = self.values.get(name, "")
        if (
            value
            and value != "memory:"
            and urlsplit(value).scheme not in ("redis", "rediss", "postgres", "postgresql")
        ):
            self.complain(name, "must begin with redis:// or postgresql://, or be left out")
        return value

    def address(self, name: str, default: str) -> str:
        """A bare mail address."""
        value = self.values.get(name, "") or default
        local, _, domain = value.rpartition("@")
        if not local or not domain or any(c.isspace() or c in "<>,;" or not c.isprintable() for c in value):
            self.complain(name, f"must be a mail address such as leerkring@example.org, not “{value}”")
        return value

    def recipient(self, name: str) -> str:
        """A public key of age."""
        value = self.values.get(name, "").strip()
        if value and not value.startswith("age1"):
            self.complain(name, "must be a public key of age, which begins with age1")
        return value
