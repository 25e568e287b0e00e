"""Themes at the desk."""

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from learning.desk.forms import DeskForm
from learning.desk.kind import Kind, Leaning, Values, count_where
from learning.desk.lines import line
from learning.desk.saving import save_shared
from learning.kit.forms import Line
from learning.kit.wording import N_
from learning.programmes.models import Theme, Workshop
from learning.programmes.parts import free_slug


class ThemeForm(DeskForm):
    """A field of work."""

    name_nl = Line(_l("Name in Dutch"), max=60)
    name_en = Line(_l("Name in English"), required=False, max=60)
    glyph = SelectField(_l("Mark"))


def _save_theme(row: Theme, values: Values, organiser_id: int, _programme: Any) -> None:
    if not row.key:
        row.key = free_slug(values["name"].pick("nl"), Theme.key, Theme.organiser_id == organiser_id)
    save_shared(row, values, organiser_id)


def _leaning(row: Theme) -> Leaning:
    words = N_("%(count)d workshops have this theme. Give those another one first.")
    return [(words, count_where(Workshop.theme_id == row.id))]


THEMES = Kind(
    key="themes",
    model=Theme,
    one=N_("Theme"),
    many=N_("Themes"),
    new=N_("New theme"),
    none=N_("No themes yet."),
    of_programme=False,
    form=ThemeForm,
    save=_save_theme,
    heads=(N_("Name"), N_("Mark")),
    cells=lambda row: line(row, row.name.pick(g.lang), row.glyph),
    leaning=_leaning,
)
