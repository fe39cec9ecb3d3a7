"""``python -m bench scrolling``: what reading a long talk upward costs the counselor's browser.

The desk's own scripts and styles, in Chromium, with a socket that tells of five talks; no server takes part.
``--tree NAME=FOLDER`` measures another working copy by turns in the same run.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.pages import ADDRESS, LONG_TASK_MS, new_page, slow_down, start_trace, stop_trace
from notalone.env import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TALKS, LINES_EACH, LONG_LINES = 5, 40, 60 * 40
VIEWPORT = {"width": 1920, "height": 1080}
SLOWDOWNS = (1, 4)
STEP_PX = 300  # a frame: a page of lines in a twentieth of a second
RUNS = 3
COUNTED_MS = 4.0  # at full speed: what takes less is no step of reading
PAGE = """<!doctype html><html lang="ja"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/staff/tokens.css"><link rel="stylesheet" href="/static/staff/staff.css">
<link rel="stylesheet" href="/static/staff/desk.css">
<link rel="stylesheet" href="/static/staff/desk-panel.css">
<script type="module" src="/static/staff/desk.js"></script></head><body class="full"><main id="main">
<div id="desk" data-user="1" data-login="/" data-news-icon="data:," data-ready="[]"></div>
<p class="unseen" id="status" role="status"></p></main></body></html>"""


@dataclass(frozen=True)
class Reading:
    """One way up through the long talk: each task of the page's thread in ms, and how many frames it took."""

    tasks_ms: list[float]
    frames: int

    def steps(self, slowdown: int) -> list[float]:
        return [ms for ms in self.tasks_ms if ms >= COUNTED_MS * slowdown] or [0.0]

    def long_count(self) -> int:
        return sum(ms > LONG_TASK_MS for ms in self.tasks_ms)


def main(arguments: Sequence[str]) -> int:
    """Measure each working copy by turns, print a table. 0: every line was reached."""
    parser = argparse.ArgumentParser(prog="python -m bench scrolling", description=__doc__)
    parser.add_argument("--tree", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--quick", action="store_true", help="once, at full speed: does it work?")
    parser.add_argument("--out", type=Path)
    options, _ = parser.parse_known_args(arguments)
    trees = {name: Path(folder) for name, folder in (one.split("=", 1) for one in options.tree)}
    runs = 1 if options.quick else options.runs
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        print("Scrolling is left out: there is no Chromium here.")
        return 0
    text = _report(_measure({**trees, "here": ROOT}, chromium, runs, quick=options.quick))
    print(text)
    if options.out:
        options.out.write_text(text)
    return 0


def _measure(
    trees: dict[str, Path], chromium: str, runs: int, *, quick: bool
) -> dict[tuple[str, int], list[Reading]]:
    from playwright.sync_api import sync_playwright

    found: dict[tuple[str, int], list[Reading]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(runs):
            for slowdown in SLOWDOWNS[:1] if quick else SLOWDOWNS:
                for name, tree in trees.items():
                    found.setdefault((name, slowdown), []).append(_read_upward(browser, tree, slowdown))
        browser.close()
    return found


def _read_upward(browser: Browser, tree: Path, slowdown: int) -> Reading:
    start = f"startTalks({TALKS}, {LINES_EACH}, {LONG_LINES})"
    page = new_page(browser, tree, PAGE, VIEWPORT, "desk_socket.js", start)
    page.goto(ADDRESS)
    page.wait_for_function(f"() => window.toldLines === {LONG_LINES + (TALKS - 1) * LINES_EACH}")
    page.wait_for_function("() => document.querySelectorAll('.log').length === 5 && window.isSettled()")
    slow_down(page, slowdown)
    start_trace(browser, page)
    frames = page.evaluate(f"readUpward({STEP_PX})")
    tasks_ms = stop_trace(browser)
    page.close()
    return Reading(tasks_ms, frames)


def _report(found: dict[tuple[str, int], list[Reading]]) -> str:
    lines = [
        "| speed | scripts | a step's median ms | worst ms | tasks over 50 ms | page's thread, s in all |",
        "|---|---|---|---|---|---|",
    ]
    for (name, slowdown), readings in sorted(found.items(), key=lambda one: one[0][1]):
        steps = [ms for one in readings for ms in one.steps(slowdown)]
        lines.append(
            f"| {'full' if slowdown == 1 else f'1/{slowdown}'} | {name} "
            f"| {median(steps):.0f} | {max(steps):.0f} "
            f"| {median(one.long_count() for one in readings):.0f} "
            f"| {median(sum(one.tasks_ms) for one in readings) / 1000:.2f} |"
        )
    return "\n".join(lines)
