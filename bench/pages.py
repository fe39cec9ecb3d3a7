"""Staff pages in Chromium without a server: their own scripts and styles, and their thread's tasks."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ADDRESS = "http://page.test/"
LONG_TASK_MS = 50.0
PEERS = Path(__file__).parent / "peers"
STATIC = {"staff": "staff/static/staff", "chat": "chat/static/chat"}


def new_page(browser: Browser, tree: Path, html: str, viewport: Any, *scripts: str) -> Page:
    """Make a page whose ``ADDRESS`` gives ``html``, with a working copy's files and sockets that play
    ``bench/peers/`` (``scripts``: names of files there, or JavaScript)."""
    page = browser.new_page(viewport=viewport, locale="ja-JP", timezone_id="Asia/Tokyo")
    page.route("**/*", lambda route: _serve(route, tree, html))
    page.add_init_script(path=PEERS / "page_socket.js")
    for script in scripts:
        if script.endswith(".js"):
            page.add_init_script(path=PEERS / script)
        else:
            page.add_init_script(script)
    return page


def slow_down(page: Page, slowdown: int) -> None:
    """Let the page have this part of the processor's speed."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})


def start_trace(browser: Browser, page: Page) -> None:
    """Begin to note the page's tasks."""
    browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline", "__metadata"])


def stop_trace(browser: Browser) -> list[float]:
    """Give how long each task took, in ms, on the thread that draws: of all main threads the busiest."""
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    found: dict[tuple[int, int], list[float]] = {key: [] for key in mains}
    for one in events:
        key = one["pid"], one["tid"]
        if one["name"] in {"RunTask", "ThreadControllerImpl::RunTask"} and key in found and "dur" in one:
            found[key].append(one["dur"] / 1000)
    return max(found.values(), key=sum)


def _serve(route: Route, tree: Path, html: str) -> None:
    if route.request.url == ADDRESS:
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
        return
    _, _, room, *rest = route.request.url.removeprefix(ADDRESS.rstrip("/")).split("?")[0].split("/")
    file = tree / STATIC[room] / "/".join(rest)
    route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0] or "text/plain")
