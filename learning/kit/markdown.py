"""From Markdown as people write it to HTML that is safe to show; rendered once, when a text is saved."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import escape

TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "h3", "h4", "blockquote", "code", "hr"}
LONGEST = 20_000  # characters
BRACKETS = 400  # each of them may begin a link, and is looked at again for each that follows
# a text never competes with the headings of its page
LEVELS = {
    "h1": "h3",
    "h2": "h3",
    "h3": "h4",
    "h5": "h4",
    "h6": "h4",
}

_reader = MarkdownIt("commonmark", {"html": False}).disable("image")


def render(markdown_text: str) -> str:
    """The text as sanitised HTML: paragraphs, emphasis, lists, small headings, and links by https or mail.

    HTML that was typed shows as the letters it was typed with.
    What takes too long to read (`too_wild`) shows as it was typed.
    """
    if not markdown_text.strip():
        return ""
    if too_wild(markdown_text):
        return f"<p>{escape(markdown_text[:LONGEST])}</p>"
    tokens = _reader.parse(markdown_text)
    for token in tokens:
        token.tag = LEVELS.get(token.tag, token.tag)
    dirty = _reader.renderer.render(tokens, _reader.options, {})
    return nh3.clean(
        dirty,
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_only_safe,
        url_schemes={"https", "mailto"},
        link_rel="noopener noreferrer",
    ).strip()


def too_wild(markdown_text: str) -> bool:
    """Reading it takes time that grows with its square: it
    is too long, or has more brackets than people write.
    """
    return len(markdown_text) > LONGEST or markdown_text.count("[") > BRACKETS


def _only_safe(_tag: str, name: str, value: str) -> str | None:
    """Also leaves out addresses without a scheme: a text does not know on which page it stands."""
    return value if name != "href" or value.startswith(("https://", "mailto:")) else None
