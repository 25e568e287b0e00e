"""Takes the pictures of the README from a fresh demo: `make screenshots`."""

import tempfile
from pathlib import Path

from tests.browser.chromium import chromium, new_page
from tests.browser.conftest import Demo, Prepared

TARGET = Path(__file__).parent.parent / "docs" / "pictures"


def main() -> None:
    """Open the pages and keep what they look like."""
    TARGET.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="leerkring-pictures-"))
    prepared = Prepared(folder, f"sqlite:///{folder / 'leerkring.db'}")
    demo = Demo(folder, prepared.url, prepared.port)
    try:
        with chromium() as browser:
            take(browser, demo)
    finally:
        demo.stop()


def take(browser: object, demo: Demo) -> None:
    """One picture for each stop of the tour."""
    page = new_page(browser)
    page.goto(f"{demo.address}/nl/programmes/dag-van-de-buurt")
    page.screenshot(path=TARGET / "programme.png")
    page.goto(demo.sign_in("attendee"))
    page.get_by_role("link", name="Dag van de Buurt").first.click()
    page.screenshot(path=TARGET / "my-programme.png")
    page.goto(page.url + "/choices")
    page.screenshot(path=TARGET / "choices.png")
    page = new_page(browser)
    page.goto(demo.sign_in("contact", "Groningen"))
    page.get_by_role("link", name="Gebiedsgericht werken").first.click()
    page.screenshot(path=TARGET / "delegation.png")
    page = new_page(browser)
    page.goto(demo.sign_in("staff"))
    page.get_by_role("link", name="Dag van de Buurt").click()
    page.screenshot(path=TARGET / "desk.png")
    page.goto(page.url + "/grid")
    page.screenshot(path=TARGET / "schedule.png")


if __name__ == "__main__":
    main()
