"""Clocks that differ: of two web processes by two seconds, of a visitor's phone by a year."""

from __future__ import annotations

import typing
from collections.abc import Callable
from datetime import date, datetime
from typing import get_args, get_type_hints

import pytest
from redis.asyncio import Redis

from chat import protocol
from chat.actions.pair import pair_lane
from chat.actions.sweep import end_windows, sweep
from chat.models import Conversation, Ticket
from chat.rules.types import Lane
from chat.store.connection import connect
from chat.store.presence import Presence
from chat.store.queue import Queue
from chat.store.rebuild import Snapshot
from notalone import clock
from tests.sockets import available, enter, member, message_id, visitor
from tests.store.people import NOW_MS, YOUTH, arrive, counselor
from tests.store.people import enter as stand

APART_MS = 2000
SetClock = Callable[[str], None]


@pytest.fixture
async def redis(redis_url: str) -> typing.AsyncIterator[Redis]:
    client = connect(redis_url)
    await Queue(client).rebuild(Snapshot([], []), now_ms=NOW_MS)
    yield client
    await client.aclose()


@pytest.mark.parametrize("ahead_ms", [APART_MS, -APART_MS])
async def test_a_claim_of_one_process_is_not_settled_early_by_another(redis: Redis, ahead_ms: int) -> None:
    queue = Queue(redis)
    await arrive(Presence(redis), "carla")
    await stand(queue, "vera")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    assert await queue.expired_claims(NOW_MS + 7_000 + ahead_ms) == []
    assert await queue.confirm(claim)


@pytest.mark.parametrize("ahead_ms", [APART_MS, -APART_MS])
async def test_a_lease_renewed_by_one_process_holds_for_another(redis: Redis, ahead_ms: int) -> None:
    queue, presence = Queue(redis), Presence(redis)
    await arrive(presence, "carla", now_ms=NOW_MS)
    await presence.renew("carla", now_ms=NOW_MS + 10_000)
    await presence.renew("carla", now_ms=NOW_MS + 10_000 + ahead_ms)
    await stand(queue, "vera")
    assert await queue.pair(YOUTH, now_ms=NOW_MS + 30_000)
    assert await presence.lapsed(NOW_MS + 30_000) == []


@pytest.mark.parametrize("ahead_ms", [APART_MS, -APART_MS])
async def test_a_reading_of_the_rows_takes_away_nothing_that_was_just_assigned(
    redis: Redis, ahead_ms: int
) -> None:
    queue, presence = Queue(redis), Presence(redis)
    await arrive(presence, "carla")
    await stand(queue, "vera")
    claim = await queue.pair(YOUTH, now_ms=NOW_MS)
    assert claim is not None
    await queue.confirm(claim)
    await presence.set_counselor(counselor("carla", held=()), now_ms=NOW_MS + 10_000 + ahead_ms)
    assert await presence.held("carla") == {"vera"}


async def test_the_order_is_by_the_time_of_entry_whoever_wrote_it(redis: Redis) -> None:
    """Two seconds are what a clock that is ahead costs or gives, and never more."""
    queue = Queue(redis)
    await stand(queue, "slow clock", at_ms=NOW_MS)
    await stand(queue, "fast clock", at_ms=NOW_MS + APART_MS)
    await stand(queue, "later, slow clock", at_ms=NOW_MS + APART_MS + 1)
    assert await queue.front(YOUTH, None) == ["slow clock", "fast clock", "later, slow clock"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("seed", "process")
async def test_who_enters_in_the_last_second_of_a_slow_clock_is_told_the_end_by_a_fast_one(
    set_clock: SetClock,
) -> None:
    set_clock("2024-12-28 21:59:59")
    opened = await enter()
    vera = await visitor(opened.token)
    await vera.take("welcome")
    set_clock("2024-12-28 22:00:01")  # the other process, at the same moment
    assert await pair_lane(Lane("youth", "ja")) == []
    await sweep()
    assert (await vera.take("closed"))["reason"] == "window"
    assert not await Conversation.objects.aexists()
    assert (await Ticket.objects.aget()).end_reason == "window"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("seed", "process")
async def test_a_talk_at_the_end_of_its_grace_is_closed_once_whatever_the_clocks(set_clock: SetClock) -> None:
    set_clock("2024-12-28 21:59:50")
    await available(await member("carla"))
    vera = await visitor((await enter()).token)
    await vera.take("welcome", state="paired")
    set_clock("2024-12-28 22:30:01")
    await end_windows(clock.now())
    assert (await vera.take("closed"))["reason"] == "window"
    set_clock("2024-12-28 22:29:59")  # a slower process: the row has ended, whatever its clock shows
    ref = message_id()
    await vera.send("message.send", id=ref, body="まだ、話せますか")
    assert (await vera.take("error", ref=ref))["code"] == "conversation_closed"
    await end_windows(clock.now())
    assert (await Conversation.objects.aget()).close_reason == "window"


@pytest.mark.parametrize("frame", get_args(protocol.VisitorFrame), ids=lambda frame: frame.__name__)
def test_no_visitor_s_page_ever_tells_the_time(frame: type) -> None:
    """A phone whose clock is wrong by a year can say nothing wrong: only the server's clock counts."""
    for name, kind in get_type_hints(frame).items():
        parts = {kind, *get_args(kind)}
        assert not parts & {datetime, date, float}, name
        assert not name.endswith(("_at", "_ms", "_s", "_until")), name
