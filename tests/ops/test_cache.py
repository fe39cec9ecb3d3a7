"""Django's cache on the service's Redis: in one slot, and no obstacle when that is away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from notalone.cache import Cache
from tests.outages import NOWHERE

PREFIX = settings.CACHES["default"]["KEY_PREFIX"]


@pytest.fixture(autouse=True)
def _forget_the_outage() -> Iterator[None]:
    yield
    cache(NOWHERE).clear()
    Cache._away_until = 0.0


def cache(url: str) -> Cache:
    return Cache(url, {"KEY_PREFIX": PREFIX})


def test_what_is_kept_carries_the_hash_tag(redis_url: str) -> None:
    cache(redis_url).set("failed:carla", 3)
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys("*") == [b"{na}:cache:1:failed:carla"]
    assert cache(redis_url).get("failed:carla") == 3


def test_clearing_it_leaves_the_queue_alone(redis_url: str) -> None:
    cache(redis_url).set_many({"a": 1, "b": 2})
    with redis.Redis.from_url(redis_url) as client:
        client.set("{na}:epoch", "stands")
        cache(redis_url).clear()
        assert client.keys("*") == [b"{na}:epoch"]


def test_with_redis_away_the_process_keeps_its_own() -> None:
    away = cache(NOWHERE)
    away.set("k", 1)
    assert away.get("k") == 1
    assert not away.add("k", 2)
    assert away.incr("k") == 2
    assert away.get_many(["k", "other"]) == {"k": 2}
    assert cache(NOWHERE).has_key("k")  # every thread has a cache of its own, and they are one
    away.delete("k")
    assert away.get("k", "nothing") == "nothing"


def test_after_a_failure_redis_is_not_asked_for_a_while(redis_url: str) -> None:
    there = cache(redis_url)
    there.set("k", 1)
    cache(NOWHERE).get("k")
    assert there.get("k") is None  # the process's own has none
    Cache._away_until = 0.0
    assert there.get("k") == 1
