"""What speakers see of their own sessions, and what they
hand in by their own link; photos; how a text will look.
"""

from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from learning.desk.forms import RowForm
from learning.kit import clock
from learning.kit import photos as kit_photos
from learning.kit.access import allow_account, allow_anyone, not_found
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.files import path_of
from learning.kit.forms import clean, id_of
from learning.kit.markdown import LONGEST, render
from learning.kit.wording import N_, Wording
from learning.people.actions import throttle_previews, throttle_uploads
from learning.programmes.models import Programme, Round
from learning.speakers import actions, hand_ins, photos, queries
from learning.speakers.forms import NeedsForm, PhotoForm, SlidesForm, hand_in_form
from learning.speakers.models import HandIn

bp = Blueprint("speakers", __name__)
YEAR = 31536000


@bp.get("/<any(nl, en):lang>/speaker")
def hosting() -> ResponseReturnValue:
    """The sessions that the signed-in person hosts, with how many come."""
    account = allow_account()
    return render_template("speakers/hosting.html", hosted=queries.hosted_by(account))


@bp.get("/photos/<key>-<any(s, m, l):size>.jpg")
def photo(key: str, size: str) -> ResponseReturnValue:
    """A photo; its key is known to who may see it."""
    allow_anyone()
    file = photos.photo_file(key, size)
    if file is None:
        not_found()
    answer = send_file(path_of(file), mimetype=file.media_type, max_age=YEAR)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return answer


@bp.post("/preview")
def preview() -> ResponseReturnValue:
    """How a text in Markdown will look, as a part of a page, for who is signed in."""
    account = allow_account()
    return _preview(f"account {account.id}")


@bp.post("/<any(nl, en):lang>/hand-in/<token>/preview")
def hand_in_preview(token: str) -> ResponseReturnValue:
    """The same for a speaker, by the speaker's own link."""
    row, _programme = _own(token)
    return _preview(f"hand-in {row.id}")


def _preview(whose: str) -> Response:
    throttle_previews(whose, now=clock.now())
    return Response(render(clean(request.form.get("text", ""))[:LONGEST]), mimetype="text/html")


@bp.route("/<any(nl, en):lang>/hand-in/<token>", methods=["GET", "POST"])
def hand_in(token: str) -> ResponseReturnValue:
    """A speaker fills in text, photo, needs and slides, without an account."""
    row, programme = _own(token)
    workshops = [(w.id, w.title.pick(g.lang)) for w in hand_ins.workshops_of(programme.id, row.speaker_id)]
    form = hand_in_form(workshops)(data=hand_ins.texts_of(row))
    alt = {"photo_alt_nl": row.photo_alt.nl, "photo_alt_en": row.photo_alt.en}
    for field in form:
        if "data-markdown" in (field.render_kw or {}):
            field.render_kw["data-markdown"] = url_for("speakers.hand_in_preview", token=token)
    more = NeedsForm(data={"needs": row.needs, **alt})
    rounds = db.session.scalars(
        select(Round).where(Round.programme_id == programme.id).order_by(Round.number)
    ).all()
    known = hand_ins.line_of(programme, row.speaker_id).away
    away = {id_of(id) for id in request.form.getlist("away")} if form.is_submitted() else known
    here = url_for("speakers.hand_in", token=token)
    valid = form.submitted()
    if more.is_submitted() and not more.validate():
        form.status, valid = 422, False
    if valid:
        done = request.form.get("next") != "later"
        with form.refusals(here):
            actions.hand_in(
                row,
                _texts(form, workshops),
                needs=more.needs.data or "",
                away=away,
                alt=Wording(more.photo_alt_nl.data or "", more.photo_alt_en.data or ""),
                done=done,
                now=clock.now(),
            )
            flash(
                _("Thank you: the organiser has it now.")
                if done
                else _("Kept. Hand it in when you are ready."),
                "ok",
            )
            return redirect(here)
    page: dict[str, Any] = {
        "row": row,
        "programme": programme,
        "form": form,
        "more": more,
        "rounds": rounds,
        "away": away,
    }
    page |= {"photo_form": PhotoForm(), "slides_form": SlidesForm(), "token": token, "workshops": workshops}
    return render_template("speakers/hand_in.html", **page), form.status


@bp.post("/<any(nl, en):lang>/hand-in/<token>/photo")
def hand_in_photo(token: str) -> ResponseReturnValue:
    """The speaker's photo, or none."""
    row, _programme = _own(token)
    form = PhotoForm()
    upload = request.files.get("photo")

    def change() -> None:
        if "remove" in request.form:
            actions.drop_photo(row, now=clock.now())
        elif upload is not None and upload.filename:
            throttle_uploads(f"hand-in {row.id}", now=clock.now())
            actions.put_photo(row, kit_photos.portraits(upload.read(), form.keep.data), now=clock.now())
        else:
            raise Refusal("nothing", N_("Choose a photo first."), "photo")

    return _sent(token, form, change, _("The photo is kept."))


@bp.post("/<any(nl, en):lang>/hand-in/<token>/slides")
def hand_in_slides(token: str) -> ResponseReturnValue:
    """A file for the organiser."""
    row, _programme = _own(token)
    upload = request.files.get("slides")

    def change() -> None:
        if upload is None or not upload.filename:
            raise Refusal("nothing", N_("Choose a file first."), "slides")
        actions.add_slides(row, upload.read(), upload.filename, now=clock.now())

    return _sent(token, SlidesForm(), change, _("The file is kept."))


@bp.post("/<any(nl, en):lang>/hand-in/<token>/slides/<int:id>/removal")
def hand_in_slides_away(token: str, id: int) -> ResponseReturnValue:
    """Take a file away again."""
    row, _programme = _own(token)
    return _sent(
        token,
        RowForm(),
        lambda: actions.remove_slides(row, id, now=clock.now()),
        _("The file is taken away."),
    )


def _own(token: str) -> tuple[HandIn, Programme]:
    """What this link opens; 404 when it opens nothing."""
    row = hand_ins.by_token(token)
    allow_anyone()
    programme = db.session.get_one(Programme, row.programme_id)
    g.organiser = programme.organiser
    return row, programme


def _sent(token: str, form: Any, change: Any, words: str) -> ResponseReturnValue:
    """Do it and lead back to the page, with what went well or wrong."""
    here = url_for("speakers.hand_in", token=token)
    if form.submitted():
        try:
            change()
            flash(words, "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    else:
        flash(_("This page had expired. Try again."), "warn")
    return redirect(here + "#files")


def _texts(form: Any, workshops: list[tuple[int, str]]) -> dict[str, str]:
    """What was filled in, by the names under which it is
    kept: `abstract_nl_7` of the form is that of workshop 7.
    """
    return {field.name: field.data or "" for field in form if field.name in _names(workshops)}


def _names(workshops: list[tuple[int, str]]) -> set[str]:
    return {*hand_ins.PROFILE, *(f"{name}_{id}" for id, _title in workshops for name in hand_ins.ABSTRACT)}
