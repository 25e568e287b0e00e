"""Forms of everything that staff edit: meetings, blocks, sessions, venues, rooms, speakers and the rest."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.kit.money import euro
from learning.people.permissions import can_correct_billing, can_edit, can_see_plans, can_share, organiser_for
from learning.programmes import desk as reading
from learning.programmes import editing, removing
from learning.programmes.forms import (
    BlockForm,
    CodeForm,
    DeskForm,
    MeetingForm,
    ModuleForm,
    OrganisationForm,
    PartnershipForm,
    PartyForm,
    RoomForm,
    RowForm,
    SessionForm,
    SpeakerForm,
    SpeakerPhotoForm,
    TariffForm,
    ThemeForm,
    VenueForm,
)
from learning.programmes.manage.besides import besides
from learning.programmes.manage.doors import Desk, bp, differing, enter, enter_organisation, offer, values_of
from learning.programmes.manage.lists import IN_ORGANISER, IN_PROGRAMME, address
from learning.programmes.models import Tariff
from learning.programmes.network_forms import BillingForm, ContactForm, ContactLanguageForm
from learning.programmes.pricing import gross_of
from learning.programmes.things import THINGS, Thing, row_of, rows_of

FORMS: dict[str, type[DeskForm]] = {
    "meetings": MeetingForm,
    "blocks": BlockForm,
    "sessions": SessionForm,
    "modules": ModuleForm,
    "tariffs": TariffForm,
    "codes": CodeForm,
    "parties": PartyForm,
    "venues": VenueForm,
    "rooms": RoomForm,
    "speakers": SpeakerForm,
    "themes": ThemeForm,
    "organisations": OrganisationForm,
    "partnerships": PartnershipForm,
    "contacts": ContactForm,
}
CHANGING = {"contacts": ContactLanguageForm}  # where less can be changed than filled in
EMPTY_LINES = 2  # for more people in a form


@bp.route(IN_PROGRAMME + "/new", methods=["GET", "POST"])
def new_row(organiser: str, slug: str, thing: str) -> ResponseReturnValue:
    """Make one."""
    return _edit(enter(organiser, slug, changing=True), THINGS[thing], None)


@bp.route(IN_ORGANISER + "/new", methods=["GET", "POST"])
def new_shared(organiser: str, thing: str) -> ResponseReturnValue:
    """Make one."""
    return _edit(enter(organiser, changing=True), THINGS[thing], None)


@bp.route(IN_PROGRAMME + "/<int:id>", methods=["GET", "POST"])
def row(organiser: str, slug: str, thing: str, id: int) -> ResponseReturnValue:
    """Change one."""
    return _edit(enter(organiser, slug), THINGS[thing], id)


@bp.route(IN_ORGANISER + "/<int:id>", methods=["GET", "POST"])
def shared_row(organiser: str, thing: str, id: int) -> ResponseReturnValue:
    """Change one."""
    return _edit(enter_organisation(organiser) if thing == "organisations" else enter(organiser), THINGS[thing], id)


@bp.post(IN_PROGRAMME + "/<int:id>/removal")
def remove_row(organiser: str, slug: str, thing: str, id: int) -> ResponseReturnValue:
    """Take one away."""
    return _remove(enter(organiser, slug), THINGS[thing], id)


@bp.post(IN_ORGANISER + "/<int:id>/removal")
def remove_shared(organiser: str, thing: str, id: int) -> ResponseReturnValue:
    """Take one away."""
    return _remove(enter(organiser), THINGS[thing], id)


@bp.get("/removed")
def removed(organiser: str) -> ResponseReturnValue:
    """What was taken away, to bring back."""
    desk = enter(organiser)
    lines = removing.recently(desk.account, desk.organiser.id)
    return render_template("programmes/removed.html", desk=desk, lines=lines, form=RowForm(), local=clock.local)


@bp.post("/removed/<int:id>/restoration")
def restore(organiser: str, id: int) -> ResponseReturnValue:
    """Bring back what was taken away."""
    account = require_account()
    owner = organiser_for(account, organiser)
    gone = removing.removed_for(account, owner.id, id)
    require((can_edit if gone.programme_id else can_share)(account, owner.id))
    try:
        back = removing.restore(owner.id, id, by=account.id, now=clock.now())
        flash(_("“%(name)s” is back.", name=back.words), "ok")
    except Refusal as refusal:
        flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("planning_desk.removed", organiser=organiser))


def _edit(desk: Desk, thing: Thing, id: int | None) -> ResponseReturnValue:
    """The form of one row: shown, or saved."""
    row = row_of(thing, desk.organiser.id, desk.programme, id, desk.account) if id is not None else None
    corrects = thing.key == "organisations" and not desk.edits and can_correct_billing(desk.account, desk.organiser.id)
    form, now = _form(desk, thing, row, BillingForm if corrects else None)
    if form.submitted():
        back = address(desk, thing, id if corrects else None)
        back = url_for("planning_desk.grid", **desk.at) if thing.key == "sessions" else back
        with form.refusals(back):
            saved = editing.save(
                thing,
                desk.organiser.id,
                desk.programme,
                id,
                {**(now if corrects else {}), **values_of(form)},
                seen=form.seen.data or "",
                by=desk.account.id,
                now=clock.now(),
            )
            words = _("“%(name)s” is saved. Visitors see it after the next release.", name=editing.words_of(saved))
            if thing.key in ("organisations", "partnerships", "contacts", "codes"):
                words = _("“%(name)s” is saved.", name=editing.words_of(saved))
            flash(_priced(saved) if thing.key == "tariffs" else words, "ok")
            return redirect((request.form.get("next") == "new" and address(desk, thing, new=True)) or back)
        if row is not None:
            row = row_of(thing, desk.organiser.id, desk.programme, id or 0, desk.account)
            now = reading.shown(row, now)
            form.seen.data = reading.mark(now)
    differs = differing(form, now) if form.status == 409 and row is not None else {}
    uses = reading.uses_of(row) if row is not None and desk.edits else []
    page = {"desk": desk, "thing": thing, "form": form, "row": row, "differs": differs, "uses": uses}
    page |= {"programme": desk.programme, "address": address, "taken": _taken(thing, row), "names": _names(desk, thing)}
    page |= besides(desk, thing, row) | {"corrects": corrects, "lists": can_see_plans(desk.account, desk.organiser.id)}
    page["photo_form"] = _photo_form(row) if thing.key == "speakers" and row is not None and desk.edits else None
    return render_template("programmes/edit.html", **page), form.status


def _priced(tariff: Tariff) -> str:
    """The price as it was read, and what is still needed before it can be invoiced."""
    net, gross = (euro(amount, g.lang) for amount in (tariff.amount, gross_of(tariff)))
    if tariff.vat_category is None:
        return _("%(net)s excluding VAT. VAT is not known yet: one can register, and no invoice can be made.", net=net)
    words = _("%(net)s excluding VAT, %(gross)s including VAT.", net=net, gross=gross)
    return f"{words} {_('Visitors see it after the next release.')}"


def _photo_form(speaker: Any) -> SpeakerPhotoForm:
    """The photo's own form: a file that is refused loses nothing that was typed in the other."""
    return SpeakerPhotoForm(formdata=None, data={"alt_nl": speaker.photo_alt.nl, "alt_en": speaker.photo_alt.en})


def _form(desk: Desk, thing: Thing, row: Any, part: type[DeskForm] | None = None) -> tuple[DeskForm, dict[str, Any]]:
    """The form of a row, or a part of it, filled with what the row says; and all that it says."""
    whole = FORMS[thing.key] if row is None else CHANGING.get(thing.key, FORMS[thing.key])
    make = part or whole
    names = [name for name in whole(formdata=None)._fields if name not in reading.SKIPPED]
    now = reading.shown(row, names) if row is not None else {}
    data = now or {name: request.args[name] for name in names if name in request.args}
    form = make(data=data)
    offer(desk, form)
    if not form.is_submitted():
        form.seen.data = reading.mark(now)
        if "parts" in form:
            for _n in range(EMPTY_LINES):
                form["parts"].append_entry()
    return form, now


def _names(desk: Desk, thing: Thing) -> list[str]:
    """The names of speakers to choose from while typing."""
    if thing.key not in ("sessions", "blocks"):
        return []
    return sorted({speaker.name for speaker in rows_of(THINGS["speakers"], desk.organiser.id, None)})


def _taken(thing: Thing, row: Any) -> int:
    return reading.taken_in([row.id]) if thing.key == "sessions" and row is not None else 0


def _remove(desk: Desk, thing: Thing, id: int) -> ResponseReturnValue:
    row = row_of(thing, desk.organiser.id, desk.programme, id, desk.account)
    form = RowForm()
    if form.submitted():
        with form.refusals(address(desk, thing)):
            gone = removing.remove(desk.organiser.id, desk.programme, row, by=desk.account.id, now=clock.now())
            flash(_("“%(name)s” is taken away. You can bring it back under “Taken away”.", name=gone.words), "ok")
            return redirect(address(desk, thing))
    for words in form.form_errors:
        flash(words, "warn")
    return redirect(address(desk, thing, id))
