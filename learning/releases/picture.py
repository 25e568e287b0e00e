"""The frozen picture that a release holds of a programme: all that the public side knows of it.

Format 1. Times are local as said (HH:MM, empty when unknown) and, once complete, also moments in UTC.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec

from learning.kit.wording import Wording

FORMAT = 1


class Frozen(msgspec.Struct, frozen=True, dict=True, omit_defaults=True):
    """A part of a picture."""


class PartPicture(Frozen):
    """Who does what: a speaker (slug may be empty when an organisation takes part)."""

    name: str
    slug: str
    role: str
    affiliation: str = ""
    function: Wording = Wording()


class AgendaPicture(Frozen):
    """One block of a meeting."""

    uid: str
    start: str
    end: str
    kind: str
    title: Wording
    text: Wording
    round_id: int | None = None
    parts: tuple[PartPicture, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class VenuePicture(Frozen):
    """Where a meeting is."""

    name: str
    street: str = ""
    postcode: str = ""
    city: str = ""
    access: Wording = Wording()


class MeetingPicture(Frozen):
    """One gathering."""

    id: int
    uid: str
    position: int
    title: Wording
    text: Wording
    on: date | None
    start: str
    end: str
    zone: str
    starts_at: datetime | None
    ends_at: datetime | None
    venue: VenuePicture | None
    online: bool
    cancelled: bool = False
    nominations_close_at: datetime | None = None
    agenda: tuple[AgendaPicture, ...] = ()


class SessionPicture(Frozen):
    """One giving of a workshop."""

    id: int
    uid: str
    number: int
    code: str  # 1.07
    workshop_id: int
    title: Wording
    abstract_html: Wording
    text_html: Wording
    theme: str  # key of a theme, may be empty
    room: str
    capacity: int | None
    asks_questions: bool = False
    cancelled: bool = False
    also: tuple[str, ...] = ()  # codes of the other givings of the same workshop
    parts: tuple[PartPicture, ...] = ()


class RoundPicture(Frozen):
    """A round with its sessions; `busy_until` is its end,
    or the start of the next block, for clashes only.
    """

    id: int
    number: int
    title: Wording
    meeting_id: int
    start: str
    end: str
    starts_at: datetime | None
    ends_at: datetime | None
    busy_until: datetime | None
    filling: str
    sessions: tuple[SessionPicture, ...] = ()


class ThemePicture(Frozen):
    """A theme with the name of its drawing."""

    key: str
    name: Wording
    glyph: str


class SpeakerPicture(Frozen):
    """A public profile."""

    slug: str
    name: str
    sort_key: str
    function: Wording
    affiliation: str
    biography_html: Wording
    codes: tuple[str, ...] = ()  # of the sessions in which the person takes part
    on_stage: bool = False  # takes part in an agenda item
    photo: str = ""  # the key of a photo
    photo_alt: Wording = Wording()


class ModulePicture(Frozen):
    """A part of a training."""

    title: Wording
    text_html: Wording
    goals: tuple[str, ...] = ()
    goals_en: tuple[str, ...] = ()


class PartyPicture(Frozen):
    """An organisation behind the programme: initiator or executing."""

    name: str
    role: str


class TariffPicture(Frozen):
    """A price as published."""

    id: int
    unit: str
    audience: str
    amount: Decimal
    from_on: date | None
    until_on: date | None
    vat_category: str | None
    vat_rate: Decimal | None
    vat_ground: str = ""
    level: str = ""


class ProgrammePicture(Frozen):
    """Everything public of a programme."""

    id: int
    slug: str
    organiser: str  # slug
    organiser_name: str
    kind: str
    kind_words: Wording
    title: Wording
    summary: Wording
    text_html: Wording
    note: Wording
    language: str
    by_delegation: bool
    seats_min: int
    seats_max: int
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    choosing_opens_at: datetime | None
    choosing_closes_at: datetime | None
    partners_choose_at: datetime | None = None
    moving_up: str = "at_once"
    wished_mix: tuple[str, ...] = ()
    substitutes_approved: bool = False
    late_substitutes: bool | None = None  # None: released before this was kept, and counts as no
    repeats_allowed: bool | None = None
    moving_up_stops: int | None = None
    offer_hours: int | None = None
    offer_lapsed: str | None = None
    seats_go_on: bool = False
    delegations_max: int | None = None
    delegations_approved: bool = False
    reminder_days: tuple[str, ...] = ("14", "3")
    by_invitation: bool = False
    conditions_html: Wording = Wording()
    conditions_version: int = 0
    cancelled: bool = False
    reference: str = "registration"
    network: Wording = Wording()
    target_groups: tuple[str, ...] = ()
    target_groups_en: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    questions_en: tuple[str, ...] = ()
    parties: tuple[PartyPicture, ...] = ()
    modules: tuple[ModulePicture, ...] = ()
    themes: tuple[ThemePicture, ...] = ()
    meetings: tuple[MeetingPicture, ...] = ()
    rounds: tuple[RoundPicture, ...] = ()
    speakers: tuple[SpeakerPicture, ...] = ()
    tariffs: tuple[TariffPicture, ...] = ()

    @cached_property
    def sessions(self) -> dict[int, SessionPicture]:
        """All sessions by id, in order of their code."""
        return {s.id: s for r in self.rounds for s in r.sessions}

    @cached_property
    def by_code(self) -> dict[str, SessionPicture]:
        """All sessions by code, `1.07`."""
        return {s.code: s for s in self.sessions.values()}

    @cached_property
    def round_of(self) -> dict[int, RoundPicture]:
        """The round of each session, by the session's id."""
        return {s.id: r for r in self.rounds for s in r.sessions}

    @cached_property
    def meeting(self) -> dict[int, MeetingPicture]:
        """All meetings by id."""
        return {m.id: m for m in self.meetings}

    @cached_property
    def speaker(self) -> dict[str, SpeakerPicture]:
        """All speakers by slug."""
        return {s.slug: s for s in self.speakers}

    @cached_property
    def theme(self) -> dict[str, ThemePicture]:
        """All themes by key."""
        return {t.key: t for t in self.themes}


class PlacedPicture(Frozen):
    """What only placed people see: join links by uid of session or meeting."""

    join_urls: dict[str, str] = {}


def to_plain(picture: ProgrammePicture | PlacedPicture) -> dict[str, Any]:
    """The picture as plain JSON values."""
    plain: dict[str, Any] = msgspec.to_builtins(picture)
    return plain


def picture_from(plain: dict[str, Any]) -> ProgrammePicture:
    """The picture from what a release stored."""
    return msgspec.convert(plain, ProgrammePicture)


def placed_from(plain: dict[str, Any]) -> PlacedPicture:
    """The placed part from what a release stored."""
    return msgspec.convert(plain, PlacedPicture)
