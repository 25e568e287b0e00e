"""Choosing sessions, giving places up, moving up, and
following what happens to registrations and releases.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from learning.attendance.models import Registration
from learning.attendance.queries import expected_meetings
from learning.choices import emails
from learning.choices.draw.wishes import keep_wishes
from learning.choices.models import Seat, WaitlistEntry
from learning.choices.moving_up import tell_promoted
from learning.choices.rules import Full, check_choices_open, check_goes_with, decide
from learning.choices.seating import Seating, Standing, enter
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.queries import check_open_organiser
from learning.releases.models import OfferedSession

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
    return _choose(Standing.of(registration, enter(registration, now)), picked, wait)


def _choose(
    standing: Standing, picked: Mapping[int, int | None], wait: Collection[int]
) -> dict[int, Outcome]:
    seating, registration = standing.seating, standing.registration
    rounds = sorted(picked, key=lambda id: seating.rounds[id].number if id in seating.rounds else 0)
    seats, waits = seating.seats_of(registration.id), seating.waits_of(registration.id)
    sessions = {id: _check_pick(standing, id, picked[id], seats) for id in rounds}
    plan = {
        id: decide(
            picked[id],
            held=seats[id].session_id if id in seats else None,
            free=session is not None
            and (seating.has_room(session) or _offered(waits.get(id), session, seating.now)),
            wait=id in wait,
        )
        for id, session in sessions.items()
    }
    _check_together(seating, sessions, plan, seats)
    outcomes = _carry_out(seating, registration, sessions, plan, seats, waits)
    for seat in follow(seating, registration):
        if seat.registration_id == registration.id and seat.round_id in outcomes:
            outcomes[seat.round_id] = seat
    return outcomes


def follow(seating: Seating, registration: Registration) -> list[Seat]:
    """After the seats of somebody changed: who waits moves
    up, calendars follow, everybody concerned gets one mail.

    Gives the seats of those who moved up.
    """
    promoted, picture = seating.promote(), seating.picture
    changed = registration.id in seating.touched
    seating.touch_feeds()
    if changed:
        emails.chosen(registration, picture, *_held(registration), now=seating.now)
    tell_promoted(
        seating, [seat for seat in promoted if seat.registration_id != registration.id], picture, seating.now
    )
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
    """All that somebody says on the page to choose: seats where
    who comes first is served, wishes where a draw decides.
    """
    if not wishes:
        return choose_sessions(registration, picked, wait=wait, now=now)
    check_open_organiser(registration.organiser_id)
    standing = Standing.of(registration, enter(registration, now))
    keep_wishes(standing, wishes, vetoes=vetoes, skipped=skipped)
    return _choose(standing, picked, wait) if picked else {}


def _offered(entry: WaitlistEntry | None, session: OfferedSession, now: datetime) -> bool:
    """A chair of this session is kept for who waits."""
    return (
        entry is not None
        and entry.session_id == session.id
        and entry.offered_until is not None
        and entry.offered_until > now
    )


@transaction()
def place_by_staff(
    registration: Registration, round_id: int, session_id: int | None, *, reason: str, by: int, now: datetime
) -> Seat | None:
    """Staff give somebody a seat in a round, another one, or none;
    also after the deadline, and before a draw: then it is fixed.

    No session gets more people than it holds, nobody is at two places at once. The person gets a mail.
    """
    seating = enter(registration, now)
    session = _place_of(seating, registration, round_id, session_id)
    seats = seating.seats_of(registration.id)
    seat = seats.pop(round_id, None)
    if seat is not None and seat.host:
        raise Refusal("hosting", N_("This person leads a session in this round."), "session")
    if session is not None and (seat is None or seat.session_id != session.id):
        _check_room(seating, session, seats)
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
    follow(seating, registration)
    return seat


def _place_of(
    seating: Seating, registration: Registration, round_id: int, session_id: int | None
) -> OfferedSession | None:
    """The session in which staff place somebody, in a round for which they come; None for no session."""
    round = next((r for r in seating.picture.rounds if r.id == round_id), None)
    expected = round is not None and round.meeting_id in expected_meetings(registration)
    if not expected or round_id not in seating.rounds:
        words = N_("This person is not registered for the meeting of this round.")
        raise Refusal("not_expected", words, "session")
    return _session_in(seating, round_id, session_id, "session")


def _session_in(seating: Seating, round_id: int, session_id: int | None, field: str) -> OfferedSession | None:
    """The session with this id, when it is one of this round; None for none."""
    session = seating.sessions.get(session_id) if session_id is not None else None
    if session_id is not None and (session is None or session.round_id != round_id):
        raise Refusal("unknown_session", N_("This round has no such session."), field)
    return session


def _check_room(seating: Seating, session: OfferedSession, seats: Mapping[int, Seat]) -> None:
    """Refuse a place by staff where there is none left, or that does not go with the other seats."""
    code = seating.code(session)
    if not seating.has_room(session):
        raise Refusal("full", N_("%(session)s has no place left."), "session", session=code)
    held = [seating.sessions[other.session_id] for other in seats.values()]
    others = [(seating.code(other), seating.place(other)) for other in held]
    allowed = seating.repeats_allowed
    check_goes_with(seating.place(session), others, code=code, field="session", repeats_allowed=allowed)


def _check_pick(
    standing: Standing,
    round_id: int,
    session_id: int | None,
    seats: Mapping[int, Seat],
) -> OfferedSession | None:
    """The session picked in this round; refuses what nobody can choose there, now."""
    seating, field = standing.seating, f"round_{round_id}"
    _check_round(standing, round_id, field)
    session = _session_in(seating, round_id, session_id, field)
    hosted = standing.hosted.get(round_id)
    if hosted is not None and session is not hosted:
        words = N_("You host %(session)s in this round.")
        raise Refusal("hosting", words, field, session=seating.code(hosted))
    if session is None or (round_id in seats and seats[round_id].session_id == session_id):
        return session
    if session.cancelled:
        words = N_("%(session)s is cancelled.")
        raise Refusal("session_cancelled", words, field, session=seating.code(session))
    if session.capacity == 0 and hosted is None:
        raise Refusal("session_closed", N_("%(session)s is closed."), field, session=seating.code(session))
    return session


def _check_round(standing: Standing, round_id: int, field: str) -> None:
    """Refuse a round in which this person cannot choose now."""
    picture, round = standing.picture, standing.seating.rounds.get(round_id)
    meeting = picture.meeting.get(round.meeting_id) if round else None
    filling = next((r.filling for r in picture.rounds if r.id == round_id), None)
    if round is None or meeting is None or filling is None:
        raise Refusal("unknown_round", N_("This programme has no such round."), field)
    if picture.cancelled or meeting.cancelled:
        raise Refusal("meeting_cancelled", N_("This meeting is cancelled."), field)
    if meeting.id not in standing.expected:
        raise Refusal("not_expected", N_("You are not registered for this meeting."), field)
    if round_id in standing.awaited:
        words = N_("This round is filled by draw. Name what you want; the draw decides.")
        raise Refusal("by_draw", words, field)
    # what a draw left goes to who comes first, until the round begins
    closes_at = round.starts_at if filling == "draw" else standing.closes_at(round)
    check_choices_open(standing.opens_at, closes_at, standing.seating.now)


def _check_together(
    seating: Seating,
    sessions: Mapping[int, OfferedSession | None],
    plan: Mapping[int, str],
    seats: Mapping[int, Seat],
) -> None:
    """Refuse wishes that do not go with each other or with what is kept."""
    kept = {
        id: seating.sessions[seat.session_id]
        for id, seat in seats.items()
        if plan.get(id) not in ("leave", "take")
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
    takes = [
        session.workshop_id for id, session in sessions.items() if session is not None and plan[id] == "take"
    ]
    for id, verb in plan.items():
        session, entry = sessions[id], waits.get(id)
        given_up = (
            verb == "full" and session is not None and entry is not None and entry.session_id == session.id
        )
        if entry is not None and (verb in ("leave", "keep", "take") or given_up):
            seating.step_out(entry)
        if verb == "leave" and id in seats:
            seating.stand(seats[id])
        if (
            verb == "take" and id in seats and seats[id].once_workshop_id in takes
        ):  # two workshops may change places
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


def _held(registration: Registration) -> tuple[dict[int, int], dict[int, int]]:
    """The session held and the session waited for, by round."""
    seats, waits = (
        select(row.round_id, row.session_id).where(row.registration_id == registration.id)
        for row in (Seat, WaitlistEntry)
    )
    held, waited = (db.session.execute(query).all() for query in (seats, waits))
    return dict(held), dict(waited)
