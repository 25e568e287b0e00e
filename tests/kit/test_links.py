"""Where a link or a redirect may lead."""

import pytest

from learning.kit.links import safe_path


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example", "/\n/evil.example", "evil.example", "", None, " /me", "/a\\b", "/x\x00y",
        "/" + "a" * 500,
    ],
)  # fmt: skip
def test_only_our_own_pages_are_safe_to_go_to(url: str | None) -> None:
    assert safe_path(url) == ""


def test_a_page_of_ours_is_kept() -> None:
    assert safe_path("/nl/me?x=1#top") == "/nl/me?x=1#top"
