"""Delegations at the desk: who takes part, how many they send, and confirming new contacts."""

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from learning.attendance.emails import moment_words
from learning.delegations import actions, joining, standing, substituting
from learning.delegations import at_desk as delegations_at_desk
from learning.delegations.forms import WORDS, EndForm, GoForm, LetterForm
from learning.desk.reading import at_desk, at_desk_by_id, meetings_at_desk
from learning.kit import clock
from learning.kit.access import require, require_account
from learning.kit.errors import Refusal
from learning.kit.money import euro
from learning.kit.sheets import XLSX, xlsx_file
from learning.people.permissions import (
    can_bill,
    can_correct_billing,
    can_decide,
    can_see_delegations,
    can_see_people,
    can_set_reference,
    organiser_for,
)
from learning.releases.queries import current_picture

bp = Blueprint("delegations_desk", __name__, url_prefix="/manage/<organiser>")


@bp.get("/programmes/<slug>/delegations")
def delegations(organiser: str, slug: str) -> ResponseReturnValue:
    """The delegations of a programme."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    g.programme = programme = at_desk(account, owner, slug)
    require(can_see_delegations(account, owner.id))
    search = request.args.get("search", "").strip()[:100]
    meetings, released = meetings_at_desk(programme.id), current_picture(programme.id)
    lines = delegations_at_desk.desk_lines(programme.id, [meeting.id for meeting in meetings], search=search)
    totals = {
        meeting.id: (
            sum(line.cells[meeting.id].sent for line in lines),
            sum(line.cells[meeting.id].open for line in lines),
        )
        for meeting in meetings
    }
    page = {
        "organiser": owner,
        "programme": programme,
        "meetings": meetings,
        "released": released,
        "lines": lines,
        "totals": totals,
        "search": search,
        "billing": can_bill(account, owner.id),
        "addresses": can_correct_billing(account, owner.id),
        "refers": can_set_reference(account, owner.id),
        "looks": can_see_people(account, owner.id),
        "edits": can_decide(account, owner.id),
        "substitutes": delegations_at_desk.substitutes_to_decide(programme.id, released, now=clock.now()),
        "unconfirmed": standing.unconfirmed_requests(programme.id, now=clock.now()),
        "moment": lambda moment: moment_words(moment, g.lang),
        "mix": delegations_at_desk.mix_over_cities(programme.id),
        "words": WORDS,
        "euro": lambda amount: euro(amount, g.lang),
    }
    return render_template("delegations/desk.html", **page, form=GoForm())


@bp.get("/programmes/<slug>/delegations.xlsx")
def delegations_xlsx(organiser: str, slug: str) -> ResponseReturnValue:
    """The same matrix as a workbook: for each meeting who is
    sent, who said to come, who declined, and open places.
    """
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    programme = at_desk(account, owner, slug)
    require(can_see_delegations(account, owner.id))
    meetings = meetings_at_desk(programme.id)
    head = [_("Organisation"), _("Contact person"), _("E-mail address"), _("Code"), _("State"), _("Price")]
    for meeting in meetings:
        day = meeting.on.isoformat() if meeting.on else meeting.title.pick(g.lang)
        head += [f"{day} {words}" for words in (_("nominated"), _("said yes"), _("said no"), _("open"))]
    rows: list[list[str | int]] = []
    search = request.args.get("search", "").strip()[:100]
    for line in delegations_at_desk.desk_lines(
        programme.id, [meeting.id for meeting in meetings], search=search
    ):
        row, priced = line.delegation, line.delegation.price_amount is not None
        state = _("Waiting") if row.waiting_at else _("Confirmed") if row.confirmed_at else _("Requested")
        state = state if row.held_at else _("Request, holds no place")
        cells: list[str | int] = [row.title, row.contact.name, row.contact.mail, row.code, state]
        cells.append(euro(row.price_total, g.lang) if priced else "")
        for meeting in meetings:
            cell = line.cells[meeting.id]
            cells += [cell.sent, cell.comes, cell.declined, cell.open]
        rows.append(cells)
    headers = {"Content-Disposition": f'attachment; filename="{programme.slug}-delegations.xlsx"'}
    return Response(xlsx_file([(_("Delegations"), [head, *rows])]), mimetype=XLSX, headers=headers)


@bp.post("/delegations/<int:id>/confirmation")
def confirm(organiser: str, id: int) -> ResponseReturnValue:
    """The contact person is who they say: the delegation counts."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    delegation = delegations_at_desk.delegation_at_desk(account, owner, id)
    require(can_decide(account, owner.id))
    back = url_for(
        "delegations_desk.delegations", organiser=organiser, slug=at_desk_by_id(delegation.programme_id).slug
    )
    form = GoForm()
    if form.submitted():
        try:
            joining.confirm(delegation, by=account, now=clock.now())
            counts = _("%(organisation)s takes part.", organisation=delegation.title)
            waits = _(
                "All places are taken: %(organisation)s is in the line now.", organisation=delegation.title
            )
            flash(waits if delegation.waiting_at else counts, "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(back)


@bp.route("/delegations/<int:id>/ending", methods=["GET", "POST"])
def ending(organiser: str, id: int) -> ResponseReturnValue:
    """Say no to a request, or end a delegation: what that means is shown first."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    delegation = delegations_at_desk.delegation_at_desk(account, owner, id)
    require(can_decide(account, owner.id))
    g.programme = programme = at_desk_by_id(delegation.programme_id)
    back = url_for("delegations_desk.delegations", organiser=organiser, slug=programme.slug)
    form = EndForm()
    if form.submitted():
        reason = "withdrawn" if delegation.confirmed_at else "refused"
        with form.refusals(back):
            joining.end(delegation, reason=reason, words=form.words.data or "", by=account, now=clock.now())
            said_no = _("%(organisation)s takes no part.", organisation=delegation.title)
            ended = _("%(organisation)s takes no part any more.", organisation=delegation.title)
            flash(ended if reason == "withdrawn" else said_no, "ok")
            return redirect(back)
    page = {"organiser": owner, "delegation": delegation, "form": form, "back": back}
    return render_template(
        "delegations/ending.html", **page, coming=delegations_at_desk.still_coming(delegation)
    ), form.status


@bp.post("/substitutes/<int:id>")
def decide(organiser: str, id: int) -> ResponseReturnValue:
    """Yes or no to a substitute after the deadline."""
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    asked = delegations_at_desk.substitute_at_desk(account, owner, id)
    require(can_decide(account, owner.id))
    form, yes = GoForm(), request.form.get("yes") == "1"
    if form.submitted():
        try:
            substituting.decide_substitute(asked, yes=yes, by=account, now=clock.now())
            words = _("%(name)s can come. All get a mail.", name=asked.name)
            if not yes:
                words = _("%(name)s cannot come. The contact person gets a mail.", name=asked.name)
            flash(words, "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    slug = at_desk_by_id(asked.nomination.programme_id).slug
    return redirect(url_for("delegations_desk.delegations", organiser=organiser, slug=slug))


@bp.route("/programmes/<slug>/delegations/letter", methods=["GET", "POST"])
def letter(organiser: str, slug: str) -> ResponseReturnValue:
    """Write to the contact persons of the delegations that
    were chosen; it is read once more before it goes.
    """
    account = require_account()
    g.organiser = owner = organiser_for(account, organiser)
    g.programme = programme = at_desk(account, owner, slug)
    require(can_decide(account, owner.id))
    chosen = {id for id in request.values.getlist("chosen") if id.isascii() and id.isdigit()}
    to = [
        line.delegation
        for line in delegations_at_desk.desk_lines(programme.id, (), search="")
        if str(line.delegation.id) in chosen
    ]
    back = url_for("delegations_desk.delegations", organiser=organiser, slug=slug)
    if not to:
        flash(_("Choose at least one delegation first."), "warn")
        return redirect(back)
    form, read = LetterForm(), False
    if form.submitted():
        read = True
        if request.form.get("sure"):
            with form.refusals(back):
                actions.write_letters(
                    to, form.subject.data, form.text.data, form._key(), by=account, now=clock.now()
                )
                flash(
                    ngettext("%(num)d mail is on its way.", "%(num)d mails are on their way.", len(to)), "ok"
                )
                return redirect(back)
    page = {"organiser": owner, "programme": programme, "form": form, "to": to, "read": read, "back": back}
    return render_template("delegations/letter.html", **page), form.status
