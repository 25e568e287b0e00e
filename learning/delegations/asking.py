"""Asking for a delegation without an account: the address is
confirmed by mail, and only then is there a request for staff.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from learning.attendance.rules import CONFIRM_WITHIN
from learning.delegations import emails, joining
from learning.delegations.models import Delegation, DelegationRequest
from learning.kit import clock
from learning.kit.clock import local
from learning.kit.codes import random_token, token_hash
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.names import check_name, check_reference
from learning.kit.wording import N_
from learning.organisations.models import Organisation
from learning.organisations.municipalities import Municipality, municipality_named
from learning.organisations.queries import find_city
from learning.people.actions import account_for, issue_link
from learning.people.queries import account_by_mail
from learning.people.rules import mail_key
from learning.prices.rules import Agreed
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture, organiser_id_of

KEPT = timedelta(days=7)  # so long a link that lapsed says so


@dataclass(frozen=True)
class Confirmed:
    """What confirming an address led to."""

    delegation: Delegation
    token: str | None = None  # of a link that signs in, for the account that was made by it


@transaction()
def ask(
    picture: ProgrammePicture,
    city: Organisation | Municipality,
    *,
    name: str,
    mail: str,
    price: Agreed | None,
    order_ref: str = "",
    seats: int | None = None,
    language: str,
    now: datetime,
) -> None:
    """Somebody asks for a delegation at this price: a mail to the address has the link to confirm it.

    Nothing is held by it, and nobody is known or changed by it. Each asking has a link of its own.
    """
    joining.check_open(picture, now=now)
    most = picture.seats_max if seats is None else seats
    joining.check_seats(picture, most)
    check_name(name)
    check_reference(order_ref, "order_ref")
    if isinstance(city, Organisation):
        joining.check_not_there(picture.id, city)
    token = random_token()
    request = DelegationRequest(
        organiser_id=organiser_id_of(picture.id),
        programme_id=picture.id,
        organisation_id=city.id if isinstance(city, Organisation) else None,
        city=city.name,
        name=name,
        mail=mail,
        mail_key=mail_key(mail),
        language=language,
        order_ref=order_ref,
        seats_max=most,
        token_hash=token_hash(token),
        asked_at=now,
        lapses_at=now + CONFIRM_WITHIN,
    )
    request.keep_price(price, picture.conditions_version or None)
    db.session.add(request)
    db.session.flush()
    emails.confirm_request(request, token, now=now)


@transaction()
def confirm(
    request: DelegationRequest, *, page: Callable[[Delegation], str] = lambda _made: "", now: datetime
) -> Confirmed:
    """The address is theirs: there is a delegation, or a request that staff answer, and an account.

    Twice gives the first one.

    Who confirms first and had no account gets in at once, to `page`; the owner of
    one that was there signs in as ever. Refuses like registering does: a link that
    is too old, a programme that was cancelled, a city that takes part meanwhile.
    """
    fresh = (DelegationRequest.confirmed_at.is_(None), DelegationRequest.lapses_at > now)
    claim = (
        update(DelegationRequest).where(DelegationRequest.id == request.id, *fresh).values(confirmed_at=now)
    )
    won = db.session.execute(claim.execution_options(synchronize_session=False)).rowcount == 1  # type: ignore[attr-defined]
    db.session.refresh(request)
    if not won:
        if request.delegation_id is None:
            raise Refusal("confirmation_lapsed", N_("This link works for 24 hours, and they have passed."))
        return Confirmed(db.session.get_one(Delegation, request.delegation_id))
    picture = current_picture(request.programme_id)
    city = request.organisation or _city(request)
    if picture is None or city is None:
        raise Refusal("programme_gone", N_("Registering is not possible any more. Ask the organiser."))
    known = account_by_mail(request.mail)
    account = account_for(request.mail, now=now)
    if not account.name:
        account.name, account.language = request.name, request.language
    delegation = joining.register_delegation(
        picture,
        city,
        price=None,
        asked=request,
        account=account,
        name=request.name,
        order_ref=request.order_ref,
        language=request.language,
        now=now,
    )
    request.delegation_id = delegation.id
    db.session.flush()
    return Confirmed(delegation, None if known else issue_link(account, next_url=page(delegation), now=now))


def is_lapsed(request: DelegationRequest, *, now: datetime) -> bool:
    """The address was not confirmed in time."""
    return request.confirmed_at is None and request.lapses_at <= now


def tidy_due() -> None:
    """What the worker does each sweep: forget who did not
    confirm the address, a week after the link lapsed.
    """
    if db.session.scalar(select(DelegationRequest.id).where(_old(clock.now())).limit(1)):
        tidy(now=clock.now())


@transaction()
def tidy(*, now: datetime) -> None:
    """Forget requests whose link lapsed or was used a week ago: of what was used the delegation stays."""
    db.session.execute(delete(DelegationRequest).where(_old(now)))


def _old(now: datetime) -> ColumnElement[bool]:
    return DelegationRequest.lapses_at < now - KEPT


def _city(request: DelegationRequest) -> Organisation | Municipality | None:
    """The city, which was no organisation of this organiser when somebody asked."""
    return find_city(request.organiser_id, request.city) or municipality_named(
        request.city, local(request.asked_at).date()
    )
