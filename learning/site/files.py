"""A programme as files beside its page: schedule as XML,
JSON and a spreadsheet, and what changed as an Atom feed.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC

from flask import Blueprint, Response, g, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import allow_anyone, not_found
from learning.kit.db import db
from learning.kit.files import StoredFile, path_of
from learning.kit.links import absolute
from learning.kit.pages import kept_files
from learning.kit.sheets import XLSX, Cell, xlsx_file
from learning.kit.wording import LANGUAGES
from learning.organisations.models import Organiser
from learning.printing.documents import newest
from learning.releases.news import releases_of, sentence
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import all_pictures
from learning.site import queries
from learning.site.cards import draw_card
from learning.site.frab import Source, as_json, as_xml
from learning.site.views import at_home

bp = Blueprint("files", __name__)


@bp.get("/programmes/<slug>.xml", provide_automatic_options=False)
def xml(slug: str) -> ResponseReturnValue:
    """The schedule for apps, as XML."""
    return _file(slug, "xml", "application/xml", as_xml)


@bp.get("/programmes/<slug>.json", provide_automatic_options=False)
def json(slug: str) -> ResponseReturnValue:
    """The schedule for apps, as JSON."""
    return _file(slug, "json", "application/json", as_json)


@bp.get("/programmes/<slug>.xlsx", provide_automatic_options=False)
def xlsx(slug: str) -> ResponseReturnValue:
    """Sessions, blocks and speakers as a spreadsheet."""
    return _file(slug, "xlsx", XLSX, _sheet)


@bp.get("/programmes/<slug>.pdf", provide_automatic_options=False)
def booklet(slug: str) -> ResponseReturnValue:
    """The programme booklet of the last release; while the
    worker makes it, a page that looks again by itself.
    """
    allow_anyone()
    language = request.args.get("lang", "nl")
    now = queries.current(slug)
    if now is None or language not in LANGUAGES:
        return Response("Not found\n", 404, mimetype="text/plain")
    found = newest(now.picture.id, "booklet", language)
    file = db.session.get(StoredFile, found.file_id) if found and found.file_id else None
    if file is None:
        g.lang = language
        with force_locale(language):
            page = render_template(
                "site/making.html", picture=now.picture, asked=found is not None and not found.failed
            )
        return Response(
            page, 202 if found and not found.failed else 404, headers={"Refresh": "3"} if found else {}
        )
    return send_file(
        path_of(file), mimetype=file.media_type, download_name=file.name, etag=file.sha256, max_age=0
    )


@bp.get("/programmes/<slug>/changes.atom", provide_automatic_options=False)
def atom(slug: str) -> ResponseReturnValue:
    """What each release changed, as a feed (RFC 4287)."""
    return _file(slug, "atom", "application/atom+xml", _atom)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/changes")
def changes(slug: str) -> ResponseReturnValue:
    """What each release changed, to read."""
    allow_anyone()
    now = queries.current(slug)
    if now is None:
        not_found()
    g.organiser = db.session.get_one(Organiser, now.organiser_id)
    lines = releases_of(now.picture.id)
    values = {"picture": now.picture, "lines": lines, "sentence": sentence, "local": clock.local}
    return render_template("site/changes.html", **values)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/picture.png", provide_automatic_options=False)
def picture(slug: str) -> ResponseReturnValue:
    """What messengers show of the programme."""
    return _drawn(slug, "")


@bp.get("/<any(nl, en):lang>/programmes/<slug>/sessions/<code>/picture.png", provide_automatic_options=False)
def session_picture(slug: str, code: str) -> ResponseReturnValue:
    """What messengers show of a session."""
    return _drawn(slug, code)


def _drawn(slug: str, code: str) -> Response:
    """The picture of the latest release, drawn once for each release, brand and language."""
    allow_anyone()
    now = queries.current(slug)
    if now is None or (code and code not in now.picture.by_code):
        return Response("Not found\n", 404, mimetype="text/plain")
    organiser = db.session.get_one(Organiser, now.organiser_id)
    session = now.picture.by_code[code] if code else None
    key = ("picture", g.lang, code, *now.key)
    return _kept_file(
        key, "image/png", lambda: draw_card(queries.card_of(now.picture, session, organiser, g.lang))
    )


@bp.get("/sitemap.xml", provide_automatic_options=False)
def sitemap() -> ResponseReturnValue:
    """Every public page in both languages (sitemaps.org, 0.90), made once for the releases that hold now.

    A site map names pages of its own host only, so an organiser's own domain has its own.
    """
    allow_anyone()
    here = at_home()
    shown = [one for one in queries.all_releases(here) if one.domain in ("", _domain(here))]
    key = ("sitemap", here, tuple(shown))
    kept: bytes | None = kept_files().get(key)
    if kept is None:
        all_pictures()  # reads what is not in memory in one query
        pages = [
            (name, values | {"domain": one.domain}) for one in shown for name, values in _pages(one.picture)
        ]
        first = ("site.catalogue", {"domain": _domain(here)})
        kept = render_template("site/sitemap.html", pages=[first, *pages], absolute=absolute).encode()
        kept_files().put(key, kept, len(kept))
    response = Response(kept, mimetype="application/xml")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(kept).hexdigest()[:32])
    response.make_conditional(request)
    return response


@bp.get("/robots.txt", provide_automatic_options=False)
def robots() -> ResponseReturnValue:
    """What search engines leave alone.

    Secret links say so in a header: whoever reads this file would not fetch calendars.
    """
    allow_anyone()
    closed = ("/manage/", "/nl/sign-in", "/en/sign-in", "/demo/")
    sitemap = absolute("files.sitemap", domain=_domain(at_home()))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {sitemap}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def _domain(organiser_id: int | None) -> str:
    """The own domain of this organiser that is in use, or nothing."""
    organiser = db.session.get(Organiser, organiser_id) if organiser_id is not None else None
    return (organiser.domain or "") if organiser is not None and organiser.domain_seen_at else ""


def _pages(picture: ProgrammePicture) -> list[tuple[str, dict[str, str]]]:
    at = {"slug": picture.slug}
    sessions = [("site.session_page", {**at, "code": s.code}) for s in picture.sessions.values()]
    speakers = [("site.speaker", {**at, "speaker": speaker.slug}) for speaker in picture.speakers]
    return [("site.programme", at), *sessions, *speakers]


def _file(slug: str, kind: str, media: str, make: Callable[[Source], bytes]) -> Response:
    """The file of the latest release, made once for each release and language; 304 when the reader has it."""
    allow_anyone()
    language = request.args.get("lang", "nl")
    now = queries.current(slug)
    if now is None or language not in LANGUAGES:
        return Response("Not found\n", 404, mimetype="text/plain")
    key = ("file", kind, language, *now.key)

    def made() -> bytes:
        url = absolute("site.programme", domain=now.domain, slug=slug, lang=language)
        g.lang = language
        with force_locale(language):
            return make(Source(now.picture, now.release_id, language, url))

    response = _kept_file(key, media, made)
    name = f"{slug}.{kind}"
    response.headers["Content-Disposition"] = (
        f'{"attachment" if kind == "xlsx" else "inline"}; filename="{name}"'
    )
    return response


def _kept_file(key: tuple[object, ...], media: str, make: Callable[[], bytes]) -> Response:
    """The file under this key, made when it is not there; 304 when the reader has it."""
    kept: tuple[bytes, str] | None = kept_files().get(key)
    if kept is None:
        body = make()
        kept = (body, hashlib.sha256(body).hexdigest()[:32])
        kept_files().put(key, kept, len(body))
    response = Response(kept[0], mimetype=media)
    response.set_etag(kept[1])
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def _atom(source: Source) -> bytes:
    lines = releases_of(source.picture.id)
    updated = lines[0].release.made_at.astimezone(UTC).isoformat() if lines else ""
    own = absolute("files.atom", slug=source.picture.slug) + f"?lang={source.language}"
    values = {
        "source": source,
        "lines": lines,
        "updated": updated,
        "own": own,
        "sentence": sentence,
        "utc": UTC,
    }
    return render_template("site/changes.atom.html", **values).encode()


def _sheet(source: Source) -> bytes:
    """Three sheets: sessions, blocks and speakers."""
    return xlsx_file(_tables(source.picture, source.language))


Table = tuple[str, list[list[Cell]]]


def _tables(picture: ProgrammePicture, lang: str) -> list[Table]:
    times = [_("Day"), _("Starts at"), _("Ends at")]
    heads = [_("Number"), _("Session"), _("Round"), *times, _("Room"), _("Who takes part"), _("Theme")]
    sessions: list[list[Cell]] = [heads]
    for round in picture.rounds:
        meeting = picture.meeting[round.meeting_id]
        when: list[Cell] = [meeting.on.isoformat() if meeting.on else "", round.start, round.end]
        for s in round.sessions:
            theme = picture.theme.get(s.theme)
            who = ", ".join(part.name for part in s.parts)
            title = s.title.pick(lang) + (" (" + _("cancelled") + ")" if s.cancelled else "")
            sessions.append(
                [
                    s.code,
                    title,
                    round.title.pick(lang),
                    *when,
                    s.room,
                    who,
                    theme.name.pick(lang) if theme else "",
                ]
            )
    blocks: list[list[Cell]] = [[_("Meeting"), *times, _("Block"), _("Who takes part")]]
    for meeting in picture.meetings:
        for item in meeting.agenda:
            day = meeting.on.isoformat() if meeting.on else ""
            who = ", ".join(part.name for part in item.parts)
            blocks.append([meeting.title.pick(lang), day, item.start, item.end, item.title.pick(lang), who])
    speakers: list[list[Cell]] = [[_("Name"), _("Function"), _("Organisation"), _("Sessions")]]
    for sp in picture.speakers:
        speakers.append([sp.name, sp.function.pick(lang), sp.affiliation, ", ".join(sp.codes)])
    return [(_("Sessions"), sessions), (_("Blocks and rounds"), blocks), (_("Speakers"), speakers)]
