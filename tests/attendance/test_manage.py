"""The list of registrations at the desk."""

import csv
import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from learning.attendance import actions
from learning.kit import clock
from learning.people.actions import account_for
from learning.people.models import Account
from tests.attendance.event import NOON, Event, make_event, newest
from tests.counted import asked_by, counted
from tests.make import make_organiser, make_staff

SignIn = Callable[[Account], FlaskClient]
PEOPLE = (
    ("Jos van der Lans", "jos@x.example", "Gemeente Ede"),
    ("Simone 't Hooft", "simone@x.example", "Wijkraad"),
    ("José Álvarez", "jose@x.example", "=cmd()"),
)


@pytest.fixture
def event(app: Flask) -> Event:
    event = make_event()
    for name, mail, affiliation in PEOPLE:
        known = {"name": name, "mail": mail, "affiliation": affiliation, "language": "nl"}
        actions.register(event.picture, **known, price=None, verified=name.startswith("Jos "), now=NOON)
    return event


def staff(event: Event, role: str) -> Account:
    account = account_for(f"{role}@x.example", now=clock.now())
    make_staff(event.organiser, account, role)
    return account


def url_of(event: Event) -> str:
    return f"/manage/{event.organiser.slug}/programmes/{event.programme.slug}/registrations"


def names(page: str) -> list[str]:
    found = [(page.find(name.replace("'", "&#39;")), name) for name, _, _ in PEOPLE]
    return [name for at, name in sorted(found) if at >= 0]


def test_participants_are_for_admins_and_editors_of_that_organiser(
    app: Flask, client: FlaskClient, sign_in: SignIn, event: Event
) -> None:
    other = make_event(organiser=make_organiser(slug="other"))
    url, codes = url_of(event), {}
    assert client.get(url).status_code == 302
    strangers = {
        "other": account_for("stranger@x.example", now=NOON),
        "attendee": account_for("jos@x.example", now=NOON),
    }
    make_staff(other.organiser, strangers["other"], "admin")
    people = {role: staff(event, role) for role in ("admin", "editor", "finance")} | strangers
    for role, account in people.items():
        sign_in(account)
        codes[role] = (client.get(url).status_code, client.get(url + ".csv").status_code)
    assert codes == {
        "admin": (200, 200),
        "editor": (200, 200),
        "finance": (403, 403),
        "other": (404, 404),
        "attendee": (404, 404),
    }
    sign_in(people["admin"])
    mixed = f"/manage/{event.organiser.slug}/programmes/{other.programme.slug}/registrations"
    assert client.get(mixed).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["José Álvarez", "Simone 't Hooft", "Jos van der Lans"]),
        ("search=alvarez", ["José Álvarez"]),
        ("search=JOSE", ["José Álvarez"]),
        ("search=gemeente+ede", ["Jos van der Lans"]),
        ("search=simone@x", ["Simone 't Hooft"]),
        ("search=nobody", []),
        ("state=confirmed", ["Jos van der Lans"]),
        ("state=unconfirmed", ["José Álvarez", "Simone 't Hooft"]),
        ("state=ended", []),
        ("order=mail", ["Jos van der Lans", "José Álvarez", "Simone 't Hooft"]),
        (
            "order=nonsense&state=nonsense&page=99999999999999999999",
            ["José Álvarez", "Simone 't Hooft", "Jos van der Lans"],
        ),
        ("page=-1", ["José Álvarez", "Simone 't Hooft", "Jos van der Lans"]),
    ],
)
def test_search_state_and_order(
    app: Flask, client: FlaskClient, sign_in: SignIn, event: Event, query: str, found: list[str]
) -> None:
    sign_in(staff(event, "editor"))
    answer = client.get(f"{url_of(event)}?{query}")
    assert (answer.status_code, names(answer.text)) == (200, found)


def test_a_code_is_found_with_and_without_its_dashes(
    app: Flask, client: FlaskClient, sign_in: SignIn, event: Event
) -> None:
    sign_in(staff(event, "editor"))
    code = newest().code
    for words in (code, code.replace("-", "").lower()):
        assert names(client.get(url_of(event), query_string={"search": words}).text) == ["José Álvarez"]


def test_the_file_is_the_list_and_holds_no_formulas(
    app: Flask, client: FlaskClient, sign_in: SignIn, event: Event
) -> None:
    sign_in(staff(event, "admin"))
    answer = client.get(url_of(event) + ".csv?search=alvarez")
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head[-4:] == ["Dieet", "Toegankelijkheid", "Prijs, exclusief btw", "Want"]
    assert [row[1:4] for row in rows] == [["José Álvarez", "jose@x.example", "'=cmd()"]]


def test_the_list_takes_as_many_queries_for_one_as_for_fifty(
    app: Flask, client: FlaskClient, sign_in: SignIn, event: Event
) -> None:
    sign_in(staff(event, "admin"))
    asked = ("?search=alvarez", "", "?order=mail", "?order=affiliation")
    counts = [[asked_by(client, url_of(event) + query) for query in asked]]
    for n in range(60):
        known = {"name": f"P{n}", "mail": f"p{n}@x.example", "language": "nl"}
        actions.register(event.picture, **known, price=None, verified=False, now=NOON)
    counts.append([asked_by(client, url_of(event) + query) for query in asked])
    assert counts[0] == counts[1]
    with counted() as found:
        client.get(url_of(event))
    assert found.loaded.count("registration") == 50


def test_pages_of_fifty(app: Flask, client: FlaskClient, sign_in: SignIn, event: Event) -> None:
    sign_in(staff(event, "admin"))
    for n in range(50):
        known = {"name": f"Zoë Zz{n:02}", "mail": f"p{n}@x.example", "language": "nl"}
        actions.register(event.picture, **known, price=None, verified=False, now=NOON)
    first, second = (client.get(url_of(event) + f"?page={page}").text for page in (1, 2))
    assert (first.count('scope="row"'), second.count('scope="row"')) == (50, 3)
    assert ("Zoë Zz49" in first, "Zoë Zz49" in second) == (False, True)
