"""What staff, speakers, participants and account holders do by hand stands in the log, and who it was."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from learning.attendance.feeds import renew_feed
from learning.choices.draw import actions
from learning.delegations import actions as delegations
from learning.delegations import passing_on
from learning.kit.db import db
from learning.kit.trail import AuditEvent
from learning.organisations.models import Organiser
from learning.people import actions as people
from learning.planning import suggestions
from learning.speakers import actions as speakers_actions
from learning.speakers.models import Slides
from tests.browse import words_of
from tests.choices.draw.test_draws import AFTER, drawn, publish
from tests.choices.event import change, come, make_event
from tests.delegations.community import NOON, make_community, nominate, register, substitute
from tests.make import make_account, make_owner, make_round, make_speaker, make_staff, make_unplaced, release


def lines(organiser: Organiser | None, *verbs: str) -> list[tuple[str, str, str, int | None]]:
    """Verb, thing, words and account of the lines with these verbs, or of all, the oldest first."""
    db.session.rollback()
    query = select(AuditEvent).where(AuditEvent.organiser_id == (organiser.id if organiser else None))
    rows = db.session.scalars(query.order_by(AuditEvent.id))
    return [
        (row.verb, row.thing, row.words, row.account_id) for row in rows if not verbs or row.verb in verbs
    ]


def test_a_draw_that_is_stopped_or_published(app: Flask):
    event = make_event((2, 2), choosing_closes_at=AFTER)
    change(event.rounds[0], filling="draw")
    release(event.programme)
    come(event, "Ann")
    staff = make_account("staf@x.example").id
    run = actions.ask(event.programme.id, event.meeting.id, "balanced", spread=False, by=staff, now=AFTER)
    actions.stop(run, by=staff, now=AFTER)
    actions.stop(run, by=staff, now=AFTER)
    publish(drawn(event, staff), staff)

    assert lines(event.organiser, "stopped a draw", "asked to publish a draw", "published a draw") == [
        ("stopped a draw", "programme", "balanced", staff),
        ("asked to publish a draw", "programme", "balanced", staff),
        ("published a draw", "programme", "balanced", None),  # by the worker
    ]


def test_a_proposed_schedule_that_is_asked_for_and_stopped(app: Flask):
    event = make_event((2,))
    make_round(event.meeting)
    make_unplaced(event.programme)
    staff = make_account("staf@x.example").id
    asked = suggestions.ask(event.programme, "rest", by=staff, now=NOON)
    suggestions.stop(asked, event.programme, by=staff, now=NOON)

    assert [line[0] for line in lines(event.organiser)][-2:] == [
        "asked for a proposed grid",
        "stopped a proposed grid",
    ]
    assert lines(event.organiser)[-1][3] == staff


def test_a_calendar_with_a_new_address(app: Flask):
    event = make_event((2,))
    ann = come(event, "Ann")
    renew_feed(ann, now=NOON)

    assert lines(event.organiser, "renewed the calendar of") == [
        ("renewed the calendar of", "registration", "Ann", None)
    ]


def test_a_photo_and_slides_by_the_link_of_a_speaker(app: Flask):
    event = make_event((2,))
    staff = make_account("staf@x.example").id
    speaker = make_speaker(event.organiser, "Ada Een")
    row = speakers_actions.ask(event.programme, speaker, "ada@x.example", "nl", by=staff, now=NOON)
    speakers_actions.put_photo(row, {size: size.encode() for size in "sml"}, now=NOON)
    speakers_actions.drop_photo(row, now=NOON)
    speakers_actions.drop_photo(row, now=NOON)  # there is none
    speakers_actions.add_slides(row, b"%PDF-1.7", "verhaal.pdf", now=NOON)
    speakers_actions.remove_slides(row, db.session.query(Slides.id).scalar(), now=NOON)

    found = lines(event.organiser)[-4:]
    assert [line[0] for line in found] == [
        "handed in a photo",
        "took back a photo",
        "handed in a file",
        "took back a file",
    ]
    assert {line[1:] for line in found} == {("speaker", "Ada Een", None)}
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert last.after == {"file": "verhaal.pdf"}


def test_a_profile_and_a_password_at_each_organiser_where_one_works(app: Flask, sign_in: Any):
    event, account, owner = make_event((2,)), make_account("ann@x.example", name="Ann"), make_owner()
    make_staff(event.organiser, account)
    people.change_profile(account, name="Ann Bos", language="nl", now=NOON)
    people.change_profile(account, name="Ann Bos", language="nl", now=NOON)  # nothing changed
    people.set_password(account, password_hash="secret hash", now=NOON)
    people.set_password(owner.account, password_hash="secret hash", now=NOON)

    verbs = ("changed the profile of", "set the password of")
    assert lines(event.organiser, *verbs) == [(verb, "staff", "ann@x.example", account.id) for verb in verbs]
    assert lines(None, *verbs)[:2] == [(verb, "account", "ann@x.example", account.id) for verb in verbs]
    rows = db.session.scalars(select(AuditEvent).where(AuditEvent.verb.in_(verbs))).all()
    assert {str(row.before) for row in rows} == {"{'name': 'Ann'}", "None"}
    assert "secret" not in str([(row.before, row.after) for row in rows])
    page = words_of(sign_in(owner.account).get("/installation/").text)
    assert f"eigen wachtwoord ingesteld, {owner.account.mail}" in page
    assert "ann@x.example" not in page  # who is no owner has no line there


def test_the_history_of_a_delegation_has_its_nominations(app: Flask, sign_in: Any):
    community = make_community(seats_go_on=True, late_substitutes=False)
    admin = make_account("admin@x.example")
    make_staff(community.organiser, admin)
    zutphen = register(community, community.zutphen, community.carla)
    dirk = nominate(community, zutphen, "Dirk")
    delegations.answer(dirk, comes=True, now=NOON)
    delegations.answer(dirk, comes=True, now=NOON)
    substitute(community, dirk, "Eva")
    passing_on.stop_asking(zutphen, community.meetings[0].id, by=community.carla, now=NOON)  # asked for none
    other = register(community, community.ede, make_account("eef@ede.example"))
    make = {"confirmed_at": NOON, "held_at": NOON}
    change(other, **make)
    nominate(community, other, "Fred")
    client, log = sign_in(admin), f"/manage/{community.organiser.slug}/audit"

    page = words_of(client.get(f"{log}/delegation/{zutphen.id}").text)
    table = client.get(f"{log}/log.csv?thing=delegation&number={zutphen.id}").text

    assert "Geschiedenis Delegatie: Zutphen" in page
    for words in ("voorgedragen Dirk", "geaccepteerd Dirk", "vervangen Dirk → Eva"):
        assert words in page, page
    assert "Fred" not in page + table
    assert (page.count("geaccepteerd"), table.count("Dirk")) == (1, 3)
