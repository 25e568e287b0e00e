"""Settings of the machine, read from the environment once, with clear complaints."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "LEERKRING_"
KNOWN = {
    "INSTANCE", "DATABASE_URL", "SECRET_KEY", "BASE_URL", "DEMO", "SMTP", "SMTP_USER", "SMTP_PASSWORD",
    "SMTP_TLS", "SMTP_CA", "MAIL_FROM", "HUEY_URL", "NUDGE", "PROXIES", "CALENDAR_DOMAIN",
}  # fmt: skip


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

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read LEERKRING_… variables; raises BadSettings naming everything that is wrong."""
        given = {k[len(PREFIX) :]: v for k, v in env.items() if k.startswith(PREFIX)}
        wrong = [f"{PREFIX}{k} is not a known setting." for k in sorted(set(given) - KNOWN)]
        instance = Path(given.get("INSTANCE", "instance")).resolve()
        base = given.get("BASE_URL", cls.base_url).rstrip("/")
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            wrong.append(f"{PREFIX}BASE_URL must be a whole address such as https://leerkring.example.org.")
        elif parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            wrong.append(f"{PREFIX}BASE_URL must begin with https:// unless it is this machine itself.")
        if len(given.get("SECRET_KEY", "")) < 32:
            wrong.append(f"{PREFIX}SECRET_KEY must be given: at least 32 random characters.")
        host, _, port = given.get("SMTP", "127.0.0.1:25").rpartition(":")
        if not host or not port.isdigit():
            wrong.append(f"{PREFIX}SMTP must look like mail.example.org:587.")
            port = "25"
        tls = {"": "", "0": "", "1": "starttls", "starttls": "starttls", "implicit": "implicit"}.get(given.get("SMTP_TLS", ""))
        if tls is None:
            wrong.append(f"{PREFIX}SMTP_TLS must be 0, starttls or implicit.")
        if given.get("SMTP_CA") and not Path(given["SMTP_CA"]).is_file():
            wrong.append(f"{PREFIX}SMTP_CA must name a file with certificates.")
        if wrong:
            raise BadSettings(" ".join(wrong))
        return cls(
            instance=instance,
            database_url=given.get("DATABASE_URL", f"sqlite:///{instance / 'leerkring.db'}"),
            secret_key=given["SECRET_KEY"],
            base_url=base,
            demo=given.get("DEMO", "") == "1",
            smtp_host=host,
            smtp_port=int(port),
            smtp_user=given.get("SMTP_USER", ""),
            smtp_password=given.get("SMTP_PASSWORD", ""),
            smtp_tls=tls or "",
            smtp_ca=given.get("SMTP_CA", ""),
            mail_from=given.get("MAIL_FROM", cls.mail_from),
            huey_url=given.get("HUEY_URL", ""),
            nudge=given.get("NUDGE", "1") == "1",
            proxies=int(given.get("PROXIES", "0")),
            calendar_domain=given.get("CALENDAR_DOMAIN", parts.hostname or cls.calendar_domain),
        )
