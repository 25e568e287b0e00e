"""Who may see what: every request takes a decision, or it fails.

`g.access_decided` says which: `anyone`, `account`, `found` or `permission`.
"""

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from flask import abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from learning.people.models import Account

T = TypeVar("T")


class SignInNeeded(HTTPException):
    """Nobody is signed in: the answer leads to the sign-in page and back."""

    code = 302

    def get_response(self, *_args: Any, **_kwargs: Any) -> Any:
        """A redirect to sign-in; what was asked for is remembered when it was a page."""
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("people.sign_in", next=back))


def viewer() -> "Account | None":
    """The account that is signed in."""
    return cast("Account", current_user._get_current_object()) if current_user.is_authenticated else None


def require_account() -> "Account":
    """The account that is signed in; anonymous people are led to the sign-in page."""
    account = viewer()
    if account is None:
        raise SignInNeeded
    return account


def allow_anyone() -> None:
    """Decide that this page is for everybody who has its address."""
    g.access_decided = "anyone"


def allow_account() -> "Account":
    """Decide that this page is for everybody who is signed in, about what is theirs; gives the account."""
    account = require_account()
    g.access_decided = "account"
    return account


def found(thing: T | None) -> T:
    """Decide by finding: what was looked for through the person is for who finds it, and else is 404."""
    if thing is None:
        not_found()
    g.access_decided = "found"
    return thing


def require(permitted: bool) -> None:
    """Decide by a permission: no is 403, or the sign-in page for who is not signed in."""
    g.access_decided = "permission"
    if not permitted:
        if viewer() is None:
            raise SignInNeeded
        abort(403)


def not_found() -> NoReturn:
    """What one may not see does not exist."""
    abort(404)


def check_decided(response: Any) -> Any:
    """Refuse to send a page for which nobody decided who may see it."""
    if request.method == "OPTIONS" or response.status_code == 302:
        return response  # tells methods, or leads elsewhere: nothing was shown
    if response.status_code < 400 and request.endpoint and not g.get("access_decided"):
        current_app.logger.error("no access decision in %s", request.endpoint)
        raise RuntimeError(f"{request.endpoint} took no access decision")
    return response
