"""What the app answers by itself: headers, files of a brand, the state of the machine, and error pages."""

import secrets

from flask import (
    Flask,
    Response,
    g,
    render_template,
    request,
    send_file,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from learning.kit import access, again, secret_routes
from learning.kit.db import Busy, db, unreachable
from learning.kit.errors import Refusal
from learning.kit.files import path_of
from learning.kit.forms import colour_of
from learning.kit.theme import theme_css
from learning.migrate import migrations_match
from learning.organisations.brand import logo_file, stylesheet
from learning.people.forms import LostLinksForm

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Give the app its headers, its own addresses and its error pages."""
    _headers(app)
    _files(app)
    _state(app)
    _refusals(app)
    _faults(app)


def _headers(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.reference = secrets.token_hex(4)
        if "\0" in request.path:
            access.not_found()  # no database keeps that character

    @app.after_request
    def headers(response: Response) -> Response:
        secret_routes.guard(response)
        for key, value in HEADERS.items():
            response.headers.setdefault(key, value)
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        if "Cache-Control" not in response.headers and request.endpoint != "static":
            response.headers["Cache-Control"] = "private, no-store"
        if request.endpoint != "static":
            access.check_decided(response)
        return response


def _files(app: Flask) -> None:
    @app.get("/theme/<slug>-<version>.css")
    def theme(slug: str, version: str) -> ResponseReturnValue:
        access.allow_anyone()
        css = stylesheet(slug)
        if css is None:
            access.not_found()
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(css, mimetype="text/css", headers=headers)

    @app.get("/theme/try/<brand>/<accent>.css")
    def try_theme(brand: str, accent: str) -> ResponseReturnValue:
        """Two colours that nobody saved, for the sample beside the form."""
        access.allow_anyone()
        colours = [colour_of(brand), colour_of(accent)]
        if colours[0] is None or colours[1] is None:
            access.not_found()
        return Response(theme_css(colours[0], colours[1], ".try"), mimetype="text/css")

    @app.get("/logos/<name>.png")
    def logo(name: str) -> ResponseReturnValue:
        access.allow_anyone()
        file = logo_file(name) if len(name) == 32 and name.isalnum() else None
        if file is None:
            access.not_found()
        return send_file(path_of(file), mimetype="image/png", etag=file.sha256, max_age=31536000)


def _state(app: Flask) -> None:
    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        access.allow_anyone()
        return {"ok": True}

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        access.allow_anyone()
        try:
            ready = migrations_match()
        except (DBAPIError, PoolTimeout):
            ready = False
        return {"ready": ready}, 200 if ready else 503


def _refusals(app: Flask) -> None:
    """Pages for what is not there, not allowed, or said no to."""

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and 300 <= error.code < 400:
            access.allow_anyone()
            return error.get_response()
        if error.code == 404 and secret_routes.seems_secret():
            db.session.rollback()
            return render_template("errors/secret.html", form=LostLinksForm(formdata=None)), 404
        text = ""
        if error.code == 413:
            most = request.max_content_length or 0
            text = gettext("Send at most %(most)d MB at once. Nothing was changed.", most=most // 1_000_000)
        return error_page(error.code or 500, text), error.code or 500

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> ResponseReturnValue:
        return again_page() or error_page(400), 400

    @app.errorhandler(access.SignInNeeded)
    def sign_in_first(error: access.SignInNeeded) -> ResponseReturnValue:
        access.allow_anyone()
        kept = again_page(sign_in=True)
        return (kept, 401) if kept else error.get_response()

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> ResponseReturnValue:
        status = {"too_often": 429, "busy": 503}.get(refusal.code, 409)
        wait = {"Retry-After": str(refusal.values["seconds"])} if "seconds" in refusal.values else {}
        return error_page(status, gettext(refusal.message, **refusal.values)), status, wait


def _faults(app: Flask) -> None:
    """Pages for what went wrong here."""

    @app.errorhandler(Busy)
    def busy(_error: Busy) -> ResponseReturnValue:
        return error_page(503), 503, {"Retry-After": "5"}

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> ResponseReturnValue:
        app.logger.error("database error %s", g.get("reference"), exc_info=error)
        if unreachable(error) or getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == 5:
            return error_page(503), 503, {"Retry-After": "5"}
        return error_page(500), 500

    @app.errorhandler(500)
    def broken(_error: Exception) -> ResponseReturnValue:
        app.logger.error("error %s on %s", g.get("reference"), request.endpoint)
        return error_page(500), 500


def again_page(*, sign_in: bool = False) -> str:
    """The page that keeps what was typed into a form that
    came too late; empty when there is nothing to keep.
    """
    kept = again.typed()
    return render_template("errors/again.html", again=kept, sign_in=sign_in) if kept else ""


def error_page(status: int, text: str = "") -> str:
    """The page for an error: what happened, what is safe and where to go."""
    db.session.rollback()
    return render_template("errors/page.html", status=status, text=text, reference=g.get("reference", ""))
