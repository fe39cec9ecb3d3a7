"""Sliding windows, and the salt of a day."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.store.counters import Counters
from tests.store.people import NOW_MS

HOUR_S = 3600


async def hits(counters: Counters, instants_ms: list[int], *, limit: int = 3) -> list[int]:
    return [await counters.hit("k", limit=limit, window_s=HOUR_S, now_ms=NOW_MS + at) for at in instants_ms]


async def test_as_many_as_the_limit_are_allowed(counters: Counters) -> None:
    assert await hits(counters, [0, 1, 2]) == [0, 0, 0]


async def test_one_more_is_told_when_there_is_room(counters: Counters) -> None:
    assert await hits(counters, [0, 1, 2, 600_000]) == [0, 0, 0, 3000]


async def test_a_wait_is_never_told_as_nothing(counters: Counters) -> None:
    assert (await hits(counters, [0, 1, 2, HOUR_S * 1000 - 1]))[-1] == 1


async def test_the_wait_that_was_told_suffices(counters: Counters) -> None:
    assert await hits(counters, [0, 600_000, 600_001, 600_002, 600_000 + 3_000_000]) == [0, 0, 0, 3000, 0]


async def test_what_is_refused_does_not_count(counters: Counters) -> None:
    assert await hits(counters, [0, 0, 0, 1, 2, 3, HOUR_S * 1000]) == [0, 0, 0, 3600, 3600, 3600, 0]


async def test_a_lowered_limit_waits_until_enough_are_over(counters: Counters) -> None:
    await hits(counters, [0, 1000, 2000])

    assert await hits(counters, [3000], limit=1) == [3599]


async def test_keys_are_counted_apart(counters: Counters) -> None:
    await hits(counters, [0, 0, 0])

    assert await counters.hit("other", limit=3, window_s=HOUR_S, now_ms=NOW_MS) == 0


async def test_a_limit_of_nought_is_none_and_leaves_no_key(counters: Counters, redis: Redis) -> None:
    assert await hits(counters, [0] * 5, limit=0) == [0] * 5
    assert await redis.dbsize() == 0


async def test_a_counter_goes_with_its_window(counters: Counters, redis: Redis) -> None:
    await hits(counters, [0])

    assert 0 < await redis.pttl("{na}:hits:k") <= HOUR_S * 1000


async def test_a_days_salt_is_one_for_all(counters: Counters, redis: Redis) -> None:
    first = await counters.salt("2024-12-28")

    assert len(first) == 32
    assert await Counters(redis).salt("2024-12-28") == first


async def test_each_day_has_its_own_salt_which_ends(counters: Counters, redis: Redis) -> None:
    assert await counters.salt("2024-12-28") != await counters.salt("2024-12-29")
    assert 0 < await redis.ttl("{na}:salt:2024-12-28") <= 48 * 3600
