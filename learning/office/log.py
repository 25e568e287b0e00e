"""Reading the log of an organiser: filtered and paged in the database, in words a person understands."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, and_, func, or_, select

from learning.delegations.models import Nomination, SubstituteRequest
from learning.kit.clock import local, to_utc
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.sheets import safe
from learning.kit.trail import AuditEvent
from learning.kit.wording import N_
from learning.office.log_words import BY_LINK, CHOICES, FIELDS, THINGS, VERBS
from learning.organisations.models import Organiser
from learning.people.models import Account
from learning.people.rules import fold

PER_PAGE = 50
MOST = 20_000  # lines in one file
_moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00|Z)")
_day = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Asked:
    """Which lines are asked for: by whom (part of a name or
    address), what was done, to what, from when until when.
    """

    who: str = ""
    verb: str = ""
    thing: str = ""
    thing_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True)
class Change:
    """One value of a thing, before and after, in words."""

    name: str
    before: str
    after: str

    @property
    def long(self) -> bool:
        """Too much to stand in a line."""
        return len(self.before) + len(self.after) > 120


@dataclass(frozen=True)
class Line:
    """One line of the log in words; `at` on the clock of Amsterdam."""

    at: datetime
    who: str
    done: str
    thing: str
    kind: str
    thing_id: int | None
    words: str
    changes: list[Change] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """It is about a kind of thing that has a page with its history."""
        return self.kind in THINGS


@dataclass(frozen=True)
class Page:
    """A page of the log, the newest lines first."""

    lines: list[Line]
    found: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.found // PER_PAGE), 1)


def log_page(organiser: Organiser, asked: Asked, page: int) -> Page:
    """This page of the lines that are asked for; a page that is not there gives the nearest."""
    wanted = _wanted(organiser, asked)
    found = (
        db.session.scalar(
            select(func.count()).select_from(wanted.with_only_columns(AuditEvent.id).subquery())
        )
        or 0
    )
    page = min(max(page, 1), max(-(-found // PER_PAGE), 1))
    return Page(_lines(wanted.limit(PER_PAGE).offset((page - 1) * PER_PAGE)), found, page)


def name_of(organiser: Organiser, thing: str, id: int) -> str:
    """What a thing was called when the log last spoke of it."""
    lines = select(AuditEvent.words).where(AuditEvent.organiser_id == organiser.id, AuditEvent.words != "")
    mine = lines.where(AuditEvent.thing == thing, AuditEvent.thing_id == id)
    return db.session.scalar(mine.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(1)) or ""


def log_table(organiser: Organiser, asked: Asked) -> list[list[str]]:
    """All lines that are asked for as a table in which
    nothing is a formula; refused when there are too many.
    """
    lines = _lines(_wanted(organiser, asked).limit(MOST + 1))
    if len(lines) > MOST:
        raise Refusal(
            "too_many", N_("These are more than %(most)d lines. Choose a shorter period."), most=MOST
        )
    heads = [_("When"), _("Who"), _("What"), _("Thing"), _("Number"), _("Name"), _("Before"), _("After")]
    return [heads, *([safe(cell) for cell in _cells(line)] for line in lines)]


def _cells(line: Line) -> list[str]:
    before = "\n".join(f"{change.name}: {change.before}" for change in line.changes if change.before)
    after = "\n".join(f"{change.name}: {change.after}" for change in line.changes if change.after)
    at, number = line.at.strftime("%Y-%m-%d %H:%M:%S"), str(line.thing_id or "")
    return [at, line.who, line.done, line.thing, number, line.words, before, after]


def _wanted(organiser: Organiser, asked: Asked) -> Select[Any, Any, Any]:
    """The lines that are asked for with who did it, the newest first."""
    query = select(AuditEvent, Account.name, Account.mail).outerjoin(
        Account, Account.id == AuditEvent.account_id
    )
    query = query.where(AuditEvent.organiser_id == organiser.id)
    if asked.who:
        query = query.where(_by(organiser, asked.who))
    if asked.verb:
        query = query.where(AuditEvent.verb == asked.verb)
    query = query.where(*_about(asked))
    if asked.from_on is not None:
        query = query.where(AuditEvent.at >= to_utc(asked.from_on, time(0)))
    if asked.until_on is not None:
        query = query.where(AuditEvent.at < to_utc(asked.until_on + timedelta(days=1), time(0)))
    return query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc())


def _about(asked: Asked) -> list[Any]:
    """Which things: of one delegation also its nominations, and the substitutes that were asked for."""
    thing, id = AuditEvent.thing, AuditEvent.thing_id
    if asked.thing != "delegation" or asked.thing_id is None:
        return [
            column == value
            for column, value in ((thing, asked.thing), (id, asked.thing_id))
            if value not in ("", None)
        ]
    sent = select(Nomination.id).where(Nomination.delegation_id == asked.thing_id)
    substitutes = select(SubstituteRequest.id).where(SubstituteRequest.nomination_id.in_(sent))
    own = and_(thing == "delegation", id == asked.thing_id)
    return [
        or_(
            own,
            and_(thing == "nomination", id.in_(sent)),
            and_(thing == "substitute_request", id.in_(substitutes)),
        )
    ]


def _by(organiser: Organiser, who: str) -> Any:
    """Lines of people with this in their name or address, or what went by itself."""
    words = fold(who)
    if words in (fold(_("automatic")), "automatic", "automatisch"):
        return AuditEvent.account_id.is_(None)
    here = select(AuditEvent.account_id).where(AuditEvent.organiser_id == organiser.id).distinct()
    rows = db.session.execute(select(Account.id, Account.name, Account.mail).where(Account.id.in_(here)))
    return AuditEvent.account_id.in_([id for id, name, mail in rows if words in fold(f"{name} {mail}")])


def _lines(query: Select[Any, Any, Any]) -> list[Line]:
    return [_line(event, name or mail or "") for event, name, mail in db.session.execute(query)]


def _line(event: AuditEvent, who: str) -> Line:
    link = event.account_id is None and (event.thing, event.verb) in BY_LINK
    return Line(
        at=local(event.at),
        who=who or (_("by their own link") if link else _("automatic")),
        done=_(VERBS[event.verb]) if event.verb in VERBS else event.verb,
        thing=_(THINGS[event.thing]) if event.thing in THINGS else event.thing,
        kind=event.thing,
        thing_id=event.thing_id,
        words=event.words,
        changes=_changes(event.before or {}, event.after or {}),
    )


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    names = list(dict.fromkeys([*before, *after]))
    return [
        Change(field_words(name), _said(name, before.get(name)), _said(name, after.get(name)))
        for name in names
    ]


def field_words(name: str) -> str:
    """What a column is called, with its language where it has one."""
    if name in FIELDS:
        return _(FIELDS[name])
    base, _line, lang = name.rpartition("_")
    if lang in ("nl", "en") and base in FIELDS:
        return f"{_(FIELDS[base])} ({lang.upper()})"
    return name.removesuffix("_id").replace("_", " ")


def _said(name: str, value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    if _moment.fullmatch(text):
        return local(datetime.fromisoformat(text)).strftime("%d-%m-%Y %H:%M")
    if _day.fullmatch(text):
        return date.fromisoformat(text).strftime("%d-%m-%Y")
    return _(CHOICES[text]) if text in CHOICES and name in CHOSEN else text


CHOSEN = frozenset({  # columns that hold one of a few words
    "kind", "filling", "role", "language", "vat_category", "price_vat_category", "end_reason", "decision",
    "unit", "price_unit",
    "audience", "moving_up", "offer_lapsed", "reference",
})  # fmt: skip
