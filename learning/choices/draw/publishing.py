"""Publishing a draw: what it does is worked out before the programme is held, and carried out in sets."""

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer

from learning.attendance.models import Registration
from learning.choices import emails
from learning.choices.draw.models import DrawRun, DrawSeed
from learning.choices.draw.problems import last_deadline, problem_for
from learning.choices.draw.queries import chosen_run, next_number, seed_of
from learning.choices.models import Seat
from learning.choices.moving_up import move_up
from learning.choices.rules import goes_with
from learning.choices.seating import Seating
from learning.kit.db import after_commit, db, hold, hold_row, let_go, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import nudge
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.lottery.exchange import instance_of, outcome_of, problem_of
from learning.lottery.explaining import Reason, explain
from learning.mail.actions import all_at_once
from learning.people.models import Person
from learning.releases.happenings import Released
from learning.releases.models import OfferedProgramme
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture


@transaction()
def commit_seeds(happening: Released) -> None:
    """Every meeting with rounds by draw has a seed from the release on, whose hash is public."""
    picture = current_picture(happening.programme_id)
    for meeting_id in sorted(
        {r.meeting_id for r in (picture.rounds if picture else ()) if r.filling == "draw"}
    ):
        commit_seed(meeting_id, next_number(meeting_id), happening.now)


def commit_seed(meeting_id: int, number: int, now: datetime) -> None:
    """The seed of this draw of a meeting is there, if it was not yet."""
    if seed_of(meeting_id, number) is None:
        db.session.add(
            DrawSeed(meeting_id=meeting_id, number=number, seed=secrets.token_hex(16), made_at=now)
        )
        db.session.flush()


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
    record_draw("asked to publish a draw", run, by=by, now=now)
    after_commit(nudge)


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
    record_draw("published a draw", run, by=None, now=now, policy=plan.policy)
    commit_seed(run.meeting_id, run.number + 1, now)
    told = {id for id in registrations if run.number == 1 or id in seating.touched}
    with all_at_once():
        for _name, registration_id in sorted(plan.people.items()):
            if registration_id in told:
                registration = registrations[registration_id]
                words = plan.words_for(registration, picture)
                emails.drawn(registration, picture, words, run_id=id, now=now)
    move_up(seating, programme_id)


def record_draw(verb: str, run: DrawRun, *, by: int | None, now: datetime, policy: str = "") -> None:
    """A line in the log of the programme, with the policy of the draw."""
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
