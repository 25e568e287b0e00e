"""The rows of a programme or an organiser, in their order."""

from typing import Any

from sqlalchemy import select

from learning.kit.db import db
from learning.programmes.models import Meeting, Programme, Round


def meetings_of(programme: Programme) -> list[Meeting]:
    """The meetings of a programme in order."""
    query = select(Meeting).where(Meeting.programme_id == programme.id).order_by(Meeting.position)
    return list(db.session.scalars(query))


def rounds_of(programme: Programme) -> list[Round]:
    """The rounds of a programme in order."""
    return list(
        db.session.scalars(select(Round).where(Round.programme_id == programme.id).order_by(Round.number))
    )


def of_organiser(model: type[Any], organiser_id: int) -> list[Any]:
    """The venues, rooms, speakers or themes of an organiser."""
    return list(
        db.session.scalars(select(model).where(model.organiser_id == organiser_id).order_by(model.id))
    )
