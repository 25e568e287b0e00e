"""The first start: the printed address, opened in a browser."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import allow_anyone
from learning.kit.errors import Refusal
from learning.kit.forms import colour_of
from learning.office import actions, queries
from learning.office.forms import FirstStartForm
from learning.office.organisers import ACCENT, BRAND
from learning.people import entering, passwords

bp = Blueprint("office", __name__)


@bp.route("/<any(nl, en):lang>/first-start/<token>", methods=["GET", "POST"])
def first_start(token: str) -> ResponseReturnValue:
    """Opening it shows the form and uses nothing up; sending it begins, once."""
    allow_anyone()
    now = clock.now()
    form = FirstStartForm()
    sent = form.submitted()  # a second sending of the same form is answered as the first
    try:
        queries.check_token(token, now)
    except Refusal as refusal:
        return _closed(refusal)
    if sent:
        new = form.new(form.mail.data)
        password, desk = form.password.data, url_for("office_desk.beginning", organiser=new.slug)
        with form.refusals(desk):
            password_hash = passwords.hash_password(password) if password else None
            who = actions.Starter(form.name.data, form.mail.data, g.lang, password_hash)
            entering.start_by(lambda: actions.start(token, who, new, now=clock.now())[0])
            flash(_("The door is open: welcome. What comes first stands below."), "ok")
            return redirect(desk)
        if form.status == 409 and not form.slug.errors:  # somebody else was first
            return render_template("office/no_start.html", words=form.form_errors[0], known=True), 409
    return render_template("office/first_start.html", form=form, colours=_colours(form)), form.status


def _closed(refusal: Refusal) -> ResponseReturnValue:
    known = refusal.code != "start_unknown"
    words = _(refusal.message, **refusal.values)
    return render_template("office/no_start.html", words=words, known=known), 409 if known else 404


def _colours(form: FirstStartForm) -> list[str]:
    """The colours of the sample, as an address has them:
    those asked for, those typed, or those to begin with.
    """
    typed = [request.args.get(f.name) or f.data for f in (form.brand_colour, form.accent_colour)]
    known = [colour_of(text or "") for text in typed]
    return [(colour or sane).lstrip("#") for colour, sane in zip(known, (BRAND, ACCENT), strict=True)]
