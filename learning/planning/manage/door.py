"""The door of planning at the desk."""

from flask import Blueprint

bp = Blueprint("planning_desk", __name__, url_prefix="/manage/<organiser>")
