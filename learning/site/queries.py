"""What public pages show, composed of releases and the numbers of what is on offer."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from babel.dates import format_date

from learning.kit.clock import local, midnight_after
from learning.kit.db import fast_rows
from learning.organisations.models import Organiser
from learning.people.rules import fold
from learning.releases.picture import (
    AgendaPicture,
    MeetingPicture,
    ProgrammePicture,
    RoundPicture,
    SessionPicture,
    SpeakerPicture,
    TariffPicture,
)
from learning.releases.queries import picture_of_release
from learning.site.cards import Card

NOW = """SELECT o.id, o.release_id, o.cleaned, g.id, g.slug, g.name, g.plate, g.brand_colour, g.accent_colour,
    g.logo_id, g.closed_at, g.closing_nl, g.closing_en,
    CASE WHEN g.domain_seen_at IS NULL THEN '' ELSE g.domain END,
    s.id, s.capacity, s.taken, s.waiting, s.cancelled
    FROM offered_programme o JOIN organiser g ON g.id = o.organiser_id
    LEFT JOIN offered_session s ON s.programme_id = o.id WHERE o.slug = ? ORDER BY s.id"""
ALL = """SELECT o.release_id, o.cleaned, o.organiser_id,
    CASE WHEN g.domain_seen_at IS NULL THEN '' ELSE g.domain END
    FROM offered_programme o JOIN programme p ON p.id = o.id JOIN organiser g ON g.id = o.organiser_id
    WHERE p.archived_at IS NULL AND g.closed_at IS NULL ORDER BY o.id"""
BRAND = 14  # columns of NOW that say which page it is; those of a session follow
KINDS = ("event", "learning_community", "network_meeting", "training")
PRICES = ("free", "free_for_partners", "paid", "unknown")


@dataclass(frozen=True)
class Places:
    """How many places a session has and how many are taken."""

    capacity: int | None
    taken: int
    waiting: int
    cancelled: bool


@dataclass(frozen=True)
class Current:
    """A programme now: its release, brand and numbers, of one query."""

    key: tuple[object, ...]
    release_id: int
    cleaned: int
    organiser_id: int
    domain: str  # the organiser's own, empty when it has none
    places: dict[int, Places]

    @property
    def picture(self) -> ProgrammePicture:
        """What is released."""
        return picture_of_release(self.release_id, self.cleaned)


def current(slug: str) -> Current | None:
    """The programme with this address as it is at this moment; None when there is none."""
    rows = [] if "\0" in slug else fast_rows(NOW, (slug,))
    if not rows:
        return None
    first = rows[0]
    sessions = (row[BRAND:] for row in rows)
    places = {
        id: Places(size, taken, waiting, bool(off))
        for id, size, taken, waiting, off in sessions
        if id is not None
    }
    return Current(tuple(first[:BRAND]), first[1], first[2], first[3], first[BRAND - 1], places)


@dataclass(frozen=True)
class Shown:
    """A programme that is shown: its release, its organiser, and the organiser's own domain or nothing."""

    release_id: int
    cleaned: int
    organiser_id: int
    domain: str

    @property
    def picture(self) -> ProgrammePicture:
        """What is released."""
        return picture_of_release(self.release_id, self.cleaned)


def all_releases(organiser_id: int | None = None) -> list[Shown]:
    """Every programme that is shown, or those of one organiser."""
    return [Shown(*row) for row in fast_rows(ALL) if organiser_id in (None, row[2])]


def anything_set_up() -> bool:
    """Somebody began: there is an organiser."""
    return bool(fast_rows("SELECT 1 FROM organiser LIMIT 1"))


def brand_key(organiser_id: int) -> tuple[object, ...]:
    """What the frame of an organiser's pages shows, to know whether it changed."""
    columns = "slug, name, plate, brand_colour, accent_colour, logo_id, closed_at, closing_nl, closing_en"
    return tuple(fast_rows(f"SELECT {columns} FROM organiser WHERE id = ?", (organiser_id,))[0])


def changes_at(picture: ProgrammePicture, now: datetime) -> datetime:
    """The next moment at which a word on a page of this
    programme changes: a deadline, an opening, or midnight.
    """
    today = [meeting for meeting in picture.meetings if meeting.on == local(now, meeting.zone).date()]
    moments = [
        *(
            moment
            for meeting in today
            for item in meeting.agenda
            for moment in (item.starts_at, item.ends_at)
        ),
        *(meeting.ends_at for meeting in today),
        picture.registration_opens_at,
        picture.registration_closes_at,
        picture.choosing_opens_at,
        picture.partners_choose_at,
        picture.choosing_closes_at,
        midnight_after(now),
    ]
    return min(moment for moment in moments if moment is not None and moment > now)


@dataclass(frozen=True)
class UnderWay:
    """A meeting on its day: the blocks that are on, and those that begin next."""

    meeting: MeetingPicture
    now: tuple[AgendaPicture, ...]
    next: tuple[AgendaPicture, ...]


def under_way(picture: ProgrammePicture, now: datetime) -> UnderWay | None:
    """What is on now and what comes next, on the day of a meeting until it is over.

    A block without an end lasts until the next one begins, or until the meeting ends.
    """
    for meeting in picture.meetings:
        if meeting.on != local(now, meeting.zone).date() or meeting.cancelled or picture.cancelled:
            continue
        starts = sorted({item.starts_at for item in meeting.agenda if item.starts_at})
        on = tuple(
            item
            for item in meeting.agenda
            if item.starts_at and item.starts_at <= now < _until(meeting, item, starts)
        )
        first = next((start for start in starts if start > now), None)
        coming = tuple(item for item in meeting.agenda if first and item.starts_at == first)
        if on or coming:
            return UnderWay(meeting, on, coming)
    return None


def _until(meeting: MeetingPicture, item: AgendaPicture, starts: list[datetime]) -> datetime:
    """When a block is over, as far as one knows; at the latest at midnight."""
    assert item.starts_at is not None
    later = next((start for start in starts if start > item.starts_at), None)
    return item.ends_at or later or meeting.ends_at or midnight_after(item.starts_at, meeting.zone)


@dataclass(frozen=True)
class Hall:
    """The sessions of one meeting as a table: rounds in columns, rooms in rows."""

    meeting: MeetingPicture
    rounds: tuple[RoundPicture, ...]
    # a room, and its sessions in each round
    rows: tuple[tuple[str, tuple[tuple[SessionPicture, ...], ...]], ...]


def halls(picture: ProgrammePicture, found: list[tuple[RoundPicture, list[SessionPicture]]]) -> list[Hall]:
    """The sessions that were found as a table for each meeting;
    rooms in order of their names, then what has no room.
    """
    made = []
    for meeting in picture.meetings:
        here = [(round, sessions) for round, sessions in found if round.meeting_id == meeting.id]
        rooms = sorted(
            {s.room for _round, sessions in here for s in sessions},
            key=lambda room: (room == "", _natural(room)),
        )
        rows = tuple(
            (room, tuple(tuple(s for s in sessions if s.room == room) for _round, sessions in here))
            for room in rooms
        )
        if rows:
            made.append(Hall(meeting, tuple(round for round, _sessions in here), rows))
    return made


def _natural(name: str) -> list[tuple[int, str]]:
    """Zaal 2 before Zaal 10."""
    return [
        (int(part), "") if part.isascii() and part.isdigit() else (0, fold(part))
        for part in re.split(r"(\d+)", name)
    ]


def card_of(
    picture: ProgrammePicture, session: SessionPicture | None, organiser: Organiser, lang: str
) -> Card:
    """What the picture for messengers says of a programme or a session; what is not known is left out."""
    title = picture.title.pick(lang)
    colours = {"brand": organiser.brand_colour, "accent": organiser.accent_colour}
    if session is not None:
        who = ", ".join(part.name for part in session.parts)
        lines = _known(_session_when(picture, session, lang), who)
        return Card(title, session.title.pick(lang), lines, code=session.code, **colours)
    return Card(organiser.name, title, _known(_days_words(picture, lang), _place_words(picture)), **colours)


def _known(*words: str) -> tuple[str, ...]:
    return tuple(filter(None, words))


def _session_when(picture: ProgrammePicture, session: SessionPicture, lang: str) -> str:
    """The day and the hours of a session, as far as known."""
    round = picture.round_of[session.id]
    meeting = picture.meeting[round.meeting_id]
    day = format_date(meeting.on, "full", locale=lang) if meeting.on else ""
    return ", ".join(_known(day, "–".join(_known(round.start, round.end))))


def _days_words(picture: ProgrammePicture, lang: str) -> str:
    """The first and the last day of a programme; of one day also the hours."""
    days = days_of(picture)
    style: Literal["full", "long"] = "full" if len(days) == 1 else "long"
    shown = [format_date(day, style, locale=lang) for day in days[:1] + days[1:][-1:]]
    first = picture.meetings[0] if picture.meetings else None
    hours = "–".join(_known(first.start, first.end)) if first and len(days) == 1 else ""
    return ", ".join(_known(" – ".join(shown), hours))


def _place_words(picture: ProgrammePicture) -> str:
    """Where a programme is, when all of it is at one place."""
    first = picture.meetings[0] if picture.meetings else None
    if first is None or not same_place(picture):
        return ""
    known = (first.venue.name, first.venue.city) if first.venue else ("Online",) if first.online else ()
    return ", ".join(dict.fromkeys(_known(*known)))


def price_kind(picture: ProgrammePicture) -> str:
    """How the price reads: one of PRICES."""
    if not picture.tariffs:
        return "unknown"
    if all(tariff.amount == 0 for tariff in picture.tariffs):
        return "free"
    partners = [tariff.amount for tariff in picture.tariffs if tariff.audience == "partner"]
    return "free_for_partners" if partners and not any(partners) else "paid"


def days_of(picture: ProgrammePicture) -> list[date]:
    """The days of meetings that go on, in order."""
    return sorted(meeting.on for meeting in picture.meetings if meeting.on and not meeting.cancelled)


def next_meeting(picture: ProgrammePicture, now: datetime) -> MeetingPicture | None:
    """The first meeting that is not over."""
    today = local(now).date()
    coming = [m for m in picture.meetings if m.on and m.on >= today and not m.cancelled]
    return min(coming, key=lambda m: (m.on or today, m.position), default=None)


def taking_part(picture: ProgrammePicture, now: datetime) -> str:
    """Whether one can register now: "open", or why not: "cancelled", "no_dates", "not_yet" or "closed"."""
    opens, closes = picture.registration_opens_at, picture.registration_closes_at
    if picture.cancelled:
        return "cancelled"
    if next_meeting(picture, now) is None:
        return "no_dates"
    if closes is not None and closes <= now:
        return "closed"
    return "not_yet" if opens is not None and now < opens else "open"


def prices_of(picture: ProgrammePicture, today: date) -> list[TariffPicture]:
    """The prices that hold on this day or will hold later, in the order in which they are published."""
    return [tariff for tariff in picture.tariffs if tariff.until_on is None or today <= tariff.until_on]


def same_place(picture: ProgrammePicture) -> bool:
    """All meetings are at one place, as far as is known."""
    return len({(meeting.venue, meeting.online) for meeting in picture.meetings}) == 1


@dataclass(frozen=True)
class Filter:
    """What is asked of the catalogue."""

    words: str = ""
    kind: str = ""
    theme: str = ""
    month: str = ""
    price: str = ""

    def known(self, themes: Container[str], months: Container[str]) -> "Filter":
        """Only what one can choose from: an unknown value in an address asks for nothing."""
        return replace(
            self,
            kind=self.kind if self.kind in KINDS else "",
            theme=self.theme if self.theme in themes else "",
            month=self.month if self.month in months else "",
            price=self.price if self.price in PRICES else "",
        )

    def __bool__(self) -> bool:
        return any((self.words, self.kind, self.theme, self.month, self.price))


def found(pictures: Iterable[ProgrammePicture], wanted: Filter) -> list[ProgrammePicture]:
    """The programmes that fit."""
    return [picture for picture in pictures if _fits(picture, wanted)]


def in_order(pictures: Iterable[ProgrammePicture], now: datetime) -> list[ProgrammePicture]:
    """Coming ones by their next day, then those without a day, then what is over, latest first."""
    today = local(now).date()

    def key(picture: ProgrammePicture) -> tuple[int, int, int]:
        coming = next_meeting(picture, now)
        if coming is not None and coming.on is not None:
            return (0, coming.on.toordinal(), picture.id)
        days = days_of(picture)
        return (1, 0, picture.id) if not days else (2, -days[-1].toordinal() - today.toordinal(), picture.id)

    return sorted(pictures, key=key)


def _fits(picture: ProgrammePicture, wanted: Filter) -> bool:
    text = fold(
        " ".join(
            [
                picture.title.nl,
                picture.title.en,
                picture.summary.nl,
                picture.summary.en,
                picture.organiser_name,
            ]
            + [s.title.nl for s in picture.sessions.values()]
            + [speaker.name for speaker in picture.speakers]
        )
    )
    return (
        all(word in text for word in fold(wanted.words).split())
        and wanted.kind in ("", picture.kind)
        and (not wanted.theme or wanted.theme in picture.theme)
        and (not wanted.month or any(f"{day:%Y-%m}" == wanted.month for day in days_of(picture)))
        and wanted.price in ("", price_kind(picture))
    )


def rounds_with(
    picture: ProgrammePicture, theme: str, words: str
) -> list[tuple[RoundPicture, list[SessionPicture]]]:
    """The rounds with those of their sessions that have the theme and hold the words."""
    asked = fold(words).split()
    return [
        (
            round,
            [
                s
                for s in round.sessions
                if theme in ("", s.theme) and all(w in session_text(s) for w in asked)
            ],
        )
        for round in picture.rounds
    ]


def session_text(session: SessionPicture) -> str:
    """By which a session is found: title and people."""
    names = " ".join(f"{part.name} {part.affiliation}" for part in session.parts)
    return fold(f"{session.code} {session.title.nl} {session.title.en} {names}")


def speaker_of(picture: ProgrammePicture, slug: str) -> SpeakerPicture | None:
    """The speaker with this name in addresses."""
    return next((speaker for speaker in picture.speakers if speaker.slug == slug), None)
