"""Seats of a delegation at one meeting: given back, asked for, and passed on to the next in line.

Their number never changes.

Everything here and every nomination at a meeting happens while that meeting is locked.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from learning.delegations import emails
from learning.delegations.models import Delegation, Nomination, SeatMove, SeatRequest
from learning.kit import clock
from learning.kit.db import attempt, db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.jobs import each_due
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.organisations.queries import check_open_organiser
from learning.people.models import Account
from learning.releases.picture import MeetingPicture
from learning.releases.places import hold as hold_meetings
from learning.releases.queries import current_picture, programme_of


def got(delegation_id: int, meeting_id: int) -> int:
    """How many seats of others this delegation has at a meeting."""
    mine = (SeatMove.to_id == delegation_id, SeatMove.meeting_id == meeting_id)
    return db.session.scalar(select(func.count()).where(*mine)) or 0


def got_since(delegation_id: int, meeting_id: int, moment: datetime) -> int:
    """How many seats of others this delegation got at a meeting from this moment on."""
    mine = (SeatMove.to_id == delegation_id, SeatMove.meeting_id == meeting_id, SeatMove.given_at >= moment)
    return db.session.scalar(select(func.count()).where(*mine)) or 0


def given(delegation_id: int, meeting_id: int) -> int:
    """How many of its own seats this delegation gave back at a meeting."""
    mine = (SeatMove.from_id == delegation_id, SeatMove.meeting_id == meeting_id, SeatMove.back_at.is_(None))
    return db.session.scalar(select(func.count()).where(*mine)) or 0


def seats_at(delegation: Delegation, meeting_id: int) -> int:
    """How many people this delegation may send to a meeting."""
    return delegation.seats_max - given(delegation.id, meeting_id) + got(delegation.id, meeting_id)


def seats_moved(programme_id: int) -> Counter[tuple[int, int]]:
    """How many seats more than agreed, or fewer, each delegation
    has at each meeting, by the ids of both.
    """
    found: Counter[tuple[int, int]] = Counter()
    here = SeatMove.programme_id == programme_id
    for move in db.session.execute(
        select(SeatMove.meeting_id, SeatMove.from_id, SeatMove.to_id, SeatMove.back_at).where(here)
    ):
        if move.to_id is not None:
            found[move.to_id, move.meeting_id] += 1
        if move.back_at is None:
            found[move.from_id, move.meeting_id] -= 1
    return found


@transaction()
def give_back(delegation: Delegation, meeting_id: int, *, by: Account, now: datetime) -> None:
    """One seat that nobody sits on is not needed at this
    meeting: it goes to the next organisation that asked.
    """
    [delegation] = lock(Delegation, [delegation.id])
    hold_meetings([meeting_id])
    _check(delegation, meeting_id, now=now)
    if _sent(delegation.id, meeting_id) >= seats_at(delegation, meeting_id):
        raise Refusal("all_filled", N_("All your places are filled. Withdraw somebody first."))
    _release(delegation, meeting_id, now=now)
    record("gave a seat back", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now)
    _pass_on(meeting_id, now=now)


@transaction()
def take_back(delegation: Delegation, meeting_id: int, *, by: Account, now: datetime) -> None:
    """The seat is needed after all; refused when another organisation has it."""
    [delegation] = lock(Delegation, [delegation.id])
    hold_meetings([meeting_id])
    _check(delegation, meeting_id, now=now)
    free = (SeatMove.from_id == delegation.id, SeatMove.meeting_id == meeting_id, SeatMove.to_id.is_(None))
    move = db.session.scalar(
        select(SeatMove).where(*free, SeatMove.back_at.is_(None)).order_by(SeatMove.id.desc()).limit(1)
    )
    if move is None:
        raise Refusal("seat_gone", N_("Another organisation has this seat by now. You can ask for one."))
    move.back_at = now
    db.session.flush()
    record("took a seat back", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now)


@transaction()
def ask(delegation: Delegation, meeting_id: int, *, by: Account, now: datetime) -> None:
    """One more seat at this meeting: given at once when one is free, else in the order of asking."""
    [delegation] = lock(Delegation, [delegation.id])
    hold_meetings([meeting_id])
    _check(delegation, meeting_id, now=now)
    if _sent(delegation.id, meeting_id) < seats_at(delegation, meeting_id):
        raise Refusal("own_free", N_("You have a place left at this meeting. Use that one first."))
    request = SeatRequest(
        programme_id=delegation.programme_id, meeting_id=meeting_id, delegation_id=delegation.id, at=now
    )
    try:
        with attempt():
            db.session.add(request)
            db.session.flush()
    except IntegrityError:
        raise Refusal("asked_already", N_("You asked for a seat at this meeting already.")) from None
    record("asked for a seat", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now)
    _pass_on(meeting_id, now=now)


@transaction()
def stop_asking(delegation: Delegation, meeting_id: int, *, by: Account, now: datetime) -> None:
    """No more seat is wanted at this meeting."""
    hold_meetings([meeting_id])
    mine = (
        SeatRequest.delegation_id == delegation.id,
        SeatRequest.meeting_id == meeting_id,
        SeatRequest.ended_at.is_(None),
    )
    for request in db.session.scalars(select(SeatRequest).where(*mine)):
        request.ended_at = now
        record(
            "stopped asking for a seat", delegation, organiser_id=delegation.organiser_id, by=by.id, at=now
        )
    db.session.flush()


@transaction()
def give_up(delegation: Delegation, meeting_ids: Iterable[int], *, now: datetime) -> None:
    """An organisation that takes no part any more leaves these meetings, which are locked.

    Seats that it got are for the next that asked; what it gave back and nobody has is gone with its place.
    """
    asked = select(SeatRequest).where(
        SeatRequest.delegation_id == delegation.id, SeatRequest.ended_at.is_(None)
    )
    for request in db.session.scalars(asked):
        request.ended_at = now
    ids = sorted(set(meeting_ids))
    here = (SeatMove.meeting_id.in_(ids), SeatMove.back_at.is_(None))
    for move in db.session.scalars(select(SeatMove).where(*here, SeatMove.to_id == delegation.id)):
        ended = db.session.get_one(Delegation, move.from_id).ended_at
        move.to_id, move.given_at, move.back_at = None, None, now if ended is not None else None
    for move in db.session.scalars(
        select(SeatMove).where(*here, SeatMove.from_id == delegation.id, SeatMove.to_id.is_(None))
    ):
        move.back_at = now
    db.session.flush()
    picture = current_picture(delegation.programme_id)
    for meeting_id in ids:
        meeting = picture.meeting.get(meeting_id) if picture else None
        if meeting is not None and not meeting.cancelled:
            _pass_on(meeting_id, now=now)


def pass_on_due() -> None:
    """What the worker does each sweep, every quarter of an
    hour: seats left open at a deadline go to who asked for one.
    """
    now = clock.now()
    with of(current_app).memory.turn(pass_on, timedelta(minutes=15), now=now) as due:
        if due:
            _pass_on_all(now)


def _pass_on_all(now: datetime) -> None:
    asked = (
        select(SeatRequest.programme_id, SeatRequest.meeting_id)
        .where(SeatRequest.ended_at.is_(None))
        .distinct()
    )
    programmes = {row.meeting_id: row.programme_id for row in db.session.execute(asked)}

    def look(meeting_id: int) -> None:
        picture = current_picture(programmes[meeting_id])
        meeting = (
            picture.meeting.get(meeting_id)
            if picture and picture.seats_go_on and not picture.cancelled
            else None
        )
        if meeting is not None and _between(meeting, now):
            pass_on(meeting_id, now=now)

    each_due("seats of meeting", sorted(programmes), look)


@transaction()
def pass_on(meeting_id: int, *, now: datetime) -> None:
    """After the deadline for names: as many open seats as are
    asked for are given on, those of who has most of them first.
    """
    hold_meetings([meeting_id])
    asking = set(db.session.scalars(_line(meeting_id).with_only_columns(SeatRequest.delegation_id)))
    if not asking:
        return
    live = (Delegation.confirmed_at.is_not(None), Delegation.ended_at.is_(None))
    of_meeting = Delegation.programme_id == programme_of(meeting_id)
    rows = db.session.scalars(select(Delegation).where(of_meeting, *live).order_by(Delegation.id)).all()
    open_seats = {row: _own_open(row, meeting_id) for row in rows if row.id not in asking}
    for _n in range(len(asking)):
        giver = max(open_seats, key=lambda row: (open_seats[row], -row.id), default=None)
        if giver is None or open_seats[giver] <= 0:
            return
        _release(giver, meeting_id, now=now)
        open_seats[giver] -= 1
        _pass_on(meeting_id, now=now)


def _own_open(delegation: Delegation, meeting_id: int) -> int:
    return (
        seats_at(delegation, meeting_id) - got(delegation.id, meeting_id) - _sent(delegation.id, meeting_id)
    )


def _between(meeting: MeetingPicture, now: datetime) -> bool:
    """Names are closed and the meeting has not begun."""
    closes, starts = meeting.nominations_close_at, meeting.starts_at
    return closes is not None and closes <= now and (starts is None or now < starts) and not meeting.cancelled


def _check(delegation: Delegation, meeting_id: int, *, now: datetime) -> None:
    check_open_organiser(delegation.organiser_id)
    picture = current_picture(delegation.programme_id)
    meeting = picture.meeting.get(meeting_id) if picture else None
    if picture is None or meeting is None or not picture.seats_go_on:
        raise Refusal("seats_stay", N_("Seats do not go to others in this programme."))
    if delegation.ended_at is not None or delegation.confirmed_at is None:
        raise Refusal("not_confirmed", N_("The organiser has to confirm this delegation first."))
    if meeting.cancelled:
        raise Refusal("meeting_cancelled", N_("This meeting is cancelled."))
    if meeting.starts_at is not None and now >= meeting.starts_at:
        raise Refusal("meeting_began", N_("This meeting began on %(moment)s."), moment=meeting.starts_at)


def _sent(delegation_id: int, meeting_id: int) -> int:
    running = (
        Nomination.delegation_id == delegation_id,
        Nomination.meeting_id == meeting_id,
        Nomination.ended_at.is_(None),
    )
    return db.session.scalar(select(func.count()).where(*running)) or 0


def _release(delegation: Delegation, meeting_id: int, *, now: datetime) -> None:
    """The last chair of this delegation is for others: who sits there moves to a lower one that is free."""
    running = (
        Nomination.delegation_id == delegation.id,
        Nomination.meeting_id == meeting_id,
        Nomination.ended_at.is_(None),
    )
    rows: Iterable[Nomination] = db.session.scalars(
        select(Nomination).where(*running).order_by(Nomination.chair)
    ).all()
    for chair, nomination in enumerate(rows, start=1):
        if nomination.chair != chair:
            nomination.chair = chair
            db.session.flush()
    move = SeatMove(
        programme_id=delegation.programme_id, meeting_id=meeting_id, from_id=delegation.id, at=now
    )
    db.session.add(move)
    db.session.flush()


def _line(meeting_id: int):  # type: ignore[no-untyped-def]
    """Who asks for a seat at a meeting and can have it, the first first."""
    live = (Delegation.confirmed_at.is_not(None), Delegation.ended_at.is_(None))
    query = select(SeatRequest).join(Delegation, Delegation.id == SeatRequest.delegation_id)
    query = query.where(SeatRequest.meeting_id == meeting_id, SeatRequest.ended_at.is_(None), *live)
    return query.order_by(SeatRequest.at, SeatRequest.id)


def _pass_on(meeting_id: int, *, now: datetime) -> None:
    """Give the seats that are free to who asked, in order; nobody gets a seat of its own back this way."""
    free = (SeatMove.meeting_id == meeting_id, SeatMove.to_id.is_(None), SeatMove.back_at.is_(None))
    moves = list(db.session.scalars(select(SeatMove).where(*free).order_by(SeatMove.id)))
    for request in list(db.session.scalars(_line(meeting_id))):
        move = next((move for move in moves if move.from_id != request.delegation_id), None)
        if move is None:
            continue
        moves.remove(move)
        move.to_id, move.given_at, request.ended_at = request.delegation_id, now, now
        db.session.flush()
        delegation = db.session.get_one(Delegation, request.delegation_id)
        record("got a seat", delegation, organiser_id=delegation.organiser_id, by=None, at=now)
        emails.seat(delegation, move, now=now)
