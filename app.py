"""The WSGI door: the app, built from the environment."""

from learning.cli import without_settings
from learning.config import BadSettings, Settings
from learning.factory import create_app

try:
    app = create_app(Settings.from_env())
except BadSettings as error:
    app = without_settings(error)
