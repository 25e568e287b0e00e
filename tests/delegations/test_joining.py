"""Cities that join, wait, leave and are refused; seats
that go on to the next; substitutes that staff decide on.
"""

import io
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from learning.attendance import actions as attending
from learning.choices.actions import choose_sessions
from learning.delegations import actions, joining, passing_on, queries, reminding, substituting
from learning.delegations import board as delegations_board
from learning.delegations.models import Delegation, SubstituteRequest
from learning.insights import reports
from learning.kit import db as kit_db
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.wording import Wording
from learning.network import merging
from learning.organisations.models import Organisation
from learning.people.models import Account
from learning.prices.codes import discount_for
from learning.prices.models import PriceCode
from learning.prices.queries import price_for
from learning.programmes.models import Conditions, Meeting, Programme
from learning.releases.queries import picture_by_slug
from tests.browse import form_of, send, words_of
from tests.delegations.community import (
    AFTER,
    BEFORE,
    BEGUN,
    NOON,
    Community,
    count,
    history,
    letters,
    make_community,
    nominate,
    register,
    substitute,
    taken,
)
from tests.make import (
    make_account,
    make_contact,
    make_meeting,
    make_organisation,
    make_person,
    make_programme,
    make_round,
    make_session,
    make_staff,
    make_tariff,
    release,
)

SignIn = Callable[[Account], FlaskClient]


def make_city(community: Community, name: str) -> tuple[Organisation, Account]:
    """One more city with a contact person whom staff know."""
    city = make_organisation(community.organiser, name)
    account = make_account(f"contact@{name.lower()}.example", name=f"Co {name}")
    make_contact(city, make_person(community.organiser, account.name, account.mail))
    return city, account


def state(delegation: Delegation) -> str:
    """waiting, requested, counts or ended."""
    db.session.rollback()
    row = db.session.get_one(Delegation, delegation.id, populate_existing=True)
    if row.ended_at is not None:
        return "ended"
    return "waiting" if row.waiting_at else "counts" if row.confirmed_at else "requested"


def code_of(action: Callable[[], object]) -> str:
    """How it is refused."""
    with pytest.raises(Refusal) as refused:
        action()
    return refused.value.code


def set_programme(community: Community, **columns: object) -> None:
    """Change the programme and publish that."""

    @transaction()
    def change() -> None:
        programme = db.session.get_one(Programme, community.programme.id)
        for name, value in columns.items():
            setattr(programme, name, value)

    change()
    release(community.programme, name="again", now=NOON)


def test_cities_wait_in_order_and_keep_their_price(app: Flask):
    community = make_community(delegations_max=1)
    first = register(community, community.zutphen, community.carla)
    (ede, dirk), (goes, greet) = make_city(community, "Epe"), make_city(community, "Goes")
    second, third = (
        register(community, ede, dirk),
        register(community, goes, greet, now=NOON + timedelta(minutes=1)),
    )
    assert [state(row) for row in (first, second, third)] == ["counts", "waiting", "waiting"]
    assert [queries.number_in_line(row) for row in (first, second, third)] == [None, 1, 2]
    assert letters()[-2:] == [("waiting", dirk.mail), ("waiting", greet.mail)]
    assert code_of(lambda: nominate(community, second, "Eva")) == "not_confirmed"
    assert code_of(lambda: joining.confirm(second, by=dirk, now=NOON)) == "waits"

    eva = nominate(community, first, "Eva")
    joining.end(first, reason="withdrawn", words="Jammer.", by=community.carla, now=NOON)

    assert [state(row) for row in (first, second, third)] == ["ended", "counts", "waiting"]
    assert letters()[-3:] == [
        ("not_needed", "eva@x.example"),
        ("ended", community.carla.mail),
        ("place", dirk.mail),
    ]
    assert (history(first, community.meetings[0]), taken(community.meetings[0])) == (
        [("Eva", 1, "withdrawn")],
        0,
    )
    assert eva.id
    assert db.session.get_one(Delegation, second.id).price_amount == 3000

    set_programme(community, delegations_max=2)
    assert state(third) == "counts"
    late = register(community, community.zutphen, community.carla)
    assert state(late) == "waiting"
    set_programme(community, delegations_max=None)
    assert state(late) == "counts"


def test_no_more_cities_than_places_at_once(app: Flask):
    community = make_community(delegations_max=2)
    ids = [(city.id, account.id) for city, account in (make_city(community, f"Stad{n}") for n in range(6))]
    shown = community.picture

    def join(n: int) -> str:
        with app.app_context():
            city, account = (
                db.session.get_one(Organisation, ids[n][0]),
                db.session.get_one(Account, ids[n][1]),
            )
            who = {"account": account, "name": f"Co {n}", "language": "nl"}
            return state(joining.register_delegation(shown, city, price=None, **who, now=NOON))

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(join, range(6))) == ["counts"] * 2 + ["waiting"] * 4


def test_staff_say_yes_or_no_to_each(app: Flask, sign_in: SignIn):
    community = make_community(delegations_approved=True)
    admin = make_account("admin@x.example")
    make_staff(community.organiser, admin, "editor")
    asked = register(community, community.zutphen, community.carla)
    assert state(asked) == "requested"
    joining.take_back(asked, by=community.carla, now=NOON)
    assert state(asked) == "ended"

    again = register(community, community.zutphen, community.carla)
    with time_machine.travel(NOON, tick=False):
        desk = sign_in(admin)
        page = f"/manage/{community.organiser.slug}/delegations/{again.id}/ending"
        done = send(desk, page, words="Volgend jaar graag.")
    assert "Zutphen doet niet mee." in words_of(done.text)
    db.session.rollback()
    row = db.session.get_one(Delegation, again.id, populate_existing=True)
    assert (row.end_reason, letters()[-1]) == ("refused", ("ended", community.carla.mail))

    third = register(community, community.zutphen, community.carla)
    joining.confirm(third, by=admin, now=NOON)
    assert code_of(lambda: joining.take_back(third, by=community.carla, now=NOON)) == "counts"


def test_seats_are_chosen_paid_for_and_agreed_with(app: Flask, sign_in: SignIn):
    community = make_community(conditions_version=0)
    set_programme(community, conditions=Wording("Wees aardig."), conditions_version=1)
    make_tariff(community.programme, 900, audience="partner", unit="seat", level="Goud")
    release(community.programme, name="3")
    make_organisation(community.organiser, "Goes", partner_from=date(2020, 1, 1), partner_level="Goud")
    with time_machine.travel(NOON, tick=False):
        browser = sign_in(make_account("greet@goes.example", name="Greet"))
        url = f"/nl/programmes/{community.picture.slug}/delegation"
        first = send(browser, url, city="Goes", seats="2")
        words = words_of(first.text)
        assert "€ 1.800,00 exclusief btw, 2 plekken à € 900,00" in words
        assert "Met btw is het € 2.178,00" in words
        form = form_of(first.text)["values"] | {"accept": "y"}
        assert "akkoord gaat met de voorwaarden" in words_of(browser.post(url, data=form).text)
        # another number than was on the page
        more = browser.post(url, data={**form, "agree": "y", "seats": "3"})
        assert (more.status_code, count(Delegation)) == (409, 0)
        assert browser.post(url, data={**form, "agree": "y"}).status_code == 302
        made = db.session.scalars(select(Delegation)).one()
        assert (made.seats_max, made.price_amount, made.price_unit, made.conditions_version) == (
            2,
            Decimal(900),
            "seat",
            1,
        )
        page = words_of(browser.get(f"/nl/delegations/{made.id}").text)
        staff = make_account("staf@x.example")
        make_staff(community.organiser, staff, "editor")
        desk, at = (
            sign_in(staff),
            f"/manage/{community.organiser.slug}/programmes/{community.picture.slug}/delegations",
        )
        assert "€ 1.800,00" in words_of(desk.get(at).text)
        [_head, line] = load_workbook(io.BytesIO(desk.get(f"{at}.xlsx").data)).active.iter_rows(
            values_only=True
        )  # type: ignore[union-attr]
        assert line[5].replace("\xa0", " ") == "€ 1.800,00"
    assert "€ 1.800,00, 2 plekken à € 900,00" in page
    assert code_of(lambda: joining.register_delegation(
        community.picture, community.ede, account=community.carla, name="X", price=None, seats=4,
        language="nl", now=NOON
    )) == "seats"  # fmt: skip


@pytest.fixture
def shared(app: Flask) -> tuple[Community, Delegation, Delegation]:
    """Seats go on: Zutphen and Goes take part with three seats each."""
    community = make_community(seats_go_on=True)
    zutphen = register(community, community.zutphen, community.carla)
    return community, zutphen, register(community, *make_city(community, "Goes"))


def fill(community: Community, delegation: Delegation, names: str, **more: object) -> None:
    """Send these people to the first meeting."""
    for name in names:
        nominate(community, delegation, name, **more)  # type: ignore[arg-type]


def test_a_seat_goes_to_the_next_that_asked(shared: tuple[Community, Delegation, Delegation]):
    community, zutphen, goes = shared
    hattem = register(community, *make_city(community, "Hattem"))
    meeting, by = community.meetings[0].id, community.carla
    assert code_of(lambda: passing_on.ask(goes, meeting, by=by, now=NOON)) == "own_free"
    fill(community, goes, "ABC")
    fill(community, hattem, "DEF")
    passing_on.ask(goes, meeting, by=by, now=NOON)
    passing_on.ask(hattem, meeting, by=by, now=NOON)
    assert code_of(lambda: passing_on.ask(goes, meeting, by=by, now=NOON)) == "asked_already"
    fill(community, zutphen, "XYZ")
    assert code_of(lambda: passing_on.give_back(zutphen, meeting, by=by, now=NOON)) == "all_filled"
    actions.withdraw_nomination(running(zutphen)["X"], by=by, now=NOON)

    passing_on.give_back(zutphen, meeting, by=by, now=NOON)

    assert [passing_on.seats_at(row, meeting) for row in (zutphen, goes, hattem)] == [2, 4, 3]
    assert letters()[-1] == ("seat", "contact@goes.example")
    # the last chair went
    assert {name: row.chair for name, row in running(zutphen).items()} == {
        "Y": 1,
        "Z": 2,
    }
    assert code_of(lambda: nominate(community, zutphen, "W")) == "no_places"
    assert code_of(lambda: passing_on.take_back(zutphen, meeting, by=by, now=NOON)) == "seat_gone"
    nominate(community, goes, "G")
    assert code_of(lambda: nominate(community, goes, "H")) == "no_places"
    passing_on.stop_asking(hattem, meeting, by=by, now=NOON)
    actions.withdraw_nomination(running(zutphen)["Y"], by=by, now=NOON)
    passing_on.give_back(zutphen, meeting, by=by, now=NOON)
    assert [passing_on.seats_at(row, meeting) for row in (zutphen, hattem)] == [1, 3]
    passing_on.take_back(zutphen, meeting, by=by, now=NOON)
    nominate(community, zutphen, "V")
    assert taken(community.meetings[0]) == 9
    assert code_of(lambda: passing_on.give_back(zutphen, meeting, by=by, now=BEGUN)) == "meeting_began"


def running(delegation: Delegation) -> dict:
    """The nominations that run at the first meeting, by name."""
    db.session.rollback()
    board = delegations_board.delegation_board(delegation, now=NOON).meetings[0]
    return {row.person.name: row for row in board.running}


def test_open_seats_go_on_at_the_deadline(shared: tuple[Community, Delegation, Delegation]):
    community, zutphen, goes = shared
    meeting = community.meetings[0].id
    fill(community, goes, "ABC")
    nominate(community, zutphen, "X")
    passing_on.ask(goes, meeting, by=community.carla, now=NOON)
    for at, expected in ((BEFORE, (3, 3)), (AFTER, (2, 4)), (AFTER, (2, 4))):
        with time_machine.travel(at, tick=False):
            of(passing_on.current_app).memory.rest(passing_on.pass_on)
            passing_on.pass_on_due()
        assert (passing_on.seats_at(zutphen, meeting), passing_on.seats_at(goes, meeting)) == expected
    nominate(community, goes, "D", now=AFTER)  # what came after the deadline can still be filled
    assert code_of(lambda: nominate(community, goes, "E", now=AFTER)) == "nominations_closed"
    assert code_of(lambda: nominate(community, zutphen, "Y", now=AFTER)) == "nominations_closed"


def test_seats_of_who_leaves_go_to_the_next_and_none_is_made(
    shared: tuple[Community, Delegation, Delegation],
):
    community, zutphen, goes = shared
    hattem, ede = (register(community, *make_city(community, name)) for name in ("Hattem", "Epe"))
    meeting, by = community.meetings[0].id, community.carla
    fill(community, goes, "ABC")
    fill(community, hattem, "DEF")
    fill(community, ede, "GHI")
    for row in (goes, hattem):
        passing_on.ask(row, meeting, by=by, now=NOON)
    passing_on.give_back(zutphen, meeting, by=by, now=NOON)  # to Goes
    assert [passing_on.seats_at(row, meeting) for row in (zutphen, goes, hattem)] == [2, 4, 3]

    joining.end(goes, reason="withdrawn", by=by, now=NOON)  # so Hattem, that waits for it, gets it

    assert [passing_on.seats_at(row, meeting) for row in (zutphen, hattem, ede)] == [2, 4, 3]
    assert [letter for letter in letters() if letter[0] == "seat"] == [
        ("seat", "contact@goes.example"), ("seat", "contact@hattem.example"),
    ]  # fmt: skip
    passing_on.give_back(zutphen, meeting, by=by, now=NOON)  # nobody asks for this one
    joining.end(zutphen, reason="withdrawn", by=by, now=NOON)
    passing_on.ask(ede, meeting, by=by, now=NOON)
    assert passing_on.seats_at(ede, meeting) == 3  # the place of Zutphen went as a whole


def test_a_place_that_came_before_the_deadline_opens_no_names_after_it(
    shared: tuple[Community, Delegation, Delegation],
):
    community, zutphen, goes = shared
    meeting, by = community.meetings[0].id, community.carla
    fill(community, goes, "ABC")
    passing_on.ask(goes, meeting, by=by, now=NOON)
    passing_on.give_back(zutphen, meeting, by=by, now=NOON)
    assert code_of(lambda: nominate(community, goes, "D", now=AFTER)) == "nominations_closed"
    passing_on.give_back(zutphen, meeting, by=by, now=AFTER)
    nominate(community, goes, "D")
    passing_on.ask(goes, meeting, by=by, now=AFTER)
    actions.answer(running(goes)["A"], comes=False, now=AFTER)
    nominate(community, goes, "E", now=AFTER)  # the place that came late
    assert code_of(lambda: nominate(community, goes, "F", now=AFTER)) == "nominations_closed"


def test_who_takes_a_request_back_can_use_the_code_again(app: Flask):
    community = make_community(delegations_approved=True)
    code = PriceCode(programme_id=community.programme.id, code="EEN", percent=10, most=1)

    @transaction()
    def add() -> None:
        db.session.add(code)

    add()
    for _n in range(2):
        price = price_for(
            community.picture,
            community.zutphen,
            discount_for(community.picture, "een", NOON.date()),
            now=NOON,
        )
        who = {"account": community.carla, "name": "Carla", "price": price, "language": "nl", "now": NOON}
        asked = joining.register_delegation(community.picture, community.zutphen, **who)
        assert code_of(lambda: discount_for(community.picture, "een", NOON.date())) == "code_unknown"
        joining.take_back(asked, by=community.carla, now=NOON)
    db.session.rollback()
    assert db.session.get_one(PriceCode, code.id, populate_existing=True).used == 0


def test_nobody_moves_up_when_all_is_over(app: Flask):
    community = make_community(delegations_max=1)
    first, second = (register(community, *make_city(community, name)) for name in ("Epe", "Goes"))
    joining.end(first, reason="withdrawn", by=community.carla, now=datetime(2027, 3, 1, tzinfo=UTC))
    assert (state(second), letters()[-1][0]) == ("waiting", "ended")


def merged_meanwhile(app: Flask, stays_id: int, goes_id: int) -> None:
    """Staff merge two organisations while somebody else is busy."""

    def work() -> None:
        with app.app_context():
            stays, goes = (
                db.session.get_one(Organisation, stays_id),
                db.session.get_one(Organisation, goes_id),
            )
            by, seen = db.session.scalars(select(Account.id)).first() or 0, merging.seen_of(stays, goes)
            merging.merge(stays.organiser_id, stays_id, goes_id, (), seen=seen, by=by, now=NOON)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def test_a_city_that_is_merged_while_one_registers_it(app: Flask):
    community = make_community()
    make_programme(community.organiser, slug="los")
    make_meeting(db.session.scalars(select(Programme).where(Programme.slug == "los")).one())
    release(db.session.scalars(select(Programme).where(Programme.slug == "los")).one())
    city = kit_db.db.session.get_one(Organisation, community.ede.id)
    shown, own, id = community.picture, picture_by_slug("los"), city.id
    merged_meanwhile(app, community.zutphen.id, id)
    who = {"name": "X", "language": "nl", "price": None, "now": NOON}
    register_city = lambda: joining.register_delegation(shown, city, account=community.carla, **who)  # noqa: E731
    assert code_of(register_city) == "merged"
    one = lambda: attending.register(own, mail="x@x.example", organisation_id=id, verified=False, **who)  # noqa: E731
    assert code_of(one) == "merged"


def test_two_programmes_confirm_the_same_new_contact_at_once(app: Flask):
    community = make_community(delegations_approved=True)
    other = make_community(organiser=community.organiser, delegations_approved=True, city="Brummen")
    pairs = []
    for n in range(4):
        city, account = (
            make_organisation(community.organiser, f"Stad{n}"),
            make_account(f"nieuw{n}@x.example", name=f"N{n}"),
        )
        pairs += [register(each, city, account).id for each in (community, other)]
    by_id = community.carla.id

    def say_yes(id: int) -> None:
        with app.app_context():
            joining.confirm(
                db.session.get_one(Delegation, id), by=db.session.get_one(Account, by_id), now=NOON
            )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(say_yes, pairs))
    assert [state(db.session.get_one(Delegation, id)) for id in pairs] == ["counts"] * 8


def test_seats_stay_where_the_programme_says_so(app: Flask):
    community = make_community()
    zutphen = register(community, community.zutphen, community.carla)
    meeting = community.meetings[0].id
    for action in (passing_on.give_back, passing_on.ask, passing_on.take_back):
        assert code_of(lambda: action(zutphen, meeting, by=community.carla, now=NOON)) == "seats_stay"  # noqa: B023


def test_giving_asking_and_naming_at_once_never_makes_a_seat(
    shared: tuple[Community, Delegation, Delegation], app: Flask
):
    community, zutphen, goes = shared
    meeting = community.meetings[0].id
    fill(community, goes, "ABC")
    zutphen_id, goes_id, by_id = zutphen.id, goes.id, community.carla.id

    def act(n: int) -> str:
        with app.app_context():
            mine, theirs = (db.session.get_one(Delegation, id) for id in (zutphen_id, goes_id))
            by = db.session.get_one(Account, by_id)
            try:
                if n % 3 == 0:
                    passing_on.give_back(mine, meeting, by=by, now=NOON)
                elif n % 3 == 1:
                    passing_on.ask(theirs, meeting, by=by, now=NOON)
                else:
                    who = {"name": f"N{n}", "mail": f"n{n}@x.example", "capacity": "resident"}
                    actions.nominate(mine, meeting, **who, by=by, now=NOON)
            except Refusal as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(9) as pool:
        list(pool.map(act, range(12)))
    db.session.rollback()
    limits = [passing_on.seats_at(row, meeting) for row in (zutphen, goes)]
    given = passing_on.given(zutphen.id, meeting)
    assert limits[0] == 3 - given
    assert limits[1] - 3 <= given
    assert len(running(zutphen)) <= limits[0]


def test_staff_decide_on_substitutes_after_the_deadline(app: Flask, sign_in: SignIn):
    community = make_community(substitutes_approved=True)
    admin = make_account("admin@x.example")
    make_staff(community.organiser, admin, "editor")
    zutphen = register(community, community.zutphen, community.carla)
    ann, bo = nominate(community, zutphen, "Ann"), nominate(community, zutphen, "Bo")
    substitute(community, bo, "Cor", now=BEFORE)  # before the deadline nobody is asked
    with time_machine.travel(AFTER, tick=False):
        city = sign_in(community.carla)
        page = send(
            city,
            f"/nl/nominations/{ann.id}/substitution",
            name="Dik",
            mail="dik@x.example",
            capacity="resident",
        )
        assert "Dik in plaats daarvan? De organisator beslist" in words_of(page.text)
        again = city.get(f"/nl/delegations/{zutphen.id}").text
        assert f"/nominations/{ann.id}/substitution" not in again
        assert code_of(lambda: substituting.ask_substitute(
            ann, name="E", mail="e@x.example", capacity="resident", by=community.carla, now=AFTER
        )) == "asked_already"  # fmt: skip
        asked = db.session.scalars(select(SubstituteRequest)).one()
        desk = sign_in(admin)
        listed = f"/manage/{community.organiser.slug}/programmes/{community.picture.slug}/delegations"
        shown = desk.get(listed)
        assert "Dik in plaats van Ann, Zutphen" in words_of(shown.text)
        form = form_of(shown.text)["values"]
        done = desk.post(
            f"/manage/{community.organiser.slug}/substitutes/{asked.id}", data=form | {"yes": "1"}
        )
        assert done.status_code == 302
    assert history(zutphen, community.meetings[0])[0] == ("Ann", 1, "substituted")
    assert ("substitute_decided", community.carla.mail) in letters()
    assert (
        code_of(lambda: substituting.decide_substitute(asked, yes=False, by=admin, now=AFTER))
        == "decided_already"
    )


def test_staff_change_names_until_a_meeting_begins(app: Flask, sign_in: SignIn):
    community = make_community()
    zutphen = register(community, community.zutphen, community.carla)
    staff, other = make_account("staf@x.example"), make_account("ander@x.example")
    make_staff(community.organiser, staff, "editor")
    make_staff(make_community().organiser, other, "admin")
    url = f"/nl/delegations/{zutphen.id}/meetings/{community.meetings[0].id}/nominations"
    who = {"name": "Ann", "mail": "ann@x.example", "capacity": "resident"}
    with time_machine.travel(AFTER, tick=False):
        assert sign_in(community.carla).post(url, data=who).status_code == 409
        assert sign_in(other).get(f"/nl/delegations/{zutphen.id}").status_code == 404
        desk = sign_in(staff)
        assert "Je ziet dit als medewerker" in words_of(desk.get(f"/nl/delegations/{zutphen.id}").text)
        assert desk.post(url, data=who).status_code == 302
    with time_machine.travel(BEGUN, tick=False):
        assert sign_in(staff).post(url, data=who | {"mail": "bo@x.example"}).status_code == 409


def test_a_letter_goes_to_those_chosen_once(app: Flask, sign_in: SignIn):
    community = make_community()
    zutphen = register(community, community.zutphen, community.carla)
    register(community, *make_city(community, "Goes"))
    staff = make_account("staf@x.example")
    make_staff(community.organiser, staff, "editor")
    with time_machine.travel(NOON, tick=False):
        desk = sign_in(staff)
        url = f"/manage/{community.organiser.slug}/programmes/{community.picture.slug}/delegations/letter"
        url += f"?chosen={zutphen.id}"
        assert desk.get(url.partition("?")[0]).status_code == 302  # nobody was chosen
        read = send(desk, url, subject="Parkeren", text="Beste mensen.\n\nKom met de trein.")
        assert "Verstuur 1 e-mail" in words_of(read.text)
        assert ("letter", community.carla.mail) not in letters()
        form = form_of(read.text)["values"] | {"sure": "1", "chosen": str(zutphen.id)}
        for _n in range(2):
            assert desk.post(url, data=form).status_code == 302
    assert [letter for letter in letters() if letter[0] == "letter"] == [("letter", community.carla.mail)]


def test_on_whose_behalf_in_own_words_and_the_conditions_as_accepted(app: Flask, sign_in: SignIn):
    community = make_community()

    @transaction()
    def write(version: int, words: str) -> None:
        text = Wording(words)
        db.session.add(
            Conditions(programme_id=community.programme.id, version=version, text=text, made_at=NOON)
        )

    write(1, "Kom op tijd.")
    set_programme(community, conditions_version=1, conditions=Wording("Kom op tijd."))
    zutphen = register(community, community.zutphen, community.carla)
    write(2, "Kom te vroeg.")
    set_programme(community, conditions_version=2, conditions=Wording("Kom te vroeg."))
    with time_machine.travel(NOON, tick=False):
        city = sign_in(community.carla)
        url = f"/nl/delegations/{zutphen.id}/meetings/{community.meetings[0].id}/nominations"
        page = send(city, url, name="Ann", mail="ann@x.example", own_words="Wijkverpleging")
        words = words_of(page.text)
        assert "Ann Wijkverpleging" in words
        assert "Kom op tijd." in words
        assert "Kom te vroeg." not in words
        swap = city.get(f"/nl/nominations/{running(zutphen)['Ann'].id}/substitution")
        assert form_of(swap.text)["values"]["own_words"] == "Wijkverpleging"


def test_the_reference_is_given_later(app: Flask, sign_in: SignIn):
    community = make_community()
    zutphen = register(community, community.zutphen, community.carla)
    with time_machine.travel(NOON, tick=False):
        saved = send(sign_in(community.carla), f"/nl/delegations/{zutphen.id}/reference", order_ref="4500-9")
    assert "4500-9" in words_of(saved.text)


def test_reminders_by_the_days_of_the_programme(app: Flask):
    community = make_community(reminder_days=["7"], closing=datetime(2027, 1, 21, 11, tzinfo=UTC))
    register(community, community.zutphen, community.carla)
    for day, expected in ((10, 0), (15, 1), (19, 1)):
        reminding.remind(now=datetime(2027, 1, day, 12, tzinfo=UTC))
        assert sum(letter[0] == "reminder" for letter in letters()) == expected


def test_a_report_as_pdf_with_workshops(app: Flask, sign_in: SignIn, tmp_path):
    community = make_community()
    zutphen = register(community, community.zutphen, community.carla)
    meeting = db.session.get_one(Meeting, community.meetings[0].id)
    session = make_session(make_round(meeting, start="13:00", end="14:00"), title="Groen in de straat")
    release(community.programme, name="2")
    ann = nominate(community, zutphen, "Ann")
    choose_sessions(ann.registration, {session.round_id: session.id}, now=NOON)
    with time_machine.travel(BEGUN + timedelta(days=1), tick=False):
        city, url = sign_in(community.carla), f"/nl/delegations/{zutphen.id}/report"
        page = city.get(url)
        assert "Ann, Bewoner 1.01 Groen in de straat" in words_of(page.text)
        assert "Plekken gebruikt 1 van 3" in words_of(page.text)
        assert city.get(f"{url}.pdf").status_code == 404
        asked = city.post(f"{url}.pdf", data=form_of(page.text)["values"])
        assert asked.status_code == 302
        assert city.get(url).headers["Refresh"] == "2"
        reports.make_due()
        got = city.get(f"{url}.pdf")
        (tmp_path / "x.pdf").write_bytes(got.data)
        text = subprocess.run(
            ["pdftotext", tmp_path / "x.pdf", "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "Groen in de straat" in " ".join(text.split())
        assert "€ 2.500,00" in text.replace("\xa0", " ")

        def ask(_n: int) -> None:
            with app.app_context():
                reports.ask_pdf(db.session.get_one(Delegation, zutphen.id), "en", now=NOON)

        db.session.rollback()
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(ask, range(6)))
        stranger = sign_in(make_account("else@x.example"))
        assert {stranger.get(url + end).status_code for end in ("", ".pdf", ".xlsx")} == {404}
