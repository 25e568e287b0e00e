"""The pages of an invitation: by its link, and for who is signed in as the address that was invited."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from learning.kit import clock
from learning.kit.access import allow_account, allow_anyone, viewer
from learning.kit.errors import Refusal
from learning.kit.forms import id_of
from learning.people import entering
from learning.people import invitations as people_invitations
from learning.people.forms import GoForm, WhichForm
from learning.people.models import Invitation
from learning.people.roles import MEANT, ROLES
from learning.people.views import bp


@bp.route("/<any(nl, en):lang>/sign-in/invitation/<token>", methods=["GET", "POST"])
def come(token: str) -> ResponseReturnValue:
    """The mailed invitation: shows as what one is invited, and the button makes one a colleague and signs in.

    Where the address has an account already, its owner signs
    in first and has the button on a page of their own.
    """
    invitation = people_invitations.invitation_by_token(token)
    allow_anyone()
    account, form, works = viewer(), GoForm(), people_invitations.works(invitation, now=clock.now())
    if works and account is not None and account.mail_key == invitation.mail_key:
        return redirect(url_for("people.invitations"))
    if form.submitted():
        try:
            entering.start_by(lambda: people_invitations.come(invitation, now=clock.now()), by_link=True)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _came(invitation)
    form.status = form.status if works else 409
    first = people_invitations.needs_sign_in(invitation, account)
    page = {
        "invitation": invitation,
        "works": works,
        "form": form,
        "roles": ROLES,
        "meant": MEANT,
        "first": first,
    }
    return render_template("people/come.html", **page), form.status


@bp.route("/<any(nl, en):lang>/me/invitations", methods=["GET", "POST"])
def invitations() -> ResponseReturnValue:
    """What the address of this account is invited for: a button makes the account a colleague."""
    account, now = allow_account(), clock.now()
    form, rows = WhichForm(), people_invitations.invitations_for(account, now=now)
    if form.submitted():
        invitation = next((row for row in rows if row.id == id_of(form.which.data)), None)
        if invitation is None:
            form.refuse(people_invitations.over())
        else:
            with form.refusals(_desk(invitation)):
                people_invitations.come(invitation, by=account, now=now)
                return _came(invitation)
    page = {"account": account, "rows": rows, "form": form, "roles": ROLES, "meant": MEANT}
    return render_template("people/invitations.html", **page), form.status


def _came(invitation: Invitation) -> ResponseReturnValue:
    flash(_("You are a colleague at %(organiser)s now.", organiser=invitation.organiser.name), "ok")
    return redirect(_desk(invitation))


def _desk(invitation: Invitation) -> str:
    return url_for("programmes_desk.overview", organiser=invitation.organiser.slug)
