"""What every page owes to everybody: nothing for axe to find, no sideways scroll."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()


def finds_nothing(page: Page) -> None:
    """Run axe with all of its rules, WCAG's and its own best practices."""
    page.evaluate(
        "Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1)"
        ".map((one) => one.finished))"
    )  # fading in is no contrast
    results = _axe.run(page)
    assert results.violations_count == 0, results.generate_report()


def fits(page: Page) -> None:
    """See that nothing stands out to the side."""
    width, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= room, f"{page.url}: {width} px in {room} px"
