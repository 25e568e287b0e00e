"""Finding registrations: by their secret link, by account, and as a list at the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import joinedload

from learning.attendance.models import Participation, Registration
from learning.attendance.permissions import registrations_visible_to
from learning.attendance.tokens import feed_token, own_token
from learning.kit.access import not_found
from learning.kit.codes import token_hash
from learning.kit.db import db
from learning.kit.links import absolute
from learning.kit.lists import ListPage, among, page_of
from learning.kit.money import euro
from learning.organisations.models import Organisation, Organiser
from learning.organisations.rules import mail_domain
from learning.people.models import Account, Person
from learning.people.queries import Card, OwnLink
from learning.people.rules import fold
from learning.prices.models import PriceCode
from learning.prices.queries import price_words
from learning.releases import places
from learning.releases.picture import MeetingPicture, ProgrammePicture
from learning.releases.queries import current_picture

LOADS = (
    joinedload(Registration.person),
    joinedload(Registration.organiser),
)
ORDERS = ("name", "mail", "affiliation", "made_at")
STATES = ("confirmed", "unconfirmed", "ended")


def registration_by_token(token: str) -> Registration:
    """The registration behind a secret link, with its person
    and organiser; 404 when unknown, unconfirmed or ended.
    """
    registration = _by_hash(token)
    if registration is None or not registration.live:
        not_found()
    return registration


def confirmation_by_token(token: str) -> Registration:
    """The registration behind a link that confirms, confirmed
    before or not; 404 when unknown or withdrawn.
    """
    registration = _by_hash(token)
    if registration is None or (registration.ended_at is not None and registration.end_reason != "lapsed"):
        not_found()
    return registration


def _by_hash(token: str) -> Registration | None:
    query = select(Registration).where(Registration.token_hash == token_hash(token)).options(*LOADS)
    return db.session.scalar(query)


def running(programme_id: int, person: Person) -> Registration | None:
    """The registration of this person in this programme that counts."""
    mine = (Registration.programme_id == programme_id, Registration.person_id == person.id)
    live = (Registration.confirmed_at.is_not(None), Registration.ended_at.is_(None))
    return db.session.scalar(select(Registration).where(*mine, *live))


def waiting(programme_id: int, person: Person, *, now: datetime) -> list[Registration]:
    """What was sent for this person and is not confirmed, while the link of it works."""
    mine = (Registration.programme_id == programme_id, Registration.person_id == person.id)
    asked = (
        Registration.confirmed_at.is_(None),
        Registration.ended_at.is_(None),
        Registration.lapses_at > now,
    )
    return list(db.session.scalars(select(Registration).where(*mine, *asked).order_by(Registration.id)))


def agreed_words(registration: Registration) -> list[tuple[str, str]]:
    """What one agrees with by confirming: for which organisation, at which price, by which code."""
    organisation = (
        db.session.get(Organisation, registration.organisation_id) if registration.organisation_id else None
    )
    code = db.session.get(PriceCode, registration.price_code_id) if registration.price_code_id else None
    words = [
        (_("Organisation"), organisation.name if organisation else registration.person.affiliation),
        (_("Price"), price_words(registration.agreed, g.lang)),
        (_("Code"), code.code if code else ""),
    ]
    return [(name, value) for name, value in words if value]


def registrations_of(account: Account) -> list[Registration]:
    """The running registrations of everybody for whom this account acts, the newest first."""
    query = (
        registrations_visible_to(account)
        .options(*LOADS)
        .order_by(Registration.made_at.desc(), Registration.id)
    )
    return list(db.session.scalars(query))


def own_links(mail_key: str) -> list[OwnLink]:
    """The own page and the calendar of every running registration of this address."""
    mine = (
        Person.mail_key == mail_key,
        Registration.confirmed_at.is_not(None),
        Registration.ended_at.is_(None),
    )
    query = (
        select(Registration).join(Person, Person.id == Registration.person_id).where(*mine).options(*LOADS)
    )
    links = []
    for registration in db.session.scalars(query.order_by(Registration.made_at.desc(), Registration.id)):
        picture = current_picture(registration.programme_id)
        if picture is not None:
            what = {"programme": picture.title.pick(g.lang), "name": registration.person.name}
            page = absolute("schedules.mine", token=own_token(registration))
            feed = absolute("schedules.feed", token=feed_token(registration))
            links.append(OwnLink(_("%(programme)s, the programme of %(name)s", **what), page))
            links.append(OwnLink(_("%(programme)s, the calendar of %(name)s", **what), feed))
    return links


def expected_meetings(registration: Registration) -> set[int]:
    """The ids of the meetings at which this registration is expected."""
    mine = (Participation.registration_id == registration.id, Participation.ended_at.is_(None))
    return set(db.session.scalars(select(Participation.meeting_id).where(*mine)))


def picture_of(registration: Registration) -> ProgrammePicture:
    """What is published of the programme of this registration."""
    picture = current_picture(registration.programme_id)
    if picture is None:
        not_found()
    return picture


def meeting_ids(picture: ProgrammePicture) -> list[int]:
    """The ids of the meetings that go on, in the order in which they are taken."""
    return sorted(meeting.id for meeting in picture.meetings if not meeting.cancelled)


def has_dates(picture: ProgrammePicture, *, now: datetime) -> bool:
    """There is a meeting that goes on and has not begun."""
    return any(
        not meeting.cancelled and (meeting.starts_at is None or meeting.starts_at > now)
        for meeting in picture.meetings
    )


def coming_meetings(registration: Registration, picture: ProgrammePicture) -> list[MeetingPicture]:
    """The published meetings at which this registration is expected."""
    expected = expected_meetings(registration)
    return [meeting for meeting in picture.meetings if meeting.id in expected]


def is_full(picture: ProgrammePicture) -> bool:
    """A meeting of this programme has no place left."""
    return places.any_full(meeting_ids(picture))


def organiser_of(picture: ProgrammePicture) -> Organiser:
    """The organiser of a published programme."""
    return db.session.scalars(select(Organiser).where(Organiser.slug == picture.organiser)).one()


def home_cards(account: Account) -> list[Card]:
    """The registrations of an account, as cards on its own page."""
    cards = []
    for registration in registrations_of(account):
        picture = current_picture(registration.programme_id)
        if picture is not None:
            cards.append(
                Card(
                    title=picture.title.pick(g.lang),
                    text=_("%(name)s takes part", name=registration.person.name),
                    url=url_for("schedules.mine", token=own_token(registration)),
                    badge=_("Registered"),
                    lang=picture.title.lang(g.lang),
                )
            )
    return cards


@dataclass(frozen=True)
class RegistrationRow:
    """One line of the list at the desk."""

    id: int
    code: str
    name: str
    sort_key: str
    mail: str
    affiliation: str
    made_at: datetime
    state: str  # one of STATES
    diet: str = ""
    access_needs: str = ""
    price: str = ""  # excluding VAT, as people read it
    reason: str = ""
    # the price of a partner, by an address that is none of the partner's known mail domains
    doubtful: bool = False


def registration_rows(programme_id: int, *, search: str, state: str, order: str) -> list[RegistrationRow]:
    """The registrations of a programme that hold every word of `search`, in `order`."""
    return _rows(_found(programme_id, search=search, state=state, order=order))


def registration_page(
    programme_id: int, page: int, *, search: str, state: str, order: str
) -> ListPage[RegistrationRow]:
    """Page `page` of the same; a page too far is the last one."""
    return page_of(_found(programme_id, search=search, state=state, order=order), page, _rows)


def _found(programme_id: int, *, search: str, state: str, order: str) -> Select[Any]:
    """What is asked for. Words that are searched, and names of organisations, are compared without accents,
    which only we can: then the ids and texts are read first."""
    query: Select[Any] = (
        select(Registration, Person, Organisation.name, Organisation.mail_domains)  # type: ignore[assignment]
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Organisation, Organisation.id == Registration.organisation_id)
        .where(Registration.programme_id == programme_id)
    )
    ended, confirmed = Registration.ended_at.is_not(None), Registration.confirmed_at.is_not(None)
    states = {"ended": (ended,), "confirmed": (~ended, confirmed), "unconfirmed": (~ended, ~confirmed)}
    query = query.where(*states.get(state, ()))
    whole = (Person.sort_key, Registration.id)
    if words := fold(search).replace("-", "").split():
        query = query.where(
            among(Registration.id, [row[0] for row in _texts(query) if _holds(row[1], words)])
        )
    if order == "made_at":
        return query.order_by(Registration.made_at.desc(), Registration.id.desc())
    if order == "mail":
        return query.order_by(Person.mail_key, *whole)
    if order == "affiliation":
        names = {name for _id, _text, name in _texts(query)}
        rank = {name: n for n, name in enumerate(sorted(names, key=lambda name: (not name, fold(name))))}
        return query.order_by(case(rank, value=_affiliation()), *whole) if rank else query.order_by(*whole)
    return query.order_by(*whole)


def _affiliation() -> ColumnElement[str]:
    return func.coalesce(func.nullif(Organisation.name, ""), Person.affiliation)


def _texts(query: Select[Any]) -> list[tuple[int, str, str]]:
    """The id, all words and the affiliation of each of these registrations."""
    columns = (Registration.id, Person.name, Person.mail, _affiliation(), Registration.code)
    rows = db.session.execute(query.with_only_columns(*columns, maintain_column_froms=True))
    return [(id, f"{name} {mail} {whose} {code}", whose) for id, name, mail, whose, code in rows]


def _rows(query: Select[Any]) -> list[RegistrationRow]:
    return [
        RegistrationRow(
            id=registration.id,
            code=registration.code,
            name=person.name,
            sort_key=person.sort_key,
            mail=person.mail,
            affiliation=organisation or person.affiliation,
            made_at=registration.made_at,
            state="ended"
            if registration.ended_at
            else "confirmed"
            if registration.confirmed_at
            else "unconfirmed",
            diet=registration.diet,
            access_needs=registration.access_needs,
            price=euro(registration.price_amount, g.lang) if registration.price_amount is not None else "",
            reason=_(registration.price_reason) if registration.price_reason else "",
            doubtful=registration.price_partnership_id is not None
            and mail_domain(person.mail) not in (domains or []),
        )
        for registration, person, organisation, domains in db.session.execute(query)
    ]


def _holds(text: str, words: list[str]) -> bool:
    folded = fold(text).replace("-", "")
    return all(word in folded for word in words)
