"""Pages of a city's contact person: registering, and who goes to which meeting."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from learning.attendance.emails import meeting_words, moment_words
from learning.attendance.queries import registration_by_token
from learning.delegations import actions, board, joining, passing_on, queries, substituting
from learning.delegations.forms import WORDS, AnswerForm, GoForm, NominationForm, PasteForm, ReferenceForm
from learning.delegations.models import Delegation, Nomination
from learning.delegations.permissions import can_act, can_look, can_nominate, can_refer, is_staff
from learning.delegations.rules import still_wished
from learning.desk.reading import at_desk_by_id
from learning.kit import clock
from learning.kit.access import allow_anyone, found, not_found, require, require_account
from learning.kit.errors import Refusal
from learning.kit.forms import Form
from learning.kit.installation import of
from learning.kit.wording import LANGUAGES, N_
from learning.people.models import Account
from learning.releases.queries import current_picture

bp = Blueprint("delegations", __name__)


@bp.get("/<any(nl, en):lang>/delegations/<int:id>")
def show(id: int) -> ResponseReturnValue:
    """The delegation: its meetings with names, and who went when."""
    account = require_account()
    delegation = found(queries.delegation_for(account, id))
    g.organiser = delegation.organiser
    now = clock.now()
    price = queries.paid_words(delegation)
    page: dict[str, Any] = {
        "staff": is_staff(account, delegation),
        "line": queries.number_in_line(delegation),
    }
    page |= {"board": board.delegation_board(delegation, now=now), "words": WORDS, "price": price}
    page |= {
        "form": GoForm(),
        "mix": _mix,
        "contact": queries.is_contact(account, delegation.organisation_id),
    }
    page["conditions"] = queries.conditions_of(delegation)
    page |= {
        "acts": can_act(account, delegation),
        "refers": can_refer(account, delegation),
        "confirmed": can_nominate(delegation),
    }
    page["cards"] = [card for give in of(current_app).hooks.delegation_cards for card in give(delegation)]
    return render_template(
        "delegations/show.html", **page, deadline=_deadline, can=page["acts"] and page["confirmed"]
    )


def _mix(wished: tuple[str, ...], row: board.MeetingBoard) -> str:
    """On whose behalf nobody comes yet to a meeting, of what
    the programme wishes; in words, empty when it is complete.
    """
    there: list[str] = []
    for lang in LANGUAGES:
        with force_locale(lang):
            there += [str(WORDS.get(nomination.capacity, nomination.capacity)) for nomination in row.running]
    return ", ".join(still_wished(wished, there))


@bp.route(
    "/<any(nl, en):lang>/delegations/<int:id>/meetings/<int:meeting_id>/nominations", methods=["GET", "POST"]
)
def nominate(id: int, meeting_id: int) -> ResponseReturnValue:
    """Name somebody for a meeting."""
    account = require_account()
    delegation = queries.delegation_for(account, id)
    require(can_act(account, delegation))
    form = NominationForm()
    back = url_for("delegations.show", id=id)
    colleagues = queries.recent_colleagues(account, delegation, meeting_id)
    known = next((person for person in colleagues if str(person.id) == request.args.get("person")), None)
    if known is not None and not form.is_submitted():
        form.name.data, form.mail.data = known.name, known.mail
    if form.submitted():
        with form.refusals(back), in_words():
            nomination = actions.nominate(
                delegation,
                meeting_id,
                name=form.name.data,
                mail=form.mail.data,
                capacity=form.meant,
                by=account,
                now=clock.now(),
                late=is_staff(account, delegation),
            )
            flash(_("%(name)s gets an invitation by mail.", name=nomination.person.name), "ok")
            return redirect(back)
    return _meeting_page("delegations/nominate.html", delegation, meeting_id, form, colleagues=colleagues)


@bp.route("/<any(nl, en):lang>/delegations/<int:id>/meetings/<int:meeting_id>/lines", methods=["GET", "POST"])
def paste(id: int, meeting_id: int) -> ResponseReturnValue:
    """Name several people at once, as lines out of a spreadsheet
    or a mail; what was read is shown before anybody is mailed.
    """
    account = require_account()
    delegation = queries.delegation_for(account, id)
    require(can_act(account, delegation))
    form, people = PasteForm(), []
    back = url_for("delegations.show", id=id)
    if form.submitted():
        people = form.people()
        missing = [line.name or line.mail for line in people if not line.name or not line.mail]
        if not people or missing:
            words = _("No name with a mail address was found.")
            if missing:
                words = _("A name or mail address is missing: %(lines)s.", lines=", ".join(missing))
            form.lines.errors, form.status = [words], 422
        elif request.form.get("sure"):
            with form.refusals(back), in_words():
                who = [(line.name, line.mail, line.capacity) for line in people]
                made = actions.nominate_all(delegation, meeting_id, who, by=account, now=clock.now())
                flash(_invited(len(made)), "ok")
                return redirect(back)
    return _meeting_page("delegations/paste.html", delegation, meeting_id, form, people=people, words=WORDS)


@bp.post("/<any(nl, en):lang>/delegations/<int:id>/meetings/<int:meeting_id>/team/<int:from_id>")
def repeat(id: int, meeting_id: int, from_id: int) -> ResponseReturnValue:
    """The team of an earlier meeting comes to this one too."""
    account = require_account()
    delegation = queries.delegation_for(account, id)
    require(can_act(account, delegation))
    back = url_for("delegations.show", id=id)
    form = GoForm()
    if form.submitted():
        try:
            with in_words():
                made = actions.repeat_team(delegation, from_id, meeting_id, by=account, now=clock.now())
            flash(_invited(len(made)), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(back)


@bp.route("/<any(nl, en):lang>/registrations/<token>/invitations", methods=["GET", "POST"])
def invitations(token: str) -> ResponseReturnValue:
    """Who is sent says whether they come, and what they need; behind the secret link of the mail."""
    registration = registration_by_token(token)
    allow_anyone()
    g.organiser = registration.organiser
    rows, now = queries.invitations_of(registration), clock.now()
    form = AnswerForm(obj=registration)
    mine = url_for("schedules.mine", token=token)
    if form.submitted():
        answers = form.answers(nomination.id for nomination, _meeting, _name in rows)
        with form.refusals(mine), in_words():
            needs = {"diet": form.diet.data or "", "access_needs": form.access_needs.data or ""}
            actions.answer_all(registration, answers, **needs, now=now)
            flash(_("Your answer is saved. Thank you!"), "ok")
            return redirect(mine)
    shown = [(row, meeting, name, meeting_words(meeting, g.lang)) for row, meeting, name in rows]
    said = {row.id: True for row, _meeting, _name in rows if row.accepted_at}
    if form.is_submitted():
        said |= form.answers(row.id for row, _meeting, _name in rows)
    page = {"rows": shown, "form": form, "token": token, "now": now, "said": said}
    page["picture"] = current_picture(registration.programme_id)
    return render_template("delegations/invitations.html", **page), form.status


@bp.route("/<any(nl, en):lang>/nominations/<int:id>/substitution", methods=["GET", "POST"])
def substitute(id: int) -> ResponseReturnValue:
    """Somebody else comes instead."""
    account = require_account()
    nomination = _changeable(account, id)
    require(can_act(account, nomination.delegation))
    asks = not is_staff(account, nomination.delegation) and _staff_decide(nomination)
    form = NominationForm()
    back = url_for("delegations.show", id=nomination.delegation_id)
    if not form.is_submitted():
        form.show(nomination.capacity)
    if form.submitted():
        who = {"name": form.name.data, "mail": form.mail.data, "capacity": form.meant}
        with form.refusals(back), in_words():
            if asks:
                substituting.ask_substitute(nomination, **who, by=account, now=clock.now())
                flash(
                    _("The organiser says yes or no to %(name)s; you get a mail.", name=form.name.data), "ok"
                )
                return redirect(back)
            late = is_staff(account, nomination.delegation)
            new = substituting.substitute(nomination, **who, by=account, now=clock.now(), late=late)
            flash(_("%(name)s comes instead. Both get a mail.", name=new.person.name), "ok")
            return redirect(back)
    page = {"asks": asks}
    return _meeting_page(
        "delegations/substitute.html", nomination.delegation, nomination.meeting_id, form, nomination, **page
    )


@bp.route("/<any(nl, en):lang>/nominations/<int:id>/withdrawal", methods=["GET", "POST"])
def withdraw(id: int) -> ResponseReturnValue:
    """Nobody comes on this place."""
    account = require_account()
    nomination = _changeable(account, id)
    require(can_act(account, nomination.delegation))
    form = GoForm()
    back = url_for("delegations.show", id=nomination.delegation_id)
    if form.submitted():
        with form.refusals(back), in_words():
            late = is_staff(account, nomination.delegation)
            actions.withdraw_nomination(nomination, by=account, now=clock.now(), late=late)
            flash(_("%(name)s is not sent any more.", name=nomination.person.name), "ok")
            return redirect(back)
    return _meeting_page(
        "delegations/withdraw.html", nomination.delegation, nomination.meeting_id, form, nomination
    )


def _staff_decide(nomination: Nomination) -> bool:
    """The deadline for names is over, and staff say yes to each substitute."""
    picture = current_picture(nomination.programme_id)
    return picture is not None and substituting.staff_decide(picture, nomination.meeting_id, now=clock.now())


SEATS = {
    "give": (passing_on.give_back, N_("You gave a place back for this meeting.")),
    "take": (passing_on.take_back, N_("The place is yours again.")),
    "ask": (passing_on.ask, N_("You asked for one more place. You get a mail as soon as there is one.")),
}


@bp.post("/<any(nl, en):lang>/delegations/<int:id>/meetings/<int:meeting_id>/seats")
def move_seat(id: int, meeting_id: int) -> ResponseReturnValue:
    """A seat is given back, taken back, or asked for."""
    account = require_account()
    delegation = queries.delegation_for(account, id)
    require(can_act(account, delegation))
    form, do = GoForm(), request.form.get("do", "")
    if form.submitted():
        try:
            with in_words():
                if do in SEATS:
                    action, words = SEATS[do]
                    got = passing_on.got(id, meeting_id)
                    action(delegation, meeting_id, by=account, now=clock.now())
                    at_once = do == "ask" and passing_on.got(id, meeting_id) > got
                    flash(_("There was a place: it is yours now.") if at_once else _(words), "ok")
                elif do == "stop":
                    passing_on.stop_asking(delegation, meeting_id, by=account, now=clock.now())
                    flash(_("You do not ask for a place any more."), "ok")
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("delegations.show", id=id))


@bp.route("/<any(nl, en):lang>/delegations/<int:id>/reference", methods=["GET", "POST"])
def reference(id: int) -> ResponseReturnValue:
    """The purchase-order number, or the words by which the organisation recognises its invoice."""
    account = require_account()
    delegation = queries.referred_delegation(account, id)
    require(can_refer(account, delegation))
    g.organiser = delegation.organiser
    form = ReferenceForm(obj=delegation)
    at = {"organiser": g.organiser.slug, "slug": at_desk_by_id(delegation.programme_id).slug}
    looks = can_look(account, delegation)
    back = url_for("delegations.show", id=id) if looks else url_for("delegations_desk.delegations", **at)
    if form.submitted():
        with form.refusals(back):
            values = {"order_ref": form.order_ref.data or "", "buyer_ref": form.buyer_ref.data or ""}
            actions.set_reference(delegation, **values, by=account, now=clock.now())
            flash(_("The reference is saved. It stands on invoices that are made from now on."), "ok")
            return redirect(back)
    return render_template(
        "delegations/reference.html", delegation=delegation, form=form, back=back
    ), form.status


@bp.post("/<any(nl, en):lang>/delegations/<int:id>/withdrawal")
def take_back(id: int) -> ResponseReturnValue:
    """The request, or the place in the line, is given up."""
    account = require_account()
    delegation = queries.delegation_for(account, id)
    require(can_act(account, delegation))
    form = GoForm()
    if form.submitted():
        try:
            joining.take_back(delegation, by=account, now=clock.now())
            flash(_("The request is taken back."), "ok")
            return redirect(url_for("people.home"))
        except Refusal as refusal:
            flash(_(refusal.message, **refusal.values), "warn")
    return redirect(url_for("delegations.show", id=id))


def _invited(count: int) -> str:
    return ngettext(
        "%(num)d person gets an invitation by mail.", "%(num)d people get an invitation by mail.", count
    )


def _changeable(account: Account, id: int) -> Nomination:
    """The nomination; an ended one has no page, but a form sent twice is still answered."""
    nomination = queries.nomination_for(account, id)
    if nomination.ended_at is not None and request.method != "POST":
        not_found()
    return nomination


def _meeting_page(
    template: str,
    delegation: Delegation,
    meeting_id: int,
    form: Form,
    nomination: Nomination | None = None,
    **more: Any,
) -> ResponseReturnValue:
    """A page about one meeting of a delegation."""
    picture = current_picture(delegation.programme_id)
    meeting = picture.meeting.get(meeting_id) if picture else None
    if picture is None or meeting is None:
        not_found()
    g.organiser = delegation.organiser
    page = {
        "delegation": delegation,
        "picture": picture,
        "meeting": meeting,
        "form": form,
        "nomination": nomination,
    }
    page |= {
        "when": meeting_words(meeting, g.lang),
        "deadline": _deadline(meeting.nominations_close_at),
    } | more
    return render_template(template, **page), form.status


def _deadline(moment: datetime | None) -> str:
    return moment_words(moment, g.lang) if moment else ""


@contextmanager
def in_words() -> Iterator[None]:
    """Moments in a Refusal become words in the language of the page."""
    try:
        yield
    except Refusal as refusal:
        values = {
            key: moment_words(value, g.lang) if isinstance(value, datetime) else value
            for key, value in refusal.values.items()
        }
        raise Refusal(refusal.code, refusal.message, refusal.field, **values) from refusal
