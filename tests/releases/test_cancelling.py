"""Cancelling ends what was public, and makes nothing else so."""

import threading

from flask import Flask
from sqlalchemy import func, select

from learning.attendance.actions import withdraw
from learning.choices.actions import choose_sessions
from learning.choices.models import Seat
from learning.kit.db import db, transaction
from learning.mail.models import Message
from learning.programmes.models import Meeting, Programme, Session
from learning.releases.actions import (
    cancel_meeting,
    cancel_programme,
    cancel_session,
    release_programme,
    take_back,
)
from learning.releases.models import OfferedMeeting, OfferedProgramme, OfferedSession, Release
from learning.releases.queries import current_picture
from tests.make import (
    NOON,
    make_event,
    make_meeting,
    make_programme,
    make_registration,
    make_round,
    make_session,
)

SETTINGS = ("slug", "moving_up", "moving_up_stops", "repeats_allowed", "offer_hours", "offer_lapsed")


@transaction()
def at_the_desk(programme: Programme) -> None:
    """Settings are changed and not released."""
    programme.slug, programme.moving_up, programme.moving_up_stops = "another-address", "offer", 9
    programme.repeats_allowed, programme.offer_hours, programme.offer_lapsed = True, 99, "off"
    db.session.flush()


def offered(programme_id: int) -> list[object]:
    row = db.session.get_one(OfferedProgramme, programme_id, populate_existing=True)
    return [getattr(row, name) for name in SETTINGS]


def first(model: type[Session] | type[Meeting], programme: Programme) -> Session | Meeting:
    query = select(model).where(model.programme_id == programme.id).order_by(model.id)
    return db.session.scalars(query).first()  # type: ignore[return-value]


def test_cancelling_publishes_no_setting_of_the_desk(app: Flask):
    programme = make_event(capacities=((2, 2),))
    before = offered(programme.id)
    at_the_desk(programme)

    cancel_session(first(Session, programme), name="x", now=NOON)  # type: ignore[arg-type]
    assert offered(programme.id) == before
    cancel_meeting(first(Meeting, programme), name="x", now=NOON)  # type: ignore[arg-type]
    assert offered(programme.id) == before
    cancel_programme(programme, name="x", now=NOON)
    assert offered(programme.id) == before


def test_going_back_takes_the_settings_of_that_release(app: Flask):
    programme = make_event(capacities=((2, 2),))
    before = offered(programme.id)
    at_the_desk(programme)
    release_programme(programme, name="two", now=NOON)
    assert offered(programme.id) == ["another-address", "offer", 9, True, 99, "off"]

    take_back(programme, 1, name="one again", now=NOON)

    assert offered(programme.id) == before


def test_nothing_moves_in_what_is_cancelled(app: Flask):
    for how in ("meeting", "programme"):
        programme = make_event(slug=f"dag-{how}", capacities=((1, 2),))
        session = first(Session, programme)
        ann, bob = make_registration(programme, "Ann"), make_registration(programme, "Bob")
        choose_sessions(ann, {session.round_id: session.id}, now=NOON)  # type: ignore[union-attr]
        choose_sessions(bob, {session.round_id: session.id}, wait=(session.round_id,), now=NOON)  # type: ignore[union-attr]
        rises = (
            select(OfferedSession.sequence)
            .where(OfferedSession.programme_id == programme.id)
            .order_by(OfferedSession.id)
        )
        meetings = select(OfferedMeeting.sequence).where(OfferedMeeting.programme_id == programme.id)
        before = [*db.session.scalars(rises), *db.session.scalars(meetings)]

        if how == "meeting":
            cancel_meeting(first(Meeting, programme), name="off", now=NOON)  # type: ignore[arg-type]
        else:
            cancel_programme(programme, name="off", now=NOON)
        mails = db.session.scalar(select(func.max(Message.id)))
        withdraw(ann, now=NOON)

        after = [*db.session.scalars(rises), *db.session.scalars(meetings)]
        assert after == [number + 1 for number in before]
        given = select(Message.template).where(Message.id > mails, Message.template == "choices/seat_given")
        assert list(db.session.scalars(given)) == []
        assert (
            list(db.session.scalars(select(Seat.id).where(Seat.registration_id.in_([ann.id, bob.id])))) == []
        )
        picture = current_picture(programme.id)
        assert picture is not None
        assert all(one.cancelled for one in picture.sessions.values())


def test_the_next_release_keeps_them_cancelled(app: Flask):
    programme = make_event(capacities=((2, 2),))
    cancel_meeting(first(Meeting, programme), name="off", now=NOON)  # type: ignore[arg-type]

    release_programme(programme, name="two", now=NOON)

    rows = select(OfferedSession.cancelled).where(OfferedSession.programme_id == programme.id)
    assert set(db.session.scalars(rows)) == {True}


def test_two_first_releases_at_once_are_two_releases(app: Flask):
    programme = make_programme()
    make_session(make_round(make_meeting(programme)), capacity=2)
    id, barrier, errors = programme.id, threading.Barrier(2), []
    db.session.rollback()

    def release(name: str) -> None:
        with app.app_context():
            row = db.session.get_one(Programme, id)
            barrier.wait()
            try:
                release_programme(row, name=name, now=NOON)
            except Exception as error:
                errors.append(repr(error))

    threads = [threading.Thread(target=release, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert sorted(db.session.scalars(select(Release.number).where(Release.programme_id == id))) == [1, 2]
