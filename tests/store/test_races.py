"""Many who pair, enter, leave and settle at once."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

import pytest

from chat.store.connection import connect
from chat.store.presence import Presence
from chat.store.queue import Claim, Queue
from tests.store.claimant import claim_all
from tests.store.people import NOW_MS, YOUTH, arrive, enter, enter_many

CAPACITY = 3
PROCESSES = 5


def check(claims: list[tuple[str, str]], tickets: list[str], counselors: int) -> None:
    """Nobody twice, nobody over capacity, every slot used, and those who came first."""
    slots = counselors * CAPACITY
    assert sorted(ticket for ticket, _ in claims) == tickets[:slots]
    assert Counter(counselor for _, counselor in claims) == {f"c{n}": CAPACITY for n in range(counselors)}


async def test_fifty_claimants_at_once_in_one_process(
    queue: Queue, presence: Presence, redis_url: str
) -> None:
    tickets = await enter_many(queue, 200)
    for number in range(40):
        await arrive(presence, f"c{number}", capacity=CAPACITY)
    clients = [connect(redis_url) for _ in range(50)]

    found = await asyncio.gather(*(claim_all(client) for client in clients))

    check([pair for claims in found for pair in claims], tickets, 40)
    for client in clients:
        await client.aclose()


@pytest.mark.processes
async def test_fifty_claimants_at_once_in_five_processes(
    queue: Queue, presence: Presence, redis_url: str
) -> None:
    tickets = await enter_many(queue, 600)
    for number in range(100):
        await arrive(presence, f"c{number}", capacity=CAPACITY)
    words = (sys.executable, "-m", "tests.store.claimant", redis_url, "10")
    children = [
        await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(PROCESSES)
    ]
    for child in children:
        assert child.stdout is not None
        assert await child.stdout.readline() == b"ready\n"

    outputs = await asyncio.gather(*(child.communicate(b"go\n") for child in children))

    found = [json.loads(output) for output, _ in outputs]
    check([(ticket, counselor) for claims in found for ticket, counselor in claims], tickets, 100)
    assert await queue.claims() == []


async def test_entering_leaving_and_pairing_at_once_loses_and_doubles_nobody(
    queue: Queue, presence: Presence, redis_url: str
) -> None:
    """Each ticket ends in just one way: paired, left, or still in the lane."""
    redis = connect(redis_url)
    for number in range(10):
        await arrive(presence, f"c{number}", capacity=CAPACITY)
    paired: list[str] = []
    left: list[str] = []

    async def visit(number: int) -> None:
        own = Queue(redis)
        await enter(own, f"t{number}", at_ms=NOW_MS + number)
        if number % 3 == 0 and await own.leave(f"t{number}", YOUTH):
            left.append(f"t{number}")
        if claim := await own.pair(YOUTH, now_ms=NOW_MS + number):
            paired.append(claim.ticket)
            await own.confirm(claim)

    await asyncio.gather(*(visit(number) for number in range(100)))

    waiting = await queue.members(YOUTH)
    assert sorted([*paired, *left, *waiting]) == sorted(f"t{number}" for number in range(100))
    assert len(paired) == 10 * CAPACITY
    await redis.aclose()


async def test_one_of_two_settles_a_claim(queue: Queue, presence: Presence, redis_url: str) -> None:
    """The caller's confirm and the sweeper's put_back meet: held or waiting, never both, never neither."""
    redis = connect(redis_url)
    other = Queue(redis)
    await arrive(presence, "carla", capacity=1)
    for round_ in range(100):
        await enter(queue, f"t{round_}", at_ms=NOW_MS + round_)
        claim = await queue.pair(YOUTH, now_ms=NOW_MS + round_)
        assert claim is not None

        await asyncio.gather(queue.confirm(claim), other.put_back(claim))

        assert await presence.held("carla") == {claim.ticket}
        assert await queue.members(YOUTH) == set()
        await presence.release("carla", claim.ticket)
    await redis.aclose()


async def test_a_thousand_races_of_two_for_one_slot(queue: Queue, presence: Presence, redis_url: str) -> None:
    """Two callers on two connections, one ticket, one slot: just one has the claim, a thousand times."""
    clients = [connect(redis_url) for _ in range(2)]
    one, two = (Queue(client) for client in clients)
    await arrive(presence, "carla", capacity=1)
    for round_ in range(1000):
        now_ms = NOW_MS + round_
        await enter(queue, f"t{round_}", at_ms=now_ms)

        claims = await asyncio.gather(one.pair(YOUTH, now_ms=now_ms), two.pair(YOUTH, now_ms=now_ms))

        (claim,) = [claim for claim in claims if claim]
        assert claim.ticket == f"t{round_}"
        await queue.confirm(claim)
        assert await presence.held("carla") == {claim.ticket}
        await presence.release("carla", claim.ticket)
    for client in clients:
        await client.aclose()


async def test_two_hundred_races_of_two_tickets_for_one_slot(
    queue: Queue, presence: Presence, redis_url: str
) -> None:
    """Two visitors enter and each calls for a pairing: one is taken, the other stays first in the lane."""
    clients = [connect(redis_url) for _ in range(2)]
    queues = [Queue(client) for client in clients]
    await arrive(presence, "carla", capacity=1)

    async def come(own: Queue, ticket: str, now_ms: int) -> Claim | None:
        await enter(own, ticket, at_ms=now_ms)
        return await own.pair(YOUTH, now_ms=now_ms)

    for round_ in range(200):
        pair = [f"a{round_}", f"b{round_}"]
        claims = await asyncio.gather(
            *(come(own, ticket, NOW_MS + round_) for own, ticket in zip(queues, pair, strict=True))
        )

        (claim,) = [claim for claim in claims if claim]
        (waiting,) = await queue.members(YOUTH)
        assert {claim.ticket, waiting} == set(pair)
        await queue.confirm(claim)
        await queue.leave(waiting, YOUTH)
        await presence.release("carla", claim.ticket)
    for client in clients:
        await client.aclose()
