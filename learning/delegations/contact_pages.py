"""Pages about contacts: ending and handing over at the desk, and what contacts of a city do for each other."""

from collections.abc import Sequence

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.delegations import contacts, queries
from learning.delegations.contact_forms import ColleagueForm, HandOverForm
from learning.delegations.forms import GoForm
from learning.delegations.manage import bp as desk
from learning.delegations.models import Delegation
from learning.delegations.views import bp as city
from learning.kit import clock
from learning.kit.access import not_found, require, require_account
from learning.kit.errors import Refusal
from learning.organisations.models import Organiser
from learning.people.contacts import appoint, contacts_of, invite
from learning.people.models import Account, Contact
from learning.people.permissions import can_share, organiser_for


def _enter(organiser: str, id: int) -> tuple[Account, Organiser, Contact]:
    """Let editors and admins in; 404 for strangers and for what is not theirs, 403 for other staff."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    contact = contacts.contact_at_desk(account, owner, id)
    require(can_share(account, owner.id))
    return account, owner, contact


@desk.post("/contacts/<int:id>/ending")
def end_contact(organiser: str, id: int) -> ResponseReturnValue:
    """Somebody does not speak for the organisation any more."""
    account, _owner, contact = _enter(organiser, id)
    form = GoForm()
    if form.submitted():
        try:
            contacts.end(contact, by=account, now=clock.now())
            flash(_("%(name)s is no contact any more.", name=contact.person.name), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("planning_desk.shared_row", organiser=organiser, thing="contacts", id=id))


@desk.route("/contacts/<int:id>/hand-over", methods=["GET", "POST"])
def hand_over_contact(organiser: str, id: int) -> ResponseReturnValue:
    """Another contact of the same organisation takes over."""
    account, owner, contact = _enter(organiser, id)
    form, others = _hand_over_form([contact])
    back = url_for("planning_desk.shared_row", organiser=organiser, thing="contacts", id=id)
    if form.submitted():
        with form.refusals(back):
            _hand_over(form, [contact], others, account)
            return redirect(back)
    page = {"organiser": owner, "contact": contact, "form": form, "rows": contacts.delegations_of(contact), "back": back}
    return render_template("delegations/hand_over_desk.html", **page), form.status


@city.get("/<any(nl, en):lang>/delegations/<int:id>/contacts")
def colleagues(id: int) -> ResponseReturnValue:
    """Who speaks for the organisation of this delegation."""
    account, delegation, mine = _own(id)
    return _colleagues(account, delegation, mine, _colleague_form())


@city.post("/<any(nl, en):lang>/delegations/<int:id>/contacts")
def add_colleague(id: int) -> ResponseReturnValue:
    """Somebody else speaks for it too, and is told by mail."""
    account, delegation, mine = _own(id)
    form = _colleague_form()
    back = url_for("delegations.colleagues", id=id)
    if form.submitted():
        with form.refusals(back):
            who = (delegation.organisation, form.name.data, form.mail.data)
            contact = appoint(*who, language=form.language.data, by=account, now=clock.now())
            flash(_("%(name)s gets an invitation by mail.", name=contact.person.name), "ok")
            return redirect(back)
    return _colleagues(account, delegation, mine, form)


@city.post("/<any(nl, en):lang>/delegations/<int:id>/contacts/<int:contact_id>/invitation")
def invite_colleague(id: int, contact_id: int) -> ResponseReturnValue:
    """The invitation is mailed again."""
    account, delegation, _mine = _own(id)
    contact = next((row for row in contacts_of(delegation.organisation_id) if row.id == contact_id), None)
    if contact is None:
        not_found()
    form = GoForm()
    if form.submitted():
        try:
            invite(contact, by=account, now=clock.now())
            flash(_("%(name)s gets an invitation by mail.", name=contact.person.name), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("delegations.colleagues", id=id))


@city.route("/<any(nl, en):lang>/delegations/<int:id>/contacts/hand-over", methods=["GET", "POST"])
def hand_over(id: int) -> ResponseReturnValue:
    """A colleague takes over one's own delegations of this organisation."""
    account, delegation, mine = _own(id)
    form, others = _hand_over_form(mine)
    if form.submitted():
        with form.refusals(url_for("people.home")):
            _hand_over(form, mine, others, account)
            return redirect(url_for("people.home"))
    rows = [row for contact in mine for row in contacts.delegations_of(contact)]
    page = {"delegation": delegation, "form": form, "rows": rows, "back": url_for("delegations.colleagues", id=id)}
    return render_template("delegations/hand_over.html", **page), form.status


def _own(id: int) -> tuple[Account, Delegation, list[Contact]]:
    """The delegation, for a confirmed contact of its organisation; else 404."""
    account = require_account()
    delegation = queries.delegation_for(account, id)
    mine = contacts.my_contacts(account, delegation.organisation_id)
    require(True)
    g.organiser = delegation.programme.organiser
    return account, delegation, mine


def _colleague_form() -> ColleagueForm:
    return ColleagueForm(data={"language": g.lang})


def _colleagues(account: Account, delegation: Delegation, mine: list[Contact], form: ColleagueForm) -> ResponseReturnValue:
    rows, ids = contacts_of(delegation.organisation_id), {row.id for row in mine}
    page = {"delegation": delegation, "rows": rows, "mine": ids, "form": form, "button": GoForm(formdata=None)}
    return render_template("delegations/colleagues.html", **page), form.status


def _hand_over_form(olds: Sequence[Contact]) -> tuple[HandOverForm, list[Contact]]:
    """The form, and the contacts of the same organisation that one can choose."""
    ids = {old.id for old in olds}
    others = [row for row in contacts_of(olds[0].organisation_id) if row.id not in ids]
    form = HandOverForm()
    form.to.offer([(row.id, f"{row.person.name} ({row.person.mail})") for row in others], empty=_("somebody new"))
    return form, others


def _hand_over(form: HandOverForm, olds: Sequence[Contact], others: list[Contact], account: Account) -> None:
    """Carry out what the form says, and say so."""
    to = next((row for row in others if row.id == form.to.value), None)
    who = {"name": form.name.data or "", "mail": form.mail.data or ""} if to is None else {}
    new = contacts.hand_over(olds, to, **who, by=account, now=clock.now())
    flash(_("%(name)s is contact person now. Both get a mail.", name=new.person.name), "ok")
