"""Modules of a training at the desk."""

from flask import g
from flask_babel import lazy_gettext as _l

from learning.desk.forms import LONG, DeskForm
from learning.desk.kind import Kind, Values
from learning.desk.lines import ListLine, line
from learning.desk.saving import lines_in, put_last, set_values
from learning.kit.db import db
from learning.kit.forms import Line, Lines, Markdown
from learning.kit.wording import N_
from learning.programmes.models import Module, Programme


class ModuleForm(DeskForm):
    """A part of a training."""

    title_nl = Line(_l("Title in Dutch"), required=False)
    title_en = Line(_l("Title in English"), required=False)
    text_nl = Markdown(_l("Text in Dutch"), max=LONG)
    text_en = Markdown(_l("Text in English"), max=LONG)
    goals = Lines(_l("Learning goals, one on each line"), max=4000)
    goals_en = Lines(_l("Learning goals in English"), max=4000)


def _save_module(row: Module, values: Values, _organiser_id: int, programme: Programme) -> None:
    put_last(row, Module, programme)
    set_values(row, {**values, **{name: lines_in(values[name]) for name in ("goals", "goals_en")}})
    db.session.add(row)


def _cells(row: Module) -> ListLine:
    return line(row, row.title.pick(g.lang), str(len(row.goals)), sort={1: len(row.goals)})


MODULES = Kind(
    key="modules",
    model=Module,
    one=N_("Module"),
    many=N_("Modules"),
    new=N_("New module"),
    none=N_("No modules yet."),
    form=ModuleForm,
    save=_save_module,
    heads=(N_("Module"), N_("Learning goals")),
    cells=_cells,
)
