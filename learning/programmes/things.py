"""The things that staff edit at the desk: which form, which rows, and by which word they stand in an address."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from learning.kit.access import not_found
from learning.kit.db import Model, db
from learning.kit.wording import N_
from learning.organisations.models import Organisation, Partnership
from learning.people.models import Account, Contact, Person
from learning.programmes import models
from learning.programmes.models import (
    AgendaItem,
    Meeting,
    Module,
    Part,
    PriceCode,
    Programme,
    ProgrammeParty,
    Room,
    Session,
    Speaker,
    Tariff,
    Theme,
    Venue,
)
from learning.programmes.permissions import contacts_visible_to


@dataclass(frozen=True)
class Thing:
    """One kind of row: `key` in addresses, its words, its columns in a list, and whether it belongs to one programme."""

    key: str
    model: type[Any]
    one: str
    many: str
    new: str
    of_programme: bool
    none: str  # what an empty list says


THINGS = {
    thing.key: thing
    for thing in (
        Thing("meetings", Meeting, N_("Meeting"), N_("Meetings"), N_("New meeting"), True, N_("No meetings yet.")),
        Thing("blocks", AgendaItem, N_("Block"), N_("Blocks and rounds"), N_("New block or round"), True, N_("No blocks yet.")),
        Thing("sessions", Session, N_("Session"), N_("Sessions"), N_("New session"), True, N_("No sessions yet.")),
        Thing("modules", Module, N_("Module"), N_("Modules"), N_("New module"), True, N_("No modules yet.")),
        Thing("tariffs", Tariff, N_("Price"), N_("Prices"), N_("New price"), True, N_("No prices yet.")),
        Thing("codes", PriceCode, N_("Code"), N_("Codes"), N_("New code"), True, N_("No codes yet.")),
        Thing("parties", ProgrammeParty, N_("Party"), N_("Parties behind it"), N_("New party"), True, N_("No parties yet.")),
        Thing("venues", Venue, N_("Venue"), N_("Venues"), N_("New venue"), False, N_("No venues yet.")),
        Thing("rooms", Room, N_("Room"), N_("Rooms"), N_("New room"), False, N_("No rooms yet.")),
        Thing("speakers", Speaker, N_("Speaker"), N_("Speakers"), N_("New speaker"), False, N_("No speakers yet.")),
        Thing(
            "organisations",
            Organisation,
            N_("Organisation"),
            N_("Organisations"),
            N_("New organisation"),
            False,
            N_("No organisations yet."),
        ),
        Thing(
            "partnerships",
            Partnership,
            N_("Partnership"),
            N_("Partners"),
            N_("New partner"),
            False,
            N_("No partners yet."),
        ),
        Thing("contacts", Contact, N_("Contact"), N_("Contacts"), N_("New contact"), False, N_("No contacts yet.")),
        Thing("themes", Theme, N_("Theme"), N_("Themes"), N_("New theme"), False, N_("No themes yet.")),
    )
}
OF_PROGRAMME = tuple(key for key, thing in THINGS.items() if thing.of_programme)
OF_ORGANISER = tuple(key for key, thing in THINGS.items() if not thing.of_programme)


def row_of(thing: Thing, organiser_id: int, programme: Programme | None, id: int, account: Account | None = None) -> Any:
    """One row in its organiser or programme; 404 when it is not there, or a contact that the account does not see."""
    row = db.session.get(thing.model, id) if 0 < id < 2**31 else None
    if row is None or not _belongs(row, organiser_id, programme):
        not_found()
    if isinstance(row, Contact):
        seen = contacts_visible_to(account, organiser_id).with_only_columns(Contact.id).where(Contact.id == id)
        if db.session.scalar(seen) is None:
            not_found()
    return row


def _belongs(row: Model, organiser_id: int, programme: Programme | None) -> bool:
    if programme is None:
        return getattr(row, "organiser_id", None) == organiser_id
    if isinstance(row, AgendaItem):
        meeting = db.session.get(Meeting, row.meeting_id)
        return meeting is not None and meeting.programme_id == programme.id
    return getattr(row, "programme_id", None) == programme.id


def rows_of(thing: Thing, organiser_id: int, programme: Programme | None, account: Account | None = None) -> list[Any]:
    """All rows of a kind, in their natural order, with what a list of them shows; of contacts those that the account sees."""
    model = thing.model
    if programme is None:
        query = select(model).where(model.organiser_id == organiser_id).options(*_loads(model))
        if model is Contact:
            query = contacts_visible_to(account, organiser_id).options(*_loads(model))
            query = query.join(Organisation, Organisation.id == Contact.organisation_id).join(Contact.person)
            query = query.order_by(Organisation.sort_key, Person.sort_key, Contact.id)
        elif model is Partnership:
            query = query.join(Partnership.organisation).order_by(Organisation.sort_key, Partnership.from_on, Partnership.id)
        else:
            query = query.order_by(*([Organisation.sort_key] if model is Organisation else []), model.id)
        return list(db.session.scalars(query))
    if model is AgendaItem:
        query = select(AgendaItem).join(Meeting, Meeting.id == AgendaItem.meeting_id)
        query = query.where(Meeting.programme_id == programme.id).order_by(Meeting.position, AgendaItem.position)
        return list(db.session.scalars(query.options(*_loads(model))))
    order = getattr(model, "position", model.id)
    query = select(model).where(model.programme_id == programme.id).options(*_loads(model)).order_by(order)
    return list(db.session.scalars(query))


def _loads(model: type[Any]) -> list[Any]:
    """What lists of these rows show of others."""
    parts = selectinload(model.parts).joinedload(Part.speaker) if hasattr(model, "parts") else None
    loads: list[Any] = [parts] if parts is not None else []
    if model is Session:
        loads += [
            joinedload(Session.workshop).joinedload(models.Workshop.theme),
            joinedload(Session.room),
            joinedload(Session.round),
        ]
    if model is AgendaItem:
        loads += [joinedload(AgendaItem.round), joinedload(AgendaItem.meeting)]
    if model is Meeting:
        loads.append(joinedload(Meeting.venue))
    if model is Room:
        loads.append(joinedload(Room.venue))
    if model in (Contact, Partnership):
        loads.append(joinedload(model.organisation))
    if model is Contact:
        loads.append(joinedload(Contact.person))
    if model is Organisation:
        loads.append(selectinload(Organisation.aliases))
    return loads
