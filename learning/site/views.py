"""The public pages: catalogue, programme, session, speaker and
partner check, as finished bytes where nobody is signed in.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from learning.kit import clock
from learning.kit.access import allow_anyone, viewer
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.installation import of
from learning.kit.kept import Kept
from learning.kit.links import absolute
from learning.kit.money import euro
from learning.kit.pages import Finished, finish, gap, hand_out, has_session
from learning.kit.wording import LANGUAGES
from learning.organisations.brand import organiser_at
from learning.organisations.models import Organisation, Organiser
from learning.organisations.municipalities import municipality_named
from learning.organisations.queries import find_city, partnership_on, suggestions
from learning.people.tries import guess_gate, take_turn
from learning.prices.rules import Partner, agree, reference_day
from learning.releases.picture import ProgrammePicture, SessionPicture
from learning.releases.queries import all_pictures
from learning.site import queries
from learning.site.metadata import programme_data, session_data
from learning.site.queries import Filter, Places

bp = Blueprint("site", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """To the catalogue in the language of the browser."""
    allow_anyone()
    lang = request.accept_languages.best_match(LANGUAGES, default="nl")
    return redirect(url_for("site.catalogue", lang=lang))


@bp.get("/<any(nl, en):lang>/")
def start() -> ResponseReturnValue:
    """To the catalogue."""
    allow_anyone()
    return redirect(url_for("site.catalogue"))


@bp.get("/<any(nl, en):lang>/programmes")
def catalogue() -> ResponseReturnValue:
    """Everything that is on, with filters that live in the address."""
    allow_anyone()
    now, here = clock.now(), at_home()
    releases = queries.all_releases(here)
    begun = bool(releases) or queries.anything_set_up()
    args = request.args
    asked = Filter(
        words=args.get("q", "")[:100],
        kind=args.get("kind", ""),
        theme=args.get("theme", ""),
        month=args.get("month", ""),
        price=args.get("price", ""),
    )

    def render(pictures: list[ProgrammePicture]) -> str:
        today = clock.local(now).date()
        months = {f"{day:%Y-%m}": day for p in pictures for day in queries.days_of(p) if day >= today}
        themes = {t.key: t for p in pictures for t in p.themes}
        wanted = asked.known(themes, months)
        page = {
            "pictures": queries.in_order(queries.found(pictures, wanted), now),
            "wanted": wanted,
            "months": sorted(months.items()),
            "themes": sorted(themes.items()),
            "begun": begun,
        }
        if here is not None:
            g.organiser = db.session.get_one(Organiser, here)
        return render_template("site/catalogue.html", **page, **_words(now))

    def pictures_here() -> list[ProgrammePicture]:
        all_pictures()  # reads what is not in memory in one query
        return [shown.picture for shown in releases]

    def make() -> Finished:
        pictures = pictures_here()
        until = [queries.changes_at(picture, now) for picture in pictures]
        return _finished(lambda: render(pictures), min(until, default=clock.midnight_after(now)))

    if has_session() or args:
        return Response(render(pictures_here()))
    brand = queries.brand_key(here) if here is not None else ()
    return hand_out(
        ("catalogue", g.lang, here, brand, begun, tuple(releases)), (), now, make, lambda _id: b""
    )


@bp.get("/<any(nl, en):lang>/programmes/<slug>")
def programme(slug: str) -> ResponseReturnValue:
    """One programme, as its kind asks."""
    theme, words = request.args.get("theme", ""), request.args.get("q", "")[:100]

    def values(picture: ProgrammePicture) -> dict[str, Any]:
        known = theme if theme in picture.theme else ""
        found = queries.rounds_with(picture, known, words)
        return {
            "rounds": found,
            "halls": queries.halls(picture, found) if _view() == "grid" else [],
            "view": _view(),
            "under_way": queries.under_way(picture, clock.now()),
            "theme": known,
            "words": words,
        }

    return _page(slug, "site/programme.html", (_view(),), values)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/embed")
def embedded(slug: str) -> ResponseReturnValue:
    """The sessions alone, for a frame on another site: no
    menu, no cookies, links that open a page of their own.
    """

    def values(picture: ProgrammePicture) -> dict[str, Any]:
        found = queries.rounds_with(picture, "", "")
        return {
            "rounds": found,
            "halls": queries.halls(picture, found) if _view() == "grid" else [],
            "view": _view(),
        }

    answer = _page(slug, "site/embed.html", (_view(),), values, framed=True)
    if isinstance(answer, Response):
        answer.headers["Content-Security-Policy"] = FRAMED
    return answer


@bp.get("/<any(nl, en):lang>/programmes/<slug>/places")
def places(slug: str) -> ResponseReturnValue:
    """The words for the places left in each session, for pages that are looked at for a while; one read."""
    allow_anyone()
    now = queries.current(slug)
    if now is None:
        abort(404)
    found = {id: _left(g.lang, places).decode() for id, places in now.places.items()}
    response = jsonify(found)
    response.add_etag()
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


@bp.get("/embed.js")
def embed_script() -> ResponseReturnValue:
    """The script that other sites load, always at the same address."""
    allow_anyone()
    return send_from_directory(Path(current_app.root_path, "static", "js"), "embed.js", max_age=3600)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/sessions/<code>")
def session_page(slug: str, code: str) -> ResponseReturnValue:
    """One session."""

    def values(picture: ProgrammePicture) -> dict[str, Any]:
        session = picture.by_code.get(code) or abort(404)
        round = picture.round_of[session.id]
        place = round.sessions.index(session)
        return {
            "session": session,
            "round": round,
            "meeting": picture.meeting[round.meeting_id],
            "before": round.sessions[place - 1] if place else None,
            "after": round.sessions[place + 1] if place + 1 < len(round.sessions) else None,
        }

    return _page(slug, "site/session.html", (code,), values)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/speakers/<speaker>")
def speaker(slug: str, speaker: str) -> ResponseReturnValue:
    """One speaker, with everything they take part in."""

    def values(picture: ProgrammePicture) -> dict[str, Any]:
        return {"speaker": queries.speaker_of(picture, speaker) or abort(404)}

    return _page(slug, "site/speaker.html", (speaker,), values)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/partner-check")
def partner_check(slug: str) -> ResponseReturnValue:
    """Is my city partner, and what does it pay?"""
    now = queries.current(slug)
    allow_anyone()
    if now is None:
        abort(404)
    picture = now.picture
    g.organiser = db.session.get_one(Organiser, now.organiser_id)
    typed = request.args.get("city", "").strip()[:100]
    page: dict[str, Any] = {"picture": picture, "typed": typed, "city": None, "partnership": None, "near": []}
    page["too_often"] = _wait() if typed else 0
    if typed and not page["too_often"]:
        moment = clock.now()
        day = reference_day(picture, moment)
        city = find_city(now.organiser_id, typed) or municipality_named(typed, clock.local(moment).date())
        partnership = partnership_on(city.id, day) if isinstance(city, Organisation) else None
        partner = Partner(partnership.id, partnership.level) if partnership else None
        price, other = agree(picture, partner=partner, now=moment), None
        if partner is None:
            other = agree(picture, partner=Partner(0), now=moment)
        page |= {
            "city": city,
            "partnership": partnership,
            "price": price,
            "reference": day,
            "seats": picture.seats_max or 1,
        }
        page["gain"] = price.amount - other.amount if price and other and price.unit == other.unit else 0
        page["partner_price"] = other
        page["near"] = [] if city else suggestions(now.organiser_id, typed)
    status = 429 if page["too_often"] else 200
    response = Response(render_template("site/partner_check.html", **page, **_words(clock.now())), status)
    if page["too_often"]:
        response.headers["Retry-After"] = str(page["too_often"])
    return response


def _wait() -> int:
    """Count one look at what an organisation pays; the
    seconds to wait when there were too many, 30 at most.
    """
    try:
        take_turn(guess_gate("partner-check", viewer(), request.remote_addr), now=clock.now())
    except Refusal as refusal:
        return int(refusal.values["seconds"])
    return 0


Values = Callable[[ProgrammePicture], dict[str, Any]]
VIEWS = ("list", "grid")
FRAMED = (  # as everywhere, but any site may show it in a frame
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors *"
)


def _view() -> str:
    """How the sessions are shown: one of VIEWS, or as cards."""
    asked = request.args.get("view", "")
    return asked if asked in VIEWS else ""


def _page(
    slug: str, template: str, key: tuple[str, ...], values: Values, *, framed: bool = False
) -> ResponseReturnValue:
    """A page of a programme: finished bytes for readers
    without a session, else rendered for who is signed in.

    An address with a question in it is rendered too: the page repeats it in its links,
    so it is nobody else's. A page in a frame on another site is the same for everybody.
    """
    allow_anyone()
    now = queries.current(slug)
    if now is None:
        abort(404)
    if at_home() not in (None, now.organiser_id):  # an own domain shows the programmes of its organiser alone
        return redirect(_canonical(now.domain))
    moment, lang = clock.now(), g.lang
    finished = set(request.args) <= ({"view"} if _view() else set()) and (framed or not has_session())

    def render() -> str:
        picture = now.picture
        page = values(picture)
        g.organiser = db.session.get_one(Organiser, now.organiser_id)
        left = gap if finished else lambda id: Markup(_left(lang, now.places.get(id)).decode())
        page["data"] = _data(picture, page.get("session"), lang, now.domain)
        page["canonical"] = _canonical(now.domain)
        g.domain = now.domain
        return render_template(template, picture=picture, left=left, **page, **_words(moment))

    if not finished:
        return Response(render())
    whole = ("programme", template, lang, *key, *now.key)
    numbers = tuple((id, p.capacity, p.taken, p.waiting, p.cancelled) for id, p in now.places.items())

    def make() -> Finished:
        return _finished(render, queries.changes_at(now.picture, moment))

    return hand_out(whole, numbers, moment, make, lambda id: _left(lang, now.places.get(id)))


def at_home() -> int | None:
    """The id of the organiser whose own domain was asked;
    None at the installation's own address or an unknown one.
    """
    host = request.host.rpartition("]")[2].partition(":")[0].lower()
    if (
        "." not in host
        or host.replace(".", "").isdigit()
        or host == urlsplit(current_app.config["BASE_URL"]).hostname
    ):
        return None
    return organiser_at(host)


def _canonical(domain: str) -> str:
    """The address of this page where its programme is at home."""
    return absolute(
        f"site.{(request.endpoint or '').rpartition('.')[2]}", domain=domain, **(request.view_args or {})
    )


def _data(picture: ProgrammePicture, session: SessionPicture | None, lang: str, domain: str) -> Markup:
    """What machines read of this page."""
    url = absolute("site.programme", domain=domain, slug=picture.slug, lang=lang)
    return session_data(picture, session, lang, url) if session else programme_data(picture, lang, url)


def _finished(render: Callable[[], str], until: datetime) -> Finished:
    g.finished_page = True
    return finish(render(), until)


def _left(lang: str, places: Places | None) -> bytes:
    """The words for the places left in a session, made once for each combination of numbers."""
    if places is None:
        return b""
    kept = of(current_app).memory.one(SeatWords)
    key = (lang, places.capacity, places.taken, places.waiting, places.cancelled)
    words: bytes | None = kept.get(key)
    if words is None:
        free = None if places.capacity is None else max(places.capacity - places.taken, 0)
        html = render_template("site/_left.html", places=places, free=free)
        words = html.strip().encode()
        kept.put(key, words)
    return words


def _closed() -> bool:
    """The organiser of this page is closed: nothing new begins."""
    return "organiser" in g and g.organiser.closed_at is not None


def _words(now: datetime) -> dict[str, Any]:
    """What all public templates need to say things."""
    return {
        "now": now,
        "today": clock.local(now).date(),
        "euro": lambda amount: euro(amount, g.lang),
        "price_kind": queries.price_kind,
        "taking_part": lambda picture: "stopped" if _closed() else queries.taking_part(picture, now),
        "prices_of": lambda picture: queries.prices_of(picture, clock.local(now).date()),
        "same_place": queries.same_place,
        "in_words": lambda own, english: english if english and (g.lang == "en" or not own) else own,
        "next_meeting": lambda picture: queries.next_meeting(picture, now),
        "days_of": queries.days_of,
        "text_of": queries.session_text,
        "local": clock.local,
    }


class SeatWords(Kept):
    """The words for places left in the memory of a worker."""

    def __init__(self) -> None:
        super().__init__(limit=20_000)
