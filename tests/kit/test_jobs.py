"""The worker: one bad row stops no other, mail never waits,
and no transaction stays open while something takes long.
"""

import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from learning import wiring
from learning.billing import actions, documents
from learning.billing.models import Invoice
from learning.factory import create_app
from learning.kit import clock, jobs
from learning.kit.db import Busy, db, transaction
from learning.kit.files import keep
from learning.kit.installation import of
from learning.kit.setbacks import Setback, clear, note, setback_of
from learning.mail.delivery import deliver_due
from learning.mail.models import Message
from tests.billing.test_actions import delegations
from tests.browse import words_of
from tests.conftest import settings
from tests.make import NOON, make_account, make_mail, make_staff
from tests.servers import start_smtp


def test_one_bad_row_stops_no_other_and_rests_longer_each_time(app: Flask):
    done: list[int] = []

    def work(id: int) -> None:
        if id == 2:
            raise ValueError("a row that nobody can do anything with")
        done.append(id)

    assert jobs.each_due("thing", [1, 2, 3], work) == 2
    assert jobs.each_due("thing", [2, 4], work) == 1
    assert done == [1, 3, 4]
    found = setback_of("thing", 2)
    assert found is not None
    assert (found.tries, found.error) == (1, "ValueError: a row that nobody can do anything with")
    pauses = []
    for n in range(2, 20):
        note("thing", 2, error="again", now=NOON + timedelta(hours=n))
        row = db.session.scalars(select(Setback)).one()
        pauses.append((row.due_at - row.at).total_seconds())
    assert pauses[:3] == [20, 40, 80]
    assert (pauses == sorted(pauses), max(pauses)) == (True, 6 * 3600)

    clear("thing", 2)
    jobs.each_due("thing", [2], lambda _id: None)
    assert setback_of("thing", 2) is None


def test_a_row_that_rested_is_tried_again_and_forgotten_once_it_went_well(app: Flask):
    note("thing", 7, error="x", now=clock.now() - timedelta(minutes=1))
    assert jobs.each_due("thing", [7], lambda _id: None) == 1
    assert setback_of("thing", 7) is None


def test_a_busy_database_is_no_fault_of_the_row(app: Flask):
    def busy(_id: int) -> None:
        raise Busy

    assert jobs.each_due("thing", [1], busy) == 0
    assert setback_of("thing", 1) is None


@transaction()
def spoil(invoice: Invoice) -> None:
    """Something that no document can be made of, as a fault of ours would leave it."""
    seller = {key: value for key, value in (invoice.snapshot or {}).items() if key != "seller"}
    _unfreeze()
    db.session.get_one(Invoice, invoice.id).snapshot = seller
    db.session.flush()


def _unfreeze() -> None:
    """Take the triggers away that keep an issued invoice as it is."""
    if db.engine.dialect.name == "sqlite":
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'invoice'"
        for name in db.session.scalars(db.text(triggers)).all():
            db.session.execute(db.text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(db.text("ALTER TABLE invoice DISABLE TRIGGER USER"))


def test_an_invoice_whose_pdf_fails_stops_no_other_and_staff_see_it(app: Flask, sign_in, client: FlaskClient):
    finance = make_account("finance@x.example")
    one, two = delegations(2)
    bad = actions.issue(actions.draft_invoice(one, by=finance, now=NOON), by=finance, now=NOON)
    good = actions.issue(actions.draft_invoice(two, by=finance, now=NOON), by=finance, now=NOON)
    make_staff(one.organiser, finance, "finance")
    spoil(bad)
    of(app).queue = replace(of(app).queue, loops={"rows": (documents.make_due,)})

    for _ in range(3):
        jobs.sweep()

    assert db.session.get_one(Invoice, good.id, populate_existing=True).pdf_file_id is not None
    assert db.session.get_one(Invoice, bad.id, populate_existing=True).pdf_file_id is None
    found = setback_of("invoice", bad.id)
    assert found is not None
    assert (found.tries, found.error) == (1, "KeyError: 'seller'")
    desk = f"/manage/{one.organiser.slug}/invoices/{bad.id}"
    db.session.rollback()
    browser = sign_in(finance)
    assert "De pdf kon niet worden gemaakt" in words_of(browser.get(desk).text)
    assert "Download" not in words_of(browser.get(desk).text)
    assert "kon nog niet worden gemaakt" in words_of(browser.get(f"{desk}.pdf").text)


def test_every_sweep_is_in_one_loop_and_mail_is_alone(app: Flask):
    assert wiring.LOOPS["mail"] == (wiring.deliver_due,)
    together = [job for loop in wiring.LOOPS.values() for job in loop]
    assert len(together) == len(set(together)) == len(of(app).queue.sweeps)


def test_mail_goes_while_a_document_is_being_made(app: Flask, database_url: str, tmp_path: Path):
    smtp = start_smtp()
    worker = create_app(settings(tmp_path, database_url, smtp_port=smtp.port))
    making, made = threading.Event(), threading.Event()

    def long_document() -> None:
        making.set()
        made.wait(60)

    loops = {"mail": wiring.LOOPS["mail"], "documents": (long_document,), "rows": ()}
    of(worker).queue = replace(of(worker).queue, loops=loops)
    stop = jobs.start(worker)
    try:
        assert making.wait(20)
        make_mail()
        until = time.monotonic() + 30
        while db.session.scalar(select(Message.sent_at)) is None and time.monotonic() < until:
            db.session.rollback()
            time.sleep(0.2)
        assert (len(smtp.messages), made.is_set()) == (1, False)
    finally:
        made.set()
        stop()
        smtp.stop()
        with worker.app_context():
            db.engine.dispose()


def hurry() -> None:
    """From now on PostgreSQL ends whoever is idle in a transaction
    for a moment; for SQLite there is nothing to wait for.

    The engine keeps this, so it is for an app that serves one test.
    """
    if db.engine.dialect.name == "sqlite":
        return

    def connected(dbapi: Any, _entry: object) -> None:
        dbapi.autocommit = True
        dbapi.execute("SET idle_in_transaction_session_timeout = 700")
        dbapi.autocommit = False

    db.session.remove()
    db.engine.dispose()
    event.listen(db.engine, "connect", connected)


def test_no_transaction_waits_while_a_document_is_made(own_app: Flask):
    finance = make_account("finance@x.example")
    [one] = delegations(1)
    invoice = actions.issue(actions.draft_invoice(one, by=finance, now=NOON), by=finance, now=NOON)

    hurry()
    documents.make_due()

    assert db.session.get_one(Invoice, invoice.id, populate_existing=True).pdf_file_id is not None
    assert setback_of("invoice", invoice.id) is None


@transaction()
def attach(message: Message) -> None:
    """Let a document go along, which is read when the mail is sent."""
    file = keep(
        b"%PDF-", name="a.pdf", media_type="application/pdf", purpose="test", organiser_id=None, now=NOON
    )
    db.session.get_one(Message, message.id).file_id = file.id
    db.session.flush()


def test_no_transaction_waits_while_a_mail_is_sent(own_app: Flask):
    smtp = start_smtp(seconds=1.5)
    own_app.config["SMTP_PORT"] = smtp.port
    attach(make_mail())
    hurry()
    assert deliver_due() == 1
    smtp.stop()
    db.session.rollback()
    assert db.session.scalars(select(Message)).one().tries == 0
