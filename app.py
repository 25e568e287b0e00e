"""The WSGI door: the app, built from the environment."""

from learning.config import BadSettings, Settings
from learning.factory import create_app

try:
    app = create_app(Settings.from_env())
except BadSettings as error:
    raise SystemExit(str(error)) from None
