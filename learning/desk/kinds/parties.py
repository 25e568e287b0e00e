"""The parties behind a programme at the desk."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from learning.desk.forms import DeskForm
from learning.desk.kind import Kind, Values
from learning.desk.lines import line
from learning.desk.saving import put_last, set_values
from learning.kit.db import db
from learning.kit.forms import Line, worded
from learning.kit.wording import N_
from learning.programmes.models import Programme, ProgrammeParty

PARTY_ROLES = {"initiator": N_("initiator"), "executing": N_("carries it out")}


class PartyForm(DeskForm):
    """An organisation behind the programme."""

    name = Line(_l("Name"))
    role = SelectField(_l("Role"), choices=worded(PARTY_ROLES))


def _save_party(row: ProgrammeParty, values: Values, _organiser_id: int, programme: Programme) -> None:
    put_last(row, ProgrammeParty, programme)
    set_values(row, values)
    db.session.add(row)


PARTIES = Kind(
    key="parties",
    model=ProgrammeParty,
    one=N_("Party"),
    many=N_("Parties behind it"),
    new=N_("New party"),
    none=N_("No parties yet."),
    form=PartyForm,
    save=_save_party,
    heads=(N_("Name"), N_("Role")),
    cells=lambda row: line(row, row.name, gettext(PARTY_ROLES[row.role])),
    facets={"role": 1},
)
