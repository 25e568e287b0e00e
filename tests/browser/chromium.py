"""A real browser: Debian's Chromium, with a look at
accessibility and at the width of a phone on every page.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

AXE = (Path(__file__).parent.parent / "vendor" / "axe" / "axe.min.js").read_text()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser, started headless."""
    names = (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
    )  # the first draws no window of its own
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "chromium is not installed; `make test` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def new_page(browser: Any, *, width: int = 1280, scripts: bool = True, dark: bool = False) -> Page:
    """A fresh person with a browser of their own. Errors of scripts are kept in `page.wrong`."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale="nl-NL",
        ignore_https_errors=True,  # the certificate of the tests' own door is trusted by nobody
    )
    page: Page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda line: wrong.append(line.text) if "Content Security Policy" in line.text else None
    )
    page.wrong = wrong  # type: ignore[attr-defined]
    return page


def look(page: Page) -> None:
    """Nothing sticks out, no script broke, and axe finds no violation."""
    page.wait_for_load_state()
    name = page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{name} sticks out"
    assert page.wrong == [], (name, page.wrong)  # type: ignore[attr-defined]
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]]) for v in found] == [], name
