"""The page behind the link of an invitation: who opens it becomes a colleague."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from learning.kit import clock
from learning.kit.access import allow_anyone
from learning.kit.errors import Refusal
from learning.people import colleagues, entering
from learning.people.forms import GoForm
from learning.people.roles import MEANT, ROLES
from learning.people.views import bp


@bp.route("/<any(nl, en):lang>/sign-in/invitation/<token>", methods=["GET", "POST"])
def come(token: str) -> ResponseReturnValue:
    """The mailed invitation: shows as what one is invited, and the button makes one a colleague and signs in."""
    invitation = colleagues.invitation_by_token(token)
    allow_anyone()
    form, now = GoForm(), clock.now()
    if form.submitted():
        try:
            account = colleagues.come(invitation, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            entering.start(account, by_link=True)
            return redirect(url_for("programmes_desk.overview", organiser=invitation.organiser.slug))
    works = colleagues.works(invitation, now=now)
    form.status = form.status if works else 409
    page = {"invitation": invitation, "works": works, "form": form, "roles": ROLES, "meant": MEANT}
    return render_template("people/come.html", **page), form.status
