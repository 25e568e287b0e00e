"""Builders with sane defaults, a file for each area; each is a transaction of its own."""

from tests.make.attendance import make_registration
from tests.make.delegations import make_delegation
from tests.make.mail import make_mail
from tests.make.office import make_owner
from tests.make.organisations import make_organisation, make_organiser
from tests.make.people import enter, make_account, make_contact, make_person, make_sign_in, make_staff
from tests.make.prices import make_tariff
from tests.make.programmes import (
    make_agenda_item,
    make_meeting,
    make_part,
    make_programme,
    make_room,
    make_round,
    make_session,
    make_speaker,
    make_theme,
    make_unplaced,
    make_venue,
    make_workshop,
)
from tests.make.releases import make_event, release
from tests.make.rows import DAY, NOON

__all__ = [
    "DAY",
    "NOON",
    "enter",
    "make_account",
    "make_agenda_item",
    "make_contact",
    "make_delegation",
    "make_event",
    "make_mail",
    "make_meeting",
    "make_organisation",
    "make_organiser",
    "make_owner",
    "make_part",
    "make_person",
    "make_programme",
    "make_registration",
    "make_room",
    "make_round",
    "make_session",
    "make_sign_in",
    "make_speaker",
    "make_staff",
    "make_tariff",
    "make_theme",
    "make_unplaced",
    "make_venue",
    "make_workshop",
    "release",
]
