"""City A's contact reaches nothing of city B: by page, export, PDF, feed, or an id that was guessed."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
import time_machine
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter

from learning.attendance.tokens import feed_token, own_token
from learning.billing import actions as billing
from learning.billing.documents import make_due
from learning.delegations import joining, passing_on
from learning.delegations.models import Delegation, Nomination
from learning.insights import reports
from learning.kit.db import db, transaction
from learning.people.models import Account
from learning.releases.queries import current_picture
from tests.browse import form_of
from tests.delegations.community import NOON, Community, make_community, nominate, register
from tests.make import (
    enter,
    make_account,
    make_contact,
    make_meeting,
    make_organisation,
    make_person,
    make_programme,
    release,
)

pytestmark = pytest.mark.one_database

SECRETS = (
    "Bertha Geheim",
    "bertha@geheim.example",
    "greet@goes.example",
    "Greet Goes",
    "4500-GEHEIM",
    "Geheimplein",
)


@dataclass
class Two:
    """Zutphen with Carla, and Goes with Greet, who has everything that one can have."""

    community: Community
    zutphen: Delegation
    goes: Delegation
    bertha: Nomination
    invoice: int
    greet: Account


@pytest.fixture
def two(app: Flask) -> Two:
    """Both take part in one programme; Goes has an invoice, a report, and asked for a seat."""
    community = make_community(seats_go_on=True, substitutes_approved=True)
    zutphen = register(community, community.zutphen, community.carla)
    city = make_organisation(community.organiser, "Goes", street="Geheimplein 1", oin="00000001003214345000")
    greet = make_account("greet@goes.example", name="Greet Goes")
    make_contact(city, make_person(community.organiser, "Greet Goes", greet.mail))
    goes = joining.register_delegation(
        community.picture,
        city,
        account=greet,
        name=greet.name,
        price=None,
        order_ref="4500-GEHEIM",
        language="nl",
        now=NOON,
    )
    bertha = nominate(community, goes, "Bertha Geheim", mail="bertha@geheim.example", by=greet)
    for name in ("Berend", "Bep"):
        nominate(community, goes, name, by=greet)
    nominate(community, zutphen, "Ann")
    passing_on.ask(goes, community.meetings[0].id, by=greet, now=NOON)
    with time_machine.travel(NOON, tick=False):
        reports.ask_pdf(goes, "nl", now=NOON)
        reports.make_due()
    return Two(community, zutphen, goes, bertha, make_invoice(goes, greet), greet)


def make_invoice(delegation: Delegation, by: Account) -> int:
    """An issued invoice with its PDF."""

    @transaction()
    def price() -> None:
        row = db.session.get_one(Delegation, delegation.id)
        row.price_amount, row.price_unit, row.price_vat_category, row.price_vat_rate = (
            Decimal(3000), "organisation", "S", Decimal(21),
        )  # fmt: skip
        row.price_reason = "the price for everybody"

    price()
    with time_machine.travel(NOON, tick=False):
        draft = billing.draft_invoice(db.session.get_one(Delegation, delegation.id), by=by, now=NOON)
        invoice = billing.issue(draft, by=by, now=NOON)
        make_due()
    return invoice.id


def everything(app: Flask, two: Two) -> list[str]:
    """The address of every page that can be asked for, with the ids of Goes wherever one can be put."""
    ids = {"delegations/": two.goes.id, "nominations/": two.bertha.id, "invoices/": two.invoice}
    slug, organiser = two.community.picture.slug, two.community.organiser.slug
    known = {"lang": "nl", "slug": slug, "organiser": organiser, "meeting_id": two.community.meetings[0].id}
    known |= {
        "from_id": two.community.meetings[0].id,
        "token": "x" * 43,
        "code": "1.01",
        "thing": "organisations",
    }
    found = []
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint.startswith(
                ("static", "theme", "try_theme", "demo")
            ):
                continue
            id = next((id for part, id in ids.items() if part in rule.rule), two.goes.organisation_id)
            values = {name: known.get(name, id if isinstance(rule._converters[name],
                IntegerConverter) else "x")
                      for name in rule.arguments}  # fmt: skip
            try:
                found.append(url_for(rule.endpoint, **values))
            except ValueError:  # one of a few words: not about a city
                continue
    return found


def sign_in(app: Flask, account: Account) -> FlaskClient:
    """A browser in which this account is signed in."""
    return enter(app.test_client(), account)


def test_no_page_tells_another_city_anything(app: Flask, two: Two):
    pages = everything(app, two)
    assert len(pages) > 100
    own = [f"/nl/delegations/{two.zutphen.id}{end}" for end in ("", "/report", "/report.xlsx")]
    lines = f"/nl/delegations/{two.zutphen.id}/meetings/{two.community.meetings[0].id}"
    with time_machine.travel(NOON, tick=False):
        city, owner = sign_in(app, two.community.carla), sign_in(app, two.greet)
        for page in [*pages, *own, f"{lines}/nominations", f"{lines}/lines", "/nl/me"]:
            got = city.get(page)
            assert got.status_code < 500, page
            assert not [secret for secret in SECRETS if secret.encode() in got.data], page
        hers = b"".join(owner.get(page).data for page in pages if "/delegations/" in page)
        # for who may see it
        assert all(secret.encode() in hers for secret in ("Bertha Geheim", "Greet Goes", "4500-GEHEIM"))


def test_no_action_reaches_another_city(app: Flask, two: Two):
    meeting, somebody = (
        two.community.meetings[0].id,
        {"name": "X", "mail": "x@x.example", "capacity": "resident"},
    )
    before = snapshot(two)
    at = f"/nl/delegations/{two.goes.id}/meetings/{meeting}"
    posts = {
        f"{at}/nominations": somebody,
        f"{at}/lines": {"lines": "X; x@x.example", "sure": "1"},
        f"{at}/team/{meeting}": {},
        f"{at}/seats": {"do": "stop"},
        f"/nl/delegations/{two.goes.id}/reference": {"order_ref": "X"},
        f"/nl/delegations/{two.goes.id}/withdrawal": {},
        f"/nl/delegations/{two.goes.id}/report.pdf": {},
        f"/nl/nominations/{two.bertha.id}/substitution": somebody,
        f"/nl/nominations/{two.bertha.id}/withdrawal": {},
    }
    with time_machine.travel(NOON, tick=False):
        city = sign_in(app, two.community.carla)
        form = form_of(city.get(f"/nl/delegations/{two.zutphen.id}").text)["values"]
        for address, data in posts.items():
            assert city.post(address, data=form | data).status_code == 404, address
    assert snapshot(two) == before


def snapshot(two: Two) -> list[tuple[object, ...]]:
    """What there is of Goes."""
    db.session.rollback()
    rows = db.session.query(Nomination).filter_by(delegation_id=two.goes.id).all()
    goes = db.session.get_one(Delegation, two.goes.id, populate_existing=True)
    return [(goes.order_ref, goes.ended_at), *[(row.person_id, row.ended_at, row.chair) for row in rows]]


def test_a_feed_is_one_persons_and_a_guessed_one_nobodys(app: Flask, two: Two):
    ann = db.session.query(Nomination).filter_by(delegation_id=two.zutphen.id).one().registration
    client = app.test_client()
    own, feed = own_token(ann), feed_token(ann)
    for address in (
        f"/nl/registrations/{own}",
        f"/nl/registrations/{own}/invitations",
        f"/calendar/{feed}.ics",
    ):
        got = client.get(address)
        assert not any(secret.encode() in got.data for secret in SECRETS), address
    for guess in (
        own[:-1] + ("a" if own[-1] != "a" else "b"),
        "x" * len(own),
        str(two.bertha.registration_id),
    ):
        assert client.get(f"/nl/registrations/{guess}").status_code == 404


def test_who_only_asks_to_speak_for_a_city_sees_none_of_its_people(app: Flask, two: Two):
    programme = make_programme(two.community.organiser, by_delegation=True, seats_max=3)
    meeting = make_meeting(programme)
    release(programme)
    shown, goes = current_picture(programme.id), two.goes.organisation
    assert shown is not None
    who = {"account": two.community.carla, "name": "Carla", "price": None, "language": "nl", "now": NOON}
    asked = joining.register_delegation(shown, goes, **who)
    page = f"/nl/delegations/{asked.id}/meetings/{meeting.id}/nominations"
    with time_machine.travel(NOON, tick=False):
        city, owner = sign_in(app, two.community.carla), sign_in(app, two.greet)
        for query in ("", f"?person={two.bertha.person_id}"):
            text = city.get(page + query).text
            assert not [secret for secret in SECRETS if secret in text]
        joining.confirm(asked, by=two.greet, now=NOON)
        assert "Bertha Geheim" in owner.get(page).text
