"""Documents as PDF, made by a process with limits.

Only jobs call it, and never while a transaction is open.
"""

from learning.kit.limited import Limits, ask_child

LIMITS = Limits(cpu=240, memory=1_500_000_000, wall=600)


def write_pdf(html: str, *, limits: Limits = LIMITS) -> bytes:
    """The document as PDF (PDF/A-3a).

    What was read for it is let go first; raises `limited.Died` when it cannot be made.
    """
    _none, [made] = ask_child("learning.kit.typesetting", "pdf", html.encode(), {}, limits)
    return made
