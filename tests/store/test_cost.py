"""The cost of a verb does not grow with the number who wait: counted in commands, not in seconds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from chat.store.counters import Counters
from chat.store.keys import KEY_KINDS
from chat.store.leader import lead
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot, Waiting
from tests.store.people import NOW_MS, YOUTH, arrive, counselor, enter

WAITING = (10, 1000, 10_000)


@asynccontextmanager
async def recorded(redis: Redis) -> AsyncIterator[list[str]]:
    """Collect what the scripts call, one line a command."""
    lines: list[str] = []
    async with redis.monitor() as monitor:
        yield lines
        await redis.echo("over")
        while True:
            seen = await monitor.next_command()
            if seen["command"] == "ECHO over":
                return
            if seen["client_type"] == "lua":
                lines.append(seen["command"])


async def fill(redis: Redis, count: int) -> Queue:
    """A queue with so many waiting, a counselor here, and one ticket under a claim."""
    await redis.flushall()
    rows = [Waiting(f"t{number:05}", YOUTH, NOW_MS + number, NOW_MS + number) for number in range(count)]
    queue = Queue(redis)
    await queue.rebuild(Snapshot(rows, [counselor("carla", capacity=5)]), now_ms=NOW_MS)
    await Presence(redis).renew("carla", now_ms=NOW_MS)
    return queue


async def pair(queue: Queue, _: Presence) -> None:
    assert await queue.pair_as("call", YOUTH, now_ms=NOW_MS)


async def pair_and_confirm(queue: Queue, _: Presence) -> None:
    claim = await queue.pair_as("call", YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.confirm(claim)


async def pair_and_put_back(queue: Queue, _: Presence) -> None:
    claim = await queue.pair_as("call", YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.put_back(claim)


async def enter_late(queue: Queue, _: Presence) -> None:
    await enter(queue, "late", at_ms=NOW_MS + 1_000_000)


async def enter_urgently(queue: Queue, _: Presence) -> None:
    await enter(queue, "urgent", boost_ms=1_000_000)


async def look_at_a_place(queue: Queue, _: Presence) -> None:
    await queue.position("t00009", YOUTH)


async def look_at_the_counts(queue: Queue, _: Presence) -> None:
    await queue.counts([YOUTH])


async def heartbeat(_: Queue, presence: Presence) -> None:
    await presence.renew("carla", now_ms=NOW_MS + 1000)


@pytest.mark.parametrize(
    "doing",
    [
        pair,
        pair_and_confirm,
        pair_and_put_back,
        enter_late,
        enter_urgently,
        look_at_a_place,
        look_at_the_counts,
        heartbeat,
    ],
)
async def test_the_same_commands_whether_ten_wait_or_ten_thousand(
    redis: Redis, doing: Callable[[Queue, Presence], Awaitable[None]]
) -> None:
    seen = []
    for count in WAITING:
        queue = await fill(redis, count)
        async with recorded(redis) as lines:
            await doing(queue, Presence(redis))
        seen.append(lines)

    assert seen[0] == seen[1] == seen[2]
    assert 0 < len(seen[0]) <= 50


async def test_a_pairing_reads_only_the_front_of_the_lane(redis: Redis) -> None:
    queue = await fill(redis, 1000)
    async with recorded(redis) as lines:
        await pair(queue, Presence(redis))

    ranges = [line for line in lines if "RANGE" in line]
    assert ranges
    assert all(re.search(r" 0 0( WITHSCORES)?$", line) for line in ranges)


async def test_every_key_has_the_hash_tag_and_a_row_in_the_table(redis: Redis, presence: Presence) -> None:
    """A whole evening, recorded: what Redis Cluster needs, and what docs/redis.md promises."""
    async with recorded(redis) as lines:
        queue = await fill(redis, 3)
        await arrive(presence, "chris", capacity=1)
        claim = await queue.pair(YOUTH, now_ms=NOW_MS)
        assert claim is not None
        await queue.confirm(claim)
        await presence.release(claim.counselor, claim.ticket)
        await queue.pair(YOUTH, now_ms=NOW_MS)
        await Counters(redis).hit("k", limit=1, window_s=60, now_ms=NOW_MS)
        await Counters(redis).salt("2024-12-28")
        await lead(redis, "sweeper", "a", 1000)

    names = {kind.name: kind for kind in KEY_KINDS}
    forms = {name: re.compile(re.sub(r"<[^>]+>", ".+", name) + "$") for name in names}
    used = {word for line in lines for word in line.split() if word.startswith("{")}
    left = {str(key) for key in await redis.keys("*")}
    assert all(key.startswith("{na}:") for key in used | left)
    for key in used | left:
        assert any(form.match(key.removeprefix("{na}:")) for form in forms.values()), key
    for key in left:
        kind = next(names[name] for name, form in forms.items() if form.match(key.removeprefix("{na}:")))
        assert await redis.type(key) == kind.kind, key
        assert (await redis.pttl(key) > 0) is kind.expires, key
