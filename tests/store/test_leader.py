"""The lease of the one who does it."""

from __future__ import annotations

from redis.asyncio import Redis

from chat.store.leader import lead, release

TTL_MS = 10_000


async def test_one_leads(redis: Redis) -> None:
    assert await lead(redis, "sweeper", "a", TTL_MS)
    assert not await lead(redis, "sweeper", "b", TTL_MS)


async def test_the_leader_renews(redis: Redis) -> None:
    await lead(redis, "sweeper", "a", 1000)

    assert await lead(redis, "sweeper", "a", TTL_MS)
    assert await redis.pttl("{na}:leader:sweeper") > 1000


async def test_another_leads_when_the_lease_is_gone(redis: Redis) -> None:
    await lead(redis, "sweeper", "a", TTL_MS)
    await redis.pexpire("{na}:leader:sweeper", 0)

    assert await lead(redis, "sweeper", "b", TTL_MS)


async def test_only_the_leader_releases(redis: Redis) -> None:
    await lead(redis, "sweeper", "a", TTL_MS)

    assert not await release(redis, "sweeper", "b")
    assert await release(redis, "sweeper", "a")
    assert await lead(redis, "sweeper", "b", TTL_MS)


async def test_each_job_and_each_service_has_its_own_leader(redis: Redis) -> None:
    await lead(redis, "sweeper", "a", TTL_MS)

    assert await lead(redis, "eraser", "b", TTL_MS)
    assert await lead(redis, "sweeper", "b", TTL_MS, namespace="other")
