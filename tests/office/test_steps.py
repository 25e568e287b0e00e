"""The list to begin with: each step looks at what is there."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from learning.billing.queries import missing_identity
from learning.kit import clock
from learning.kit.db import db
from learning.kit.setbacks import Setback
from learning.mail.delivery import claim, mark_sent, postpone
from learning.office import steps as listing
from learning.office.health import look
from learning.organisations.models import Organiser
from learning.people.models import Account
from tests.browse import words_of
from tests.make import NOON, make_account, make_event, make_organiser, make_owner, make_staff

BARE = {"legal_name": "", "kvk": "", "vat_id": "", "iban": ""}


def done(organiser: Organiser) -> dict[str, bool]:
    """Which steps are done."""
    return {step.key: step.done for step in listing.steps(organiser)}


def test_each_ticks_by_what_is_there(app: Flask):
    kring = make_organiser("kring", **BARE)
    make_staff(kring, make_account("one@x.example"))
    machine = {"worker": False, "backup": False} | {
        finding.key: finding.state == "good" for finding in look()
    }
    own = {"organiser": True, "mail": False, "colleagues": False, "identity": False, "programme": False}
    expected = own | {key: machine[key] for key in ("worker", "backup")}
    assert done(kring) == expected
    assert listing.own_steps(kring)[1].parts == tuple(gap.words for gap in missing_identity(kring))
    assert len(listing.own_steps(kring)[1].parts) > 2

    make_staff(kring, make_account("editor@x.example"), "editor")
    assert done(kring) == expected  # an editor cannot stand in for an administrator
    make_staff(kring, make_account("two@x.example"))
    make_event(kring)

    assert done(kring) == expected | {"colleagues": True, "programme": True}
    assert {key for key, ticked in done(make_organiser("whole")).items() if ticked} >= {
        "organiser",
        "identity",
    }


def test_another_organisers_things_tick_nothing(app: Flask):
    kring, other = make_organiser("kring", **BARE), make_organiser("other")
    make_event(other)
    make_staff(other, make_account("one@x.example"))
    make_staff(other, make_account("two@x.example"))

    assert [step.done for step in listing.own_steps(kring)] == [False, False, False]


def test_only_admins_see_it_and_it_can_be_put_away(app: Flask, sign_in: Any):
    kring = make_organiser("kring")
    admin, editor = make_account("admin@x.example"), make_account("editor@x.example")
    make_staff(kring, admin)
    make_staff(kring, editor, "editor")
    here = "/manage/kring/beginning"

    assert sign_in(editor).get(here).status_code == 403
    assert here not in sign_in(editor).get("/manage/kring/").text
    client = sign_in(admin)
    assert here in client.get("/manage/kring/").text
    assert "klaar" in words_of(client.get(here + "?step=nonsense").text)
    client.post(here + "/away", data={"form_key": "x"})

    assert here not in client.get("/manage/kring/").text.replace(f"{here}/", "")
    assert "Deze lijst staat niet meer in het menu." in words_of(client.get(here).text)


def test_where_everything_is_done_the_worker_puts_it_away(app: Flask):
    ready, busy = make_organiser("ready"), make_organiser("busy", **BARE)
    make_event(ready)
    for name in ("one", "two"):
        make_staff(ready, make_account(f"{name}@x.example"))
    ticked = [listing.Step("all", "All", True, "")]

    listing.settle_due(NOON, all_of=lambda _organiser: ticked)

    settled = {row.slug: row.settled_at for row in db.session.scalars(select(Organiser))}
    assert settled == {"ready": NOON, "busy": None}
    assert busy.slug == "busy"


def test_one_organiser_that_cannot_be_looked_at_keeps_no_other_waiting(app: Flask):
    for slug in ("broken", "ready"):
        make_event(make_organiser(slug))
    for slug in ("broken", "ready"):
        organiser = db.session.scalars(select(Organiser).where(Organiser.slug == slug)).one()
        for name in ("one", "two"):
            make_staff(organiser, make_account(f"{name}@{slug}.example"))

    def steps(organiser: Organiser) -> list[listing.Step]:
        if organiser.slug == "broken":
            raise ValueError("nobody can say how it stands")
        return [listing.Step("all", "All", True, "")]

    listing.settle_due(NOON, all_of=steps)

    settled = {row.slug: row.settled_at for row in db.session.scalars(select(Organiser))}
    assert settled == {"broken": None, "ready": NOON}
    assert db.session.scalars(select(Setback.job)).all() == ["beginning of organiser"]


def test_the_machine_is_not_looked_at_all_the_time(app: Flask):
    moments = iter([100.0, 130.0, 160.1])

    assert [listing._time_to_look(lambda: next(moments)) for _ in range(3)] == [True, False, True]


def test_a_test_mail_cannot_be_sent_without_end(app: Flask, sign_in: Any):
    kring, admin = make_organiser("kring"), make_account("admin@x.example")
    make_staff(kring, admin)
    client = sign_in(admin)

    for n in range(11):
        client.post("/manage/kring/beginning/mail", data={"form_key": f"k{n}"})

    assert "te vaak geprobeerd" in words_of(client.get("/manage/kring/beginning").text)


def test_owners_read_the_command_and_others_whom_to_ask(app: Flask, sign_in: Any):
    admin = admin_of("kring")
    here = "/manage/kring/beginning?step=backup"
    assert "leerkring backup" not in words_of(sign_in(admin).get(here).text)
    assert "Vraag de beheerder van de server" in words_of(sign_in(admin).get(here).text)
    make_owner("kring@x.example")

    assert "leerkring backup MAP" in words_of(sign_in(admin).get(here).text)


def tried(client: Any, slug: str, key: str, error: str = "") -> None:
    """Somebody asks for a mail to themselves, and the mail server takes it or does not."""
    client.post(f"/manage/{slug}/beginning/mail", data={"form_key": key})
    message = claim(now=clock.now())
    assert message is not None
    if error:
        postpone(message.id, error=error, now=clock.now())
    else:
        mark_sent(message.id, text="", now=clock.now())


def admin_of(slug: str) -> Account:
    """An administrator of a new organiser."""
    account = make_account(f"{slug}@x.example")
    make_staff(make_organiser(slug), account)
    return account


def mail_page(client: Any, slug: str) -> str:
    """What the step about mail says."""
    return words_of(client.get(f"/manage/{slug}/beginning?step=mail").text)


def test_who_tried_the_mail_of_another_organiser_is_not_told(app: Flask, sign_in: Any):
    kring, other = admin_of("kring"), admin_of("other")

    client = sign_in(kring)
    tried(client, "kring", "a")
    assert "Verstuurd naar kring@x.example om" in mail_page(client, "kring")
    elsewhere = mail_page(sign_in(other), "other")
    assert ("E-mail werkt" in elsewhere, "kring@x.example" in elsewhere) == (True, False)

    client = sign_in(kring)
    tried(client, "kring", "b", error="SMTPRecipientsRefused: kring@x.example")
    assert "De laatste e-mail aan kring@x.example" in mail_page(client, "kring")
    assert "kring@x.example" not in mail_page(sign_in(other), "other")


def test_the_newest_trial_says_whether_mail_works(app: Flask, sign_in: Any):
    kring = admin_of("kring")
    client = sign_in(kring)
    tried(client, "kring", "a")
    tried(client, "kring", "b", error="ConnectionRefusedError")

    assert "Verstuurd naar" not in mail_page(client, "kring")
    assert "De mailserver antwoordt niet" in mail_page(client, "kring")
    tried(sign_in(admin_of("other")), "other", "c")
    page = mail_page(sign_in(kring), "kring")
    assert ("E-mail werkt" in page, "De laatste e-mail aan" in page) == (True, False)
