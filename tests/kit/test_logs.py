"""The log: one line of JSON for each request and each
job, and secrets nowhere: not in lines, errors, or rows.
"""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, select, text

from learning.attendance.tokens import own_token
from learning.kit import clock, jobs, logs
from learning.kit.access import allow_anyone
from learning.kit.db import db, fast_rows, transaction
from learning.kit.installation import of
from learning.kit.setbacks import Setback
from learning.mail.actions import queue
from learning.mail.delivery import deliver_due
from learning.mail.models import Message
from tests.make import make_account, make_event, make_registration
from tests.servers import Smtp, start_smtp

SECRET = "Planted-Secret_0123456789ab"
LINK = f"https://leerkring.example.org/nl/registrations/{SECRET}"


@pytest.fixture
def smtp(app: Flask) -> Any:
    """A mail server to which this app delivers."""
    server: Smtp = start_smtp()
    app.config["SMTP_PORT"] = server.port
    yield server
    server.stop()


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines since the last time; nothing else is written."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_is_one_line(app: Flask, sign_in: Any, capsys: pytest.CaptureFixture[str]):
    ann = make_registration(make_event(), "Ann")
    account = make_account("staff@x.example")
    client = sign_in(account)
    capsys.readouterr()

    client.get(f"/nl/registrations/{own_token(ann)}?q=typed")
    client.get(f"/nl/registrations/{SECRET}")
    client.get("/nowhere")

    lines = told(capsys)
    assert [(line["status"], line["route"], line["method"]) for line in lines] == [
        (200, "/<any(nl, en):lang>/registrations/<token>", "GET"),
        (404, "/<any(nl, en):lang>/registrations/<token>", "GET"),
        (404, None, "GET"),
    ]
    assert lines[0]["who"] == account.id
    assert lines[0]["queries"] >= 3
    assert all(line["ms"] > 0 and line["time"].endswith("+00:00") for line in lines)
    assert own_token(ann) not in repr(lines)
    assert "typed" not in repr(lines)


def test_a_demo_is_quiet(app: Flask, capsys: pytest.CaptureFixture[str]):
    app.config["DEMO"] = True
    logs.to_standard_error(app)

    app.test_client().get("/healthz")

    assert told(capsys) == []
    app.config["DEMO"] = False
    logs.to_standard_error(app)


def test_an_error_is_told_without_what_was_asked_for(own_app: Flask, capsys: pytest.CaptureFixture[str]):
    own_app.config["PROPAGATE_EXCEPTIONS"] = False
    own_app._got_first_request = False

    def broken(token: str) -> str:
        allow_anyone()
        raise ValueError(f"no page for /nl/hand-in/{token}/photo")

    own_app.add_url_rule("/nl/hand-in/<token>/broken", "broken", broken)

    assert own_app.test_client().get(f"/nl/hand-in/{SECRET}/broken").status_code == 500

    written = capsys.readouterr().err
    assert "ValueError: no page for /nl/hand-in/[secret]/photo" in written
    assert SECRET not in written


def test_a_complaint_of_the_database_is_told_without_its_values(
    own_app: Flask, capsys: pytest.CaptureFixture[str]
):
    own_app.config["PROPAGATE_EXCEPTIONS"] = False
    own_app._got_first_request = False

    @transaction()
    def twice() -> None:
        for _ in range(2):
            db.session.add(
                Message(template="x", language="nl", address="a@x.example", values={"own_url": LINK},
                once=SECRET,
                        message_id=SECRET, made_at=clock.now(), due_at=clock.now())
            )  # fmt: skip
            db.session.flush()

    def unlucky() -> str:
        allow_anyone()
        twice()
        return ""

    own_app.add_url_rule("/unlucky", "unlucky", unlucky)

    assert own_app.test_client().get("/unlucky").status_code == 500

    written = capsys.readouterr().err
    assert "IntegrityError" in written
    assert "INSERT INTO message" in written
    assert SECRET not in written


def test_a_read_past_the_orm_is_told_without_its_values(app: Flask):
    with pytest.raises(RuntimeError) as error:
        fast_rows("SELECT no_such_column FROM account WHERE mail = ?", (SECRET,))

    assert SECRET not in repr(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_values_of_engines_are_hidden(app: Flask):
    with pytest.raises(Exception, match=r"(?i)hide_parameters") as error:
        db.session.execute(
            text("SELECT nothing FROM account WHERE mail = :mail").bindparams(bindparam("mail", SECRET))
        )
    db.session.rollback()

    assert SECRET not in str(error.value)


def test_lines_of_others_are_redacted_too(app: Flask):
    handler = logging.StreamHandler()
    lines: list[str] = []
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.addHandler(handler)
    try:
        logs.to_standard_error(app)
        gunicorn.error("Error handling request /calendars/%s.ics", SECRET)
    finally:
        gunicorn.removeHandler(handler)

    assert lines == ["Error handling request /calendars/[secret]"]


def test_a_job_that_did_something_is_a_line_and_one_that_did_nothing_is_none(
    app: Flask, smtp: Smtp, capsys: pytest.CaptureFixture[str]
):
    jobs.sweep()
    capsys.readouterr()
    jobs.sweep()
    assert told(capsys) == []

    _queue({"sign_in_url": LINK})
    jobs.sweep()

    [line] = told(capsys)
    assert (line["event"], line["job"]) == ("job", "mail.delivery.deliver_due")
    assert line["changed"] >= 2
    assert line["queries"] > line["changed"]


def test_a_job_that_fails_is_told_without_secrets_and_the_others_go_on(
    app: Flask, capsys: pytest.CaptureFixture[str]
):
    done = []

    def fails() -> None:
        raise ValueError(f"{LINK} is wrong")

    def works() -> None:
        done.append(1)

    of(app).queue = replace(of(app).queue, loops={"rows": (fails, works)})
    jobs.sweep()

    line, noted = told(capsys)
    assert line["job"].endswith("fails")
    assert "registrations/[secret] is wrong" in line["error"]
    assert noted["job"] == f"note of {line['job']}"
    [kept] = db.session.query(Setback)
    assert "registrations/[secret] is wrong" in kept.error
    assert done == [1]


def test_a_sent_mail_forgets_its_links_also_inside_lists(app: Flask, smtp: Smtp):
    ann = make_registration(make_event(), "Ann", "ann@x.example")
    own = f"http://127.0.0.1:8000/nl/registrations/{own_token(ann)}"
    waiting = [{"words": "Ronde 1: 1.01", "url": f"{own}/waiting/1"}]
    common = {
        "programme": "De dag",
        "own_url": own,
        "choices_url": f"{own}/choices",
        "seats": [],
        "sender": "Wij",
    }
    _queue(common | {"waiting": waiting, "opening": own}, template="choices/chosen")

    assert deliver_due() == 1

    db.session.rollback()
    row = db.session.scalars(select(Message).where(Message.template == "choices/chosen")).one()
    kept = json.dumps({"values": row.values, "text": row.text, "error": row.error})
    assert own_token(ann) not in kept
    assert row.values["waiting"] == [{"words": "Ronde 1: 1.01"}]
    assert "[link]" in row.text
    assert own_token(ann) in smtp.messages[0].as_string().replace("=\n", "")


def test_why_a_mail_failed_is_kept_without_secrets(app: Flask, capsys: pytest.CaptureFixture[str]):
    """A template that does not exist is told with its address; what an error says of a link is not."""
    app.config["SMTP_HOST"] = f"/nl/sign-in/{SECRET}"
    _queue({"sign_in_url": LINK})

    assert deliver_due() == 0

    db.session.rollback()
    row = db.session.scalars(select(Message)).one()
    assert row.error
    assert SECRET not in row.error
    assert SECRET not in capsys.readouterr().err


@transaction()
def _queue(values: dict[str, Any], template: str = "people/sign_in_link") -> None:
    now = clock.now() - timedelta(seconds=1)
    to = {"to": "ann@x.example", "name": "Ann", "language": "nl"}
    queue(template, **to, values=values, once="once", organiser_id=None, now=now)
