"""What was sent: a form is known by its key and by what stood
in it, and sent a second time it answers as the first time.
"""

import hashlib
import json
import time as stopwatch
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Flask, Response, current_app, g, redirect, request
from flask_babel import gettext
from sqlalchemy import Text, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException

from learning.kit import clock
from learning.kit.access import viewer
from learning.kit.db import Busy, Model, Moment, after_commit, at_start_of, db, transaction
from learning.kit.installation import of
from learning.kit.links import safe_path
from learning.kit.secret_routes import HIDDEN, SECRET_VALUES, redact

KEPT = timedelta(days=7)  # so long a form that lies open is known to have been sent
PATIENCE = 5.0  # seconds in which the first sending ends
LOST = "lost"  # the answer of a first sending that was stored and could not be answered
NOT_CONTENT = ("csrf_token", "form_key")
INSERT: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class FormKey(Model):
    """A rendered form that was sent.

    `sent` is the hash of what was last sent with it: by whom, where to, and all fields.

    `answer` is where the first sending led, with `<token>` where the secret of its address stands;
    empty until it is known. Where it led to another secret address, it is the page that the form named.
    """

    key: Mapped[str] = mapped_column(Text, unique=True)
    sent: Mapped[str] = mapped_column(Text, server_default="")
    answer: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment, index=True)


class SentBefore(HTTPException):
    """This form was sent already; the answer leads where the first one led."""

    code = 302

    def get_response(self, *_args: Any, **_kwargs: Any) -> Any:
        """A redirect to the first answer, which may still be on its way."""
        until = stopwatch.monotonic() + PATIENCE
        while not (answer := first_answer()) and answer is not None and stopwatch.monotonic() < until:
            stopwatch.sleep(0.02)
        return _lead_to(answer)


def install(app: Flask) -> None:
    """Let every form with a key answer as the first time when it
    is sent again: the first action of a request takes the key.
    """

    @app.before_request
    def look() -> None:
        if request.method != "POST" or not sent_key():
            return
        g.sent_by = flask.session.get("_user_id")
        g.flashed = len(flask.session.get("_flashes", ()))
        g.form_claim = at_start_of(lambda: claim(""))
        if first_answer() is not None:
            g.sent_before = True
            raise SentBefore

    @app.after_request
    def settle(response: Response) -> Response:
        if "form_claim" not in g:
            return response
        if response.status_code >= 500:
            if g.get("form_claimed") == "":
                _lose()
            return response
        if "form_claimed" in g:
            _note(response)
            return response
        answer = first_answer()  # the first may have been stored while this one was read
        if answer is None or g.get("sent_before"):
            return response
        if "_flashes" in flask.session:
            flask.session["_flashes"] = flask.session["_flashes"][: g.flashed]
        return _lead_to(answer)

    @app.teardown_request
    def forget(_error: BaseException | None) -> None:
        if "form_claim" in g:
            g.pop("form_claim").undo()


def sent_key() -> str:
    """The key that came with the form, as it can be kept; empty when none came."""
    return request.form.get("form_key", "").replace("\0", "")[:64]


def first_answer() -> str | None:
    """Where the first sending of exactly this led; empty
    while it is not known yet, None when this is the first.
    """
    db.session.rollback()
    known = select(FormKey.answer).where(FormKey.key == sent_key(), FormKey.sent == _content())
    answer = db.session.scalar(known)
    return answer.replace("<token>", _secret()) if answer and _secret() else answer


def claim(answer: str) -> None:
    """Take the form's key at the start of the transaction
    under way; raises SentBefore when the same was sent before.

    Who sends the same at the same moment waits here until the first is stored, and
    then goes where it led; when the first is rolled back, the key is free again.
    Other content with a key that was used is a new sending and takes the key over.
    """
    if not sent_key() or "form_claimed" in g:
        return
    row = INSERT[db.engine.dialect.name](FormKey).values(
        key=sent_key(), sent=_content(), answer=_kept(answer), at=clock.now()
    )
    new = {name: row.excluded[name] for name in ("sent", "answer", "at")}
    mine = row.on_conflict_do_update(
        index_elements=[FormKey.key], set_=new, where=FormKey.sent != row.excluded.sent
    )
    if db.session.execute(mine.returning(FormKey.id)).scalar() is None:
        g.sent_before = True
        raise SentBefore
    after_commit(lambda: setattr(g, "form_claimed", answer))


def release() -> None:
    """Free the key if this request took it, because it was
    refused after all: sent again, it is tried again.
    """
    if g.pop("form_claimed", None) is not None:
        _free()


@transaction(aside=True)
def _free() -> None:
    db.session.execute(delete(FormKey).where(FormKey.key == sent_key(), FormKey.sent == _content()))


@transaction(aside=True)
def _remember(answer: str) -> None:
    mine = update(FormKey).where(FormKey.key == sent_key(), FormKey.sent == _content())
    db.session.execute(mine.values(answer=_kept(answer)).execution_options(synchronize_session=False))


def _note(response: Response) -> None:
    """Note where the form led.

    A refusal frees the key; so does signing in, which must work again from the same page.
    """
    signed_in = flask.session.get("_user_id") != g.sent_by and not _secret()
    if signed_in or (response.status_code >= 400 and not g.form_claimed):
        release()
        return
    answer = response.location if response.status_code in (301, 302, 303) and response.location else ""
    if _holds_secret(answer):
        answer = g.form_claimed or _page()
    if (answer or not g.form_claimed) and answer != g.form_claimed:
        _remember(answer or _page())


def _lose() -> None:
    """Note that what was sent is stored and that its answer went wrong."""
    try:
        _remember(LOST)
    except (Busy, DBAPIError) as error:  # then the next sending waits, and says the same
        current_app.logger.warning("could not note a lost answer: %s", type(error).__name__)


def _lead_to(answer: str | None) -> Any:
    """To where the first one led; where nobody knows that, to the page of the form with a sentence."""
    if answer in ("", LOST):
        flask.flash(
            gettext("This was received the first time you sent it. Look whether it is as you meant it."),
            "warn",
        )
    return redirect(_page() if answer in ("", LOST, None) else answer)


def _kept(answer: str) -> str:
    """The answer as rows keep it: without the secret."""
    return answer.replace(_secret(), "<token>") if _secret() else answer


def _holds_secret(answer: str) -> bool:
    """It leads to a secret address that is not the one that was asked for, such as a link that signs in."""
    kept = _kept(answer)
    return redact(kept).replace(HIDDEN, "<token>") != kept


def _page() -> str:
    """The page of the form, as far as it is known."""
    if "GET" in (request.url_rule.methods or () if request.url_rule else ()):
        return request.path
    came_from = urlsplit(request.referrer or "")
    return (safe_path(came_from.path) if came_from.netloc == request.host else "") or "/"


def _content() -> str:
    """The hash of what is sent: the account, the address, all fields, and the bytes of files."""
    if "sent_content" not in g:
        account = viewer()
        fields = sorted(
            (name, value) for name, value in request.form.items(multi=True) if name not in NOT_CONTENT
        )
        files = sorted(
            (name, file.filename or "", _bytes_of(file)) for name, file in request.files.items(multi=True)
        )
        whole = [request.full_path, account.id if account else None, fields, files]
        g.sent_content = hashlib.sha256(json.dumps(whole).encode()).hexdigest()
    content: str = g.sent_content
    return content


def _bytes_of(file: Any) -> str:
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.stream.seek(0)
    return digest


def _secret() -> str:
    """The secret in the address that was asked for; rows do not keep it."""
    return next(
        (str(value) for name, value in (request.view_args or {}).items() if name in SECRET_VALUES), ""
    )


@transaction()
def tidy(*, now: datetime) -> None:
    """Forget forms that were sent long ago."""
    db.session.execute(delete(FormKey).where(FormKey.at < now - KEPT))


def tidy_due() -> None:
    """What the worker does each sweep: `tidy`, once an hour and when there is something to forget."""
    now = clock.now()
    with of(current_app).memory.turn(tidy, timedelta(hours=1), now=now) as due:
        if due and db.session.scalar(select(FormKey.id).where(FormKey.at < now - KEPT).limit(1)):
            tidy(now=now)
