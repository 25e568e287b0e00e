"""Who is sent says whether they come; teams that come
again, pasted names, reminders, and thirty who name at once.
"""

import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.delegations import actions, joining, reminding
from learning.delegations import board as delegations_board
from learning.delegations.models import Delegation, Nomination
from learning.delegations.rules import read_lines, reminder_of, still_wished
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.setbacks import Setback
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.people.models import Account
from learning.programmes.models import Meeting, Programme
from learning.releases.models import OfferedProgramme, Release
from tests.browse import one_line, send, words_of
from tests.choices.event import change
from tests.choices.test_races import at_once
from tests.counted import asked_by, counted
from tests.delegations.community import (
    AFTER,
    BEGUN,
    DEADLINE,
    NOON,
    Community,
    count,
    history,
    letters,
    make_community,
    nominate,
    register,
    taken,
)
from tests.make import (
    make_account,
    make_delegation,
    make_organisation,
    make_person,
    make_registration,
    make_staff,
    release,
)

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """It is noon, two months before the first meeting."""
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def community(app: Flask) -> Community:
    return make_community()


@pytest.fixture
def delegation(community: Community) -> Delegation:
    return register(community, community.zutphen, community.carla)


def refused(action: Callable[[], Any]) -> str:
    """The code of why it was refused."""
    with pytest.raises(Refusal) as refusal:
        action()
    db.session.rollback()
    return refusal.value.code


def test_yes_is_kept_and_no_frees_the_seat_and_tells_the_contact(
    community: Community, delegation: Delegation
):
    anna, bea = (nominate(community, delegation, name) for name in ("Anna", "Bea"))
    actions.answer(anna, comes=True, now=AFTER)
    actions.answer(bea, comes=False, now=AFTER)  # after the deadline for names, before the meeting
    assert history(delegation, community.meetings[0]) == [("Anna", 1, "runs"), ("Bea", 2, "declined")]
    assert taken(community.meetings[0]) == 1
    [board, _later] = delegations_board.delegation_board(delegation, now=AFTER).meetings
    assert [delegations_board.state_of(n) for n in (*board.running, *board.ended)] == ["comes", "declined"]
    told = [
        (row.template, row.address)
        for row in db.session.query(Message)
        if row.template.endswith("dropped_out")
    ]
    assert told == [("delegations/dropped_out", "carla@zutphen.example")]
    assert refused(lambda: actions.answer(bea, comes=True, now=AFTER)) == "ended_already"
    assert refused(lambda: actions.answer(anna, comes=False, now=BEGUN)) == "meeting_began"


def test_the_mailed_link_asks_whether_one_comes_and_what_one_needs(
    community: Community, delegation: Delegation, client: FlaskClient, sign_in: SignIn
):
    anna = nominate(community, delegation, "Anna")
    nominate(community, delegation, "Anna", meeting=1)
    message = (
        db.session.query(Message).filter_by(template="delegations/nominated").order_by(Message.id).first()
    )
    assert message is not None
    link = re.search(r"https?://[^/\s]+(/nl/registrations/\S+/invitations)", compose(message)[1])
    assert link is not None
    assert "Zutphen draagt je voor." in words_of(client.get(link[1]).text)
    second = db.session.query(Nomination).filter_by(meeting_id=community.meetings[1].id).one().id
    wrong = send(client, link[1], **{f"answer_{anna.id}": "no", "diet": "x" * 400})
    assert wrong.status_code == 422
    assert f'name="answer_{anna.id}" value="no" checked' in one_line(wrong.text)  # what was said stays
    typed = {
        f"answer_{anna.id}": "yes",
        f"answer_{second}": "no",
        "diet": "vegetarisch",
        "access_needs": "rolstoel",
    }
    assert "Je antwoord is bewaard" in words_of(send(client, link[1], **typed).text)
    again = client.get(link[1]).text
    assert 'value="vegetarisch"' in again
    assert "Bijeenkomst" in again
    assert f"answer_{second}" not in again
    assert client.get(link[1].replace("/registrations/", "/registrations/x")).status_code == 404
    registration = db.session.query(Registration).populate_existing().one()
    assert (registration.diet, registration.access_needs) == ("vegetarisch", "rolstoel")
    assert history(delegation, community.meetings[1]) == [("Anna", 1, "declined")]
    shown = sign_in(community.carla).get(f"/nl/delegations/{delegation.id}").text
    assert "zei ja" in words_of(shown)
    assert "vegetarisch" not in shown  # only for the organiser
    assert "rolstoel" not in shown


def test_nobody_answers_for_somebody_else(community: Community, delegation: Delegation, client: FlaskClient):
    anna, bea = (nominate(community, delegation, name) for name in ("Anna", "Bea"))
    page = f"/nl/registrations/{own_token(anna.registration)}/invitations"
    send(client, page, **{f"answer_{bea.id}": "no"})
    assert history(delegation, community.meetings[0]) == [("Anna", 1, "runs"), ("Bea", 2, "runs")]


def test_the_same_person_for_two_cities_is_refused_with_the_reason(
    community: Community, delegation: Delegation
):
    dirk = make_account("dirk@ede.example")
    ede = register(community, community.ede, dirk)
    joining.confirm(ede, by=dirk, now=NOON)
    nominate(community, delegation, "Anna")
    with pytest.raises(Refusal) as refusal:
        nominate(community, ede, "Anna")
    assert "another organisation" in refusal.value.message
    assert "Zutphen" not in str(refusal.value.values)


def test_the_team_of_last_time_in_one_click(community: Community, delegation: Delegation, sign_in: SignIn):
    for name in ("Anna", "Bea", "Cor"):
        nominate(community, delegation, name)
    nominate(community, delegation, "Bea", meeting=1)
    nominate(community, delegation, "Dora", meeting=1)
    client = sign_in(community.carla)
    first, second = community.meetings
    page = client.get(f"/nl/delegations/{delegation.id}").text
    assert "Dezelfde mensen als vorige keer" in words_of(page)
    at = f"/nl/delegations/{delegation.id}/meetings/{second.id}/team/{first.id}"
    key = re.search(r'name="form_key"[^>]*value="([^"]+)"', page[page.index(at) :])
    assert key is not None
    answer = client.post(at, data={"form_key": key[1]}, follow_redirects=True)
    assert "1 persoon krijgt een uitnodiging per e-mail" in words_of(answer.text)
    names = [name for name, _chair, end in history(delegation, second) if end == "runs"]
    assert sorted(names) == ["Anna", "Bea", "Dora"]  # as far as there are places
    assert actions.repeat_team(delegation, first.id, first.id, by=community.carla, now=NOON) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Jo Vis\tjo@x.example\tbewoner", [("Jo Vis", "jo@x.example", "bewoner")]),
        ("Jo Vis; jo@x.example", [("Jo Vis", "jo@x.example", "")]),
        ("Jo Vis <jo@x.example>,", [("Jo Vis", "jo@x.example", "")]),
        ('"Vis, Jo" <jo@x.example>', [("Vis, Jo", "jo@x.example", "")]),
        ("jo@x.example\tJo Vis", [("Jo Vis", "jo@x.example", "")]),
        ("\n  \nJo Vis\n", [("Jo Vis", "", "")]),
        ("jo@x.example.", [("", "jo@x.example", "")]),
        ("", []),
    ],
)
def test_lines_as_people_paste_them(text: str, read: list[tuple[str, str, str]]):
    assert [(line.name, line.mail, line.capacity) for line in read_lines(text)] == read


def test_pasted_names_are_shown_before_anybody_is_mailed(
    community: Community, delegation: Delegation, sign_in: SignIn
):
    client = sign_in(community.carla)
    at = f"/nl/delegations/{delegation.id}/meetings/{community.meetings[0].id}/lines"
    lines = "Anna\tanna@x.example\tBewoner\nBea; bea@x.example; wijkagent"
    wrong = send(client, at, lines="Anna\tanna@x.example\nBea")
    assert "Er ontbreekt een naam of e-mailadres: Bea." in words_of(wrong.text)
    shown = send(client, at, lines=lines)
    assert "Nodig 2 mensen uit" in words_of(shown.text)
    assert count(Nomination) == 0
    nominate(community, delegation, "Cor")
    nominate(community, delegation, "Dora")
    full = send(client, at, lines=lines, sure="1")
    assert full.status_code == 409
    assert "3 van 3 gevuld" in words_of(full.text)
    assert count(Nomination) == 2  # all or nobody
    done = send(client, at, lines="Anna\tanna@x.example\tBewoner", sure="1")
    assert "1 persoon krijgt een uitnodiging" in words_of(done.text)
    last = db.session.query(Nomination).order_by(Nomination.id.desc()).first()
    assert last is not None
    assert last.capacity == "resident"


def test_colleagues_who_were_sent_before_are_offered(
    community: Community, delegation: Delegation, sign_in: SignIn
):
    anna, bea = (nominate(community, delegation, name) for name in ("Anna", "Bea"))
    nominate(community, delegation, "Bea", meeting=1)
    client = sign_in(community.carla)
    at = f"/nl/delegations/{delegation.id}/meetings/{community.meetings[1].id}/nominations"
    page = client.get(at).text
    assert f"?person={anna.person_id}" in page
    assert f"?person={bea.person_id}" not in page
    assert 'value="anna@x.example"' in client.get(f"{at}?person={anna.person_id}").text
    stranger = make_registration(community.programme, "Vreemd")
    assert "vreemd" not in client.get(f"{at}?person={stranger.person_id}").text.lower()


@pytest.mark.parametrize(
    ("left", "due"), [(20, None), (14.01, None), (14, 14), (4, 14), (3, 3), (0.5, 3), (0, None), (-1, None)]
)
def test_which_reminder_is_due(left: float, due: int | None):
    assert reminder_of(NOON, NOON + timedelta(days=left), (14, 3)) == due


def test_contacts_are_reminded_twice_of_open_places(community: Community, delegation: Delegation):
    nominate(community, delegation, "Anna")
    for days, mails in ((15, 0), (14, 1), (13, 1), (3, 2), (1, 2), (0, 2)):
        reminding.remind(now=DEADLINE - timedelta(days=days))
        found = db.session.query(Message).filter_by(template="delegations/reminder").all()
        assert len(found) == mails, days
    text = compose(found[-1])[1]
    assert "2 plekken van Zutphen zijn open" in text
    assert "donderdag 21 januari 2027, 12:00" in text
    for name in ("Bea", "Cor"):
        nominate(community, delegation, name)
    reminding.remind(now=DEADLINE - timedelta(days=2))
    assert [t for t, _a in letters()].count("reminder") == 2


def test_thirty_name_somebody_at_once_and_three_come(
    app: Flask, community: Community, delegation: Delegation
):
    id, meeting_id, account_id = delegation.id, community.meetings[0].id, community.carla.id

    def one(number: int) -> str:
        who = {"name": f"Person {number}", "mail": f"p{number}@x.example", "capacity": "resident"}
        by = db.session.get_one(Account, account_id)
        actions.nominate(db.session.get_one(Delegation, id), meeting_id, **who, by=by, now=NOON)  # type: ignore[arg-type]
        return "sent"

    came = at_once(app, [lambda n=n: one(n) for n in range(30)])  # type: ignore[misc]
    assert sorted(map(str, came)) == ["no_places"] * 27 + ["sent"] * 3
    assert sorted(chair for _name, chair, _end in history(delegation, community.meetings[0])) == [1, 2, 3]
    assert taken(community.meetings[0]) == 3


def test_the_matrix_of_the_desk_and_its_file(community: Community, delegation: Delegation, sign_in: SignIn):
    anna, bea = (nominate(community, delegation, name) for name in ("Anna", "Bea"))
    actions.answer(anna, comes=True, now=NOON)
    actions.answer(bea, comes=False, now=NOON)
    account = make_account("staf@x.example")
    make_staff(community.organiser, account, "editor")
    desk, at = (
        sign_in(account),
        f"/manage/{community.organiser.slug}/programmes/{community.programme.slug}/delegations",
    )
    words = words_of(desk.get(at).text)
    assert "1 van 3 1 zei ja 1 zei nee minder dan 2 0 van 3" in words
    assert "Voorgedragen, en open plekken 1 2 open 0 3 open" in words
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"{at}.xlsx").data))
    [head, row] = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert head[6] == "2027-01-28 voorgedragen"
    assert row[6:] == (1, 1, 1, 2, 0, 0, 0, 3)
    assert sign_in(community.carla).get(f"{at}.xlsx").status_code == 404


def test_the_matrix_of_many_cities_takes_as_many_queries_as_of_two(app: Flask, sign_in: SignIn):
    community = make_community()
    account = make_account("staf@x.example")
    make_staff(community.organiser, account, "editor")
    desk, at = (
        sign_in(account),
        f"/manage/{community.organiser.slug}/programmes/{community.programme.slug}/delegations",
    )
    counts = []
    for cities in (2, 20):
        _fill(community, cities)
        desk.get(at)
        counts.append(asked_by(desk, at))
    assert counts[0] == counts[1] <= 12


def _fill(community: Community, cities: int) -> None:
    """So many cities more, with three people at each meeting."""
    meetings = [meeting.id for meeting in db.session.query(Meeting)]
    already, contact = count(Delegation), make_person(community.organiser, f"Con {cities}")
    for n in range(already, already + cities):
        delegation = make_delegation(
            community.programme, make_organisation(community.organiser, f"Stad {n}"), contact
        )
        _send_three(delegation, meetings, n)


@transaction()
def _send_three(delegation: Delegation, meetings: list[int], n: int) -> None:
    for chair in (1, 2, 3):
        registration = make_registration(
            db.session.get_one(Programme, delegation.programme_id), f"Mens {n}-{chair}"
        )
        for meeting_id in meetings:
            db.session.add(
                Nomination(
                    programme_id=delegation.programme_id, delegation_id=delegation.id, meeting_id=meeting_id,
                    person_id=registration.person_id, registration_id=registration.id, capacity="resident",
                    chair=chair, chairs=3, made_at=NOON,
                )
            )  # fmt: skip
    db.session.flush()


def test_nobody_is_reminded_of_a_cancelled_meeting(community: Community, delegation: Delegation):
    from learning.releases.actions import cancel_meeting

    cancel_meeting(community.meetings[0], name="weg", now=NOON)
    reminding.remind(now=DEADLINE - timedelta(days=2))
    assert not [t for t, _a in letters() if t == "reminder"]


def reminded() -> int:
    return [template for template, _address in letters()].count("reminder")


def test_reminding_many_cities_asks_as_often_as_reminding_two(app: Flask):
    community = make_community()
    asked = []
    contact = make_person(community.organiser, "Con")
    for cities, days in ((2, 14), (40, 3)):
        for n in range(count(Delegation), cities):
            make_delegation(community.programme, make_organisation(community.organiser, f"Stad {n}"), contact)
        reminding.remind(now=DEADLINE - timedelta(days=60))  # the release is parsed
        with counted() as found:
            reminding.remind(now=DEADLINE - timedelta(days=days))
        asked.append(len(found.statements))

    assert asked[0] == asked[1]
    assert reminded() == 2 + 40


def test_a_programme_that_cannot_be_reminded_of_stops_no_other(app: Flask):
    broken, sound = make_community(), make_community(city="Zwolle")
    for community in (broken, sound):
        register(community, community.zutphen, community.carla)
    spoil(broken)
    reminding.remind(now=DEADLINE - timedelta(days=14))
    row = db.session.scalars(select(Setback)).one()
    assert (reminded(), row.job, row.row_id) == (1, "reminders of programme", broken.programme.id)

    spoil(broken, days=["14", "3"])
    with time_machine.travel(NOON + timedelta(hours=1)):
        reminding.remind(now=DEADLINE - timedelta(days=14))
    assert (reminded(), db.session.scalar(select(func.count()).select_from(Setback))) == (2, 0)


@transaction()
def spoil(community: Community, days: Any = ("soon",)) -> None:
    """What is released of a programme says no number of days any more, or says them again."""
    row = db.session.get_one(OfferedProgramme, community.programme.id)
    release = db.session.get_one(Release, row.release_id)
    release.public = {**release.public, "reminder_days": list(days)}
    row.cleaned = release.cleaned = release.cleaned + 1


def test_the_report_with_which_a_city_accounts_for_its_money(
    community: Community, delegation: Delegation, sign_in: SignIn
):
    for name in ("Anna", "Bea", "Cor"):
        nominate(community, delegation, name)
    actions.answer(nominate(community, delegation, "Anna", meeting=1), comes=True, now=NOON)
    at = f"/nl/delegations/{delegation.id}/report"
    before = words_of(sign_in(community.carla).get(at).text)
    assert "Plekken gebruikt 0 van 0" in before
    assert "Per gebruikte plek" not in before
    with time_machine.travel(BEGUN + timedelta(days=1)):
        client = sign_in(community.carla)
        words = words_of(client.get(at).text)
        assert "Plekken gebruikt 3 van 3" in words
        assert "Per gebruikte plek tot nu toe € 833,33" in words
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{at}.xlsx").data))
        rows = [row[2:5] for row in book.worksheets[1].iter_rows(values_only=True)]
        assert rows[1] == ("Anna", "Bewoner", "was voorgedragen")
        assert rows[-1] == ("Anna", "Bewoner", "zei ja")
        dirk = make_account("dirk@ede.example")
        for address in (at, f"{at}.xlsx"):
            assert sign_in(dirk).get(address).status_code == 404


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ([], ["corporatie", "Bewoner"]),
        (["Woningcorporatie"], ["Bewoner"]),
        (["bewoner", "Resident"], ["corporatie"]),
        (["Woningcorporatie", "Bewoner"], []),
        ([""], ["corporatie", "Bewoner"]),
    ],
)
def test_what_is_still_wished(there: list[str], missing: list[str]):
    assert still_wished(["corporatie", "Bewoner"], there) == missing


def test_the_wished_mix_advises_and_never_blocks(app: Flask, sign_in: SignIn):
    community = make_community(wished_mix=["corporatie", "bewoner"])
    delegation = register(community, community.zutphen, community.carla)
    at = f"/nl/delegations/{delegation.id}"
    assert "Nog gewenst bij deze bijeenkomst: corporatie, bewoner." in words_of(
        sign_in(community.carla).get(at).text
    )
    for name in ("Anna", "Bea", "Cor"):
        nominate(community, delegation, name, capacity="resident")
    words = words_of(sign_in(community.carla).get(at.replace("/nl/", "/en/")).text)
    assert "Still wished at this meeting: corporatie." in words
    for name, capacity in (("Anna", "housing_corporation"), ("Dora", "Bewoner")):
        nominate(community, delegation, name, meeting=1, capacity=capacity)
    assert words_of(sign_in(community.carla).get(at).text).count("Nog gewenst") == 1


def test_reminders_go_by_the_deadline_that_is_released(community: Community, delegation: Delegation):
    change(community.meetings[0], nominations_close_at=DEADLINE + timedelta(days=60))
    reminding.remind(now=DEADLINE - timedelta(days=3))
    assert [t for t, _a in letters()].count("reminder") == 1
    release(community.programme)
    reminding.remind(now=DEADLINE - timedelta(days=2))
    assert [t for t, _a in letters()].count("reminder") == 1


def test_the_own_page_leads_to_the_answer(community: Community, delegation: Delegation, client: FlaskClient):
    anna = nominate(community, delegation, "Anna")
    own = f"/nl/registrations/{own_token(anna.registration)}"
    assert f'href="{own}/invitations"' in client.get(own).text
