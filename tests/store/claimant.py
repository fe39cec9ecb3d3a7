"""A process that pairs as fast as it can, for the race: ``python -m tests.store.claimant URL TASKS``.

It says "ready", waits for a line, so that all processes run at once, and prints its claims as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

from redis.asyncio import Redis

from chat.store.connection import connect
from chat.store.queue import Queue
from tests.store.people import NOW_MS, YOUTH


async def claim_all(redis: Redis) -> list[tuple[str, str]]:
    """Pair and confirm until there is nothing left."""
    queue = Queue(redis)
    claims = []
    while claim := await queue.pair(YOUTH, now_ms=NOW_MS):
        claims.append((claim.ticket, claim.counselor))
        await queue.confirm(claim)
    return claims


async def main(url: str, tasks: int) -> None:
    redis = connect(url)
    await redis.execute_command("PING")
    print("ready", flush=True)
    sys.stdin.readline()
    claims = await asyncio.gather(*(claim_all(redis) for _ in range(tasks)))
    await redis.aclose()
    json.dump([pair for found in claims for pair in found], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
