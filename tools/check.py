"""Checks what changed, in a minute or so: `python -m tools.check [--since REF]`; `make check` calls it.

Style, types, import contracts and translations of everything; of the tests those of
the areas that changed and of the areas above that use them, on SQLite. It says what
it left to `make test`.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
HOUSE = ["tests/house/test_code.py", "tests/house/test_rooms.py"]
WALKS = "tests/stories"
SLOW = ("tests/browser", "tests/reliability", "tests/vendor")  # real servers and browsers: `make test` alone
MANY = 5  # areas above: with more of them walks through the whole house stand for them
LOOKS = (
    [sys.executable, "-m", "tools.messages", "--check"],
    [str(BIN / "ruff"), "check", "-q", "."],
    [str(BIN / "ruff"), "format", "-q", "--check", "."],
    [sys.executable, "-m", "tools.markup", "--check"],
    [str(BIN / "mypy"), "--no-error-summary"],
    [str(BIN / "lint-imports")],
)


def git(*words: str) -> list[str]:
    """The lines that git answers."""
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def changed(since: str | None) -> list[str]:
    """The files that differ from a commit; by default what is not committed, or else the last commit."""
    new = git("ls-files", "--others", "--exclude-standard")
    files = sorted({*git("diff", "--name-only", since or "HEAD"), *new})
    return files if files or since else git("diff", "--name-only", "HEAD~1")


def module_of(file: str) -> str:
    """The name of a file of Python."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def tests_for(files: list[str]) -> tuple[list[str], list[str]]:
    """The files and folders of tests to run for changed files, and what is left to the whole run."""
    chosen, above = set(HOUSE), set()
    graph = grimp.build_graph("learning", cache_dir=str(ROOT / ".grimp_cache"))
    for file in files:
        parts = file.split("/")
        if parts[0] == "tests" and len(parts) > 2:
            own = parts[-1].startswith("test_")
            chosen.add(WALKS if parts[1] == "make" else file if own else f"tests/{parts[1]}")
        elif parts[0] == "templates" and len(parts) > 2:
            area = parts[2] if parts[1] == "mail" else parts[1]
            chosen |= {f"tests/{area}"} | ({"tests/mail"} if parts[1] == "mail" else set())
            chosen |= {WALKS} if parts[1] in ("layout", "components") else set()
        elif parts[0] == "learning" and file.endswith(".py"):
            chosen.add(f"tests/{parts[1]}" if len(parts) > 2 else "tests/house")
            if module_of(file) in graph.modules:
                above |= {
                    f"tests/{name.split('.')[1]}"
                    for name in graph.find_modules_that_directly_import(module_of(file))
                }
        elif file in ("tests/conftest.py", "app.py"):
            chosen |= {"tests/kit", WALKS}
    above -= {*chosen, "tests/demo"}
    left = above if len(above) > MANY else set()
    chosen |= {WALKS} if left else above
    left |= {path for path in chosen if path.startswith(SLOW)}
    there = sorted(path for path in chosen - left if (ROOT / path).exists())
    return [path for path in there if not _within(path, there)], sorted(left)


def _within(path: str, others: list[str]) -> bool:
    return any(path != other and path.startswith(f"{other}/") for other in others)


def main() -> int:
    """Look at everything, test what changed; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", help="a commit: what changed since then; by default what is not committed")
    given = parser.parse_args()
    began = time.monotonic()
    looking = [
        subprocess.Popen(look, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for look in LOOKS
    ]
    wrong = 0
    for look, process in zip(LOOKS, looking, strict=True):
        said = process.communicate()[0]
        if process.returncode:
            wrong = 1
            print(said, file=sys.stderr)
        name = " ".join(word.rpartition("/")[2] for word in look if word != "-m")
        print(f"{'wrong' if process.returncode else 'right'}: {name}")
    files = changed(given.since)
    tests, left = tests_for(files)
    print(f"{len(files)} changed files; tests: {' '.join(tests)}")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "--only", "sqlite", *tests]
    wrong |= subprocess.run(command, cwd=ROOT, check=False).returncode
    if left:
        print(f"Not run here, but by `make test`: {' '.join(left)}")
    print(f"{time.monotonic() - began:.0f} s")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
