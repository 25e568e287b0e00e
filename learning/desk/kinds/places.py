"""Venues and rooms at the desk."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from learning.desk.forms import DeskForm
from learning.desk.kind import ByColumn, Kind, Leaning, Values, count_where
from learning.desk.lines import ListLine, address_of, line
from learning.desk.saving import check_free, save_shared
from learning.kit.errors import Refusal
from learning.kit.forms import Count, Line, Lines, Pick, WebAddress
from learning.kit.wording import N_
from learning.programmes.models import Meeting, Room, Session, Venue


class VenueForm(DeskForm):
    """A building."""

    name = Line(_l("Name"))
    street = Line(_l("Street and number"), required=False)
    postcode = Line(_l("Postcode"), required=False, max=12)
    city = Line(_l("City"), required=False)
    map_url = WebAddress(_l("Link to a map"))
    access_nl = Lines(_l("How to get in, in Dutch"))
    access_en = Lines(_l("How to get in, in English"))


class RoomForm(DeskForm):
    """A room of a venue."""

    venue_id = Pick(_l("Venue"))
    name = Line(_l("Name"), max=80)
    capacity = Count(_l("How many people fit"))
    access_nl = Lines(_l("How to get in, in Dutch"))
    access_en = Lines(_l("How to get in, in English"))


def _save_venue(row: Venue, values: Values, organiser_id: int, _programme: Any) -> None:
    check_free(Venue, row, "name", Venue.organiser_id == organiser_id, Venue.name == values["name"])
    save_shared(row, values, organiser_id)


def _save_room(row: Room, values: Values, organiser_id: int, _programme: Any) -> None:
    if values["venue_id"] is None:
        raise Refusal("no_venue", N_("Choose the venue of this room."), "venue_id")
    check_free(Room, row, "name", Room.venue_id == values["venue_id"], Room.name == values["name"])
    save_shared(row, values, organiser_id)


def _leaning_on_venue(row: Venue) -> Leaning:
    return [
        (N_("It has %(count)d rooms. Take those away first."), count_where(Room.venue_id == row.id)),
        (
            N_("%(count)d meetings are there. Give those another venue first."),
            count_where(Meeting.venue_id == row.id),
        ),
    ]


def _leaning_on_room(row: Room) -> Leaning:
    words = N_("%(count)d sessions are in this room. Put those elsewhere first.")
    return [(words, count_where(Session.room_id == row.id))]


def _room_cells(row: Room) -> ListLine:
    size = "" if row.capacity is None else str(row.capacity)
    return line(row, row.name, row.venue.name, size, sort={2: row.capacity or -1})


VENUES = Kind(
    key="venues",
    model=Venue,
    one=N_("Venue"),
    many=N_("Venues"),
    new=N_("New venue"),
    none=N_("No venues yet."),
    of_programme=False,
    form=VenueForm,
    save=_save_venue,
    heads=(N_("Name"), N_("Address")),
    by_column=ByColumn(order=(Venue.id,)),
    cells=lambda row: line(row, row.name, address_of(row)),
    leaning=_leaning_on_venue,
)
ROOMS = Kind(
    key="rooms",
    model=Room,
    one=N_("Room"),
    many=N_("Rooms"),
    new=N_("New room"),
    none=N_("No rooms yet."),
    of_programme=False,
    form=RoomForm,
    save=_save_room,
    heads=(N_("Name"), N_("Venue"), N_("How many people fit")),
    cells=_room_cells,
    facets={"venue": 1},
    loads=(joinedload(Room.venue),),
    at_once=("capacity",),
    leaning=_leaning_on_room,
)
