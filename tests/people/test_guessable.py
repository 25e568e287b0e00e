"""Which passwords are refused, and that the others are left as they are."""

import pytest

from learning.kit.errors import Refusal
from learning.people.guessable import check_password, known

ROW, COMMON, OWN = "password_row", "password_common", "password_own"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("aaaaaaaaaaaa", ROW), ("AAAAAAAAAAAAA1", ROW), ("abcabcabcabc", ROW), ("123456789012", ROW),
        ("987654321098", ROW),
        ("abcdefghijklmnop", ROW), ("qwertyuiopasdfgh", ROW), ("poiuytrewqpoiuy", ROW), ("welkomwelkom", ROW),
        ("ééééééééééééé", ROW), ("🙂" * 12, ROW), ("            ", ROW), ("- - - - - - - - ", ROW),
        ("1212121212121!", ROW),
        ("password1234", COMMON), ("Passw0rd1234!", COMMON), ("wachtwoord2026", COMMON),
        ("Leerkring2026!", COMMON),
        ("iloveyoubaby", COMMON), ("Monkey.Dragon.1", COMMON), ("1qaz2wsx3edc", COMMON),
        ("manchesterunited", COMMON),
        ("ann@stad.example", OWN), ("AnnVanDijk2024", OWN), ("van dijk, ann", OWN), ("stadann1example", OWN),
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused_at_its_field(password: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_password(password, mail="ann@stad.example", name="Ann van Dijk")
    assert (refused.value.code, refused.value.field) == (code, "password")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery", "  a Sentence of my own  ", "de fiets staat buiten", "zomer in Utrecht",
        "kU8#vb2!pQ0z",
        "ann loopt naar de markt", "drie maal drie is negen", "f3c1a9e07b52",
    ],
)  # fmt: skip
def test_others_are_taken(password: str) -> None:
    check_password(password, mail="ann@stad.example", name="Ann van Dijk")


def test_there_are_enough_of_them() -> None:
    assert len(known()) > 10_000
    assert "" not in known()
