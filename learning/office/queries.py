"""What the first start and the owners' pages show."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from learning.kit.access import not_found
from learning.kit.codes import token_hash
from learning.kit.db import db
from learning.kit.trail import AuditEvent
from learning.mail.models import Message
from learning.office.models import FirstStart, Owner
from learning.office.permissions import is_owner
from learning.office.rules import check_start
from learning.organisations.models import Organiser
from learning.people.models import Account, Staff
from learning.people.queries import Card
from learning.programmes.models import Programme

SHOWN = 100  # mails on the page
LINES = 50  # lines of the log


def nobody_began() -> bool:
    """Nothing is set up: no organiser, and nobody ever owned the installation."""
    return not any(db.session.scalar(select(model.id).limit(1)) for model in (Organiser, Owner))


def start_by_token(token: str) -> FirstStart | None:
    """The printed address with this token, whether it works or not."""
    return db.session.scalar(select(FirstStart).where(FirstStart.token_hash == token_hash(token)))


def check_token(token: str, now: datetime) -> FirstStart | None:
    """The same; refuses one that does not work."""
    row = start_by_token(token)
    states = {
        "used": row is not None and row.used_at is not None,
        "replaced": row is not None and row.replaced_at is not None,
    }
    check_start(known=row is not None, expires_at=row.expires_at if row else None, now=now, **states)
    return row


def owners() -> list[Owner]:
    """Who owns the installation now, the longest first."""
    live = select(Owner).where(Owner.ended_at.is_(None)).options(joinedload(Owner.account))
    return list(db.session.scalars(live.order_by(Owner.made_at, Owner.id)))


def owner_by_id(id: int) -> Owner:
    """An owner, also one who is so no more; 404 when there is none."""
    owner = db.session.get(Owner, id)
    return owner if owner is not None else not_found()


@dataclass(frozen=True)
class OrganiserLine:
    """An organiser in the list of the installation: how many work there, and how many programmes it has."""

    organiser: Organiser
    staff: int
    programmes: int


def organiser_lines() -> list[OrganiserLine]:
    """Every organiser by name, closed ones last."""
    staff = (
        select(Staff.organiser_id, func.count()).where(Staff.ended_at.is_(None)).group_by(Staff.organiser_id)
    )
    made = select(Programme.organiser_id, func.count()).group_by(Programme.organiser_id)
    working, programmes = ({row[0]: row[1] for row in db.session.execute(query)} for query in (staff, made))
    rows = db.session.scalars(
        select(Organiser).order_by(Organiser.closed_at.is_not(None), Organiser.name, Organiser.id)
    )
    return [OrganiserLine(row, working.get(row.id, 0), programmes.get(row.id, 0)) for row in rows]


def organiser_line(slug: str) -> OrganiserLine:
    """One of them; 404 when there is none."""
    return next((line for line in organiser_lines() if line.organiser.slug == slug), None) or not_found()


def admins_of(organiser_id: int) -> list[Account]:
    """The accounts of who administers an organiser or works there otherwise, administrators first."""
    working = (Staff.organiser_id == organiser_id, Staff.ended_at.is_(None))
    query = select(Account).join(Staff, Staff.account_id == Account.id).where(*working)
    return list(db.session.scalars(query.order_by(Staff.role != "admin", Account.name, Account.id)))


def troubled_mails() -> list[tuple[Message, str]]:
    """Mails that failed or are tried again, each with the
    name of its organiser or nothing, the newest first.
    """
    troubled = (Message.sent_at.is_(None), or_(Message.failed_at.is_not(None), Message.tries > 0))
    query = (
        select(Message, Organiser.name)
        .outerjoin(Organiser, Organiser.id == Message.organiser_id)
        .where(*troubled)
    )
    rows = db.session.execute(query.order_by(Message.failed_at.is_(None), Message.id.desc()).limit(SHOWN))
    return [(message, name or "") for message, name in rows]


def mail_by_id(id: int) -> Message:
    """A mail; 404 when there is none."""
    return db.session.get(Message, id) or not_found()


def trail() -> list[tuple[AuditEvent, str]]:
    """What owners did to the installation and to their own
    accounts, each with who did it, the latest first.
    """
    things = AuditEvent.thing.in_(("owner", "first_start", "message"))
    organisers = (AuditEvent.thing == "organiser") & AuditEvent.verb.in_(("made", "closed", "reopened"))
    query = select(AuditEvent, Account.name, Account.mail).outerjoin(
        Account, Account.id == AuditEvent.account_id
    )
    own = (AuditEvent.thing == "account") & AuditEvent.thing_id.in_(select(Owner.account_id))
    mine = query.where(or_(things, organisers, own)).order_by(AuditEvent.id.desc()).limit(LINES)
    return [(event, name or mail or "") for event, name, mail in db.session.execute(mine)]


def home_cards(account: Account) -> list[Card]:
    """The way to the owners' pages, for owners."""
    if not is_owner(account):
        return []
    return [
        Card(
            _("The installation"),
            _("Organisers, owners, and how the machine does."),
            url_for("installation.state"),
        )
    ]
