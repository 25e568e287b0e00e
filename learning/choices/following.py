"""What happens to seats when something else happens: a release, an end, somebody else who comes."""

from datetime import datetime

from sqlalchemy import delete, select

from learning.attendance.happenings import (
    ParticipationEnded,
    ParticipationHandedOver,
    RegistrationConfirmed,
    RegistrationEnded,
)
from learning.attendance.models import Registration
from learning.choices.draw.models import Wish
from learning.choices.draw.queries import awaiting, wishes_of
from learning.choices.models import Seat, SeatHistory, WaitlistEntry
from learning.choices.moving_up import move_up
from learning.choices.rules import goes_with
from learning.choices.seating import Seating
from learning.kit.db import db, transaction
from learning.releases.happenings import Released, SessionsMoving
from learning.releases.models import OfferedHost
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture

LIFTED = "lifted"  # out of a session that goes to another round, until it is known where the person sits


@transaction()
def release_seats(happening: RegistrationEnded) -> None:
    """A registration ended: its seats are free, and the next in line have them."""
    _release(happening.registration, None, happening.now)


@transaction()
def free_meeting(happening: ParticipationEnded) -> None:
    """Somebody no longer comes to one meeting: the seats
    held there are free, and the next in line have them.
    """
    _release(happening.registration, happening.meeting_id, happening.now)


@transaction()
def move_seats(happening: ParticipationHandedOver) -> None:
    """Somebody else comes to a meeting: the seats and waiting places there are theirs, as far as they fit."""
    old, new, now = happening.old_registration, happening.new_registration, happening.now
    seating = Seating.enter(old.programme_id, now=now)
    if seating is None:
        return
    here = {id for id, round in seating.rounds.items() if round.meeting_id == happening.meeting_id}
    theirs, waits = seating.seats_of(new.id), seating.waits_of(new.id)
    for round_id, seat in seating.seats_of(old.id).items():
        if round_id not in here or seat.host:
            continue
        place = seating.place(seating.sessions[seat.session_id])
        others = [seating.place(seating.sessions[other.session_id]) for other in theirs.values()]
        if round_id in theirs or not goes_with(place, others, repeats_allowed=seating.repeats_allowed):
            seating.stand(seat)
            continue
        seat.registration_id = new.id
        theirs[round_id] = seat
        seating.note(old.id, seat.session_id, "handed_over")
        seating.note(new.id, seat.session_id, "given")
    for round_id, entry in seating.waits_of(old.id).items():
        if round_id in here and round_id in waits:
            seating.step_out(entry)
        elif round_id in here:
            seating.keep_no_chair(entry)  # the turn goes along; who comes gets an offer of their own
            entry.registration_id = new.id
            seating.note(old.id, entry.session_id, "handed_over")
            seating.note(new.id, entry.session_id, "waiting")
    move_up(seating, old.programme_id)


@transaction()
def place_hosts(happening: RegistrationConfirmed) -> None:
    """Who hosts a session is placed there, on no chair."""
    registration = happening.registration
    hosted = select(OfferedHost.id).where(OfferedHost.person_id == registration.person_id).limit(1)
    if db.session.scalar(hosted) is None:
        return
    seating = Seating.enter(registration.programme_id, now=happening.now)
    if seating is not None:
        _place_host(seating, registration.id, registration.person_id)
        move_up(seating, registration.programme_id)


@transaction()
def make_way(happening: SessionsMoving) -> None:
    """Sessions leave their round: who sits or waits there is
    lifted; `follow_release` seats them again where it fits.
    """
    seating = Seating.enter(happening.programme_id, now=happening.now)
    if seating is None:
        return
    here = happening.session_ids
    db.session.execute(delete(Wish).where(Wish.session_id.in_(here)))
    for entry in db.session.scalars(
        select(WaitlistEntry).where(WaitlistEntry.session_id.in_(here)).order_by(WaitlistEntry.id)
    ):
        seating.step_out(entry, "moved_away")
    for seat in db.session.scalars(
        select(Seat).where(Seat.session_id.in_(here)).order_by(Seat.given_at, Seat.id)
    ):
        if not seat.host:
            seating.second_chance(seat, None)
        seating.stand(seat, "left" if seat.host else LIFTED)


@transaction()
def follow_release(happening: Released) -> None:
    """A new release: cancelled sessions free their seats,
    hosts are placed, and more room lets people move up.
    """
    seating = Seating.enter(happening.programme_id, now=happening.now)
    picture = current_picture(happening.programme_id)
    if seating is None or picture is None:
        return
    _free_cancelled(seating, happening.again_until)
    _place_by_wishes(seating, picture)
    _seat_again(seating, happening.again_until)
    _free_clashing(seating, happening)
    _follow_hosts(seating)
    for session in seating.sessions.values():
        seating.number_chairs(session)
    move_up(seating, happening.programme_id)


def _release(registration: Registration, meeting_id: int | None, now: datetime) -> None:
    seating = Seating.enter(registration.programme_id, now=now)
    if seating is None:
        return
    for entry in seating.waits_of(registration.id).values():
        if meeting_id in (None, seating.rounds[entry.round_id].meeting_id):
            seating.step_out(entry)
    for seat in seating.seats_of(registration.id).values():
        if meeting_id in (None, seating.rounds[seat.round_id].meeting_id):
            seating.stand(seat)
    move_up(seating, registration.programme_id)


def _free_cancelled(seating: Seating, again_until: datetime | None) -> None:
    """Nobody sits or waits in a cancelled session."""
    ids = [session.id for session in seating.sessions.values() if session.cancelled]
    for entry in db.session.scalars(
        select(WaitlistEntry).where(WaitlistEntry.session_id.in_(ids)).order_by(WaitlistEntry.id)
    ):
        seating.step_out(entry, "cancelled")
    for seat in db.session.scalars(select(Seat).where(Seat.session_id.in_(ids)).order_by(Seat.id)):
        if not seat.host:
            seating.second_chance(seat, again_until)
        seating.stand(seat, "cancelled")


def _place_by_wishes(seating: Seating, picture: ProgrammePicture) -> None:
    """Who lost the seat of a draw because the session is cancelled
    gets the best own wish that is free; nobody else moves.
    """
    drawn_rounds = {r.id for r in picture.rounds if r.filling == "draw"} - awaiting(picture)
    gone = select(SeatHistory).where(SeatHistory.what == "cancelled", SeatHistory.at == seating.now)
    for row in list(db.session.scalars(gone.order_by(SeatHistory.id))):
        session = seating.sessions.get(row.session_id)
        if session is None or session.round_id not in drawn_rounds:
            continue
        seats = seating.seats_of(row.registration_id)
        others = [seating.place(seating.sessions[seat.session_id]) for seat in seats.values()]
        ranked, _vetoes, _skipped = wishes_of(row.registration_id)
        for id in ranked.get(session.round_id, ()) if session.round_id not in seats else ():
            wished = seating.sessions.get(id)
            if wished is None or wished.id == session.id or not seating.has_room(wished) or wished.waiting:
                continue
            if goes_with(seating.place(wished), others, repeats_allowed=seating.repeats_allowed):
                seating.sit(row.registration_id, wished, None, "placed_again")
                break


def _seat_again(seating: Seating, again_until: datetime | None) -> None:
    """Who was lifted out of a session that went to another
    round goes along where that fits, in order of the old turn.
    """
    lifted = select(SeatHistory).where(SeatHistory.what == LIFTED, SeatHistory.at == seating.now)
    for row in list(db.session.scalars(lifted.order_by(SeatHistory.id))):
        session = seating.sessions.get(row.session_id)
        if session is None:
            continue
        chances = seating.chances_of(row.registration_id)
        seats = seating.seats_of(row.registration_id)
        others = [seating.place(seating.sessions[seat.session_id]) for seat in seats.values()]
        fits = goes_with(seating.place(session), others, repeats_allowed=seating.repeats_allowed)
        if session.round_id not in seats and fits and seating.has_room(session):
            seating.sit(row.registration_id, session, None, "moved_along")
            for chance in chances.values():
                if chance.until is None:
                    db.session.delete(chance)
        else:
            for chance in chances.values():
                chance.until = chance.until or again_until
            seating.note(row.registration_id, session.id, "lost")


def _free_clashing(seating: Seating, happening: Released) -> None:
    """Rounds got other times: nobody keeps two seats at one moment; the one that moved gives way."""
    moved = happening.difference.changed_sessions
    if not moved:
        return
    seats = (
        select(Seat)
        .where(Seat.session_id.in_(moved), ~Seat.host)
        .order_by(Seat.given_at.desc(), Seat.id.desc())
    )
    for seat in list(db.session.scalars(seats)):
        mine = seating.seats_of(seat.registration_id)
        others = [
            seating.place(seating.sessions[o.session_id]) for id, o in mine.items() if id != seat.round_id
        ]
        if not goes_with(seating.place(seating.sessions[seat.session_id]), others, repeats_allowed=True):
            seating.second_chance(seat, happening.again_until)
            seating.stand(seat, "lost")


def _follow_hosts(seating: Seating) -> None:
    """Place who became a host, and free who is no host any more."""
    hosts = select(OfferedHost).where(OfferedHost.session_id.in_(list(seating.sessions)))
    are = {(row.session_id, row.person_id) for row in db.session.scalars(hosts)}
    live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
    mine = Registration.programme_id == seating.programme.id
    placed = select(Seat, Registration.person_id).join(Registration, Registration.id == Seat.registration_id)
    for seat, person_id in db.session.execute(placed.where(mine, Seat.host).order_by(Seat.id)).all():
        if (seat.session_id, person_id) not in are:
            seating.stand(seat)
    persons = {person_id for _, person_id in are}
    coming = select(Registration.id, Registration.person_id).where(
        mine, *live, Registration.person_id.in_(persons)
    )
    for registration_id, person_id in db.session.execute(coming.order_by(Registration.id)).all():
        _place_host(seating, registration_id, person_id)


def _place_host(seating: Seating, registration_id: int, person_id: int) -> None:
    seats, waits = seating.seats_of(registration_id), seating.waits_of(registration_id)
    for round_id, session in sorted(seating.hosted_by(person_id).items()):
        seat = seats.get(round_id)
        if round_id in waits:
            seating.step_out(waits[round_id])
        if seat is None or seat.session_id != session.id or not seat.host:
            seating.sit(registration_id, session, seat, "moved" if seat else "given", host=True)
