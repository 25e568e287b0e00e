"""Choosing through the page: what it shows, what it answers, and whom it lets in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from learning.attendance import actions as attendance
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.choices.actions import place_by_staff
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.programmes.models import AgendaItem
from tests.browse import one_line
from tests.choices.event import Event, change, choose, come, make_event, seats, waits
from tests.counted import asked_by, counted
from tests.make import NOON, make_organisation, make_part, make_person, make_speaker, release


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon, two months before the event."""
    with time_machine.travel(NOON):
        yield


def page_of(registration: Registration, lang: str = "nl") -> str:
    return f"/{lang}/registrations/{own_token(registration)}/choices"


def sent(event: Event, *codes: str, wait: tuple[str, ...] = ()) -> dict[str, str]:
    """What the form sends: a session, or a round's number alone for none."""
    data = {}
    for code in codes:
        id = event.rounds[int(code[0]) - 1].id
        data[f"round_{id}"] = str(event.sessions[code].id) if "." in code else ""
    for code in wait:
        data[f"wait_{event.rounds[int(code[0]) - 1].id}"] = str(event.sessions[code].id)
    return data


def checked(page: str) -> set[str]:
    """Name and value of every radio and box that is on."""
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"[^>]* checked>', page)
    return {f"{name}={value}" for name, value in found}


def key_of(page: str) -> str:
    found = re.search(r'name="form_key"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_choose_and_see_it_in_the_own_programme(app: Flask, client: FlaskClient) -> None:
    event = make_event((1, 5), (5,))
    ann = come(event, "Ann")
    url = page_of(ann)
    form = client.get(url)
    assert form.status_code == 200
    assert [form.text.count(f'value="{event.sessions[code].id}"') for code in ("1.01", "1.02", "2.01")] == [
        1,
        1,
        1,
    ]
    answer = client.post(url, data=sent(event, "1.01", "2.01"))
    assert (answer.status_code, answer.location) == (302, url.removesuffix("/choices"))
    mine = client.get(answer.location).text
    assert "Ronde 1: je plek bij 1.01 staat vast." in mine
    assert "Ronde 2: je plek bij 2.01 staat vast." in mine
    assert seats(event) == {("Ann", "1.01", 1), ("Ann", "2.01", 1)}
    again = client.get(url).text
    one, two = event.rounds
    assert checked(again) == {
        f"round_{one.id}={event.sessions['1.01'].id}",
        f"round_{two.id}={event.sessions['2.01'].id}",
    }
    client.post(url, data=sent(event, "1"))
    assert seats(event) == {("Ann", "2.01", 1)}


def test_full_shows_the_page_again_with_a_box_to_wait(app: Flask, client: FlaskClient) -> None:
    event = make_event((1, 5), (5,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.02")
    url = page_of(bob)
    key = key_of(client.get(url).text)
    again = client.post(url, data=sent(event, "1.01", "2.01") | {"form_key": key})
    assert again.status_code == 409
    assert "Ronde 1: 1.01 is vol. Kies een andere, of vink aan dat je wilt wachten." in again.text
    assert "Ronde 2: je plek bij 2.01 staat vast." in again.text
    assert f'name="wait_{event.rounds[0].id}" value="{event.sessions["1.01"].id}"' in one_line(again.text)
    assert seats(event) == {("Ann", "1.01", 1), ("Bob", "1.02", 1), ("Bob", "2.01", 1)}
    assert key_of(again.text) != key
    data = sent(event, "1.01", "2.01", wait=("1.01",)) | {"form_key": key_of(again.text)}
    assert client.post(url, data=data).status_code == 302
    assert waits(event) == [("Bob", "1.01")]
    assert ("Bob", "1.02", 1) in seats(event)
    one = event.rounds[0].id
    on = checked(client.get(url).text)
    assert {f"round_{one}={event.sessions['1.01'].id}", f"wait_{one}={event.sessions['1.01'].id}"} <= on


def test_it_says_what_does_not_go_together_and_the_place_in_the_line(app: Flask, client: FlaskClient) -> None:
    event = make_event((5, 1), (5, 5), same=(("1.01", "2.01"),), starts=("14:00", "14:30"))
    change(db.session.query(AgendaItem).filter_by(round_id=event.rounds[0].id).one(), end="15:00")
    release(event.programme)
    ann, bob, cor = (come(event, name) for name in ("Ann", "Bob", "Cor"))
    choose(event, ann, "1.01")
    choose(event, bob, "1.02")
    dee = come(event, "Dee")
    for person in (cor, dee):
        choose(event, person, "1.02", wait=True)
    mine = client.get(page_of(ann)).text
    assert "zelfde workshop als 1.01, die je al hebt" in mine
    assert "tegelijk met 1.01, die je al hebt" in mine
    assert "je bent nummer 1 van de wachtlijst" in client.get(page_of(cor)).text
    assert "je bent nummer 2 van de wachtlijst" in client.get(page_of(dee)).text


def test_a_form_sent_twice_chooses_once(app: Flask, client: FlaskClient) -> None:
    event = make_event((5,))
    ann = come(event, "Ann")
    data = sent(event, "1.01") | {"form_key": key_of(client.get(page_of(ann)).text)}
    first = client.post(page_of(ann), data=data)
    choose(event, ann, "1")  # elsewhere, in the meantime
    second = client.post(page_of(ann), data=data)
    assert (first.status_code, second.status_code, second.location) == (302, 302, first.location)
    assert seats(event) == set()


def test_refused_at_its_round_and_in_words(app: Flask, client: FlaskClient) -> None:
    event = make_event((5, 5), (5,), same=(("1.01", "2.01"),))
    ann = come(event, "Ann")
    answer = client.post(page_of(ann), data=sent(event, "1.01", "2.01"))
    assert answer.status_code == 409
    assert "1.01 en 2.01 zijn dezelfde workshop. Kies hem één keer." in answer.text
    assert f'<a href="#round_{event.rounds[0].id}">' in answer.text
    for wrong in ("x", "9999999", str(event.sessions["2.01"].id), "-1", "²"):
        answer = client.post(page_of(ann), data={f"round_{event.rounds[0].id}": wrong})
        assert (answer.status_code, "Die sessie is niet in deze ronde." in answer.text) == (409, True)
    assert seats(event) == set()


def test_closed_names_the_deadline(app: Flask, client: FlaskClient) -> None:
    event = make_event((5,), choosing_closes_at=NOON - timedelta(hours=1))
    ann = come(event, "Ann")
    for answer in (client.get(page_of(ann)), client.post(page_of(ann), data=sent(event, "1.01"))):
        assert answer.status_code == 409
        assert "Kiezen kon tot dinsdag 24 november 2026, 12:00 Nederlandse tijd." in answer.text
    assert (
        "Choosing closed on Tuesday 24 November 2026, 12:00 Dutch time."
        in client.get(page_of(ann, "en")).text
    )
    assert seats(event) == set()


def test_a_round_that_has_started_says_so_in_words(app: Flask, client: FlaskClient) -> None:
    event = make_event((5,))
    ann = come(event, "Ann")
    with time_machine.travel(NOON + timedelta(days=100)):
        answer = client.post(page_of(ann), data=sent(event, "1.01"))
    assert answer.status_code == 409
    assert "Kiezen kon tot donderdag 28 januari 2027, 14:00 Nederlandse tijd." in answer.text


def test_hosts_see_where_they_host_and_closed_sessions_cannot_be_chosen(
    app: Flask, client: FlaskClient
) -> None:
    event = make_event((5,), (5, 0))
    person = make_person(event.organiser, "Jos")
    make_part(event.sessions["1.01"], make_speaker(event.organiser, "Jos", person=person))
    release(event.programme)
    jos = come(event, "Jos", person=person)
    page = client.get(page_of(jos)).text
    assert "Je begeleidt 1.01 in deze ronde." in page
    assert f'name="round_{event.rounds[0].id}"' not in page
    assert f'value="{event.sessions["2.02"].id}"' not in page
    client.post(page_of(jos), data=sent(event, "1", "2.01"))
    assert seats(event) == {("Jos", "1.01", None), ("Jos", "2.01", 1)}


def test_who_has_no_link_gets_nothing(app: Flask, client: FlaskClient) -> None:
    event = make_event((5,))
    ann = come(event, "Ann")
    url = page_of(ann)
    assert client.get(url).status_code == 200
    attendance.end(ann, reason="withdrawn", now=NOON)
    for path in (
        url,
        url.replace(own_token(ann), own_token(ann)[:-1]),
        url.replace(own_token(ann), ann.code),
    ):
        assert (client.get(path).status_code, client.post(path).status_code) == (404, 404)


def test_a_fixed_number_of_queries(app: Flask, client: FlaskClient) -> None:
    small, large = make_event((5,)), make_event((1,) * 9, (2,) * 9, (3,) * 9)
    counts = []
    for event in (small, large):
        ann = come(event, "Ann")
        choose(event, ann, *(f"{number}.01" for number in range(1, len(event.rounds) + 1)))
        client.get(page_of(ann))
        counts.append(asked_by(client, page_of(ann)))
    assert counts[0] == counts[1] <= 8


def test_choosing_asks_what_counts_for_all_rounds_once(app: Flask, client: FlaskClient) -> None:
    event = make_event(*((5, 5),) * 4)
    ann, counts = come(event, "Ann"), []
    client.get(page_of(ann))
    for codes in (("1.01", "2.01"), ("1.02", "2.02"), ("1.01", "2.01", "3.01", "4.01")):
        page, form = page_of(ann), sent(event, *codes)
        with counted() as found:
            assert client.post(page, data=form).status_code == 302
        counts.append(len(found.statements))
    assert max(counts[:2]) <= 34
    # for each round: a chair is looked for; session, seat and history are written
    assert counts[2] - counts[1] <= 2 * 4


def test_mails_in_both_languages_have_three_parts(app: Flask, client: FlaskClient) -> None:
    event = make_event((1, 5), (5,))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    change(bob.person, language="en")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", "2.01", wait=True)
    attendance.end(ann, reason="withdrawn", now=NOON)
    change(event.sessions["1.01"], cancelled_at=NOON)
    release(event.programme)
    wanted = Message.template.startswith("choices/")
    texts = {}
    for message in db.session.query(Message).filter(wanted).order_by(Message.id):
        mail, text = compose(message)
        assert message.values["own_url"] in text or message.values["choices_url"] in text
        html = mail.get_body(("html",))
        assert html is not None
        assert "Leerkring" in html.get_content()
        texts[message.template, message.language] = (mail["Subject"], text)
    assert {key: subject.split(" ")[0] for key, (subject, _) in texts.items()} == {
        ("choices/chosen", "nl"): "Je",
        ("choices/chosen", "en"): "Your",
        ("choices/seat_given", "en"): "You",
    }
    assert "1.01 Workshop 1.01" in texts["choices/seat_given", "en"][1]
    assert "2.01 Workshop 2.01" in texts["choices/chosen", "en"][1]


def test_off_the_waiting_list_from_the_mail_also_after_the_deadline(app: Flask, client: FlaskClient) -> None:
    event = make_event((1, 5), (5,), choosing_closes_at=NOON + timedelta(days=1))
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    message = db.session.query(Message).order_by(Message.id.desc()).first()
    assert message is not None
    link = re.search(r"https?://[^/\s]+(/nl/registrations/\S+/waiting/\d+)", compose(message)[1])
    assert link is not None
    with time_machine.travel(NOON + timedelta(days=2)):
        page = client.get(link[1])
        assert "je bent nummer 1 van de wachtlijst" in page.text
        assert waits(event) == [("Bob", "1.01")]
        answer = client.post(link[1], data={"form_key": key_of(page.text)}, follow_redirects=True)
        assert "Je bent van de wachtlijst van 1.01 af" in answer.text
        assert waits(event) == []
        assert "niet op een wachtlijst" in client.get(link[1], follow_redirects=True).text
    assert client.get(link[1].replace("/registrations/", "/registrations/x")).status_code == 404


@pytest.mark.parametrize(
    ("code", "words"),
    [("1.01", "full"), ("2.01", "workshop_twice"), ("2.02", None), ("1.02", None)],
)
def test_staff_place_somebody_within_the_rules(app: Flask, code: str, words: str | None) -> None:
    event = make_event((1, 5), (5, 5), same=(("1.02", "2.01"),), choosing_closes_at=NOON)
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01", now=NOON - timedelta(hours=1))
    choose(event, bob, "1.02", now=NOON - timedelta(hours=1))
    round = event.rounds[int(code[0]) - 1].id
    put = {"reason": "x", "by": 1, "now": NOON + timedelta(hours=1)}
    if words:
        with pytest.raises(Refusal) as refused:
            place_by_staff(bob, round, event.sessions[code].id, **put)  # type: ignore[arg-type]
        assert (refused.value.code, refused.value.field) == (words, "session")
        assert ("Bob", "1.02", 1) in seats(event)
    else:
        place_by_staff(bob, round, event.sessions[code].id, **put)  # type: ignore[arg-type]
        assert code in {held for who, held, _chair in seats(event) if who == "Bob"}
        place_by_staff(bob, round, None, **put)  # type: ignore[arg-type]
        assert code not in {held for who, held, _chair in seats(event) if who == "Bob"}


def test_partners_choose_earlier_and_nobody_else(app: Flask, client: FlaskClient) -> None:
    event = make_event(
        (5,), choosing_opens_at=NOON + timedelta(days=9), partners_choose_at=NOON - timedelta(days=1)
    )
    partner, other = (
        make_organisation(event.organiser, partner_from=NOON.date()),
        make_organisation(event.organiser, "Ede"),
    )
    ann, bob, cor = (come(event, name) for name in ("Ann", "Bob", "Cor"))
    change(ann, organisation_id=partner.id)
    change(bob, organisation_id=other.id)
    choose(event, ann, "1.01")
    assert client.get(page_of(ann)).status_code == 200
    for person in (bob, cor):
        with pytest.raises(Refusal) as refused:
            choose(event, person, "1.01")
        assert refused.value.code == "choices_not_open"
        assert "3 december" in client.get(page_of(person)).text
    choose(event, bob, "1.01", now=NOON + timedelta(days=9))


@pytest.mark.parametrize(("hours", "moves"), [(0, True), (2, True), (3, False), (48, False)])
def test_moving_up_stops_some_hours_before_the_round(app: Flask, hours: int, moves: bool) -> None:
    event = make_event((1,), moving_up_stops=hours)  # the round begins at 14:00 local time, 13:00 in UTC
    ann, bob = come(event, "Ann"), come(event, "Bob")
    choose(event, ann, "1.01")
    choose(event, bob, "1.01", wait=True)
    attendance.withdraw(ann, now=datetime(2027, 1, 28, 10, 30, tzinfo=UTC))
    assert {who for who, _code, _chair in seats(event)} == ({"Bob"} if moves else set())
