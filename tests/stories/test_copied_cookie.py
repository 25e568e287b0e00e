"""Somebody copied the cookie of a colleague, and later hammers her account: neither is of any use."""

import re

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from learning.kit import clock
from learning.kit.db import db, transaction
from learning.people.actions import end_sessions
from learning.people.models import Account, Staff
from tests.browse import form_of
from tests.stories.world import last_mail, path_in

PASSWORD = "the heron stands in the canal"


@transaction()
def removed(account: Account) -> None:
    """Staff take the colleague off the desk."""
    row = db.session.scalars(
        select(Staff).where(Staff.account_id == account.id, Staff.ended_at.is_(None))
    ).first()
    assert row is not None
    row.ended_at = clock.now()
    end_sessions(account)


def copy_of(app: Flask, client: FlaskClient) -> FlaskClient:
    """Another browser with the same session cookie."""
    cookie, other = client.get_cookie("session"), app.test_client()
    assert cookie is not None
    other.set_cookie("session", cookie.value)
    return other


def here(client: FlaskClient, page: str = "/nl/me") -> bool:
    return client.get(page).status_code == 200


def enter_by_mail(app: Flask, mail: str) -> FlaskClient:
    client = app.test_client()
    client.post("/nl/sign-in", data=form_of(client.get("/nl/sign-in").text)["values"] | {"mail": mail})
    link = path_in(last_mail(mail)[1], "/sign-in/")
    client.post(link, data=form_of(client.get(link).text)["values"])
    assert here(client)
    return client


def test_a_copied_cookie_is_worth_nothing_after_signing_out(demo: Flask) -> None:
    staff = db.session.scalars(select(Staff).where(Staff.role == "admin").order_by(Staff.id)).first()
    assert staff is not None
    account, desk = staff.account, f"/manage/{staff.organiser.slug}/"
    mail = account.mail

    # she signs in at the office with a mailed link and sets a password; the one of before is not asked for
    office = enter_by_mail(demo, mail)
    values = form_of(office.get("/nl/me/password").text, having="again")["values"]
    office.post("/nl/me/password", data=values | {"password": PASSWORD, "again": PASSWORD})
    assert here(office, desk)

    # somebody copies the cookie, and reads along until she signs out
    thief = copy_of(demo, office)
    assert here(thief, desk)
    office.post("/nl/sign-out")
    assert not here(thief, desk)

    # at home she sees a device that is not hers, and ends it
    home, stolen = enter_by_mail(demo, mail), enter_by_mail(demo, mail)
    page = home.get("/nl/me/sessions").text
    assert len(re.findall(r'name="which" value="\d+"', page)) == 2
    home.post("/nl/me/sessions", data=form_of(page, having="which")["values"] | {"which": ""})
    assert (here(home, desk), here(stolen, desk)) == (True, False)

    # the thief hammers her account from elsewhere: her own browser gets in, and she is told
    attack = demo.test_client()
    attack.environ_base |= {"REMOTE_ADDR": "203.0.113.66"}
    with time_machine.travel(clock.now(), tick=False):
        tries = [{"mail": mail, "password": f"wrong {n}"} for n in range(30)]
        codes = [attack.post("/nl/sign-in/password", data=data).status_code for data in tries]
    assert codes == [422] * 10 + [429] * 20
    assert "in te loggen met jouw adres" in last_mail(mail)[0]
    home.post("/nl/sign-out")
    home.post("/nl/sign-in/password", data={"mail": mail, "password": PASSWORD})
    assert here(home, desk)

    # removed from the desk, she is out everywhere at once
    removed(account)
    assert not here(home)
    assert not here(home, desk)
