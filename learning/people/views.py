"""Signing in and out, the own page of an account, and its profile."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import allow_account, allow_anyone, require_account
from learning.kit.errors import Refusal
from learning.kit.forms import Form, id_of
from learning.kit.links import safe_path
from learning.people import actions, entering, passwords, queries, sign_ins, tries
from learning.people.forms import (
    GoForm,
    LinkForm,
    LostLinksForm,
    NewPasswordForm,
    PasswordForm,
    ProfileForm,
    WhichForm,
)
from learning.people.guessable import check_password
from learning.people.models import Account, SignInLink

bp = Blueprint("people", __name__)


@bp.route("/<any(nl, en):lang>/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for a link by mail."""
    allow_anyone()
    form = LinkForm()
    if not form.is_submitted():
        form.next.data = safe_path(request.args.get("next"))
    if form.submitted() and _takes_turn(form, tries.network_gate("sign-in-link", request.remote_addr)):
        sent, asker = url_for("people.link_sent"), entering.asker(form.mail.data)
        with form.refusals(sent):
            tries.take_mail(asker, now=clock.now())
            actions.ask_link(form.mail.data, next_url=form.next.data, language=g.lang, now=clock.now())
            return redirect(sent)
    page = render_template("people/sign_in.html", form=form, next=safe_path(form.next.data))
    return page, form.status, form.headers


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
    if form.submitted():
        account = queries.account_by_mail(form.mail.data)
        gates = tries.gates_of("password", entering.asker(form.mail.data))
        if _takes_turn(form, *gates, account=account):
            if passwords.matches(account.password_hash if account else None, form.password.data) and account:
                tries.give_back(*gates)
                _keep_strong(account, form.password.data)
                entering.start(account)
                return _go_on(form.next.data)
            form.password.errors = [_("This address and password do not belong together.")]
            form.status = 422
    page = render_template("people/sign_in_password.html", form=form, next=safe_path(form.next.data))
    return page, form.status, form.headers


@bp.route("/<any(nl, en):lang>/sign-in/<token>", methods=["GET", "POST"])
def sign_in_link(token: str) -> ResponseReturnValue:
    """The mailed link: shows a button, and the button signs in. Opening it alone uses nothing up."""
    link = queries.link_by_token(token)
    allow_anyone()
    form = GoForm()
    if form.submitted():
        try:
            entering.start_by(lambda: actions.use_link(link, now=clock.now()), by_link=True)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _go_on(link.next_url)
    elif not _works(link):
        form.status = 409
    return render_template(
        "people/sign_in_link.html", form=form, works=_works(link), mail=link.mail
    ), form.status


@bp.route("/<any(nl, en):lang>/links", methods=["GET", "POST"])
def lost_links() -> ResponseReturnValue:
    """A link was lost or does not work: ask for all that belong to an address."""
    allow_anyone()
    form = LostLinksForm()
    if form.submitted() and _takes_turn(form, tries.network_gate("links", request.remote_addr)):
        sent = url_for("people.links_sent")
        with form.refusals(sent):
            tries.take_mail(entering.asker(form.mail.data), now=clock.now())
            actions.mail_links(form.mail.data, language=g.lang, now=clock.now())
            return redirect(sent)
    return render_template("people/lost_links.html", form=form), form.status, form.headers


@bp.get("/<any(nl, en):lang>/links/sent")
def links_sent() -> ResponseReturnValue:
    """Look in your mail: the same for addresses with and without links."""
    allow_anyone()
    return render_template("people/links_sent.html")


@bp.post("/<any(nl, en):lang>/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session; `next` is where one goes on to as somebody else."""
    allow_anyone()
    entering.leave()
    return redirect(url_for("people.sign_in", next=safe_path(request.form.get("next")) or None))


@bp.get("/<any(nl, en):lang>/me")
def home() -> ResponseReturnValue:
    """Everything that is mine, as links."""
    account = allow_account()
    cards, desks = queries.home_cards(account), queries.desks_of(account)
    return render_template("people/home.html", account=account, cards=cards, desks=desks)


@bp.route("/<any(nl, en):lang>/me/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    """Name and language."""
    account = allow_account()
    form = ProfileForm(obj=account)
    if form.submitted():
        saved = url_for("people.profile", lang=form.language.data)
        with form.refusals(saved):
            actions.change_profile(account, name=form.name.data, language=form.language.data, now=clock.now())
            flash(_("Your profile is saved."))
            return redirect(saved)
    return render_template("people/profile.html", form=form, account=account), form.status


@bp.route("/<any(nl, en):lang>/me/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Set a password; every other session ends."""
    account = allow_account()
    form = NewPasswordForm()
    if account.password_hash is None or entering.is_fresh():
        del form.old
    if form.submitted() and _knows_old(form, account):
        saved, new = url_for("people.profile"), form.password.data
        with form.refusals(saved):
            check_password(new, mail=account.mail, name=account.name)
            actions.set_password(account, password_hash=passwords.hash_password(new), now=clock.now())
        if form.status == 200:
            entering.start(account)
            flash(_("Your password is set. On other devices you have to sign in again."))
            return redirect(saved)
    return render_template("people/password.html", form=form, account=account), form.status, form.headers


@bp.route("/<any(nl, en):lang>/me/sessions", methods=["GET", "POST"])
def sessions() -> ResponseReturnValue:
    """Where one is signed in, and signing out there."""
    account = allow_account()
    form, here = WhichForm(), entering.current().id
    if form.submitted():
        saved, which = url_for("people.sessions"), form.which.data
        row = sign_ins.sign_in_for(account, id_of(which)) if which else None
        if row is not None and row.id == here:
            entering.leave()
            return redirect(url_for("people.sign_in"))
        with form.refusals(saved):
            if row is not None:
                sign_ins.end(row.id, now=clock.now())
                flash(_("That device is signed out."))
            else:
                sign_ins.end_elsewhere(account, but=here)
                entering.remember(account)
                flash(_("You are signed out everywhere but here."))
            return redirect(saved)
    rows = sign_ins.live_ones(account, now=clock.now())
    return render_template("people/sessions.html", form=form, rows=rows, here=here, when=_when), form.status


def _when(moment: datetime) -> str:
    return format_datetime(moment, "d MMMM y, HH:mm")


def _takes_turn(form: Form, *gates: tries.Gate, account: Account | None = None) -> bool:
    """Count this try; False when it must wait, and then the form says how long."""
    try:
        tries.take_turn(*gates, account=account, now=clock.now())
    except Refusal as refusal:
        form.refuse(refusal)
        return False
    return True


def _knows_old(form: NewPasswordForm, account: Account) -> bool:
    """The old password was typed, where it is asked for; guessing it waits as at the door."""
    if form.old is None:
        return True
    gate = tries.own_gate("old-password", str(account.id))
    if not _takes_turn(form, gate):
        return False
    if passwords.matches(account.password_hash, form.old.data):
        tries.give_back(gate)
        return True
    form.old.errors = [_("This is not your present password.")]
    form.status = 422
    return False


def _works(link: SignInLink) -> bool:
    return link.used_at is None and link.expires_at > clock.now()


def _keep_strong(account: Account, password: str) -> None:
    if account.password_hash and passwords.too_weak(account.password_hash):
        actions.keep_stronger_hash(account, password_hash=passwords.hash_password(password))


def _go_on(next_url: str | None) -> ResponseReturnValue:
    """To where one was led to the door from, or to one's own page."""
    return redirect(safe_path(next_url) or url_for("people.home", lang=require_account().language))
