"""Registrations."""

from datetime import datetime

from learning.attendance.actions import register_for
from learning.attendance.models import Registration
from learning.attendance.queries import meeting_ids
from learning.kit.db import db, transaction
from learning.organisations.models import Organiser
from learning.programmes.models import (
    Programme,
)
from learning.releases.queries import current_picture
from tests.make.people import make_person
from tests.make.rows import NOON


@transaction()
def make_registration(
    programme: Programme,
    name: str = "Ann",
    mail: str = "",
    *,
    now: datetime = NOON,
    organisation_id: int | None = None,
    confirmed: bool = True,
) -> Registration:
    """Somebody takes part in a released programme, at all its meetings."""
    organiser = db.session.get_one(Organiser, programme.organiser_id)
    person = make_person(organiser, name, mail)
    picture = current_picture(programme.id)
    return register_for(
        programme.id,
        person,
        organisation_id=organisation_id,
        price=None,
        confirmed=confirmed,
        now=now,
        meeting_ids=meeting_ids(picture) if picture and not programme.by_delegation else (),
    )
