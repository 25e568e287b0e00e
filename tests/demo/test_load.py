"""The demo holds every fact of its documents, and nobody real can sign in."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from stdnum import iban
from stdnum.nl import bsn, btw

from learning.attendance.models import Participation, Registration
from learning.choices.draw.models import Wish
from learning.choices.models import Seat, WaitlistEntry
from learning.delegations.models import Delegation, Nomination
from learning.demo.load import load, programmes
from learning.demo.people import people
from learning.demo.places import numbers
from learning.demo.programmes import community_days, event_day
from learning.factory import create_app
from learning.kit.db import Model, db
from learning.kit.errors import Refusal
from learning.mail.models import Message
from learning.organisations.models import Organisation
from learning.people.models import Account, Person
from learning.programmes.models import AgendaItem, Meeting, Programme, Session, Speaker, Workshop
from learning.releases.models import OfferedHost, OfferedSession
from learning.releases.queries import picture_by_slug
from tests.conftest import settings

TODAY = date(2026, 11, 24)


def count(model: type[Model]) -> int:
    return db.session.query(model).count()


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 11, 24), date(2027, 1, 28)),
        (date(2027, 1, 7), date(2027, 1, 28)),
        (date(2027, 1, 8), date(2028, 1, 27)),
        (date(2021, 1, 1), date(2021, 1, 28)),
        (date(2024, 6, 1), date(2025, 1, 30)),
    ],
)
def test_the_event_is_on_the_thursday_nearest_28_january_three_weeks_ahead(today: date, day: date) -> None:
    assert event_day(today) == day


@pytest.mark.parametrize("n", range(1, 130))
def test_made_up_numbers_pass_their_checks(n: int) -> None:
    known = numbers(n)
    assert iban.is_valid(known.iban)
    assert bsn.is_valid(known.rsin)
    assert btw.is_valid(known.vat_id)
    assert [len(known.kvk), len(known.oin)] == [8, 20]


def test_the_demo_is_whole(app: Flask) -> None:
    said: list[str] = []
    cast = load(TODAY, out=said.append)
    assert said == [
        "Organisers, cities and programmes",
        "300 attendees with their choices",
        "Delegations with their nominations",
    ]
    assert programmes() == [
        ("event", "Dag van de Buurt", "Platform31 (demo)", "dag-van-de-buurt"),
        (
            "learning_community",
            "Gebiedsgericht werken aan vitale wijken",
            "Platform31 (demo)",
            "vitale-wijken",
        ),
        (
            "network_meeting",
            "Digitaal samenwerken aan de wijk",
            "CROW Levende Stad (demo)",
            "digitaal-samenwerken-aan-de-wijk",
        ),
        (
            "training",
            "Smart Cities, Smart Citizens",
            "Opleiding Smart Cities (demo)",
            "smart-cities-smart-citizens",
        ),
        ("event", "Proefmiddag met loting", "Platform31 (demo)", "proefmiddag-loting"),
    ]
    assert [count(Session), count(Workshop)] == [26 + 12, 23 + 10]
    assert [(p.role, p.name, p.organisation) for p in cast] == [
        ("owner", "Saar Sleuteldrager", None),
        ("staff", "Mila Achterhoek", None),
        ("staff", "Bram Oeverland", None),
        ("finance", "Ineke Boekweit", None),
        ("editor", "Fenna Moerbeek", None),
        ("reader", "Otto Hazelaar", None),
        ("contact", "Wietske Noorderlicht", "Groningen"),
        ("contact", "Gijs Hanzeland", "Zutphen"),
        ("attendee", "Yara Zonneveer", None),
        ("attendee", "Joost van der Klinker", None),
        ("speaker", "Sanne Grachtenhuis", None),
    ]
    assert [p.registration_id is not None for p in cast] == [False] * 8 + [True] * 3
    assert people() == cast
    _check_pictures()
    _check_speakers()
    _check_choices()
    _check_delegations()
    _check_wishes()
    _check_nobody_real()
    with pytest.raises(Refusal) as refused:
        load(TODAY, out=said.append)
    assert refused.value.code == "demo_loaded"
    assert count(Session) == 38


def _check_wishes() -> None:
    picture = picture_by_slug("proefmiddag-loting")
    assert [(round.filling, len(round.sessions)) for round in picture.rounds] == [("draw", 6), ("draw", 6)]
    coming = db.session.query(Registration).filter_by(programme_id=picture.id).count()
    wishing = db.session.query(Wish.registration_id).filter_by(programme_id=picture.id).distinct().count()
    assert coming == 48
    assert 38 <= wishing < 47
    for round in picture.rounds:  # more people than seats in none, but the first sessions are wanted too much
        assert sum(session.capacity or 0 for session in round.sessions) >= coming
        first = db.session.query(Wish).filter_by(session_id=round.sessions[0].id, rank=1).count()
        assert first > (round.sessions[0].capacity or 0)


def _check_pictures() -> None:
    event = picture_by_slug("dag-van-de-buurt")
    assert [len(round.sessions) for round in event.rounds] == [13, 13]
    assert [theme.key for theme in event.themes] == ["zeg", "vei", "ene", "soc", "won", "eco", "org", "ler"]
    assert [item.start for item in event.meetings[0].agenda] == ["13:00", "14:00", "15:00", "16:00"]
    assert event.meetings[0].on == date(2027, 1, 28)
    assert {code: event.by_code[code].also for code in ("1.01", "1.02", "1.09")} == {
        "1.01": ("2.09",),
        "1.02": ("2.10",),
        "1.09": ("2.04",),
    }
    community = picture_by_slug("vitale-wijken")
    assert [meeting.on for meeting in community.meetings] == community_days(TODAY)
    assert [meeting.venue.city for meeting in community.meetings if meeting.venue] == [
        "Groningen",
        "Rotterdam",
        "Zaanstad",
        "Arnhem",
        "'s-Gravenhage",
    ]
    assert [(t.audience, t.amount, t.vat_category, t.vat_rate) for t in community.tariffs] == [
        ("partner", 2500, "S", 21),
        ("other", 3000, "S", 21),
    ]
    network = picture_by_slug("digitaal-samenwerken-aan-de-wijk")
    assert [(item.start, item.end) for item in network.meetings[0].agenda] == [
        ("13:00", "13:10"),
        ("13:10", "13:30"),
        ("13:30", "14:15"),
        ("14:15", "14:30"),
        ("14:30", "14:45"),
        ("14:45", "15:15"),
        ("15:15", "15:45"),
        ("15:45", "16:15"),
        ("16:15", ""),
    ]
    assert [(t.audience, t.amount, t.vat_category) for t in network.tariffs] == [
        ("partner", 0, None),
        ("other", 395, None),
    ]
    training = picture_by_slug("smart-cities-smart-citizens")
    assert [training.meetings, training.tariffs, [len(m.goals) for m in training.modules]] == [(), (), [7]]


def _check_speakers() -> None:
    assert db.session.query(Speaker.name).filter(Speaker.name.ilike("%ensberg%")).all() == [
        ("Dave Ensberg-Kleijkers",)
    ]
    assert db.session.query(Speaker.name).filter(Speaker.name.ilike("lucas%")).all() == [("Lucas de Man",)]
    event = picture_by_slug("dag-van-de-buurt")
    told = [speaker.name for speaker in event.speakers if speaker.biography_html]
    assert sorted(told) == [
        "Ahmed Marcouch",
        "Dave Ensberg-Kleijkers",
        "Harry van der Molen",
        "Jos van der Lans",
        "Lucas de Man",
        "Marco Pastors",
        "Petra van Duijnhoven",
        "Tanja Jadnanansing",
    ]
    codes = {speaker.name: speaker.codes for speaker in event.speakers}
    assert codes["Matthijs Uyterlinde"] == ("1.07", "2.12")
    assert codes["Han van Geel"] == ("1.02", "2.07")
    assert event.by_code["2.10"].parts == ()
    assert [part.role for part in event.by_code["2.03"].parts] == ["interviewer", "guest"]


def _check_choices() -> None:
    event = db.session.scalars(select(Programme).where(Programme.slug == "dag-van-de-buurt")).one()
    registered = db.session.query(Registration).filter_by(programme_id=event.id).count()
    assert registered == 303
    sessions = db.session.scalars(select(OfferedSession)).all()
    full = [session for session in sessions if session.taken == session.capacity]
    assert 3 <= len(full) <= 13
    assert sum(session.waiting for session in sessions) == count(WaitlistEntry) > 10
    taken = {session.id: session.taken for session in sessions}
    seats = db.session.execute(
        select(Seat.session_id, func.count()).where(Seat.host.is_(False)).group_by(Seat.session_id)
    ).all()
    assert {id: n for id, n in taken.items() if n} == {row[0]: row[1] for row in seats}
    host = db.session.execute(
        select(Person.name, Session.number)
        .join(OfferedHost, OfferedHost.person_id == Person.id)
        .join(Session, Session.id == OfferedHost.session_id)
    ).all()
    assert [tuple(row) for row in host] == [("Sanne Grachtenhuis", 13)]
    placed = db.session.execute(select(Seat.session_id).where(Seat.host.is_(True))).scalars().all()
    assert placed == list(db.session.scalars(select(OfferedHost.session_id)))
    last = next(person.registration_id for person in people() if person.name == "Joost van der Klinker")
    waits = db.session.query(WaitlistEntry).filter_by(registration_id=last).count()
    assert waits == 2


def _check_delegations() -> None:
    query = (
        select(Organisation.name, Delegation.price_amount, Delegation.price_vat_rate)
        .join(Delegation, Delegation.organisation_id == Organisation.id)
        .order_by(Delegation.id)
    )
    assert [tuple(row) for row in db.session.execute(query)][:2] == [
        ("Groningen", 2500, 21),
        ("Zutphen", 3000, 21),
    ]
    assert count(Delegation) == 8
    sent = (
        select(Meeting.position, Person.name, Nomination.end_reason)
        .join(Nomination, Nomination.meeting_id == Meeting.id)
        .join(Person, Person.id == Nomination.person_id)
        .join(Delegation, Delegation.id == Nomination.delegation_id)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(Organisation.name == "Groningen")
        .order_by(Meeting.position, Nomination.chair, Nomination.id)
    )
    assert [tuple(row) for row in db.session.execute(sent)] == [
        (1, "Anneke Boogpad", ""),
        (1, "Rinus Stadswal", ""),
        (1, "Semra Kadeland", ""),
        (2, "Anneke Boogpad", ""),
        (2, "Tjeerd Molenwiek", ""),
        (2, "Semra Kadeland", "substituted"),
        (2, "Jikke Brugveld", ""),
        (3, "Rinus Stadswal", ""),
        (3, "Anneke Boogpad", ""),
    ]
    running = db.session.query(Nomination).filter(Nomination.ended_at.is_(None)).count()
    community = picture_by_slug("vitale-wijken")
    expected = (Participation.programme_id == community.id, Participation.ended_at.is_(None))
    assert db.session.query(Participation).filter(*expected).count() == running
    taken = db.session.scalar(select(func.sum(Meeting.taken)).where(Meeting.programme_id == community.id))
    assert taken == running


def _check_nobody_real() -> None:
    for column in (Account.mail, Person.mail, Message.address):
        assert [mail for mail in db.session.scalars(select(column)) if not mail.endswith(".example")] == []
    linked = set(db.session.scalars(select(Speaker.name).where(Speaker.person_id.is_not(None))))
    assert linked == {"Sanne Grachtenhuis"}
    names = set(db.session.scalars(select(Speaker.name))) - linked
    assert names & set(db.session.scalars(select(Account.name))) == set()
    assert names & set(db.session.scalars(select(Person.name))) == set()
    sent = db.session.scalars(select(Message).where(Message.sent_at.is_not(None))).all()
    assert len(sent) > 200
    assert [key for message in sent for key in message.values if key.endswith("_url")] == []
    unsent = set(db.session.scalars(select(Message.address).where(Message.sent_at.is_(None))))
    assert unsent <= {
        "yara@deelnemers.example",
        "joost@deelnemers.example",
        "spreker@wijken.example",
        "contact@groningen.example",
        "contact@zutphen.example",
    }


def _what_is_shown() -> list[object]:
    """Who sits where and who waits, and every address in a calendar."""
    places = []
    for model in (Seat, WaitlistEntry):
        query = (
            select(Person.name, Person.mail, OfferedSession.round_id, OfferedSession.number)
            .join(Registration, Registration.person_id == Person.id)
            .join(model, model.registration_id == Registration.id)
            .join(OfferedSession, OfferedSession.id == model.session_id)
            .order_by(Person.name, Person.mail, OfferedSession.round_id)
        )
        places += [tuple(row) for row in db.session.execute(query)]
    uids = [
        uid
        for column in (Meeting.uid, AgendaItem.uid, Session.uid)
        for uid in db.session.scalars(select(column))
    ]
    return [places, uids, [(p.role, p.name, p.registration_id) for p in people()]]


def test_the_same_day_gives_the_same_demo(sqlite_template: Path, tmp_path: Path) -> None:
    shown = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "leerkring.db")
        app = create_app(settings(folder, f"sqlite:///{folder / 'leerkring.db'}"))
        with app.app_context():
            load(TODAY, out=lambda _line: None)
            shown.append(_what_is_shown())
            db.session.remove()
            db.engine.dispose()
    assert len(shown[0][0]) > 400
    assert shown[0] == shown[1]
