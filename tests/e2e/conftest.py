"""One browser and one service for the whole folder; everybody gets a fresh context.

A module that needs another clock has a ``service`` (and ``cookies``) of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.people import People
from tests.service import Service

ARGUMENTS = (
    "--no-sandbox",  # CI runs as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 30_000


def chromium() -> str:
    """Find Debian's Chromium: the headless shell, which needs a sixth of the work for each context, first."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "the browser tests need Chromium: apt-get install chromium-headless-shell"
    return path


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Of the package, not of the session: its loop must end before async tests run."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        # the back button is to show what it would show to people: with the browser's page cache
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two web processes at 16:30 on 28 December; each test leaves it without any talk."""
    service = Service(tmp_path_factory.mktemp("service"))
    try:
        yield service.start(webs=2)
    finally:
        service.stop()


@pytest.fixture(scope="package")
def cookies() -> dict[str, str]:
    """The staff's sessions on the shared service: one sign-in each."""
    return {}


@pytest.fixture
def people(browser: Browser, service: Service, cookies: dict[str, str]) -> Iterator[People]:
    """Everybody who comes; in the end they leave, and nobody's browser had anything to complain of."""
    people = People(browser, service, cookies)
    yield people
    people.leave()
    assert people.faults() == []
    logs = service.logs()
    assert "Traceback" not in logs, logs
