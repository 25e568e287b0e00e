"""The secret links of a registration: its own page and its calendar feed."""

from flask import current_app

from learning.attendance.models import Registration
from learning.kit.codes import secret_token, token_hash


def own_token(registration: Registration) -> str:
    """The token of the registration's own page."""
    return secret_token(current_app.config["SECRET_KEY"], "registration", registration.id, registration.epoch)


def feed_token(registration: Registration) -> str:
    """The token of the registration's calendar feed."""
    return secret_token(current_app.config["SECRET_KEY"], "feed", registration.id, registration.feed_epoch)


def keep_hashes(registration: Registration) -> None:
    """Note on the registration by which its tokens are found."""
    registration.token_hash = token_hash(own_token(registration))
    registration.feed_hash = token_hash(feed_token(registration))
