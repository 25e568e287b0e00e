"""The log of an organiser: who sees it, what it says,
filters and files, and the way to it from each thing.
"""

import ast
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import delete, select

import learning
from learning.attendance import actions
from learning.desk.models import Removed
from learning.kit.changes import may_show
from learning.kit.db import Model, db, transaction
from learning.kit.trail import AuditEvent
from learning.office.log_words import FIELDS, THINGS, VERBS
from learning.organisations.models import Organiser
from learning.people import invitations
from learning.people.models import Account
from tests.browse import links, send, words_of
from tests.counted import asked_by
from tests.make import (
    NOON,
    make_account,
    make_contact,
    make_event,
    make_meeting,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_registration,
    make_staff,
    make_venue,
    release,
)

SignIn = Callable[[Account], FlaskClient]
LOG = "/manage/kring/audit"


class Office:
    """An organiser with an admin, and a log that is empty."""

    def __init__(self) -> None:
        self.organiser = make_organiser("kring")
        self.admin = make_account("ada@kring.example", name="Ada Admin")
        make_staff(self.organiser, self.admin, "admin")


@pytest.fixture
def office(app: Flask) -> Office:
    """The office."""
    return Office()


@transaction()
def note(
    organiser: Organiser,
    verb: str = "changed",
    *,
    at: datetime = NOON,
    by: Account | None = None,
    **columns: Any,
) -> None:
    """A line of the log about venue 7."""
    sane = {"thing": "venue", "thing_id": 7, "words": "Huis"}
    row = {**sane, **columns}
    db.session.add(
        AuditEvent(organiser_id=organiser.id, account_id=by.id if by else None, at=at, verb=verb, **row)
    )


@transaction()
def empty() -> None:
    """Forget what builders wrote into the log."""
    db.session.execute(delete(AuditEvent))


def names(client: FlaskClient, query: str) -> list[str]:
    """The words of the lines that this filter shows, the newest first."""
    table = client.get(f"{LOG}/log.csv{query}").data.decode("utf-8-sig")
    return [line.split(";")[5] for line in table.strip().splitlines()[1:]]


def test_a_line_says_who_did_what_to_which_thing_when_before_and_after(office: Office, sign_in: SignIn):
    venue = make_venue(office.organiser, "Ede")
    client = sign_in(office.admin)
    send(client, f"/manage/kring/venues/{venue.id}", having="seen", city="Assen")

    page = words_of(client.get(LOG).text)
    english = sign_in(make_admin(office, "en")).get(LOG)

    assert "Ada Admin Locatie gewijzigd Huis van Ede Plaats: Ede → werd Assen" in page
    assert "Ada Admin Venue changed Huis van Ede City: Ede → became Assen" in words_of(english.text)


@transaction()
def make_admin(office: Office, language: str) -> Account:
    """Another admin, who reads in this language."""
    account = make_account(f"{language}@kring.example", language=language)
    make_staff(office.organiser, account, "admin")
    return account


def test_moments_are_on_the_clock_of_amsterdam_and_nobody_is_automatic(office: Office, sign_in: SignIn):
    noon = "2026-07-01T10:00:00+00:00"
    note(
        office.organiser,
        at=datetime(2026, 6, 30, 22, 30, tzinfo=UTC),
        after={"confirmed_at": noon, "online": True},
    )

    page = words_of(sign_in(office.admin).get(LOG).text)

    assert "01-07-2026 00:30 automatisch" in page
    assert "Bevestigd op: 01-07-2026 12:00" in page
    assert "Online: ja" in page


def test_what_people_do_by_their_own_link_says_so(office: Office, sign_in: SignIn):
    note(office.organiser, "withdrawn", thing="registration", words="Bo")

    assert "via de eigen link Aanmelding teruggetrokken Bo" in words_of(sign_in(office.admin).get(LOG).text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["d", "c", "b", "a"]),
        ("?who=ada", ["b"]),
        ("?who=KRING.example", ["b"]),
        ("?who=automatisch", ["d", "c", "a"]),
        ("?who=nobody", []),
        ("?verb=issued", ["c"]),
        ("?thing=invoice", ["c"]),
        ("?thing=venue&number=7", ["b", "a"]),
        ("?number=8", ["d"]),
        ("?from_on=2026-11-25", ["d", "c"]),
        ("?until_on=2026-11-24", ["b", "a"]),
        ("?from_on=2026-11-25&until_on=2026-11-25", ["c"]),
    ],
)
def test_filters(office: Office, sign_in: SignIn, query: str, found: list[str]):
    empty()
    note(office.organiser, words="a")
    note(office.organiser, words="b", by=office.admin, at=datetime(2026, 11, 24, 22, 59, tzinfo=UTC))
    note(office.organiser, "issued", thing="invoice", words="c", at=datetime(2026, 11, 24, 23, 0, tzinfo=UTC))
    note(office.organiser, thing_id=8, words="d", at=datetime(2026, 11, 26, 12, tzinfo=UTC))
    note(make_organiser("ander"), words="of another organiser")

    assert names(sign_in(office.admin), query) == found


def test_a_wrong_day_is_named_and_stays(office: Office, sign_in: SignIn):
    note(office.organiser, words="Geheimpje")

    answer = sign_in(office.admin).get(f"{LOG}?from_on=gisteren&who=ada")

    assert answer.status_code == 422
    assert 'value="gisteren"' in answer.text
    assert 'value="ada"' in answer.text
    assert "Geheimpje" not in answer.text


def test_strange_filters_break_nothing(office: Office, sign_in: SignIn):
    client = sign_in(office.admin)

    strange = [
        "?page=-1",
        "?page=999999999",
        "?page=x",
        "?number=9999999",
        "?verb=x",
        "?who=%00",
        "?until_on=2100-12-31",
    ]
    assert {client.get(LOG + query).status_code for query in strange} <= {200, 422}
    assert client.get(f"{LOG}/venue/2147483647").status_code == 200
    assert client.get(f"{LOG}/nonsense/1").status_code == 404


def test_pages(office: Office, sign_in: SignIn):
    empty()
    for n in range(51):
        note(office.organiser, words=f"regel {n:02}")
    client = sign_in(office.admin)

    first, second = (client.get(f"{LOG}?thing=venue&page={n}").text for n in (1, 2))

    assert "51 regels" in words_of(first)
    assert ("regel 50" in first, "regel 00" in first) == (True, False)
    assert ("regel 50" in second, "regel 00" in second) == (False, True)
    assert "/manage/kring/audit?page=2&thing=venue" in links(first)


def test_the_page_takes_as_many_queries_for_three_lines_as_for_thirty(office: Office, sign_in: SignIn):
    client = sign_in(office.admin)
    pages = [LOG, f"{LOG}?who=ada", f"{LOG}/venue/7"]
    for _n in range(3):
        note(office.organiser, by=office.admin, after={"city": "x"})
    few = [asked_by(client, page) for page in pages]
    for n in range(27):
        account = make_account(f"c{n}@kring.example", name=f"Ada {n}")
        note(office.organiser, by=account, after={"city": "x"}, thing_id=7)

    assert [asked_by(client, page) for page in pages] == few
    assert few[0] <= 7


def test_files_hold_no_formula(office: Office, sign_in: SignIn):
    empty()
    evil = "=cmd|' /C calc'!A0"
    note(
        office.organiser,
        words=evil,
        by=make_account("x@x.example", name="+31"),
        after={"name": "@x", "city": "-1"},
    )
    client = sign_in(office.admin)

    csv = client.get(f"{LOG}/log.csv").data.decode("utf-8-sig")
    book = load_workbook(io.BytesIO(client.get(f"{LOG}/log.xlsx").data))
    row = list(list(book.worksheets[0].rows)[1])

    assert f"'{evil}" in csv
    assert "'+31" in csv
    assert [cell.value for cell in row][1:6] == ["'+31", "gewijzigd", "Locatie", "7", f"'{evil}"]
    assert {cell.data_type for cell in row if cell.value} == {"s"}


def test_who_may(office: Office, sign_in: SignIn):
    people = {
        "admin": office.admin,
        "stranger": make_account("s@x.example"),
        "other": make_account("o@x.example"),
    }
    make_staff(make_organiser("ander"), people["other"], "admin")
    for role in ("editor", "finance"):
        people[role] = make_account(f"{role}@kring.example")
        make_staff(office.organiser, people[role], role)
    pages = [LOG, f"{LOG}/log.csv", f"{LOG}/log.xlsx", f"{LOG}/venue/7"]

    answers = {
        who: {sign_in(account).get(page).status_code for page in pages} for who, account in people.items()
    }

    assert answers == {"admin": {200}, "editor": {403}, "finance": {403}, "other": {404}, "stranger": {404}}


def test_another_organiser_of_the_same_thing_number_leaks_nothing(office: Office, sign_in: SignIn):
    note(make_organiser("ander"), words="van een ander")

    page = sign_in(office.admin).get(f"{LOG}/venue/7")

    assert "Nog niets gebeurd" in words_of(page.text)
    assert "van een ander" not in page.text


def test_each_thing_has_its_history_for_admins_alone(office: Office, sign_in: SignIn):
    organiser = office.organiser
    programme = make_event(organiser, slug="dag", by_delegation=False)
    city = make_organisation(organiser, "Zutphen")
    contact = make_contact(city, make_person(organiser, "Con"))
    registration = make_registration(programme)
    session, venue = programme.rounds[0].sessions[0], make_venue(organiser)
    meeting, at = programme.meetings[0], "/manage/kring/programmes/dag"
    pages = {
        f"{at}/sessions/{session.id}": f"{LOG}/session/{session.id}",
        f"{at}/meetings/{meeting.id}": f"{LOG}/meeting/{meeting.id}",
        f"{at}/settings": f"{LOG}/programme/{programme.id}",
        f"{at}/registrations/{registration.id}/seats": f"{LOG}/registration/{registration.id}",
        f"/manage/kring/venues/{venue.id}": f"{LOG}/venue/{venue.id}",
        f"/manage/kring/organisations/{city.id}": f"{LOG}/organisation/{city.id}",
        f"/manage/kring/contacts/{contact.id}": f"{LOG}/contact/{contact.id}",
        "/manage/kring/brand": f"{LOG}/organiser/{organiser.id}",
        "/manage/kring/identity": f"{LOG}/organiser/{organiser.id}",
    }
    client = sign_in(office.admin)

    for page, history in pages.items():
        assert history in links(client.get(page).text), page
        assert client.get(history).status_code == 200, history
    editor = make_account("red@kring.example")
    make_staff(organiser, editor, "editor")
    client = sign_in(editor)
    for page in list(pages)[:-2]:
        assert "/audit" not in client.get(page).text, page


def test_the_history_of_a_session_tells_of_its_text_its_people_and_its_place(office: Office, sign_in: SignIn):
    programme = make_event(office.organiser, slug="dag")
    session, other = programme.rounds[0].sessions[0], programme.rounds[1]
    title = session.workshop.title.nl
    client, page = sign_in(office.admin), f"/manage/kring/programmes/dag/sessions/{session.id}"
    person = {"parts-0-name": "Jos de Vries", "parts-0-role": "session_host"}
    send(client, page, having="seen", title_nl="Nieuwe titel", **person)
    send(client, page, having="seen", round_id=str(other.id))

    history = words_of(client.get(f"{LOG}/session/{session.id}").text)

    assert f"Titel (NL): {title} → werd Nieuwe titel" in history
    assert ": Jos de Vries, session_host" in history
    assert "Ronde: Ronde 1 → werd Ronde 2" in history


def test_what_is_taken_away_and_comes_back_has_one_history(office: Office, sign_in: SignIn):
    venue = make_venue(office.organiser, "Ede", street="Weg 1")
    client = sign_in(office.admin)
    client.post(f"/manage/kring/venues/{venue.id}/removal", data={"form_key": "a"})
    line = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "taken away")).one()
    assert line.before == {"name": "Huis van Ede", "city": "Ede", "street": "Weg 1"}
    removed = db.session.scalars(select(Removed.id)).one()
    client.post(f"/manage/kring/removed/{removed}/restoration", data={"form_key": "b"})

    history = words_of(client.get(f"{LOG}/venue/{venue.id}").text)

    assert "Locatie weggehaald" in history
    assert "Locatie teruggehaald" in history


def test_an_invitation_has_a_history_in_words(office: Office, sign_in: SignIn):
    who = (office.organiser.id, "ben@kring.example", "Ben", "reader")
    invitation = invitations.invite(*who, language="nl", by=office.admin, now=NOON)
    invitations.renew(invitation, by=office.admin, now=NOON + timedelta(hours=2))
    invitations.come(invitation, now=NOON + timedelta(hours=3))
    client = sign_in(office.admin)

    history = client.get(f"{LOG}/invitation/{invitation.id}")
    table = client.get(f"{LOG}/log.csv").data.decode("utf-8-sig")

    assert history.status_code == 200
    assert "Uitnodiging: Ben" in words_of(history.text)
    assert "Werkt tot: 08-12-2026 13:00 → werd 08-12-2026 15:00" in words_of(history.text)
    assert "Reden van stoppen: gekomen" in words_of(history.text)
    assert ";Uitnodiging;" in table
    assert not {"invitation", "expires at", "came"} & set(re.split("[;\n:]", table))


def test_the_desk_leads_admins_to_the_log(office: Office, sign_in: SignIn):
    assert LOG in links(sign_in(office.admin).get("/manage/kring/").text)


def recorded() -> set[str]:
    """Every verb that stands in a call of record()."""
    found: set[str] = set()
    for file in Path(learning.__file__ or "learning/__init__.py").parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record" and call.args:
                found |= {
                    n.value
                    for n in ast.walk(call.args[0])
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                }
    return found


def test_every_verb_and_every_column_has_words(app: Flask):
    tables = [table for table in Model.metadata.sorted_tables if table.name in THINGS]
    classes = [mapper.class_ for mapper in Model.registry.mappers if mapper.local_table in tables]
    columns = {attr.key for cls in classes for attr in cls.__mapper__.column_attrs}
    shown = {name for name in columns if may_show(name)}
    bare = {name for name in shown if name not in FIELDS and name[:-3] not in FIELDS}

    assert recorded() - VERBS.keys() == set()
    assert bare - {"lines", "problems", "words"} == set()


def test_a_registration_by_link_and_its_end_stand_in_the_log(office: Office, sign_in: SignIn):
    programme = make_programme(office.organiser)
    make_meeting(programme)
    release(programme)
    registration = make_registration(programme)
    actions.withdraw(registration, now=NOON)

    line = db.session.scalars(select(AuditEvent).where(AuditEvent.thing == "registration")).one()
    assert (line.verb, line.words, line.account_id) == ("withdrawn", "Ann", None)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_by_a_wrong_filter_answers_as_the_page_does(office: Office, sign_in: SignIn, ending: str):
    client, query = sign_in(office.admin), "?from_on=morgen+misschien&number=x"

    answer, page = client.get(f"{LOG}/log.{ending}{query}"), client.get(f"{LOG}{query}")

    assert (answer.status_code, page.status_code) == (422, 422)
    assert answer.mimetype == "text/html"
    for text in (answer.text, page.text):
        assert 'href="#from_on"' in text, text
        assert 'href="#number"' in text
    assert f'action="{LOG}"' in answer.text  # from here the filters lead to the page again
