"""What staff fill in about how an organiser shows itself. Shape and type only."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField

from learning.desk.forms import DeskForm
from learning.kit.forms import Colour, HostName, Line, Mail, OrganisationName


class BrandForm(DeskForm):
    """How an organiser shows itself, and at which address."""

    name = OrganisationName(_l("Name"))
    plate = Line(_l("Letters on the sign"), max=4)
    brand_colour = Colour(_l("First colour: buttons, signs and links"))
    accent_colour = Colour(_l("Second colour: accents"))
    mail = Mail(_l("Address to which people reply"), required=False)
    domain = HostName(_l("Own domain for the public pages"))


class LogoForm(DeskForm):
    """A logo."""

    logo = FileField(_l("Logo (PNG, JPG or WebP)"))
