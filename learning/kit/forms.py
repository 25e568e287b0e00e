"""Forms: clean text, keys against double sending, and refusals next to their field."""

import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from wtforms import EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, StopValidation
from wtforms.widgets import DateInput, DateTimeLocalInput

from learning.kit import clock
from learning.kit.db import at_start_of
from learning.kit.errors import Refusal
from learning.kit.markdown import BRACKETS, too_wild
from learning.kit.names import LONGEST, LONGEST_ORGANISATION, name_problem
from learning.kit.sent import claim, release

_l = lazy_gettext


def clean(text: str | None) -> str:
    """Text in one normal form (NFC), stripped, with plain line ends."""
    return unicodedata.normalize("NFC", (text or "").replace("\r\n", "\n")).strip()


def no_control(_form: Any, field: Any) -> None:
    """Refuse characters that no person types: C0 controls and lone surrogates."""
    bad = (c for c in field.data or "" if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"))
    if next(bad, None) is not None:
        raise StopValidation(gettext("Remove the invisible characters from this field."))


def _validators(required: bool, most: int, message: Any) -> list[Any]:
    first = DataRequired(message or _l("Fill in this field.")) if required else Optional()
    too_long = Length(max=most, message=_l("Use at most %(max)d characters."))
    return [first, no_control, too_long]


class Line(StringField):
    """One line of text."""

    def __init__(
        self,
        label: Any = None,
        *,
        max: int = 200,
        required: bool = True,
        message: Any = None,
        more: Iterable[Any] = (),
        **kw: Any,
    ) -> None:
        super().__init__(label, [*_validators(required, max, message), *more], filters=[clean], **kw)


class PersonName(Line):
    """The name of a person: see kit/names.py."""

    longest = LONGEST

    def __init__(self, label: Any = None, *, required: bool = True, **kw: Any) -> None:
        super().__init__(label, max=self.longest, required=required, more=[self._check], **kw)

    def _check(self, _form: Any, field: Any) -> None:
        kept = field.data and field.data == field.object_data  # as it stood there before this rule
        problem = None if kept else name_problem(field.data or "", longest=self.longest)
        if problem is not None:
            raise StopValidation(gettext(problem))


class OrganisationName(PersonName):
    """The name of an organisation, by the same rule."""

    longest = LONGEST_ORGANISATION


class Lines(TextAreaField):
    """Several lines of text."""

    def __init__(
        self, label: Any = None, *, max: int = 2000, required: bool = False, message: Any = None, **kw: Any
    ) -> None:
        super().__init__(label, _validators(required, max, message), filters=[clean], **kw)


class Markdown(Lines):
    """A text in Markdown, with a live preview where there is a script."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, render_kw={"data-markdown": "/preview"}, **kw)

    def pre_validate(self, _form: Any) -> None:
        """Refuse what takes too long to read."""
        if too_wild(self.data or ""):
            raise StopValidation(gettext("Use at most %(most)d square brackets in a text.", most=BRACKETS))


def is_mail_address(text: str) -> bool:
    """It can be a mail address."""
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def mail_address(_form: Any, field: Any) -> None:
    """Refuse what cannot be a mail address."""
    if not is_mail_address(field.data or ""):
        raise StopValidation(gettext("Enter an e-mail address like name@example.org."))


class Mail(EmailField):
    """A mail address."""

    def __init__(self, label: Any = None, *, required: bool = True, **kw: Any) -> None:
        checks = _validators(required, 254, _l("Enter an e-mail address like name@example.org."))
        super().__init__(label, [*checks, mail_address], filters=[clean], **kw)


class Form(FlaskForm):
    """Base of all forms.

    `status` is what the page answers: 200, 422 for input, 409 for a rule, 429 for too often.
    """

    form_key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.status = 200
        self.seconds = 0  # to wait before it is sent again
        if not self.form_key.data:
            self.form_key.data = secrets.token_urlsafe(18)

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says beside the page: when it may be sent again."""
        return {"Retry-After": str(self.seconds)} if self.seconds else {}

    def _key(self) -> str:
        """The key as it can be kept."""
        return (self.form_key.data or "").replace("\0", "")[:64]

    def submitted(self) -> bool:
        """It was sent and everything has the right shape."""
        if not self.is_submitted():
            return False
        if not self.validate():
            self.status = 422
            return False
        return True

    @contextmanager
    def refusals(self, answer: str | None = None) -> Iterator[None]:
        """Show a Refusal at its field.

        `answer` is where a second sending of this form leads (kit/sent.py).
        """
        token = at_start_of(lambda: claim(answer or request.path))
        try:
            yield
        except Refusal as refusal:
            release()
            self.refuse(refusal)
        finally:
            token.undo()

    def refuse(self, refusal: Refusal) -> None:
        """Put the words of a refusal next to its field, or on top."""
        words = gettext(refusal.message, **refusal.values)
        self.status = {"too_often": 429, "busy": 503}.get(refusal.code, 409)
        self.seconds = refusal.values.get("seconds", 0)
        field = self._fields.get(refusal.field or "")
        if field is not None:
            field.errors = [*field.errors, words]
        else:
            self.form_errors.append(words)


def sealed() -> Markup:
    """The hidden fields of a form that is a button: the token
    against forging, and the key against double sending.
    """
    field = '<input type="hidden" name="{}" value="{}">'
    key = Markup(field).format("form_key", secrets.token_urlsafe(18))
    return Markup(field).format("csrf_token", generate_csrf()) + key


def id_of(text: str | None) -> int:
    """The id that was sent; 0, which no row has, for what can be none."""
    sent = text or ""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def check_count(_form: Any, field: Any) -> None:
    """Refuse what is no whole number of at least 0."""
    if field.data and (not field.data.isascii() or not field.data.isdigit() or len(field.data) > 6):
        raise StopValidation(gettext("Enter a whole number, for example 40, or leave it empty."))


class Count(StringField):
    """A whole number; `count` is None when the field is empty."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(
            label, [Optional(), check_count], filters=[clean], render_kw={"inputmode": "numeric"}, **kw
        )

    @property
    def value(self) -> int | None:
        """The number."""
        return int(self.data) if self.data else None


_clock = re.compile(r"([01]?\d|2[0-4])\s*(?:[.:]\s*([0-5]\d))?\s*(?:uur|u|h)?")


def clock_of(text: str) -> str | None:
    """A time as people write it (13.00 uur, 13:00, 9 uur) as HH:MM; None when it is no time."""
    found = _clock.fullmatch(text.strip().lower())
    if not found or int(found[1]) > 23:
        return None
    return f"{int(found[1]):02d}:{found[2] or '00'}"


class Clock(StringField):
    """A time of the day as people write it; `value` is HH:MM or empty."""

    def __init__(self, label: Any = None, *, required: bool = False, **kw: Any) -> None:
        first = DataRequired(_l("Fill in this field.")) if required else Optional()
        super().__init__(label, [first, self._check], filters=[clean], **kw)

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        if clock_of(field.data or "") is None:
            raise StopValidation(gettext("Enter a time like 13:30."))

    @property
    def value(self) -> str:
        """The time."""
        return (clock_of(self.data) or "") if self.data else ""


class Day(StringField):
    """A day, in a browser's own day picker; `value` is a date or None."""

    widget = DateInput()

    def __init__(self, label: Any = None, *, required: bool = False, **kw: Any) -> None:
        first = DataRequired(_l("Fill in this field.")) if required else Optional()
        super().__init__(label, [first, self._check], filters=[clean], **kw)

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        try:
            found = date.fromisoformat(field.data or "")
        except ValueError:
            found = None
        if found is None or not 1990 <= found.year <= 2100:
            raise StopValidation(gettext("Enter a day like 2027-01-28.")) from None

    @property
    def value(self) -> date | None:
        """The day."""
        return date.fromisoformat(self.data) if self.data else None


class LocalMoment(StringField):
    """A day and time on the clock of Amsterdam; `value` is a moment in UTC or None."""

    widget = DateTimeLocalInput()

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, [Optional(), self._check], filters=[clean], **kw)

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        try:
            found = datetime.fromisoformat(field.data or "")
            if found.tzinfo is not None or not 1990 <= found.year <= 2100:
                raise ValueError
            clock.to_utc(found.date(), found.time())
        except Refusal as refusal:
            raise StopValidation(gettext(refusal.message)) from None
        except ValueError:
            raise StopValidation(gettext("Enter a day and a time like 2027-01-28 17:00.")) from None

    @property
    def value(self) -> datetime | None:
        """The moment."""
        if not self.data:
            return None
        said = datetime.fromisoformat(self.data)
        return clock.to_utc(said.date(), said.time())


class WebAddress(StringField):
    """An address that begins with https:// or http://."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        checks = [
            Optional(),
            no_control,
            Length(max=500, message=_l("Use at most %(max)d characters.")),
            self._check,
        ]
        super().__init__(label, checks, filters=[clean], render_kw={"inputmode": "url"}, **kw)

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        if not re.fullmatch(r"https?://[^\s/]+\S*", field.data or ""):
            raise StopValidation(gettext("Enter an address that begins with https://"))


class Pick(SelectField):
    """One of a list; `value` is an id or None when nothing was picked."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, choices=[], validate_choice=True, **kw)

    def offer(self, options: Iterable[tuple[Any, str]], *, empty: str | None = "") -> None:
        """What can be picked; `empty` are the words for nothing, None where something must be picked."""
        nothing = [SelectChoice("", empty)] if empty is not None else []
        self.choices = nothing + [SelectChoice(str(key), words) for key, words in options]

    @property
    def value(self) -> int | None:
        """The id that was picked."""
        return int(self.data) if self.data else None


_colour = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})")


def colour_of(text: str) -> str | None:
    """A colour as people write it (#123F8F, 123f8f, #abc) as #rrggbb; None when it is none."""
    found = _colour.fullmatch(text.strip().lower())
    if not found:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return f"#{digits}"


class Colour(StringField):
    """A colour; `value` is #rrggbb."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        checks = [DataRequired(_l("Fill in this field.")), self._check]
        super().__init__(label, checks, filters=[clean], render_kw={"data-colour": ""}, **kw)

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        if colour_of(field.data or "") is None:
            raise StopValidation(gettext("Enter a colour like #123f8f."))

    @property
    def value(self) -> str:
        """The colour."""
        return colour_of(self.data or "") or ""


class HostName(StringField):
    """The name of a host such as programma.example.org; `value` is None when the field is empty."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(
            label, [Optional(), self._check], filters=[clean], render_kw={"inputmode": "url"}, **kw
        )

    @staticmethod
    def _check(_form: Any, field: Any) -> None:
        if host_of(field.data or "") is None:
            raise StopValidation(gettext("Enter the domain alone, like programma.example.org."))

    @property
    def value(self) -> str | None:
        """The name in lower case; names with other letters as they are on the wire (RFC 3492)."""
        return host_of(self.data) if self.data else None


_label = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def host_of(text: str) -> str | None:
    """A host name as people paste it (with https://, a slash, capitals); None when it is none."""
    bare = re.sub(r"^https?://", "", text.strip().lower()).removesuffix("/").removesuffix(".")
    try:
        name = bare.encode("idna").decode()
    except UnicodeError:
        return None
    labels = name.split(".")
    right = len(name) <= 253 and len(labels) >= 2 and all(_label.fullmatch(label) for label in labels)
    return name if right and not labels[-1].isdigit() else None


def worded(options: dict[str, str]) -> list[SelectChoice]:
    """Choices with their words in the reader's language, translated when shown."""
    return [SelectChoice(key, lazy_gettext(words)) for key, words in options.items()]
