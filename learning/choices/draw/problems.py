"""The draw of a meeting in plain values, read from what people wish and hold."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from learning.attendance.models import Participation, Registration
from learning.choices.draw.models import SkippedRound, Wish
from learning.choices.draw.queries import name_in_draw, seed_of
from learning.choices.models import Seat, SeatHistory
from learning.choices.rules import deadline
from learning.choices.seating import Seating
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.lottery.rules import Attendee, Problem, Rules, Session
from learning.releases.models import OfferedHost, OfferedSession
from learning.releases.picture import ProgrammePicture

REQUIRED = 3  # with so many wishes one pays for a seat outside the list; fewer never help
EVERYBODY = 1_000_000  # places of a session without limit


def last_deadline(seating: Seating, picture: ProgrammePicture, meeting_id: int) -> datetime | None:
    """Until when wishes can change in some round of this meeting that is filled by draw."""
    ids = [r.id for r in picture.rounds if r.meeting_id == meeting_id and r.filling == "draw"]
    rounds = [seating.rounds[id] for id in ids if id in seating.rounds]
    moments = [deadline(round.closes_at, round.starts_at) for round in rounds]
    return max((moment for moment in moments if moment is not None), default=None)


def problem_for(
    seating: Seating,
    picture: ProgrammePicture,
    meeting_id: int,
    policy: str,
    spread: bool,
    number: int = 1,
    unpinned: Collection[int] = (),
) -> tuple[Problem, dict[str, int]]:
    """The draw of a meeting in plain values, and the registration of each id in it.

    Ids tell nothing of a person.

    Seats that people have are fixed, but those of the registrations that are `unpinned`.
    In a draw after a published one who gave a seat up is left in peace in that round.
    """
    rounds = [
        r
        for r in picture.rounds
        if r.meeting_id == meeting_id and r.filling == "draw" and r.id in seating.rounds
    ]
    if not rounds:
        raise Refusal("no_rounds", N_("No round of this meeting is filled by draw."))
    ids = {round.id for round in rounds}
    offered = [s for s in seating.sessions.values() if s.round_id in ids and not s.cancelled]
    coming = coming_to(seating.programme.id, meeting_id)
    wishes = _wishes(ids)
    skipped = {
        (row.registration_id, row.round_id) for row in _rows(SkippedRound, SkippedRound.round_id.in_(ids))
    }
    hosts = _hosts(seating)
    seats = _held(seating)
    held: dict[int, list[_Held]] = defaultdict(list)
    chairs: Counter[int] = Counter()
    fixed_chairs: Counter[int] = Counter()
    for seat in seats:
        held[seat.registration_id].append(seat)
        if not seat.host:
            chairs[seat.session_id] += 1
            fixed_chairs[seat.session_id] += seat.registration_id not in unpinned
    sessions = tuple(
        Session(
            str(s.id), str(s.workshop_id), str(s.round_id), _capacity(s, chairs[s.id], fixed_chairs[s.id])
        )
        for s in offered
    )
    gave_up = _gave_up(seating) if number > 1 else set()
    seed = seed_of(meeting_id, number)
    if seed is None:
        raise Refusal(
            "no_seed",
            N_("Release the programme once more: then its draw has a seed that is published beforehand."),
        )
    attendees, people = [], {}
    for registration in coming:
        id = name_in_draw(registration.id, meeting_id)
        people[id] = registration.id
        mine = [seat for seat in held[registration.id] if not seat.host]
        pinned = [seat for seat in mine if seat.round_id in ids and registration.id not in unpinned]
        fixed = {str(seat.round_id): str(seat.session_id) for seat in pinned}
        hosting = [s for s in offered if s.id in hosts.get(registration.person_id, ())]
        elsewhere = {
            seating.sessions[seat.session_id].workshop_id for seat in mine if seat.round_id not in ids
        }
        elsewhere |= {s.workshop_id for s in hosting}
        absent = {str(s.round_id) for s in hosting}
        absent |= {str(r) for r in ids if (registration.id, r) in skipped or (registration.id, r) in gave_up}
        ranked, refused = wishes.get(registration.id, ({}, set()))
        no_go = refused | {
            str(s.id) for s in offered if s.workshop_id in elsewhere and not seating.repeats_allowed
        }
        live = {s.id for s in sessions}
        choices = {
            round: tuple(s for s in found if s in live and s not in no_go) for round, found in ranked.items()
        }
        group = (
            name_in_draw(registration.organisation_id, 0) if spread and registration.organisation_id else None
        )
        attendees.append(
            Attendee(id, choices, frozenset(absent - set(fixed)), fixed, group, frozenset(no_go & live))
        )
    rules = Rules(policy, REQUIRED, 1, "any", seed.seed, spread)
    names = tuple(str(round.id) for round in rounds)
    return Problem(names, sessions, tuple(attendees), rules, picture.slug), people


def _capacity(session: OfferedSession, seats: int, fixed: int) -> int:
    """The places that a draw may fill: not those on offer, and at least the seats that are fixed."""
    if session.capacity is None:
        return EVERYBODY
    return max(session.capacity - (session.taken - seats), fixed)


class _Held(NamedTuple):
    """A seat, as far as a draw asks."""

    registration_id: int
    session_id: int
    round_id: int
    host: bool


def _held(seating: Seating) -> list[_Held]:
    columns = (Seat.registration_id, Seat.session_id, Seat.round_id, Seat.host)
    here = Seat.programme_id == seating.programme.id
    return [_Held(*row) for row in db.session.execute(select(*columns).where(here).order_by(Seat.id))]


def _gave_up(seating: Seating) -> set[tuple[int, int]]:
    """Who gave up their seat in a round and took no other, as (registration, round)."""
    last: dict[tuple[int, int], str] = {}
    here = SeatHistory.session_id.in_(list(seating.sessions))
    columns = (SeatHistory.registration_id, SeatHistory.session_id, SeatHistory.what)
    for row in db.session.execute(select(*columns).where(here).order_by(SeatHistory.id)):
        last[row.registration_id, seating.sessions[row.session_id].round_id] = row.what
    return {key for key, what in last.items() if what == "left"}


def coming_to(programme_id: int, meeting_id: int) -> list[Registration]:
    """Everybody who is expected at this meeting."""
    here = (Participation.meeting_id == meeting_id, Participation.ended_at.is_(None))
    query = (
        select(Registration)
        .join(Participation, Participation.registration_id == Registration.id)
        .where(*here)
    )
    live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
    return list(
        db.session.scalars(
            query.where(Registration.programme_id == programme_id, *live).order_by(Registration.id)
        )
    )


def _wishes(round_ids: Collection[int]) -> dict[int, tuple[dict[str, list[str]], set[str]]]:
    found: dict[int, tuple[dict[str, list[str]], set[str]]] = defaultdict(lambda: (defaultdict(list), set()))
    columns = (Wish.registration_id, Wish.round_id, Wish.session_id, Wish.rank)
    query = select(*columns).where(Wish.round_id.in_(round_ids)).order_by(Wish.rank, Wish.id)
    for wish in db.session.execute(query):
        ranked, refused = found[wish.registration_id]
        if wish.rank is None:
            refused.add(str(wish.session_id))
        else:
            ranked[str(wish.round_id)].append(str(wish.session_id))
    return found


def _hosts(seating: Seating) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in _rows(OfferedHost, OfferedHost.session_id.in_(list(seating.sessions))):
        found[row.person_id].add(row.session_id)
    return found


def _rows(model: Any, *where: Any) -> list[Any]:
    return list(db.session.scalars(select(model).where(*where).order_by(model.id)))
