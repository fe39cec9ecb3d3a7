"""Fixtures for every folder: the campaign, a clean Redis, the personas, and a clock that can be set."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import redis as redis_sync
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from notalone import clock
from notalone.env import ROOT
from tests import laid_out, seeded
from tests.clearing import empty_tables

JST = ZoneInfo("Asia/Tokyo")
SEED = ROOT / "notalone" / "campaigns" / "2024-new-year.toml"


# a test never asserts a duration, and neither does hypothesis: the machine may be busy
hypothesis.settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    max_examples=int(os.environ.get("TEST_EXAMPLES", "20")),
)
hypothesis.settings.load_profile("patient")
STANDING = ("mixed", "standing")  # fixtures with servers that many tests share


def pytest_configure(config: pytest.Config) -> None:
    """Let the workers of a run share what is made once."""
    if not hasattr(config, "workerinput"):
        laid_out.keep_for_the_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take away what was shared."""
    if not hasattr(config, "workerinput"):
        laid_out.forget()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long, keep together what shares a service, leave out what has no part in the run.

    With ``--dist loadgroup`` a group is one worker's, all other tests go to whoever is free. A run on
    PostgreSQL has only the tests that speak to the test database; a service of processes has its own.
    Each async test ends what it began.
    """
    for item in items:
        group = _group(item)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
        if inspect.iscoroutinefunction(getattr(item, "function", None)):
            item.fixturenames.append("process")
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("long", "processes")))
    if os.environ.get("TEST_DATABASE") == "postgres":
        without = [item for item in items if not _speaks_to_the_database(item)]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if _speaks_to_the_database(item)]


def _group(item: pytest.Item) -> str:
    """Name what the test shares with others: servers that stand for long, or the browsers' service."""
    for name in STANDING:
        if name in getattr(item, "fixturenames", ()):
            return name
    if not item.get_closest_marker("e2e"):
        return ""
    module = getattr(item, "module", None)
    return "browsers with a service of their own" if hasattr(module, "service") else "browsers"


def _speaks_to_the_database(item: pytest.Item) -> bool:
    """Tell whether the test has a part in a run on PostgreSQL."""
    if item.get_closest_marker("sqlite"):
        return False
    names = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or names & {"db", "transactional_db"})


def _jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


@pytest.fixture(scope="session")
def jst() -> Callable[[str], datetime]:
    """Read a Japanese wall-clock time: ``jst("2024-12-28 16:30")``."""
    return _jst


@pytest.fixture
def redis_url() -> str:
    """This worker's Redis."""
    return str(settings.REDIS_URL)


@pytest.fixture
def set_clock() -> Iterator[Callable[[str], None]]:
    """Set the service's clock to a Japanese wall-clock time; it runs on from there."""
    yield lambda text: clock.shift(_jst(text))
    clock.unshift()


def pytest_collection_finish() -> None:
    """Set aside what is loaded by now: looking for what a test has left is quick then."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _leaks_show_here() -> Iterator[None]:
    """Find what a test left open while it is still that test's turn: set up first, so torn down last.

    What outlives a test (caches, modules) is set aside too: nobody looks at it again after every test.
    """
    yield
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Look at the end, too, at what was set aside: what has died since shows here."""
    gc.unfreeze()
    gc.collect()


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Forget what a process remembers between two tests, and empty Redis."""
    from chat import campaigns, start_page
    from chat.actions import check_words, estimates, last_entry, minutes

    campaigns.forget()
    start_page.forget()
    last_entry.forget()
    check_words.forget()
    estimates.forget()
    minutes.forget()
    client = redis_sync.Redis.from_url(settings.REDIS_URL)
    client.flushall()
    client.close()
    yield
    clock.unshift()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let the tables be emptied after a test, the audit trail's too (``guarded_trail`` puts its guard back),
    and close the database threads' connections before the test database goes."""
    from asgiref.sync import SyncToAsync
    from django.db import connection, connections

    from chat import db
    from staff import trail_guard

    with django_db_blocker.unblock():
        trail_guard.remove(connection)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        yield
    db.close()
    # async views use the ORM in a thread that asgiref keeps
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture
def seed(transactional_db: None, set_clock: Callable[[str], None]) -> None:
    """Load the seed campaign and set the clock into the youth window."""
    seeded.load(SEED)
    set_clock("2024-12-28 16:30")


@pytest.fixture
async def process() -> AsyncIterator[None]:
    """Stop this loop's hub, queue and committer after the test, and then what still runs.

    A socket that is cut off says its last words through the parts, and opens them anew if they are closed:
    so they are closed again. Each async test has this (see ``pytest_collection_modifyitems``).
    """
    from chat import runtime
    from chat.tasks import end_tasks

    yield
    first = runtime.at_hand()
    await runtime.stop()
    await end_tasks(asyncio.all_tasks() - {asyncio.current_task()})
    await runtime.stop()
    if first is not None:
        await first.redis.aclose()
