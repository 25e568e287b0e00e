"""What speakers see of their own sessions."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from learning.kit.db import db
from learning.people.models import Account, Person
from learning.people.queries import Card
from learning.releases.models import OfferedHost, OfferedSession
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture


@dataclass(frozen=True)
class Hosted:
    """A session as its host sees it: where and when it stands in the picture, and how many come."""

    picture: ProgrammePicture
    session_id: int
    person: str
    taken: int
    waiting: int
    capacity: int | None


def hosted_by(account: Account) -> list[Hosted]:
    """The sessions that persons with this account's address host, with counts."""
    query = (
        select(OfferedSession, Person.name)
        .join(OfferedHost, OfferedHost.session_id == OfferedSession.id)
        .join(Person, Person.id == OfferedHost.person_id)
        .where(Person.mail_key == account.mail_key)
        .order_by(OfferedSession.programme_id, OfferedSession.round_id, OfferedSession.number)
    )
    rows = db.session.execute(query).all()
    pictures = {
        row.OfferedSession.programme_id: current_picture(row.OfferedSession.programme_id) for row in rows
    }
    return [
        Hosted(picture, session.id, name, session.taken, session.waiting, session.capacity)
        for session, name in rows
        if (picture := pictures[session.programme_id]) and session.id in picture.sessions
    ]


def home_cards(account: Account) -> list[Card]:
    """The sessions that an account hosts, as one card on its own page."""
    count = len(hosted_by(account))
    if not count:
        return []
    text = ngettext("You host %(num)d session", "You host %(num)d sessions", count)
    return [Card(title=_("My sessions"), text=text, url=url_for("speakers.hosting"))]
