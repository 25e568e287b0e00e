"""What people wish in rounds that are filled by draw."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete

from learning.attendance.models import Registration
from learning.choices.draw.models import SkippedRound, Wish
from learning.choices.draw.queries import MOST_WISHES
from learning.choices.rules import check_choices_open, deadline
from learning.choices.seating import Seating, Standing, enter
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.organisations.queries import check_open_organiser


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
