"""Pages on which a city registers: the form for everybody, and the link that confirms an address."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.delegations import asking, joining, queries, standing
from learning.delegations.forms import CityForm, GoForm
from learning.delegations.models import Delegation, DelegationRequest
from learning.delegations.views import bp, in_words
from learning.kit import clock
from learning.kit.access import allow_anyone, viewer
from learning.kit.errors import Refusal
from learning.organisations.models import Organisation, Organiser
from learning.organisations.municipalities import Municipality, ended_municipality, municipality_named
from learning.organisations.queries import find_city, organisation_offered, suggestions
from learning.people import entering
from learning.people.models import Account
from learning.people.tries import gates_of, give_back, guess_gate, take_mail, take_turn
from learning.prices.codes import discount_for, has_codes
from learning.prices.queries import price_for, price_words
from learning.prices.rules import Agreed
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import current_picture, organiser_by_slug, picture_by_slug


@dataclass
class Shown:
    """What the page shows of the city that was typed."""

    city: Organisation | Municipality | None = None
    price: Agreed | None = None
    words: str = ""
    near: tuple[str, ...] = ()


@bp.route("/<any(nl, en):lang>/programmes/<slug>/delegation", methods=["GET", "POST"])
def register(slug: str) -> ResponseReturnValue:
    """A city registers: first which one, then its price with the reason, then agreed.

    Who is not signed in confirms by mail.
    """
    picture = picture_by_slug(slug)
    allow_anyone()
    g.organiser = organiser = organiser_by_slug(picture.organiser)
    account, now = viewer(), clock.now()
    try:
        with in_words():
            joining.check_open(picture, now=now)
    except Refusal as refusal:
        page = {"picture": picture, "words": _(refusal.message, **refusal.values), "code": refusal.code}
        return render_template("attendance/closed.html", **page), 409
    form = _form(picture, account)
    shown = Shown()
    if form.submitted() and _look(form, shown, picture, organiser, account, now) and _may_send(form, account):
        with (
            form.refusals(url_for("people.home") if account else url_for("delegations.asked", slug=slug)),
            in_words(),
        ):
            return _send(form, shown, picture, account, now)
    if form.city.errors:
        shown.city, shown.words = None, ""
    offered = organisation_offered(organiser.id, account.mail) if account and not form.city.data else None
    page = {
        "picture": picture,
        "form": form,
        "account": account,
        "offered": offered,
        "left": joining.places_left(picture),
    }
    return render_template("delegations/register.html", **page, **vars(shown)), form.status, form.headers


@bp.get("/<any(nl, en):lang>/programmes/<slug>/delegation/sent")
def asked(slug: str) -> ResponseReturnValue:
    """Look in your mail: the same for every address."""
    picture = picture_by_slug(slug)
    allow_anyone()
    g.organiser = organiser_by_slug(picture.organiser)
    return render_template("delegations/asked.html", picture=picture)


@bp.route("/<any(nl, en):lang>/confirmations/<token>/delegation", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the mail address: a button, and the button makes the request count.

    Opening it alone does nothing.
    """
    row = standing.request_by_token(token)
    allow_anyone()
    g.organiser = row.organiser
    form, now = GoForm(), clock.now()
    if form.submitted():
        confirmed = None
        with form.refusals(url_for("delegations.confirm", token=token)), in_words():
            confirmed = asking.confirm(
                row, page=lambda made: url_for("delegations.show", id=made.id), now=now
            )
        if confirmed is not None:
            return _enter(confirmed, row)
    elif asking.is_lapsed(row, now=now):
        form.status = 409
    page = {
        "row": row,
        "form": form,
        "picture": current_picture(row.programme_id),
        "price": queries.paid_words(row),
    }
    return render_template(
        "delegations/confirm.html", **page, lapsed=asking.is_lapsed(row, now=now)
    ), form.status


def _form(picture: ProgrammePicture, account: Account | None) -> CityForm:
    """The form for this programme, filled in with what is known of who is signed in."""
    form = CityForm()
    limits = {"seats_min": picture.seats_min, "seats_max": picture.seats_max}
    form.fit(
        **limits,
        code=has_codes(picture),
        conditions=bool(picture.conditions_version),
        known=account is not None,
    )
    if not form.is_submitted():
        form.name.data = account.name if account else ""
        form.city.data = request.args.get("city", "")[:160]
    return form


def _look(
    form: CityForm,
    shown: Shown,
    picture: ProgrammePicture,
    organiser: Organiser,
    account: Account | None,
    now: datetime,
) -> bool:
    """Find the city and its price; True when exactly that was on the page and is agreed with.

    Looking is counted.
    """
    typed = (form.code.data or "") if form.code is not None else ""
    if not _within_bounds(form, "price", account) or (typed and not _within_bounds(form, "code", account)):
        return False
    today = clock.local(now).date()
    shown.city = find_city(organiser.id, form.city.data or "") or municipality_named(
        form.city.data or "", today
    )
    if shown.city is None:
        shown.near = tuple(suggestions(organiser.id, form.city.data or ""))
        form.city.errors = [_unknown_city(form.city.data or "", today)]
        form.status = 422
        return False
    try:
        code = discount_for(picture, typed, today)
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    if code is not None:
        give_back(guess_gate("code", account, request.remote_addr))
    shown.price = price_for(
        picture, shown.city if isinstance(shown.city, Organisation) else None, code, now=now
    )
    most = form.most(picture.seats_max)
    shown.words = price_words(shown.price, g.lang, seats=most) or _("The price is not known yet.")
    on_page = f"{shown.city.name}|{most}|{picture.conditions_version}|{shown.words}"
    return form.accepted(on_page, priced=shown.price is not None)


def _send(
    form: CityForm, shown: Shown, picture: ProgrammePicture, account: Account | None, now: datetime
) -> ResponseReturnValue:
    """Register at once who is signed in; mail everybody else a link."""
    if shown.city is None:
        raise RuntimeError("nothing is sent without a city")
    values = {
        "name": form.name.data,
        "price": shown.price,
        "seats": form.most(picture.seats_max),
        "language": g.lang,
    }
    values |= {"order_ref": form.order_ref.data or ""}
    if account is None:
        take_mail(entering.asker(form.mail.data), now=now)
        asking.ask(picture, shown.city, mail=form.mail.data, **values, now=now)
        return redirect(url_for("delegations.asked", slug=picture.slug))
    delegation = joining.register_delegation(picture, shown.city, account=account, **values, now=now)
    flash(_registered(delegation), "ok")
    return redirect(url_for("delegations.show", id=delegation.id))


def _enter(confirmed: asking.Confirmed, row: DelegationRequest) -> ResponseReturnValue:
    """To the page of the delegation: at once for who is signed
    in, by a button for a new account, else by signing in.
    """
    account = viewer()
    if confirmed.token is not None or (account is not None and account.mail_key == row.mail_key):
        flash(_registered(confirmed.delegation), "ok")
    if confirmed.token is not None:
        return redirect(url_for("people.sign_in_link", token=confirmed.token))
    return redirect(url_for("delegations.show", id=confirmed.delegation.id))


def _registered(delegation: Delegation) -> str:
    """What was done, in words."""
    if delegation.waiting_at is not None:
        return _("Your city is in the line.")
    return (
        _("Your city is registered.")
        if delegation.held_at is not None
        else _("Your request is with the organiser.")
    )


def _may_send(form: CityForm, account: Account | None) -> bool:
    """Count one sending, for the address to which a mail
    goes; False when it must wait, half a minute at most.
    """
    try:
        take_turn(
            *gates_of("delegation", entering.asker(account.mail if account else form.mail.data or "")),
            now=clock.now(),
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _within_bounds(form: CityForm, purpose: str, account: Account | None) -> bool:
    """Count this try; False when it must wait, half a minute
    at most: then the form says so and keeps what was typed.
    """
    try:
        take_turn(guess_gate(purpose, account, request.remote_addr), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _unknown_city(typed: str, today: date) -> str:
    """What to say of a city that we do not know: perhaps it is part of another one by now."""
    ended = ended_municipality(typed, today)
    if ended is None or ended.until_on is None:
        return _("We do not know this city. Check the spelling, or ask the organiser to add it.")
    day = format_date(ended.until_on, "d MMMM y", locale=g.lang)
    words = _("%(city)s is no municipality of its own since %(day)s. Enter the one that it is part of now.")
    return words % {"city": ended.name, "day": day}
