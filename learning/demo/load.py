"""Loading the demo into an empty database, and finding its people and programmes again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import select

from learning.demo.delegations import load_delegations
from learning.demo.people import (
    ATTENDEES,
    CAST,
    SEED,
    DemoPerson,
    invented,
    limit_cast,
    load_attendee_of_cast,
    load_attendees,
    load_cast,
    load_wishes,
    most_popular,
    people,
    wanted_sessions,
)
from learning.demo.places import (
    LEVENDE_STAD,
    SMART,
    WIJKEN,
    load_cities,
    load_online_rooms,
    load_organisers,
    load_themes,
    load_venues,
)
from learning.demo.programmes import (
    DEMO_SPEAKER,
    load_by_draw,
    load_community,
    load_event,
    load_network_meeting,
    load_training,
    released,
)
from learning.kit.clock import to_utc
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import N_
from learning.organisations.models import Organisation, Organiser
from learning.people.models import Person
from learning.programmes.models import Programme
from learning.releases.queries import current_picture

AT_ONCE = 50  # attendees in one transaction
WISHING = 48  # of the programme by draw

__all__ = ["DemoPerson", "load", "people", "programmes"]


def load(
    today: date, *, out: Callable[[str], object] = print, far: Callable[[str], object] = lambda _words: None
) -> list[DemoPerson]:
    """Load the whole demo as of the start of `today`; gives the people who can sign in.

    `far` is told how far it is.

    Refuses with `demo_loaded` when there is an organiser already.
    """
    refuse_when_loaded()
    now = to_utc(today, time(0)).astimezone(UTC)
    out("Organisers, cities and programmes")
    far("programmes")
    base = _load_base(today, now)
    out(f"{ATTENDEES} attendees with their choices")
    _load_attendees(base, now, far)
    out("Delegations with their nominations")
    far("delegations")
    load_delegations(base.community, base.cities, now=now)
    return people()


def refuse_when_loaded() -> None:
    """Refuse when this database is in use: the demo is for an empty one."""
    if db.session.scalar(select(Organiser.id).limit(1)) is not None:
        raise Refusal(
            "demo_loaded", N_("There are organisers in this database already. The demo needs an empty one.")
        )


def programmes() -> list[tuple[str, str, str, str]]:
    """Kind, title, name of the organiser and address (slug) of each programme of the demo."""
    return [(row.kind, row.title.pick("nl"), row.organiser.name, row.slug) for row in released()]


@dataclass(frozen=True)
class Base:
    """What stands before anybody registers."""

    event: Programme
    community: Programme
    by_draw: Programme
    organiser: Organiser
    cities: dict[str, Organisation]
    persons: dict[str, Person]


@transaction()
def _load_base(today: date, now: datetime) -> Base:
    organisers = load_organisers(now)
    cities = load_cities(organisers, today)
    mine = organisers[WIJKEN]
    opened = now - timedelta(days=30)
    persons = load_cast(organisers, cities, opened)
    speaker = next(person for person in persons.values() if person.name == DEMO_SPEAKER)
    event = load_event(mine, load_themes(mine), load_online_rooms(mine, 13), speaker, today, opened)
    community = load_community(mine, load_venues(mine), today, now - timedelta(days=130))
    load_network_meeting(organisers[LEVENDE_STAD], opened)
    load_training(organisers[SMART], opened)
    by_draw = load_by_draw(mine, today, opened)
    limit_cast()
    return Base(event, community, by_draw, mine, cities, persons)


def _load_attendees(base: Base, now: datetime, far: Callable[[str], object]) -> None:
    """The three hundred, between an attendee of the cast who came first and one who came last."""
    random = Random(SEED)
    picture = current_picture(base.event.id)
    if picture is None:
        raise RuntimeError("the event is not released")
    first, last, speaker = (base.persons[cast.mail] for cast in CAST if cast.role in ("attendee", "speaker"))
    load_attendee_of_cast(picture, speaker, {}, now=now)
    load_attendee_of_cast(picture, first, wanted_sessions(picture, random, chance=1), now=now)
    who = invented(ATTENDEES)
    for start in range(0, ATTENDEES, AT_ONCE):
        far(f"{start} of {ATTENDEES} attendees")
        load_attendees(picture, base.organiser, base.cities, who[start : start + AT_ONCE], random, now)
    load_attendee_of_cast(picture, last, most_popular(picture), now=now)
    wished = current_picture(base.by_draw.id)
    if wished is None:
        raise RuntimeError("the programme by draw is not released")
    load_attendee_of_cast(wished, first, {}, now=now)
    load_wishes(wished, base.organiser, who[: WISHING - 1], random, now)
