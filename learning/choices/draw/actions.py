"""Rounds that are filled by draw: wishes, the draw of a
meeting by the worker, publishing it, and why it came so.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import defer

from learning.attendance.models import Participation, Registration
from learning.choices import emails
from learning.choices.draw.models import DrawRun, DrawSeed, SkippedRound, Wish
from learning.choices.draw.queries import MOST_WISHES, chosen_run, name_in_draw, next_number, seed_of
from learning.choices.models import Seat, SeatHistory
from learning.choices.moving_up import move_up
from learning.choices.rules import check_choices_open, deadline, goes_with
from learning.choices.seating import Seating, Standing, enter
from learning.kit import clock
from learning.kit.db import Busy, after_commit, db, hold, hold_row, let_go, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import each_due, nudge
from learning.kit.processes import Computation, running
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.lottery.exchange import instance_of, outcome_of, problem_of
from learning.lottery.explaining import Reason, explain
from learning.lottery.rules import POLICIES, Attendee, Problem, Rules, Session, check, commitment, impossible
from learning.mail.actions import all_at_once
from learning.organisations.queries import check_open_organiser
from learning.people.models import Person
from learning.releases.happenings import Released
from learning.releases.models import OfferedHost, OfferedProgramme, OfferedSession
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture

REQUIRED = 3  # with so many wishes one pays for a seat outside the list; fewer never help
SOLVER = "learning.lottery.solver"
LIMIT = 900.0  # seconds; then the best that is known, which is not called proven
MEMORY = 4 * 2**30  # bytes; 30,000 people take a sixth of it
EVERYBODY = 1_000_000  # places of a session without limit


@transaction()
def save_wishes(
    registration: Registration,
    wishes: Mapping[int, Sequence[int]],
    *,
    vetoes: Mapping[int, Collection[int]],
    skipped: Collection[int],
    now: datetime,
) -> None:
    """Keep the wishes for these rounds, best first, instead of what was there; sessions by id.

    A round in `skipped` is passed over: its person wants no
    seat there. No wish at all means that any session is fine.
    """
    check_open_organiser(registration.organiser_id)
    keep_wishes(Standing.of(registration, enter(registration, now)), wishes, vetoes=vetoes, skipped=skipped)


def keep_wishes(
    standing: Standing,
    wishes: Mapping[int, Sequence[int]],
    *,
    vetoes: Mapping[int, Collection[int]],
    skipped: Collection[int],
) -> None:
    """The same within an action that holds the programme already."""
    registration, seating = standing.registration, standing.seating
    for round_id, ranked in wishes.items():
        field = f"round_{round_id}"
        round = seating.rounds.get(round_id)
        if round is None or round_id not in standing.awaited:
            raise Refusal("not_by_draw", N_("This round is not filled by draw, or not any more."), field)
        closes_at = deadline(round.closes_at, round.starts_at)
        check_choices_open(standing.opens_at, closes_at, seating.now)
        _check_wishes(seating, round_id, ranked, vetoes.get(round_id, ()), field)
    mine = (Wish.registration_id == registration.id, Wish.round_id.in_(list(wishes)))
    db.session.execute(delete(Wish).where(*mine))
    skips = (SkippedRound.registration_id == registration.id, SkippedRound.round_id.in_(list(wishes)))
    db.session.execute(delete(SkippedRound).where(*skips))
    for round_id, ranked in wishes.items():
        rows = [(session, rank) for rank, session in enumerate(ranked, start=1)]
        refused = [session for session in vetoes.get(round_id, ()) if session not in ranked]
        for session, rank in [*rows, *((session, None) for session in sorted(refused))]:
            key = {"programme_id": registration.programme_id, "registration_id": registration.id}
            db.session.add(Wish(**key, round_id=round_id, session_id=session, rank=rank))
        if round_id in skipped:
            db.session.add(SkippedRound(registration_id=registration.id, round_id=round_id))
    db.session.flush()


def _check_wishes(
    seating: Seating, round_id: int, ranked: Sequence[int], vetoes: Collection[int], field: str
) -> None:
    if len(ranked) > MOST_WISHES:
        raise Refusal("too_many_wishes", N_("Name at most %(most)d sessions."), field, most=MOST_WISHES)
    if len(set(ranked)) < len(ranked):
        raise Refusal("wish_twice", N_("You named a session twice. Name each session once."), field)
    for id in (*ranked, *vetoes):
        session = seating.sessions.get(id)
        if session is None or session.round_id != round_id:
            raise Refusal("unknown_session", N_("This round has no such session."), field)
        if session.cancelled and id in ranked:
            raise Refusal(
                "session_cancelled", N_("%(session)s is cancelled."), field, session=seating.code(session)
            )


@transaction()
def commit_seeds(happening: Released) -> None:
    """Every meeting with rounds by draw has a seed from the release on, whose hash is public."""
    picture = current_picture(happening.programme_id)
    for meeting_id in sorted(
        {r.meeting_id for r in (picture.rounds if picture else ()) if r.filling == "draw"}
    ):
        _commit_seed(meeting_id, next_number(meeting_id), happening.now)


def _commit_seed(meeting_id: int, number: int, now: datetime) -> None:
    if seed_of(meeting_id, number) is None:
        db.session.add(
            DrawSeed(meeting_id=meeting_id, number=number, seed=secrets.token_hex(16), made_at=now)
        )
        db.session.flush()


@transaction()
def ask(
    programme_id: int,
    meeting_id: int,
    policy: str,
    *,
    spread: bool,
    early: bool = False,
    again: bool = False,
    unpinned: Collection[int] = (),
    by: int,
    now: datetime,
) -> DrawRun:
    """Ask for a draw over the rounds of this meeting; the
    worker works it out, and nothing changes for anybody.

    Before the deadline it is a try, which cannot be published; it must be asked for as such. So must a draw
    after a published one: everybody keeps their seats there, but the registrations that are `unpinned`.
    """
    seating = Seating.enter(programme_id, now=now)
    picture = current_picture(programme_id)
    if seating is None or picture is None:
        raise Refusal("not_released", N_("Release the programme first."))
    number = next_number(meeting_id)
    if chosen_run(meeting_id, number) is not None or (number > 1 and not again):
        raise Refusal("drawn_before", N_("The draw of this meeting is published already."))
    if policy not in POLICIES:
        raise Refusal("no_policy", N_("Choose how the draw decides."), "policy")
    closes = last_deadline(seating, picture, meeting_id)
    if closes is not None and now < closes and not early:
        raise Refusal(
            "still_open", N_("People can still change their wishes. Try the draw, or wait for the deadline.")
        )
    problem, people = problem_for(seating, picture, meeting_id, policy, spread, number, unpinned)
    broken = impossible(problem)
    if broken:
        words = N_("The seats that are fixed exclude each other. Look at %(what)s.")
        raise Refusal("impossible", words, what=broken[0].session)
    run = DrawRun(
        programme_id=programme_id, meeting_id=meeting_id, account_id=by, asked_at=now,
        instance=instance_of(problem), people=people, number=number, unpinned=sorted(set(unpinned)),
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    of = ("programme", programme_id)
    record("asked for a draw", of, organiser_id=seating.programme.organiser_id, by=by, at=now, words=policy)
    after_commit(nudge)
    return run


@transaction()
def ask_all(programme_id: int, meeting_id: int, policies: Iterable[str], **asked: Any) -> list[DrawRun]:
    """Ask for a draw by each of these policies, with the same wishes; `asked` as in `ask`."""
    return [ask(programme_id, meeting_id, policy, **asked) for policy in policies]


def unpinned(programme_id: int, session_ids: Collection[int], lines: str) -> set[int]:
    """The registrations whose seats may become others: who
    sits in these sessions, and who is named, one on each line.
    """
    here = (Seat.programme_id == programme_id, Seat.host.is_(False))
    seats = db.session.execute(select(Seat.registration_id, Seat.session_id).where(*here))
    found = {registration_id for registration_id, session_id in seats if session_id in session_ids}
    live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
    query = select(Registration.id, Person.name, Person.mail).join(
        Person, Person.id == Registration.person_id
    )
    people = (
        db.session.execute(query.where(Registration.programme_id == programme_id, *live)).all()
        if lines.strip()
        else []
    )
    for line in filter(None, map(str.strip, lines.splitlines())):
        this = [
            id for id, name, mail in people if line.casefold() in (name.casefold(), (mail or "").casefold())
        ]
        if not this:
            words = N_("Nobody here is called %(name)s. Write the name or the mail address.")
            raise Refusal("nobody", words, "people", name=line)
        if len(this) > 1:
            words = N_("More than one person is called %(name)s. Write the mail address.")
            raise Refusal("not_one", words, "people", name=line)
        found.add(this[0])
    return found


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


@transaction()
def stop(run: DrawRun, *, by: int, now: datetime) -> None:
    """Stop drawing."""
    hold_row(run)
    if run.ended_at is None:
        run.ended_at, run.ending = now, "stopped"
        db.session.flush()
        _record("stopped a draw", run, by=by, now=now)
        after_commit(nudge)


@transaction()
def ask_publish(run: DrawRun, *, by: int, now: datetime) -> None:
    """Publish this draw: the worker gives everybody their
    seats, mails them and lets their calendars follow.
    """
    lock(OfferedProgramme, [run.programme_id])
    hold_row(run)
    seating = Seating.enter(run.programme_id, now=now)
    picture = current_picture(run.programme_id)
    if seating is None or picture is None or run.ending != "found" or run.publish_asked_at is not None:
        raise Refusal("not_to_publish", N_("This draw cannot be published."))
    if run.number != next_number(run.meeting_id) or chosen_run(run.meeting_id, run.number) is not None:
        raise Refusal("drawn_before", N_("The draw of this meeting is published already."))
    closes = last_deadline(seating, picture, run.meeting_id)
    if closes is not None and run.asked_at < closes:
        raise Refusal(
            "only_a_try",
            N_("This was a try before the deadline. Draw again with the wishes as they are now."),
        )
    rules = problem_of(run.instance).rules
    asked = (rules.policy, rules.spread_groups, run.number, run.unpinned)
    problem, _people = problem_for(seating, picture, run.meeting_id, *asked)
    if instance_of(problem) != run.instance:
        raise Refusal(
            "changed_since", N_("Something changed since this draw: people, sessions or places. Draw again.")
        )
    run.publish_asked_at = now
    db.session.flush()
    _record("asked to publish a draw", run, by=by, now=now)
    after_commit(nudge)


def draw_due() -> bool:
    """What the worker does each sweep: start what was asked for, watch it, keep what comes out, publish."""
    found = running("draw")
    waiting = db.session.scalars(
        select(DrawRun.id).where(DrawRun.ended_at.is_(None)).order_by(DrawRun.id)
    ).all()
    due = select(DrawRun.id).where(DrawRun.publish_asked_at.is_not(None), DrawRun.published_at.is_(None))
    to_publish = list(db.session.scalars(due.order_by(DrawRun.id)))
    db.session.rollback()
    for id in [id for id in found if id not in waiting]:
        found.pop(id).close()

    def look(id: int) -> None:
        if not found:
            instance = db.session.scalars(select(DrawRun.instance).where(DrawRun.id == id)).one()
            db.session.rollback()
            found[id] = Computation(SOLVER, {**instance, "_time_limit": LIMIT, "_memory": MEMORY})
        elif id in found:
            state = found[id].look()
            try:
                _note(id, state.news, state.ended, state.answer)
            except Busy:
                raise  # what it found is kept, and noted at the next sweep
            except Exception:
                found.pop(id).close()  # others wait for their turn
                raise
            if state.ended:
                found.pop(id).close()

    each_due("draw", waiting, look)
    each_due("publish a draw", to_publish, lambda id: publish(id, now=clock.now()))
    return bool(found)


@transaction()
def _note(id: int, news: dict[str, Any], ended: bool, answer: Any) -> None:
    """Keep how far a draw is, or what came out; what breaks a rule is never kept."""
    [run] = hold(select(DrawRun).where(DrawRun.id == id))
    if run.ended_at is not None:
        return
    if not ended:
        if run.news != news:
            run.news = news
        return
    run.ended_at, run.ending = clock.now(), "failed"
    if answer is not None and not check(problem_of(run.instance), outcome_of(answer).assignment):
        run.result, run.ending = answer, "found"


@dataclass(frozen=True)
class Plan:
    """What a draw says, in plain values; it does not change any more."""

    people: dict[str, int]  # registration by the name in the draw
    given: dict[int, dict[int, int]]  # session by registration and round
    reasons: dict[int, tuple[Reason, ...]]
    rounds: set[int]
    unpinned: frozenset[int]
    policy: str
    picture: ProgrammePicture | None
    words: dict[tuple[int, str], dict[str, Any]]  # of each mail, by registration and language

    def words_for(self, registration: Registration, picture: ProgrammePicture) -> dict[str, Any]:
        """What the mail says; made anew where the language or the release is another by now."""
        id, language = registration.id, registration.person.language
        known = self.words.get((id, language)) if picture is self.picture else None
        return known or emails.drawn_words(picture, self.reasons[id], language)


def publish(id: int, *, now: datetime) -> None:
    """Give everybody the seats of this draw, in one transaction; who left meanwhile gets none.

    Who gets another seat than before, or one at all, has a mail. What the
    draw says is read and worked out before anybody has to wait for it.
    """
    plan = plan_of(db.session.get_one(DrawRun, id))
    let_go()
    publish_plan(id, plan, now=now)


def plan_of(run: DrawRun) -> Plan:
    """What this draw says, worked out."""
    problem, outcome = problem_of(run.instance), outcome_of(run.result)
    picture = current_picture(run.programme_id)
    reasons = {id: explain(problem, outcome.assignment, name) for name, id in run.people.items()}
    languages = select(Registration.id, Person.language).join(Person, Person.id == Registration.person_id)
    mine = db.session.execute(languages.where(Registration.programme_id == run.programme_id)).all()
    return Plan(
        people=dict(run.people),
        given={
            run.people[name]: {int(r): int(s) for r, s in mine.items() if s is not None}
            for name, mine in outcome.assignment.items()
            if name in run.people
        },
        reasons=reasons,
        rounds={int(round) for round in problem.rounds},
        unpinned=frozenset(run.unpinned),
        policy=problem.rules.policy,
        picture=picture,
        words={
            (id, language): emails.drawn_words(picture, reasons[id], language)
            for id, language in mine
            if picture is not None and id in reasons
        },
    )


@transaction()
def publish_plan(id: int, plan: Plan, *, now: datetime) -> None:
    """Do what the draw says."""
    programme_id = db.session.scalars(select(DrawRun.programme_id).where(DrawRun.id == id)).one()
    seating = Seating.enter(programme_id, now=now)
    picture = current_picture(programme_id)
    light = select(DrawRun).options(defer(DrawRun.instance), defer(DrawRun.result), defer(DrawRun.people))
    [run] = hold(light.where(DrawRun.id == id))
    if seating is None or picture is None or run.published_at is not None:
        return
    registrations = {id: row for id, row in seating.registrations(plan.people.values()).items() if row.live}
    everybody = seating.seats_of_all()
    wanted: list[tuple[int, int]] = []
    leaving: list[Seat] = []
    fits = True
    for _name, registration_id in sorted(plan.people.items()):
        if registration_id not in registrations or registration_id not in plan.given:
            continue
        held, given = dict(everybody.get(registration_id, {})), plan.given[registration_id]
        for round, seat in list(held.items()):
            if (
                registration_id in plan.unpinned
                and round in plan.rounds
                and not seat.host
                and seat.session_id != given.get(round)
            ):
                leaving.append(held.pop(round))
        new = [session for round, session in sorted(given.items()) if round not in held]
        fits = fits and _goes_with(seating, held, new)
        wanted += [(registration_id, session) for session in new]
    if not fits or not _enough(seating, wanted, leaving):
        run.publish_asked_at, run.news = None, {"changed": True}
        return
    seating.stand_all(leaving, "drawn_away")
    seating.seat_all(wanted, "drawn")
    run.published_at = now
    _record("published a draw", run, by=None, now=now, policy=plan.policy)
    _commit_seed(run.meeting_id, run.number + 1, now)
    told = {id for id in registrations if run.number == 1 or id in seating.touched}
    with all_at_once():
        for _name, registration_id in sorted(plan.people.items()):
            if registration_id in told:
                registration = registrations[registration_id]
                words = plan.words_for(registration, picture)
                emails.drawn(registration, picture, words, run_id=id, now=now)
    move_up(seating, programme_id)


def _record(verb: str, run: DrawRun, *, by: int | None, now: datetime, policy: str = "") -> None:
    offered = db.session.get_one(OfferedProgramme, run.programme_id)
    policy = policy or problem_of(run.instance).rules.policy
    of = ("programme", run.programme_id)
    record(verb, of, organiser_id=offered.organiser_id, by=by, at=now, words=policy)


def _enough(seating: Seating, wanted: Collection[tuple[int, int]], leaving: Collection[Seat]) -> bool:
    """There are chairs for all of these once the others left theirs, in sessions that go on."""
    asked = Counter(session for _registration, session in wanted)
    freed = Counter(seat.session_id for seat in leaving)
    for id, count in asked.items():
        session = seating.sessions.get(id)
        if session is None or session.cancelled:
            return False
        if session.capacity is not None and session.taken - freed[id] + count > session.capacity:
            return False
    return True


def _goes_with(seating: Seating, held: Mapping[int, Seat], sessions: Sequence[int]) -> bool:
    """What the draw gives somebody goes with the seats that they have by now."""
    mine = [seating.place(seating.sessions[seat.session_id]) for seat in held.values()]
    places = [seating.place(seating.sessions[id]) for id in sessions if id in seating.sessions]
    return all(goes_with(place, mine, repeats_allowed=seating.repeats_allowed) for place in places)


def audit_of(run: DrawRun) -> dict[str, Any]:
    """What is published of a draw, so that anybody can draw it again: no name is in it."""
    return {
        "instance": run.instance,
        "result": run.result,
        "commitment": commitment(run.instance["rules"]["seed"]),
    }
