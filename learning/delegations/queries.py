"""What a contact person and the desk see of delegations."""

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.delegations.models import Delegation, Nomination, SeatsPrice
from learning.delegations.permissions import (
    can_look,
    can_nominate,
    can_refer,
    delegations_at_desk,
    delegations_visible_to,
    is_theirs,
)
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.links import absolute
from learning.kit.money import euro
from learning.kit.wording import Wording
from learning.organisations.models import Organisation
from learning.people.models import Account, Contact, Person
from learning.people.permissions import persons_of
from learning.people.queries import Card, OwnLink
from learning.releases.models import OfferedProgramme
from learning.releases.picture import MeetingPicture
from learning.releases.queries import conditions_in, current_picture, picture_of_release

LOADS = (
    joinedload(Delegation.organisation),
    joinedload(Delegation.contact),
    joinedload(Delegation.organiser),
)


def delegation_for(account: Account, id: int) -> Delegation:
    """The delegation, if this account acts for it or sees its people at the desk; else 404."""
    delegation = db.session.scalar(delegations_visible_to(account).where(Delegation.id == id).options(*LOADS))
    if delegation is None:
        delegation = db.session.get(Delegation, id, options=LOADS) if 0 < id < 2**31 else None
        if delegation is None or not can_look(account, delegation):
            not_found()
    return delegation


def referred_delegation(account: Account, id: int) -> Delegation:
    """The delegation, ended or not, whose reference on invoices this account sees; else 404."""
    delegation = db.session.get(Delegation, id, options=LOADS) if 0 < id < 2**31 else None
    if delegation is None or not (can_refer(account, delegation) or can_look(account, delegation)):
        not_found()
    return delegation


def nomination_for(account: Account, id: int) -> Nomination:
    """A nomination, running or ended, of a delegation for which this account acts; else 404."""
    nomination = db.session.scalar(
        select(Nomination).where(Nomination.id == id).options(joinedload(Nomination.person))
    )
    if nomination is None:
        not_found()
    delegation_for(account, nomination.delegation_id)
    return nomination


def own_links(mail_key: str) -> list[OwnLink]:
    """Where somebody with this address says whether they come to what a city named them for."""
    running = (Nomination.ended_at.is_(None), Person.mail_key == mail_key, Registration.ended_at.is_(None))
    query = (
        select(Registration)
        .join(Nomination, Nomination.registration_id == Registration.id)
        .join(Person, Person.id == Registration.person_id)
        .where(*running, Registration.confirmed_at.is_not(None))
    )
    links = []
    for registration in db.session.scalars(query.order_by(Registration.id)).unique():
        picture = current_picture(registration.programme_id)
        if picture is not None:
            what = {"programme": picture.title.pick(g.lang), "name": registration.person.name}
            page = absolute("delegations.invitations", token=own_token(registration))
            links.append(OwnLink(_("%(programme)s, the invitation of %(name)s", **what), page))
    return links


def is_contact(account: Account, organisation_id: int) -> bool:
    """Staff confirmed that this account speaks for the organisation."""
    confirmed = (
        Contact.confirmed_at.is_not(None),
        Contact.ended_at.is_(None),
        Contact.organisation_id == organisation_id,
    )
    return (
        db.session.scalar(select(Contact.id).where(*confirmed, Contact.person_id.in_(persons_of(account))))
        is not None
    )


def is_known_contact(person_id: int, organisation_id: int) -> bool:
    """Staff confirmed that somebody with the address of this person speaks for the organisation."""
    mail = select(Person.mail_key).where(Person.id == person_id).scalar_subquery()
    confirmed = (
        Contact.confirmed_at.is_not(None),
        Contact.ended_at.is_(None),
        Contact.organisation_id == organisation_id,
    )
    query = (
        select(Contact.id)
        .join(Person, Person.id == Contact.person_id)
        .where(*confirmed, Person.mail_key == mail)
    )
    return db.session.scalar(query.limit(1)) is not None


def number_in_line(delegation: Delegation) -> int | None:
    """Which place a delegation has among those that wait
    for one in the programme; None when it does not wait.
    """
    if delegation.waiting_at is None:
        return None
    before = (Delegation.waiting_at < delegation.waiting_at) | (
        (Delegation.waiting_at == delegation.waiting_at) & (Delegation.id <= delegation.id)
    )
    line = (Delegation.programme_id == delegation.programme_id, Delegation.ended_at.is_(None), before)
    return db.session.scalar(select(func.count()).where(*line))


def conditions_of(delegation: Delegation) -> Wording:
    """The conditions as they read when they were accepted, as HTML; empty when there were none."""
    return conditions_in(delegation.programme_id, delegation.conditions_version)


def paid_words(delegation: SeatsPrice) -> str:
    """The agreed price in words, of all seats together; empty without one."""
    if delegation.price_amount is None:
        return ""
    if delegation.price_unit != "seat":
        return euro(delegation.price_amount, g.lang)
    total, each = euro(delegation.price_total, g.lang), euro(delegation.price_amount, g.lang)
    return _("%(total)s, %(seats)d seats at %(each)s", total=total, seats=delegation.seats_max, each=each)


def recent_colleagues(
    account: Account, delegation: Delegation, meeting_id: int, *, most: int = 12
) -> list[Person]:
    """People whom this organisation sent before and does not send to this meeting, the latest first.

    Its contacts see all of them, staff those who were sent to programmes that they see.
    Nobody before staff confirmed: who asks may be a stranger to the organisation.
    """
    if not can_nominate(delegation):
        return []
    here = select(Nomination.person_id).where(
        Nomination.meeting_id == meeting_id, Nomination.ended_at.is_(None)
    )
    ours = select(Nomination.person_id, func.max(Nomination.id).label("last")).join(
        Delegation, Delegation.id == Nomination.delegation_id
    )
    if not is_theirs(account, delegation):
        seen = delegations_at_desk(account, delegation.organiser_id).with_only_columns(Delegation.id)
        ours = ours.where(Delegation.id.in_(seen))
    last = (
        ours.where(Delegation.organisation_id == delegation.organisation_id)
        .group_by(Nomination.person_id)
        .subquery()
    )
    query = select(Person).join(last, last.c.person_id == Person.id).where(Person.id.not_in(here))
    return list(db.session.scalars(query.order_by(last.c.last.desc()).limit(most)))


def invitations_of(registration: Registration) -> list[tuple[Nomination, MeetingPicture, str]]:
    """The meetings to which somebody is sent, each with the name of the organisation that sends them."""
    picture = current_picture(registration.programme_id)
    query = (
        select(Nomination, Organisation.name)
        .join(Delegation, Delegation.id == Nomination.delegation_id)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(Nomination.registration_id == registration.id, Nomination.ended_at.is_(None))
        .order_by(Nomination.id)
    )
    meetings = picture.meeting if picture else {}
    return [
        (row, meetings[row.meeting_id], name)
        for row, name in db.session.execute(query)
        if row.meeting_id in meetings
    ]


def home_cards(account: Account) -> list[Card]:
    """The delegations of an account, as cards on its own page."""
    query = (
        delegations_visible_to(account)
        .join(OfferedProgramme, OfferedProgramme.id == Delegation.programme_id)
        .add_columns(OfferedProgramme.release_id, OfferedProgramme.cleaned)
        .options(joinedload(Delegation.organisation))
        .order_by(Delegation.id.desc())
    )
    cards = []
    for delegation, release_id, cleaned in db.session.execute(query):
        title = picture_of_release(release_id, cleaned).title
        cards.append(
            Card(
                title=title.pick(g.lang),
                text=_("Delegation of %(organisation)s", organisation=delegation.title),
                url=url_for("delegations.show", id=delegation.id),
                badge=_("Confirmed") if delegation.confirmed_at else _("Requested"),
                lang=title.lang(g.lang),
            )
        )
    return cards
