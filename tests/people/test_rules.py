"""Normal forms of names and addresses, networks, and paths to go back to."""

import pytest

from learning.people.rules import device_of, mail_key, name_key, network_of, short_network, sort_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Jos van der Lans", "lans, jos van der"),
        ("Simone 't Hooft", "hooft, simone 't"),
        ("Simone ’t Hooft", "hooft, simone 't"),
        ("José Müller-van Dam", "muller-van dam, jose"),
        ("Anna Maria Jansen", "jansen, anna maria"),
        ("Cher", "cher"),
        ("", ""),
    ],
)
def test_names_sort_the_dutch_way(name: str, key: str) -> None:
    assert sort_key(name) == key


def test_an_address_has_one_normal_form_and_different_ones_do_not_meet() -> None:
    assert mail_key(" Ann@Example.ORG ") == "ann@example.org"
    assert mail_key("straße@x.example") != mail_key("strasse@x.example")
    assert mail_key("ⅿike@x.example") != mail_key("mike@x.example")


def test_names_meet_without_case_accents_and_doubled_spaces() -> None:
    assert name_key("José  de VRIES") == name_key("jose de vries") == "jose de vries"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_network_is_an_address_or_a_64(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ("Firefox", "Windows"),
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_5) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
            ("Safari", "Mac"),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            ("Chrome", "Linux"),
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            ("Edge", "Windows"),
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
            ("Chrome", "Android"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) CriOS/140.0 Mobile Safari/604.1",
            ("Chrome", "iPhone"),
        ),
        ("curl/8.14.1", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_device_has_words(agent: str, device: tuple[str, str]) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("192.0.2.7", "192.0.2.…"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:…"),
        ("2001:db8::1", "2001:db8:0:…"),
        ("::ffff:192.0.2.7", "192.0.2.…"),
        (None, ""),
        ("nonsense", ""),
    ],
)
def test_a_network_is_shown_in_short(address: str | None, short: str) -> None:
    assert short_network(address) == short
