"""How an organiser shows itself: name, logo, two colours whose contrast is made right, and its own domain."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.desk import reading
from learning.desk.doors import Desk, bp, differing, enter, values_of
from learning.desk.forms import RowForm
from learning.desk.forms_brand import BrandForm, LogoForm
from learning.kit import clock
from learning.kit.access import require
from learning.kit.errors import Refusal
from learning.kit.forms import colour_of
from learning.kit.outside import Prover
from learning.kit.photos import logo
from learning.kit.theme import shade_of
from learning.organisations import actions
from learning.organisations.actions import BRAND
from learning.organisations.proving import FOUND, domain_token, look_again
from learning.people.actions import throttle_uploads
from learning.people.permissions import can_manage


@bp.route("/brand", methods=["GET", "POST"])
def brand(organiser: str) -> ResponseReturnValue:
    """Name, colours and domain: shown with what becomes of the colours, or saved."""
    desk = _enter(organiser)
    now = reading.shown(desk.organiser, BRAND)
    form = BrandForm(data=now | {key: request.args[key] for key in BRAND if key in request.args})
    if not form.is_submitted():
        form.seen.data = reading.mark(now)
    if not request.form.get("look") and form.submitted():
        back = url_for("desk.brand", organiser=organiser)
        was = (
            {name: getattr(desk.organiser, name) for name in BRAND}
            if form.seen.data == reading.mark(now)
            else None
        )
        with form.refusals(back):
            values = values_of(form)
            actions.save_brand(desk.organiser.id, values, was=was, by=desk.account.id, now=clock.now())
            flash(_("Saved. Visitors see it at once."), "ok")
            return redirect(back)
        now = reading.shown(desk.organiser, BRAND)
        form.seen.data = reading.mark(now)
    return _page(desk, form, differing(form, now) if form.status == 409 else {}), form.status


@bp.post("/brand/logo")
def brand_logo(organiser: str) -> ResponseReturnValue:
    """Show another logo, or none."""
    desk = _enter(organiser)
    form = LogoForm()
    if form.submitted():
        sent = form.logo.data
        content = None if request.form.get("remove") else sent.read() if sent else b""
        try:
            png = None
            if content is not None:
                throttle_uploads(f"account {desk.account.id}", now=clock.now())
                png = logo(content)
            actions.set_logo(desk.organiser.id, png, by=desk.account.id, now=clock.now())
            flash(_("The logo is taken away.") if png is None else _("This is your logo now."), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("desk.brand", organiser=organiser) + "#logo")


@bp.post("/brand/domain")
def brand_domain(organiser: str) -> ResponseReturnValue:
    """Let the worker look at the own domain now."""
    desk = _enter(organiser)
    if RowForm().submitted():
        look_again(desk.organiser.id, now=clock.now())
        flash(_("We look within a minute. Reload this page then."), "ok")
    return redirect(url_for("desk.brand", organiser=organiser) + "#domain-head")


def _enter(organiser: str) -> Desk:
    """Let admins of the organiser in."""
    desk = enter(organiser)
    require(can_manage(desk.account, desk.organiser.id))
    return desk


def _page(desk: Desk, form: BrandForm, differs: dict[str, Any]) -> str:
    owner = desk.organiser
    colours = [
        colour_of(form[name].data or "") or getattr(owner, name) for name in ("brand_colour", "accent_colour")
    ]
    page = {"desk": desk, "form": form, "logo_form": LogoForm(formdata=None), "differs": differs}
    page |= {
        "colours": [colour.lstrip("#") for colour in colours],
        "shades": [shade_of(colour) for colour in colours],
    }
    page |= {"token": domain_token(owner), "found": FOUND.get(owner.domain_found, ""), "local": clock.local}
    page |= {"record": f"{Prover.LABEL}.{owner.domain}", "file": f"https://{owner.domain}{Prover.PATH}"}
    page["button"] = RowForm(formdata=None)
    return render_template("desk/brand.html", **page)
