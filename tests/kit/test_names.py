"""What a name may hold: pure, and in every form in which somebody types one."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from learning.kit.errors import Refusal
from learning.kit.forms import Form, PersonName
from learning.kit.names import LONGEST, check_name, check_reference, name_problem

NAMES = (
    "J.P. de Vries", "J.Vries", "Anne-Fleur 't Hooft", "Café De Brug (2)", "Ann <b>van</b> Dijk",
    "Stichting A.B.C.",
    "drs. Jansen", "Müller-Lüdenscheidt", "李小龍", "محمد", "'s-Hertogenbosch", "Bergen (NH.)", "St. Jan",
    "Collega 1",
    "Van 1.5 tot 2.0", "a" * LONGEST,
)  # fmt: skip
NO_NAMES = (
    "Your account is blocked, sign in at https://evil.example", "evil.example", "evil.example/x", "www.evil",
    "x.com",
    "t.me/evil", "ann@evil.example", "ann＠evil", "evil。example", "evil．example", "evil｡nl", "evil․example",
    "пример.рф",
    "xn--e1afmkfd.xn--p1ai", "//evil", "http:evil", "hxxp://evil", "mailto:x", "1.2.3.4 ok", "(evil.example)",
    "evil.example.",
    "a\u202eb", "a\u2066b", "a\u200bb", "a\u200db", "\ufeffa", "a\u00adb", "a\nb",
    "a\tb", "a\x00b", "a\u2028b", "\u3164", "a\u3164",
    "", " ", "12", "...", "a" * (LONGEST + 1),
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_people_and_organisations(name: str):
    assert name_problem(name) is None


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_leads_somewhere_or_hides_is_no_name(name: str):
    assert name_problem(name) is not None
    with pytest.raises(Refusal) as refused:
        check_name(name)
    assert (refused.value.code, refused.value.field) == ("no_name", "name")


@given(
    st.text(max_size=30),
    st.sampled_from(
        [
            "https://evil.example",
            "evil.example/a",
            "WWW.EVIL.NL",
            "a@evil.nl",
            "evil\u3002nl",
            "\u202e",
            "\u200b",
        ]
    ),
    st.text(max_size=30),
)
def test_nothing_around_it_makes_it_a_name(before: str, bad: str, after: str):
    assert name_problem(f"{before} {bad} {after}") is not None


@given(
    st.lists(
        st.text(alphabet="abcdefghijklmnopqrstuvwxyzéüø-'", min_size=2, max_size=12), min_size=1, max_size=5
    )
)
def test_words_with_spaces_are_a_name(words: list[str]):
    name = "A. " + " ".join(words)
    assert name_problem(name[:LONGEST]) is None


@pytest.mark.parametrize(("text", "right"), [
    ("4500-1", True), ("afd.inkoop 12/3", True), ("PO 7", True), ("2027.01", True), ("", True),
    ("https://evil.example", False), ("evil.nl", False), ("x@y", False), ("evil.com/x", False),
    ("a\u202eb", False),
])  # fmt: skip
def test_a_reference_on_an_invoice(text: str, right: bool):
    if right:
        check_reference(text)
        return
    with pytest.raises(Refusal):
        check_reference(text)


class NameForm(Form):
    """A form with one name."""

    name = PersonName("Name")


def test_the_field_says_what_to_do_and_keeps_what_was_there(app: Flask):
    with app.test_request_context():
        typed = NameForm(MultiDict({"name": "evil.example"}))
        assert not typed.validate()
        assert typed.name.data == "evil.example"
        assert typed.name.errors == [
            "Vul een naam in zonder web- of e-mailadres. Zet een spatie achter een punt."
        ]
        kept = NameForm(MultiDict({"name": "Booking.com"}), data={"name": "Booking.com"})
        assert kept.validate()
        changed = NameForm(MultiDict({"name": "Booking.org"}), data={"name": "Booking.com"})
        assert not changed.validate()
