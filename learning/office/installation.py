"""The owners' pages: how the machine does, organisers, owners, and mails that did not go out."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from learning.kit import clock
from learning.kit.forms import id_of
from learning.kit.wording import Wording
from learning.office import actions, organisers, queries
from learning.office.forms import AddOrganiserForm, AddOwnerForm, ButtonForm, CloseForm, RetryForm
from learning.office.health import look
from learning.office.permissions import require_owner
from learning.office.rules import trouble_of

PATIENCE = 1.5  # seconds that the page waits for the mail server
bp = Blueprint("installation", __name__, url_prefix="/installation")


@bp.get("/")
def state() -> ResponseReturnValue:
    """How everything of the machine stands, and what owners did last."""
    require_owner()
    return _page("state", findings=look(mail_server_within=PATIENCE), trail=queries.trail())


@bp.get("/organisers")
def organiser_list() -> ResponseReturnValue:
    """Every organiser."""
    require_owner()
    return _page("organisers", lines=queries.organiser_lines(), button=ButtonForm())


@bp.route("/organisers/new", methods=["GET", "POST"])
def new_organiser() -> ResponseReturnValue:
    """An organiser, with its first administrator."""
    account = require_owner()
    form = AddOrganiserForm()
    if form.submitted():
        back = url_for("installation.organiser_list")
        who = {
            "admin_name": form.admin_name.data,
            "admin_mail": form.admin_mail.data,
            "language": form.language.data,
        }
        with form.refusals(back):
            made = organisers.add_organiser(
                form.new(form.admin_mail.data), **who, by=account, now=clock.now()
            )
            flash(
                _("%(name)s is made; %(mail)s gets a mail.", name=made.name, mail=form.admin_mail.data), "ok"
            )
            return redirect(back)
    return _page("new_organiser", form=form), form.status


@bp.route("/organisers/<organiser>/closing", methods=["GET", "POST"])
def closing(organiser: str) -> ResponseReturnValue:
    """Close an organiser, with a notice."""
    account = require_owner()
    line = queries.organiser_line(organiser)
    form = CloseForm()
    if form.submitted():
        back = url_for("installation.organiser_list")
        note = Wording(form.closing_nl.data or "", form.closing_en.data or "")
        with form.refusals(back):
            organisers.close_organiser(line.organiser.id, note, by=account, now=clock.now())
            told = ngettext("%(num)d person gets a mail.", "%(num)d people get a mail.", line.staff)
            flash(_("%(name)s is closed.", name=line.organiser.name) + " " + told, "ok")
            return redirect(back)
    return _page("closing", form=form, line=line), form.status


@bp.post("/organisers/<organiser>/opening")
def opening(organiser: str) -> ResponseReturnValue:
    """Open a closed organiser again."""
    account = require_owner()
    line = queries.organiser_line(organiser)
    back = url_for("installation.organiser_list")
    form = ButtonForm()
    if form.submitted():
        with form.refusals(back):
            organisers.reopen_organiser(line.organiser.id, by=account, now=clock.now())
            flash(_("%(name)s is open again.", name=line.organiser.name), "ok")
        for words in form.form_errors:
            flash(words, "warn")
    return redirect(back)


@bp.route("/owners", methods=["GET", "POST"])
def owners() -> ResponseReturnValue:
    """Who owns the installation; adding somebody."""
    account = require_owner()
    form = AddOwnerForm()
    if form.submitted():
        back = url_for("installation.owners")
        who = {"language": form.language.data, "by": account, "now": clock.now()}
        with form.refusals(back):
            owner = actions.add_owner(form.name.data, form.mail.data, **who)
            flash(_("%(mail)s is an owner now and gets a mail.", mail=owner.account.mail), "ok")
            return redirect(back)
    return _page("owners", form=form, owners=queries.owners(), me=account), form.status


@bp.route("/owners/<int:id>/removal", methods=["GET", "POST"])
def removal(id: int) -> ResponseReturnValue:
    """Somebody does not own the installation any more."""
    account = require_owner()
    owner = queries.owner_by_id(id)
    form = ButtonForm()
    if form.submitted():
        myself = owner.account_id == account.id
        back = url_for("people.home", lang=account.language) if myself else url_for("installation.owners")
        with form.refusals(back):
            actions.remove_owner(owner.id, by=account, now=clock.now())
            flash(_("%(mail)s is no owner any more.", mail=owner.account.mail), "ok")
            return redirect(back)
    return _page("removal", form=form, owner=owner, me=account), form.status


@bp.route("/mails", methods=["GET", "POST"])
def mails() -> ResponseReturnValue:
    """Mails that failed or are tried again; trying one or all at once."""
    account = require_owner()
    form = RetryForm()
    rows = queries.troubled_mails()
    if form.submitted():
        back = url_for("installation.mails")
        asked = [queries.mail_by_id(id_of(form.id.data)).id] if form.id.data else [m.id for m, _name in rows]
        with form.refusals(back):
            count = actions.retry_mails(asked, by=account, now=clock.now())
            flash(
                ngettext(
                    "%(num)d mail is tried again at once.", "%(num)d mails are tried again at once.", count
                ),
                "ok",
            )
            return redirect(back)
    return _page("mails", form=form, rows=rows, trouble=trouble_of), form.status


def _page(name: str, **page: Any) -> str:
    items = {
        "state": (_("The machine"), "chart-line"),
        "organiser_list": (_("Organisers"), "building-2"),
        "owners": (_("Owners"), "key-round"),
        "mails": (_("Mails that failed"), "mail"),
    }
    return render_template(f"office/{name}.html", items=items, local=clock.local, **page)
