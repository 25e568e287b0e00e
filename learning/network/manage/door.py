"""The door of the network at the desk."""

from flask import Blueprint

bp = Blueprint("network_desk", __name__, url_prefix="/manage/<organiser>")
