"""``python -m bench landing``: what the first page costs the server, and when a phone shows it."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import uvloop

from bench import measure, processes
from bench.crowd import Door
from bench.databases import Postgres, Site
from bench.ledger import Ledger
from bench.systems import Notalone, Running, System

PATH = "/ja/"
CONNECTIONS = 16
WARM_S, MEASURE_S = 2.0, 8.0
LOADS = 5
HTTP_OK = 200
LINES = (("128 kbps, 300 ms", 128_000, 300), ("1.6 Mbps, 150 ms", 1_600_000, 150))


@dataclass(frozen=True)
class Cost:
    """What a page costs one web process that is as busy as it can be."""

    words: str
    size: int
    per_s: float
    cpu_ms: float


class BareDjango(System):
    """A view that does nothing, under plain uvicorn."""

    name = "django"
    words = "bare Django view, uvicorn"

    def __init__(self, size: int) -> None:
        self._size = size

    def add_web(self, running: Running) -> None:
        command = [sys.executable, "-m", "uvicorn", "--no-access-log", "--lifespan", "off", "--http", "h11"]
        env = processes.environment(BARE_BYTES=str(self._size))
        running.add_web([*command, "--port", "{port}", "bench.peers.django_bare.asgi:application"], env, "/")


def main(arguments: Sequence[str]) -> int:
    """Measure; print two tables. 0: every answer was 200."""
    parser = argparse.ArgumentParser(prog="python -m bench landing", description=__doc__)
    parser.add_argument("--path", default=PATH, help=f"which page ({PATH})")
    parser.add_argument("--quick", action="store_true", help="seconds instead of a minute: does it work?")
    parser.add_argument("--out", type=Path)
    options, _ = parser.parse_known_args(arguments)
    with tempfile.TemporaryDirectory(prefix="notalone-bench-", ignore_cleanup_errors=True) as name:
        database = Postgres(Path(name))
        try:
            site = Site(database, Path(name), 1)
            site.prepare()
            text = _measure(site, options.path, quick=options.quick)
        finally:
            database.stop()
    print(text)
    if options.out:
        options.out.write_text(text)
    return 0


def _measure(site: Site, path: str, *, quick: bool) -> str:
    costs: list[Cost] = []
    paints: list[str] = []
    for server in ("uvicorn", "daphne"):
        with _started(Notalone(server, site)) as running:
            costs.append(_cost(f"Notalone, {server}", running, path, quick=quick))
            if server == "uvicorn":
                paints = _first_paints(f"http://127.0.0.1:{running.ports[0]}{path}", 1 if quick else LOADS)
    bare = BareDjango(costs[0].size)
    with _started(bare) as running:
        costs.append(_cost(bare.words, running, "/", quick=quick))
    return _report(costs, paints, path)


@contextmanager
def _started(system: System) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="notalone-bench-run-", ignore_cleanup_errors=True) as name:
        running = system.start(Path(name), Ledger(0, expects_acks=False), 1)
        try:
            yield running
        finally:
            system.stop(running)


def _cost(words: str, running: Running, path: str, *, quick: bool) -> Cost:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_ask_on_and_on(words, running, path, 2.0 if quick else MEASURE_S))


async def _ask_on_and_on(words: str, running: Running, path: str, seconds: float) -> Cost:
    """Let some clients ask for the page again and again."""
    answered, size = 0, 0

    async def client(door: Door) -> None:
        nonlocal answered, size
        while True:
            status, body = await door.get(path)
            if status != HTTP_OK:
                raise RuntimeError(f"{path} was answered {status}")
            answered, size = answered + 1, len(body)

    async with asyncio.TaskGroup() as group:
        clients = [group.create_task(client(Door(running.ports[0]))) for _ in range(CONNECTIONS)]
        await asyncio.sleep(WARM_S)
        before, cpu, began = answered, running.web_cpu_s(), perf_counter()
        await asyncio.sleep(seconds)
        count, used, took = answered - before, running.web_cpu_s() - cpu, perf_counter() - began
        for one in clients:
            one.cancel()
    return Cost(words, size, count / took, used * 1000 / max(1, count))


def _first_paints(url: str, loads: int) -> list[str]:
    """Load the page in Chromium over slow lines, each time with an empty cache; give rows of a table."""
    executable = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if executable is None:
        return []
    from playwright.sync_api import sync_playwright

    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu"]
        )
        for words, bits_per_s, latency_ms in LINES:
            seen = [_load(browser, url, bits_per_s, latency_ms) for _ in range(loads)]
            first, whole = (median(column) for column in zip(*seen, strict=True))
            rows.append(f"| {words} | {first / 1000:.1f} | {whole / 1000:.1f} |")
        browser.close()
    return rows


def _load(browser: Any, url: str, bits_per_s: int, latency_ms: int) -> tuple[float, float]:
    """Give first contentful paint and the load event, ms after the address was entered."""
    context = browser.new_context(viewport={"width": 375, "height": 667}, locale="ja-JP")
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    rate = bits_per_s / 8
    conditions = {"latency": latency_ms, "downloadThroughput": rate, "uploadThroughput": rate}
    line.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    whole = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventStart")
    context.close()
    return float(first), float(whole)


def _report(costs: Sequence[Cost], paints: Sequence[str], path: str) -> str:
    bare = costs[-1].cpu_ms
    rows = ["| page | bytes | requests/s | web CPU ms a request | × bare |", "|---|---|---|---|---|"]
    rows += [
        f"| {one.words} | {one.size:,} | {one.per_s:,.0f} | {one.cpu_ms:.2f} | {one.cpu_ms / bare:.1f} |"
        for one in costs
    ]
    made = f"Made by `python -m bench landing {' '.join(sys.argv[2:])}`".rstrip()
    parts = [f"{made} on {measure.machine()}: `{path}`, one web process, {CONNECTIONS} connections.", *rows]
    if paints:
        parts += ["", "| line | first paint s | loaded s |", "|---|---|---|", *paints]
    return "\n".join([parts[0], "", *parts[1:]]) + "\n"
