"""What an organiser takes out: addresses and codes to share, and documents that the worker makes."""

from flask import Blueprint, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import escape

from learning.desk.doors import enter_programme
from learning.desk.forms import RowForm
from learning.kit import clock
from learning.kit.access import not_found
from learning.kit.db import db
from learning.kit.files import StoredFile, path_of
from learning.kit.links import absolute
from learning.kit.wording import LANGUAGES
from learning.printing import documents
from learning.programmes.models import Programme
from learning.releases.models import OfferedProgramme

bp = Blueprint("printing_desk", __name__, url_prefix="/manage/<organiser>")

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
    return render_template("printing/printing.html", form=RowForm(), **page)


@bp.get("/programmes/<slug>/share")
def share(organiser: str, slug: str) -> ResponseReturnValue:
    """The public address with its QR code and picture, and what to paste on another site."""
    desk, programme = enter_programme(organiser, slug)
    released = db.session.get(OfferedProgramme, programme.id) is not None
    domain = desk.organiser.domain or "" if desk.organiser.domain_seen_at else ""
    addresses = {lang: absolute("site.programme", domain=domain, slug=slug, lang=lang) for lang in LANGUAGES}
    page = {"desk": desk, "programme": programme, "released": released, "addresses": addresses}
    page["snippets"] = _snippets(programme, addresses["nl"], absolute("site.embed_script", domain=domain))
    return render_template("printing/share.html", **page)


def _snippets(programme: Programme, address: str, script: str) -> list[tuple[str, str, str]]:
    """What to paste on another site: a name, in words, and the HTML."""
    title = str(escape(programme.title.pick("nl")))
    link = f'<p><a href="{address}">{title}</a></p>'
    inside = f'data-programme="{programme.slug}" data-lang="nl" data-title="{title}"'
    source = f"{address}/embed?view=list"
    frame = f'<iframe src="{source}" title="{title}" width="100%" height="900" loading="lazy"></iframe>'
    table, listed = (
        f'{link}\n<script src="{script}" data-view="{view}" {inside} async></script>'
        for view in ("grid", "list")
    )
    return [
        ("table", _("As a table of rooms and rounds"), table),
        ("list", _("As a list"), listed),
        ("frame", _("As a frame, where scripts are not allowed"), frame),
    ]


@bp.post(f"/programmes/<slug>/print/{KIND}-{LANG}")
def ask_print(organiser: str, slug: str, kind: str, language: str) -> ResponseReturnValue:
    """Ask for a document of the last release."""
    desk, programme = enter_programme(organiser, slug)
    if db.session.get(OfferedProgramme, programme.id) is None:
        not_found()
    documents.ask(programme.id, kind, language, now=clock.now())
    flash(_("It is being made. Look again in a moment."), "ok")
    return redirect(url_for("printing_desk.printing", **desk.at))


@bp.get(f"/programmes/<slug>/print/{KIND}-{LANG}.pdf")
def printed(organiser: str, slug: str, kind: str, language: str) -> ResponseReturnValue:
    """The document."""
    _desk, programme = enter_programme(organiser, slug)
    found = documents.newest(programme.id, kind, language)
    file = db.session.get(StoredFile, found.file_id) if found and found.file_id else None
    if file is None:
        not_found()
    return send_file(
        path_of(file), mimetype=file.media_type, download_name=file.name, as_attachment=True, max_age=0
    )
