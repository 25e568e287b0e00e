"""What somebody typed is not lost: a form that came too
late is shown as it was sent, and one button sends it again.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from wtforms import PasswordField

from learning.kit.forms import Form
from learning.kit.sent import NOT_CONTENT

MOST_FIELDS = 400
MOST_TEXT = 200_000  # characters together
SHOWN = 300  # characters of a long text that are shown; all of it is sent


@dataclass(frozen=True)
class TypedField:
    """One field that was sent: its name, the value that is sent again, and both in words."""

    name: str
    value: str
    label: str
    words: str


@dataclass(frozen=True)
class Again:
    """A form as it was sent.

    Passwords and files are asked for once more: `passwords` and `files` are their names.
    """

    target: str
    fields: tuple[TypedField, ...]
    passwords: tuple[str, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> list[TypedField]:
        """What a person filled in."""
        return [field for field in self.fields if field.words and field.name not in NOT_CONTENT]


def typed() -> Again | None:
    """What was typed into the form that was sent; None when
    there is nothing to keep or it may not be offered again.

    It is offered only when the form stood on a page of
    ours: another site's form must never be one click away.
    """
    if request.method != "POST" or request.endpoint is None or not _is_ours() or not _is_page():
        return None
    sent = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    files = tuple((name, file.filename) for name, file in request.files.items(multi=True) if file.filename)
    content = [(name, value) for name, value in sent if name not in NOT_CONTENT]
    if not (content or files) or len(sent) > MOST_FIELDS or sum(len(n) + len(v) for n, v in sent) > MOST_TEXT:
        return None
    names = {name for name, _value in content}
    known, hidden = _known_fields(names), _passwords(names)
    passwords = tuple(sorted({name for name, _value in content if name in hidden}))
    kept = tuple(_field(name, value, known) for name, value in sent if name not in hidden)
    return Again(request.full_path.rstrip("?"), kept, passwords, files)


def _is_ours() -> bool:
    """A browser says that the form stood on a page of this site."""
    said = request.headers.get("Origin") or request.referrer or ""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    from_page, base = urlsplit(said), urlsplit(current_app.config["BASE_URL"])
    return (from_page.scheme, from_page.netloc) in (
        (request.scheme, request.host),
        (base.scheme, base.netloc),
    )


def _is_page() -> bool:
    """It is a page that is asked for, and not a script asking in the background."""
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"


def _field(name: str, value: str, known: dict[str, Any]) -> TypedField:
    field = known.get(name) or known.get(name.rstrip("0123456789").rstrip("_-"))
    label = (
        field.args[0]
        if field is not None and field.args
        else (field.kwargs.get("label") if field is not None else None)
    )
    words = value if len(value) <= SHOWN else value[:SHOWN] + "…"
    choices = field.kwargs.get("choices") if field is not None else None
    for choice in choices if isinstance(choices, list) else ():
        if str(getattr(choice, "value", None) or (choice[0] if isinstance(choice, tuple) else "")) == value:
            words = str(getattr(choice, "label", "") or choice[1]) or words
    return TypedField(name, value, str(label or "") or name.replace("_", " "), words.strip())


def _known_fields(sent: set[str]) -> dict[str, Any]:
    """The fields of our forms by their name, first of the
    form that has most of what was sent and little else.
    """
    found: dict[str, Any] = {}
    forms = [_fields_of(form) for form in _forms(Form)]
    for fields in sorted(
        forms, key=lambda fields: -len(fields.keys() & sent) / (len(fields.keys() | sent) or 1)
    ):
        for name, field in fields.items():
            found.setdefault(name, field)
    return found


def _fields_of(form: type[Form]) -> dict[str, Any]:
    own = (item for base in reversed(form.__mro__) for item in vars(base).items())
    return {name: field for name, field in own if hasattr(field, "field_class")}


def _passwords(sent: set[str]) -> set[str]:
    """Which of these fields hold passwords: by their name,
    or because a form of ours has a password under that name.

    A form may leave fields out, so what else was sent says nothing;
    a field of another form with such a name is typed again.
    """
    found = {name for name in sent if "password" in name.lower()}
    for form in _forms(Form):
        found |= {
            name for name, field in _fields_of(form).items() if issubclass(field.field_class, PasswordField)
        }
    return found & sent


def _forms(base: type[Form]) -> list[type[Form]]:
    return [base, *(form for one in base.__subclasses__() for form in _forms(one))]
