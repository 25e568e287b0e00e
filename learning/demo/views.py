"""Doors that exist in a demo only: signing in as somebody of the demo, and the mailbox."""

import hmac
import re
from email.message import EmailMessage

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import select

from learning.demo.people import DemoPerson, people
from learning.kit import clock
from learning.kit.access import allow_anyone
from learning.kit.codes import secret_token
from learning.kit.db import db
from learning.kit.wording import LANGUAGES
from learning.mail.delivery import compose
from learning.mail.models import Message
from learning.organisations.models import Organiser
from learning.people import entering
from learning.people.models import Account, Staff

bp = Blueprint("demo", __name__)
SHOWN = 100  # messages on the page
LETTER = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMED = (  # mails bring their own styles; links in them open a page of their own
    "default-src 'none'; style-src 'unsafe-inline'; img-src "
    "data:; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


def secret_of(person: DemoPerson) -> str:
    """The secret in the address that signs this person in."""
    return secret_token(current_app.config["SECRET_KEY"], "demo", person.account_id, 0)


@bp.get("/demo/sign-in/<secret>")
def sign_in(secret: str) -> ResponseReturnValue:
    """Sign somebody of the demo in, any number of times."""
    allow_anyone()
    person = next((p for p in people() if hmac.compare_digest(secret_of(p).encode(), secret.encode())), None)
    if person is None:
        abort(404)
    account = db.session.get_one(Account, person.account_id)
    entering.start(account)
    return redirect(_home(person, account))


@bp.get("/demo/mail")
def mailbox() -> ResponseReturnValue:
    """What was mailed, the newest first."""
    allow_anyone()
    search = request.args.get("search", "").strip()[:100]
    query = select(Message).order_by(Message.id.desc()).limit(SHOWN)
    if search:
        query = query.where(Message.address.icontains(search, autoescape=True))
    rows = [(message, _composed(message)[0]["Subject"]) for message in db.session.scalars(query)]
    return render_template("demo/mailbox.html", rows=rows, search=search, local=clock.local)


@bp.get("/demo/mail/<int:id>")
def letter(id: int) -> ResponseReturnValue:
    """One mail, with links that can be followed."""
    allow_anyone()
    message = db.session.get(Message, id) or abort(404)
    language = _language(message)
    mail, text = _composed(_in(message, language))
    values = {"message": message, "subject": mail["Subject"], "text": linked(text), "language": language}
    answer = Response(render_template("demo/letter.html", local=clock.local, languages=LANGUAGES, **values))
    answer.headers["Content-Security-Policy"] = LETTER
    return answer


@bp.get("/demo/mail/<int:id>/html")
def body(id: int) -> ResponseReturnValue:
    """The HTML of a mail alone, for the frame in which it is shown: nothing in it runs, loads or sends."""
    allow_anyone()
    message = db.session.get(Message, id) or abort(404)
    mail, _text = _composed(_in(message, _language(message)))
    part = mail.get_body(("html",))
    html = str(part.get_content()) if part is not None else ""
    answer = Response(html.replace("<head>", '<head><base target="_blank">', 1), mimetype="text/html")
    answer.headers["Content-Security-Policy"] = FRAMED
    return answer


def _composed(message: Message) -> tuple[EmailMessage, str]:
    """The mail and its text; composing speaks the language of the mail, the page around it keeps its own."""
    page = g.get("lang", "nl")
    try:
        return compose(message)
    finally:
        g.lang = page


def _language(message: Message) -> str:
    """The language in which the mail is asked for; else the one in which it went out."""
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else message.language


def _in(message: Message, language: str) -> Message:
    """The same mail in this language: a copy that is never stored."""
    columns = {column.key: getattr(message, column.key) for column in Message.__table__.columns}
    return Message(**columns | {"language": language})


def linked(text: str) -> Markup:
    """Plain text in which addresses are links."""
    return Markup(re.sub(r"(https?://[^\s<>&]+)", r'<a href="\1">\1</a>', str(escape(text))))


def _home(person: DemoPerson, account: Account) -> str:
    """Where somebody begins: staff at the desk, a speaker at the sessions, others at their overview."""
    query = (
        select(Organiser)
        .join(Staff, Staff.organiser_id == Organiser.id)
        .where(Staff.account_id == account.id)
    )
    organiser = db.session.scalar(query)
    if person.role == "owner":
        return url_for("installation.state")
    if organiser is not None:
        return url_for("programmes_desk.overview", organiser=organiser.slug)
    return url_for("speakers.hosting" if person.role == "speaker" else "people.home", lang=account.language)
