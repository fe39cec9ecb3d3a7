"""What every page owes to everybody: nothing for axe to find, no sideways scroll."""

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TABLET: ViewportSize = {"width": 768, "height": 1024}
_axe = Axe()


def finds_nothing(page: Page) -> None:
    """Run axe with all of its rules, WCAG's and its own best practices."""
    page.evaluate(
        "Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations === 1)"
        ".map((one) => one.finished))"
    )  # fading in is no contrast
    results = _axe.run(page)
    assert results.violations_count == 0, results.generate_report()


def finds_nothing_in_any_look(page: Page) -> None:
    """Run axe as the page is, and on a tablet, light and dark; then it is as it was."""
    size = page.viewport_size
    assert size is not None
    finds_nothing(page)
    for scheme in LOOKS:
        page.set_viewport_size(TABLET)
        page.emulate_media(color_scheme=scheme)
        finds_nothing(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(size)


def fits(page: Page) -> None:
    """See that nothing stands out to the side."""
    width, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= room, f"{page.url}: {width} px in {room} px"
