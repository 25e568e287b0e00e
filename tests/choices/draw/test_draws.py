"""Rounds by draw: people wish, staff draw and publish, everybody gets a seat, a mail and the reason why."""

import json
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from learning import cli
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.draw import actions, publishing
from learning.choices.draw import wishes as draw_wishes
from learning.choices.draw.models import DrawRun, DrawSeed, SkippedRound, Wish
from learning.choices.models import Seat
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.lottery.exchange import outcome_of, problem_of
from learning.lottery.rules import check, commitment
from learning.people.models import Account
from learning.releases.models import OfferedSession
from tests.browse import form_of, one_line, send, words_of
from tests.choices.event import Event, change, check_counts, choose, come, mails, make_event, seats
from tests.counted import counted
from tests.make import NOON, make_account, make_part, make_person, make_speaker, make_staff, release

CLOSES = NOON + timedelta(days=10)
AFTER = CLOSES + timedelta(hours=1)
SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def event(app: Flask) -> Event:
    """Two rounds by draw with three sessions of two places each; wishes close in ten days."""
    event = make_event((2, 2, 2), (2, 2, 2), same=(("1.01", "2.01"),), slug="dag", choosing_closes_at=CLOSES)
    for round in event.rounds:
        change(round, filling="draw")
    release(event.programme)
    return event


@pytest.fixture
def staff(event: Event) -> int:
    """The account of an editor."""
    account = make_account("staf@x.example")
    make_staff(event.organiser, account, "editor")
    return account.id


def page(registration: Registration) -> str:
    """Where somebody chooses."""
    return f"/nl/registrations/{own_token(registration)}/choices"


def wish(
    event: Event, registration: Registration, *codes: str, now: object = NOON, skip: tuple[int, ...] = ()
) -> None:
    """Name these sessions, best first in each round."""
    wishes: dict[int, list[int]] = {round.id: [] for round in event.rounds}
    for code in codes:
        wishes[event.rounds[int(code[0]) - 1].id].append(event.sessions[code].id)
    skipped = {event.rounds[n - 1].id for n in skip}
    draw_wishes.save_wishes(registration, wishes, vetoes={}, skipped=skipped, now=now)  # type: ignore[arg-type]


def drawn(event: Event, staff: int, policy: str = "balanced", *, early: bool = False) -> DrawRun:
    """A draw that the worker worked out."""
    moment = NOON if early else AFTER
    run = actions.ask(
        event.programme.id, event.meeting.id, policy, spread=False, early=early, by=staff, now=moment
    )
    return worked_out(run.id)


def worked_out(id: int) -> DrawRun:
    """This draw once the worker is done with it."""
    until = time.monotonic() + 60
    while db.session.get_one(DrawRun, id, populate_existing=True).ended_at is None:
        actions.draw_due()
        assert time.monotonic() < until
        time.sleep(0.05)
        db.session.rollback()
    return db.session.get_one(DrawRun, id, populate_existing=True)


def publish(run: DrawRun, staff: int) -> None:
    """Publish, as the worker does."""
    publishing.ask_publish(run, by=staff, now=AFTER)
    publishing.publish(run.id, now=AFTER)


def test_wishes_are_filled_in_kept_and_changed(event: Event, client: FlaskClient):
    ann = come(event, "Ann")
    first, second = (round.id for round in event.rounds)
    ids = {code: str(session.id) for code, session in event.sessions.items()}
    text = client.get(page(ann)).text
    assert "In deze ronde beslist een loting" in words_of(text)
    assert "plekken" not in words_of(text[text.index("<ol class=") :])  # what others want is not shown

    send(
        client,
        page(ann),
        **{f"wish_{first}_1": ids["1.02"], f"wish_{first}_2": ids["1.01"], f"veto_{second}": ids["2.03"]},
    )
    answer = send(client, page(ann), **{f"skip_{second}": "1"})
    assert "Je voorkeuren zijn bewaard" in words_of(answer.text)

    ranked, vetoes, skipped = draws_of(ann)
    assert ranked == {first: [int(ids["1.02"]), int(ids["1.01"])]}
    assert (vetoes, skipped) == ({second: {int(ids["2.03"])}}, {second})
    values = form_of(client.get(page(ann)).text)["values"]
    assert [values[f"wish_{first}_{n}"] for n in (1, 2, 3)] == [ids["1.02"], ids["1.01"], ""]
    assert seats(event) == set()


def draws_of(registration: Registration) -> tuple[dict[int, list[int]], dict[int, set[int]], set[int]]:
    """What somebody wished."""
    from learning.choices.draw.queries import wishes_of

    db.session.rollback()
    return wishes_of(registration.id)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (("1.01", "1.01"), "Je noemde een sessie twee keer"),
        (("2.01",), "Die sessie is niet in deze ronde"),
        (("999999",), "Die sessie is niet in deze ronde"),
        (("x",), "Die sessie is niet in deze ronde"),
    ],
)
def test_wrong_wishes_are_refused_and_stay_on_the_page(
    event: Event, client: FlaskClient, sent: tuple[str, ...], words: str
):
    ann = come(event, "Ann")
    first = event.rounds[0].id
    values = {
        f"wish_{first}_{n}": str(event.sessions[c].id) if c in event.sessions else c
        for n, c in enumerate(sent, 1)
    }
    answer = send(client, page(ann), **values)
    assert answer.status_code == 409
    assert words in words_of(answer.text)
    assert db.session.query(Wish).count() == 0
    if sent[0] in event.sessions and sent[0][0] == "1":
        assert f'value="{event.sessions[sent[0]].id}" selected' in one_line(answer.text)


def test_nobody_picks_a_seat_in_a_round_by_draw_and_nobody_wishes_late(event: Event, client: FlaskClient):
    ann = come(event, "Ann")
    with pytest.raises(Refusal) as refused:
        choose(event, ann, "1.01")
    assert refused.value.code == "by_draw"
    with pytest.raises(Refusal) as late:
        wish(event, ann, "1.01", now=CLOSES)
    assert late.value.code == "choices_closed"
    with time_machine.travel(AFTER, tick=False):
        assert "Kiezen kon tot" in words_of(client.get(page(ann)).text)


def test_a_draw_gives_seats_mails_and_reasons_and_can_be_verified(
    event: Event, staff: int, client: FlaskClient, tmp_path
):  # type: ignore[no-untyped-def]
    people = {name: come(event, name) for name in ("Ann", "Bob", "Cor", "Dee")}
    for person in people.values():
        wish(event, person, "1.01", "1.02", "1.03", "2.01", "2.02", "2.03")
    seed = db.session.query(DrawSeed).filter_by(number=1).one()
    public = client.get("/nl/programmes/dag/draw").text
    assert commitment(seed.seed) in public
    assert seed.seed not in public
    assert client.get(f"/programmes/dag/draws/{event.meeting.id}/1.json").status_code == 404

    run = drawn(event, staff)
    assert (run.ending, seats(event), mails(event)) == ("found", set(), [])
    outcome = outcome_of(run.result)
    assert outcome.proven
    assert check(problem_of(run.instance), outcome.assignment) == []
    publish(run, staff)

    assert len(seats(event)) == 8
    check_counts()
    for name in people:
        mine = {code for who, code, _chair in seats(event) if who == name}
        assert len({event.sessions[code].workshop_id for code in mine}) == 2
    assert mails(event) == [("drawn", f"{name.lower()}@x.example") for name in sorted_by_name(run, people)]
    said = words_of(client.get(page(people["Ann"])).text)
    assert re.search(r"De loting gaf je 1\.0\d: je keus nummer [123]\.", said)
    assert "Je lot was nummer" in said
    assert seed.seed in client.get("/nl/programmes/dag/draw").text
    audit = client.get(f"/programmes/dag/draws/{event.meeting.id}/1.json")
    assert not any(name in audit.text for name in people)
    (tmp_path / "audit.json").write_text(audit.text)
    assert "Verified: 4 people" in CliRunner().invoke(cli.verify_draw, [str(tmp_path / "audit.json")]).output
    assert json.loads(audit.text)["commitment"] == commitment(seed.seed)


def sorted_by_name(run: DrawRun, people: dict[str, Registration]) -> list[str]:
    """The people in the order of their ids in the draw."""
    back = {registration.id: name for name, registration in people.items()}
    return [back[id] for _name, id in sorted(run.people.items())]


def test_publishing_asks_the_database_as_often_for_six_as_for_two(app: Flask):
    asked = []
    for people in (2, 6):
        event = make_event((6, 6), (6, 6), slug=f"dag-{people}", choosing_closes_at=CLOSES)
        for round in event.rounds:
            change(round, filling="draw")
        release(event.programme)
        for n in range(people):
            wish(event, come(event, f"P{people}{n}"), "1.01", "2.02")
        by = make_account(f"staf{people}@x.example").id
        run = drawn(event, by)
        publishing.ask_publish(run, by=by, now=AFTER)
        plan = publishing.plan_of(db.session.get_one(DrawRun, run.id))
        with counted() as found:
            publishing.publish_plan(run.id, plan, now=AFTER)
        asked.append(len(found.statements))
        assert len(seats(event)) == 2 * people

    assert asked[0] == asked[1]


def test_after_the_draw_what_is_free_goes_to_who_comes_first(event: Event, staff: int):
    ann = come(event, "Ann")
    wish(event, ann, "1.01", "2.02")
    publish(drawn(event, staff), staff)
    late = come(event, "Late")
    choose(event, late, "1.02", "2.03", now=AFTER)
    choose(event, ann, "1.03", now=AFTER)
    given = {(who, code) for who, code, _chair in seats(event)}
    assert given == {("Ann", "1.03"), ("Ann", "2.02"), ("Late", "1.02"), ("Late", "2.03")}
    check_counts()


def test_skipping_vetoes_hosts_and_fixed_seats_hold(event: Event, staff: int):
    host = make_person(event.organiser, "Hos")
    make_part(event.sessions["1.01"], make_speaker(event.organiser, "Hos", person=host))
    release(event.programme, now=NOON + timedelta(minutes=1))
    ann, hos = come(event, "Ann"), come(event, "Hos", person=host)
    wish(event, ann, "1.02", skip=(2,))
    wish(event, hos, "1.02", "2.01", "2.02")  # 2.01 is the workshop that Hos hosts in round 1
    publish(drawn(event, staff), staff)
    assert {(who, code) for who, code, _chair in seats(event)} == {
        ("Ann", "1.02"),
        ("Hos", "1.01"),
        ("Hos", "2.02"),
    }
    check_counts()


def test_a_try_before_the_deadline_is_not_published_and_one_after_a_change_neither(event: Event, staff: int):
    ann = come(event, "Ann")
    wish(event, ann, "1.01")
    with pytest.raises(Refusal) as open_still:
        actions.ask(event.programme.id, event.meeting.id, "balanced", spread=False, by=staff, now=NOON)
    assert open_still.value.code == "still_open"
    early = drawn(event, staff, early=True)
    with pytest.raises(Refusal) as a_try:
        publishing.ask_publish(early, by=staff, now=AFTER)
    assert a_try.value.code == "only_a_try"
    run = drawn(event, staff)
    come(event, "Bob")
    with pytest.raises(Refusal) as changed:
        publishing.ask_publish(run, by=staff, now=AFTER)
    assert changed.value.code == "changed_since"
    publish(drawn(event, staff), staff)
    with pytest.raises(Refusal) as twice:
        actions.ask(event.programme.id, event.meeting.id, "balanced", spread=False, by=staff, now=AFTER)
    assert twice.value.code == "drawn_before"
    assert len({who for who, _code, _chair in seats(event)}) == 2


def test_who_leaves_before_the_worker_publishes_gets_no_seat(event: Event, staff: int):
    from learning.attendance.actions import withdraw

    ann, bob = come(event, "Ann"), come(event, "Bob")
    run = drawn(event, staff)
    publishing.ask_publish(run, by=staff, now=AFTER)
    withdraw(bob, now=AFTER)
    publishing.publish(run.id, now=AFTER)
    publishing.publish(run.id, now=AFTER)  # a second worker does nothing
    assert {who for who, _code, _chair in seats(event)} == {"Ann"}
    assert ann.live
    check_counts()


def test_wishes_go_when_their_session_goes_to_another_round(event: Event, staff: int):
    from learning.desk import placing

    ann = come(event, "Ann")
    wish(event, ann, "1.01", "1.02", "1.03")
    placing.move(event.programme, event.sessions["1.02"].id, (event.rounds[1].id, None), by=staff, now=NOON)
    release(event.programme, now=NOON + timedelta(minutes=1))
    ranked, _vetoes, _skipped = draws_of(ann)
    assert ranked == {event.rounds[0].id: [event.sessions["1.01"].id, event.sessions["1.03"].id]}
    publish(drawn(event, staff), staff)
    assert len(seats(event)) == 2


def test_the_desk_draws_looks_and_publishes(event: Event, staff: int, sign_in: SignIn):
    for name in ("Ann", "Bob", "Cor"):
        wish(event, come(event, name), "1.01", "1.02", "2.02", "2.01")
    desk = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/dag/draws"
    with time_machine.travel(AFTER, tick=False):
        assert "3 van 3 mensen gaven voorkeuren op." in words_of(desk.get(at).text)
        asked = send(desk, at)
        assert "Het begint zo" in words_of(asked.text) or "Bezig met" in words_of(asked.text)
        until = time.monotonic() + 60
        while actions.draw_due():
            assert time.monotonic() < until
            time.sleep(0.05)
        run = db.session.query(DrawRun).populate_existing().one()
        shown = desk.get(f"{at}/{run.id}")
        words = words_of(shown.text)
        assert "Bewezen: geen andere uitkomst is beter" in words
        assert "Ronde 1" in words
        send(desk, f"{at}/{run.id}")
        actions.draw_due()
        assert "Gepubliceerd: iedereen heeft een e-mail" in words_of(desk.get(f"{at}/{run.id}").text)
    db.session.rollback()
    assert db.session.query(Seat).count() == 6
    assert db.session.query(SkippedRound).count() == 0
    assert {row.taken for row in db.session.query(OfferedSession)} <= {0, 1, 2}


def test_other_staff_and_other_programmes_find_nothing(event: Event, staff: int, sign_in: SignIn):
    run = drawn(event, staff)
    other = make_event((1,), slug="ander")
    account = make_account("ander@x.example")
    make_staff(other.organiser, account, "editor")
    desk = sign_in(account)
    assert desk.get(f"/manage/{event.organiser.slug}/programmes/dag/draws/{run.id}").status_code == 404
    assert desk.get(f"/manage/{other.organiser.slug}/programmes/ander/draws/{run.id}").status_code == 404
    assert "Er is geen ronde met loting" in words_of(
        desk.get(f"/manage/{other.organiser.slug}/programmes/ander/draws").text
    )


def test_a_seat_that_staff_give_is_fixed_in_the_draw_and_said_why(event: Event, staff: int, sign_in: SignIn):
    ann = come(event, "Ann")
    wish(event, ann, "1.01")
    desk = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/dag/registrations/{ann.id}/seats"
    first, second = (round.id for round in event.rounds)
    assert "de loting laat die staan" in words_of(desk.get(at).text)

    sent = {
        **form_of(desk.get(at).text)["values"],
        "round": str(first),
        "session": str(event.sessions["1.03"].id),
    }
    without = desk.post(at, data={**sent, "reason": ""})
    assert without.status_code == 422
    assert f'value="{event.sessions["1.03"].id}" selected' in without.text
    done = desk.post(at, data={**sent, "reason": "Rolstoel: alleen zaal 3"}, follow_redirects=True)
    assert "Gedaan. Ann krijgt een e-mail." in words_of(done.text)
    assert "1.03: Rolstoel: alleen zaal 3" in words_of(done.text)
    assert mails(event) == [("chosen", "ann@x.example")]

    elsewhere = {"round": str(second), "session": str(event.sessions["1.02"].id), "reason": "x"}
    wrong = form_of(desk.get(at).text)["values"] | elsewhere
    assert "Die sessie is niet in deze ronde" in words_of(desk.post(at, data=wrong).text)
    publish(drawn(event, staff), staff)
    assert ("Ann", "1.03") in {(who, code) for who, code, _chair in seats(event)}
    check_counts()


@pytest.mark.parametrize("what", ["capacity", "workshop", "cancelled"])
def test_what_changed_between_asking_and_publishing_stops_it_whole(event: Event, staff: int, what: str):
    from learning.choices.actions import place_by_staff
    from learning.releases.actions import cancel_session

    ann, bob = come(event, "Ann"), come(event, "Bob")
    for person in (ann, bob):
        wish(event, person, "1.01", "2.02")
    run = drawn(event, staff)
    publishing.ask_publish(run, by=staff, now=AFTER)
    if what == "cancelled":
        cancel_session(event.sessions["1.01"], name="weg", now=AFTER)
    elif what == "workshop":  # 2.01 gives the workshop of 1.01
        place_by_staff(ann, event.rounds[1].id, event.sessions["2.01"].id, reason="x", by=staff, now=AFTER)
    else:
        late = come(event, "Late")
        place_by_staff(late, event.rounds[0].id, event.sessions["1.01"].id, reason="x", by=staff, now=AFTER)
    before = seats(event)
    publishing.publish(run.id, now=AFTER)
    db.session.rollback()
    again = db.session.get_one(DrawRun, run.id, populate_existing=True)
    assert (again.published_at, again.publish_asked_at, again.news) == (None, None, {"changed": True})
    assert seats(event) == before
    check_counts()


def test_who_registers_after_the_draw_sees_what_is_left(event: Event, staff: int, client: FlaskClient):
    wish(event, come(event, "Ann"), "1.01")
    publish(drawn(event, staff), staff)
    late = come(event, "Late")
    with time_machine.travel(AFTER, tick=False):
        first = event.rounds[0].id
        answer = send(client, page(late), **{f"round_{first}": str(event.sessions["1.02"].id)})
        assert "je plek bij 1.02 staat vast" in words_of(answer.text)


def test_the_own_page_says_that_a_draw_decides(event: Event, client: FlaskClient):
    ann = come(event, "Ann")
    assert "Er wordt geloot" in words_of(client.get(page(ann).removesuffix("/choices")).text)


def test_when_a_session_is_cancelled_its_people_get_the_best_wish_that_is_free(event: Event, staff: int):
    from learning.mail.delivery import compose
    from learning.mail.models import Message
    from learning.releases.actions import cancel_session

    ann, bob = come(event, "Ann"), come(event, "Bob")
    wish(event, ann, "1.01", "1.02", "1.03", skip=(2,))
    wish(event, bob, "1.01", skip=(2,))
    publish(drawn(event, staff), staff)
    assert {(who, code) for who, code, _chair in seats(event)} == {("Ann", "1.01"), ("Bob", "1.01")}
    cancel_session(event.sessions["1.01"], name="weg", now=AFTER + timedelta(hours=1))

    assert {(who, code) for who, code, _chair in seats(event)} == {("Ann", "1.02")}
    check_counts()
    rows = db.session.query(Message).filter_by(template="schedules/changed").all()
    told = {row.address: compose(row)[1] for row in rows}
    assert "Je hebt nu een plek in" in told["ann@x.example"]
    assert "1.02 Workshop 1.02" in told["ann@x.example"]
    assert "Je hebt nu een plek in" not in told["bob@x.example"]
    choose(event, ann, "1.03", now=AFTER + timedelta(hours=2))
    choose(event, bob, "1.02", now=AFTER + timedelta(hours=2))


def test_what_cancelling_a_small_session_would_do_is_said_before(event: Event, staff: int, sign_in: SignIn):
    change(event.sessions["1.01"], minimum=2)
    for name, codes in (("Ann", ("1.01", "1.02")), ("Bob", ("1.02",)), ("Cor", ("1.02",))):
        wish(event, come(event, name), *codes, skip=(2,))
    run = drawn(event, staff)
    desk = sign_in(db.session.get_one(Account, staff))
    words = words_of(desk.get(f"/manage/{event.organiser.slug}/programmes/dag/draws/{run.id}").text)
    assert "minder dan 2" in words
    assert (
        "Vervalt deze sessie, dan krijgt 1 persoon een andere "
        "plek: 0 uit het eigen lijstje, 1 erbuiten, 0 geen." in words
    )


def test_two_draws_are_not_published_by_two_clicks(event: Event, staff: int):
    come(event, "Ann")
    one, two = drawn(event, staff), drawn(event, staff)
    publishing.ask_publish(one, by=staff, now=AFTER)
    for late in (one, two):
        with pytest.raises(Refusal):
            publishing.ask_publish(late, by=staff, now=AFTER)
    with pytest.raises(Refusal):
        actions.ask(event.programme.id, event.meeting.id, "balanced", spread=False, by=staff, now=AFTER)
    publishing.publish(one.id, now=AFTER)
    assert len(seats(event)) == 2


def again(event: Event, staff: int, *unpinned: Registration) -> DrawRun:
    """A second draw that the worker worked out."""
    ids = {registration.id for registration in unpinned}
    kept = {"spread": False, "again": True, "unpinned": ids, "by": staff, "now": AFTER}
    run = actions.ask(event.programme.id, event.meeting.id, "balanced", **kept)  # type: ignore[arg-type]
    return worked_out(run.id)


def test_a_second_draw_keeps_everybody_where_they_are_and_seats_who_came_late(
    event: Event, staff: int, client: FlaskClient
):
    ann, bob = come(event, "Ann"), come(event, "Bob")
    wish(event, ann, "1.01", "2.02")
    wish(event, bob, "1.01", "2.02")
    publish(drawn(event, staff), staff)
    before = seats(event)
    choose(event, bob, "2", now=AFTER)  # gives it up by himself
    late = come(event, "Late")
    run = again(event, staff)
    assert (run.number, run.ending) == (2, "found")
    sent = len(mails(event))
    publish(run, staff)
    after = {(who, code) for who, code, _chair in seats(event)}
    assert {(who, code) for who, code, _chair in before if (who, code) != ("Bob", "2.02")} < after
    assert len([1 for who, _code in after if who == "Late"]) == 2
    assert not any(who == "Bob" and code[0] == "2" for who, code in after)
    assert [address for _template, address in mails(event)[sent:]] == ["late@x.example"]
    check_counts()

    said = words_of(client.get(page(ann)).text)
    assert "De loting gaf je 1.01: je keus nummer 1" in said  # what the first draw said stays
    assert "Je had geen voorkeur opgegeven" in words_of(client.get(page(late)).text)
    public = client.get("/nl/programmes/dag/draw").text
    seeds = {row.number: row.seed for row in db.session.query(DrawSeed)}
    assert set(seeds) == {1, 2, 3}
    assert [seed in public for seed in seeds.values()] == [True, True, False]
    assert commitment(seeds[3]) in public
    for number, status in ((1, 200), (2, 200), (3, 404)):
        assert client.get(f"/programmes/dag/draws/{event.meeting.id}/{number}.json").status_code == status
    with pytest.raises(Refusal):
        publish(run, staff)


def test_only_who_is_unpinned_moves_and_by_name_before(event: Event, staff: int, sign_in: SignIn):
    change(event.sessions["1.01"], capacity=1)
    release(event.programme)
    ann, bob = come(event, "Ann"), come(event, "Bob")
    wish(event, ann, "1.01", "1.02", skip=(2,))
    wish(event, bob, "1.01", "1.02", skip=(2,))
    publish(drawn(event, staff), staff)
    loser = next(who for who, code, _chair in seats(event) if code == "1.02")
    change(event.sessions["1.01"], capacity=2)
    release(event.programme, now=NOON + timedelta(minutes=5))

    desk = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/dag/draws"
    with time_machine.travel(AFTER, tick=False):
        wrong = send(desk, at, again="1", people="Niemand Zo")
        assert "Niemand hier heet Niemand Zo" in words_of(wrong.text)
        assert "Niemand Zo</textarea>" in wrong.text
        asked = send(desk, at, again="1", people=f" {loser.lower()}@x.example \n\n")
        assert asked.status_code == 200
        run = worked_out(db.session.query(DrawRun).order_by(DrawRun.id.desc()).first().id)  # type: ignore[union-attr]
        words = words_of(desk.get(f"{at}/{run.id}").text)
        assert "1 plek verandert" in words
        assert re.search(rf"{loser} Ronde 1 1\.02 1\.01", words)
        sent = len(mails(event))
        publish(run, staff)
    assert {(who, code) for who, code, _chair in seats(event)} == {("Ann", "1.01"), ("Bob", "1.01")}
    assert [address for _template, address in mails(event)[sent:]] == [f"{loser.lower()}@x.example"]
    check_counts()


def test_a_second_draw_before_the_first_and_one_that_is_not_asked_as_such_is_refused(
    event: Event, staff: int
):
    come(event, "Ann")
    publish(drawn(event, staff), staff)
    one, two = again(event, staff), again(event, staff)
    publish(one, staff)
    with pytest.raises(Refusal) as late:
        publishing.ask_publish(two, by=staff, now=AFTER)
    assert late.value.code == "drawn_before"


def test_places_on_offer_are_not_drawn(event: Event, staff: int):
    change(event.programme, moving_up="offer")
    for code in ("1.01", "1.03"):
        change(event.sessions[code], capacity=0)
    change(event.sessions["1.02"], capacity=1)
    release(event.programme)
    ann, bob = come(event, "Ann"), come(event, "Bob")
    wish(event, ann, "1.02", skip=(2,))
    wish(event, bob, skip=(1, 2))
    publish(drawn(event, staff), staff)
    choose(event, bob, "1.02", wait=True, now=AFTER)
    choose(event, ann, "1", now=AFTER)  # the only place is kept for Bob now
    late = come(event, "Late")
    run = again(event, staff)
    publish(run, staff)
    assert not any(code == "1.02" for _who, code, _chair in seats(event))
    assert late.live
    check_counts()


def test_the_three_ways_side_by_side(event: Event, staff: int, sign_in: SignIn):
    for name in ("Ann", "Bob", "Cor"):
        wish(event, come(event, name), "1.01", "1.02", "2.02", "2.01")
    desk = sign_in(db.session.get_one(Account, staff))
    at = f"/manage/{event.organiser.slug}/programmes/dag/draws"
    with time_machine.travel(AFTER, tick=False):
        shown = send(desk, at, all="1")
        assert "0 van 3 lotingen zijn klaar" in words_of(shown.text)
        ids = [run.id for run in db.session.query(DrawRun).order_by(DrawRun.id)]
        for id in ids:
            worked_out(id)
        there = f"{at}/compare?" + "&".join(f"run={id}" for id in ids)
        words = words_of(desk.get(there).text)
        assert re.search(r"keus 1( \d){5}", words)
        assert re.search(r"zonder plek 0 0 0 0 0", words)
        assert "Niets te vergelijken" in words_of(desk.get(f"{at}/compare").text)
        other = make_event((1,), slug="ander")
        account = make_account("ander@x.example")
        make_staff(other.organiser, account, "editor")
        theirs = f"/manage/{other.organiser.slug}/programmes/ander/draws/compare?run={ids[0]}"
        assert "Niets te vergelijken" in words_of(sign_in(account).get(theirs).text)


@pytest.mark.parametrize(("memory", "ending"), [(4 * 2**30, "found"), (2**27, "failed")])
def test_a_draw_that_needs_too_much_memory_fails_and_changes_nothing(
    event: Event, staff: int, monkeypatch: pytest.MonkeyPatch, memory: int, ending: str
):
    monkeypatch.setattr(actions, "MEMORY", memory)
    come(event, "Ann")
    assert drawn(event, staff).ending == ending
    assert seats(event) == set()
