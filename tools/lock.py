"""Writes the lock files: the exact versions, installed here, of what the requirement files need.

No addresses.

`python -m tools.lock` after installing what the .in files name.
"""

import re
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


def needed(file: Path) -> dict[str, str]:
    """Name and version of everything that the file asks for, with what that asks for in turn."""
    found: dict[str, str] = {}
    todo: list[Requirement] = []
    for line in file.read_text().splitlines():
        if line.startswith("-r "):
            found |= needed(ROOT / line.removeprefix("-r ").strip())
        elif line.strip():
            todo.append(Requirement(line))
    seen: set[tuple[str, str]] = set()
    while todo:
        requirement = todo.pop()
        package = distribution(requirement.name)
        name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
        found[name] = package.version
        for extra in (*requirement.extras, ""):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in package.requires or ():
                child = Requirement(text)
                if child.marker is None or child.marker.evaluate({"extra": extra}):
                    todo.append(child)
    return found


def write(source: str, target: str) -> None:
    """Write one lock file."""
    lines = [f"{name}=={version}\n" for name, version in sorted(needed(ROOT / source).items())]
    (ROOT / target).write_text("".join(lines))


if __name__ == "__main__":
    write("requirements.in", "requirements.lock")
    write("requirements-test.in", "requirements-test.lock")
