"""The chairs and lines of one programme, while this transaction alone may change them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select

from learning.attendance.feeds import touch_feeds
from learning.attendance.models import Registration
from learning.attendance.queries import LOADS, expected_meetings
from learning.choices.draw.queries import awaiting
from learning.choices.models import Seat, SeatHistory, SecondChance, WaitlistEntry
from learning.choices.queries import opens_for
from learning.choices.rules import Place, deadline, free_seat, goes_with, later_of, next_in_line
from learning.kit.db import db, in_portions, insert_all, lock
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.releases.models import OfferedHost, OfferedProgramme, OfferedRound, OfferedSession
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import picture_of_release

MOST_LAPSES = 3


def enter(registration: Registration, now: datetime) -> "Seating":
    """The seating of the programme, for a registration that counts."""
    seating = Seating.enter(registration.programme_id, now=now)
    if seating is None or not seating.take_along(registration).live:
        raise Refusal("registration_ended", N_("This registration has ended."))
    return seating


class Seating:
    """What is offered and who sits where. Made by `enter`, inside an action."""

    def __init__(self, programme: OfferedProgramme, now: datetime) -> None:
        self.programme, self.now = programme, now
        self.repeats_allowed = programme.repeats_allowed
        self.rounds = {
            row.id: row for row in self._fresh(OfferedRound, OfferedRound.programme_id == programme.id)
        }
        self.sessions = {
            row.id: row for row in self._fresh(OfferedSession, OfferedSession.programme_id == programme.id)
        }
        self.known: dict[int, Registration] = {}  # read afresh, with all that mails ask of them
        self.touched: set[int] = set()
        self.offers: list[WaitlistEntry] = []  # made in this transaction

    @classmethod
    def enter(cls, programme_id: int, *, now: datetime) -> "Seating | None":
        """Lock the programme and read what it offers; None when it was never released."""
        row = next(iter(lock(OfferedProgramme, [programme_id])), None)
        return cls(row, now) if row is not None else None

    @property
    def picture(self) -> ProgrammePicture:
        """What is published of the programme."""
        return picture_of_release(self.programme.release_id, self.programme.cleaned)

    def take_along(self, registration: Registration) -> Registration:
        """Read this registration afresh, now that nobody else changes who sits where."""
        mine = select(Registration).where(Registration.id == registration.id).options(*LOADS)
        self.known[registration.id] = db.session.scalars(mine.execution_options(populate_existing=True)).one()
        return registration

    def seats_of_all(self, *where: Any) -> dict[int, dict[int, Seat]]:
        """The seats of everybody in the programme, or of whom `where` names, by registration and round."""
        held: dict[int, dict[int, Seat]] = defaultdict(dict)
        for seat in self._fresh(Seat, Seat.programme_id == self.programme.id, *where):
            held[seat.registration_id][seat.round_id] = seat
        return held

    def seats_of(self, registration_id: int) -> dict[int, Seat]:
        """The seats of a registration by round."""
        return {row.round_id: row for row in self._fresh(Seat, Seat.registration_id == registration_id)}

    def waits_of(self, registration_id: int) -> dict[int, WaitlistEntry]:
        """The waiting places of a registration by round."""
        mine = WaitlistEntry.registration_id == registration_id
        return {row.round_id: row for row in self._fresh(WaitlistEntry, mine)}

    def chances_of(self, registration_id: int) -> dict[int, SecondChance]:
        """The rounds in which a registration lost a seat by a release, and may choose again."""
        mine = SecondChance.registration_id == registration_id
        return {row.round_id: row for row in self._fresh(SecondChance, mine)}

    def second_chance(self, seat: Seat, until: datetime | None) -> SecondChance:
        """Who loses this seat may choose again in its round, and keeps the moment of getting it as turn."""
        chance = self.chances_of(seat.registration_id).get(seat.round_id)
        if chance is None:
            chance = SecondChance(
                registration_id=seat.registration_id, round_id=seat.round_id, since=seat.given_at
            )
            db.session.add(chance)
        chance.since, chance.until = min(chance.since, seat.given_at), until
        return chance

    def hosted_by(self, person_id: int) -> dict[int, OfferedSession]:
        """The session that a person hosts in each round."""
        hosted = self._fresh(OfferedHost, OfferedHost.person_id == person_id)
        sessions = [self.sessions[row.session_id] for row in hosted if row.session_id in self.sessions]
        going_on = [session for session in sessions if not session.cancelled]
        return {
            session.round_id: session for session in sorted(going_on, key=lambda s: s.number, reverse=True)
        }

    def place(self, session: OfferedSession) -> Place:
        """What a seat in this session means for a day."""
        round = self.rounds[session.round_id]
        return Place(session.workshop_id, round.starts_at, round.ends_at)

    def code(self, session: OfferedSession) -> str:
        """The number by which people know the session: `1.07`."""
        return f"{self.rounds[session.round_id].number}.{session.number:02d}"

    def has_room(self, session: OfferedSession) -> bool:
        """There is a chair left."""
        return not session.cancelled and (session.capacity is None or session.taken < session.capacity)

    def sit(
        self,
        registration_id: int,
        session: OfferedSession,
        seat: Seat | None,
        what: str,
        *,
        host: bool = False,
    ) -> Seat:
        """Give a chair in this session; who has a seat in the round moves, and loses it only by that."""
        if seat is None:
            seat = Seat(
                programme_id=self.programme.id, registration_id=registration_id, round_id=session.round_id
            )
            db.session.add(seat)
        elif not seat.host:
            self.sessions[seat.session_id].taken -= 1
        seat.session_id, seat.given_at, seat.host = session.id, self.now, host
        seat.unlimited = session.capacity is None and not host
        seat.number = (
            None if host or session.capacity is None else self._free_number(session, session.taken + 1)
        )
        seat.once_workshop_id = None if host or self.repeats_allowed else session.workshop_id
        session.taken += 0 if host else 1
        self.note(registration_id, session.id, what)
        db.session.expire(seat, ["session"])
        return seat

    def seat_all(self, wanted: Iterable[tuple[int, int]], what: str) -> None:
        """Give many registrations a chair each, by registration
        and session: lowest free numbers, stored at once.
        """
        numbers: dict[int, set[int]] = defaultdict(set)
        here = (Seat.programme_id == self.programme.id, Seat.number.is_not(None))
        for session_id, taken in db.session.execute(select(Seat.session_id, Seat.number).where(*here)):
            numbers[session_id].add(taken or 0)
        rows: list[dict[str, Any]] = []
        history: list[dict[str, Any]] = []
        for registration_id, session_id in wanted:
            session = self.sessions[session_id]
            number = (
                free_seat(numbers[session_id], session.capacity) if session.capacity is not None else None
            )
            if number is not None:
                numbers[session_id].add(number)
            once = None if self.repeats_allowed else session.workshop_id
            rows.append({
                "programme_id": self.programme.id, "registration_id": registration_id,
                "round_id": session.round_id, "session_id": session_id, "given_at": self.now, "host": False,
                "unlimited": session.capacity is None, "number": number, "once_workshop_id": once,
            })  # fmt: skip
            session.taken += 1
            self.touched.add(registration_id)
            history.append(self._line(registration_id, session_id, what))
        insert_all(Seat, rows)
        insert_all(SeatHistory, history)

    def stand_all(self, seats: Iterable[Seat], what: str) -> None:
        """Take many seats away, all at once."""
        gone = list(seats)
        for seat in gone:
            if not seat.host:
                self.sessions[seat.session_id].taken -= 1
            self.touched.add(seat.registration_id)
        insert_all(SeatHistory, [self._line(seat.registration_id, seat.session_id, what) for seat in gone])
        for ids in in_portions([seat.id for seat in gone]):
            db.session.execute(delete(Seat).where(Seat.id.in_(ids)))

    def stand(self, seat: Seat, what: str = "left") -> None:
        """Take a seat away."""
        if not seat.host:
            self.sessions[seat.session_id].taken -= 1
        db.session.delete(seat)
        self.note(seat.registration_id, seat.session_id, what)

    def join(
        self, registration_id: int, session: OfferedSession, entry: WaitlistEntry | None
    ) -> WaitlistEntry:
        """Wait for this session, at the end of the line or
        in the turn of a lost seat; at most once in a round.
        """
        chance = self.chances_of(registration_id).get(session.round_id)
        if entry is None:
            entry = WaitlistEntry(
                programme_id=self.programme.id, registration_id=registration_id, round_id=session.round_id
            )
            db.session.add(entry)
        else:
            self.keep_no_chair(entry)
            self.sessions[entry.session_id].waiting -= 1
        entry.session_id, entry.joined_at = session.id, chance.since if chance else self.now
        session.waiting += 1
        self.note(registration_id, session.id, "waiting")
        db.session.expire(entry, ["session"])
        return entry

    def step_out(self, entry: WaitlistEntry, what: str = "left_line") -> None:
        """Wait no longer."""
        self.keep_no_chair(entry)
        self.sessions[entry.session_id].waiting -= 1
        db.session.delete(entry)
        self.note(entry.registration_id, entry.session_id, what)

    def promote(self) -> list[Seat]:
        """Move up who waits, until no chair is free for anybody who may have it; gives their seats.

        Where the programme makes offers, a chair is kept for who is next instead; those are in `offers`.
        """
        seats: list[Seat] = []
        if not any(self._moves_up(session) for session in self.sessions.values()):
            return seats
        waiting = select(WaitlistEntry.registration_id).where(WaitlistEntry.programme_id == self.programme.id)
        lines, held = self._lines(), self.seats_of_all(Seat.registration_id.in_(waiting))
        moved = True
        while moved:
            moved = False
            for session in sorted(self.sessions.values(), key=lambda s: s.id):
                while self._moves_up(session) and (entry := self._next(lines[session.id], held)) is not None:
                    moved = True
                    lines[session.id].remove(entry)
                    if self.programme.moving_up == "offer":
                        self._offer(entry, session)
                    else:
                        seats.append(self._move_up(entry, session, held))
        return seats

    def keep_no_chair(self, entry: WaitlistEntry) -> None:
        """The offer that this person has, if any, is over; the turn stays."""
        if entry.offered_until is not None:
            self.sessions[entry.session_id].taken -= 1
            entry.offered_until = None
            self.offers = [offer for offer in self.offers if offer is not entry]

    def lapse(self, entry: WaitlistEntry) -> bool:
        """An offer was not answered in time: last in the line, or off it; gives whether they still wait.

        Who let three pass is off the list in any case: a mail each time helps nobody.
        """
        self.keep_no_chair(entry)
        entry.lapses += 1
        if self.programme.offer_lapsed == "off" or entry.lapses >= MOST_LAPSES:
            self.step_out(entry, "lapsed")
            return False
        entry.joined_at = self.now
        self.note(entry.registration_id, entry.session_id, "lapsed")
        return True

    def number_chairs(self, session: OfferedSession) -> None:
        """Bring chairs to numbers within the capacity, as far as there are free ones."""
        if session.capacity is None:
            return
        seats = self._fresh(Seat, Seat.session_id == session.id, Seat.host.is_(False))
        odd = [seat for seat in seats if seat.number is None or seat.number > session.capacity]
        for seat in sorted(odd, key=lambda seat: seat.id):
            number = self._free_number(session)
            if number is not None:
                seat.number, seat.unlimited = number, False
                db.session.flush()

    def registrations(self, ids: Iterable[int]) -> dict[int, Registration]:
        """Registrations with their person, programme and organiser."""
        wanted = set(ids)
        if missing := wanted - set(self.known):
            query = select(Registration).where(Registration.id.in_(sorted(missing))).options(*LOADS)
            self.known |= {row.id: row for row in db.session.scalars(query)}
        return {id: self.known[id] for id in sorted(wanted)}

    def touch_feeds(self) -> None:
        """Let the calendars of everybody who moved follow, in one order."""
        touch_feeds(self.registrations(self.touched).values(), now=self.now)

    def _moves_up(self, session: OfferedSession) -> bool:
        """There is a chair for somebody who waits."""
        return bool(session.waiting) and self.has_room(session) and not self._too_late(session)

    def _lines(self) -> dict[int, list[WaitlistEntry]]:
        """Who waits for each session; somebody with an offer has a chair already."""
        live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
        query = select(WaitlistEntry).join(Registration, Registration.id == WaitlistEntry.registration_id)
        waits = (WaitlistEntry.programme_id == self.programme.id, WaitlistEntry.offered_until.is_(None))
        lines: dict[int, list[WaitlistEntry]] = defaultdict(list)
        for entry in db.session.scalars(query.where(*waits, *live)):
            lines[entry.session_id].append(entry)
        return lines

    def _next(
        self, line: list[WaitlistEntry], held: Mapping[int, Mapping[int, Seat]]
    ) -> WaitlistEntry | None:
        """Who is next for a chair that is free."""
        return next_in_line(line, lambda entry: self._may_have(entry, held.get(entry.registration_id, {})))

    def _offer(self, entry: WaitlistEntry, session: OfferedSession) -> None:
        until, stops_at = self.now + timedelta(hours=self.programme.offer_hours), self._stops_at(session)
        entry.offered_until = min(until, stops_at) if stops_at is not None else until
        session.taken += 1
        self.offers.append(entry)
        self.note(entry.registration_id, session.id, "offered")

    def _move_up(
        self, entry: WaitlistEntry, session: OfferedSession, held: dict[int, dict[int, Seat]]
    ) -> Seat:
        mine = held[entry.registration_id]
        session.waiting -= 1
        db.session.delete(entry)
        db.session.flush()
        seat = self.sit(entry.registration_id, session, mine.get(session.round_id), "promoted")
        mine[session.round_id] = seat
        return seat

    def _may_have(self, entry: WaitlistEntry, seats: Mapping[int, Seat]) -> bool:
        session = self.sessions[entry.session_id]
        held = seats.get(session.round_id)
        if held is not None and held.host:
            return False
        others = [self.place(self.sessions[seat.session_id]) for seat in seats.values() if seat is not held]
        return goes_with(self.place(session), others, repeats_allowed=self.repeats_allowed)

    def _too_late(self, session: OfferedSession) -> bool:
        """Nobody moves up any more: the round began, or begins within the hours that the programme names."""
        stops_at = self._stops_at(session)
        return stops_at is not None and stops_at <= self.now

    def _stops_at(self, session: OfferedSession) -> datetime | None:
        starts_at = self.rounds[session.round_id].starts_at
        return starts_at - timedelta(hours=self.programme.moving_up_stops) if starts_at is not None else None

    def _free_number(self, session: OfferedSession, at_least: int = 0) -> int | None:
        """The lowest free number; an accepted offer has one also where the capacity was lowered meanwhile."""
        taken = select(Seat.number).where(Seat.session_id == session.id, Seat.number.is_not(None))
        with db.session.no_autoflush:
            numbers = {number for number in db.session.scalars(taken) if number is not None}
        return free_seat(numbers, max(session.capacity or 0, at_least))

    def note(self, registration_id: int, session_id: int, what: str) -> None:
        """Keep on record what became of a place, and store the move at once: the next one builds on it."""
        db.session.add(SeatHistory(**self._line(registration_id, session_id, what)))
        self.touched.add(registration_id)
        db.session.flush()

    def _line(self, registration_id: int, session_id: int, what: str) -> dict[str, Any]:
        return {"registration_id": registration_id, "session_id": session_id, "what": what, "at": self.now}

    def _fresh(self, model: Any, *where: Any) -> list[Any]:
        query = select(model).where(*where).order_by(model.id).execution_options(populate_existing=True)
        return list(db.session.scalars(query))


@dataclass(frozen=True)
class Standing:
    """How it stands with somebody who chooses, in every round: read once, while the programme is held."""

    registration: Registration
    seating: Seating
    picture: ProgrammePicture
    expected: set[int]  # meetings
    awaited: set[int]  # rounds that a draw will fill
    opens_at: datetime | None

    @classmethod
    def of(cls, registration: Registration, seating: Seating) -> "Standing":
        """For this registration."""
        picture = seating.picture
        opens_at = opens_for(registration, picture, seating.now)
        return cls(
            registration, seating, picture, expected_meetings(registration), awaiting(picture), opens_at
        )

    @cached_property
    def hosted(self) -> dict[int, OfferedSession]:
        """The session that the person hosts in each round."""
        return self.seating.hosted_by(self.registration.person_id)

    @cached_property
    def chances(self) -> dict[int, SecondChance]:
        """The rounds in which a seat was lost by a release: asked when the deadline of one has passed."""
        return self.seating.chances_of(self.registration.id)

    def closes_at(self, round: OfferedRound) -> datetime | None:
        """Until when this person can choose in a round that is filled by who comes first."""
        closes_at = deadline(round.closes_at, round.starts_at)
        if closes_at is None or self.seating.now < closes_at:
            return closes_at
        chance = self.chances.get(round.id)
        return deadline(later_of(round.closes_at, chance.until if chance else None), round.starts_at)
