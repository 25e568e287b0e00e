"""Releasing a programme: the frozen picture, and the offered rows on which people act."""

from datetime import datetime

from sqlalchemy import func, select

from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.happenings import announce
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.programmes.difference import Difference, difference
from learning.programmes.happenings import Released
from learning.programmes.models import (
    OfferedHost,
    OfferedMeeting,
    OfferedProgramme,
    OfferedRound,
    OfferedSession,
    Programme,
    Release,
)
from learning.programmes.picture import FORMAT, ProgrammePicture, picture_from, to_plain
from learning.programmes.release import desk_programme, draw, placed_of_desk


@transaction()
def release_programme(
    programme: Programme, *, name: str, now: datetime, note: str = "", by: int | None = None
) -> Release:
    """Show the programme as it stands now to everybody. `by` is an account's id.

    Places that are taken stay; a capacity below them is refused.
    """
    db.session.flush()
    offered = _locked(programme.id)
    before = picture_from(offered.release.public) if offered else None
    desk = desk_programme(programme.id)
    picture = draw(desk)
    changes = difference(before, picture)
    number = db.session.scalar(select(func.max(Release.number)).where(Release.programme_id == desk.id)) or 0
    release = Release(
        programme_id=desk.id,
        number=number + 1,
        name=name,
        note=note,
        made_at=now,
        made_by=by,
        format=FORMAT,
        public=to_plain(picture),
        placed=to_plain(placed_of_desk(desk)),
    )
    db.session.add(release)
    db.session.flush()
    _offer(desk, picture, release, changes, offered, now)
    record("released", desk, organiser_id=desk.organiser_id, by=by, at=now, words=name)
    db.session.flush()
    announce(Released(desk.id, changes, now))
    return release


def _locked(programme_id: int) -> OfferedProgramme | None:
    return next(iter(lock(OfferedProgramme, [programme_id])), None)


def _offer(
    desk: Programme,
    picture: ProgrammePicture,
    release: Release,
    changes: Difference,
    offered: OfferedProgramme | None,
    now: datetime,
) -> None:
    """Bring the offered rows to what the picture says."""
    if offered is None:
        offered = OfferedProgramme(id=desk.id, organiser_id=desk.organiser_id)
        db.session.add(offered)
    offered.slug, offered.repeats_allowed = desk.slug, desk.repeats_allowed
    offered.release, offered.release_number, offered.cleaned = release, release.number, release.cleaned
    db.session.flush()
    _offer_meetings(picture, changes, now)
    _offer_rounds(desk, picture)
    _offer_sessions(picture, changes, now)
    _offer_hosts(desk)


def _offer_meetings(picture: ProgrammePicture, changes: Difference, now: datetime) -> None:
    rows = {row.id: row for row in db.session.scalars(_rows(OfferedMeeting, picture.id))}
    for meeting in picture.meetings:
        row = rows.get(meeting.id)
        if row is None:
            db.session.add(OfferedMeeting(id=meeting.id, programme_id=picture.id, changed_at=now))
        elif meeting.id in changes.changed_meetings:
            row.sequence += 1
            row.changed_at = now


def _offer_rounds(desk: Programme, picture: ProgrammePicture) -> None:
    rows = {row.id: row for row in db.session.scalars(_rows(OfferedRound, picture.id))}
    for round in picture.rounds:
        row = rows.get(round.id)
        if row is None:
            row = OfferedRound(id=round.id, programme_id=picture.id)
            db.session.add(row)
        row.meeting_id, row.number = round.meeting_id, round.number
        row.opens_at, row.closes_at = desk.choosing_opens_at, desk.choosing_closes_at
        row.starts_at, row.ends_at = round.starts_at, round.busy_until
    db.session.flush()


def _offer_sessions(picture: ProgrammePicture, changes: Difference, now: datetime) -> None:
    rows = {row.id: row for row in db.session.scalars(_rows(OfferedSession, picture.id))}
    for session in picture.sessions.values():
        row = rows.get(session.id)
        if row is None:
            row = OfferedSession(id=session.id, programme_id=picture.id, taken=0, waiting=0, sequence=0, changed_at=now)
            row.round_id = picture.round_of[session.id].id
            db.session.add(row)
        elif session.id in changes.changed_sessions:
            row.sequence += 1
            row.changed_at = now
        if session.capacity is not None and session.capacity < row.taken and not row.overfull:
            raise Refusal(
                "capacity_below_taken",
                N_("Session %(session)s has %(taken)d people placed: its capacity cannot be %(capacity)d."),
                "capacity",
                session=session.code,
                taken=row.taken,
                capacity=session.capacity,
            )
        row.number, row.workshop_id = session.number, session.workshop_id
        row.capacity, row.cancelled = session.capacity, session.cancelled
    for id in changes.gone_sessions:
        row = rows[id]
        row.cancelled, row.changed_at = True, now
        row.sequence += 1
    db.session.flush()


def _offer_hosts(desk: Programme) -> None:
    """Who hosts which session, of those speakers who are known as persons."""
    are = {
        (session.id, part.speaker.person_id)
        for round in desk.rounds
        for session in round.sessions
        for part in session.parts
        if part.speaker and part.speaker.person_id
    }
    sessions = select(OfferedSession.id).where(OfferedSession.programme_id == desk.id)
    were = {(row.session_id, row.person_id): row for row in db.session.scalars(
        select(OfferedHost).where(OfferedHost.session_id.in_(sessions))
    )}  # fmt: skip
    for key, row in were.items():
        if key not in are:
            db.session.delete(row)
    for session_id, person_id in sorted(are - were.keys()):
        db.session.add(OfferedHost(session_id=session_id, person_id=person_id))
    db.session.flush()


def _rows(model: type[OfferedMeeting] | type[OfferedRound] | type[OfferedSession], programme_id: int):  # type: ignore[no-untyped-def]
    return select(model).where(model.programme_id == programme_id).order_by(model.id)
