"""Who wants to hear when registration opens."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from learning.attendance.models import Interest
from learning.kit.db import attempt, db, transaction
from learning.organisations.queries import check_open_organiser
from learning.people.rules import mail_key
from learning.releases.models import OfferedProgramme
from learning.releases.picture import ProgrammePicture


@transaction()
def note_interest(picture: ProgrammePicture, *, mail: str, language: str, now: datetime) -> None:
    """Remember who wants to be told when this programme has dates; once for each address."""
    organiser_id, key = organiser_of(picture), mail_key(mail)
    check_open_organiser(organiser_id)
    known = select(Interest.id).where(Interest.programme_id == picture.id, Interest.mail_key == key)
    if db.session.scalar(known) is not None:
        return
    try:
        with attempt():
            db.session.add(
                Interest(
                    organiser_id=organiser_id,
                    programme_id=picture.id,
                    mail=mail,
                    mail_key=key,
                    language=language,
                    made_at=now,
                )
            )
            db.session.flush()
    except IntegrityError:  # the same form sent twice at once
        return


def organiser_of(picture: ProgrammePicture) -> int:
    """The organiser of a programme, by its id."""
    return db.session.get_one(OfferedProgramme, picture.id).organiser_id
