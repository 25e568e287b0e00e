"""A person's own page with the timetable, and the calendars to subscribe to."""

import hashlib
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from learning.attendance.emails import moment_words
from learning.attendance.feeds import renew_feed
from learning.attendance.models import Registration
from learning.attendance.queries import picture_of, registration_by_token
from learning.attendance.tokens import feed_token
from learning.choices.draw.queries import awaiting
from learning.kit import clock
from learning.kit.access import allow_anyone
from learning.kit.codes import token_hash
from learning.kit.db import db, fast_rows
from learning.kit.forms import Form
from learning.kit.links import absolute
from learning.kit.pages import kept_files
from learning.kit.wording import LANGUAGES
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import picture_of_release
from learning.schedules import queries
from learning.schedules.ical import Entry, calendar

bp = Blueprint("schedules", __name__)
PERSONAL = """SELECT r.id, r.feed_revision, r.ended_at IS NULL, p.language, o.release_id, o.cleaned
    FROM registration r JOIN person p ON p.id = r.person_id JOIN offered_programme o ON o.id = r.programme_id
    WHERE r.feed_hash = ? AND r.confirmed_at IS NOT NULL"""
PUBLIC = "SELECT id, release_id, cleaned FROM offered_programme WHERE slug = ?"


@bp.get("/<any(nl, en):lang>/registrations/<token>")
def mine(token: str) -> ResponseReturnValue:
    """My programme: what, when, where, and how to get it into a calendar."""
    registration = registration_by_token(token)
    allow_anyone()
    g.organiser = registration.organiser
    schedule = queries.my_schedule(registration)
    feed = absolute("schedules.feed", token=feed_token(registration))
    webcal = "webcal://" + feed.partition("://")[2]
    name = schedule.picture.title.pick(g.lang)
    page = {
        "schedule": schedule,
        "token": token,
        "drawing": awaiting(schedule.picture),
        "feed": feed,
        "webcal": webcal,
        "google": f"https://calendar.google.com/calendar/r?cid={quote(webcal, safe='')}",
        "outlook": "https://outlook.office.com/calendar/0/addfromweb?"
        f"url={quote(feed, safe='')}&name={quote(name, safe='')}",
        "form": Form(),
        "now": clock.now(),
        "moment": partial(moment_words, language=g.lang),
        "offering": schedule.picture.moving_up == "offer",
    }
    return render_template("schedules/mine.html", **page)


@bp.post("/<any(nl, en):lang>/registrations/<token>/calendar")
def renew(token: str) -> ResponseReturnValue:
    """A new secret address for the calendar; the old one stops at once."""
    registration = registration_by_token(token)
    allow_anyone()
    form = Form()
    page = url_for("schedules.mine", token=token)
    if form.submitted():
        with form.refusals(page):
            renew_feed(registration, now=clock.now())
            flash(_("Your calendar has a new address. The old one has stopped."), "ok")
    return redirect(page + "#calendar")


@bp.get("/<any(nl, en):lang>/registrations/<token>/sessions/<code>.ics")
def single(token: str, code: str) -> ResponseReturnValue:
    """One of the own sessions, as a file for a calendar."""
    registration = registration_by_token(token)
    allow_anyone()
    picture = picture_of(registration)
    session = picture.by_code.get(code)
    if session is None or session.id not in {id for id, _host in queries.held_by(registration).values()}:
        abort(404)
    own = [e for e in _entries(registration, picture) if e.uid == session.uid]
    body = calendar(session.title.pick(g.lang), own, domain=current_app.config["CALENDAR_DOMAIN"])
    headers = {
        "Content-Disposition": f'attachment; filename="{code}.ics"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, mimetype="text/calendar", headers=headers)


@bp.get("/calendars/<token>.ics", provide_automatic_options=False)
def feed(token: str) -> ResponseReturnValue:
    """The personal calendar to subscribe to: bytes made once, looked up by one query."""
    allow_anyone()
    row = next(iter(fast_rows(PERSONAL, (token_hash(token),))), None)
    if row is None and "text/html" in request.headers.get("Accept", ""):
        abort(404)  # somebody looks at it in a browser
    if row is None:
        return Response("Not found\n", 404, mimetype="text/plain")
    key = ("feed", *row, clock.local(clock.now()).date())
    kept = kept_files().get(key)
    if kept is None:
        kept = _keep(key, *_personal(row[0], live=bool(row[2])))
    return _answer(kept, "private, no-cache", "mijn-programma.ics")


@bp.get("/programmes/<slug>.ics", provide_automatic_options=False)
def programme_feed(slug: str) -> ResponseReturnValue:
    """The calendar of a programme for everybody."""
    allow_anyone()
    language = request.args.get("lang", "nl")
    row = next(iter(fast_rows(PUBLIC, (slug,))), None)
    if row is None or language not in LANGUAGES:
        return Response("Not found\n", 404, mimetype="text/plain")
    key = ("programme", language, *row, clock.local(clock.now()).date())
    kept = kept_files().get(key)
    if kept is None:
        picture = picture_of_release(row[1], row[2])
        entries = queries.public_entries(picture, language)
        kept = _keep(key, picture.title.pick(language), entries)
    return _answer(kept, "no-cache", f"{slug}.ics")


def _personal(registration_id: int, *, live: bool) -> tuple[str, list[Entry]]:
    """Name and events; nothing is left in the calendar of who withdrew."""
    registration = db.session.get_one(Registration, registration_id)
    picture = picture_of(registration)
    language = registration.person.language
    with force_locale(language):
        name = _("%(programme)s, my programme", programme=picture.title.pick(language))
    return name, _entries(registration, picture) if live else []


def _entries(registration: Registration, picture: ProgrammePicture) -> list[Entry]:
    return queries.entries_of(registration, picture, today=clock.local(clock.now()).date())


def _keep(key: Any, name: str, entries: list[Entry]) -> tuple[bytes, str]:
    today = clock.local(clock.now()).date()
    soon = any(
        clock.local(entry.starts_at).date() - today in (timedelta(0), timedelta(days=1)) for entry in entries
    )
    body = calendar(name, entries, domain=current_app.config["CALENDAR_DOMAIN"], often=soon)
    kept = (body, hashlib.sha256(body).hexdigest()[:32])
    kept_files().put(key, kept, len(body))
    return kept


def _answer(kept: tuple[bytes, str], cache: str, name: str) -> Response:
    body, etag = kept
    response = Response(body, mimetype="text/calendar")
    response.set_etag(etag)
    response.headers["Cache-Control"] = cache
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.make_conditional(request)
    return response
