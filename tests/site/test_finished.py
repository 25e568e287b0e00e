"""Finished bytes: one read when nothing changed, never stale
when something did, and nobody's page for somebody else.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from learning.kit.db import db
from learning.kit.installation import of
from learning.kit.pages import Pages, kept_pages, read_edition
from learning.kit.wording import Wording
from learning.people.models import Account
from learning.releases.models import OfferedProgramme, Release
from learning.releases.queries import Parsed
from tests.browse import words_of
from tests.make import (
    NOON,
    make_account,
    make_event,
    make_meeting,
    make_organiser,
    make_programme,
    make_registration,
    make_round,
    make_session,
    release,
)
from tests.site.world import change, counted, make_cities, make_community, make_day, sessions_of, take

SignIn = Callable[[Account], FlaskClient]
PATHS = ["", "/dag", "/dag/sessions/1.01", "/dag/speakers/renee-van-der-plas"]
PAGES = [f"/{lang}/programmes{path}" for lang in ("nl", "en") for path in PATHS]


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    """It is noon, two months before the day."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.mark.parametrize("path", PAGES)
def test_a_second_reader_gets_the_same_bytes_for_one_read(
    app: Flask, client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_day()
    first = client.get(path)
    with counted(monkeypatch) as reads:
        second = client.get(path)
    assert len(reads) == 1
    assert second.data == first.data
    assert second.headers["Cache-Control"] == "no-cache"
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Set-Cookie" not in second.headers
    assert second.content_type == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", PAGES)
def test_who_has_the_page_gets_nothing_again(
    app: Flask, client: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_day()
    etag = client.get(path).headers["ETag"]
    assert etag.startswith('"')
    for said in (etag, f"W/{etag}", f'"other", {etag}'):
        with counted(monkeypatch) as reads:
            answer = client.get(path, headers={"If-None-Match": said})
        assert (answer.status_code, answer.data, answer.headers["ETag"], len(reads)) == (304, b"", etag, 1)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_every_page_has_its_own_mark(app: Flask, client: FlaskClient) -> None:
    make_day()
    make_day(slug="nacht")
    pages = [*PAGES, *(path.replace("/dag", "/nacht") for path in PAGES if "/dag" in path)]
    assert len({client.get(path).headers["ETag"] for path in pages}) == len(pages)


@pytest.mark.parametrize("path", [path for path in PAGES if "/dag" in path])
def test_a_place_that_is_taken_shows_at_once(app: Flask, client: FlaskClient, path: str) -> None:
    session = sessions_of(make_day())["1.01"]
    before = client.get(path)
    take(session.id, 1)
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    words = ("nog 2 plekken", "nog 1 plek") if path.startswith("/nl") else ("2 places left", "1 place left")
    assert words[0] in words_of(before.text)
    assert words[0] not in words_of(after.text)
    assert words[1] in words_of(after.text)
    assert after.data == client.get(path, headers={"Cookie": "session=x"}).data  # and as it is rendered


def test_places_left_are_fresh_for_one_read(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sessions_of(make_day())["1.01"]
    path = "/nl/programmes/dag/places"
    with counted(monkeypatch) as reads:
        before = client.get(path)
    assert len(reads) == 1
    assert "nog 2 plekken" in words_of(before.json[str(session.id)])  # type: ignore[index]
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    take(session.id, 1)
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert "nog 1 plek" in words_of(after.json[str(session.id)])  # type: ignore[index]
    assert f'data-left="{session.id}"' in client.get("/nl/programmes/dag").text
    assert client.get("/nl/programmes/geen/places").status_code == 404


@pytest.mark.parametrize("path", [*PAGES, "/nl/programmes?q=dag"])
def test_a_release_shows_at_once(app: Flask, client: FlaskClient, path: str) -> None:
    programme = make_day()
    before = client.get(path)
    change(programme, title=Wording("Dag van de Wijk", "Day of the Area"))
    assert client.get(path).data == before.data
    release(programme, name="2")
    after = client.get(path, headers={"If-None-Match": before.headers.get("ETag", "")})
    assert after.status_code == 200
    assert "Dag van de Wijk" in after.text or "Day of the Area" in after.text
    assert "Dag van de Straat" not in after.text
    assert "Day of the Street" not in after.text


def test_a_name_that_was_erased_is_gone_at_once(app: Flask, client: FlaskClient) -> None:
    programme = make_day()
    pages = [path for path in PAGES if path.endswith(("/dag", "1.01"))]
    assert all("Renée van der Plas" in client.get(path).text for path in pages)
    row = db.session.query(Release).filter_by(programme_id=programme.id).one()
    public = json.loads(
        json.dumps(row.public).replace(json.dumps("Renée van der Plas"), json.dumps("Iemand"))
    )
    change(row, public=public, cleaned=1)
    change(db.session.get_one(OfferedProgramme, programme.id), cleaned=1)
    assert not any("Renée van der Plas" in client.get(path).text for path in pages)


@pytest.mark.parametrize(
    ("columns", "word"),
    [({"name": "Kring Zuid"}, "Kring Zuid"), ({"brand_colour": "#552200"}, "/theme/")],
)
def test_another_brand_shows_at_once(
    app: Flask, client: FlaskClient, columns: dict[str, str], word: str
) -> None:
    organiser = make_organiser(name="Kring Noord")
    make_day(organiser)
    before = client.get("/nl/programmes/dag")
    change(organiser, **columns)
    after = client.get("/nl/programmes/dag")
    assert word in after.text
    assert after.data != before.data
    assert after.headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("path", ["/nl/programmes", "/nl/programmes/dag", "/nl/programmes/dag/sessions/1.01"])
@pytest.mark.parametrize("column", ["registration_opens_at", "registration_closes_at"])
def test_a_page_changes_by_itself_when_registration_opens_or_closes(
    app: Flask, client: FlaskClient, noon: time_machine.Traveller, path: str, column: str
) -> None:
    make_day(**{column: NOON + timedelta(minutes=10)})
    before = client.get(path)
    noon.shift(timedelta(minutes=9, seconds=59))
    assert client.get(path).data == before.data
    noon.shift(timedelta(seconds=1))
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    can = "Je kunt je aanmelden" if path == "/nl/programmes" else "/nl/programmes/dag/registration"
    assert (can in before.text, can in after.text) == (
        (False, True) if column == "registration_opens_at" else (True, False)
    )


@pytest.mark.parametrize(
    ("at", "now", "next"),
    [  # UTC, an hour before the clock on the wall; blocks at 11:00, 14:00 and 15:00, none with an end
        ((2027, 1, 27, 22, 59, 59), None, None),
        ((2027, 1, 27, 23, 0, 0), "", "Opening"),
        ((2027, 1, 28, 9, 59, 59), "", "Opening"),
        ((2027, 1, 28, 10, 0, 0), "Opening", "Ronde 1"),
        ((2027, 1, 28, 12, 59, 59), "Opening", "Ronde 1"),
        ((2027, 1, 28, 13, 0, 0), "Ronde 1", "Ronde 2"),
        ((2027, 1, 28, 14, 0, 0), "Ronde 2", ""),
        ((2027, 1, 28, 22, 59, 59), "Ronde 2", ""),
        ((2027, 1, 28, 23, 0, 0), None, None),
    ],
)
def test_on_the_day_it_says_what_is_on_and_what_comes(
    app: Flask,
    client: FlaskClient,
    noon: time_machine.Traveller,
    at: tuple[int, ...],
    now: str | None,
    next: str | None,
) -> None:
    make_day()
    moment = datetime(*at, tzinfo=UTC)  # type: ignore[misc, arg-type]
    noon.move_to(moment - timedelta(seconds=1))
    client.get("/nl/programmes/dag")  # is kept until a word changes
    noon.move_to(moment)
    said = words_of(client.get("/nl/programmes/dag").text).partition("Nu en straks")[2]
    assert bool(said) == (now is not None)
    if now is not None:
        assert (" Nu " in said, f" Nu {now} " in said) == (bool(now), bool(now))
        assert (" Straks " in said, f" Straks {next} " in said) == (bool(next), bool(next))


def test_a_page_changes_at_the_midnight_of_the_netherlands(
    app: Flask, client: FlaskClient, noon: time_machine.Traveller
) -> None:
    make_community(make_organiser())
    noon.move_to(datetime(2027, 1, 14, 22, 59, 59, tzinfo=UTC))
    assert "Eerstvolgende" in client.get("/nl/programmes/leren").text
    noon.shift(timedelta(seconds=1))
    page = client.get("/nl/programmes/leren").text
    assert "Eerstvolgende" not in page
    assert "Momenteel geen beschikbare data" in page


def test_another_edition_of_the_app_gives_another_mark(app: Flask, client: FlaskClient) -> None:
    make_day()
    before = client.get("/nl/programmes/dag").headers["ETag"]
    of(app).memory.put(read_edition, "the next one")
    assert client.get("/nl/programmes/dag", headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize("path", ["/nl/programmes", "/nl/programmes/dag", "/nl/programmes/dag/sessions/1.01"])
def test_what_one_reader_asks_never_reaches_another(app: Flask, client: FlaskClient, path: str) -> None:
    make_day()
    asked = client.get(f"{path}?from=somewhere&q=&theme=")
    assert "from=somewhere" in asked.text  # the link to the other language keeps it
    assert asked.headers["Cache-Control"] == "private, no-store"
    assert "somewhere" not in client.get(path).text


def test_who_is_signed_in_sees_the_own_name_and_nobody_else_does(
    app: Flask, client: FlaskClient, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_day()
    account = make_account("ann@x.example")
    mine = sign_in(account)
    for path in PAGES:
        mine.get(path)
        with counted(monkeypatch) as reads:
            answer = mine.get(path)
        assert "ann@x.example" in answer.text
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert len(reads) <= 9  # three of them count the look, so that prices cannot be guessed without end
        assert "ann@x.example" not in app.test_client().get(path).text
        assert "ann@x.example" in mine.get(path).text


@pytest.mark.parametrize("many", [2, 40])
def test_a_first_view_takes_few_reads_whatever_the_size(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    programme = make_programme(slug="dag")
    round = make_round(make_meeting(programme))
    for _ in range(many):
        make_session(round, capacity=3)
    release(programme)
    for path in ("/nl/programmes", "/nl/programmes/dag", "/nl/programmes/dag/sessions/1.01"):
        of(app).memory.forget(Parsed, Pages)
        with counted(monkeypatch) as reads:
            assert client.get(path).status_code == 200
        assert len(reads) == 3
    with counted(monkeypatch) as reads:
        assert client.get("/nl/programmes/dag?q=nothing").status_code == 200
    assert len(reads) == 2


@pytest.mark.parametrize("many", [1, 12])
def test_the_catalogue_takes_as_many_reads_for_one_programme_as_for_twelve(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    organiser = make_organiser()
    for _ in range(many):
        make_event(organiser, capacities=((1,),))
    of(app).memory.forget(Parsed)
    with counted(monkeypatch) as reads:
        page = client.get("/nl/programmes")
    assert page.text.count("<article") == many
    assert len(reads) == 3


def test_the_partner_check_takes_few_reads(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    organiser = make_organiser()
    make_community(organiser)
    make_cities(organiser)
    for city in ("den bosch", "nergens"):
        with counted(monkeypatch) as reads:
            assert client.get(f"/nl/programmes/leren/partner-check?city={city}").status_code == 200
        assert len(reads) <= 9  # three of them count the look, so that prices cannot be guessed without end


def test_pages_are_kept_up_to_a_limit(app: Flask, client: FlaskClient) -> None:
    make_day()
    of(app).memory.put(Pages, Pages(limit=30_000))
    for path in PAGES * 2:
        assert client.get(path).status_code == 200
    assert 0 < kept_pages().size <= 30_000


def test_a_registration_changes_no_word_for_others(app: Flask, client: FlaskClient) -> None:
    programme = make_day()
    before = client.get("/nl/programmes/dag")
    make_registration(programme, "Bob Geheim")
    assert client.get("/nl/programmes/dag").data == before.data


def test_a_head_request_says_what_a_page_would(app: Flask, client: FlaskClient) -> None:
    make_day()
    page, head = client.get("/nl/programmes/dag"), client.head("/nl/programmes/dag")
    assert head.data == b""
    assert head.headers["ETag"] == page.headers["ETag"]
    assert head.headers["Content-Length"] == page.headers["Content-Length"]


def test_days_in_the_past_are_no_month_to_choose(app: Flask, client: FlaskClient) -> None:
    programme = make_programme()
    for on in (date(2026, 10, 1), date(2026, 12, 1)):
        make_meeting(programme, on=on)
    release(programme)
    text = client.get("/nl/programmes").text
    assert 'value="2026-12">december 2026' in text
    assert 'value="2026-10"' not in text
