"""Which price holds for whom, as a table; codes; and what people see and accept of it when they register."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from msgspec import convert
from msgspec.structs import replace
from sqlalchemy import select
from werkzeug.test import TestResponse

from learning.attendance import actions
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.desk.starting import copy_programme
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.wording import Wording
from learning.organisations.models import Organiser
from learning.prices.codes import use_code
from learning.prices.models import PriceCode
from learning.prices.rules import Agreed, Discount, Partner, agree, check_code, discounted, reference_day
from learning.programmes.models import Conditions, Programme
from learning.releases.picture import MeetingPicture, ProgrammePicture, TariffPicture
from learning.releases.queries import current_picture
from tests.browse import form_of, send, words_of
from tests.make import (
    NOON,
    make_account,
    make_meeting,
    make_organisation,
    make_organiser,
    make_programme,
    make_staff,
    make_tariff,
    release,
)

TODAY = NOON.date()
SPRING, GOLD = Partner(7), Partner(8, "Goud")


def tariff(id: int, amount: int, audience: str = "everybody", **more: object) -> TariffPicture:
    """A price for an organisation with 21 % VAT."""
    sane: dict[str, object] = {"unit": "organisation", "from_on": None, "until_on": None, "vat_category": "S"}
    return TariffPicture(
        id=id, amount=Decimal(amount), audience=audience, vat_rate=Decimal(21), **{**sane, **more}
    )  # type: ignore[arg-type]


def picture(*tariffs: TariffPicture, by_delegation: bool = True, **more: object) -> ProgrammePicture:
    """A programme with these prices and nothing else."""
    none = {key: {"nl": "", "en": ""} for key in ("kind_words", "title", "summary", "text_html", "note")}
    moments = dict.fromkeys(
        ("registration_opens_at", "registration_closes_at", "choosing_opens_at", "choosing_closes_at")
    )
    plain: dict[str, object] = {
        "id": 1,
        "slug": "p",
        "organiser": "o",
        "organiser_name": "O",
        "kind": "event",
    }
    plain |= {"language": "nl", "by_delegation": by_delegation, "seats_min": 2, "seats_max": 3}
    base = convert({**plain, **none, **moments}, ProgrammePicture)
    return replace(base, tariffs=tariffs, **more)


CITY = (tariff(1, 2500, "partner"), tariff(2, 3000, "other"))
EARLY = (tariff(1, 2000, until_on=TODAY), tariff(2, 2500))
LEVELS = (tariff(1, 2500, "partner"), tariff(2, 2600, "partner", level="goud"), tariff(3, 3000, "other"))


@pytest.mark.parametrize(
    ("tariffs", "partner", "now", "expected"),
    [
        (CITY, None, NOON, (3000, "organisation", 2, None)),
        (CITY, SPRING, NOON, (2500, "organisation", 1, 7)),
        ((CITY[0],), None, NOON, None),  # nothing is said for others
        ((CITY[1],), SPRING, NOON, None),
        (
            (tariff(1, 395),),
            SPRING,
            NOON,
            (395, "organisation", 1, None),
        ),  # the same for all: no partnership behind it
        (
            (tariff(1, 100), CITY[0]),
            SPRING,
            NOON,
            (2500, "organisation", 1, 7),
        ),  # for partners goes before for everybody
        ((tariff(1, 300), tariff(2, 200)), None, NOON, (200, "organisation", 2, None)),
        ((tariff(1, 200), tariff(2, 200)), None, NOON, (200, "organisation", 1, None)),
        (EARLY, None, NOON, (2000, "organisation", 1, None)),  # the last day counts
        (
            EARLY,
            None,
            datetime(2026, 11, 24, 23, 30, tzinfo=UTC),
            (2500, "organisation", 2, None),
        ),  # past midnight here
        ((tariff(1, 5, from_on=date(2026, 11, 25)),), None, NOON, None),
        (LEVELS, SPRING, NOON, (2500, "organisation", 1, 7)),
        (LEVELS, GOLD, NOON, (2600, "organisation", 2, 8)),  # for its level, though dearer
        ((LEVELS[1],), SPRING, NOON, None),
        ((tariff(1, 900, unit="seat"),), None, NOON, (900, "seat", 1, None)),
        ((tariff(1, 900, unit="seat"), tariff(2, 2500)), None, NOON, (2500, "organisation", 2, None)),
        ((tariff(1, 900, unit="person"),), None, NOON, None),  # a delegation does not pay for each person
        ((tariff(1, 0, "partner"), tariff(2, 395, "other")), SPRING, NOON, (0, "organisation", 1, 7)),
    ],
)
def test_which_price_holds(
    tariffs: tuple[TariffPicture, ...],
    partner: Partner | None,
    now: datetime,
    expected: tuple[int, str, int, int | None] | None,
):
    price = agree(picture(*tariffs), partner=partner, now=now)
    found = (price.amount, price.unit, price.tariff_id, price.partnership_id) if price else None
    assert found == expected


def test_persons_pay_for_each_person():
    prices = (tariff(1, 395, "other", unit="person"), tariff(2, 100))
    price = agree(picture(*prices, by_delegation=False), partner=None, now=NOON)
    assert price is not None
    assert (price.amount, price.reason) == (395, "the price for those who are no partner of the network")


@pytest.mark.parametrize(
    ("reference", "day"), [("registration", TODAY), ("first_meeting", date(2027, 1, 28))]
)
def test_the_reference_day(reference: str, day: date):
    days = (date(2027, 2, 2), date(2027, 1, 28))
    meetings = tuple(
        MeetingPicture(
            n, str(n), n, Wording(), Wording(), on, "", "", "Europe/Amsterdam", None, None, None, False
        )
        for n, on in enumerate(days)
    )
    assert reference_day(picture(reference=reference, meetings=meetings), NOON) == day
    assert reference_day(picture(reference=reference), NOON) == TODAY  # no day is known yet


PRICE = Agreed(Decimal(2500), "seat", "S", Decimal(21), "", "x", TODAY, 1, None)


@pytest.mark.parametrize(
    ("code", "amount", "full"),
    [
        (Discount(1, percent=10), "2250.00", "2500"),
        (Discount(1, percent=100), "0.00", "2500"),
        (Discount(1, percent=33), "1675.00", "2500"),
        (Discount(1, off=Decimal("99.95")), "2400.05", "2500"),
        (Discount(1, off=Decimal(9999)), "0.00", "2500"),
        (Discount(1), "2500", None),  # it only invites
    ],
)
def test_what_a_code_gives(code: Discount, amount: str, full: str | None):
    price = discounted(PRICE, code)
    assert (price.amount, price.full, price.code_id) == (Decimal(amount), Decimal(full) if full else None, 1)
    assert price.total(3) == 3 * price.amount


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (Discount(1, from_on=date(2026, 11, 25)), "code_early"),
        (Discount(1, until_on=date(2026, 11, 23)), "code_late"),
        (Discount(1, left=0), "code_used_up"),
        (Discount(1, from_on=TODAY, until_on=TODAY, left=1), ""),
    ],
)
def test_when_a_code_counts(code: Discount, refusal: str):
    if not refusal:
        check_code(code, TODAY)
        return
    with pytest.raises(Refusal) as refused:
        check_code(code, TODAY)
    assert refused.value.code == refusal


@pytest.fixture
def noon() -> Iterator[None]:
    """It is noon."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def organiser(app: Flask, noon: None) -> Organiser:
    return make_organiser("kring")


def make_meetup(organiser: Organiser, **columns: object) -> Programme:
    """Free for partners, 395 euro for others; nothing is known of VAT."""
    programme = make_programme(organiser, kind="network_meeting", slug="net", **columns)
    make_meeting(programme)
    for audience, amount in (("partner", 0), ("other", 395)):
        make_tariff(programme, amount, audience=audience, unit="person", vat_category=None, vat_rate=None)
    release(programme)
    return programme


@transaction()
def make_code(programme: Programme, code: str, **columns: object) -> PriceCode:
    """A code."""
    row = PriceCode(programme_id=programme.id, code=code, **columns)
    db.session.add(row)
    db.session.flush()
    return row


URL = "/nl/programmes/net/registration"


def test_somebody_of_a_partner_sees_their_own_price_before_agreeing(
    client: FlaskClient, organiser: Organiser, sign_in
):
    make_meetup(organiser)
    make_organisation(organiser, "Nijmegen", partner_from=date(2020, 1, 1))
    first = client.get(URL)
    assert "€ 395,00 exclusief btw" in words_of(first.text)
    typed = {**form_of(first.text)["values"], "name": "Ann", "mail": "ann@x.example", "accept": "y"}

    asked = client.post(URL, data={**typed, "affiliation": "gemeente Nijmegen"})
    assert asked.status_code == 409
    assert "Gratis: de prijs voor partners van het netwerk" in words_of(asked.text)
    sent = client.post(URL, data={**form_of(asked.text)["values"], "accept": "y"})

    assert sent.status_code == 302
    ann = db.session.scalars(select(Registration)).one()
    assert (ann.price_amount, ann.price_reason) == (0, "the price for partners of the network")
    assert ann.price_partnership_id is not None
    assert ann.organisation_id is not None

    staff = make_account("staf@x.example")
    make_staff(organiser, staff, "editor")
    listed = words_of(sign_in(staff).get("/manage/kring/programmes/net/registrations").text)
    assert "€ 0,00 adres niet van deze partner" in listed  # anybody can say for whom they come


def test_an_organisation_is_offered_by_mail_domain_and_never_given(
    client: FlaskClient, organiser: Organiser, sign_in
):
    make_meetup(organiser)
    make_organisation(organiser, "Nijmegen", mail_domains=["nijmegen.example"], partner_from=date(2020, 1, 1))
    make_organisation(organiser, "Ede", mail_domains=["ede.example", "wijk.example"])
    make_organisation(organiser, "Wijk", mail_domains=["wijk.example"])
    browser = sign_in(make_account("ann@nijmegen.example", name="Ann"))
    page = browser.get(URL)
    assert "Ik kom voor Nijmegen" in words_of(page.text)
    assert form_of(page.text)["values"]["affiliation"] == ""
    assert form_of(browser.get(f"{URL}?organisation=Nijmegen").text)["values"]["affiliation"] == "Nijmegen"

    both = sign_in(make_account("bo@wijk.example"))  # it belongs to two: to none
    assert "Ik kom voor" not in words_of(both.get(URL).text)


def test_by_invitation_and_at_a_discount(client: FlaskClient, organiser: Organiser):
    programme = make_meetup(
        organiser, by_invitation=True, conditions=Wording("Wees aardig."), conditions_version=2
    )
    code = make_code(programme, "KOM-BINNEN", percent=50, invites=True, most=1)
    form = form_of(client.get(URL).text)["values"] | {
        "name": "Ann",
        "mail": "ann@x.example",
        "accept": "y",
        "agree": "y",
    }
    without = client.post(URL, data=form)
    assert (without.status_code, "op uitnodiging" in words_of(without.text)) == (409, True)
    assert "code geldt hier niet" in words_of(client.post(URL, data=form | {"code": "raad"}).text)

    asked = client.post(URL, data=form | {"code": "kom-binnen"})
    assert asked.status_code == 409
    assert "€ 197,50 exclusief btw" in words_of(asked.text)
    assert "Zonder je code is het € 395,00" in words_of(asked.text)
    agreed = form_of(asked.text)["values"] | {"accept": "y"}
    assert "akkoord gaat met de voorwaarden" in words_of(client.post(URL, data=agreed).text)
    assert client.post(URL, data=agreed | {"agree": "y"}).status_code == 302
    ann = db.session.scalars(select(Registration)).one()
    assert (ann.price_amount, ann.price_full, ann.conditions_version) == (Decimal("197.50"), 395, 2)
    assert used(code) == 0  # who did not confirm keeps nobody from it
    # the mail did not come: once more
    lost = {
        **form_of(asked.text)["values"],
        "form_key": "",
        "accept": "y",
        "agree": "y",
    }
    assert (client.post(URL, data=lost).status_code, used(code)) == (302, 0)
    other = {**lost, "name": "Bo", "mail": "bo@x.example"}
    assert client.post(URL, data=other).status_code == 302
    ann, bo = db.session.scalars(select(Registration).order_by(Registration.id))

    page = words_of(client.get(f"/nl/confirmations/{own_token(ann)}").text)
    assert "Prijs € 197,50 exclusief btw" in page
    assert "Code KOM-BINNEN" in page
    assert client.post(f"/nl/confirmations/{own_token(ann)}").status_code == 302
    assert used(code) == 1
    late = client.post(f"/nl/confirmations/{own_token(bo)}")
    assert (late.status_code, "zo vaak gebruikt als kan" in words_of(late.text)) == (409, True)
    # the same for everybody
    assert "code geldt hier niet" in words_of(client.post(URL, data={**lost, "form_key": "x"}).text)
    assert "code geldt hier niet" in words_of(client.post(URL, data={**other, "form_key": "y"}).text)


def test_what_a_stranger_sends_changes_nothing_of_what_waits(
    app: Flask, client: FlaskClient, organiser: Organiser
):
    """Each sending has a link of its own, and its page says
    for which organisation, at which price and by which code.
    """
    programme = make_meetup(organiser)
    make_code(programme, "HALF", percent=50)
    make_organisation(organiser, "Nijmegen", partner_from=date(2020, 1, 1))
    ann = {"name": "Ann", "mail": "ann@x.example"}

    def sent(browser: FlaskClient, **typed: str) -> None:
        shown = send(browser, URL, **ann, **typed, accept="y")
        if shown.request.path == URL:
            assert send_again(browser, shown).status_code == 302

    def send_again(browser: FlaskClient, shown: TestResponse) -> TestResponse:
        return browser.post(URL, data=form_of(shown.text)["values"] | {"accept": "y"})

    sent(client, code="half")
    stranger = app.test_client()
    stranger.environ_base |= {"REMOTE_ADDR": "198.51.100.7"}
    sent(stranger, affiliation="Nijmegen")
    sent(client, code="half")  # the mail did not come: the same once more

    db.session.rollback()
    own, other = db.session.scalars(select(Registration).order_by(Registration.id))
    assert (own.price_amount, own.organisation_id, other.price_amount) == (Decimal("197.50"), None, 0)
    pages = [words_of(client.get(f"/nl/confirmations/{own_token(row)}").text) for row in (own, other)]
    assert "Code HALF" in pages[0]
    assert "Organisatie Nijmegen Prijs Gratis" in pages[1]

    mine = client.post(f"/nl/confirmations/{own_token(own)}")
    again = client.post(f"/nl/confirmations/{own_token(other)}")

    assert mine.location == again.location == f"/nl/registrations/{own_token(own)}"
    db.session.rollback()
    assert (own.live, own.price_amount, other.live) == (True, Decimal("197.50"), False)


def used(code: PriceCode) -> int:
    """How many times it counts as used."""
    db.session.rollback()
    return db.session.scalars(select(PriceCode.used).where(PriceCode.id == code.id)).one()


def test_a_code_is_used_so_many_times_at_once(app: Flask, organiser: Organiser):
    programme = make_meetup(organiser)
    code = make_code(programme, "DRIE", percent=10, most=3)
    shown = current_picture(programme.id)
    assert shown is not None

    def try_it(n: int) -> str:
        with app.app_context():
            try:
                actions.register(
                    shown, name=f"P{n}", mail=f"p{n}@x.example", language="nl", price=None, code_id=code.id,
                    verified=True, now=NOON,
                )  # fmt: skip
            except Refusal as refusal:
                return refusal.code
            return "in"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(try_it, range(8)))
    assert sorted(answers) == ["code_used_up"] * 5 + ["in"] * 3
    assert used(code) == 3


def test_a_price_is_read_as_people_write_it_and_shown_back(
    client: FlaskClient, organiser: Organiser, sign_in
):
    make_programme(organiser, slug="net")
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    desk, page = sign_in(account), "/manage/kring/programmes/net/tariffs/new"
    typed = {"amount": "2.500 euro", "unit": "organisation", "audience": "partner"}

    saved = send(desk, page, **typed, vat_category="S", vat_rate="21")
    assert "€ 2.500,00 excl. btw, € 3.025,00 incl. btw." in words_of(saved.text)
    unknown = send(desk, page, **typed | {"amount": "€ 395,-", "audience": "other"})
    assert "€ 395,00 excl. btw. De btw is nog niet bekend" in words_of(unknown.text)
    exempt = send(desk, page, **typed, vat_category="E")
    assert (exempt.status_code, "op welke grond" in words_of(exempt.text)) == (422, True)
    level = send(desk, page, **typed | {"audience": "other"}, level="Goud")
    assert (level.status_code, "Alleen partners hebben een niveau" in words_of(level.text)) == (422, True)


def test_codes_at_the_desk(client: FlaskClient, organiser: Organiser, sign_in):
    programme = make_meetup(organiser)
    account = make_account("staf@x.example")
    make_staff(organiser, account, "editor")
    desk, page = sign_in(account), "/manage/kring/programmes/net/codes"
    for bad, words in (
        ({"code": "x!"}, "letters, cijfers en streepjes"),
        ({"code": "x"}, "Vul een korting in"),
        ({"code": "x", "percent": "10", "off": "5"}, "niet allebei"),
        ({"code": "x", "percent": "101"}, "1 tot 100"),
        ({"code": "x", "percent": "veel"}, "heel getal"),
    ):
        answer = send(desk, f"{page}/new", **bad)
        assert (answer.status_code, words in words_of(answer.text)) == (422, True)
        assert "invalid literal" not in answer.text
    saved = send(desk, f"{page}/new", code="zomer 26", percent="10", most="5")
    assert "ZOMER26 10% nee 0 van 5" in words_of(saved.text)
    row = db.session.scalars(select(PriceCode).where(PriceCode.programme_id == programme.id)).one()
    for _n in range(2):
        use_code(row.id)
    below = send(desk, f"{page}/{row.id}", most="1")
    assert (below.status_code, "al 2 keer gebruikt" in words_of(below.text)) == (409, True)


def test_conditions_that_are_copied_and_taken_away(client: FlaskClient, organiser: Organiser):
    programme = make_meetup(organiser, conditions=Wording("Wees aardig."), conditions_version=2)
    assert "Wees aardig." in client.get(URL).text
    account = make_account("staf@x.example")
    copy = copy_programme(programme, title="Kopie", sessions=False, people=False, by=account.id, now=NOON)
    kept = db.session.scalars(select(Conditions).where(Conditions.programme_id == copy.id)).all()
    assert (copy.conditions_version, [(row.version, row.text.nl) for row in kept]) == (
        1,
        [(1, "Wees aardig.")],
    )

    @transaction()
    def take_away() -> None:
        row = db.session.get_one(Programme, programme.id)
        row.conditions, row.conditions_version = Wording(), 3

    take_away()
    release(programme, name="2")
    page = client.get(URL)
    assert "agree" not in form_of(page.text)["values"]
    assert "akkoord met de voorwaarden" not in words_of(page.text)
