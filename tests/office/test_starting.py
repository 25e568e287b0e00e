"""The first start: one address at a time, for a day, once, and every other one says why it does not work."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from learning.kit import clock
from learning.kit.codes import token_hash
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.trail import AuditEvent
from learning.office import actions
from learning.office.models import FirstStart, Owner
from learning.office.organisers import NewOrganiser
from learning.organisations.models import Organiser
from learning.people.models import Account, Staff
from tests.browse import form_of, words_of
from tests.choices.test_races import at_once
from tests.make import NOON, enter, make_account, make_organiser, make_staff

WHO = actions.Starter("Noor Bakker", "noor@kring.example", "en", "a hash")
NEW = NewOrganiser("Buurtkring Oost", mail="noor@kring.example")


def refusal_of(token: str, at: object = NOON) -> str:
    """The code with which this address is refused."""
    with pytest.raises(Refusal) as no:
        actions.start(token, WHO, NEW, now=at)  # type: ignore[arg-type]
    return no.value.code


def count(model: type) -> int:
    """How many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_it_makes_account_owner_organiser_and_admin(app: Flask):
    token = actions.offer_start(now=NOON)
    assert token is not None
    assert len(token) >= 43  # 32 bytes

    account, organiser = actions.start(token, WHO, NEW, now=NOON)

    assert (account.name, account.mail, account.language, account.password_hash) == (
        WHO.name,
        WHO.mail,
        "en",
        "a hash",
    )
    assert (organiser.name, organiser.slug, organiser.plate, organiser.mail) == (
        NEW.name,
        "buurtkring-oost",
        "BO",
        NEW.mail,
    )
    assert (organiser.brand_colour, organiser.settled_at, organiser.closed_at) == ("#123f8f", None, None)
    staff = db.session.scalars(select(Staff)).one()
    assert (staff.account_id, staff.organiser_id, staff.role) == (account.id, organiser.id, "admin")
    assert db.session.scalars(select(Owner)).one().account_id == account.id
    row = db.session.scalars(select(FirstStart)).one()
    assert (row.token_hash, row.used_at, row.account_id, row.open) == (
        token_hash(token),
        NOON,
        account.id,
        None,
    )
    assert token not in str(db.session.execute(select(FirstStart.__table__)).all())
    trail = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    verbs = [(event.verb, event.thing, event.account_id) for event in trail]
    assert verbs == [
        ("made", "organiser", account.id),
        ("started", "first_start", account.id),
        ("made", "owner", account.id),
    ]


def test_each_address_that_does_not_work_says_why(app: Flask):
    assert refusal_of("something else") == "start_unknown"
    old = actions.offer_start(now=NOON)
    new = actions.offer_start(now=NOON + timedelta(hours=1))
    assert old is not None
    assert new is not None
    assert refusal_of(old) == "start_replaced"
    assert refusal_of(new, NOON + timedelta(hours=25)) == "start_expired"
    actions.start(new, WHO, NEW, now=NOON + timedelta(hours=24, minutes=59))
    assert refusal_of(new) == "start_used"
    assert actions.offer_start(now=NOON) is None
    assert (count(Owner), count(Organiser), count(Account)) == (1, 1, 1)


def test_of_two_at_once_one_begins(app: Flask):
    token = actions.offer_start(now=NOON) or ""
    people = [actions.Starter(f"Nr {n}", f"nr{n}@kring.example", "nl") for n in range(4)]

    came = at_once(app, [
        lambda who=who: actions.start(token, who, NewOrganiser(who.name), now=NOON) for who in people
    ])  # type: ignore[misc]  # fmt: skip

    assert [outcome for outcome in came if isinstance(outcome, str)] == ["start_used"] * 3
    db.session.rollback()
    assert (count(Owner), count(Organiser), count(Account)) == (1, 1, 1)


def test_of_two_printed_at_once_one_works(app: Flask):
    came = at_once(app, [lambda: actions.offer_start(now=NOON) for _ in range(4)])

    db.session.rollback()
    works = []
    for token in came:
        row = db.session.scalar(select(FirstStart).where(FirstStart.token_hash == token_hash(str(token))))
        works.append(row is not None and row.open is True)
    assert works.count(True) == 1


def test_no_address_is_printed_where_there_is_something(app: Flask):
    make_organiser()

    assert actions.offer_start(now=NOON) is None
    said = app.test_cli_runner().invoke(args=["prepare"]).output
    assert "first-start" not in said
    assert "flask owner add ADDRESS" in said


def test_an_owner_by_command_ends_the_printed_address(app: Flask):
    token = actions.offer_start(now=NOON) or ""

    actions.add_owner("Bo", "bo@x.example", language="nl", by=None, now=NOON)

    assert refusal_of(token) == "start_replaced"


def test_looking_uses_nothing_up_and_other_addresses_are_told_apart(app: Flask):
    token = actions.offer_start(now=clock.now()) or ""
    client = app.test_client()

    assert [client.get(f"/nl/first-start/{token}").status_code for _ in range(3)] == [200] * 3
    wrong = client.get("/en/first-start/nonsense")
    assert wrong.status_code == 404
    assert "not the one that was printed" in words_of(wrong.text)
    newer = actions.offer_start(now=clock.now())
    gone = client.get(f"/en/first-start/{token}")
    assert gone.status_code == 409
    assert "a newer one was printed" in words_of(gone.text)
    assert client.get(f"/en/first-start/{newer}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Your name: Fill in this field."),
        (
            {"name": "Sign in at https://evil.example"},
            "Your name: Write a name without a web or mail address.",
        ),
        (
            {"organiser": "Win at evil.example"},
            "Name of the organisation: Write a name without a web or mail address.",
        ),
        ({"mail": "noor"}, "Your e-mail address: Enter an e-mail address like name@example.org."),
        ({"password": "short"}, "Password: Use at least 12 characters."),
        ({"password": "x" * 1001}, "Password: Use at most 1000 characters."),
        ({"password": "long enough to be one"}, "Password again: Type the same password twice."),
        ({"slug": "No Good!"}, "Its name in addresses: Use 2 to 40 small letters"),
        ({"organiser": "!!"}, "Name of the organisation: Write a name with letters."),
        ({"organiser": "京都"}, "Its name in addresses: Use 2 to 40 small letters"),
        ({"brand_colour": "blue"}, "First colour: buttons, signs and links: Enter a colour like #123f8f."),
        ({"plate": "ABCDE"}, "Letters on the sign: Use at most 4 characters."),
    ],
)
def test_what_is_not_right_is_named_and_what_was_typed_stays(app: Flask, typed: dict[str, str], words: str):
    address = f"/en/first-start/{actions.offer_start(now=clock.now())}"
    client = app.test_client()
    sane = {"name": "Noor", "mail": "noor@x.example", "organiser": "Kring"}
    sane |= {"brand_colour": "#123f8f", "accent_colour": "#b8431c"}

    answer = client.post(address, data=sane | typed)

    assert answer.status_code in (409, 422)
    assert words in words_of(answer.text)
    kept = form_of(answer.text)["values"]
    for name, text in (sane | typed).items():
        assert kept[name] == ("" if name == "password" else text)
    assert count(Account) == 0


def test_a_weak_password_is_named_beside_what_else_is_wrong(app: Flask):
    address = f"/nl/first-start/{actions.offer_start(now=clock.now())}"
    typed = {
        "name": "",
        "mail": "noor@x.example",
        "organiser": "Kring",
        "password": "aaaaaaaaaaaa",
        "again": "aaaaaaaaaaaa",
    }

    answer = app.test_client().post(address, data=typed)

    assert answer.status_code == 422
    assert "Wachtwoord: Dit herhaalt iets korts" in words_of(answer.text)
    assert "Je naam: Vul" in words_of(answer.text)


def test_two_clicks_lead_to_the_same_desk(app: Flask):
    address = f"/nl/first-start/{actions.offer_start(now=clock.now())}"
    client = app.test_client()
    sent = {
        **form_of(client.get(address).text)["values"],
        "name": "Noor",
        "mail": "noor@x.example",
        "organiser": "Kring",
    }

    # before an answer came
    first, second = (
        client.post(address, data=sent),
        app.test_client().post(address, data=sent),
    )

    assert first.location == second.location == "/manage/kring/beginning"
    assert client.get(second.location).status_code == 200


def test_who_is_too_late_reads_so(app: Flask):
    address = f"/en/first-start/{actions.offer_start(now=clock.now())}"
    slow, fast = app.test_client(), app.test_client()
    typed = {"name": "Noor", "mail": "noor@x.example", "organiser": "Kring"}
    sent = {**form_of(slow.get(address).text)["values"], **typed}
    fast.post(address, data={**form_of(fast.get(address).text)["values"], **typed})

    answer = slow.post(address, data=sent)

    assert answer.status_code == 409
    assert "somebody has started this installation" in words_of(answer.text)
    assert slow.get("/manage/kring/").status_code == 302


def test_errors_are_listed_as_the_fields_stand_and_nothing_seems_optional_that_is_not(app: Flask):
    token = actions.offer_start(now=clock.now())
    client = app.test_client()
    page = client.post(f"/nl/first-start/{token}", data={"password": "x", "again": "y"})
    summary = page.text.partition('class="errorsum"')[2].partition("</div>")[0]

    listed = re.findall(r'href="#(\w+)"', summary)
    shown = [id for id in re.findall(r'<label for="(\w+)"', page.text) if id in listed]
    assert listed == shown
    assert listed[:3] == ["name", "mail", "password"]
    again = page.text.partition('<label for="again">')[2].partition("</label>")[0]
    assert "optioneel" not in again
    assert 'class="btn btn-accent"' not in page.text  # the sample of the colours is no button


def test_password_and_devices_are_one_step_from_the_desk(app: Flask):
    organiser, account = make_organiser("kring"), make_account("ann@x.example")
    make_staff(organiser, account, "reader")
    desk = enter(app.test_client(), account).get("/manage/kring/").text

    assert {f'href="/nl/me/{page}"' for page in ("profile", "password", "sessions")} <= set(
        re.findall(r'href="[^"]+"', desk)
    )
