"""Choosing sessions, giving places up, moving up, and following what happens to registrations and releases."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from learning.attendance.happenings import (
    ParticipationEnded,
    ParticipationHandedOver,
    RegistrationConfirmed,
    RegistrationEnded,
)
from learning.attendance.models import Registration
from learning.attendance.queries import expected_meetings
from learning.choices import emails
from learning.choices.drawn import awaiting, wishes_of
from learning.choices.draws import save_wishes
from learning.choices.models import Seat, SeatHistory, SecondChance, WaitlistEntry, Wish
from learning.choices.moving_up import move_up, tell_promoted
from learning.choices.queries import opens_for
from learning.choices.rules import Full, check_choices_open, check_goes_with, deadline, decide, goes_with, later_of
from learning.choices.seating import Seating
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import each_due
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.queries import check_open_organiser
from learning.programmes.happenings import Released, SessionsMoving
from learning.programmes.models import OfferedHost, OfferedSession
from learning.programmes.picture import ProgrammePicture
from learning.programmes.queries import current_picture

LIFTED = "lifted"  # out of a session that goes to another round, until it is known where the person sits
Outcome = Seat | WaitlistEntry | Full | None


@transaction()
def choose_sessions(
    registration: Registration, picked: Mapping[int, int | None], *, wait: Collection[int] = (), now: datetime
) -> dict[int, Outcome]:
    """Choose one session in each round named; None gives up what is held there. A round not named stays.

    Gives for each round the Seat, the WaitlistEntry (full, and the round is in `wait`), Full, or None when
    the round was given up. A seat is never lost unless the new one is got.
    """
    if any(session_id is not None for session_id in picked.values()):
        check_open_organiser(registration.organiser_id)
    seating = _enter(registration, now)
    rounds = sorted(picked, key=lambda id: seating.rounds[id].number if id in seating.rounds else 0)
    seats, waits = seating.seats_of(registration.id), seating.waits_of(registration.id)
    chooser = Chooser.of(registration, seating)
    sessions = {id: _check_pick(seating, chooser, id, picked[id], seats) for id in rounds}
    plan = {
        id: decide(
            picked[id],
            held=seats[id].session_id if id in seats else None,
            free=session is not None and (seating.has_room(session) or _offered(waits.get(id), session, now)),
            wait=id in wait,
        )
        for id, session in sessions.items()
    }
    _check_together(seating, sessions, plan, seats)
    outcomes = _carry_out(seating, registration, sessions, plan, seats, waits)
    for seat in _follow(seating, registration):
        if seat.registration_id == registration.id and seat.round_id in outcomes:
            outcomes[seat.round_id] = seat
    return outcomes


def _follow(seating: Seating, registration: Registration) -> list[Seat]:
    """After the seats of somebody changed: who waits moves up, calendars follow, everybody concerned gets one mail.

    Gives the seats of those who moved up.
    """
    promoted, picture = seating.promote(), seating.picture
    changed = registration.id in seating.touched
    seating.touch_feeds()
    if changed:
        emails.chosen(registration, picture, *_held(registration), now=seating.now)
    tell_promoted(seating, [seat for seat in promoted if seat.registration_id != registration.id], picture, seating.now)
    return promoted


@transaction()
def save_choices(
    registration: Registration,
    picked: Mapping[int, int | None],
    *,
    wait: Collection[int],
    wishes: Mapping[int, Sequence[int]],
    vetoes: Mapping[int, Collection[int]],
    skipped: Collection[int],
    now: datetime,
) -> dict[int, Outcome]:
    """All that somebody says on the page to choose: seats where who comes first is served, wishes where a draw decides."""
    if wishes:
        save_wishes(registration, wishes, vetoes=vetoes, skipped=skipped, now=now)
    return choose_sessions(registration, picked, wait=wait, now=now) if picked or not wishes else {}


@transaction()
def stop_waiting(registration: Registration, round_id: int, *, now: datetime) -> int | None:
    """Wait no longer in this round, whether choosing is open or not; gives the session that was waited for."""
    seating = _enter(registration, now)
    entry = seating.waits_of(registration.id).get(round_id)
    if entry is None:
        return None
    session_id = entry.session_id
    seating.step_out(entry)
    move_up(seating, registration.programme_id)
    return session_id


@transaction()
def answer_offer(registration: Registration, round_id: int, *, accept: bool, now: datetime) -> Seat | None:
    """Take the place that is kept in this round, or let it go to the next; what is held in the round goes only for it.

    Whether choosing is open does not matter: the moment of the offer decides.
    """
    if accept:
        check_open_organiser(registration.organiser_id)
    seating = _enter(registration, now)
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
    _follow(seating, registration)
    return seat


def _offered(entry: WaitlistEntry | None, session: OfferedSession, now: datetime) -> bool:
    """A chair of this session is kept for who waits."""
    return (
        entry is not None
        and entry.session_id == session.id
        and entry.offered_until is not None
        and entry.offered_until > now
    )


def lapse_offers_due() -> None:
    """What the worker does each sweep: offers that were not answered in time go to the next in line."""
    now = clock.now()
    late = select(WaitlistEntry.programme_id).where(WaitlistEntry.offered_until <= now).distinct()
    programmes = sorted(db.session.scalars(late))
    each_due("offers of programme", programmes, lambda id: lapse_offers(id, now=now))


@transaction()
def lapse_offers(programme_id: int, *, now: datetime) -> None:
    """End the offers of a programme that were not answered in time, tell their people, and offer to the next."""
    seating, picture = Seating.enter(programme_id, now=now), current_picture(programme_id)
    if seating is None or picture is None:
        return
    late = (WaitlistEntry.programme_id == programme_id, WaitlistEntry.offered_until <= now)
    passed = list(db.session.scalars(select(WaitlistEntry).where(*late).order_by(WaitlistEntry.joined_at, WaitlistEntry.id)))
    registrations = seating.registrations(entry.registration_id for entry in passed)
    for entry in passed:
        registration, session_id = registrations[entry.registration_id], entry.session_id
        waits = seating.lapse(entry)
        emails.offer_lapsed(registration, picture, session_id, waits=waits, now=now)
    move_up(seating, programme_id)


@transaction()
def place_by_staff(
    registration: Registration, round_id: int, session_id: int | None, *, reason: str, by: int, now: datetime
) -> Seat | None:
    """Staff give somebody a seat in a round, another one, or none; also after the deadline, and before a draw: then it is
    fixed. No session gets more people than it holds, nobody is at two places at once. The person gets a mail.
    """
    seating = _enter(registration, now)
    picture = seating.picture
    round = next((r for r in picture.rounds if r.id == round_id), None)
    session = seating.sessions.get(session_id) if session_id is not None else None
    if round is None or round_id not in seating.rounds or round.meeting_id not in expected_meetings(registration):
        raise Refusal("not_expected", N_("This person is not registered for the meeting of this round."), "session")
    if session_id is not None and (session is None or session.round_id != round_id):
        raise Refusal("unknown_session", N_("This round has no such session."), "session")
    seats = seating.seats_of(registration.id)
    seat = seats.pop(round_id, None)
    if seat is not None and seat.host:
        raise Refusal("hosting", N_("This person leads a session in this round."), "session")
    if session is not None and (seat is None or seat.session_id != session.id):
        code = seating.code(session)
        if not seating.has_room(session):
            raise Refusal("full", N_("%(session)s has no place left."), "session", session=code)
        held = [seating.sessions[other.session_id] for other in seats.values()]
        others = [(seating.code(other), seating.place(other)) for other in held]
        allowed = seating.repeats_allowed
        check_goes_with(seating.place(session), others, code=code, field="session", repeats_allowed=allowed)
    entry = seating.waits_of(registration.id).get(round_id)
    if entry is not None and session is not None:
        seating.step_out(entry)
    was = seating.code(seating.sessions[seat.session_id]) if seat is not None else ""
    if session is None and seat is not None:
        seating.stand(seat)
        seat = None
    elif session is not None and (seat is None or seat.session_id != session.id):
        seat = seating.sit(registration.id, session, seat, "placed")
    words = f"{seating.code(session) if session else '–'}: {reason}"[:500]
    before, after = {"session": was}, {"session": seating.code(session) if session else ""}
    whose = registration.organiser_id
    record("placed", registration, organiser_id=whose, by=by, at=now, words=words, before=before, after=after)
    _follow(seating, registration)
    return seat


@transaction()
def release_seats(happening: RegistrationEnded) -> None:
    """A registration ended: its seats are free, and the next in line have them."""
    _release(happening.registration, None, happening.now)


@transaction()
def free_meeting(happening: ParticipationEnded) -> None:
    """Somebody no longer comes to one meeting: the seats held there are free, and the next in line have them."""
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
    """Sessions leave their round: who sits or waits there is lifted; `follow_release` seats them again where it fits."""
    seating = Seating.enter(happening.programme_id, now=happening.now)
    if seating is None:
        return
    here = happening.session_ids
    db.session.execute(delete(Wish).where(Wish.session_id.in_(here)))
    for entry in db.session.scalars(select(WaitlistEntry).where(WaitlistEntry.session_id.in_(here)).order_by(WaitlistEntry.id)):
        seating.step_out(entry, "moved_away")
    for seat in db.session.scalars(select(Seat).where(Seat.session_id.in_(here)).order_by(Seat.given_at, Seat.id)):
        if not seat.host:
            seating.second_chance(seat, None)
        seating.stand(seat, "left" if seat.host else LIFTED)


@transaction()
def follow_release(happening: Released) -> None:
    """A new release: cancelled sessions free their seats, hosts are placed, and more room lets people move up."""
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


def _enter(registration: Registration, now: datetime) -> Seating:
    """The seating of the programme, for a registration that counts."""
    seating = Seating.enter(registration.programme_id, now=now)
    if seating is None or not seating.take_along(registration).live:
        raise Refusal("registration_ended", N_("This registration has ended."))
    return seating


@dataclass(frozen=True)
class Chooser:
    """What holds for somebody in every round."""

    expected: set[int]  # meetings
    chances: Mapping[int, SecondChance]
    hosted: Mapping[int, OfferedSession]
    awaited: set[int]  # rounds that a draw will fill
    opens_at: datetime | None

    @classmethod
    def of(cls, registration: Registration, seating: Seating) -> "Chooser":
        """For this registration, while the programme is held."""
        picture = seating.picture
        return cls(
            expected_meetings(registration),
            seating.chances_of(registration.id),
            seating.hosted_by(registration.person_id),
            awaiting(picture),
            opens_for(registration, picture, seating.now),
        )


def _check_pick(
    seating: Seating,
    chooser: Chooser,
    round_id: int,
    session_id: int | None,
    seats: Mapping[int, Seat],
) -> OfferedSession | None:
    """The session picked in this round; refuses what nobody can choose there, now."""
    field, round, picture = f"round_{round_id}", seating.rounds.get(round_id), seating.picture
    meeting = picture.meeting.get(round.meeting_id) if round else None
    picture_round = next((r for r in picture.rounds if r.id == round_id), None)
    if round is None or meeting is None or picture_round is None:
        raise Refusal("unknown_round", N_("This programme has no such round."), field)
    if picture.cancelled or meeting.cancelled:
        raise Refusal("meeting_cancelled", N_("This meeting is cancelled."), field)
    if meeting.id not in chooser.expected:
        raise Refusal("not_expected", N_("You are not registered for this meeting."), field)
    chance = chooser.chances.get(round_id)
    closes_at = deadline(later_of(round.closes_at, chance.until if chance else None), round.starts_at)
    if picture_round.filling == "draw":
        if round_id in chooser.awaited:
            raise Refusal("by_draw", N_("This round is filled by draw. Name what you want; the draw decides."), field)
        closes_at = round.starts_at  # what the draw left goes to who comes first
    check_choices_open(chooser.opens_at, closes_at, seating.now)
    session = seating.sessions.get(session_id) if session_id is not None else None
    if session_id is not None and (session is None or session.round_id != round_id):
        raise Refusal("unknown_session", N_("This round has no such session."), field)
    hosted = chooser.hosted.get(round_id)
    if hosted is not None and session is not hosted:
        raise Refusal("hosting", N_("You host %(session)s in this round."), field, session=seating.code(hosted))
    if session is None or (round_id in seats and seats[round_id].session_id == session_id):
        return session
    if session.cancelled:
        raise Refusal("session_cancelled", N_("%(session)s is cancelled."), field, session=seating.code(session))
    if session.capacity == 0 and hosted is None:
        raise Refusal("session_closed", N_("%(session)s is closed."), field, session=seating.code(session))
    return session


def _check_together(
    seating: Seating,
    sessions: Mapping[int, OfferedSession | None],
    plan: Mapping[int, str],
    seats: Mapping[int, Seat],
) -> None:
    """Refuse wishes that do not go with each other or with what is kept."""
    kept = {
        id: seating.sessions[seat.session_id] for id, seat in seats.items() if plan.get(id) not in ("leave", "take")
    }
    wanted = {id: session for id, session in sessions.items() if session is not None}
    for id, session in wanted.items():
        if id in seats and seats[id].host:
            continue
        others = [other for place in (wanted, kept) for round_id, other in place.items() if round_id != id]
        check_goes_with(
            seating.place(session),
            [(seating.code(other), seating.place(other)) for other in others],
            code=seating.code(session),
            field=f"round_{id}",
            repeats_allowed=seating.repeats_allowed,
        )


def _carry_out(
    seating: Seating,
    registration: Registration,
    sessions: Mapping[int, OfferedSession | None],
    plan: Mapping[int, str],
    seats: Mapping[int, Seat],
    waits: Mapping[int, WaitlistEntry],
) -> dict[int, Outcome]:
    """Do as planned, what frees first. A wait ends when the round is decided otherwise."""
    outcomes: dict[int, Outcome] = dict.fromkeys(plan)
    takes = [session.workshop_id for id, session in sessions.items() if session is not None and plan[id] == "take"]
    for id, verb in plan.items():
        session, entry = sessions[id], waits.get(id)
        given_up = verb == "full" and session is not None and entry is not None and entry.session_id == session.id
        if entry is not None and (verb in ("leave", "keep", "take") or given_up):
            seating.step_out(entry)
        if verb == "leave" and id in seats:
            seating.stand(seats[id])
        if verb == "take" and id in seats and seats[id].once_workshop_id in takes:  # two workshops may change places
            seats[id].once_workshop_id = None
    db.session.flush()
    for id, session in sessions.items():
        if session is None:
            continue
        entry = waits.get(id)
        if plan[id] == "keep":
            outcomes[id] = seats[id]
        elif plan[id] == "take":
            seat = seats.get(id)
            outcomes[id] = seating.sit(registration.id, session, seat, "moved" if seat else "given")
        elif plan[id] == "wait":
            waiting = entry is not None and entry.session_id == session.id
            outcomes[id] = entry if waiting else seating.join(registration.id, session, entry)
        else:
            outcomes[id] = Full(session.id, session.waiting)
    return outcomes


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
    for entry in db.session.scalars(select(WaitlistEntry).where(WaitlistEntry.session_id.in_(ids)).order_by(WaitlistEntry.id)):
        seating.step_out(entry, "cancelled")
    for seat in db.session.scalars(select(Seat).where(Seat.session_id.in_(ids)).order_by(Seat.id)):
        if not seat.host:
            seating.second_chance(seat, again_until)
        seating.stand(seat, "cancelled")


def _place_by_wishes(seating: Seating, picture: ProgrammePicture) -> None:
    """Who lost the seat of a draw because the session is cancelled gets the best own wish that is free; nobody else moves."""
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
    """Who was lifted out of a session that went to another round goes along where that fits, in order of the old turn."""
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
    seats = select(Seat).where(Seat.session_id.in_(moved), ~Seat.host).order_by(Seat.given_at.desc(), Seat.id.desc())
    for seat in list(db.session.scalars(seats)):
        mine = seating.seats_of(seat.registration_id)
        others = [seating.place(seating.sessions[o.session_id]) for id, o in mine.items() if id != seat.round_id]
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
    coming = select(Registration.id, Registration.person_id).where(mine, *live, Registration.person_id.in_(persons))
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


def _held(registration: Registration) -> tuple[dict[int, int], dict[int, int]]:
    """The session held and the session waited for, by round."""
    seats, waits = (
        select(row.round_id, row.session_id).where(row.registration_id == registration.id) for row in (Seat, WaitlistEntry)
    )
    held, waited = (db.session.execute(query).all() for query in (seats, waits))
    return dict(held), dict(waited)
