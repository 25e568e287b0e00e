"""After places became free: who waits moves up or gets an offer, and is told."""

from collections.abc import Iterable
from datetime import datetime

from learning.choices import emails
from learning.choices.models import Seat
from learning.choices.seating import Seating
from learning.mail.actions import all_at_once
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture


def move_up(seating: Seating, programme_id: int) -> None:
    """Let people move up after places became free, and tell them."""
    promoted = seating.promote()
    seating.touch_feeds()
    picture = current_picture(programme_id) if promoted or seating.offers else None
    if picture is not None:
        tell_promoted(seating, promoted, picture, seating.now)


def tell_promoted(seating: Seating, seats: Iterable[Seat], picture: ProgrammePicture, now: datetime) -> None:
    """One mail for each round in which somebody moved up, or may."""
    last = {(seat.registration_id, seat.round_id): seat for seat in seats}
    offers = {(entry.registration_id, entry.round_id): entry for entry in seating.offers}
    registrations = seating.registrations(id for id, _ in (*last, *offers))
    with all_at_once():
        for (registration_id, _), entry in offers.items():
            emails.offered(registrations[registration_id], picture, entry, now=now)
        for (registration_id, _), seat in last.items():
            emails.seat_given(registrations[registration_id], picture, seat, now=now)
