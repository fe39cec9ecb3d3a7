"""The store on this worker's Redis, which is empty before each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.store.connection import connect
from chat.store.counters import Counters
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot
from tests.store.people import NOW_MS


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def queue(redis: Redis) -> Queue:
    """A queue that stands and is empty."""
    queue = Queue(redis)
    await queue.rebuild(Snapshot([], []), now_ms=NOW_MS)
    return queue


@pytest.fixture
def presence(redis: Redis) -> Presence:
    return Presence(redis)


@pytest.fixture
def counters(redis: Redis) -> Counters:
    return Counters(redis)
