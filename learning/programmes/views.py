"""What a speaker sees of the own sessions."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from learning.kit.access import require, require_account
from learning.programmes import queries

bp = Blueprint("programmes", __name__)


@bp.get("/<any(nl, en):lang>/speaker")
def hosting() -> ResponseReturnValue:
    """The sessions that the signed-in person hosts, with how many come."""
    account = require_account()
    require(True)
    return render_template("programmes/hosting.html", hosted=queries.hosted_by(account))
