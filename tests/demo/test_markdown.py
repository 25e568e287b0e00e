"""Texts become HTML that cannot harm, whatever was typed."""

import pytest

from learning.kit.markdown import render


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("  \n", ""),
        (
            "Een *wijk* en **buurt**.\n\nTwee.",
            "<p>Een <em>wijk</em> en <strong>buurt</strong>.</p>\n<p>Twee.</p>",
        ),
        ("# Een\n\n## Twee\n\n### Drie", "<h3>Een</h3>\n<h3>Twee</h3>\n<h4>Drie</h4>"),
        ("- een\n- twee", "<ul>\n<li>een</li>\n<li>twee</li>\n</ul>"),
        ("[a](https://a.example)", '<p><a href="https://a.example" rel="noopener noreferrer">a</a></p>'),
        ("[a](mailto:a@b.example)", '<p><a href="mailto:a@b.example" rel="noopener noreferrer">a</a></p>'),
        ("[a](http://a.example)", '<p><a rel="noopener noreferrer">a</a></p>'),
        ("[a](/me)", '<p><a rel="noopener noreferrer">a</a></p>'),
        ("[a](//a.example)", '<p><a rel="noopener noreferrer">a</a></p>'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
    ],
)
def test_markdown_becomes_safe_html(text: str, html: str) -> None:
    assert render(text) == html
