"""Registering for a programme, confirming by mail, withdrawing, and asking to be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.attendance import actions
from learning.attendance import interest as attendance_interest
from learning.attendance import queries as attendance_queries
from learning.attendance.emails import meeting_words, moment_words
from learning.attendance.forms import GoForm, InterestForm, RegisterForm
from learning.attendance.models import Registration
from learning.attendance.tokens import own_token
from learning.kit import clock
from learning.kit.access import allow_anyone, viewer
from learning.kit.errors import Refusal
from learning.kit.forms import Form
from learning.kit.wording import N_
from learning.organisations.queries import find_city, organisation_offered
from learning.organisations.rules import check_not_closed
from learning.people import entering
from learning.people.models import Account
from learning.people.rules import mail_key
from learning.people.tries import gates_of, give_back, guess_gate, take_mail, take_turn
from learning.prices import queries
from learning.prices.codes import discount_for, has_codes
from learning.prices.rules import Discount
from learning.releases.picture import ProgrammePicture
from learning.releases.queries import picture_by_slug

bp = Blueprint("attendance", __name__)


@bp.route("/<any(nl, en):lang>/programmes/<slug>/registration", methods=["GET", "POST"])
def register(slug: str) -> ResponseReturnValue:
    """A person registers for a programme."""
    picture = _programme(slug)
    now = clock.now()
    try:
        with _in_words():
            actions.check_open(picture, now=now)
            _check_room(picture)
    except Refusal as refusal:
        return _closed(picture, refusal)
    form = RegisterForm()
    account = viewer()
    form.leave_out(code=not has_codes(picture), conditions=not picture.conditions_version)
    offered = None
    if account is not None and not form.is_submitted():
        form.name.data, form.mail.data = account.name, account.mail
        offered = organisation_offered(g.organiser.id, account.mail)
        form.affiliation.data = request.args.get("organisation", "")[:160]
    right = form.submitted()
    counted = not form.is_submitted() or _may_look(form, account)
    organisation = find_city(g.organiser.id, form.affiliation.data or "") if counted else None
    organisation_id = organisation.id if organisation is not None else None
    code, bad_code = _code(form, picture, now) if counted else (None, None)
    price = queries.price_for(picture, organisation, code, now=now)
    price_words = queries.price_words(price, g.lang)
    form.expect(price_words, picture.conditions_version)
    if code is not None:
        give_back(guess_gate("code", account, request.remote_addr))
    if bad_code is not None and form.is_submitted():
        form.refuse(bad_code)
    elif right and counted and form.agreed() and _within_bounds(form, "register", form.mail.data):
        verified = account is not None and mail_key(form.mail.data) == account.mail_key
        sent = url_for("attendance.registered", slug=slug)
        with form.refusals(url_for("people.home") if verified else sent), _in_words():
            if not verified:
                take_mail(entering.asker(form.mail.data), now=now)
            registration = actions.register(
                picture,
                name=form.name.data,
                mail=form.mail.data,
                affiliation=form.affiliation.data,
                organisation_id=organisation_id,
                language=g.lang,
                price=price,
                code_id=code.id if code is not None else None,
                verified=verified,
                now=now,
            )
            return redirect(_next_step(registration, picture) if registration else sent)
        if form.affiliation.errors:
            organisation = None
    page = {"picture": picture, "form": form, "price": price_words, "meetings": _meetings(picture)}
    page |= {"offered": offered, "organisation": organisation, "for_partners": _for_partners(picture)}
    return render_template("attendance/register.html", **page), form.status, form.headers


def _may_look(form: RegisterForm, account: Account | None) -> bool:
    """Count this try of an organisation's price and of a
    code; False when it must wait: then the form says so.
    """
    asked = {"price": form.affiliation.data, "code": form.code.data if form.code is not None else ""}
    try:
        for purpose, typed in asked.items():
            if typed:
                take_turn(guess_gate(purpose, account, request.remote_addr), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _code(
    form: RegisterForm, picture: ProgrammePicture, now: datetime
) -> tuple[Discount | None, Refusal | None]:
    """What the code in the form gives, or why it does not count."""
    typed = (form.code.data or "") if form.code is not None else ""
    try:
        return discount_for(picture, typed, clock.local(now).date()), None
    except Refusal as refusal:
        return None, refusal


def _for_partners(picture: ProgrammePicture) -> bool:
    """Partners pay another price: so it matters for whom one comes."""
    return any(tariff.audience == "partner" for tariff in picture.tariffs)


@bp.get("/<any(nl, en):lang>/programmes/<slug>/registration/sent")
def registered(slug: str) -> ResponseReturnValue:
    """Look in your mail: the same for new addresses and for who was registered already."""
    return render_template("attendance/registered.html", picture=_programme(slug))


@bp.route("/<any(nl, en):lang>/confirmations/<token>", methods=["GET", "POST"])
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the mail address: a button, and the button makes the registration count."""
    registration = attendance_queries.confirmation_by_token(token)
    allow_anyone()
    picture = _branded(registration)
    counts = attendance_queries.running(registration.programme_id, registration.person)
    if counts is not None:
        return redirect(url_for("schedules.mine", token=own_token(counts)))
    form = GoForm()
    lapsed = _lapsed(registration)
    if form.submitted():
        with form.refusals(url_for("attendance.confirm", token=token)), _in_words():
            counts = actions.confirm(registration, now=clock.now())
            return redirect(url_for("schedules.mine", token=own_token(counts)))
    elif lapsed:
        form.status = 409
    page = {"picture": picture, "form": form, "registration": registration, "lapsed": _lapsed(registration)}
    page |= {"meetings": _meetings(picture), "agreed": attendance_queries.agreed_words(registration)}
    return render_template("attendance/confirm.html", **page), form.status


@bp.route("/<any(nl, en):lang>/registrations/<token>/withdrawal", methods=["GET", "POST"])
def withdraw(token: str) -> ResponseReturnValue:
    """Come no more: says first what becomes free."""
    registration = attendance_queries.registration_by_token(token)
    allow_anyone()
    picture = _branded(registration)
    coming = [
        meeting_words(meeting, g.lang)
        for meeting in attendance_queries.coming_meetings(registration, picture)
    ]
    form = GoForm()
    if form.submitted():
        gone = url_for("attendance.withdrawn", slug=picture.slug)
        with form.refusals(gone):
            actions.withdraw(registration, now=clock.now())
            return redirect(gone)
    page = {
        "picture": picture,
        "form": form,
        "registration": registration,
        "meetings": coming,
        "token": token,
    }
    return render_template("attendance/withdraw.html", **page), form.status


@bp.get("/<any(nl, en):lang>/programmes/<slug>/registration/withdrawn")
def withdrawn(slug: str) -> ResponseReturnValue:
    """The registration has ended."""
    return render_template("attendance/withdrawn.html", picture=_programme(slug))


@bp.route("/<any(nl, en):lang>/programmes/<slug>/interest", methods=["GET", "POST"])
def interest(slug: str) -> ResponseReturnValue:
    """Ask to be told when this programme has dates."""
    picture = _programme(slug)
    check_not_closed(g.organiser.closed_at)
    form = InterestForm()
    account = viewer()
    if account is not None and not form.is_submitted():
        form.mail.data = account.mail
    if form.submitted() and _within_bounds(form, "interest", form.mail.data):
        noted = url_for("attendance.interest_noted", slug=slug)
        with form.refusals(noted):
            attendance_interest.note_interest(picture, mail=form.mail.data, language=g.lang, now=clock.now())
            return redirect(noted)
    return render_template("attendance/interest.html", picture=picture, form=form), form.status, form.headers


@bp.get("/<any(nl, en):lang>/programmes/<slug>/interest/noted")
def interest_noted(slug: str) -> ResponseReturnValue:
    """We keep you posted: the same for who asked before."""
    return render_template("attendance/interest_noted.html", picture=_programme(slug))


def _programme(slug: str) -> ProgrammePicture:
    """The published programme, in the colours of its organiser; for everybody."""
    picture = picture_by_slug(slug)
    allow_anyone()
    g.organiser = attendance_queries.organiser_of(picture)
    return picture


def _branded(registration: Registration) -> ProgrammePicture:
    g.organiser = registration.organiser
    return attendance_queries.picture_of(registration)


def _meetings(picture: ProgrammePicture) -> list[str]:
    """When and where, one line for each meeting that goes on."""
    return [words for m in picture.meetings if not m.cancelled and (words := meeting_words(m, g.lang))]


def _lapsed(registration: Registration) -> bool:
    return registration.ended_at is not None or (registration.lapses_at or clock.now()) <= clock.now()


def _next_step(registration: Registration, picture: ProgrammePicture) -> str:
    page = "choices.choose" if picture.rounds else "schedules.mine"
    return url_for(page, token=own_token(registration))


def _check_room(picture: ProgrammePicture) -> None:
    if attendance_queries.is_full(picture):
        raise Refusal("programme_full", N_("All places are taken."))


def _closed(picture: ProgrammePicture, refusal: Refusal) -> ResponseReturnValue:
    """One cannot register now: why, and where to go instead."""
    page = {"picture": picture, "words": _(refusal.message, **refusal.values), "code": refusal.code}
    return render_template("attendance/closed.html", **page), 409


def _within_bounds(form: Form, purpose: str, mail: str) -> bool:
    """Count this try; False when it must wait, half a minute at most, and then the form says so."""
    try:
        take_turn(*gates_of(purpose, entering.asker(mail)), now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


@contextmanager
def _in_words() -> Iterator[None]:
    """Moments in a Refusal become words in the language of the page."""
    try:
        yield
    except Refusal as refusal:
        values: dict[str, Any] = {
            key: moment_words(value, g.lang) if isinstance(value, datetime) else value
            for key, value in refusal.values.items()
        }
        raise Refusal(refusal.code, refusal.message, refusal.field, **values) from refusal
