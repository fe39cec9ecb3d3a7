"""Fixtures for every folder: the campaign, a clean Redis, the personas, and a clock that can be set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import redis as redis_sync
from django.conf import settings
from django.core.management import call_command

from notalone import clock
from notalone.env import ROOT

JST = ZoneInfo("Asia/Tokyo")
SEED = ROOT / "notalone" / "campaigns" / "2024-new-year.toml"


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


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Forget what a process remembers between two tests, and empty Redis."""
    from chat import campaigns
    from chat.actions import check_words, estimates

    campaigns.forget()
    check_words.forget()
    estimates.forget()
    client = redis_sync.Redis.from_url(settings.REDIS_URL)
    client.flushall()
    client.close()
    yield
    clock.unshift()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Close the database threads' connections before the test database goes."""
    from chat import db

    yield
    db.close()


@pytest.fixture
def seed(transactional_db: None, set_clock: Callable[[str], None]) -> None:
    """Load the seed campaign and set the clock into the youth window."""
    call_command("load_campaign", str(SEED), verbosity=0)
    set_clock("2024-12-28 16:30")


@pytest.fixture
async def process() -> AsyncIterator[None]:
    """Stop this loop's hub, queue and committer after the test."""
    from chat import runtime

    yield
    await runtime.stop()
