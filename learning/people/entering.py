"""Coming in and going out: the session cookie, and the cookie by which an account knows a browser again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import flask
from flask import Flask, Response, after_this_request, current_app, g, request
from flask_login import LoginManager, login_user, logout_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import DBAPIError

from learning.kit import clock
from learning.kit.access import viewer
from learning.kit.codes import random_token
from learning.kit.db import Busy, db
from learning.people import sign_ins
from learning.people.models import Account, SignIn
from learning.people.queries import account_by_mail
from learning.people.rules import FRESH, SEEN_EVERY
from learning.people.tries import Asker

DEVICE_LIVES = 400 * 24 * 3600  # seconds; no browser keeps a cookie for longer
ACCOUNTS = 5  # that one browser is known to


@dataclass(frozen=True)
class Current:
    """The sign-in by which this request came."""

    id: int
    by_link: bool
    made_at: datetime
    last_seen_at: datetime


def install(app: Flask) -> None:
    """Let the app know who signed in."""
    # how long a sign-in lives is decided by its row, not by the cookie
    app.permanent_session_lifetime = timedelta(seconds=DEVICE_LIVES)
    login = LoginManager(app)
    login.session_protection = None
    login.user_loader(load_account)
    app.after_request(_note_seen)


def load_account(token: str) -> Account | None:
    """The account of a session cookie, unless that sign-in ended on the server."""
    found = sign_ins.by_token(str(token), now=clock.now())
    if found is None:
        return None
    row, account = found
    account.token, g.who = token, account.id
    g.sign_in = Current(row.id, row.by_link, row.made_at, row.last_seen_at)
    return account


def current() -> Current:
    """The sign-in by which this request came; there is one wherever an account is signed in."""
    now: Current = g.sign_in
    return now


def is_fresh() -> bool:
    """Who is here opened a mailed link a moment ago, so the mailbox is theirs."""
    return current().by_link and clock.now() - current().made_at < FRESH


def start(account: Account, *, by_link: bool = False) -> None:
    """Sign in on this browser: a new session of which
    nothing was there before, and a known device from now on.
    """
    door = _door(by_link)
    _let_in(account, sign_ins.start(account, door), door)


def start_by(claim: Callable[[], Account], *, by_link: bool = False) -> None:
    """The same by something that works once, such as a mailed link: `claim` uses it up and gives the account.

    Both are one action, so that nothing is used up without somebody being in.
    """
    door = _door(by_link)
    account, row = sign_ins.start_by(claim, door)
    _let_in(account, row, door)


def _door(by_link: bool) -> sign_ins.Door:
    agent, network = request.user_agent.string, request.remote_addr
    return sign_ins.Door(random_token(), by_link, agent, network, instead=_current_id(), now=clock.now())


def _let_in(account: Account, row: SignIn, door: sign_ins.Door) -> None:
    flask.session.clear()
    account.token = door.token
    login_user(account)
    g.sign_in, g.who = Current(row.id, door.by_link, door.now, door.now), account.id
    remember(account)


def leave() -> None:
    """Sign out on this browser; a copy of its cookie is worth nothing from now on."""
    here = _current_id()
    if here is not None:
        sign_ins.end(here, now=clock.now())
    logout_user()
    flask.session.clear()


def device_of(account: Account | None) -> str:
    """The name of this browser, when the account signed in on
    it since its devices were last forgotten; else nothing.
    """
    name, knows = _device()
    return name if account is not None and knows.get(str(account.id)) == account.epoch else ""


def language_here() -> str:
    """The language of who is signed in, or was the last to sign in on this browser; empty when nobody did."""
    account = viewer()
    if account is None:
        _name, knows = _device()
        last = next(reversed(knows), "0")
        account = db.session.get(Account, int(last))
    return account.language if account is not None else ""


def asker(mail: str) -> Asker:
    """Who does something here in the name of this address."""
    return Asker(mail, request.remote_addr, device_of(account_by_mail(mail)))


def remember(account: Account) -> None:
    """The account knows this browser from now on."""
    name, knows = _device()
    knows = dict(
        [
            *((id, epoch) for id, epoch in knows.items() if id != str(account.id)),
            (str(account.id), account.epoch),
        ]
    )
    value = _seal().dumps([name or random_token(), dict(list(knows.items())[-ACCOUNTS:])])

    @after_this_request
    def keep(response: Response) -> Response:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(
            _cookie(), value, max_age=DEVICE_LIVES, secure=secure, httponly=True, samesite="Lax"
        )
        return response


def _device() -> tuple[str, dict[str, int]]:
    """The name of this browser and the accounts that know it, each with the epoch of its devices."""
    try:
        name, knows = _seal().loads(request.cookies.get(_cookie(), ""), max_age=DEVICE_LIVES)
    except BadSignature:
        return "", {}
    return name, knows


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known device")


def _cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _current_id() -> int | None:
    """The sign-in of the cookie that came along, when it still lives."""
    token: Any = flask.session.get("_user_id")
    found = sign_ins.by_token(str(token), now=clock.now()) if token else None
    return found[0].id if found is not None else None


def _note_seen(response: Response) -> Response:
    """Keep when somebody was last here, after the answer
    went out: looking at a page never waits for a writer.
    """
    here: Current | None = g.get("sign_in")
    now = clock.now()
    if here is not None and here.last_seen_at < now - SEEN_EVERY:
        response.call_on_close(partial(_keep_seen, current_app._get_current_object(), here.id, now))  # type: ignore[attr-defined]
    return response


def _keep_seen(app: Flask, id: int, now: datetime) -> None:
    with app.app_context():
        try:
            sign_ins.seen(id, now=now)
        except (Busy, DBAPIError) as error:
            app.logger.warning("could not note a visit: %s", type(error).__name__)
