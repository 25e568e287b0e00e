"""Speakers at the desk."""

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from learning.desk.forms import LONG, DeskForm
from learning.desk.kind import ByColumn, Kind, Leaning, Values, count_where
from learning.desk.lines import ListLine, line, yes
from learning.desk.saving import save_shared
from learning.kit.db import db
from learning.kit.forms import Line, Markdown, OrganisationName, PersonName
from learning.kit.names import check_name
from learning.kit.wording import N_
from learning.people.rules import sort_key
from learning.programmes.models import Absence, Part, Speaker
from learning.programmes.parts import free_slug
from learning.speakers.forms import SpeakerPhotoForm
from learning.speakers.models import HandIn, Slides


class SpeakerForm(DeskForm):
    """A public profile."""

    name = PersonName(_l("Name"))
    affiliation = OrganisationName(_l("Organisation"), required=False)
    function_nl = Line(_l("Function in Dutch"), required=False)
    function_en = Line(_l("Function in English"), required=False)
    biography_nl = Markdown(_l("Biography in Dutch"), max=LONG)
    biography_en = Markdown(_l("Biography in English"), max=LONG)


def _save_speaker(row: Speaker, values: Values, organiser_id: int, _programme: Any) -> None:
    if not row.slug:
        row.slug = free_slug(values["name"], Speaker.slug, Speaker.organiser_id == organiser_id)
    if values["name"] != row.name:
        check_name(values["name"])
    row.sort_key = sort_key(values["name"])
    save_shared(row, values, organiser_id)


def _photo_form(speaker: Any) -> SpeakerPhotoForm:
    """The photo's own form: a file that is refused loses nothing that was typed in the other."""
    return SpeakerPhotoForm(
        formdata=None, data={"alt_nl": speaker.photo_alt.nl, "alt_en": speaker.photo_alt.en}
    )


def _cells(row: Speaker) -> ListLine:
    said = (yes(bool(row.biography)), yes(row.photo_id is not None))
    return line(row, row.name, row.affiliation, row.function.pick(g.lang), *said, sort={0: row.sort_key})


def _leaning(row: Speaker) -> Leaning:
    words = N_("This speaker takes part %(count)d times. Take them out there first.")
    return [(words, count_where(Part.speaker_id == row.id))]


def _own(row: Speaker) -> list[Any]:
    handed = _rows(HandIn, HandIn.speaker_id == row.id)
    slides = _rows(Slides, Slides.hand_in_id.in_([one.id for one in handed]))
    return [row, *_rows(Absence, Absence.speaker_id == row.id), *handed, *slides]


def _rows(model: type[Any], *where: Any) -> list[Any]:
    return list(db.session.scalars(select(model).where(*where).order_by(model.id)))


def _beside(desk: Any, row: Any) -> dict[str, Any]:
    """The photo's own form."""
    return {"photo_form": _photo_form(row)} if row is not None and desk.edits else {}


def _has_text() -> Any:
    columns = Speaker.__table__.c
    return or_(columns.biography_nl != "", columns.biography_en != "")


SPEAKERS = Kind(
    key="speakers",
    model=Speaker,
    one=N_("Speaker"),
    many=N_("Speakers"),
    new=N_("New speaker"),
    none=N_("No speakers yet."),
    of_programme=False,
    form=SpeakerForm,
    save=_save_speaker,
    heads=(N_("Name"), N_("Organisation"), N_("Function"), N_("Biography"), N_("Photo")),
    cells=_cells,
    facets={"organisation": 1, "text": 3, "photo": 4},
    by_column=ByColumn(
        order=(Speaker.id,),
        sorts={0: Speaker.sort_key},
        filters={
            "organisation": (lambda: Speaker.affiliation, str),
            "text": (_has_text, yes),
            "photo": (lambda: Speaker.photo_id.is_not(None), yes),
        },
    ),
    leaning=_leaning,
    own=_own,
    beside=_beside,
)
