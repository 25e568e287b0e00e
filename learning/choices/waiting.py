"""Waiting no longer, and answering an offer of a seat."""

from datetime import datetime

from sqlalchemy import select

from learning.attendance.models import Registration
from learning.choices import emails
from learning.choices.actions import follow
from learning.choices.models import Seat, WaitlistEntry
from learning.choices.moving_up import move_up
from learning.choices.rules import check_goes_with
from learning.choices.seating import Seating, enter
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import each_due
from learning.kit.wording import N_
from learning.mail.actions import all_at_once
from learning.organisations.queries import check_open_organiser
from learning.releases.queries import current_picture


@transaction()
def stop_waiting(registration: Registration, round_id: int, *, now: datetime) -> int | None:
    """Wait no longer in this round, whether choosing is
    open or not; gives the session that was waited for.
    """
    seating = enter(registration, now)
    entry = seating.waits_of(registration.id).get(round_id)
    if entry is None:
        return None
    session_id = entry.session_id
    seating.step_out(entry)
    move_up(seating, registration.programme_id)
    return session_id


@transaction()
def answer_offer(registration: Registration, round_id: int, *, accept: bool, now: datetime) -> Seat | None:
    """Take the place that is kept in this round, or let it go
    to the next; what is held in the round goes only for it.

    Whether choosing is open does not matter: the moment of the offer decides.
    """
    if accept:
        check_open_organiser(registration.organiser_id)
    seating = enter(registration, now)
    entry = seating.waits_of(registration.id).get(round_id)
    if entry is None or entry.offered_until is None:
        raise Refusal("no_offer", N_("There is no offer for you in this round, or not any more."))
    if entry.offered_until <= now:
        raise Refusal("offer_ended", N_("This offer held until %(until)s."), until=entry.offered_until)
    session, seats = seating.sessions[entry.session_id], seating.seats_of(registration.id)
    seat = seats.pop(round_id, None)
    if accept:
        held = [seating.sessions[other.session_id] for other in seats.values()]
        others = [(seating.code(other), seating.place(other)) for other in held]
        allowed, code = seating.repeats_allowed, seating.code(session)
        check_goes_with(seating.place(session), others, code=code, field="", repeats_allowed=allowed)
    seating.step_out(entry, "accepted" if accept else "declined")
    seat = seating.sit(registration.id, session, seat, "promoted") if accept else None
    follow(seating, registration)
    return seat


def lapse_offers_due() -> None:
    """What the worker does each sweep: offers that were not answered in time go to the next in line."""
    now = clock.now()
    late = select(WaitlistEntry.programme_id).where(WaitlistEntry.offered_until <= now).distinct()
    programmes = sorted(db.session.scalars(late))
    each_due("offers of programme", programmes, lambda id: lapse_offers(id, now=now))


@transaction()
def lapse_offers(programme_id: int, *, now: datetime) -> None:
    """End the offers of a programme that were not answered
    in time, tell their people, and offer to the next.
    """
    seating, picture = Seating.enter(programme_id, now=now), current_picture(programme_id)
    if seating is None or picture is None:
        return
    late = (WaitlistEntry.programme_id == programme_id, WaitlistEntry.offered_until <= now)
    passed = list(
        db.session.scalars(
            select(WaitlistEntry).where(*late).order_by(WaitlistEntry.joined_at, WaitlistEntry.id)
        )
    )
    registrations = seating.registrations(entry.registration_id for entry in passed)
    with all_at_once():
        for entry in passed:
            registration, session_id = registrations[entry.registration_id], entry.session_id
            waits = seating.lapse(entry)
            emails.offer_lapsed(registration, picture, session_id, waits=waits, now=now)
    move_up(seating, programme_id)
