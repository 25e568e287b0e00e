"""Keeping a proposal to look at, and putting it in the programme
once somebody confirmed it; repeatable without doubles.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from learning.desk.placing import put
from learning.intake.models import BringIn
from learning.intake.proposals import Proposal
from learning.kit import clock
from learning.kit.db import after_commit, db, hold_row, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.jobs import each_due, nudge, stopping
from learning.kit.markdown import render
from learning.kit.sheets import plain_text
from learning.kit.trail import record
from learning.kit.wording import N_, Wording
from learning.organisations.models import Organiser
from learning.people.rules import fold
from learning.programmes.models import AgendaItem, Meeting, Programme, Room, Round, Session, Theme, Workshop
from learning.programmes.parts import set_parts

AT_ONCE = 50  # lines in one transaction


@transaction()
def keep_proposal(programme: Programme, proposal: Proposal, *, name: str, by: int, now: datetime) -> BringIn:
    """Keep what was read, to look at. Nothing of the programme changes."""
    kept = BringIn(
        organiser_id=programme.organiser_id,
        programme_id=programme.id,
        account_id=by,
        at=now,
        name=plain_text(name)[:200],
        lines=[asdict(found) for found in proposal.sessions],
        problems=[asdict(problem) for problem in proposal.problems],
    )
    kept.done = kept.made = 0
    db.session.add(kept)
    db.session.flush()
    return kept


@transaction()
def confirm(kept: BringIn, *, without: Collection[int] = (), by: int, now: datetime) -> None:
    """Let the lines be put in the programme, but for those at these places in the list.

    The worker does it.
    """
    hold_row(kept)
    if kept.confirmed_at is not None:
        raise Refusal("confirmed_before", N_("This was brought in already."))
    kept.lines = [line for number, line in enumerate(kept.lines) if number not in without]
    if not kept.lines:
        raise Refusal("nothing_left", N_("Keep at least one line."))
    kept.confirmed_at = now
    programme = db.session.get_one(Programme, kept.programme_id)
    record("brought in", programme, organiser_id=kept.organiser_id, by=by, at=now, words=kept.name)
    db.session.flush()
    after_commit(nudge)


def bring_due() -> None:
    """What the worker does each sweep: put confirmed lines in their programmes, some at a time."""
    due = select(BringIn.id).where(BringIn.confirmed_at.is_not(None), BringIn.finished_at.is_(None))
    each_due("bring in", db.session.scalars(due.order_by(BringIn.id)).all(), bring_all)


def bring_all(id: int) -> None:
    """Put all of its lines in the programme."""
    while not stopping() and bring_some(id, now=clock.now()):
        pass


@transaction()
def bring_some(id: int, *, now: datetime) -> bool:
    """Put the next lines in the programme; gives whether there are more.

    Done twice, it makes nothing twice.
    """
    kept = db.session.get_one(BringIn, id, populate_existing=True)
    lock(Organiser, [kept.organiser_id])
    [programme] = lock(Programme, [kept.programme_id])
    db.session.refresh(kept)
    if kept.finished_at is not None:
        return False
    known = _Known(programme)
    for line in kept.lines[kept.done : kept.done + AT_ONCE]:
        kept.made += _bring(programme, line, known)
    kept.done = min(kept.done + AT_ONCE, len(kept.lines))
    kept.finished_at = now if kept.done >= len(kept.lines) else None
    db.session.flush()
    return kept.finished_at is None


class _Known:
    """What the programme and its organiser have already, by name."""

    def __init__(self, programme: Programme) -> None:
        mine = Session.programme_id == programme.id
        numbers = {
            r.id: r.number
            for r in db.session.scalars(select(Round).where(Round.programme_id == programme.id))
        }
        self.rounds = {number: id for id, number in numbers.items()}
        self.workshops: dict[str, Workshop] = {}
        for workshop in db.session.scalars(
            select(Workshop).where(Workshop.programme_id == programme.id).order_by(Workshop.id)
        ):
            self.workshops.setdefault(fold(workshop.title.pick("nl")), workshop)
        self.sessions: dict[tuple[int, str], Session] = {}
        for session in db.session.scalars(select(Session).where(mine).order_by(Session.id)):
            key = (numbers.get(session.round_id or 0, 0), fold(session.workshop.title.pick("nl")))
            self.sessions.setdefault(key, session)
        rooms = db.session.scalars(
            select(Room).where(Room.organiser_id == programme.organiser_id).order_by(Room.id)
        )
        self.rooms = {fold(room.name): room for room in rooms}
        themes = db.session.scalars(
            select(Theme).where(Theme.organiser_id == programme.organiser_id).order_by(Theme.id)
        )
        self.themes = {
            fold(name): theme for theme in themes for name in (theme.name.nl, theme.name.en) if name
        }


def _bring(programme: Programme, line: dict[str, Any], known: _Known) -> int:
    """One line: a new session, or what a known one says now. Gives 1 when it is new."""
    key = (line["round"], fold(line["title"]))
    session = known.sessions.get(key)
    workshop = session.workshop if session else known.workshops.get(key[1])
    if workshop is None:
        workshop = Workshop(
            programme_id=programme.id, key=str(uuid4()), title=Wording(line["title"], line["title_en"])
        )
        db.session.add(workshop)
        known.workshops[key[1]] = workshop
    if line["title_en"]:
        workshop.title = Wording(workshop.title.nl, line["title_en"])
    if line["text"] or line["text_en"]:
        old = workshop.abstract or Wording()
        text = Wording(line["text"] or old.nl, line["text_en"] or old.en)
        workshop.abstract, workshop.abstract_html = text, Wording(render(text.nl), render(text.en))
    theme = known.themes.get(fold(line["theme"])) if line["theme"] else None
    if theme is not None:
        workshop.theme_id = theme.id
    db.session.flush()
    new = session is None
    if session is None:
        session = Session(programme_id=programme.id, uid=str(uuid4()), workshop_id=workshop.id)
        db.session.add(session)
        known.sessions[key] = session
    for name in ("capacity", "minimum"):
        if line[name] is not None:
            setattr(session, name, line[name])
    db.session.flush()
    room = known.rooms.get(fold(line["room"])) if line["room"] else None
    round_id = _round(programme, line["round"], known) if line["round"] else None
    put(session, round_id, room.id if room else session.room_id)
    if line["hosts"]:
        hosts = [
            {"name": h["name"], "affiliation": h["affiliation"], "role": "session_host"}
            for h in line["hosts"]
        ]
        set_parts(session, hosts, programme.organiser_id)
    return int(new)


def _round(programme: Programme, number: int, known: _Known) -> int:
    """The round with this number, made in the first meeting when the programme has none."""
    if number not in known.rounds:
        meeting = db.session.scalar(
            select(Meeting).where(Meeting.programme_id == programme.id).order_by(Meeting.position).limit(1)
        )
        if meeting is None:
            meeting = Meeting(
                organiser_id=programme.organiser_id, programme_id=programme.id, uid=str(uuid4()), position=1
            )
            meeting.title, meeting.zone = programme.title, "Europe/Amsterdam"
            db.session.add(meeting)
            db.session.flush()
        title = Wording(f"Ronde {number}", f"Round {number}")
        round = Round(programme_id=programme.id, meeting_id=meeting.id, number=number, title=title)
        db.session.add(round)
        db.session.flush()
        last = (
            db.session.scalar(
                select(func.max(AgendaItem.position)).where(AgendaItem.meeting_id == meeting.id)
            )
            or 0
        )
        item = AgendaItem(
            meeting_id=meeting.id, position=last + 1, uid=str(uuid4()), kind="round", title=title
        )
        item.round_id = round.id
        db.session.add(item)
        db.session.flush()
        known.rounds[number] = round.id
    return known.rounds[number]
