"""The formatter of templates, style sheets and scripts changes lines and nothing that a reader sees."""

import re

import pytest
from jinja2 import Environment

from tools.markup.gaps import FLEXIBLE
from tools.markup.house import ROOT, formatted, seen
from tools.markup.sheets import formatted_sheet

WORDS = "{{ _('a sentence that is long enough to fill a good part of a line, and a bit more of it') }}"
MACRO = f"{{% macro m() %}}{WORDS}{{% if x %}} {WORDS}{{% endif %}}{{% endmacro %}}"
INPUT = f'<input value="{WORDS}"{{% if x %}} checked{{% endif %}} name="{WORDS}">'
SAME = {  # what stands in a line keeps its blanks, and gets none
    "no blank between elements": f"<p><b>{WORDS}</b><i>{WORDS}</i>{{{{ x }}}}</p>",
    "a blank between elements": f"<p><b>{WORDS}</b> <i>{WORDS}</i> {{{{ x }}}}</p>",
    "before a condition": f"<p>{WORDS}{{% if x %}}, {{{{ x }}}} {WORDS}{{% endif %}}.</p>",
    "in a condition": f"<p>{WORDS}{{% if x %}} {WORDS} {{% else %}}{WORDS}{{% endif %}} {WORDS}</p>",
    "in a loop": f"<p>{{% for n in many %}}<b>{{{{ n }}}}</b>{WORDS}{{% endfor %}}</p>",
    "in a macro": MACRO + "<p>x{{ m() }}y</p>",
    "as it was written": f"<p>{WORDS}<textarea>\n c  c </textarea>{WORDS}</p><pre> a\n   b </pre>",
    "attributes": f"<p>{INPUT}{{{{ x }}}}</p>",
}


def rendered(source: str, **values: object) -> str:
    """What a browser makes of a template of these tests: blanks at the edges of its blocks are none."""
    jinja = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    jinja.globals["_"] = str
    html = jinja.from_string(source).render(values | {"many": [1, 2, 3]})
    parts = re.split(r"(<pre>.*?</pre>|<textarea>.*?</textarea>)", html, flags=re.S)
    parts = [part if part.startswith(("<pre", "<textarea")) else re.sub(r"\s+", " ", part) for part in parts]
    return re.sub(r" ?(</?p>) ?", r"\1", "".join(parts)).replace("</pre> ", "</pre>")


@pytest.mark.parametrize("name", SAME)
def test_what_a_reader_sees_stays(name: str):
    source = SAME[name]

    text = formatted(source)

    assert max(map(len, text.split("\n"))) <= 140
    assert formatted(text) == text
    for x in ("", "x"):
        assert rendered(text, x=x) == rendered(source, x=x)


def test_a_blank_that_is_seen_makes_a_difference():
    assert seen("<p><b>x</b>{{ y }}</p>") != seen("<p><b>x</b> {{ y }}</p>")
    assert seen("<p><b>x</b></p>") == seen("<p> <b>x</b>\n</p>")
    assert seen("<p>{% if x %}a{% endif %}b</p>") != seen("<p>{% if x %}a {% endif %}b</p>")
    assert seen('<div class="row"><b>x</b><i>y</i></div>') == seen('<div class="row"><b>x</b> <i>y</i></div>')


def test_a_long_sentence_stays_one_message():
    sentence = "one two three four " * 20

    text = formatted('<p>{{ _("' + sentence + '", x=1) }}</p>')

    assert max(map(len, text.split("\n"))) <= 140
    messages = list(Environment(extensions=["jinja2.ext.i18n"]).extract_translations(text))  # type: ignore[attr-defined]
    assert [message for _line, _function, message in messages] == [(sentence, None)]


def test_flexible_boxes_are_so_in_the_style_sheets():
    sheets = "".join(file.read_text() for file in sorted((ROOT / "static" / "css").glob("*.css")))
    sheets = re.sub(r"/\*.*?\*/", "", sheets, flags=re.S)
    boxes: set[str] = set()
    for selectors, _rule in re.findall(
        r"([^{}]+)\{([^{}]*display: (?:inline-)?(?:flex|grid)[^{}]*)\}", sheets
    ):
        boxes |= set(re.findall(r"(?:^|,)\s*\.([\w-]+)\s*(?=,|$)", selectors.strip()))

    assert FLEXIBLE - boxes == set()


def test_a_style_sheet_says_the_same():
    long = "x" * 60
    sheet = f"a{{b:c;d:{long};e:{long}}}/* note */\n@media print{{.f,.g{{h:i}} .j{{k:l}}}}\n"

    text = formatted_sheet(sheet)

    assert formatted_sheet(text) == text
    squeezed = re.sub(r"\s*([{}:;,]|\*/)\s*", r"\1", text).replace(";}", "}")
    assert squeezed.strip() == f"a{{b:c;d:{long};e:{long}}}/* note*/@media print{{.f,.g{{h:i}}.j{{k:l}}}}"
