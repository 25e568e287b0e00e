"""Building the app: database, sign-in, language, areas, headers and error pages."""

import hashlib
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    g,
    get_flashed_messages,
    has_request_context,
    request,
    url_for,
)
from flask_babel import Babel, get_locale
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, ValidationError

from learning import answers, wiring
from learning.cli import add_commands
from learning.config import PREFIX, BadSettings, Settings
from learning.kit import access, jobs, logs, pictures, sent
from learning.kit.db import db, make_engine_hooks
from learning.kit.forms import sealed
from learning.kit.installation import Installation, install
from learning.kit.links import base_of
from learning.kit.theme import fill_of, ink_on
from learning.kit.wording import LANGUAGES
from learning.organisations.brand import brand_of
from learning.organisations.proving import is_proven
from learning.people import entering

ROOT = Path(__file__).parent.parent


class Number(IntegerConverter):
    """A number in an address. One that no row can have leads nowhere."""

    def to_python(self, value: str) -> int:
        """The number."""
        if len(value) > 10 or int(value) >= 2**31:
            raise ValidationError
        return int(super().to_python(value))


def create_app(settings: Settings) -> Flask:
    """The whole app for these settings. The database must have been prepared (`flask prepare`)."""
    _make_instance(settings.instance)
    app = Flask("learning", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.url_map.converters["int"] = Number
    secure = settings.base_url.startswith("https://")
    app.config.update(
        INSTANCE=str(settings.instance),
        SECRET_KEY=settings.secret_key,
        BASE_URL=settings.base_url,
        DEMO=settings.demo,
        SMTP_HOST=settings.smtp_host,
        SMTP_PORT=settings.smtp_port,
        SMTP_USER=settings.smtp_user,
        SMTP_PASSWORD=settings.smtp_password,
        SMTP_TLS=settings.smtp_tls,
        SMTP_CA=settings.smtp_ca,
        MAIL_FROM=settings.mail_from,
        NUDGE=settings.nudge,
        CALENDAR_DOMAIN=settings.calendar_domain,
        BACKUP_KEY=settings.backup_key,
        PG_BIN=settings.pg_bin,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=2_000_000,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1000,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=secure,
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        BABEL_DEFAULT_LOCALE="nl",
        BABEL_DEFAULT_TIMEZONE="Europe/Amsterdam",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "learning" / "translations"),
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    queue = jobs.make_queue(settings.huey_url, str(settings.instance / "jobs.db"), wiring.LOOPS)
    install(app, Installation(settings, queue, wiring.HOOKS))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.autoescape = lambda name: name is None or not name.endswith(".txt")
    db.init_app(app)
    with app.app_context():
        make_engine_hooks(db.engine)
    app.before_request(_known_host)
    app.before_request(_forget_unreadable)
    app.before_request(_allow_uploads)
    _language(app)  # before a form can be refused, which is said in words
    CSRFProtect(app)
    entering.install(app)
    Babel(app, locale_selector=lambda: g.get("lang", "nl"))
    wiring.install(app)
    sent.install(app)
    with app.app_context():
        logs.install(app, db.engine)
    _templates(app)
    answers.install(app)
    add_commands(app)
    return app


def _make_instance(folder: Path) -> None:
    """Make the instance folder, closed to others; one that cannot be made or written is a bad setting."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    except OSError as error:
        raise BadSettings(
            f"{PREFIX}INSTANCE: the folder “{folder}” cannot be made: {error.strerror}."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadSettings(f"{PREFIX}INSTANCE: the folder “{folder}” cannot be written by this user.")


def engine_options(url: str) -> dict[str, Any]:
    """Time limits and pool size; PostgreSQL works under READ COMMITTED."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 10}, "pool_size": 20, "hide_parameters": True}
    limits = "-c lock_timeout=5000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000"
    return {
        "isolation_level": "READ COMMITTED",
        "hide_parameters": True,  # an error never tells the values: among them are secret links
        "pool_pre_ping": True,
        "pool_size": 10,
        "connect_args": {"options": limits},
    }


def _language(app: Flask) -> None:
    @app.url_value_preprocessor
    def take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values and "lang" in values:
            g.lang = values.pop("lang")

    @app.before_request
    def choose() -> None:
        if "lang" not in g and request.path[1:4] in ("nl/", "en/"):
            g.lang = request.path[1:3]  # an address that does not exist, in a language that does
        if "lang" not in g:
            desk = request.path.startswith(("/manage/", "/installation"))
            g.lang = (entering.language_here() if desk else "") or preferred()

    @app.url_defaults
    def add(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = g.get("lang", "nl")


STRANGE = "Dit adres hoort niet bij deze website. / This address does not belong to this website."
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _known_host() -> Response | None:
    """Answer only at the configured address and at proven domains
    of organisers; the state of the machine is told anywhere.
    """
    if request.path in ("/healthz", "/readyz"):
        return None
    try:
        host, base = (
            urlsplit(f"//{request.host}").hostname or "",
            urlsplit(current_app.config["BASE_URL"]).hostname,
        )
    except ValueError:
        host, base = "", None
    if host == base or (base in LOOPBACK and host in LOOPBACK) or is_proven(host):
        return None
    access.allow_anyone()
    return Response(f"{STRANGE}\n", 421, mimetype="text/plain")


def _forget_unreadable() -> None:
    """An origin that is no address says nothing of where somebody comes from: it is as if none was sent."""
    for name in ("HTTP_ORIGIN", "HTTP_REFERER"):
        try:
            _port = urlsplit(request.environ.get(name, "")).port
        except ValueError:
            del request.environ[name]


def _allow_uploads() -> None:
    """Let more be sent where files are uploaded; before anybody reads the form."""
    request.max_content_length = wiring.UPLOADS.get(request.endpoint or "")


def preferred() -> str:
    """The language the browser asks for, Dutch unless it prefers English."""
    return request.accept_languages.best_match(LANGUAGES, default="nl") or "nl"


def _templates(app: Flask) -> None:
    versions: dict[str, str] = {}

    def asset(path: str) -> str:
        if path not in versions:
            versions[path] = hashlib.sha256((ROOT / "static" / path).read_bytes()).hexdigest()[:10]
        return url_for("static", filename=path, v=versions[path])

    for name in (
        "icon",
        "glyph",
        "house",
        "street_hero",
        "street_mini",
        "street_paper",
        "front",
        "qr",
        "initials",
    ):
        app.jinja_env.globals[name] = getattr(pictures, name)
    app.jinja_env.globals |= {"asset": asset, "fill_of": fill_of, "ink_on": ink_on, "sealed": sealed}
    app.jinja_env.globals["html"] = Markup  # only for text that was sanitised when it was saved

    @app.context_processor
    def frame() -> dict[str, Any]:
        if not has_request_context():  # a mail or a document: no page around it
            return {"lang": g.get("lang", "nl")}
        return {
            "lang": str(get_locale() or "nl"),
            "brand": brand_of(g.get("organiser")),
            "viewer": LazyViewer(),
            "nav": wiring.Nav(),
            "alternates": alternates(),
            "base": base_of(g.get("domain", "")),
            "footer": wiring.footer(),
            "sign_out_url": url_for("people.sign_out"),
            "messages": LazyMessages(),
            "demo": app.config["DEMO"],
            "edits": g.get("edits", False),  # who is at the desk may change what this page shows
        }


class LazyMessages:
    """Flashed messages, read from the session only when a page asks for them."""

    def __iter__(self) -> Any:
        return iter([] if g.get("finished_page") else get_flashed_messages(with_categories=True))

    def __bool__(self) -> bool:
        return bool(list(self))


class LazyViewer:
    """The signed-in account for templates; finished pages know nobody."""

    def __bool__(self) -> bool:
        return not g.get("finished_page") and access.viewer() is not None

    def __getattr__(self, name: str) -> Any:
        return getattr(access.viewer(), name)


def alternates() -> dict[str, str]:
    """The address of this page in each language."""
    if not request.endpoint or not request.url_rule or "lang" not in request.url_rule.arguments:
        return {}
    if request.method != "GET":
        return {}
    view = dict(request.view_args or {})
    asked = {
        key: value
        for key, value in request.args.items()
        if key not in view and key.isalnum() and key != "endpoint"
    }
    values = {**asked, **view}
    values.pop("lang", None)
    return {lang: url_for(request.endpoint, lang=lang, **values) for lang in LANGUAGES}
