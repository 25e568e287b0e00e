"""Who holds a place in a programme, whom the organisation's
own address lets in, and which requests are open.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from learning.delegations.models import Delegation, DelegationRequest
from learning.delegations.queries import is_contact
from learning.delegations.rules import Asked
from learning.kit.access import not_found
from learning.kit.codes import token_hash
from learning.kit.db import db
from learning.organisations.models import Organisation
from learning.organisations.rules import SHARED_DOMAINS, mail_domain
from learning.people.models import Account
from learning.people.permissions import persons_of


def is_trusted(account: Account, organisation: Organisation) -> bool:
    """The account speaks for the organisation, or its verified address is one of the organisation's own."""
    domain = mail_domain(account.mail)
    own = bool(domain) and domain not in SHARED_DOMAINS and domain in (organisation.mail_domains or [])
    return own or is_contact(account, organisation.id)


def holds_place(programme_id: int, organisation_id: int) -> bool:
    """The organisation takes part in the programme, or
    waits for a place: by more than a stranger's request.
    """
    mine = (Delegation.programme_id == programme_id, Delegation.organisation_id == organisation_id)
    held = (Delegation.ended_at.is_(None), Delegation.held_at.is_not(None), Delegation.came_from == "")
    return db.session.scalar(select(Delegation.id).where(*mine, *held).limit(1)) is not None


def open_requests(programme_id: int, organisation_id: int, came_from: str | None = None) -> list[int]:
    """The ids of the requests for this organisation that hold nothing and that nobody answered yet."""
    mine = (Delegation.programme_id == programme_id, Delegation.organisation_id == organisation_id)
    query = select(Delegation.id).where(*mine, Delegation.ended_at.is_(None), Delegation.held_at.is_(None))
    return list(
        db.session.scalars(query if came_from is None else query.where(Delegation.came_from == came_from))
    )


def requests_of(account: Account, *, now: datetime) -> list[Asked]:
    """What somebody asked for at all organisers without being
    known: what nobody answered, and what is of the last day.
    """
    recent = Delegation.ended_at.is_(None) | (Delegation.requested_at > now - timedelta(days=1))
    query = select(
        Delegation.programme_id, Delegation.organisation_id, Delegation.ended_at, Delegation.requested_at
    )
    query = query.where(Delegation.held_at.is_(None), recent, Delegation.contact_id.in_(persons_of(account)))
    return [
        Asked(programme, city, ended is None, at) for programme, city, ended, at in db.session.execute(query)
    ]


def request_by_token(token: str) -> DelegationRequest:
    """The request with this link in its mail, confirmed or not; 404 when there is none."""
    request = db.session.scalar(
        select(DelegationRequest).where(DelegationRequest.token_hash == token_hash(token))
    )
    if request is None:
        not_found()
    return request


def unconfirmed_requests(programme_id: int, *, now: datetime) -> list[DelegationRequest]:
    """Who asked for a delegation and has not confirmed the address yet, the first first."""
    mine = (DelegationRequest.programme_id == programme_id, DelegationRequest.confirmed_at.is_(None))
    query = (
        select(DelegationRequest)
        .where(*mine, DelegationRequest.lapses_at > now)
        .order_by(DelegationRequest.id)
    )
    return list(db.session.scalars(query))
