"""Secret links, which can be shown again and renewed, and short printed codes, which open nothing."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0/O, 1/I/L


def secret_token(key: str, purpose: str, id: int, epoch: int) -> str:
    """The token of a secret link: 160 bits, the same each time until `epoch` is raised."""
    mac = hmac.new(key.encode(), f"{purpose}|{id}|{epoch}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(mac[:20]).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What the database keeps of a token: its SHA-256, as hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def random_token() -> str:
    """A fresh token of 256 bits, for links that work once."""
    return secrets.token_urlsafe(32)


def printed_code() -> str:
    """A short code for badge and invoice: nine characters in three groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(9))
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"
