"""The sweeper's comparison of lanes and rows: at once in a short queue, more seldom in a long one."""

from __future__ import annotations

import asyncio
import math
import os

import pytest

from chat import runtime
from chat.actions import sweep
from chat.actions.rebuild import rebuild
from chat.db import run
from chat.models import Campaign, Ticket
from chat.rules.types import Lane
from chat.store import scripts
from notalone import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("seed", "process")]
YOUTH = Lane("youth", "ja")


@pytest.fixture(autouse=True)
def _not_compared_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "_compared_at", -math.inf)


def crowd(count: int) -> str:
    """So many who wait; give the first ticket."""
    campaign, now = Campaign.objects.get(), clock.now()
    rows = [
        Ticket(
            campaign=campaign,
            token_hash=os.urandom(32),
            audience="youth",
            language="ja",
            opened_at=now,
            score_ms=clock.epoch_ms(now) + number,
            key_sealed=b"",
            entry_sealed=b"",
        )
        for number in range(count)
    ]
    Ticket.objects.bulk_create(rows)
    return str(rows[0].id)


async def lose(ticket: str) -> None:
    """Let Redis lack one who waits."""
    await runtime.current().queue.leave(ticket, YOUTH)


async def is_there(ticket: str) -> bool:
    return await runtime.current().queue.position(ticket, YOUTH) is not None


async def test_in_a_short_queue_every_sweep_mends() -> None:
    first = await run(crowd, 10)
    await rebuild()
    for _ in range(2):
        await lose(first)
        await sweep.reconcile(clock.now())
        assert await is_there(first)


async def test_a_long_queue_is_compared_more_seldom() -> None:
    first = await run(crowd, 60 * sweep.ROWS_A_SECOND // 20)
    await rebuild()
    await lose(first)
    await sweep.reconcile(clock.now())
    assert await is_there(first)
    await lose(first)
    await sweep.reconcile(clock.now())
    assert not await is_there(first)


async def test_a_rebuild_that_waits_for_another_ends_with_the_process() -> None:
    parts = runtime.current()
    assert await scripts.run(parts.redis, "rebuild_begin", parts.queue._keys.tag, "another", 60_000) == "mine"
    asker = asyncio.create_task(rebuild())
    await asyncio.sleep(0)  # the asker has asked, and waits
    await runtime.stop()
    await asyncio.sleep(0)
    assert asker.cancelled()
