"""Whether a page stays smooth: Chromium's own record of what its main thread did, and the frames it drew."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.scrolling import main_thread_tasks

HEAD = (
    "| the page | counselors, talks, people in the lane shown | longest task ms | tasks over 50 ms "
    "| busy | frames p99 / longest ms |\n|---|---|---|---|---|---|"
)
_CATEGORIES = ["toplevel", "disabled-by-default-devtools.timeline", "devtools.timeline", "__metadata"]
_FRAMES = """
window.gaps = [];
let last = 0;
requestAnimationFrame(function draw(at) {
  if (last) window.gaps.push(at - last);
  last = at;
  requestAnimationFrame(draw);
});
"""
WITHIN_MS = 60_000


@dataclass(frozen=True)
class Smoothness:
    """Tasks of the page's main thread and gaps between its frames, in ms; ``busy``: the thread's share."""

    words: str
    shown: str
    tasks: list[float]
    gaps: list[float]
    busy: float

    def row(self) -> str:
        """Give a row of the table."""
        gaps = sorted(self.gaps)
        late = sum(task > 50 for task in self.tasks)
        cells = [
            self.words,
            self.shown,
            f"{max(self.tasks, default=0):.0f}",
            str(late),
            f"{100 * self.busy:.0f} %",
            f"{gaps[int(0.99 * len(gaps))]:.0f} / {gaps[-1]:.0f}",
        ]
        return "| " + " | ".join(cells) + " |"


def look(url: str, cookie: str, seconds: float) -> list[Smoothness]:
    """Open a board as this supervisor, look for so long, open everything that can be opened, look again."""
    executable = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if executable is None:
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="ja-JP")
        pairs = (pair.split("=", 1) for pair in cookie.split("; "))
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in pairs])
        page = context.new_page()
        page.add_init_script(_FRAMES)
        page.set_default_timeout(WITHIN_MS)

        def wait() -> None:
            page.wait_for_timeout(seconds * 1000)

        def open_board() -> None:
            page.goto(f"{url}/staff/board/")
            page.locator(".talk-row").first.wait_for()
            wait()

        def open_everything() -> None:
            page.locator(".lane-acts [aria-expanded]").first.click()
            page.locator(".talks-part > button").click()
            wait()

        seen = [
            _record(browser, page, "opened, and then", open_board),
            _record(browser, page, "as it stands", wait),
            _record(browser, page, "a lane and all talks opened, and then", open_everything),
            _record(browser, page, "as it stands then", wait),
        ]
        browser.close()
    return seen


def _record(browser: Any, page: Any, words: str, act: Callable[[], None]) -> Smoothness:
    browser.start_tracing(page=page, categories=_CATEGORIES)
    page.evaluate("window.gaps && (window.gaps.length = 0)")
    began = time.perf_counter()
    act()
    took_s = time.perf_counter() - began
    gaps = page.evaluate("window.gaps.slice()")
    tasks = main_thread_tasks(json.loads(browser.stop_tracing())["traceEvents"])
    counts = [page.locator(part).count() for part in (".person", ".talk-row", ".look li")]
    shown = ", ".join(f"{count:,}" for count in counts)
    return Smoothness(words, shown, tasks, [float(gap) for gap in gaps], sum(tasks) / 1000 / took_s)
