"""Releasing a programme: the frozen picture, and the offered rows on which people act."""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import func, select, update

from learning.kit.db import db, lock, transaction
from learning.kit.errors import Refusal
from learning.kit.happenings import announce
from learning.kit.trail import record
from learning.kit.wording import N_
from learning.programmes.models import Meeting, Photo, Programme, Round, Session, Speaker
from learning.releases.difference import Difference, difference
from learning.releases.happenings import Released, SessionsMoving
from learning.releases.models import (
    OfferedHost,
    OfferedMeeting,
    OfferedProgramme,
    OfferedRound,
    OfferedSession,
    Release,
)
from learning.releases.picture import (
    FORMAT,
    PlacedPicture,
    ProgrammePicture,
    picture_from,
    placed_from,
    to_plain,
)
from learning.releases.snapshot import desk_programme, draw, mark_of, placed_of_desk


@transaction()
def release_programme(
    programme: Programme,
    *,
    name: str,
    now: datetime,
    note: str = "",
    by: int | None = None,
    again_until: datetime | None = None,
    leave_placed: bool = False,
    seen: str | None = None,
) -> Release:
    """Show the programme as it stands now to everybody. `by` is an account's id.

    `seen` is the mark of what was shown to who releases (`News.mark`); refuses with
    `changed_meanwhile` when the desk or the last release says something else by now.

    Places that are taken stay; a capacity below them is refused, unless `leave_placed`: then
    who is placed stays and nobody is added until there are fewer people than places. Who loses
    a seat because a session moved or was cancelled may choose again until `again_until`.
    """
    db.session.flush()
    offered = _locked(programme.id)
    desk = desk_programme(programme.id)
    shown = _Shown(draw(desk), placed_of_desk(desk))
    number = offered.release_number if offered is not None else None
    if seen is not None and seen != mark_of(shown.picture, shown.placed, number):
        words = N_(
            "Somebody changed this while you were busy. Look at what it changes now, and release again."
        )
        raise Refusal("changed_meanwhile", words)
    return _show(desk, shown, offered, _Words(name, note, by, again_until, leave_placed), now)


@transaction()
def take_back(
    programme: Programme, number: int, *, name: str, now: datetime, by: int | None = None
) -> Release:
    """Show an earlier release again, as a new one; the desk's own work stays as it is."""
    offered = _locked(programme.id)
    old = db.session.scalar(
        select(Release).where(Release.programme_id == programme.id, Release.number == number)
    )
    if offered is None or old is None:
        raise Refusal("no_such_release", N_("There is no such release."))
    shown = _Shown(picture_from(old.public), placed_from(old.placed))
    return _show(programme, shown, offered, _Words(name, "", by, None), now)


@transaction()
def cancel_session(
    session: Session,
    *,
    name: str,
    now: datetime,
    by: int | None = None,
    note: str = "",
    again_until: datetime | None = None,
) -> Release | None:
    """A session does not go on, at once; `note` is for everybody who is touched.

    What else was changed at the desk waits for its own release.
    """
    programme = db.session.get_one(Programme, session.programme_id)
    offered = _locked(programme.id)
    session.cancelled_at = session.cancelled_at or now
    db.session.flush()
    record("cancelled", session, organiser_id=programme.organiser_id, by=by, at=now, words=name)
    picture = picture_from(offered.release.public) if offered else None
    if offered is None or picture is None or session.id not in picture.sessions:
        return None
    rounds = tuple(
        replace(
            round,
            sessions=tuple(replace(s, cancelled=s.cancelled or s.id == session.id) for s in round.sessions),
        )
        for round in picture.rounds
    )
    shown = _Shown(replace(picture, rounds=rounds), placed_from(offered.release.placed))
    return _show(programme, shown, offered, _Words(name, note, by, again_until), now)


@transaction()
def cancel_meeting(
    meeting: Meeting, *, name: str, now: datetime, by: int | None = None, note: str = ""
) -> Release | None:
    """A meeting does not go on, at once, nor do its sessions."""
    programme = db.session.get_one(Programme, meeting.programme_id)
    offered = _locked(programme.id)
    meeting.cancelled_at = meeting.cancelled_at or now
    db.session.flush()
    record("cancelled", meeting, organiser_id=programme.organiser_id, by=by, at=now, words=name)
    picture = picture_from(offered.release.public) if offered else None
    if offered is None or picture is None or meeting.id not in picture.meeting:
        return None
    shown = _Shown(_without(picture, {meeting.id}), placed_from(offered.release.placed))
    return _show(programme, shown, offered, _Words(name, note, by, None), now)


@transaction()
def cancel_programme(
    programme: Programme, *, name: str, now: datetime, by: int | None = None, note: str = ""
) -> Release | None:
    """The whole programme does not go on, at once; everybody who takes part is told."""
    offered = _locked(programme.id)
    programme.cancelled_at = programme.cancelled_at or now
    db.session.flush()
    record("cancelled", programme, organiser_id=programme.organiser_id, by=by, at=now, words=name)
    if offered is None:
        return None
    picture = picture_from(offered.release.public)
    ended = replace(_without(picture, set(picture.meeting)), cancelled=True)
    shown = _Shown(ended, placed_from(offered.release.placed))
    return _show(programme, shown, offered, _Words(name, note, by, None), now)


def _without(picture: ProgrammePicture, meeting_ids: set[int]) -> ProgrammePicture:
    """The same with these meetings cancelled, and what is given at them."""
    meetings = tuple(replace(m, cancelled=m.cancelled or m.id in meeting_ids) for m in picture.meetings)
    rounds = tuple(
        replace(round, sessions=tuple(replace(session, cancelled=True) for session in round.sessions))
        if round.meeting_id in meeting_ids
        else round
        for round in picture.rounds
    )
    return replace(picture, meetings=meetings, rounds=rounds)


@transaction()
def archive(programme: Programme, *, on: bool, now: datetime, by: int | None = None) -> None:
    """Put a programme away, out of the catalogue, or bring it back."""
    programme.archived_at = now if on else None
    db.session.flush()
    verb = "archived" if on else "brought back"
    record(verb, programme, organiser_id=programme.organiser_id, by=by, at=now)


@dataclass(frozen=True)
class _Shown:
    """What a release is going to hold."""

    picture: ProgrammePicture
    placed: PlacedPicture


@dataclass(frozen=True)
class _Words:
    """What is said of a release, and by whom."""

    name: str
    note: str
    by: int | None
    again_until: datetime | None
    leave_placed: bool = False


def _show(
    desk: Programme, shown: _Shown, offered: OfferedProgramme | None, words: _Words, now: datetime
) -> Release:
    """Store a release, bring the offered rows to it, and tell who follows."""
    picture = shown.picture
    before = picture_from(offered.release.public) if offered else None
    changes = difference(before, picture)
    number = db.session.scalar(select(func.max(Release.number)).where(Release.programme_id == desk.id)) or 0
    release = Release(
        programme_id=desk.id,
        number=number + 1,
        name=words.name,
        note=words.note,
        made_at=now,
        made_by=words.by,
        format=FORMAT,
        public=to_plain(picture),
        placed=to_plain(shown.placed),
    )
    db.session.add(release)
    db.session.flush()
    _offer(desk, picture, release, changes, offered, now, leave_placed=words.leave_placed)
    keys = [speaker.photo for speaker in picture.speakers if speaker.photo]
    db.session.execute(update(Photo).where(Photo.key.in_(keys)).values(released=True))
    record("released", desk, organiser_id=desk.organiser_id, by=words.by, at=now, words=words.name)
    db.session.flush()
    announce(Released(desk.id, changes, now, before, picture, release.id, words.note, words.again_until))
    return release


def _locked(programme_id: int) -> OfferedProgramme | None:
    """What is offered of the programme, held with the programme
    itself: a first release has no row of its own to hold.
    """
    lock(Programme, [programme_id])
    return next(iter(lock(OfferedProgramme, [programme_id])), None)


def _offer(
    desk: Programme,
    picture: ProgrammePicture,
    release: Release,
    changes: Difference,
    offered: OfferedProgramme | None,
    now: datetime,
    *,
    leave_placed: bool,
) -> None:
    """Bring the offered rows to what the picture says."""
    if offered is None:
        offered = OfferedProgramme(id=desk.id, organiser_id=desk.organiser_id)
        db.session.add(offered)
    for name in ("slug", "repeats_allowed", "moving_up_stops", "moving_up", "offer_hours", "offer_lapsed"):
        if getattr(picture, name) is not None:
            setattr(offered, name, getattr(picture, name))
    offered.release, offered.release_number, offered.cleaned = release, release.number, release.cleaned
    db.session.flush()
    _offer_meetings(picture, changes, now)
    _offer_rounds(picture)
    _check_capacities(picture, leave_placed)
    _make_way(picture, now)
    _offer_sessions(picture, changes, now)
    _offer_hosts(desk.organiser_id, picture)


def _offer_meetings(picture: ProgrammePicture, changes: Difference, now: datetime) -> None:
    rows = {row.id: row for row in db.session.scalars(_rows(OfferedMeeting, picture.id))}
    for meeting in picture.meetings:
        row = rows.get(meeting.id)
        if row is None:
            db.session.add(OfferedMeeting(id=meeting.id, programme_id=picture.id, changed_at=now))
        elif meeting.id in changes.changed_meetings:
            row.sequence += 1
            row.changed_at = now


def _offer_rounds(picture: ProgrammePicture) -> None:
    rows = {row.id: row for row in db.session.scalars(_rows(OfferedRound, picture.id))}
    numbers = {
        round.id: round for round in db.session.scalars(select(Round).where(Round.programme_id == picture.id))
    }
    for round in picture.rounds:
        row = rows.get(round.id)
        if row is None:
            row = OfferedRound(id=round.id, programme_id=picture.id)
            db.session.add(row)
        row.meeting_id, row.number = round.meeting_id, round.number
        numbers[round.id].last_number = max(
            [numbers[round.id].last_number, *(s.number for s in round.sessions)]
        )
        row.opens_at, row.closes_at = picture.choosing_opens_at, picture.choosing_closes_at
        row.starts_at, row.ends_at = round.starts_at, round.busy_until
    db.session.flush()


def _offer_sessions(picture: ProgrammePicture, changes: Difference, now: datetime) -> None:
    rows = {row.id: row for row in db.session.scalars(_rows(OfferedSession, picture.id))}
    for session in picture.sessions.values():
        row = rows.get(session.id)
        if row is None:
            row = OfferedSession(
                id=session.id, programme_id=picture.id, taken=0, waiting=0, sequence=0, changed_at=now
            )
            db.session.add(row)
        elif session.id in changes.changed_sessions:
            row.sequence += 1
            row.changed_at = now
        row.round_id, row.number, row.workshop_id = (
            picture.round_of[session.id].id,
            session.number,
            session.workshop_id,
        )
        row.capacity, row.cancelled = session.capacity, session.cancelled
        row.overfull = session.capacity is not None and row.taken > session.capacity
    for id in changes.gone_sessions:
        row = rows[id]
        row.cancelled, row.changed_at = True, now
        row.sequence += 1
    db.session.flush()


def _check_capacities(picture: ProgrammePicture, leave_placed: bool) -> None:
    """Refuse a capacity below what is taken, unless who is
    placed may stay; what was allowed before stays allowed.
    """
    for row in db.session.scalars(_rows(OfferedSession, picture.id)):
        session = picture.sessions.get(row.id)
        if session is None or session.cancelled or session.capacity is None or session.capacity >= row.taken:
            continue
        before = row.overfull and row.capacity is not None and session.capacity >= row.capacity
        if not (leave_placed or before):
            raise Refusal(
                "capacity_below_taken",
                N_("Session %(session)s has %(taken)d people placed: its capacity cannot be %(capacity)d."),
                "leave_placed",
                session=session.code,
                taken=row.taken,
                capacity=session.capacity,
            )


def _make_way(picture: ProgrammePicture, now: datetime) -> None:
    """Lift who sits in sessions that go to another round,
    before the rows change: seats are tied to the round.
    """
    rows = db.session.execute(
        select(OfferedSession.id, OfferedSession.round_id).where(OfferedSession.programme_id == picture.id)
    )
    moving = tuple(
        id for id, round_id in rows if id in picture.round_of and picture.round_of[id].id != round_id
    )
    if moving:
        announce(SessionsMoving(picture.id, moving, now))


def _offer_hosts(organiser_id: int, picture: ProgrammePicture) -> None:
    """Who hosts which session, of those speakers who are known as persons."""
    known = select(Speaker.slug, Speaker.person_id).where(
        Speaker.organiser_id == organiser_id, Speaker.person_id.is_not(None)
    )
    persons = dict(db.session.execute(known).all())  # type: ignore[arg-type]
    are = {
        (session.id, person_id)
        for session in picture.sessions.values()
        for part in session.parts
        if (person_id := persons.get(part.slug))
    }
    sessions = select(OfferedSession.id).where(OfferedSession.programme_id == picture.id)
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
