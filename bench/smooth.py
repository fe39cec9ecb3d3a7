"""``python -m bench smooth``: whether the page of the board stays smooth while a full evening is told of.

The board's own scripts and styles, in Chromium, with a socket that plays the evening; no server takes part.
``--tree NAME=FOLDER`` measures another working copy by turns in the same run.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.pages import ADDRESS, LONG_TASK_MS, new_page, slow_down, start_trace, stop_trace
from notalone.env import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COUNSELORS, TALKS_EACH = 300, 3
VIEWPORT = {"width": 1280, "height": 800}
SLOWDOWNS = (1, 4)
LOOK_S = 11.0  # two lists of counselors and of talks, and eleven counts
PAGE = """<!doctype html><html lang="ja"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/staff/tokens.css"><link rel="stylesheet" href="/static/staff/staff.css">
<link rel="stylesheet" href="/static/staff/board.css">
<script type="module" src="/static/staff/board.js"></script></head><body class="wall"><main id="main">
<div id="board" data-login="/"></div><p class="unseen" id="status" role="status"></p></main></body></html>"""
FRAMES = """
window.gaps = [];
let last = 0;
requestAnimationFrame(function draw(at) {
  if (last) window.gaps.push(at - last);
  last = at;
  requestAnimationFrame(draw);
});
"""


@dataclass(frozen=True)
class Smoothness:
    """What the page did in one part: each task of its thread and each gap between two frames, in ms."""

    tree: str
    slowdown: int
    words: str
    tasks_ms: list[float]
    gaps_ms: list[float]

    def row(self) -> str:
        """Give a row of the table."""
        gaps = sorted(self.gaps_ms)
        cells = [
            "full" if self.slowdown == 1 else f"1/{self.slowdown}",
            self.tree,
            self.words,
            f"{max(self.tasks_ms, default=0.0):.0f}",
            str(sum(ms > LONG_TASK_MS for ms in self.tasks_ms)),
            f"{sum(self.tasks_ms) / LOOK_S:.0f}",
            f"{gaps[int(0.99 * len(gaps))]:.0f} / {gaps[-1]:.0f}",
        ]
        return "| " + " | ".join(cells) + " |"


def main(arguments: Sequence[str]) -> int:
    """Measure each working copy by turns, print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench smooth", description=__doc__)
    parser.add_argument("--tree", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--quick", action="store_true", help="at full speed alone: does it work?")
    parser.add_argument("--out", type=Path)
    options, _ = parser.parse_known_args(arguments)
    trees = {name: Path(folder) for name, folder in (one.split("=", 1) for one in options.tree)}
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        print("The board's page is left out: there is no Chromium here.")
        return 0
    text = _report(_measure({**trees, "here": ROOT}, chromium, SLOWDOWNS[:1] if options.quick else SLOWDOWNS))
    print(text)
    if options.out:
        options.out.write_text(text)
    return 0


def _measure(trees: dict[str, Path], chromium: str, slowdowns: Sequence[int]) -> list[Smoothness]:
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for slowdown in slowdowns:
            for name, tree in trees.items():
                found += _look(browser, name, tree, slowdown)
        browser.close()
    return found


def _look(browser: Browser, name: str, tree: Path, slowdown: int) -> list[Smoothness]:
    start = f"startEvening({COUNSELORS}, {TALKS_EACH})"
    page = new_page(browser, tree, PAGE, VIEWPORT, "board_socket.js", start, FRAMES)
    slow_down(page, slowdown)

    def open_board() -> None:
        page.goto(ADDRESS)
        page.locator(".person").nth(COUNSELORS - 1).wait_for()

    def open_everything() -> None:
        page.locator(".lane-acts [aria-expanded]").first.click()
        page.locator(".talks-part > button").click()
        page.locator(".talk-row").nth(COUNSELORS * TALKS_EACH - 1).wait_for()

    parts: list[tuple[str, Callable[[], None]]] = [
        ("opened", open_board),
        ("then", lambda: None),
        ("a lane and all talks opened", open_everything),
        ("then", lambda: None),
    ]
    found = [Smoothness(name, slowdown, words, *_record(browser, page, act)) for words, act in parts]
    page.close()
    return found


def _record(browser: Browser, page: Page, act: Callable[[], None]) -> tuple[list[float], list[float]]:
    start_trace(browser, page)
    page.evaluate("() => { if (window.gaps) window.gaps.length = 0; }")
    act()
    page.wait_for_timeout(LOOK_S * 1000)
    gaps = page.evaluate("window.gaps")
    return stop_trace(browser), [float(gap) for gap in gaps]


def _report(found: Sequence[Smoothness]) -> str:
    head = (
        "| speed | scripts | the page | longest task ms | tasks over 50 ms | page's thread, ms a second "
        "| frames p99 / longest ms |"
    )
    return "\n".join([head, "|---" * 7 + "|", *(one.row() for one in found)]) + "\n"
