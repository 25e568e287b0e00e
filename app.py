"""The WSGI door: the app, built from the environment."""

from learning.config import Settings
from learning.factory import create_app

app = create_app(Settings.from_env())
