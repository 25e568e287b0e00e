"""The pages of a contact person and of the desk: who may see them, what they refuse, and what they keep."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from learning.attendance.emails import moment_words
from learning.delegations.models import Delegation, Nomination
from learning.kit import clock
from learning.kit.db import db, transaction
from learning.organisations.models import Partnership
from learning.organisations.queries import find_city
from learning.people.models import Account
from learning.programmes.models import Meeting
from tests.browse import form_of, links, one_line, send, words_of
from tests.counted import asked_by
from tests.delegations.community import Community, count, history, make_community, nominate, register
from tests.make import make_account, make_organisation, make_organiser, make_staff, release

SignIn = Callable[[Account], FlaskClient]
ANNA = {"name": "Anna", "mail": "anna@x.example", "capacity": "resident"}


def coming(**columns: Any) -> Community:
    """A community of which the first meeting is in two weeks, and names close in one."""
    today = clock.local(clock.now()).date()
    days = (today + timedelta(days=14), today + timedelta(days=40))
    return make_community(**{"days": days, "closing": clock.now() + timedelta(days=7), **columns})


@pytest.fixture
def community(app: Flask) -> Community:
    return coming()


@pytest.fixture
def delegation(community: Community) -> Delegation:
    return register(community, community.zutphen, community.carla, now=clock.now())


def register_url(community: Community) -> str:
    return f"/en/programmes/{community.programme.slug}/delegation"


def nominate_url(community: Community, delegation: Delegation, meeting: int = 0) -> str:
    return f"/en/delegations/{delegation.id}/meetings/{community.meetings[meeting].id}/nominations"


def desk_url(community: Community) -> str:
    return f"/manage/{community.organiser.slug}/programmes/{community.programme.slug}/delegations"


@transaction()
def change(model: Any, id: int, **values: Any) -> None:
    db.session.execute(update(model).where(model.id == id).values(**values))


def test_anonymous_people_sign_in_first(client: FlaskClient, community: Community, delegation: Delegation):
    anna = nominate(community, delegation, "Anna", now=clock.now())
    own = f"/en/delegations/{delegation.id}"
    addresses = [own, nominate_url(community, delegation), desk_url(community)]
    addresses += [f"/en/nominations/{anna.id}/substitution", f"/en/nominations/{anna.id}/withdrawal"]
    for address in addresses:
        for answer in (client.get(address), client.post(address, data=ANNA)):
            assert answer.status_code in (302, 405), address
            assert answer.status_code == 405 or "/sign-in" in answer.location
    assert history(delegation, community.meetings[0]) == [("Anna", 1, "runs")]


def test_another_citys_contact_finds_nothing(sign_in: SignIn, community: Community, delegation: Delegation):
    dirk = make_account("dirk@ede.example", name="Dirk")
    register(community, community.ede, dirk, now=clock.now())
    anna = nominate(community, delegation, "Anna", now=clock.now())
    client = sign_in(dirk)
    addresses = [f"/en/delegations/{delegation.id}", nominate_url(community, delegation)]
    addresses += [f"/en/nominations/{anna.id}/substitution", f"/en/nominations/{anna.id}/withdrawal"]
    first, second = (meeting.id for meeting in community.meetings)
    addresses.append(f"/en/delegations/{delegation.id}/meetings/{first}/lines")
    assert client.post(f"/en/delegations/{delegation.id}/meetings/{second}/team/{first}").status_code == 404
    for address in addresses:
        assert client.get(address).status_code == 404, address
        assert client.post(address, data=ANNA | {"name": "Bea"}).status_code in (404, 405), address
    assert history(delegation, community.meetings[0]) == [("Anna", 1, "runs")]
    client = sign_in(community.carla)
    assert [client.get(address).status_code for address in addresses] == [200] * 5
    assert "Anna" in client.get(addresses[0]).text


def test_the_price_is_shown_with_its_reason_before_it_is_accepted(sign_in: SignIn, community: Community):
    client, url = sign_in(community.carla), register_url(community)
    assert "€" not in words_of(client.get(url).text)

    first = send(client, url, city="gemeente ZUTPHEN", order_ref="PO 4500")

    shown = words_of(first.text)
    assert (first.status_code, count(Delegation)) == (200, 0)
    assert "€2,500.00 excluding VAT: the price for partners of the network" in shown
    form = form_of(first.text)["values"]
    assert (form["city"], form["order_ref"], form["name"]) == ("gemeente ZUTPHEN", "PO 4500", "Carla")
    unticked = client.post(url, data=form)
    assert (unticked.status_code, count(Delegation)) == (422, 0)
    assert "€2,500.00" in words_of(unticked.text)

    done = client.post(url, data={**form, "accept": "y"})
    made = db.session.scalars(select(Delegation)).one()
    assert (done.status_code, done.location) == (302, f"/en/delegations/{made.id}")
    assert (made.order_ref, made.confirmed_at is not None) == ("PO 4500", True)
    assert "€2,500.00" in words_of(client.get(done.location).text)
    again = client.post(url, data={**form, "accept": "y"})
    assert (again.status_code, again.location, count(Delegation)) == (302, done.location, 1)


def test_a_price_that_changed_meanwhile_is_shown_anew(sign_in: SignIn, community: Community):
    client, url = sign_in(community.carla), register_url(community)
    form = form_of(send(client, url, city="Zutphen").text)["values"]
    partnership = db.session.scalars(select(Partnership)).one()
    change(Partnership, partnership.id, until_on=date(2020, 12, 31))

    stale = client.post(url, data={**form, "accept": "y"})

    words = words_of(stale.text)
    assert (stale.status_code, count(Delegation)) == (409, 0)
    assert "The price has changed" in words
    assert "€3,000.00 excluding VAT: the price for those who are no partner" in words
    fresh = form_of(stale.text)["values"]
    assert "accept" not in fresh
    assert client.post(url, data={**fresh, "accept": "y"}).status_code == 302
    assert str(db.session.scalars(select(Delegation.price_amount)).one()) == "3000.00"


def test_without_a_price_there_is_nothing_to_accept(sign_in: SignIn, community: Community):
    @transaction()
    def unprice() -> None:
        for tariff in community.programme.tariffs:
            db.session.delete(tariff)

    unprice()
    release(community.programme, name="2")
    client, url = sign_in(community.carla), register_url(community)
    first = send(client, url, city="Zutphen")
    assert "The price is not known yet." in words_of(first.text)
    assert 'name="accept"' not in first.text

    assert client.post(url, data=form_of(first.text)["values"]).status_code == 302
    assert db.session.scalars(select(Delegation.price_amount)).one() is None


def test_what_was_typed_stays_when_it_is_not_right(sign_in: SignIn, community: Community):
    client, url = sign_in(community.carla), register_url(community)
    wrong = [
        {"city": "Atlantis", "order_ref": "PO 7"},
        {"city": "", "order_ref": "PO 7"},
        {"city": "Zutphen", "order_ref": "P" * 61},
        {"city": "Zut\x07phen", "order_ref": "PO 7"},
        {"city": "Zutphen", "name": "", "order_ref": "PO 7"},
    ]
    for typed in wrong:
        answer = send(client, url, **typed)
        kept = form_of(answer.text)["values"]
        assert (answer.status_code, kept["order_ref"]) == (422, typed["order_ref"]), typed
    assert count(Delegation) == 0


def test_a_city_of_another_organiser_is_unknown(sign_in: SignIn, community: Community):
    make_organisation(make_organiser(), "Woonstad Rheden")

    assert send(sign_in(community.carla), register_url(community), city="Woonstad Rheden").status_code == 422


def test_a_city_that_takes_part_already_is_refused(
    sign_in: SignIn, community: Community, delegation: Delegation
):
    client, url = sign_in(make_account("dirk@ede.example", name="Dirk")), register_url(community)
    form = form_of(send(client, url, city="Zutphen").text)["values"]

    answer = client.post(url, data={**form, "accept": "y"})

    assert (answer.status_code, count(Delegation)) == (409, 1)
    assert "Zutphen takes part already" in words_of(answer.text)


def test_registering_late_names_the_deadline(app: Flask, sign_in: SignIn):
    closes = clock.now() - timedelta(hours=1)
    community = coming(registration_closes_at=closes)

    answer = sign_in(community.carla).get(register_url(community))

    assert answer.status_code == 409
    assert moment_words(closes, "en") in words_of(answer.text)


def test_an_unknown_programme_has_no_page(sign_in: SignIn, community: Community):
    assert sign_in(community.carla).get("/en/programmes/none/delegation").status_code == 404


def test_three_are_sent_one_is_replaced_one_withdrawn(
    sign_in: SignIn, community: Community, delegation: Delegation
):
    client, own = sign_in(community.carla), f"/en/delegations/{delegation.id}"
    for name in ("Anna", "Bea", "Cor"):
        page = send(
            client, nominate_url(community, delegation), **ANNA | {"name": name, "mail": f"{name}@x.example"}
        )
        assert (page.status_code, page.request.path) == (200, own)
    full = send(client, nominate_url(community, delegation), **ANNA | {"name": "Dora"})
    assert full.status_code == 409
    assert "3 of 3 places are filled: Anna, Bea, Cor. Whom do you replace?" in words_of(full.text)
    assert form_of(full.text)["values"]["name"] == "Dora"
    anna, bea, _cor = db.session.scalars(select(Nomination.id).order_by(Nomination.id)).all()

    send(client, f"/en/nominations/{anna}/substitution", **ANNA | {"name": "Eef", "capacity": "institution"})
    page = send(client, f"/en/nominations/{bea}/withdrawal")

    words = words_of(page.text)
    assert "Eef Institution not answered yet stood in for Anna" in words
    assert "Bea withdrawn" in words
    assert history(delegation, community.meetings[0]) == [
        ("Anna", 1, "substituted"),
        ("Bea", 2, "withdrawn"),
        ("Cor", 3, "runs"),
        ("Eef", 1, "runs"),
    ]
    assert client.get(f"/en/nominations/{anna}/substitution").status_code == 404
    assert client.post(f"/en/nominations/{anna}/substitution", data=ANNA | {"name": "Fay"}).status_code == 409


def test_a_form_sent_twice_counts_once(sign_in: SignIn, community: Community, delegation: Delegation):
    client, own = sign_in(community.carla), f"/en/delegations/{delegation.id}"
    url = nominate_url(community, delegation)
    form = form_of(client.get(url).text)["values"] | ANNA
    assert [client.post(url, data=form).location for _ in range(2)] == [own, own]
    anna = db.session.scalars(select(Nomination.id)).one()

    url = f"/en/nominations/{anna}/substitution"
    form = form_of(client.get(url).text)["values"] | ANNA | {"name": "Bea"}
    assert [client.post(url, data=form).location for _ in range(2)] == [own, own]
    assert history(delegation, community.meetings[0]) == [("Anna", 1, "substituted"), ("Bea", 1, "runs")]


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ""},
        {"name": "A" * 121},
        {"name": "An\x00na"},
        {"mail": "nobody"},
        {"mail": ""},
        {"capacity": "king"},
        {"capacity": ""},
    ],
)
def test_bad_names_are_kept_and_not_sent(
    sign_in: SignIn, community: Community, delegation: Delegation, typed: dict[str, str]
):
    answer = sign_in(community.carla).post(nominate_url(community, delegation), data=ANNA | typed)

    assert (answer.status_code, count(Nomination)) == (422, 0)
    kept = form_of(answer.text)["values"]
    for name in {"name", "mail"} - set(typed):
        assert kept[name] == ANNA[name]


def test_after_the_deadline_the_page_names_it(sign_in: SignIn, community: Community, delegation: Delegation):
    anna = nominate(community, delegation, "Anna", now=clock.now())
    closed = clock.now() - timedelta(hours=1)
    change(Meeting, community.meetings[0].id, nominations_close_at=closed)
    release(community.programme, name="2")
    client = sign_in(community.carla)
    nominating = client.post(nominate_url(community, delegation), data=ANNA | {"name": "Bea"})
    replacing = client.post(f"/en/nominations/{anna.id}/substitution", data=ANNA | {"name": "Bea"})
    withdrawing = client.post(f"/en/nominations/{anna.id}/withdrawal")

    for answer in (nominating, replacing, withdrawing):
        assert answer.status_code == 409
        assert f"Names could be given until {moment_words(closed, 'en')}" in words_of(answer.text)
    assert form_of(nominating.text)["values"]["name"] == "Bea"
    page = client.get(f"/en/delegations/{delegation.id}").text
    assert "Names are closed" in words_of(page)
    assert [a for a in links(page) if "/nominations" in a] == [nominate_url(community, delegation, 1)]


def test_meetings_of_another_programme_are_unknown(
    sign_in: SignIn, community: Community, delegation: Delegation
):
    other = coming()
    client = sign_in(community.carla)
    for meeting_id in (other.meetings[0].id, 999999):
        url = f"/en/delegations/{delegation.id}/meetings/{meeting_id}/nominations"
        assert (client.get(url).status_code, client.post(url, data=ANNA).status_code) == (404, 404)
    assert client.get("/en/delegations/999999").status_code == 404
    assert client.get("/en/nominations/999999/substitution").status_code == 404
    assert count(Nomination) == 0


def test_a_requested_delegation_waits_for_staff(sign_in: SignIn, community: Community):
    dirk = make_account("dirk@ede.example", name="Dirk")
    asked = register(community, community.ede, dirk, now=clock.now())
    client, own = sign_in(dirk), f"/en/delegations/{asked.id}"
    assert "still has to confirm" in words_of(client.get(own).text)
    early = client.post(nominate_url(community, asked), data=ANNA)
    assert (early.status_code, count(Nomination)) == (409, 0)

    editor = make_account("editor@x.example", language="en")
    make_staff(community.organiser, editor, "editor")
    client = sign_in(editor)
    page = client.get(desk_url(community))
    assert "Request, holds no place" in words_of(page.text)
    done = client.post(f"/manage/{community.organiser.slug}/delegations/{asked.id}/confirmation")
    assert (done.status_code, done.location) == (302, desk_url(community))
    assert "holds no place" not in words_of(client.get(desk_url(community)).text)

    client = sign_in(dirk)
    assert client.post(nominate_url(community, asked), data=ANNA).location == own


def test_the_desk_is_for_its_own_staff(sign_in: SignIn, community: Community, delegation: Delegation):
    other = coming()
    people = {"contact": community.carla, "other": make_account("other@x.example")}
    make_staff(other.organiser, people["other"], "admin")
    for role in ("admin", "editor", "finance", "reader"):
        people[role] = make_account(f"{role}@x.example")
        make_staff(community.organiser, people[role], role)
    confirm = f"/manage/{community.organiser.slug}/delegations/{delegation.id}/confirmation"
    codes = {}
    for role, account in people.items():
        client = sign_in(account)
        codes[role] = (client.get(desk_url(community)).status_code, client.post(confirm).status_code)
    assert codes == {
        "contact": (404, 404),
        "other": (404, 404),
        "admin": (200, 302),
        "editor": (200, 302),
        "finance": (200, 403),
        "reader": (200, 403),
    }
    client = sign_in(people["other"])
    mixed = f"/manage/{other.organiser.slug}"
    assert client.get(f"{mixed}/programmes/{community.programme.slug}/delegations").status_code == 404
    assert client.post(f"{mixed}/delegations/{delegation.id}/confirmation").status_code == 404


def test_the_desk_counts_and_searches(sign_in: SignIn, community: Community, delegation: Delegation):
    register(community, community.ede, make_account("dirk@ede.example", name="Dirk"), now=clock.now())
    for name in ("Anna", "Bea"):
        nominate(community, delegation, name, now=clock.now())
    finance = make_account("finance@x.example", language="en")
    make_staff(community.organiser, finance, "finance")
    client = sign_in(finance)
    rows = {
        "": ["Ede", "Zutphen"],
        "zutphén": ["Zutphen"],
        "dirk": ["Ede"],
        "carla zutphen": ["Zutphen"],
        "nobody": [],
    }
    for search, found in rows.items():
        text = one_line(client.get(desk_url(community), query_string={"search": search}).text)
        assert [name for name in ("Ede", "Zutphen") if f'scope="row"> {name}' in text] == found, search
    text = client.get(desk_url(community), query_string={"search": "zutphen"}).text
    words = words_of(text)
    assert "Zutphen Carla carla@zutphen.example 2 of 3 0 of 3 below 2 €2,500.00 Make invoice Zutphen" in words
    assert "Sent, and open places 2 1 open 0 3 open" in words
    assert text.count('/invoices"') >= 1


def test_pages_take_as_many_queries_for_one_as_for_fifty(app: Flask, sign_in: SignIn):
    community = coming(seats_max=60)
    delegation = register(community, community.zutphen, community.carla, now=clock.now())
    nominate(community, delegation, "P", now=clock.now())
    admin = make_account("admin@x.example")
    make_staff(community.organiser, admin)
    client = sign_in(community.carla)
    own, home = f"/en/delegations/{delegation.id}", "/en/me"
    client.get(own), client.get(home)  # the release is parsed once
    before = [asked_by(client, own), asked_by(client, home)]
    desk = [asked_by(sign_in(admin), desk_url(community))]

    for n in range(49):
        nominate(community, delegation, f"P{n}", now=clock.now())
        city = make_organisation(community.organiser, f"City {n}", mail_domains=["zutphen.example"])
        register(community, city, community.carla, now=clock.now())

    desk.append(asked_by(sign_in(admin), desk_url(community)))
    client = sign_in(community.carla)
    assert [asked_by(client, own), asked_by(client, home)] == before
    assert desk[0] == desk[1] > 0
    assert client.get(home).text.count("/en/delegations/") == 50


def test_a_municipality_that_is_new_to_the_organiser_registers(sign_in: SignIn, community: Community):
    gerda = make_account("gerda@x.example", name="Gerda")
    client, url = sign_in(gerda), register_url(community)
    ended = send(client, url, city="Haren")
    assert "Haren is no municipality of its own since 1 January 2019." in words_of(ended.text)
    shown = send(client, url, city="gemeente 's-Gravenhage")
    assert "Price for Den Haag" in words_of(shown.text)
    assert find_city(community.organiser.id, "Den Haag") is None  # nothing is made before it is agreed
    values = form_of(shown.text)["values"] | {"accept": "y"}
    done = client.post(url, data=values, follow_redirects=True)
    assert "Delegation of Den Haag" in words_of(done.text)
    city = find_city(community.organiser.id, "the hague")
    assert city is not None
    assert (city.name, city.municipality_code) == ("Den Haag", "GM0518")
    delegation = db.session.query(Delegation).filter_by(organisation_id=city.id).one()
    assert (delegation.price_amount, delegation.confirmed_at) == (3000, None)


@pytest.mark.parametrize("id", ["2147483648", "9223372036854775808", "9" * 5000])
def test_a_number_that_nothing_can_have_is_not_found(
    sign_in: SignIn, community: Community, delegation: Delegation, id: str
):
    make_staff(community.organiser, community.carla, "admin")
    at, desk = f"/nl/delegations/{delegation.id}", f"/manage/{community.organiser.slug}"
    browser = sign_in(community.carla)
    form = form_of(browser.get(f"{at}/reference").text)["values"]
    for page in (
        f"/nl/delegations/{id}/report",
        f"{at}/meetings/{id}/lines",
        f"/nl/nominations/{id}/substitution",
    ):
        assert browser.get(page).status_code == 404
    for page in (f"{at}/meetings/{id}/seats", f"{desk}/delegations/{id}/ending", f"{desk}/substitutes/{id}"):
        assert browser.post(page, data={**form, "do": "stop"}).status_code == 404


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Jo; jo@-x..example", "jo@-x..example is geen e-mailadres"),
        (f"Jo; {'x' * 250}@x.example", "is geen e-mailadres"),
        (f"{'J' * 121}; jo@x.example", "te lang"),
        (f"Jo; jo@x.example; {'r' * 121}", "te lang"),
    ],
)
def test_a_pasted_line_holds_to_what_a_form_holds_to(
    sign_in: SignIn, community: Community, delegation: Delegation, line: str, words: str
):
    browser = sign_in(community.carla)
    page = f"/nl/delegations/{delegation.id}/meetings/{community.meetings[0].id}/lines"
    answer = send(browser, page, lines=f"Ann; ann@x.example\n{line}", sure="1")
    assert (answer.status_code, words in words_of(answer.text), count(Nomination)) == (422, True, 0)


def test_no_names_are_asked_of_a_delegation_that_is_not_confirmed(sign_in: SignIn, community: Community):
    gerda = make_account("gerda@x.example", name="Gerda")
    requested = register(community, community.ede, gerda)
    assert requested.confirmed_at is None

    page = words_of(sign_in(gerda).get(f"/nl/delegations/{requested.id}").text)

    assert "moet deze delegatie nog bevestigen" in page, page
    assert "nodig" not in page
    assert "plekken vrij" not in page
