"""The code keeps its own rules: who commits, what templates
may not hold, what every mail and sentence has.
"""

import ast
import json
import re
from pathlib import Path

import pytest

from tools import messages

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [
    t
    for t in TEMPLATES
    if not {"mail", "documents"} & set(t.parts) and t.name not in ("mail.html", "document.html")
]


def sources() -> list[Path]:
    """Every Python file of the app."""
    return sorted((ROOT / "learning").rglob("*.py"))


def test_only_the_kit_commits():
    committing = {str(f.relative_to(ROOT)) for f in sources() if re.search(r"\.commit\(\)", f.read_text())}

    assert committing == {"learning/kit/db.py"}


def test_only_the_kit_knows_how_rows_are_held():
    """`lock()`, `hold()` and `hold_row()` say it for both databases."""
    words = re.compile(r"with_for_update|skip_locked|FOR (NO KEY )?UPDATE|FOR (KEY )?SHARE")
    holding = {str(f.relative_to(ROOT)) for f in sources() if words.search(f.read_text())}

    assert holding == {"learning/kit/db.py"}


def test_every_module_says_what_it_is_for():
    silent = [
        f for f in sources() if not f.read_text().startswith('"""') and "migrations/versions" not in str(f)
    ]

    assert silent == []


def test_everything_public_says_what_one_gets():
    silent = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in sources()
        if "versions" not in file.parts
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("template", PAGES, ids=lambda t: str(t.relative_to(ROOT / "templates")))
def test_pages_have_no_inline_style_script_or_handler(template: Path):
    text = template.read_text()

    assert re.findall(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)|\|\s*safe\b", text) == []


@pytest.mark.parametrize("template", PAGES, ids=lambda t: str(t.relative_to(ROOT / "templates")))
def test_every_form_that_posts_carries_a_key(template: Path):
    """`hidden(form)` or `sealed()`: a button that is pressed twice does its work once."""
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", template.read_text(), flags=re.S)

    keyless = [form for form in forms if not re.search(r"sealed\(\)|hidden\(|again\.fields", form)]
    assert keyless == []


def test_every_mail_has_three_parts():
    folders = [f for f in sorted((ROOT / "templates" / "mail").glob("*/*")) if f.is_dir()]

    assert folders
    for folder in folders:
        assert {"subject.txt", "body.txt", "body.html"} <= {f.name for f in folder.iterdir()}, folder


def test_every_sentence_has_its_dutch():
    assert messages.complaints(messages.dutch()) == []
    assert messages.contradictions(messages.parts()) == []


def test_two_parts_that_say_something_else_are_named():
    parts = {"one": {"To": "Aan", "From": "Van"}, "two": {"To": "Naar", "From": "Van"}}

    assert messages.contradictions(parts) == ["one and two have other Dutch for 'To': 'Aan' and 'Naar'"]


def test_words_of_the_field_only():
    forbidden = [f for f in sources() if f.stem in ("utils", "helpers", "common")]

    assert forbidden == []


def test_flask_session_is_never_imported_by_name():
    """`Session` is a workshop session here: the browser's one is always written in full."""
    wrong = [f for f in sources() if re.search(r"from flask import [^\n]*\bsession\b", f.read_text())]

    assert wrong == []


def test_files_name_no_machine_and_no_registry():
    hosts = ("pypi" + ".org", "files.python" + "hosted", "npm" + "js", "/ro" + "ot/", "/wo" + "rk/")
    suffixes = {".py", ".html", ".md", ".toml", ".txt", ".in", ".lock", ".sh", ".css", ".js", ".yml"}
    skip = {".venv", ".git", "vendor", "instance"}
    files = [f for f in ROOT.rglob("*") if f.suffix in suffixes and not skip & set(f.parts) and f.is_file()]

    assert [f for f in files if any(host in f.read_text(errors="ignore") for host in hosts)] == []


def test_no_permission_is_always_given():
    """A page for all says `allow_anyone`, one for every account `allow_account`, what was found `found`."""
    always = []
    for file in sources():
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "require":
                given = [value for argument in call.args for value in ast.walk(argument)]
                always += [(file.name, call.lineno) for one in given if getattr(one, "value", None) is True]

    assert always == []


def test_every_icon_exists():
    known = set(json.loads((ROOT / "learning" / "kit" / "icons.json").read_text()))
    used = {
        name for t in TEMPLATES for name in re.findall(r"""\bicon\(["']([a-z0-9-]+)["']""", t.read_text())
    }

    assert used - known == set()


def test_no_sentence_hides_in_a_formatted_string():
    """There the extraction does not see it, and nothing would miss its Dutch."""
    hidden = [
        f"{file.relative_to(ROOT)}:{call.lineno}"
        for file in (ROOT / "learning").rglob("*.py")
        for text in ast.walk(ast.parse(file.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in ("_", "_l", "N_")
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []
