"""What speakers hand in, and what staff ask and answer. Shape and type only."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField

from learning.desk.forms import LONG, DeskForm
from learning.kit.forms import Line, Lines, Mail, Markdown, OrganisationName, worded
from learning.kit.wording import N_


class HandInForm(DeskForm):
    """What a speaker says of the own person; the sessions' texts are added by `hand_in_form`."""

    affiliation = OrganisationName(_l("Organisation"), required=False)
    function_nl = Line(_l("Function in Dutch"), required=False)
    function_en = Line(_l("Function in English"), required=False)
    biography_nl = Markdown(_l("About you in Dutch"), max=4000)
    biography_en = Markdown(_l("About you in English"), max=4000)


class NeedsForm(DeskForm):
    """What only the organiser reads, and the words for the photo."""

    photo_alt_nl = Line(_l("What is on your photo, in Dutch"), required=False, max=200)
    photo_alt_en = Line(_l("What is on your photo, in English"), required=False, max=200)
    needs = Lines(_l("What you need: equipment, room, access, food"), max=2000)


def hand_in_form(workshops: Iterable[tuple[int, str]]) -> type[HandInForm]:
    """The form of a speaker with these workshops, by id and title."""
    fields: dict[str, Any] = {}
    for id, title in workshops:
        fields[f"abstract_nl_{id}"] = Markdown(_l("%(title)s: text in Dutch", title=title), max=LONG)
        fields[f"abstract_en_{id}"] = Markdown(_l("%(title)s: text in English", title=title), max=LONG)
    return type("SpeakersForm", (HandInForm,), fields)


class PhotoForm(DeskForm):
    """A photo, and which part of it stays."""

    photo = FileField(_l("Photo (JPG, PNG or WebP)"))
    keep = SelectField(
        _l("It is cut to a square. Which part stays?"),
        choices=worded(
            {
                "middle": N_("the middle"),
                "start": N_("the top or the left"),
                "end": N_("the bottom or the right"),
            }
        ),
    )


class SpeakerPhotoForm(PhotoForm):
    """The same at the desk, with the words for it."""

    alt_nl = Line(_l("What is on the photo, in Dutch"), required=False, max=200)
    alt_en = Line(_l("What is on the photo, in English"), required=False, max=200)


class SlidesForm(DeskForm):
    """A file for the organiser."""

    slides = FileField(_l("Slides or a handout (PDF, pptx, odp, docx)"))


class AskForm(DeskForm):
    """Ask a speaker to hand in."""

    mail = Mail(_l("E-mail address"))
    language = SelectField(
        _l("Language of the mail"), choices=worded({"nl": N_("Dutch"), "en": N_("English")})
    )


class AnswerForm(DeskForm):
    """Send back what a speaker handed in."""

    remark = Lines(_l("What should be different?"), required=True, max=2000)
