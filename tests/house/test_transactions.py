"""Nothing that takes long is inside an action: no decoding,
rendering, hashing of passwords, programs or network.

A walk over the source: from every function marked
`@transaction()` along all calls that can be told from the text.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SLOW = (  # names of other packages that an action never reaches, whole or what is below them
    "PIL", "openpyxl", "weasyprint", "argon2", "smtplib", "socket", "ssl", "urllib.request", "http.client",
    "dns",
    "subprocess", "zipfile", "time.sleep", "flask.render_template", "flask.render_template_string",
    "learning.kit.limited", "learning.kit.photos", "learning.kit.uploads", "learning.kit.pdf",
    "learning.kit.outside",
    "learning.kit.processes.Computation",
)  # fmt: skip


@dataclass
class Function:
    """A function or method: its name with that of its module, what it calls, and whether it is an action."""

    name: str
    calls: list[str]
    action: bool


@dataclass
class Module:
    """A source file: what its names mean elsewhere, and the functions in it."""

    name: str
    names: dict[str, str] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)


def read(name: str, source: str) -> Module:
    """One source file. Imports anywhere in it count."""
    tree, module = ast.parse(source), Module(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            module.names |= {a.asname: a.name for a in node.names if a.asname}
            module.names |= {
                a.name.partition(".")[0]: a.name.partition(".")[0] for a in node.names if not a.asname
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            module.names |= {(a.asname or a.name): f"{node.module}.{a.name}" for a in node.names}
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            module.names[node.name] = f"{name}.{node.name}"
        elif isinstance(node, ast.Assign) and isinstance(
            node.value, ast.Call
        ):  # _hasher = PasswordHasher(): what it is of
            made = _dotted(node.value.func, module.names)
            module.names |= {t.id: made for t in node.targets if isinstance(t, ast.Name) and made}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            module.functions.append(_function(node, f"{name}.{node.name}", module.names))
        elif isinstance(node, ast.ClassDef):
            methods = [n for n in node.body if isinstance(n, ast.FunctionDef)]
            module.functions += [_function(n, f"{name}.{node.name}.{n.name}", module.names) for n in methods]
    return module


def _function(node: ast.FunctionDef, name: str, names: dict[str, str]) -> Function:
    marks = [
        d.func.id for d in node.decorator_list if isinstance(d, ast.Call) and isinstance(d.func, ast.Name)
    ]
    action = "transaction" in marks
    inside = (n for part in node.body for n in ast.walk(part))
    calls = [_dotted(n.func, names) or "" for n in inside if isinstance(n, ast.Call)]
    return Function(name, [call for call in calls if call], action)


def _dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """What a called name means: `photos.logo` is learning.kit.photos.logo.

    Of what is not known only the last name is kept.
    """
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, names)
        return f"{before}.{node.attr}" if before else f"?.{node.attr}"
    return None


def slow_in_actions(modules: list[Module]) -> set[tuple[str, str]]:
    """Actions from which something slow can be reached, each with what that is."""
    functions = {f.name: f for m in modules for f in m.functions}
    methods: dict[str, list[str]] = {}
    for name in functions:
        owner = name.rsplit(".", 2)
        if owner[1][:1].isupper():
            methods.setdefault(owner[2], []).append(name)

    def reached(call: str) -> Iterator[str]:
        if call in functions:
            yield call
        elif call.startswith("?."):  # a method of something: of ours when one class alone has that name
            known = methods.get(call[2:], [])
            yield from known if len(known) == 1 else ()
        else:  # a class that is made: all that it can do
            yield from (name for name in functions if name.rpartition(".")[0] == call)

    found = set()
    for function in functions.values():
        if not function.action:
            continue
        seen, todo = {function.name}, [function.name]
        while todo:
            for call in functions[todo.pop()].calls:
                if any(call == slow or call.startswith(slow + ".") for slow in SLOW):
                    found.add((function.name, call))
                    continue
                new = [name for name in reached(call) if name not in seen]
                seen.update(new)
                todo += new
    return found


@cache
def ours() -> list[Module]:
    """All source files of the app."""
    files = [f for f in sorted((ROOT / "learning").rglob("*.py")) if "migrations" not in f.parts]
    return [
        read(".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), f.read_text())
        for f in files
    ]


def test_no_action_reaches_what_takes_long():
    modules = ours()

    assert sum(f.action for m in modules for f in m.functions) > 100
    assert slow_in_actions(modules) == set()


PLANTED = """
from learning.kit import photos
from learning.kit.db import transaction
from flask import render_template

@transaction()
def straight(row, content):
    row.logo = photos.logo(content)

@transaction()
def by_another(row):
    _paint(row)

def _paint(row):
    from PIL import Image
    Painter(row).paint()

class Painter:
    def paint_over(self):
        return render_template("x.html")

@transaction()
def by_a_method(row):
    row.paint_over()

@transaction()
def by_a_lambda(row):
    run(lambda: _hasher.hash(row.password))

from argon2 import PasswordHasher
_hasher = PasswordHasher()

@transaction()
def quick(row):
    row.name = "x"

def not_an_action(row):
    photos.logo(row)
"""


def test_the_walk_finds_what_is_planted():
    found = slow_in_actions([*ours(), read("learning.planted", PLANTED)])

    assert found == {
        ("learning.planted.straight", "learning.kit.photos.logo"),
        ("learning.planted.by_another", "flask.render_template"),
        ("learning.planted.by_a_method", "flask.render_template"),
        ("learning.planted.by_a_lambda", "argon2.PasswordHasher.hash"),
    }
