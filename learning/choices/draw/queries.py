"""What there is to read of draws: which rounds wait for one, what people wished, what came out and why."""

from collections import defaultdict

from flask import current_app
from sqlalchemy import func, select

from learning.attendance.models import Registration
from learning.choices.draw.models import DrawRun, DrawSeed, SkippedRound, Wish
from learning.kit.codes import secret_token
from learning.kit.db import db
from learning.kit.installation import of
from learning.kit.kept import Kept
from learning.lottery.exchange import outcome_of, problem_of
from learning.lottery.explaining import Reason, explain
from learning.lottery.rules import Outcome, Problem
from learning.releases.models import OfferedRound
from learning.releases.picture import ProgrammePicture

MOST_WISHES = 5


def drawn_meetings(programme_id: int) -> set[int]:
    """The meetings whose draw is published: there, what is free goes to who comes first."""
    query = select(DrawRun.meeting_id).where(
        DrawRun.programme_id == programme_id, DrawRun.published_at.is_not(None)
    )
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
    for wish in db.session.scalars(
        select(Wish).where(Wish.registration_id == registration_id).order_by(Wish.rank, Wish.id)
    ):
        if wish.rank is None:
            vetoes[wish.round_id].add(wish.session_id)
        else:
            ranked[wish.round_id].append(wish.session_id)
    skipped = select(SkippedRound.round_id).where(SkippedRound.registration_id == registration_id)
    return dict(ranked), dict(vetoes), set(db.session.scalars(skipped))


def seed_of(meeting_id: int, number: int) -> DrawSeed | None:
    """The seed of a meeting's first, second ... published draw."""
    return db.session.scalar(
        select(DrawSeed).where(DrawSeed.meeting_id == meeting_id, DrawSeed.number == number)
    )


def published_run(meeting_id: int, number: int) -> DrawRun | None:
    """The first, second ... published draw of a meeting."""
    this = (DrawRun.meeting_id == meeting_id, DrawRun.number == number, DrawRun.published_at.is_not(None))
    return db.session.scalar(select(DrawRun).where(*this))


def next_number(meeting_id: int) -> int:
    """The how-manieth published draw of a meeting the next would be."""
    published = (DrawRun.meeting_id == meeting_id, DrawRun.published_at.is_not(None))
    return 1 + (db.session.scalar(select(func.max(DrawRun.number)).where(*published)) or 0)


def chosen_run(meeting_id: int, number: int) -> int | None:
    """The id of the draw of a meeting with this number that is published, or about to be."""
    chosen = (
        DrawRun.meeting_id == meeting_id,
        DrawRun.number == number,
        DrawRun.publish_asked_at.is_not(None),
    )
    return db.session.scalar(select(DrawRun.id).where(*chosen))


def reasons_of(registration: Registration, meeting_id: int) -> tuple[tuple[Reason, ...], int | None]:
    """Why somebody got what the published draws gave them,
    and the number that they drew; nothing when not in one.

    A round counts as the newest draw that decided it says: in a later one the seat was fixed.
    """
    published = (DrawRun.meeting_id == meeting_id, DrawRun.published_at.is_not(None))
    name = name_in_draw(registration.id, meeting_id)
    reasons: dict[str, Reason] = {}
    lot = None
    for id in db.session.scalars(select(DrawRun.id).where(*published).order_by(DrawRun.number)).all():
        problem, outcome = parsed(id)
        if name not in problem.attendee:
            continue
        for reason in explain(problem, outcome.assignment, name):
            if reason.round not in reasons or not reason.fixed:
                reasons[reason.round], lot = reason, problem.lot[name]
    return tuple(reasons.values()), lot


def parsed(id: int) -> tuple[Problem, Outcome]:
    """A draw that has ended in plain values, read once in each worker: it does not change any more."""
    kept = of(current_app).memory.one(ParsedDraws)
    found: tuple[Problem, Outcome] | None = kept.get(id)
    if found is None:
        run = db.session.get_one(DrawRun, id)
        found = (problem_of(run.instance), outcome_of(run.result))
        kept.put(id, found)
    return found


class ParsedDraws(Kept):
    """Draws in plain values in the memory of a worker."""

    def __init__(self) -> None:
        super().__init__(limit=20)


def rounds_by_draw(picture: ProgrammePicture) -> dict[int, list[OfferedRound]]:
    """The offered rounds that are filled by draw, by meeting."""
    ids = {round.id for round in picture.rounds if round.filling == "draw"}
    found: dict[int, list[OfferedRound]] = defaultdict(list)
    for round in db.session.scalars(
        select(OfferedRound).where(OfferedRound.id.in_(ids)).order_by(OfferedRound.id)
    ):
        found[round.meeting_id].append(round)
    return dict(found)


def name_in_draw(id: int, meeting_id: int) -> str:
    """By which somebody stands in a draw: the same each time, and nobody can tell who it is."""
    return secret_token(current_app.config["SECRET_KEY"], "draw", id, meeting_id)[:12]
