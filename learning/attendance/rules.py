"""When one can register."""

from datetime import datetime, timedelta

from learning.kit.errors import Refusal
from learning.kit.wording import N_

CONFIRM_WITHIN = timedelta(hours=24)


def check_registration_open(
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    cancelled: bool,
    by_delegation: bool,
    has_dates: bool,
    now: datetime,
) -> None:
    """Refuse when a person cannot register now; the Refusal names the moment that decides."""
    if cancelled:
        raise Refusal("programme_cancelled", N_("This programme is cancelled."))
    if by_delegation:
        raise Refusal(
            "by_delegation", N_("People come to this programme with a delegation of their organisation.")
        )
    if not has_dates:
        raise Refusal("no_dates", N_("No dates are available at the moment."))
    if opens_at is not None and now < opens_at:
        raise Refusal("registration_not_open", N_("Registration opens on %(opens)s."), opens=opens_at)
    if closes_at is not None and now >= closes_at:
        raise Refusal("registration_closed", N_("Registration closed on %(deadline)s."), deadline=closes_at)
