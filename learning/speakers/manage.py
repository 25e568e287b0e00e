"""Speakers of a programme at the desk: ask for their
texts, see what they handed in, accept it or send it back.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk.doors import Desk, enter, enter_programme
from learning.desk.forms import RowForm
from learning.desk.kind import row_of
from learning.kit import clock
from learning.kit import photos as kit_photos
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.errors import Refusal
from learning.kit.files import StoredFile, path_of
from learning.kit.forms import id_of
from learning.kit.wording import N_, Wording
from learning.people.actions import throttle_uploads
from learning.programmes.rows import rounds_of
from learning.speakers import actions, photos
from learning.speakers import hand_ins as speakers_hand_ins
from learning.speakers.emails import hand_in_url
from learning.speakers.forms import AnswerForm, AskForm, SpeakerPhotoForm
from learning.speakers.kinds import SPEAKERS
from learning.speakers.models import HandIn

bp = Blueprint("speakers_desk", __name__, url_prefix="/manage/<organiser>")

STATES = {
    "new": N_("not asked yet"),
    "asked": N_("asked"),
    "handed_in": N_("handed in: look at it"),
    "sent_back": N_("sent back"),
    "accepted": N_("accepted"),
}


@bp.get("/programmes/<slug>/hand-ins")
def hand_ins(organiser: str, slug: str) -> ResponseReturnValue:
    """All speakers of the programme with what they handed in; filtered by state."""
    desk, programme = enter_programme(organiser, slug)
    lines = speakers_hand_ins.lines_of(programme)
    counts = {state: sum(line.state == state for line in lines) for state in STATES}
    state = request.args.get("state", "")
    shown = [line for line in lines if state not in STATES or line.state == state]
    page = {
        "desk": desk,
        "programme": programme,
        "lines": shown,
        "state": state,
        "states": STATES,
        "counts": counts,
    }
    return render_template("speakers/hand_ins.html", **page, form=RowForm(), all=len(lines))


@bp.post("/programmes/<slug>/hand-ins")
def ask_several(organiser: str, slug: str) -> ResponseReturnValue:
    """Mail the link to every chosen speaker whose address is known."""
    desk, programme = enter_programme(organiser, slug)
    chosen = {id_of(id) for id in request.form.getlist("speaker")}
    asked = missing = 0
    if RowForm().submitted():
        for line in speakers_hand_ins.lines_of(programme):
            if line.speaker.id in chosen:
                mail = address_of(line)
                if mail:
                    language = line.row.language if line.row else programme.language
                    actions.ask(programme, line.speaker, mail, language, by=desk.account.id, now=clock.now())
                asked, missing = asked + bool(mail), missing + (not mail)
    flash(_("%(count)d people are asked by mail.", count=asked), "ok")
    if missing:
        flash(_("%(count)d have no address yet. Open them and fill it in.", count=missing), "warn")
    return redirect(url_for("speakers_desk.hand_ins", **desk.at))


@bp.get("/programmes/<slug>/hand-ins/<int:id>")
def hand_in(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """One speaker: what stands at the desk beside what was handed in."""
    desk, programme = enter_programme(organiser, slug)
    return _page(desk, programme, id, AnswerForm(formdata=None)), 200


@bp.post("/programmes/<slug>/hand-ins/<int:id>/question")
def ask_one(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Mail this speaker the link."""
    desk, programme = enter_programme(organiser, slug)
    line = speakers_hand_ins.line_of(programme, id)
    form = AskForm()
    if form.submitted():
        mail, language = form.mail.data or "", form.language.data
        actions.ask(programme, line.speaker, mail, language, by=desk.account.id, now=clock.now())
        flash(_("%(count)d people are asked by mail.", count=1), "ok")
        return redirect(url_for("speakers_desk.hand_in", id=id, **desk.at))
    return _page(desk, programme, id, AnswerForm(formdata=None), ask=form), form.status


@bp.post("/programmes/<slug>/hand-ins/<int:id>/acceptance")
def accept_hand_in(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Take it to the desk."""
    desk, programme = enter_programme(organiser, slug)
    seen = request.form.get("seen", "")
    done = _("Taken to the desk. Visitors see it after the next release.")
    return _do(
        desk,
        programme,
        id,
        lambda row: actions.accept(row, seen=seen, by=desk.account.id, now=clock.now()),
        done,
    )


@bp.post("/programmes/<slug>/hand-ins/<int:id>/return")
def return_hand_in(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Send it back with a remark."""
    desk, programme = enter_programme(organiser, slug)
    form = AnswerForm()
    if not form.submitted():
        return _page(desk, programme, id, form), form.status
    remark = form.remark.data or ""
    done = _("Sent back. The speaker has a mail with what you wrote.")
    return _do(
        desk,
        programme,
        id,
        lambda row: actions.send_back(row, remark, by=desk.account.id, now=clock.now()),
        done,
    )


@bp.post("/programmes/<slug>/hand-ins/<int:id>/renewal")
def renew_hand_in(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """Give the speaker another link."""
    desk, programme = enter_programme(organiser, slug)
    done = _("The old link works no more. Mail the new one.")
    return _do(desk, programme, id, lambda row: actions.renew(row, by=desk.account.id, now=clock.now()), done)


@bp.post("/programmes/<slug>/hand-ins/<int:id>/absences")
def set_absences(organiser: str, slug: str, id: int) -> ResponseReturnValue:
    """The rounds in which a speaker cannot."""
    desk, programme = enter_programme(organiser, slug)
    line = speakers_hand_ins.line_of(programme, id)
    away = {id_of(value) for value in request.form.getlist("away")}
    if RowForm().submitted():
        actions.set_absences(programme, line.speaker, away, by=desk.account.id, now=clock.now())
        flash(_("Kept."), "ok")
    return redirect(url_for("speakers_desk.hand_in", id=id, **desk.at))


@bp.get("/programmes/<slug>/hand-ins/<int:id>/slides/<int:number>")
def handed_slides(organiser: str, slug: str, id: int, number: int) -> ResponseReturnValue:
    """A file that a speaker handed in."""
    _desk, programme = enter_programme(organiser, slug)
    row = speakers_hand_ins.line_of(programme, id).row
    found = next((slides for slides in row.slides if slides.id == number), None) if row else None
    file = db.session.get(StoredFile, found.file_id) if found else None
    if file is None:
        not_found()
    return send_file(
        path_of(file), mimetype=file.media_type, download_name=file.name, as_attachment=True, max_age=0
    )


@bp.post("/speakers/<int:id>/photo")
def speaker_photo(organiser: str, id: int) -> ResponseReturnValue:
    """A speaker's photo, other words for it, or none."""
    desk = enter(organiser)
    speaker = row_of(SPEAKERS, desk.organiser.id, None, id, desk.account)
    form = SpeakerPhotoForm()
    upload = request.files.get("photo")
    by: dict[str, Any] = {"by": desk.account.id, "now": clock.now()}
    try:
        if not form.submitted():
            for field in form:
                for words in field.errors:
                    flash(f"{field.label.text}: {words}", "warn")
        elif "remove" in request.form:
            photos.remove_photo(speaker, **by)
            flash(_("The photo is taken away."), "ok")
        else:
            made = None
            if upload is not None and upload.filename:
                throttle_uploads(f"account {desk.account.id}", now=clock.now())
                made = kit_photos.portraits(upload.read(), form.keep.data)
            alt = Wording(form.alt_nl.data or "", form.alt_en.data or "")
            photos.set_photo(speaker, made, alt, **by)
            flash(_("The photo is kept. Visitors see it after the next release."), "ok")
    except Refusal as refusal:
        flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("desk.shared_row", organiser=organiser, key="speakers", id=id) + "#photo")


def address_of(line: speakers_hand_ins.Line) -> str:
    """The mail address of a speaker, as far as it is known."""
    if line.row is not None and line.row.mail:
        return line.row.mail
    return line.speaker.person.mail if line.speaker.person else ""


def _do(
    desk: Desk, programme: Any, id: int, step: Callable[[HandIn], None], words: str
) -> ResponseReturnValue:
    row = speakers_hand_ins.line_of(programme, id).row
    if row is None:
        not_found()
    try:
        if not RowForm().submitted():
            raise Refusal("expired", N_("This page had expired. Try again."))
        step(row)
        flash(words, "ok")
    except Refusal as refusal:
        flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("speakers_desk.hand_in", id=id, **desk.at))


def _page(desk: Desk, programme: Any, id: int, answer: AnswerForm, ask: AskForm | None = None) -> str:
    line = speakers_hand_ins.line_of(programme, id)
    row = line.row
    titles = {w.id: w.title for w in speakers_hand_ins.workshops_of(programme.id, id)}
    language = row.language if row else programme.language
    page: dict[str, Any] = {"desk": desk, "programme": programme, "line": line, "row": row, "answer": answer}
    page |= {
        "states": STATES,
        "titles": titles,
        "rounds": rounds_of(programme),
        "local": clock.local,
        "button": RowForm(),
    }
    page["ask"] = ask or AskForm(formdata=None, data={"mail": address_of(line), "language": language})
    if row is not None:
        page |= {
            "url": hand_in_url(row),
            "was": speakers_hand_ins.public_texts(row),
            "now": speakers_hand_ins.texts_of(row),
        }
        page["seen"] = speakers_hand_ins.seen_of(row)
    return render_template("speakers/hand_in_desk.html", **page)
