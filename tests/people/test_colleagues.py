"""Colleagues: invited, come, other roles and limits,
removed; what happens at the same moment; and the commands.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from learning.kit import clock
from learning.kit.db import db, transaction
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent
from learning.kit.wording import Wording
from learning.mail.models import Message
from learning.office.actions import add_owner
from learning.office.organisers import close_organiser
from learning.organisations.models import Organiser
from learning.people import colleagues, invitations, passwords
from learning.people.actions import set_password
from learning.people.models import Account, Invitation, Staff, StaffProgramme
from learning.people.permissions import can_edit, can_manage, limits_of
from learning.people.roles import BY_KEY, PERMISSIONS, ROLES, may
from tests.browse import form_of, send, words_of
from tests.make import (
    NOON,
    enter,
    make_account,
    make_contact,
    make_organisation,
    make_organiser,
    make_person,
    make_programme,
    make_staff,
)

SignIn = Callable[[Account], FlaskClient]
DESK = "/manage/kring/colleagues"
PASSWORD = "a Sentence of my own"


class Kring:
    """An organiser with two programmes, and one administrator."""

    def __init__(self) -> None:
        self.organiser = make_organiser("kring", name="Kring")
        self.first, self.second = (make_programme(self.organiser, slug=slug) for slug in ("een", "twee"))
        self.admin = make_account("admin@x.example", name="Ada")
        make_staff(self.organiser, self.admin, "admin")

    def join(self, name: str, role: str) -> Account:
        """Somebody works here too."""
        account = make_account(f"{name.lower()}@x.example", name=name)
        make_staff(self.organiser, account, role)
        return account

    def invite(self, mail: str = "new@x.example", role: str = "editor", programmes: Any = None) -> Invitation:
        """Somebody is invited."""
        who = (mail, "Nieuw", role, programmes)
        return invitations.invite(self.organiser.id, *who, language="nl", by=self.admin, now=clock.now())


@pytest.fixture
def kring(app: Flask) -> Kring:
    return Kring()


def staff_row(account: Account) -> Staff:
    return db.session.scalars(select(Staff).where(Staff.account_id == account.id)).one()


def code_of(action: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refusal:
        action()
    db.session.rollback()
    return refusal.value.code


def link() -> str:
    """Where the last invitation that was mailed leads."""
    query = (
        select(Message)
        .where(Message.template == "people/colleague_invited")
        .order_by(Message.id.desc())
        .limit(1)
    )
    url: str = db.session.scalars(query).one().values["invitation_url"]
    return "/nl/sign-in/invitation/" + url.rpartition("/")[2]


def log() -> list[tuple[str, str]]:
    return [(row.verb, row.words) for row in db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))]


def test_the_table_knows_every_role_and_only_those():
    assert {role for permission in PERMISSIONS for role in permission.roles} == set(ROLES)
    assert len(BY_KEY) == len(PERMISSIONS)
    assert all("admin" in permission.roles for permission in PERMISSIONS)
    assert [key for key in BY_KEY if may("finance", key)] == [
        "see_desk", "see_delegations", "see_organisations", "correct_billing", "set_reference",
        "see_invoices", "bill",
        "identify",
    ]  # fmt: skip
    assert not any(
        may("reader", key) for key in ("edit", "make", "share", "decide", "bill", "manage", "see_needs")
    )
    assert not may("admin", "manage", limited=True)
    with pytest.raises(KeyError):
        may("admin", "nonsense")


def test_an_administrator_is_never_limited(kring: Kring):
    @transaction()
    def limit() -> None:
        staff_row(kring.admin).limited = True

    with pytest.raises(IntegrityError):
        limit()


def test_a_programme_of_another_organiser_cannot_be_a_limit(kring: Kring):
    foreign = make_programme(make_organiser("ander"))
    ben = kring.join("Ben", "editor")

    change = {"programmes": [foreign.id], "by": kring.admin, "now": NOON}
    assert code_of(lambda: colleagues.change(staff_row(ben), "editor", **change)) == "no_programme"

    @transaction()
    def point() -> None:
        ids = {"organiser_id": kring.organiser.id, "staff_id": staff_row(ben).id, "programme_id": foreign.id}
        db.session.add(StaffProgramme(**ids))

    with pytest.raises(IntegrityError):
        point()


def test_invited_by_mail_and_come(kring: Kring, sign_in: SignIn, app: Flask):
    desk = sign_in(kring.admin)
    data = {
        "mail": "Nieuw@X.example",
        "name": "Nel Nieuw",
        "role": "editor",
        "language": "nl",
        "limited": "y",
    }
    page = desk.post(f"{DESK}/new", data=data | {"programmes": kring.first.id}, follow_redirects=True)
    assert "krijgt een uitnodiging per e-mail" in words_of(page.text)
    assert "Nel Nieuw Nieuw@X.example redacteur" in words_of(page.text)
    assert db.session.scalar(select(Account).where(Account.mail_key == "nieuw@x.example")) is None
    mail = db.session.scalars(select(Message)).one()
    assert (mail.address, mail.name) == ("Nieuw@X.example", "")
    assert "Nel" not in str(mail.values)  # the address is not confirmed: nothing that was typed goes along

    new = app.test_client()
    shown = new.get(link())
    assert shown.status_code == 200
    assert "als redacteur" in words_of(shown.text)
    assert db.session.scalar(select(func.count()).select_from(Staff)) == 1  # looking makes nobody a colleague
    assert new.post(link()).location == "/manage/kring/"
    assert f"Je bent nu collega bij {kring.organiser.name}." in words_of(new.get("/manage/kring/").text)
    account = db.session.scalars(select(Account).where(Account.mail_key == "nieuw@x.example")).one()
    assert (account.name, limits_of(account, kring.organiser.id)) == ("Nel Nieuw", {kring.first.id})
    again = app.test_client().post(link())
    assert again.status_code == 409
    assert "Log in om bij het bureau te komen" in words_of(again.text)
    assert log() == [("invited", "Nel Nieuw: editor (een)"), ("came", "Nel Nieuw: editor (een)")]


def test_a_link_of_before_says_whom_to_ask(kring: Kring, app: Flask):
    kring.invite("new@x.example", "reader")
    old = link()
    invitations.renew(
        db.session.scalars(select(Invitation)).one(), by=kring.admin, now=clock.now() + timedelta(hours=2)
    )

    gone = app.test_client().get(old)
    assert (gone.status_code, "vraag wie je uitnodigde" in words_of(gone.text)) == (404, True)
    assert "vraag wie je uitnodigde" not in app.test_client().get("/nl/invitations/unknown").text


def test_who_comes_new_has_the_language_of_the_invitation(kring: Kring):
    who = {"role": "editor", "language": "en", "by": kring.admin, "now": NOON}
    new = invitations.invite(kring.organiser.id, "new@x.example", "", **who)
    dutch = make_account("dutch@x.example")
    known = invitations.invite(kring.organiser.id, dutch.mail, "", **who)

    assert invitations.come(new, now=NOON).language == "en"
    assert invitations.come(known, by=dutch, now=NOON).language == "nl"


def test_bad_input_keeps_what_was_typed(kring: Kring, sign_in: SignIn):
    desk = sign_in(kring.admin)
    answers = {
        "geen adres": {"mail": "nonsense", "role": "editor"},
        "geen rol": {"mail": "a@x.example", "role": "boss"},
        "beheerder van één": {
            "mail": "a@x.example",
            "role": "admin",
            "limited": "y",
            "programmes": kring.first.id,
        },
        "geen programma": {"mail": "a@x.example", "role": "reader", "limited": "y"},
        "vreemd programma": {"mail": "a@x.example", "role": "reader", "limited": "y", "programmes": 999999},
        "geen naam": {"mail": "a@x.example", "role": "reader", "name": "Log in op https://evil.example"},
        "is al collega": {"mail": "ADMIN@x.example", "role": "reader"},
    }
    for words, data in answers.items():
        answer = desk.post(f"{DESK}/new", data=data | {"language": "nl"})
        assert answer.status_code in (409, 422), words
        assert f'value="{data["mail"]}"' in answer.text, words
        assert 'class="error"' in answer.text, words
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_an_invitation_is_renewed_and_withdrawn(kring: Kring, app: Flask):
    now = clock.now()
    invitation = kring.invite()
    first = link()
    assert code_of(lambda: kring.invite("NEW@x.example")) == "invited_already"
    assert code_of(lambda: invitations.renew(invitation, by=kring.admin, now=now)) == "invited_just_now"
    invitations.renew(invitation, by=kring.admin, now=now + timedelta(hours=2))
    assert app.test_client().get(first).status_code == 404  # another link now
    assert app.test_client().get(link()).status_code == 200
    invitations.withdraw(invitation, by=kring.admin, now=now)
    gone = app.test_client().post(link())
    assert gone.status_code == 409
    assert "Vraag Kring om een nieuwe" in words_of(gone.text)
    assert code_of(lambda: invitations.withdraw(invitation, by=kring.admin, now=now)) == "invitation_over"
    assert db.session.scalar(select(func.count()).select_from(Staff)) == 1
    kring.invite()  # the address is free again


def test_an_old_link_does_nothing(kring: Kring):
    invitation = kring.invite()
    late = clock.now() + timedelta(days=15)

    assert code_of(lambda: invitations.come(invitation, now=late)) == "invitation_over"


def test_a_role_changes_at_once_and_ends_sessions(kring: Kring, sign_in: SignIn, app: Flask):
    ben = kring.join("Ben", "editor")
    browser = enter(app.test_client(), ben, "his own")
    assert browser.get("/manage/kring/venues/new").status_code == 200

    answer = sign_in(kring.admin).post(f"{DESK}/{staff_row(ben).id}", data={"role": "reader"})

    assert answer.status_code == 302
    assert browser.get("/manage/kring/venues/new").status_code == 302  # signed out
    db.session.rollback()
    assert not can_edit(ben, kring.organiser.id)
    assert log() == [("changed", "Ben: editor → reader")]


def test_who_is_removed_loses_every_session_at_once(kring: Kring, sign_in: SignIn, app: Flask):
    ben = kring.join("Ben", "admin")
    browsers = [enter(app.test_client(), ben, f"browser {n}") for n in range(3)]
    assert [browser.get(DESK).status_code for browser in browsers] == [200] * 3
    desk = sign_in(kring.admin)
    at = f"{DESK}/{staff_row(ben).id}/removal"
    assert "meteen overal uitgelogd" in words_of(desk.get(at).text)

    assert desk.post(at).status_code == 302

    assert [browser.get("/nl/me").status_code for browser in browsers] == [302] * 3
    assert sign_in(db.session.get_one(Account, ben.id, populate_existing=True)).get(DESK).status_code == 404
    assert log() == [("removed", "Ben: admin →")]


@pytest.mark.parametrize("how", ["removed", "changed"])
def test_who_is_administrator_no_more_does_not_come_back_by_an_invitation_of_their_own(
    kring: Kring, app: Flask, how: str
):
    ben = kring.join("Ben", "admin")
    known = (kring.organiser.id, "ben2@x.example", "Ben", "admin")
    own = invitations.invite(*known, language="nl", by=ben, now=NOON)
    other = kring.invite("cas@x.example")
    taken_over = invitations.invite(
        kring.organiser.id, "dia@x.example", "", "reader", language="nl", by=ben, now=NOON
    )
    invitations.renew(taken_over, by=kring.admin, now=NOON + timedelta(hours=2))

    if how == "removed":
        colleagues.remove(staff_row(ben), by=kring.admin, now=NOON)
    else:
        colleagues.change(staff_row(ben), "editor", by=kring.admin, now=NOON)

    assert code_of(lambda: invitations.come(own, now=NOON)) == "invitation_over"
    assert own.end_reason == "withdrawn"
    assert ("withdrawn", "Ben") in log()
    assert {row.mail for row in colleagues.invitations_of(kring.organiser.id)} == {
        other.mail,
        "dia@x.example",
    }


def test_nobody_raises_or_removes_themselves(kring: Kring, sign_in: SignIn):
    kring.join("Ben", "admin")
    mine = staff_row(kring.admin)

    assert code_of(lambda: colleagues.change(mine, "reader", by=kring.admin, now=NOON)) == "own_role"
    assert code_of(lambda: colleagues.remove(mine, by=kring.admin, now=NOON)) == "own_role"
    desk = sign_in(kring.admin)
    assert "Dit ben je zelf" in words_of(desk.get(f"{DESK}/{mine.id}").text)
    assert desk.post(f"{DESK}/{mine.id}", data={"role": "reader"}).status_code == 409
    assert desk.post(f"{DESK}/{mine.id}/removal").status_code == 409


def test_who_is_no_administrator_changes_nothing(kring: Kring):
    ben = kring.join("Ben", "editor")

    assert (
        code_of(lambda: colleagues.change(staff_row(kring.admin), "reader", by=ben, now=NOON))
        == "no_administrator"
    )
    who = ("c@x.example", "", "admin", None)
    invite = lambda: invitations.invite(kring.organiser.id, *who, language="nl", by=ben, now=NOON)  # noqa: E731
    assert code_of(invite) == "no_administrator"


def test_the_last_administrator_stays(kring: Kring):
    for action in (lambda: colleagues.remove(staff_row(kring.admin), now=NOON),
                   lambda: colleagues.change(staff_row(kring.admin), "editor", now=NOON)):  # fmt: skip
        assert code_of(action) == "last_admin"
    assert can_manage(kring.admin, kring.organiser.id)


def at_once(app: Flask, *actions: Callable[[], Any]) -> list[str]:
    """What came of these, begun at the same moment: done, or why not."""
    outcomes: list[str] = []
    ready = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> None:
        with app.app_context():
            ready.wait()
            try:
                action()
                outcomes.append("done")
            except Refusal as refusal:
                outcomes.append(refusal.code)
            db.session.remove()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_two_administrators_remove_each_other_and_one_stays(kring: Kring, app: Flask):
    ben = kring.join("Ben", "admin")
    pairs = [(kring.admin.id, staff_row(ben).id), (ben.id, staff_row(kring.admin).id)]
    db.session.remove()

    def remove(by: int, id: int) -> None:
        colleagues.remove(db.session.get_one(Staff, id), by=db.session.get_one(Account, by), now=NOON)

    outcomes = at_once(app, *(lambda by=by, id=id: remove(by, id) for by, id in pairs))  # type: ignore[misc]

    assert outcomes == ["done", "no_administrator"]
    live = (Staff.role == "admin", Staff.ended_at.is_(None))
    assert db.session.scalar(select(func.count()).select_from(Staff).where(*live)) == 1


def test_two_invitations_of_one_address_at_once_are_one(kring: Kring, app: Flask):
    organiser, by = kring.organiser.id, kring.admin.id
    db.session.remove()

    def invite() -> None:
        who = ("new@x.example", "", "reader", None)
        invitations.invite(organiser, *who, language="nl", by=db.session.get_one(Account, by), now=NOON)

    assert at_once(app, invite, invite) == ["done", "invited_already"]
    counts = [db.session.scalar(select(func.count()).select_from(table)) for table in (Invitation, Message)]
    assert counts == [1, 1]


def test_who_left_can_come_back_with_the_new_role_alone(kring: Kring):
    ben = kring.join("Ben", "admin")
    colleagues.remove(staff_row(ben), by=kring.admin, now=NOON)
    invitation = kring.invite("ben@x.example", "reader", [kring.second.id])

    invitations.come(invitation, by=ben, now=clock.now())

    row = staff_row(ben)
    assert (row.role, row.limited, row.ended_at) == ("reader", True, None)
    assert limits_of(ben, kring.organiser.id) == {kring.second.id}


def test_nobody_comes_to_an_organiser_that_closed_meanwhile(kring: Kring):
    invitation = kring.invite()
    close_organiser(kring.organiser.id, Wording("Tot ziens."), by=None, now=NOON)

    with pytest.raises(Refusal) as no:
        invitations.come(invitation, now=clock.now())
    assert no.value.code == "organiser_closed"


def test_the_page_says_who_may_what_and_when_they_were_seen(kring: Kring, sign_in: SignIn):
    alone = words_of(sign_in(kring.admin).get(DESK).text)
    assert "Je werkt hier alleen" in alone
    assert "Facturen maken, uitgeven en weggooien" in alone
    ben = kring.join("Ben", "finance")
    sign_in(ben).get("/manage/kring/")
    seen = staff_row(ben).seen_at
    assert seen is not None
    sign_in(ben).get("/manage/kring/")
    db.session.rollback()
    assert staff_row(ben).seen_at == seen  # kept once an hour
    page = words_of(sign_in(kring.admin).get(DESK).text)
    assert "Ben ben@x.example financiën alle programma’s" in page
    assert "Je werkt hier alleen" not in page


def test_only_administrators_come_here(kring: Kring, sign_in: SignIn):
    other = make_account("other@x.example")
    make_staff(make_organiser("ander"), other, "admin")
    people = {role: kring.join(role.capitalize(), role) for role in ("editor", "finance", "reader")} | {
        "other": other
    }

    assert {who: sign_in(account).get(DESK).status_code for who, account in people.items()} == {
        "editor": 403, "finance": 403, "reader": 403, "other": 404,
    }  # fmt: skip
    ander = db.session.scalars(select(Organiser.id).where(Organiser.slug == "ander")).one()
    with pytest.raises(NotFound):
        colleagues.colleague_at_desk(ander, staff_row(kring.admin).id)


def test_finance_corrects_a_billing_address_and_nothing_else(kring: Kring, sign_in: SignIn):
    from tests.make import make_organisation

    city = make_organisation(kring.organiser, "Zutphen")
    desk = sign_in(kring.join("Fien", "finance"))
    at = f"/manage/kring/organisations/{city.id}"
    page = desk.get(at).text
    assert 'name="street"' in page
    assert 'name="name"' not in page
    seen = page.partition('name="seen" type="hidden" value="')[2].partition('"')[0]
    typed = {
        "legal_name": "Gemeente Zutphen",
        "street": "Nieuwe Markt 2",
        "postcode": "7201 AA",
        "city": "Zutphen",
    }

    answer = desk.post(
        at, data=typed | {"seen": seen, "finance_mail": "f@x.example", "name": "Anders", "language": "en"}
    )

    assert answer.status_code == 302
    db.session.rollback()
    row = db.session.get_one(type(city), city.id, populate_existing=True)
    assert (row.name, row.street, row.language, row.finance_mail) == (
        "Zutphen",
        "Nieuwe Markt 2",
        "nl",
        "f@x.example",
    )
    late = desk.post(at, data=typed | {"seen": seen, "street": "Oude Markt 1"})
    assert late.status_code == 409  # somebody changed it since


def test_commands(kring: Kring, app: Flask):
    def run(*words: str) -> tuple[int, str]:
        db.session.remove()
        done = app.test_cli_runner().invoke(args=["staff", *words])
        db.session.remove()
        return done.exit_code, done.output.strip()

    assert run("add", "kring", "ben@x.example", "--role", "editor", "--programme", "een") == (
        0, "ben@x.example\teditor (een)\tnever seen",
    )  # fmt: skip
    assert run("role", "kring", "BEN@x.example", "finance") == (0, "ben@x.example\tfinance\tnever seen")
    kring.invite()
    assert run("list", "kring") == (
        0,
        "admin@x.example\tadmin\t2100-01-01\nben@x.example\tfinance\tnever seen\n"
        "new@x.example\teditor\tinvited",
    )  # fmt: skip
    assert run("remove", "kring", "admin@x.example") == (
        1, "Error: Ada is the last administrator. Make somebody else administrator first.",
    )  # fmt: skip
    assert run("add", "kring", "ben@x.example") == (1, "Error: ben@x.example is a colleague already.")
    assert run("add", "kring", "nonsense") == (1, "Error: nonsense is no mail address.")
    assert run("add", "kring", "c@x.example", "--role", "admin", "--programme", "een")[0] == 1
    assert run("role", "kring", "ben@x.example", "editor", "--programme", "nergens") == (
        1, "Error: kring has no programme with the name nergens in addresses.",
    )  # fmt: skip
    assert run("list", "nergens") == (1, "Error: There is no organiser with the name nergens in addresses.")
    assert run("remove", "kring", "ben@x.example") == (0, "ben@x.example is no colleague of kring any more.")
    assert run("remove", "kring", "ben@x.example") == (1, "Error: ben@x.example is no colleague of kring.")


def own(person: str) -> Account:
    """An account with the address that is invited."""
    account = make_account("new@x.example", name="Nel")
    if person == "visitor":
        return account
    if person == "contact":
        organiser = make_organiser("ander")
        make_contact(make_organisation(organiser), make_person(organiser, "Nel", account.mail))
    elif person == "password":
        set_password(account, password_hash=passwords.hash_password(PASSWORD), now=NOON)
    elif person == "staff":
        make_staff(make_organiser("ander"), account, "reader")
    else:
        add_owner("Nel", account.mail, language="nl", by=None, now=NOON)
    return account


@pytest.mark.parametrize("person", ["visitor", "contact", "password", "staff", "owner"])
def test_the_link_of_an_invitation_is_no_way_into_an_account(kring: Kring, app: Flask, person: str):
    account = own(person)
    kring.invite()
    stranger = app.test_client()
    page = stranger.get(link())
    assert page.status_code == 200
    assert "Het adres new@x.example heeft al een account. Log daarmee eerst in" in words_of(page.text)
    assert 'href="/nl/sign-in?next=/nl/me/invitations"' in page.text

    assert stranger.post(link()).status_code == 409

    assert stranger.get("/nl/me").status_code == 302
    db.session.rollback()
    assert db.session.scalar(select(func.count()).where(Staff.organiser_id == kring.organiser.id)) == 1

    browser = enter(app.test_client(), account, "own")
    assert browser.get(link()).location == "/nl/me/invitations"
    assert "Ga werken voor Kring." in words_of(browser.get("/nl/me").text)
    began = send(browser, "/nl/me/invitations", having="which")
    assert began.request.path == "/manage/kring/"
    assert "Er is geen uitnodiging voor new@x.example" in words_of(browser.get("/nl/me/invitations").text)
    assert log()[-1] == ("came", "Nel: editor")


def test_signing_in_leads_back_to_the_invitation(kring: Kring, app: Flask):
    own("password")
    kring.invite()
    new = app.test_client()
    new.post("/nl/sign-in", data={"mail": "new@x.example", "next": "/nl/me/invitations"})
    query = select(Message).where(Message.template == "people/sign_in_link")
    url = db.session.scalars(query).one().values["sign_in_url"]

    entered = new.post("/nl/sign-in/" + url.rpartition("/")[2], follow_redirects=True)

    assert "voor Kring te werken, als redacteur" in words_of(entered.text)


def test_who_is_signed_in_as_somebody_else_is_told_and_can_change(kring: Kring, app: Flask):
    own("password")
    kring.invite()
    browser = enter(app.test_client(), kring.join("Ben", "reader"))
    page = browser.get(link())
    assert "voor new@x.example en je bent ingelogd als ben@x.example" in words_of(page.text)
    assert browser.post(link()).status_code == 409
    assert browser.post("/nl/me/invitations", data={"which": "1"}).status_code == 409

    form = form_of(page.text, having="next")
    out = browser.post(form["action"], data=form["values"])

    assert out.location == "/nl/sign-in?next=/nl/me/invitations"
    assert browser.get("/nl/me").status_code == 302
    assert browser.post("/nl/sign-out", data={"next": "//evil.example"}).location == "/nl/sign-in"
