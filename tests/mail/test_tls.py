"""Mail over TLS: only to a server that can show that it is the one that was asked for."""

from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask
from sqlalchemy import select

from learning.config import BadSettings, Settings
from learning.kit.db import db
from learning.mail.delivery import deliver_due
from learning.mail.models import Message
from tests.conftest import KEY
from tests.make import make_mail
from tests.outside import Authority
from tests.servers import free_port

Started = tuple[int, list[Any]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the certificates."""
    return Authority(tmp_path_factory.mktemp("authority")).make()


class Keep:
    """Keeps what it gets, with whether it came over TLS."""

    def __init__(self) -> None:
        self.got: list[bool] = []

    async def handle_DATA(self, _server: Any, session: Any, _envelope: Any) -> str:
        """A mail."""
        self.got.append(session.ssl is not None)
        return "250 kept"


class Upgrading(Controller):
    """A server that begins in plain and insists on STARTTLS."""

    tls: Any = None

    def factory(self) -> SMTP:
        """One connection."""
        return SMTP(self.handler, tls_context=self.tls, require_starttls=True)


def start(kind: str, authority: Authority, host: str) -> tuple[Any, Keep]:
    """A mail server on loopback whose certificate names this host."""
    keep = Keep()
    if kind == "implicit":
        server: Any = Controller(
            keep, hostname="127.0.0.1", port=free_port(), ssl_context=authority.context(host)
        )
    else:
        server = Upgrading(keep, hostname="127.0.0.1", port=free_port())
        server.tls = authority.context(host)
    server.start()
    return server, keep


def send_one(app: Flask, server: Any, tls: str, ca: str) -> Message:
    """Put a mail in the outbox, let the worker send it, and give its row."""
    app.config |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": server.port, "SMTP_TLS": tls, "SMTP_CA": ca}
    make_mail()
    deliver_due()
    server.stop()
    db.session.rollback()
    return db.session.scalars(select(Message)).one()


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
def test_a_mail_goes_over_tls_to_a_server_that_is_who_it_says(app: Flask, authority: Authority, kind: str):
    server, keep = start(kind, authority, "127.0.0.1")

    message = send_one(app, server, kind, str(authority.ca))

    assert (message.error, message.sent_at is not None) == ("", True)
    assert len(keep.got) == 1


@pytest.mark.parametrize("kind", ["starttls", "implicit"])
@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", False), ("127.0.0.9", True)])
def test_a_mail_stays_in_the_outbox_when_the_server_is_another(
    app: Flask, authority: Authority, kind: str, host: str, trusted: bool
):
    server, keep = start(kind, authority, host)

    message = send_one(app, server, kind, str(authority.ca) if trusted else "")

    assert (message.sent_at, keep.got) == (None, [])
    assert "certificate verify failed" in message.error
    assert message.tries == 1


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("0", ""),
        ("1", "starttls"),
        ("starttls", "starttls"),
        ("implicit", "implicit"),
        ("yes", None),
    ],
)
def test_how_mail_is_sent_is_a_setting(typed: str, read: str | None, authority: Authority, tmp_path: Path):
    env = {"LEERKRING_SECRET_KEY": KEY, "LEERKRING_SMTP_TLS": typed, "LEERKRING_SMTP_CA": str(authority.ca)}
    if read is None:
        with pytest.raises(BadSettings, match="SMTP_TLS must be 0, starttls or implicit"):
            Settings.from_env(env)
    else:
        found = Settings.from_env(env)
        assert (found.smtp_tls, found.smtp_ca) == (read, str(authority.ca))
    with pytest.raises(BadSettings, match="SMTP_CA must name a file"):
        Settings.from_env(env | {"LEERKRING_SMTP_CA": str(tmp_path / "none.pem")})
