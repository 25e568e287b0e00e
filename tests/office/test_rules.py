"""Names in addresses, letters on a sign, and what the error of a mail means."""

import pytest

from learning.kit.errors import Refusal
from learning.office.rules import check_not_last, trouble_of
from learning.organisations.rules import is_slug, plate_of, slug_of


@pytest.mark.parametrize(
    ("name", "slug", "plate"),
    [
        ("Buurtkring Oost", "buurtkring-oost", "BO"),
        ("'s-Hertogenbosch leert", "s-hertogenbosch-leert", "SH"),
        ("Café Ünïcode", "cafe-unicode", "CÜ"),
        ("Platform31", "platform31", "PL"),
        ("!!!", "", "LK"),
        ("x" * 39 + " y", "x" * 39, "XY"),
    ],
)
def test_a_name_gives_an_address_and_a_sign(name: str, slug: str, plate: str):
    assert (slug_of(name), plate_of(name)) == (slug, plate)


@pytest.mark.parametrize(
    ("text", "right"),
    [("a", False), ("ab", True), ("a-b", True), ("-ab", False), ("ab-", False), ("a--b", False),
    ("Ab", False),
     ("a" * 41, False), ("ab\n", False), ("a/b", False), ("é1", False)],
)  # fmt: skip
def test_what_can_stand_in_an_address(text: str, right: bool):
    assert is_slug(text) is right


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("", ""),
        ("ConnectionRefusedError: [Errno 111] Connection refused", "does not answer"),
        ("TimeoutError: timed out", "does not answer"),
        ("gaierror: [Errno -2] Name or service not known", "does not answer"),
        ("SMTPAuthenticationError: (535, b'5.7.8 Error: authentication failed')", "user name and password"),
        ("SMTPRecipientsRefused: {'x@y.example': (550, b'no such user')}", "to which this mail goes"),
        ("SMTPSenderRefused: (553, b'not yours', 'a@b.example')", "address of the sender"),
        ("SSLCertVerificationError: certificate verify failed", "not safe"),
        ("SMTPDataError: (554, b'spam')", "refuses this mail"),
        ("UndefinedError: 'x' is undefined", "log of the server"),
    ],
)
def test_an_error_of_a_mail_in_words(error: str, words: str):
    assert words in trouble_of(error)
    assert bool(trouble_of(error)) is bool(error)


def test_the_last_owner_stays():
    check_not_last(2)
    with pytest.raises(Refusal) as no:
        check_not_last(1)
    assert no.value.code == "last_owner"
