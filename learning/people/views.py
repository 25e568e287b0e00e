"""Signing in and out, the own page of an account, and its profile."""

import flask
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user, logout_user

from learning.kit import clock
from learning.kit.access import allow_anyone, require, require_account
from learning.kit.errors import Refusal
from learning.kit.forms import Form
from learning.people import actions, passwords, queries
from learning.people.forms import GoForm, LinkForm, NewPasswordForm, PasswordForm, ProfileForm
from learning.people.models import Account, SignInLink
from learning.people.rules import safe_path

bp = Blueprint("people", __name__)


@bp.route("/<any(nl, en):lang>/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for a link by mail."""
    allow_anyone()
    form = LinkForm()
    if not form.is_submitted():
        form.next.data = safe_path(request.args.get("next"))
    if form.submitted() and _within_bounds(form, "sign-in-link", form.mail.data):
        sent = url_for("people.link_sent")
        with form.refusals(sent):
            actions.ask_link(form.mail.data, next_url=form.next.data, language=g.lang, now=clock.now())
            return redirect(sent)
    return render_template("people/sign_in.html", form=form, next=safe_path(form.next.data)), form.status


@bp.get("/<any(nl, en):lang>/sign-in/sent")
def link_sent() -> ResponseReturnValue:
    """Look in your mail: the same for known and unknown addresses."""
    allow_anyone()
    return render_template("people/link_sent.html")


@bp.route("/<any(nl, en):lang>/sign-in/password", methods=["GET", "POST"])
def sign_in_password() -> ResponseReturnValue:
    """Sign in with a password."""
    allow_anyone()
    form = PasswordForm()
    if not form.is_submitted():
        form.next.data = safe_path(request.args.get("next"))
    if form.submitted() and _within_bounds(form, "password", form.mail.data):
        account = queries.account_by_mail(form.mail.data)
        if passwords.matches(account.password_hash if account else None, form.password.data) and account:
            _keep_strong(account, form.password.data)
            return _enter(account, form.next.data)
        form.password.errors = [_("This address and password do not belong together.")]
        form.status = 422
    return render_template("people/sign_in_password.html", form=form, next=safe_path(form.next.data)), form.status


@bp.route("/<any(nl, en):lang>/sign-in/<token>", methods=["GET", "POST"])
def sign_in_link(token: str) -> ResponseReturnValue:
    """The mailed link: shows a button, and the button signs in. Opening it alone uses nothing up."""
    link = queries.link_by_token(token)
    allow_anyone()
    form = GoForm()
    if form.submitted():
        try:
            account = actions.use_link(link, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _enter(account, link.next_url)
    elif not _works(link):
        form.status = 409
    return render_template("people/sign_in_link.html", form=form, works=_works(link), mail=link.mail), form.status


@bp.post("/<any(nl, en):lang>/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    allow_anyone()
    logout_user()
    flask.session.clear()
    return redirect(url_for("people.sign_in"))


@bp.get("/<any(nl, en):lang>/me")
def home() -> ResponseReturnValue:
    """Everything that is mine, as links."""
    account = require_account()
    require(True)
    cards, desks = queries.home_cards(account), queries.desks_of(account)
    return render_template("people/home.html", account=account, cards=cards, desks=desks)


@bp.route("/<any(nl, en):lang>/me/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    """Name and language."""
    account = require_account()
    require(True)
    form = ProfileForm(obj=account)
    if form.submitted():
        saved = url_for("people.profile", lang=form.language.data)
        with form.refusals(saved):
            actions.change_profile(account, name=form.name.data, language=form.language.data)
            flash(_("Your profile is saved."))
            return redirect(saved)
    return render_template("people/profile.html", form=form, account=account), form.status


@bp.route("/<any(nl, en):lang>/me/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Set a password; every other session ends."""
    account = require_account()
    require(True)
    form = NewPasswordForm()
    if form.submitted():
        password_hash = passwords.hash_password(form.password.data)
        saved = url_for("people.profile")
        with form.refusals(saved):
            actions.set_password(account, password_hash=password_hash, now=clock.now())
            _start_session(account)
            flash(_("Your password is set. On other devices you have to sign in again."))
            return redirect(saved)
    return render_template("people/password.html", form=form, account=account), form.status


def _within_bounds(form: Form, purpose: str, mail: str) -> bool:
    """Count this try; False when there were too many, and then the form says so."""
    try:
        actions.throttle_mail(purpose, mail, request.remote_addr, clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _works(link: SignInLink) -> bool:
    return link.used_at is None and link.expires_at > clock.now()


def _keep_strong(account: Account, password: str) -> None:
    if account.password_hash and passwords.too_weak(account.password_hash):
        actions.keep_stronger_hash(account, password_hash=passwords.hash_password(password))


def _enter(account: Account, next_url: str | None) -> ResponseReturnValue:
    _start_session(account)
    return redirect(safe_path(next_url) or url_for("people.home", lang=account.language))


def _start_session(account: Account) -> None:
    """A new session: nothing of the one before it stays."""
    flask.session.clear()
    login_user(account)
