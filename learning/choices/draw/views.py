"""What everybody may read of a draw: how it works, and the numbers with which it can be done again."""

import json

from flask import Blueprint, Response, g, render_template
from flask.typing import ResponseReturnValue

from learning.choices.draw import actions, queries
from learning.kit.access import allow_anyone, not_found
from learning.lottery.rules import commitment
from learning.releases.queries import organiser_by_slug, picture_by_slug

bp = Blueprint("draw", __name__)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/draw")
def method(slug: str) -> ResponseReturnValue:
    """How the draw works, in plain words; the hash of each seed before it, the seed and all of it after."""
    allow_anyone()
    picture = picture_by_slug(slug)
    g.organiser = organiser_by_slug(picture.organiser)
    meetings = []
    for meeting_id, rounds in sorted(queries.rounds_by_draw(picture).items()):
        draws_of = []
        for number in range(1, queries.next_number(meeting_id) + 1):
            seed, done = queries.seed_of(meeting_id, number), number < queries.next_number(meeting_id)
            if seed is not None:
                draws_of.append(
                    {"number": number, "hash": commitment(seed.seed), "seed": seed.seed if done else ""}
                )
        numbers = ", ".join(str(round.number) for round in rounds)
        meetings.append({"meeting": picture.meeting[meeting_id], "numbers": numbers, "draws": draws_of})
    return render_template("choices/draw/method.html", picture=picture, meetings=meetings)


@bp.get("/programmes/<slug>/draws/<int:meeting_id>/<int:number>.json", provide_automatic_options=False)
def audit(slug: str, meeting_id: int, number: int) -> ResponseReturnValue:
    """A published draw, the first or a later one, as a file without
    a name: with `flask verify-draw` anybody draws it again.
    """
    allow_anyone()
    picture = picture_by_slug(slug)
    run = (
        queries.published_run(meeting_id, number)
        if meeting_id in picture.meeting and number < 2**31
        else None
    )
    if run is None:
        not_found()
    return Response(json.dumps(actions.audit_of(run)), mimetype="application/json")
