"""A programme from elsewhere: a text, or a file."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField

from learning.desk.forms import DeskForm
from learning.kit.forms import Lines


class BringForm(DeskForm):
    """A programme from elsewhere: a text, or a file."""

    text = Lines(_l("Paste the programme here"), max=400_000)
    file = FileField(_l("Or choose a file"))
