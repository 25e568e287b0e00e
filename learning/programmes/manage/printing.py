"""What an organiser prints: booklet, room signs and list of hosts; asked for here, made by the worker."""

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.files import StoredFile, path_of
from learning.kit.wording import LANGUAGES
from learning.programmes import documents
from learning.programmes.forms import RowForm
from learning.programmes.manage.doors import bp, enter_programme
from learning.programmes.models import OfferedProgramme

KIND = "<any(" + ", ".join(documents.KINDS) + "):kind>"
LANG = "<any(" + ", ".join(LANGUAGES) + "):language>"


@bp.get("/programmes/<slug>/print")
def printing(organiser: str, slug: str) -> ResponseReturnValue:
    """What there is to print, and what is being made."""
    desk, programme = enter_programme(organiser, slug)
    released = db.session.get(OfferedProgramme, programme.id) is not None
    lines = [
        (kind, words, lang, documents.newest(programme.id, kind, lang))
        for kind, words in documents.KINDS.items()
        for lang in LANGUAGES
    ]
    page = {"desk": desk, "programme": programme, "lines": lines, "released": released, "local": clock.local}
    return render_template("programmes/printing.html", form=RowForm(), **page)


@bp.post(f"/programmes/<slug>/print/{KIND}-{LANG}")
def ask_print(organiser: str, slug: str, kind: str, language: str) -> ResponseReturnValue:
    """Ask for a document of the last release."""
    desk, programme = enter_programme(organiser, slug)
    if db.session.get(OfferedProgramme, programme.id) is None:
        not_found()
    documents.ask(programme.id, kind, language, now=clock.now())
    flash(_("It is being made. Look again in a moment."), "ok")
    return redirect(url_for("planning_desk.printing", **desk.at))


@bp.get(f"/programmes/<slug>/print/{KIND}-{LANG}.pdf")
def printed(organiser: str, slug: str, kind: str, language: str) -> ResponseReturnValue:
    """The document."""
    _desk, programme = enter_programme(organiser, slug)
    found = documents.newest(programme.id, kind, language)
    file = db.session.get(StoredFile, found.file_id) if found and found.file_id else None
    if file is None:
        not_found()
    return send_file(path_of(file), mimetype=file.media_type, download_name=file.name, as_attachment=True, max_age=0)
