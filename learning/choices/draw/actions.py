"""Rounds that are filled by draw: wishes, the draw of a
meeting by the worker, publishing it, and why it came so.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select

from learning.attendance.models import Registration
from learning.choices.draw.models import DrawRun
from learning.choices.draw.problems import last_deadline, problem_for
from learning.choices.draw.publishing import publish, record_draw
from learning.choices.draw.queries import chosen_run, next_number
from learning.choices.models import Seat
from learning.choices.seating import Seating
from learning.kit import clock
from learning.kit.db import Busy, after_commit, db, hold, hold_row, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import each_due, nudge
from learning.kit.processes import Computation, running
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.lottery.exchange import instance_of, outcome_of, problem_of
from learning.lottery.rules import POLICIES, check, commitment, impossible
from learning.people.models import Person
from learning.releases.queries import current_picture

SOLVER = "learning.lottery.solver"
LIMIT = 900.0  # seconds; then the best that is known, which is not called proven
MEMORY = 4 * 2**30  # bytes; 30,000 people take a sixth of it


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


@transaction()
def stop(run: DrawRun, *, by: int, now: datetime) -> None:
    """Stop drawing."""
    hold_row(run)
    if run.ended_at is None:
        run.ended_at, run.ending = now, "stopped"
        db.session.flush()
        record_draw("stopped a draw", run, by=by, now=now)
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


def audit_of(run: DrawRun) -> dict[str, Any]:
    """What is published of a draw, so that anybody can draw it again: no name is in it."""
    return {
        "instance": run.instance,
        "result": run.result,
        "commitment": commitment(run.instance["rules"]["seed"]),
    }
