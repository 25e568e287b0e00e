"""Asking for a delegation: without an account, by strangers
who hold nothing, within bounds; one of several gets a yes.
"""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from learning.delegations import asking, joining, queries
from learning.delegations.models import Delegation, DelegationRequest
from learning.delegations.rules import MOST_A_DAY, MOST_OPEN, Asked, check_requests
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import Wording
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.office.organisers import close_organiser
from learning.organisations.models import Organisation
from learning.organisations.queries import find_city
from learning.people.models import Account, Person, SignInLink, Throttle
from learning.prices.codes import discount_for
from learning.prices.models import PriceCode, Tariff
from learning.prices.queries import price_for
from tests.browse import form_of, links, send, words_of
from tests.delegations.community import NOON, Community, count, letters, make_community, register
from tests.delegations.test_joining import code_of, make_city, set_programme, state
from tests.make import make_account, make_contact, make_organisation, make_person, make_staff

SignIn = Callable[[Account], FlaskClient]
GREET = {"city": "Ede", "name": "Greet Visser", "mail": "greet@ede.example"}


@pytest.fixture
def community(app: Flask) -> Community:
    return make_community()


def url_of(community: Community) -> str:
    return f"/nl/programmes/{community.picture.slug}/delegation"


def asked(community: Community, client: FlaskClient, **typed: str) -> str:
    """Send the form to its end; gives the path of the link in the mail."""
    url = url_of(community)
    shown = send(client, url, **{**GREET, **typed})
    assert shown.status_code == 200, words_of(shown.text)
    done = client.post(url, data=form_of(shown.text)["values"] | {"accept": "y"}, follow_redirects=True)
    assert "Kijk in je e-mail" in words_of(done.text)
    return newest_link()


def newest_link() -> str:
    """The path of the link in the last mail."""
    db.session.rollback()
    message = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert message.template == "delegations/confirm_request"
    return re.sub(r"^https?://[^/]+", "", str(message.values["confirm_url"]))


def ask(community: Community, city: Organisation, mail: str, **more: object) -> DelegationRequest:
    """Somebody asks, without a browser."""
    known = {"name": "Greet", "mail": mail, "price": None, "language": "nl", "now": NOON}
    asking.ask(community.picture, city, **{**known, **more})  # type: ignore[arg-type]
    return db.session.scalars(select(DelegationRequest).order_by(DelegationRequest.id.desc()).limit(1)).one()


def test_a_new_contact_registers_and_gets_in(app: Flask, client: FlaskClient, community: Community):
    with time_machine.travel(NOON, tick=False):
        page = client.get(url_of(community))
        assert page.status_code == 200
        assert "Log dan eerst in" in words_of(page.text)
        link = asked(community, client)
        message = db.session.scalars(select(Message)).one()
        mail, text = compose(message)
        assert (mail["To"], "Greet" in text, "Ede" in text) == (GREET["mail"], False, True)
        assert [count(model) for model in (Delegation, DelegationRequest, Person)] == [0, 1, 1]  # Carla alone

        looked = client.get(link)
        assert "Greet Visser, greet@ede.example" in words_of(looked.text)
        assert "€ 3.000,00" in words_of(looked.text)
        assert count(Delegation) == 0  # looking does nothing: programs that read mail look too
        button = client.post(link, data=form_of(looked.text)["values"], follow_redirects=True)
        assert "Je logt in als greet@ede.example" in words_of(button.text)
        inside = client.post(button.request.path, data=form_of(button.text)["values"], follow_redirects=True)
        assert "Delegatie Ede" in words_of(inside.text)
        assert "Tot dan is er geen plek voor je vastgehouden." in words_of(inside.text)
        made = db.session.scalars(select(Delegation)).one()
        assert (made.price_amount, made.requested_at, made.held_at, made.contact.name) == (
            3000,
            NOON,
            None,
            "Greet Visser",
        )
        assert made.contact.confirmed_at == NOON
        assert made.contact.organisation_id is None  # nobody of Ede by their own word
        assert letters()[-2:] == [("requested", GREET["mail"]), ("to_confirm", community.organiser.mail)]
        again = app.test_client().get(link)
        assert "Je e-mailadres is bevestigd" in words_of(again.text)


def test_what_is_wrong_is_named_and_kept(client: FlaskClient, community: Community):
    with time_machine.travel(NOON, tick=False):
        url = url_of(community)
        bad = send(
            client, url, city="Ede", name="Kijk op https://evil.example", mail="greet", order_ref="PO 7"
        )
        assert bad.status_code == 422
        values = form_of(bad.text)["values"]
        assert (values["name"], values["mail"], values["order_ref"]) == (
            "Kijk op https://evil.example",
            "greet",
            "PO 7",
        )
        assert "zonder web- of e-mailadres" in words_of(bad.text)
        unknown = send(client, url, **{**GREET, "city": "Atlantis"})
        assert (unknown.status_code, form_of(unknown.text)["values"]["mail"]) == (422, GREET["mail"])
        taken = register(community, community.zutphen, community.carla)
        shown = send(client, url, **{**GREET, "city": "Zutphen"})
        refused = client.post(url, data=form_of(shown.text)["values"] | {"accept": "y"})
        assert refused.status_code == 409
        assert "Zutphen doet al mee" in words_of(refused.text)
        assert "Carla" not in words_of(refused.text)
        assert taken.id
        assert count(DelegationRequest) == 0


def test_typing_an_address_reveals_and_changes_nobody(client: FlaskClient, community: Community):
    with time_machine.travel(NOON, tick=False):
        known, unknown = [
            words_of(client.post(url_of(community), data=form_of(send(client, url_of(community),
                **who).text)["values"]
                                 | {"accept": "y"}, follow_redirects=True).text)
            for who in ({**GREET, "mail": community.carla.mail, "name": "Iemand Anders"}, GREET)
        ]  # fmt: skip
        assert known == unknown
        db.session.rollback()
        carla = db.session.scalars(select(Person)).one()
        assert (carla.name, db.session.get_one(Account, community.carla.id).name) == ("Carla", "Carla")
        assert count(Delegation) == 0


def test_late_unknown_and_cancelled(app: Flask, client: FlaskClient, community: Community):
    ask(community, community.ede, "greet@ede.example")
    with time_machine.travel(NOON, tick=False):
        link = newest_link()
        assert client.get("/nl/confirmations/unknown/delegation").status_code == 404
    with time_machine.travel(NOON + timedelta(hours=24), tick=False):
        late = client.get(link)
        assert late.status_code == 409
        assert "kunt opnieuw aanmelden" in words_of(late.text)
        assert client.post(link).status_code == 409
        assert any("city=Ede" in address for address in links(late.text))
    asking.tidy(now=NOON + timedelta(days=2))
    assert count(DelegationRequest) == 1
    asking.tidy(now=NOON + timedelta(days=9))
    assert (count(DelegationRequest), count(Delegation)) == (0, 0)
    second = ask(community, community.ede, "greet@ede.example")
    set_programme(community, cancelled_at=NOON)
    assert code_of(lambda: asking.confirm(second, now=NOON)) == "programme_cancelled"


def test_who_asked_before_the_deadline_may_confirm_after_it(app: Flask):
    community = make_community(registration_closes_at=NOON + timedelta(hours=1))
    row = ask(community, community.ede, "greet@ede.example")
    later = NOON + timedelta(hours=2)
    assert code_of(lambda: ask(community, community.ede, "bo@x.example", now=later)) == "registration_closed"
    assert state(asking.confirm(row, now=later).delegation) == "requested"


def test_a_city_that_registered_meanwhile(app: Flask, client: FlaskClient, community: Community):
    row = ask(community, community.zutphen, "new@x.example")
    link = newest_link()
    register(community, community.zutphen, community.carla)
    assert code_of(lambda: asking.confirm(row, now=NOON)) == "registered_already"
    with time_machine.travel(NOON, tick=False):
        no = client.post(link)
    assert no.status_code == 409
    assert "Zutphen doet al mee" in words_of(no.text)
    db.session.rollback()
    assert db.session.get_one(DelegationRequest, row.id).confirmed_at is None
    assert db.session.scalar(select(Account).where(Account.mail == "new@x.example")) is None


def test_nothing_begins_at_an_organiser_that_closed_meanwhile(
    app: Flask, client: FlaskClient, community: Community
):
    ask(community, community.ede, "greet@ede.example")
    link = newest_link()
    close_organiser(community.organiser.id, Wording("Tot ziens."), by=None, now=NOON)
    with time_machine.travel(NOON, tick=False):
        no = client.post(link)
    assert no.status_code == 409
    assert "Deze organisator is gesloten" in words_of(no.text)
    assert count(Delegation) == 0


def test_the_price_is_that_of_the_form(app: Flask, community: Community):
    row = ask(
        community,
        community.ede,
        "greet@ede.example",
        price=price_for(community.picture, community.ede, now=NOON),
    )

    @transaction()
    def dearer() -> None:
        for tariff in db.session.scalars(select(Tariff)):
            tariff.amount = 9000

    dearer()
    set_programme(community, seats_max=2)
    made = asking.confirm(row, now=NOON + timedelta(hours=1)).delegation
    assert (made.price_amount, made.seats_max, made.price_reason) == (3000, 3, row.price_reason)


def test_a_municipality_is_made_when_the_address_is_confirmed(client: FlaskClient, community: Community):
    with time_machine.travel(NOON, tick=False):
        link = asked(community, client, city="gemeente Delft", mail="d@x.example")
        assert find_city(community.organiser.id, "Delft") is None
        client.post(link)
        db.session.rollback()
        assert find_city(community.organiser.id, "Delft") is not None


def test_confirming_twice_and_at_once_makes_one(app: Flask, community: Community):
    first, second = (ask(community, community.ede, "greet@ede.example") for _n in range(2))
    ids = [first.id] * 4 + [second.id] * 2

    def say(id: int) -> str:
        with app.app_context():
            try:
                return str(asking.confirm(db.session.get_one(DelegationRequest, id), now=NOON).delegation.id)
            except Refusal as refusal:
                return refusal.code

    db.session.rollback()
    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(say, ids))
    made = str(db.session.scalars(select(Delegation.id)).one())
    assert answers == {made, "asked_already"}
    assert [template for template, _to in letters()].count("requested") == 1


def test_confirming_at_once_signs_in_by_one_link_only(app: Flask, community: Community):
    ask(community, community.ede, "greet@ede.example")
    link = newest_link()
    db.session.rollback()
    barrier = threading.Barrier(6)

    def confirmed(n: int) -> str:
        barrier.wait()
        with app.app_context():
            return str(app.test_client().post(link, data={"form_key": f"k{n}"}).location)

    with time_machine.travel(NOON, tick=False), ThreadPoolExecutor(6) as pool:
        led = list(pool.map(confirmed, range(6)))

    page = f"/nl/delegations/{db.session.scalars(select(Delegation.id)).one()}"
    assert sorted(to.startswith("/nl/sign-in/") for to in led) == [False] * 5 + [True]
    assert led.count(page) == 5
    assert count(SignInLink) == 1


def test_the_link_of_a_request_is_no_way_into_an_account_that_was_there(app: Flask, community: Community):
    """It works for a day and may be forwarded: who has an account signs in as ever."""
    make_account("greet@ede.example")
    ask(community, community.ede, "greet@ede.example")
    link = newest_link()

    with time_machine.travel(NOON, tick=False):
        answer = app.test_client().post(link)

    assert answer.location == f"/nl/delegations/{db.session.scalars(select(Delegation.id)).one()}"
    assert count(SignInLink) == 0


def test_a_request_holds_no_place_and_stands_in_nobodys_way(app: Flask):
    community = make_community(delegations_max=1)
    stranger = make_account("stranger@x.example", name="Vreemde")
    requests = [register(community, city, stranger) for city in (community.zutphen, community.ede)]
    assert joining.places_left(community.picture) == 1
    mine = register(community, community.zutphen, community.carla)
    assert state(mine) == "counts"
    assert [state(row) for row in requests] == ["ended", "requested"]  # the other one for Zutphen is told
    assert ("other_chosen", stranger.mail) in letters()
    assert joining.places_left(community.picture) == 0
    ede = make_account("jo@ede.example", name="Jo")

    @transaction()
    def known() -> None:
        db.session.get_one(Organisation, community.ede.id).mail_domains = ["ede.example"]

    known()
    trusted = register(community, db.session.get_one(Organisation, community.ede.id), ede)
    assert (state(trusted), queries.number_in_line(trusted)) == ("waiting", 1)


@pytest.mark.parametrize("domain", ["ede.example", "EDE.example"])
def test_an_address_of_the_organisation_holds_a_place(app: Flask, domain: str):
    community = make_community(delegations_max=1)
    city = make_organisation(community.organiser, "Epe", mail_domains=["ede.example"])
    row = ask(community, city, f"jo@{domain}")
    assert joining.places_left(community.picture) == 1  # not before the address is confirmed
    made = asking.confirm(row, now=NOON).delegation
    assert (state(made), made.held_at, joining.places_left(community.picture)) == ("requested", NOON, 0)
    other = make_organisation(community.organiser, "Oss", mail_domains=["gmail.com"])
    assert asking.confirm(ask(community, other, "x@gmail.com"), now=NOON).delegation.held_at is None
    best = make_organisation(community.organiser, "Best")
    assert asking.confirm(ask(community, best, "x@notede.example"), now=NOON).delegation.held_at is None


def test_a_confirmed_contact_without_an_account_counts_at_once(app: Flask, community: Community):
    make_contact(community.ede, make_person(community.organiser, "Eva", "eva@x.example"))
    made = asking.confirm(ask(community, community.ede, "eva@x.example", name="Eva"), now=NOON).delegation
    assert state(made) == "counts"


def test_staff_see_requests_side_by_side_and_a_yes_tells_the_others(sign_in: SignIn, community: Community):
    strangers = [make_account(f"s{n}@x.example", name=f"Vreemde {n}") for n in range(3)]
    rows = [register(community, community.ede, account) for account in strangers]
    ask(community, community.ede, "later@x.example", name="Later")
    staff = make_account("staf@x.example")
    make_staff(community.organiser, staff, "editor")
    with time_machine.travel(NOON, tick=False):
        desk, at = sign_in(staff), f"/manage/{community.organiser.slug}"
        page = desk.get(f"{at}/programmes/{community.picture.slug}/delegations")
        words = words_of(page.text)
        assert words.count("Aanvraag, houdt geen plek vast") == 3
        assert words.count("adres bevestigd") == 3
        assert "Adres nog niet bevestigd" in words
        assert "Ede Later, later@x.example" in words
        yes, form = f"{at}/delegations/{rows[1].id}/confirmation", form_of(page.text)["values"]
        said = desk.post(yes, data=form, follow_redirects=True)
        assert "Ede doet mee" in words_of(said.text)
    assert [state(row) for row in rows] == ["ended", "counts", "ended"]
    told = [letter for letter in letters() if letter[0] == "other_chosen"]
    assert told == [("other_chosen", strangers[0].mail), ("other_chosen", strangers[2].mail)]
    chosen = select(Message).where(Message.template == "delegations/other_chosen")
    texts = [compose(message)[1] for message in db.session.scalars(chosen)]
    assert not any("Vreemde 1" in text or "s1@" in text for text in texts)
    assert code_of(lambda: joining.confirm(rows[0], by=staff, now=NOON)) == "delegation_ended"


def test_yes_to_two_at_once_is_yes_to_one(app: Flask, community: Community):
    rows = [
        register(community, community.ede, make_account(f"s{n}@x.example", name=f"V{n}")).id for n in range(4)
    ]
    by_id = community.carla.id

    def say_yes(id: int) -> str:
        with app.app_context():
            try:
                joining.confirm(
                    db.session.get_one(Delegation, id), by=db.session.get_one(Account, by_id), now=NOON
                )
            except Refusal as refusal:
                return refusal.code
            return "yes"

    db.session.rollback()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(say_yes, rows * 2))
    assert answers.count("yes") == 1
    assert set(answers) <= {"yes", "delegation_ended", "confirmed_already"}
    live = (Delegation.confirmed_at.is_not(None), Delegation.ended_at.is_(None))
    assert len(db.session.scalars(select(Delegation).where(*live)).all()) == 1


def test_a_yes_when_all_is_full_gives_a_place_in_the_line_by_the_moment_of_asking(app: Flask):
    community = make_community(delegations_max=1)
    early = register(community, community.ede, make_account("vroeg@x.example", name="Vroeg"), now=NOON)
    first = register(community, community.zutphen, community.carla, now=NOON + timedelta(hours=1))
    waiting = register(community, *make_city(community, "Goes"), now=NOON + timedelta(hours=2))
    joining.confirm(early, by=community.carla, now=NOON + timedelta(hours=3))
    assert [state(row) for row in (early, first, waiting)] == ["waiting", "counts", "waiting"]
    assert [queries.number_in_line(row) for row in (early, waiting)] == [1, 2]
    assert code_of(lambda: joining.confirm(early, by=community.carla, now=NOON)) == "waits"
    joining.end(first, reason="withdrawn", by=community.carla, now=NOON + timedelta(hours=4))
    assert [state(row) for row in (early, first, waiting)] == ["counts", "ended", "waiting"]


def test_a_yes_where_the_city_holds_a_place_already_is_refused(app: Flask):
    community = make_community(delegations_approved=True)
    asked_first = register(community, community.zutphen, make_account("s@x.example", name="S"))
    held = register(community, community.zutphen, community.carla)
    assert code_of(lambda: joining.confirm(asked_first, by=community.carla, now=NOON)) == "there_already"
    joining.end(held, reason="refused", by=community.carla, now=NOON)
    joining.confirm(asked_first, by=community.carla, now=NOON)
    assert state(asked_first) == "counts"


def test_a_code_is_used_when_a_place_is_held(app: Flask, community: Community):
    code = PriceCode(programme_id=community.programme.id, code="EEN", percent=10, most=1)

    @transaction()
    def add() -> None:
        db.session.add(code)

    def used() -> int:
        db.session.rollback()
        return db.session.get_one(PriceCode, code.id, populate_existing=True).used

    add()
    rows = []
    for n, city in enumerate((community.zutphen, community.ede)):
        price = price_for(
            community.picture, city, discount_for(community.picture, "een", NOON.date()), now=NOON
        )
        who = {
            "account": make_account(f"s{n}@x.example"),
            "name": "S",
            "price": price,
            "language": "nl",
            "now": NOON,
        }
        rows.append(joining.register_delegation(community.picture, city, **who))
    assert used() == 0
    joining.confirm(rows[0], by=community.carla, now=NOON)
    assert used() == 1
    assert code_of(lambda: joining.confirm(rows[1], by=community.carla, now=NOON)) == "code_used_up"
    assert state(rows[1]) == "requested"
    joining.end(rows[1], reason="refused", by=community.carla, now=NOON)
    assert used() == 1


def test_one_person_asks_for_no_more_than_one_needs(app: Flask, sign_in: SignIn, community: Community):
    stranger = make_account("stranger@x.example", name="Vreemde")
    cities = [make_organisation(community.organiser, f"Stad{n}") for n in range(6)]
    rows = [register(community, city, stranger) for city in cities[:MOST_OPEN]]
    assert code_of(lambda: register(community, cities[0], stranger)) == "asked_already"
    assert code_of(lambda: register(community, cities[5], stranger)) == "asked_enough"
    row = ask(community, cities[5], "STRANGER@x.example")
    assert code_of(lambda: asking.confirm(row, now=NOON)) == "asked_enough"
    for again in rows:
        joining.take_back(again, by=stranger, now=NOON)
    for city in cities[3:5]:
        register(community, city, stranger)
    assert code_of(lambda: register(community, cities[5], stranger)) == "too_often"
    assert (
        state(register(community, cities[5], stranger, now=NOON + timedelta(days=1, minutes=1)))
        == "requested"
    )


def test_the_bounds_are_of_one_programme_and_of_a_day():
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    asked = [Asked(1, n, True, moment - timedelta(days=2)) for n in range(MOST_OPEN)]
    check_requests(asked, 2, 0, "Ede", now=moment)
    today = [Asked(1, n, False, moment - timedelta(hours=1)) for n in range(MOST_A_DAY)]
    with pytest.raises(Refusal) as refused:
        check_requests(today, 2, 0, "Ede", now=moment)
    assert refused.value.code == "too_often"
    check_requests(today, 2, 0, "Ede", now=moment + timedelta(days=1))


def test_many_at_once_by_one_person_stay_within_the_bounds(app: Flask, community: Community):
    stranger = make_account("stranger@x.example", name="Vreemde").id
    cities = [make_organisation(community.organiser, f"Stad{n}").id for n in range(8)]
    shown = community.picture

    def join(id: int) -> str:
        with app.app_context():
            city, account = db.session.get_one(Organisation, id), db.session.get_one(Account, stranger)
            try:
                joining.register_delegation(
                    shown, city, account=account, name="V", price=None, language="nl", now=NOON
                )
            except Refusal as refusal:
                return refusal.code
            return "asked"

    db.session.rollback()
    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(join, cities))
    assert answers == ["asked"] * MOST_OPEN + ["asked_enough"] * (8 - MOST_OPEN)


def test_nobody_keeps_an_address_from_asking_and_what_was_typed_is_kept(app: Flask, community: Community):
    cities = [make_organisation(community.organiser, f"Stad{n}").name for n in range(12)]

    def ask_for(client: FlaskClient, city: str) -> TestResponse:
        shown = send(client, url_of(community), **{**GREET, "city": city})
        return client.post(url_of(community), data=form_of(shown.text)["values"] | {"accept": "y"})

    attacker, owner = app.test_client(), app.test_client()
    owner.environ_base |= {"REMOTE_ADDR": "198.51.100.7"}
    with time_machine.travel(NOON, tick=False) as travel:
        assert [ask_for(attacker, city).status_code for city in cities[:11]] == [302] * 10 + [429]
        assert count(DelegationRequest) == 10
        last = ask_for(owner, cities[11])
        assert (last.status_code, form_of(last.text)["values"]["city"]) == (429, "Stad11")
        assert 2 <= int(last.headers["Retry-After"]) <= 30
        travel.shift(timedelta(seconds=30))
        no = ask_for(attacker, cities[11])
        assert (no.status_code, no.headers["Retry-After"]) == (429, "330")
        assert "dat we er nu geen sturen" in words_of(no.text)
        assert count(DelegationRequest) == 10  # nothing is kept that no mail tells of
        assert ask_for(owner, cities[11]).status_code == 302
    assert count(DelegationRequest) == 11


def test_codes_cannot_be_guessed(sign_in: SignIn, community: Community):
    @transaction()
    def add() -> None:
        of = {"programme_id": community.programme.id, "percent": 10}
        db.session.add(PriceCode(**of, code="OUD", until_on=date(2026, 11, 1)))
        db.session.add(PriceCode(**of, code="STRAKS", from_on=date(2027, 1, 1)))
        db.session.add(PriceCode(**of, code="OP", most=1, used=1))
        db.session.add(PriceCode(**of, code="GOED"))

    add()
    with time_machine.travel(NOON, tick=False):
        client, url = sign_in(make_account("raden@x.example", name="Raden")), url_of(community)
        pages = [send(client, url, city="Ede", code=code) for code in ("OUD", "STRAKS", "OP", "NIETS")]
        assert {page.status_code for page in pages} == {409}
        wrong = {page.text.split('id="code-error"')[1].split("</p>")[0] for page in pages}
        assert len(wrong) == 1
        guesses = [send(client, url, city="Ede", code=f"X{n}").status_code for n in range(16)]
        assert set(guesses) == {409}
        right = send(client, url, city="Ede", code="GOED")
        assert (right.status_code, right.headers["Retry-After"]) == (429, "2")
        assert "€" not in words_of(right.text)
        assert form_of(right.text)["values"]["code"] == "GOED"
        assert send(client, url, city="Ede").status_code == 200  # without a code one goes on
    with time_machine.travel(NOON + timedelta(seconds=2), tick=False):
        assert send(client, url, city="Ede", code="GOED").status_code == 200


def test_right_codes_do_not_count(sign_in: SignIn, community: Community):
    @transaction()
    def add() -> None:
        db.session.add(PriceCode(programme_id=community.programme.id, percent=10, code="GOED"))

    add()
    with time_machine.travel(NOON, tick=False):
        client, url = sign_in(make_account("raden@x.example", name="Raden")), url_of(community)
        assert {send(client, url, city="Ede", code="GOED").status_code for _ in range(25)} == {200}


def test_prices_cannot_be_collected(sign_in: SignIn, community: Community):
    with time_machine.travel(NOON, tick=False):
        client, url = sign_in(make_account("kijken@x.example", name="Kijken")), url_of(community)
        form = form_of(client.get(url).text)["values"]
        answers = [client.post(url, data={**form, "form_key": f"k{n}", "city": "Ede"}) for n in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert "€" not in words_of(answers[-1].text)


def test_the_partner_check_stays_usable_and_ends_somewhere(client: FlaskClient, community: Community):
    page = f"/nl/programmes/{community.picture.slug}/partner-check"
    with time_machine.travel(NOON, tick=False):
        assert "Ja, Zutphen is partner" in words_of(client.get(f"{page}?city=Zutphen").text)

        @transaction()
        def looked() -> None:
            db.session.execute(
                update(Throttle).where(Throttle.key.startswith("partner-check|network")).values(count=599)
            )

        looked()
        assert client.get(f"{page}?city=Zutphen").status_code == 200
        no = client.get(f"{page}?city=Zutphen")
        assert (no.status_code, no.headers["Retry-After"]) == (429, "2")
        assert "is partner" not in words_of(no.text)
        assert 'value="Zutphen"' in no.text
        assert client.get(page).status_code == 200
