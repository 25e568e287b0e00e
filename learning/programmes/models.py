"""Programmes at the desk, and the offered rows on which people act."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from learning.kit.clock import AMSTERDAM
from learning.kit.db import Model, Moment, wording
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.people.models import Person

if TYPE_CHECKING:
    from learning.prices.models import Tariff

KINDS = ("event", "learning_community", "training", "network_meeting")


class Theme(Model):
    """A field of work that marks sessions; `glyph` names its drawing and colour."""

    __table_args__ = (UniqueConstraint("organiser_id", "id"), UniqueConstraint("organiser_id", "key"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[Wording] = wording("name")
    glyph: Mapped[str] = mapped_column(Text)


class Venue(Model):
    """A building where meetings take place."""

    __table_args__ = (UniqueConstraint("organiser_id", "id"), UniqueConstraint("organiser_id", "name"))
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    name: Mapped[str] = mapped_column(Text)
    street: Mapped[str] = mapped_column(Text, default="")
    postcode: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(Text, default="")
    access: Mapped[Wording] = wording("access")
    map_url: Mapped[str] = mapped_column(Text, default="")


class Room(Model):
    """A room of a venue; an empty capacity is unknown."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("venue_id", "name"),
        ForeignKeyConstraint(["organiser_id", "venue_id"], ["venue.organiser_id", "venue.id"]),
    )
    organiser_id: Mapped[int]
    venue_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    capacity: Mapped[int | None]
    access: Mapped[Wording] = wording("access")
    venue: Mapped[Venue] = relationship()


class Programme(Model):
    """What one registers for.

    Its state is derived from facts: released, open, priced, cancelled, archived.
    """

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        CheckConstraint(
            "kind IN ('event', 'learning_community', 'training', 'network_meeting')", name="kind"
        ),
        CheckConstraint("seats_min >= 0 AND seats_max >= seats_min", name="seats"),
        CheckConstraint("reference IN ('registration', 'first_meeting')", name="reference"),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    slug: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    kind_words: Mapped[Wording] = wording("kind_words")
    title: Mapped[Wording] = wording("title")
    summary: Mapped[Wording] = wording("summary")
    text: Mapped[Wording] = wording("text")
    text_html: Mapped[Wording] = wording("text_html")
    note: Mapped[Wording] = wording("note")
    language: Mapped[str] = mapped_column(Text, default="nl")
    target_groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    target_groups_en: Mapped[list[str]] = mapped_column(JSON, default=list)
    questions: Mapped[list[str]] = mapped_column(JSON, default=list)
    questions_en: Mapped[list[str]] = mapped_column(JSON, default=list)
    by_delegation: Mapped[bool] = mapped_column(default=False)
    seats_min: Mapped[int] = mapped_column(default=0)
    seats_max: Mapped[int] = mapped_column(default=0)
    # on whose behalf people should come; advice only
    wished_mix: Mapped[list[str]] = mapped_column(JSON, default=list)
    late_substitutes: Mapped[bool] = mapped_column(default=False)
    # after the deadline staff say yes to each
    substitutes_approved: Mapped[bool] = mapped_column(default=False)
    # what a delegation gives back goes to the next that asked
    seats_go_on: Mapped[bool] = mapped_column(default=False)
    delegations_max: Mapped[int | None]  # the others wait, in the order in which they came
    delegations_approved: Mapped[bool] = mapped_column(default=False)  # staff say yes to each
    # before the deadline for names
    reminder_days: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["14", "3"])
    by_invitation: Mapped[bool] = mapped_column(default=False)  # only with a code that invites
    conditions: Mapped[Wording] = wording("conditions")
    conditions_version: Mapped[int] = mapped_column(default=0)
    repeats_allowed: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str] = mapped_column(Text, default="registration")
    registration_opens_at: Mapped[datetime | None] = mapped_column(Moment)
    registration_closes_at: Mapped[datetime | None] = mapped_column(Moment)
    choosing_opens_at: Mapped[datetime | None] = mapped_column(Moment)
    choosing_closes_at: Mapped[datetime | None] = mapped_column(Moment)
    partners_choose_at: Mapped[datetime | None] = mapped_column(Moment)  # earlier than the others
    moving_up_stops: Mapped[int] = mapped_column(default=0)  # hours before a round begins
    moving_up: Mapped[str] = mapped_column(Text, default="at_once")  # at_once or offer
    offer_hours: Mapped[int] = mapped_column(default=24)
    offer_lapsed: Mapped[str] = mapped_column(Text, default="last")  # last in the line, or off it
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    archived_at: Mapped[datetime | None] = mapped_column(Moment)
    organiser: Mapped[Organiser] = relationship()
    parties: Mapped[list["ProgrammeParty"]] = relationship(order_by="ProgrammeParty.position")
    modules: Mapped[list["Module"]] = relationship(order_by="Module.position")
    meetings: Mapped[list["Meeting"]] = relationship(order_by="Meeting.position", overlaps="organiser")
    rounds: Mapped[list["Round"]] = relationship(order_by="Round.number", overlaps="meetings")
    workshops: Mapped[list["Workshop"]] = relationship(order_by="Workshop.id", overlaps="meetings,rounds")
    tariffs: Mapped[list["Tariff"]] = relationship(order_by="Tariff.id")


class Conditions(Model):
    """What one agrees to when registering, as it read in this version: kept for who accepted it."""

    __table_args__ = (UniqueConstraint("programme_id", "version"),)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    version: Mapped[int]
    text: Mapped[Wording] = wording("text")
    made_at: Mapped[datetime] = mapped_column(Moment)


class ProgrammeParty(Model):
    """An organisation that stands behind a programme: initiator or executing."""

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)


class Module(Model):
    """A part of a training, with its learning goals."""

    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    position: Mapped[int]
    title: Mapped[Wording] = wording("title")
    text: Mapped[Wording] = wording("text")
    text_html: Mapped[Wording] = wording("text_html")
    goals: Mapped[list[str]] = mapped_column(JSON, default=list)
    goals_en: Mapped[list[str]] = mapped_column(JSON, default=list)


class Meeting(Model):
    """One gathering. Day, start and end are kept as said; `starts_at` and `ends_at` once complete."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("programme_id", "id"),
        UniqueConstraint("programme_id", "position"),
        ForeignKeyConstraint(["organiser_id", "programme_id"], ["programme.organiser_id", "programme.id"]),
        ForeignKeyConstraint(["organiser_id", "venue_id"], ["venue.organiser_id", "venue.id"]),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="capacity"),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="order"),
    )
    organiser_id: Mapped[int]
    programme_id: Mapped[int]
    uid: Mapped[str] = mapped_column(Text, unique=True)
    position: Mapped[int]
    title: Mapped[Wording] = wording("title")
    text: Mapped[Wording] = wording("text")
    on: Mapped[date | None] = mapped_column("on_day")
    start: Mapped[str] = mapped_column(Text, default="")  # local time as said, HH:MM
    end: Mapped[str] = mapped_column("end_time", Text, default="")
    zone: Mapped[str] = mapped_column(Text, default=AMSTERDAM)
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    ends_at: Mapped[datetime | None] = mapped_column(Moment)
    venue_id: Mapped[int | None]
    online: Mapped[bool] = mapped_column(default=False)
    join_url: Mapped[str] = mapped_column(Text, default="")
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    nominations_close_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    programme: Mapped[Programme] = relationship(overlaps="meetings,organiser")
    venue: Mapped[Venue | None] = relationship(overlaps="meetings,programme")
    agenda: Mapped[list["AgendaItem"]] = relationship(order_by="AgendaItem.position")


class Round(Model):
    """A block of a meeting in which sessions run in parallel. Its number is never reused.

    `last_number` is the highest number that a released session of it ever had: that is never reused either.
    """

    __table_args__ = (
        UniqueConstraint("programme_id", "id"),
        UniqueConstraint("programme_id", "number"),
        ForeignKeyConstraint(["programme_id", "meeting_id"], ["meeting.programme_id", "meeting.id"]),
        CheckConstraint("filling IN ('first_come', 'draw')", name="filling"),
    )
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    meeting_id: Mapped[int]
    number: Mapped[int]
    title: Mapped[Wording] = wording("title")
    filling: Mapped[str] = mapped_column(Text, default="first_come")
    last_number: Mapped[int] = mapped_column(default=0)
    sessions: Mapped[list["Session"]] = relationship(order_by="Session.number")
    meeting: Mapped[Meeting] = relationship(overlaps="rounds,programme")


class AgendaItem(Model):
    """One block of a meeting; an empty end is not known."""

    __table_args__ = (UniqueConstraint("meeting_id", "position"),)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    position: Mapped[int]
    uid: Mapped[str] = mapped_column(Text, unique=True)
    start: Mapped[str] = mapped_column(Text, default="")
    end: Mapped[str] = mapped_column("end_time", Text, default="")
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[Wording] = wording("title")
    text: Mapped[Wording] = wording("text")
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"), unique=True)
    round: Mapped[Round | None] = relationship()
    meeting: Mapped[Meeting] = relationship(viewonly=True)
    parts: Mapped[list["Part"]] = relationship(order_by="Part.position")


class Workshop(Model):
    """The content that sessions give."""

    __table_args__ = (UniqueConstraint("programme_id", "id"), UniqueConstraint("programme_id", "key"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    key: Mapped[str] = mapped_column(Text)
    title: Mapped[Wording] = wording("title")
    abstract: Mapped[Wording] = wording("abstract")
    abstract_html: Mapped[Wording] = wording("abstract_html")
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id"))
    asks_questions: Mapped[bool] = mapped_column(default=False)
    theme: Mapped[Theme | None] = relationship()


class Session(Model):
    """One giving of a workshop.

    Capacity: empty is unlimited, 0 is closed. Without a round it is not placed yet.
    """

    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        ForeignKeyConstraint(["programme_id", "round_id"], ["round.programme_id", "round.id"]),
        ForeignKeyConstraint(["programme_id", "workshop_id"], ["workshop.programme_id", "workshop.id"]),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("minimum >= 0", name="minimum"),
        CheckConstraint("(round_id IS NULL) = (number IS NULL)", name="placed"),
    )
    programme_id: Mapped[int]
    uid: Mapped[str] = mapped_column(Text, unique=True)
    round_id: Mapped[int | None]
    number: Mapped[int | None]
    workshop_id: Mapped[int]
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    capacity: Mapped[int | None]
    minimum: Mapped[int | None]
    text: Mapped[Wording] = wording("text")
    text_html: Mapped[Wording] = wording("text_html")
    join_url: Mapped[str] = mapped_column(Text, default="")
    cancelled_at: Mapped[datetime | None] = mapped_column(Moment)
    round: Mapped[Round | None] = relationship(overlaps="sessions")
    workshop: Mapped[Workshop] = relationship(overlaps="round,sessions")
    room: Mapped[Room | None] = relationship()
    parts: Mapped[list["Part"]] = relationship(order_by="Part.position")


class Speaker(Model):
    """A person's public profile; `person_id` once they are known as a person who can be placed."""

    __table_args__ = (
        UniqueConstraint("organiser_id", "id"),
        UniqueConstraint("organiser_id", "slug"),
        ForeignKeyConstraint(["organiser_id", "person_id"], ["person.organiser_id", "person.id"]),
    )
    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    slug: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sort_key: Mapped[str] = mapped_column(Text)
    function: Mapped[Wording] = wording("function")
    affiliation: Mapped[str] = mapped_column(Text, default="")
    biography: Mapped[Wording] = wording("biography")
    biography_html: Mapped[Wording] = wording("biography_html")
    person_id: Mapped[int | None]
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id"))
    photo_alt: Mapped[Wording] = wording("photo_alt")
    person: Mapped[Person | None] = relationship(viewonly=True)
    photo: Mapped["Photo | None"] = relationship()


class Photo(Model):
    """A picture in three sizes, found by a key that nobody guesses."""

    organiser_id: Mapped[int] = mapped_column(ForeignKey("organiser.id"))
    key: Mapped[str] = mapped_column(Text, unique=True)
    small_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    medium_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    large_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    released: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(Moment)


class Part(Model):
    """Somebody, or an organisation, takes part in a session or an agenda item in a role."""

    __table_args__ = (
        CheckConstraint("(session_id IS NULL) <> (agenda_item_id IS NULL)", name="one_place"),
        CheckConstraint("speaker_id IS NOT NULL OR affiliation <> ''", name="somebody"),
    )
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"), index=True)
    speaker_id: Mapped[int | None] = mapped_column(ForeignKey("speaker.id"), index=True)
    position: Mapped[int]
    role: Mapped[str] = mapped_column(Text)
    affiliation: Mapped[str] = mapped_column(Text, default="")
    function: Mapped[Wording] = wording("function")
    speaker: Mapped[Speaker | None] = relationship()


class Absence(Model):
    """A speaker cannot in this round."""

    __table_args__ = (UniqueConstraint("speaker_id", "round_id"),)
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speaker.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
