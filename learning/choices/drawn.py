"""What there is to read of draws: which rounds wait for one, what people wished, what came out and why."""

from collections import defaultdict

from flask import current_app
from sqlalchemy import select

from learning.attendance.models import Registration
from learning.choices.allocation import Outcome, Problem, Reason, explain
from learning.choices.exchange import outcome_of, problem_of
from learning.choices.models import DrawRun, DrawSeed, SkippedRound, Wish
from learning.kit.codes import secret_token
from learning.kit.db import db
from learning.programmes.models import OfferedRound
from learning.programmes.picture import ProgrammePicture

MOST_WISHES = 5


def drawn_meetings(programme_id: int) -> set[int]:
    """The meetings whose draw is published: there, what is free goes to who comes first."""
    query = select(DrawRun.meeting_id).where(DrawRun.programme_id == programme_id, DrawRun.published_at.is_not(None))
    return set(db.session.scalars(query))


def awaiting(picture: ProgrammePicture) -> set[int]:
    """The rounds that are filled by a draw which is not published yet."""
    rounds = {round.id: round.meeting_id for round in picture.rounds if round.filling == "draw"}
    done = drawn_meetings(picture.id) if rounds else set()
    return {id for id, meeting_id in rounds.items() if meeting_id not in done}


def wishes_of(registration_id: int) -> tuple[dict[int, list[int]], dict[int, set[int]], set[int]]:
    """The ranked wishes, the vetoes and the skipped rounds of somebody, by round."""
    ranked: dict[int, list[int]] = defaultdict(list)
    vetoes: dict[int, set[int]] = defaultdict(set)
    for wish in db.session.scalars(select(Wish).where(Wish.registration_id == registration_id).order_by(Wish.rank, Wish.id)):
        if wish.rank is None:
            vetoes[wish.round_id].add(wish.session_id)
        else:
            ranked[wish.round_id].append(wish.session_id)
    skipped = select(SkippedRound.round_id).where(SkippedRound.registration_id == registration_id)
    return dict(ranked), dict(vetoes), set(db.session.scalars(skipped))


def seed_of(meeting_id: int) -> DrawSeed | None:
    """The seed of a meeting's draw."""
    return db.session.scalar(select(DrawSeed).where(DrawSeed.meeting_id == meeting_id))


def published_run(meeting_id: int) -> DrawRun | None:
    """The draw of a meeting that was published."""
    return db.session.scalar(select(DrawRun).where(DrawRun.meeting_id == meeting_id, DrawRun.published_at.is_not(None)))


def chosen_run(meeting_id: int) -> int | None:
    """The id of the draw of a meeting that is published, or about to be."""
    chosen = (DrawRun.meeting_id == meeting_id, DrawRun.publish_asked_at.is_not(None))
    return db.session.scalar(select(DrawRun.id).where(*chosen))


def reasons_of(registration: Registration, meeting_id: int) -> tuple[tuple[Reason, ...], int | None]:
    """Why somebody got what the published draw gave them, and the number that they drew; nothing when not in it."""
    published = (DrawRun.meeting_id == meeting_id, DrawRun.published_at.is_not(None))
    id = db.session.scalar(select(DrawRun.id).where(*published))
    name = name_in_draw(registration.id, meeting_id)
    if id is None:
        return (), None
    problem, outcome = parsed(id)
    return (explain(problem, outcome.assignment, name), problem.lot[name]) if name in problem.attendee else ((), None)


def parsed(id: int) -> tuple[Problem, Outcome]:
    """A draw that has ended in plain values, read once in each worker: it does not change any more."""
    kept: dict[int, tuple[Problem, Outcome]] = current_app.extensions.setdefault("parsed_draws", {})
    if id not in kept:
        if len(kept) > 20:
            kept.clear()
        run = db.session.get_one(DrawRun, id)
        kept[id] = (problem_of(run.instance), outcome_of(run.result))
    return kept[id]


def rounds_by_draw(picture: ProgrammePicture) -> dict[int, list[OfferedRound]]:
    """The offered rounds that are filled by draw, by meeting."""
    ids = {round.id for round in picture.rounds if round.filling == "draw"}
    found: dict[int, list[OfferedRound]] = defaultdict(list)
    for round in db.session.scalars(select(OfferedRound).where(OfferedRound.id.in_(ids)).order_by(OfferedRound.id)):
        found[round.meeting_id].append(round)
    return dict(found)
def name_in_draw(id: int, meeting_id: int) -> str:
    """By which somebody stands in a draw: the same each time, and nobody can tell who it is."""
    return secret_token(current_app.config["SECRET_KEY"], "draw", id, meeting_id)[:12]
