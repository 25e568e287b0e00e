"""Mails in the outbox."""

from learning.mail.actions import queue
from learning.mail.models import Message
from tests.make.rows import NOON


def make_mail(to: str = "a@x.example", once: str = "once") -> Message:
    """A mail in the outbox."""
    values = {"sign_in_url": "https://x.example/"}
    return queue(
        "people/sign_in_link",
        to=to,
        name="Ann",
        language="nl",
        values=values,
        once=once,
        organiser_id=None,
        now=NOON,
    )
