"""How long a first start may wait, and in plain words why a mail was not sent."""

import re
from datetime import datetime, timedelta

from learning.kit.errors import Refusal
from learning.kit.wording import N_

START_LIVES = timedelta(hours=24)

TROUBLES = (  # what stands in the error of a mail, and what that means
    (r"ConnectionRefused|gaierror|Name or service|No route|unreachable|timed? ?out|Timeout"
     r"|ServerDisconnected|SMTPConnect",
     N_("The mail server does not answer at the name and port in the settings.")),
    (r"SMTPAuthentication|\b535\b|\b530\b",
     N_("The mail server does not accept the user name and password in the settings.")),
    (r"SSL|CERTIFICATE|certificate",
     N_("The connection with the mail server is not safe: its certificate does not fit its name.")),
    (r"SMTPSenderRefused", N_("The mail server does not accept the address of the sender in the settings.")),
    (r"SMTPRecipientsRefused", N_("The mail server does not accept the address to which this mail goes.")),
    (r"SMTP", N_("The mail server refuses this mail.")),
)  # fmt: skip


def trouble_of(error: str) -> str:
    """The sentence for what the mail server or the network said; empty when nothing went wrong."""
    if not error:
        return ""
    found = (words for pattern, words in TROUBLES if re.search(pattern, error))
    return next(found, N_("The mail could not be made or handed over. The log of the server says why."))


def check_start(
    *, known: bool, used: bool, replaced: bool, expires_at: datetime | None, now: datetime
) -> None:
    """Refuse an address of the first start that does not work, with its own sentence for each reason."""
    if not known:
        words = N_(
            "This address is not the one that was printed. Copy it whole, up to "
            "and including its last character."
        )
        raise Refusal("start_unknown", words)
    if used:
        words = N_(
            "This address was used: somebody has started this installation. Sign "
            "in, or ask an owner to add you."
        )
        raise Refusal("start_used", words)
    if replaced:
        words = N_(
            "This address does not work any more: a newer one was printed, or an "
            "owner was added by a command."
        )
        raise Refusal("start_replaced", words)
    if expires_at is None or expires_at <= now:
        words = N_(
            "This address worked for 24 hours, and that is over. Run flask prepare "
            "once more: it prints a new one."
        )
        raise Refusal("start_expired", words)


def check_not_last(owners: int) -> None:
    """Refuse to remove an owner when no other would be left."""
    if owners <= 1:
        raise Refusal(
            "last_owner",
            N_("This is the last owner. Add another one first: an installation is never without."),
        )
